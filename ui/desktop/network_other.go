//go:build !linux && !windows

package desktop

import (
	"context"
	"errors"
	"fmt"
)

func networkName(context.Context) (name string, whole bool, err error) {
	return "", false, fmt.Errorf("desktop: network: %w", errors.ErrUnsupported)
}
