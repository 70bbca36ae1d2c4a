//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// readCommand runs a program that prints the clipboard. pkg is the package that has
// the program, for the error where it is missing. A program that fails with one of
// the complaints in empty on its standard error found nothing.
func readCommand(ctx context.Context, pkg string, env, empty []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var out, complaint head
	cmd.Stdout, cmd.Stderr = &out, &complaint
	cmd.Env = append(os.Environ(), env...)
	// wl-paste has another program do the writing, which must not outlive it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 100 * time.Millisecond
	err := cmd.Run()
	switch {
	case out.kept.Len() > clipboardMax:
		return out.kept.Bytes(), ErrClipboardTooLarge
	case err == nil:
		return out.kept.Bytes(), nil
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("%w: %w: the program %s is missing: install the package %s", errNoWlPaste, ErrNoClipboard, name, pkg)
	}
	says := strings.TrimSpace(complaint.kept.String())
	for _, e := range empty {
		if strings.Contains(says, e) {
			return nil, ErrClipboardEmpty
		}
	}
	line, _, _ := strings.Cut(says, "\n")
	return nil, fmt.Errorf("%w: %s: %w: %s", ErrNoClipboard, name, err, line)
}

// head keeps the beginning of what is written to it, one byte more than a
// clipboard may hold, and then refuses the rest. (The buffer is not embedded:
// its ReadFrom would take everything.)
type head struct{ kept bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	room := clipboardMax + 1 - h.kept.Len()
	if len(p) <= room {
		return h.kept.Write(p)
	}
	h.kept.Write(p[:room])
	return room, ErrClipboardTooLarge
}
