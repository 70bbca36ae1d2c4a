//go:build !linux && !freebsd && !openbsd && !netbsd

package desktop

import "errors"

func fileForAllUsers(string, string) ([]byte, error) { return nil, errors.ErrUnsupported }

func installedForAll(string) forAllUsers { return forAllUsers{} }
