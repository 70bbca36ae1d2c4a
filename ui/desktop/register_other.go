//go:build !linux && !freebsd && !openbsd && !netbsd

package desktop

import "errors"

func register(Registration) ([]string, error) { return nil, errors.ErrUnsupported }
func unregister() ([]string, error)           { return nil, errors.ErrUnsupported }
