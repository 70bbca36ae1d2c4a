//go:build linux

package agent

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
)

// TestWhyNoWindows: whoever asks for a window hears what is the matter with the program that
// draws them, and that is so until it is mended, without a new start.
func TestWhyNoWindows(t *testing.T) {
	s := startAgent(t, nil)
	c := s.client()
	// For want of a tray a window is open. It is ended.
	w := s.agent.windows
	open := func() *child {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.child
	}
	s.wait("the first window", func() bool { return open() != nil && open().hasShown() })
	end := func() {
		w.mu.Lock()
		c := w.child
		w.wanted = nil
		w.mu.Unlock()
		_ = c.cmd.Process.Kill()
		<-c.judged
	}
	end()

	dir := filepath.Dir(s.asked)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "cornetta-ui")
	beside := filepath.Join(filepath.Dir(self), "cornetta-ui")
	// is puts another program in its place. It is tried at once.
	is := func(path, text string, mode os.FileMode) {
		t.Helper()
		for _, p := range []string{program, beside} {
			_ = os.Remove(p)
		}
		if path != "" {
			if err := os.WriteFile(path, []byte(text), mode); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.Remove(path) })
		}
		w.mu.Lock()
		defer w.mu.Unlock()
		w.noneAt = time.Time{}
	}
	const ends = "#!/bin/sh\n"
	for _, tc := range []struct {
		name, path, text string
		mode             os.FileMode
		want             status.Code
		detail           string
	}{
		{"no OpenGL", program, ends + "exit 4", 0o700, status.CodeNoOpenGL, ""},
		{"a display that is gone", program, ends + "exit 3", 0o700, status.CodeNoDisplay, ""},
		{"a library is missing", program, ends + "echo 'cornetta-ui: error while loading shared libraries: libGL.so.1: cannot open shared object file: No such file or directory' >&2; exit 127", 0o700, status.CodeWindowsLibrary, "libGL.so.1"},
		{"the same where musl is", program, ends + "echo 'Error loading shared library libGL.so.1: No such file or directory (needed by cornetta-ui)' >&2; exit 127", 0o700, status.CodeWindowsLibrary, "libGL.so.1"},
		{"a library is too old", program, ends + "echo \"cornetta-ui: /lib/libc.so.6: version \\`GLIBC_2.99' not found (required by cornetta-ui)\" >&2; exit 1", 0o700, status.CodeWindowsLibrary, "GLIBC_2.99"},
		{"it crashes", program, ends + "echo 'APIUnavailable: not in its log' >&2; exit 2", 0o700, status.CodeWindowsEnded, ""},
		{"it is killed", program, ends + "kill -9 $$", 0o700, status.CodeWindowsEnded, ""},
		{"it is missing", "", "", 0, status.CodeNoWindows, ""},
		{"it may not be run", beside, ends, 0o600, status.CodeWindowsNotRun, ""},
		{"it is for another machine", beside, "\x7fELF\x02\x01\x01", 0o700, status.CodeWindowsAlien, ""},
		{"its loader is missing", beside, "#!/none/ld-musl", 0o700, status.CodeWindowsAlien, ""},
	} {
		is(tc.path, tc.text, tc.mode)
		_, err := control.Show.Call(s.ctx, c, control.ShowParams{})
		p := status.Find(err, tc.want)
		if p == nil {
			t.Errorf("%s: %v, want %s", tc.name, err, tc.want)
		} else if string(p.Detail) != tc.detail {
			t.Errorf("%s: the detail is %q", tc.name, p.Detail)
		}
		if v, err := control.Status.Call(s.ctx, c, ipc.None{}); err != nil || v.Windows == nil || v.Windows.Code != tc.want {
			t.Errorf("%s: status says %v, %v", tc.name, v.Windows, err)
		}
	}

	// What was found out is known for a moment.
	is(program, ends+"exit 4", 0o700)
	for range 2 {
		if _, err := control.Show.Call(s.ctx, c, control.ShowParams{}); status.Find(err, status.CodeNoOpenGL) == nil {
			t.Errorf("%v", err)
		}
		if err := os.WriteFile(program, []byte(ends+"exit 9"), 0o700); err != nil {
			t.Fatal(err)
		}
	}

	is("", "", 0)
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Show.Call(s.ctx, c, control.ShowParams{}); err != nil {
		t.Errorf("mended: %v", err)
	}
	if v, err := control.Status.Call(s.ctx, c, ipc.None{}); err != nil || v.Windows != nil {
		t.Errorf("mended: status says %v, %v", v.Windows, err)
	}

	// Once without a reason it may have been an accident: who tries again is not told the
	// same without a try.
	end()
	is(program, ends+"kill -9 $$", 0o700)
	if _, err := control.Show.Call(s.ctx, c, control.ShowParams{}); status.Find(err, status.CodeWindowsEnded) == nil {
		t.Errorf("an accident: %v", err)
	}
	if err := errors.Join(os.Remove(program), os.Symlink(self, program)); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Show.Call(s.ctx, c, control.ShowParams{}); err != nil {
		t.Errorf("after an accident: %v", err)
	}
	s.end()
	if err := <-s.over; err != nil {
		t.Error(err)
	}
}
