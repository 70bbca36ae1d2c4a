//go:build !linux

package asterisktest

import (
	"errors"
	"os"
	"syscall"
)

// setup.sh makes Asterisk for Linux only, so nothing is ever started here.
func dieWithParent() *syscall.SysProcAttr { return nil }

func pause(*os.Process) error  { return errors.ErrUnsupported }
func resume(*os.Process) error { return errors.ErrUnsupported }
