//go:build !linux && !freebsd && !openbsd && !netbsd && !windows

package desktop

import "errors"

func fileForAllUsers(string, string) ([]byte, error) { return nil, errors.ErrUnsupported }

func installedForAll(string) forAllUsers { return forAllUsers{} }
