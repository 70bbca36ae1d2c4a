//go:build !linux && !freebsd && !openbsd && !netbsd && !windows && !darwin

package desktop

import (
	"context"
	"errors"
)

func register(Registration) ([]string, error)   { return nil, errors.ErrUnsupported }
func unregister() ([]string, error)             { return nil, errors.ErrUnsupported }
func query(context.Context) (Registered, error) { return Registered{}, errors.ErrUnsupported }

func chooseProgram() error { return errors.ErrUnsupported }
