//go:build !linux && !freebsd && !openbsd && !netbsd && !windows

package window

import (
	"time"

	"fyne.io/fyne/v2"
)

func watchInput() (idle func() time.Duration, pointer func() fyne.Position, end func()) {
	return nil, nil, func() {}
}
