//go:build !linux && !freebsd && !openbsd && !netbsd

package window

import "time"

func newIdle() (idle func() time.Duration, end func()) { return nil, func() {} }
