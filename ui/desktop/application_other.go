//go:build !linux && !freebsd && !openbsd && !netbsd

package desktop

import (
	"context"
	"errors"
	"fmt"
)

func (Application) serve(context.Context) error {
	return fmt.Errorf("desktop: session bus: %w", errors.ErrUnsupported)
}
