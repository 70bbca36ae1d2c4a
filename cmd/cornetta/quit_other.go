//go:build !windows

package main

import (
	"context"
	"os"
	"syscall"
	"time"
)

// waitEnd waits for the end of a process that is none of our children.
func waitEnd(ctx context.Context, p *os.Process) error {
	for p.Signal(syscall.Signal(0)) == nil {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
