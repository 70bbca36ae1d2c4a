//go:build linux

package desktoptest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// StartSway starts a Wayland compositor without a screen and returns what
// WAYLAND_DISPLAY is to be for its programs, as an absolute path. It has a
// clipboard that wl-copy and wl-paste share, and shows nothing. It is ended in
// tb's cleanup; where it is not installed the test is skipped, or fails in CI.
func StartSway(tb testing.TB) string {
	tb.Helper()
	if testing.Short() {
		tb.Skip("-short: without a screen")
	}
	for program, pkg := range map[string]string{"sway": "sway", "wl-copy": "wl-clipboard", "wl-paste": "wl-clipboard"} {
		if _, err := exec.LookPath(program); err != nil {
			requireOrSkip(tb, program+" (package "+pkg+")")
		}
	}
	// Not tb.TempDir: a socket's path must stay short.
	dir, err := os.MkdirTemp("", "csway")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	conf := filepath.Join(dir, "config")
	if err := os.WriteFile(conf, []byte("xwayland disable\n"), 0o644); err != nil {
		tb.Fatal(err)
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
			tb.Fatal(err)
		}
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	}
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	tb.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-ended
	})
	var sockets []string
	err = poll(context.Background(), Patience, func() bool {
		sockets, _ = filepath.Glob(filepath.Join(dir, "wayland-[0-9]"))
		select {
		case <-ended:
			return true
		default:
		}
		return len(sockets) > 0
	})
	if err != nil || len(sockets) == 0 {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-ended
		tb.Fatalf("desktoptest: sway did not start: %v %s", err, log.String())
	}
	return sockets[0]
}
