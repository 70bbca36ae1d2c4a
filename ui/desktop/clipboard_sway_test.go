//go:build linux

package desktop

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// startSway starts a Wayland compositor without a screen and makes it the
// desktop of the code under test.
func startSway(t *testing.T) {
	t.Helper()
	for program, pkg := range map[string]string{"sway": "sway", "wl-copy": "wl-clipboard", "wl-paste": "wl-clipboard"} {
		if _, err := exec.LookPath(program); err != nil {
			msg := "missing " + program + " (package " + pkg + "); packaging/linux/deps.sh test installs it"
			if os.Getenv("CI") != "" {
				t.Fatal(msg)
			}
			t.Skip(msg)
		}
	}
	// Not t.TempDir: a socket's path must stay short.
	dir, err := os.MkdirTemp("", "csway")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	conf := filepath.Join(dir, "config")
	if err := os.WriteFile(conf, []byte("xwayland disable\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sway", "-c", conf)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "XDG_RUNTIME_DIR=" + dir,
		"WLR_BACKENDS=headless", "WLR_LIBINPUT_NO_DEVICES=1", "WLR_RENDERER=pixman",
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 { // sway refuses to run as root
		const nobody = 65534
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-ended
	})
	var sockets []string
	wait(t, "sway's socket", func() bool {
		sockets, _ = filepath.Glob(filepath.Join(dir, "wayland-[0-9]"))
		select {
		case <-ended:
			t.Fatalf("sway ended: %s", log.String())
		default:
		}
		return len(sockets) > 0
	})
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("WAYLAND_DISPLAY", filepath.Base(sockets[0]))
	t.Setenv("DISPLAY", "")
	wait(t, "sway", func() bool {
		_, err := ReadClipboard(t.Context())
		return errors.Is(err, ErrClipboardEmpty)
	})
}

func TestClipboardSway(t *testing.T) {
	startSway(t)
	copied := func(text string, args ...string) {
		t.Helper()
		cmd := exec.Command("wl-copy", args...) // it goes on in the background
		cmd.Stdin = strings.NewReader(text)
		if err := cmd.Run(); err != nil {
			t.Fatalf("wl-copy %q: %v", args, err)
		}
	}
	long := strings.Repeat("0123456789abcdef", clipboardMax/16)
	for _, tc := range []struct {
		name, text string
		args       []string
		want       string
		err        error
	}{
		{"a number", "050 1234567", nil, "050 1234567", nil},
		{"a number and a line end", "050 1234567\n", nil, "050 1234567\n", nil},
		{"what is not UTF-8", "050\xff", nil, "050\xff", nil},
		{"a picture", "\x89PNG", []string{"--type", "image/png"}, "", ErrClipboardEmpty},
		{"as much as may be", long, nil, long, nil},
		{"a byte more", long + "x", nil, "", ErrClipboardTooLarge},
		{"nothing", "", []string{"--clear"}, "", ErrClipboardEmpty},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, r := range readers {
				args := tc.args
				if r.selection == "PRIMARY" {
					args = append([]string{"--primary"}, args...)
				}
				copied(tc.text, args...)
				var text string
				var err error
				// wl-copy is back before the compositor has told everybody.
				wait(t, "the text that was copied", func() bool {
					text, err = r.read(t.Context())
					return text == tc.want && errors.Is(err, tc.err)
				})
			}
		})
	}
}

// On Wayland an X11 grab is answered and never fires: it must not be tried even
// where there is an X server too.
func TestHotkeyNeverByX11OnWayland(t *testing.T) {
	d := x11Desktop(t)
	t.Setenv("WAYLAND_DISPLAY", "wayland-9")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", d.BusAddress()) // without a portal
	h := NewHotkeys(HotkeyOptions{})
	defer h.Close()
	wrong := h.Set(t.Context(), map[string]Combination{"clipboard": ctrlAltD})
	if !errors.Is(wrong["clipboard"], ErrNoGlobalShortcuts) {
		t.Errorf("without a portal: %v", wrong)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
	wrong = h.Set(t.Context(), map[string]Combination{"clipboard": ctrlAltD})
	if !errors.Is(wrong["clipboard"], ErrNoGlobalShortcuts) {
		t.Errorf("without a bus: %v", wrong)
	}
}
