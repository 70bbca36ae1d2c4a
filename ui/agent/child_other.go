//go:build !windows

package agent

import (
	"errors"
	"syscall"
)

// notForHere reports whether a program is none that this computer can run.
func notForHere(err error) bool { return errors.Is(err, syscall.ENOEXEC) }
