//go:build linux

package desktoptest

import (
	"os"
	"testing"
)

// TestAhead: the next test gets the desktop that was made ahead, unless it wants another
// one or its environment is another; none is left at the end.
func TestAhead(t *testing.T) {
	plain := []Option{WithoutTrayHost(), WithoutNotifications(), WithoutKeyring()}
	stop := Ahead(plain...)
	defer stop()
	made := func() *madeAhead {
		next.mu.Lock()
		defer next.mu.Unlock()
		return next.made
	}
	start := func(name string, opts ...Option) (d *Desktop) {
		t.Run(name, func(t *testing.T) {
			d = Start(t, opts...)
			if !d.has(d.root, "_NET_CLIENT_LIST") {
				t.Error("it is not ready")
			}
		})
		return d
	}
	start("first", plain...)
	ahead := made()
	if d := start("second", plain...); d != ahead.desktop {
		t.Error("the second got another one than was made ahead")
	}
	ahead = made()
	if d := start("other options", append(plain, WithoutOpenGL())...); d == ahead.desktop {
		t.Error("a test without OpenGL got one that has it")
	}
	if made() != ahead {
		t.Error("and it is not kept for the next")
	}
	t.Setenv("TZ", os.Getenv("TZ")+"Europe/Rome")
	if d := start("other environment", plain...); d == ahead.desktop {
		t.Error("a test in another time zone got one of before")
	}
	stop()
	if left := marked(marker + "=" + ahead.desktop.dir); len(left) > 0 {
		t.Errorf("left running: %v", left)
	}
	if start("after the end", plain...); made() != nil {
		t.Error("one was made ahead after the end")
	}
}
