//go:build !windows

package desktop

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"syscall"
)

func openURL(ctx context.Context, url string) error {
	program := "xdg-open"
	if runtime.GOOS == "darwin" {
		program = "/usr/bin/open"
	}
	cmd := exec.Command(program, url)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it may become the browser, which outlives this
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("desktop: %w", err)
	}
	over := make(chan error, 1)
	go func() { over <- cmd.Wait() }() // ends with that program
	select {
	case err := <-over:
		if err != nil {
			return fmt.Errorf("desktop: %s: %w", program, err)
		}
		return nil
	case <-ctx.Done():
		return nil
	}
}
