//go:build !linux && !freebsd && !openbsd && !netbsd && !windows

package desktop

import (
	"context"
	"errors"
)

// Ask fails with ErrNoQuestion.
func Ask(context.Context, Options, Question) (int, error) { return Refused, ErrNoQuestion }

// Inform fails with errors.ErrUnsupported.
func Inform(context.Context, Options, string, string) error { return errors.ErrUnsupported }
