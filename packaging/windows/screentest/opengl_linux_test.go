//go:build linux

package screentest

import (
	"bytes"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/ui/desktoptest"
)

// TestNoOpenGL: where no window can be drawn Windows' own dialog asks about a link, by the
// keyboard alone, and says why there is no window.
func TestNoOpenGL(t *testing.T) {
	pbx, err := pbxsim.Start(pbxsim.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer pbx.Close()
	s := newSeat(t, desktoptest.WithoutOpenGL())
	host, port, _ := net.SplitHostPort(pbx.Addr())
	set := s.windows(filepath.Join(s.programs, "cornetta.com"), "account", "set", "--host", host, "--port", port,
		"--user", pbxsim.Username, "--tenant", pbxsim.Tenant, "--extension", "7101", "--prefix", pbxsim.OutboundPrefix, "--secret-stdin")
	set.Stdin, set.Stdout, set.Stderr = strings.NewReader(pbxsim.Secret+"\n"), nil, nil
	if out, err := set.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}

	s.start("tel:+390501234502")
	w := s.dialog()
	s.Screenshot("1-question")
	if n := len(pbx.Originates()); n != 0 {
		t.Fatalf("%d calls unasked", n)
	}
	before := s.part(w, 0, 0, -1, -1).Pix
	s.Key("Tab") // from Cancel, which has the focus
	s.long("the focus to be on Call", func() bool { return !bytes.Equal(before, s.part(w, 0, 0, -1, -1).Pix) })
	s.Screenshot("2-call")
	s.Key("space")
	s.long("the call", func() bool { return len(pbx.Originates()) == 1 })
	if got := pbx.Originates()[0].Get("Exten"); got != "00501234502" {
		t.Errorf("the link dials %s", got)
	}
	w.WaitGone()

	s.start()
	w = s.dialog()
	s.Screenshot("3-why")
	s.Key("Return")
	w.WaitGone()

	s.start("tel:+390501234503")
	w = s.dialog()
	s.Key("Return") // which is no
	w.WaitGone()

	s.start("tel:0501234507/3331234502")
	w = s.dialog()
	s.Screenshot("4-several")
	s.Key("Tab", "Tab", "space") // the second of two, which come before Cancel
	s.long("the call", func() bool { return len(pbx.Originates()) == 2 })
	if got := pbx.Originates()[1].Get("Exten"); got != "03331234502" {
		t.Errorf("the second number dials %s", got)
	}
	w.WaitGone()
	if _, err := s.cornetta("quit"); err != nil {
		t.Error(err)
	}
	if n := len(pbx.Originates()); n != 2 {
		t.Errorf("%d calls", n)
	}
}

// dialog waits for a dialog of Windows, and until it changes no more: its button to call can
// be pressed then.
func (s *seat) dialog() *desktoptest.Window {
	s.t.Helper()
	const title = "^Cornetta$"
	s.long("the dialog", func() bool { return s.FindWindow(title) != nil })
	w := s.FindWindow(title)
	s.long("the dialog to have the focus", w.Focused)
	before, since := []byte(nil), time.Now()
	s.long("the dialog to come to rest", func() bool {
		now := s.part(w, 0, 0, -1, -1).Pix
		if !bytes.Equal(before, now) {
			before, since = now, time.Now()
		}
		return time.Since(since) > 4*time.Second
	})
	return w
}
