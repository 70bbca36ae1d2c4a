//go:build windows

package agent

import (
	"errors"
	"syscall"
)

// notForHere reports whether a program is none that this computer can run.
func notForHere(err error) bool {
	const (
		badFormat       syscall.Errno = 193 // ERROR_BAD_EXE_FORMAT
		machineMismatch syscall.Errno = 216 // ERROR_EXE_MACHINE_TYPE_MISMATCH
	)
	return errors.Is(err, badFormat) || errors.Is(err, machineMismatch)
}
