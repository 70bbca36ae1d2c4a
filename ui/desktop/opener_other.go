//go:build !linux && !freebsd && !openbsd && !netbsd && !windows

package desktop

import (
	"context"
	"errors"
)

func wouldOpen(context.Context, string) (Opener, error) { return Opener{}, errors.ErrUnsupported }
