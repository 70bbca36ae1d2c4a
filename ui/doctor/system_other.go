//go:build !linux && !freebsd && !openbsd && !netbsd && !windows

package doctor

import "runtime"

var systemChecks []check

func system() string { return runtime.GOOS + " " + runtime.GOARCH }

func session() string { return runtime.GOOS }
