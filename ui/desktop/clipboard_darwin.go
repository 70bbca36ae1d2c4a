//go:build darwin

package desktop

import (
	"context"
	"errors"
	"fmt"
)

// waitClipboard has nothing to wait for: here nobody keeps others out.
func waitClipboard(context.Context) error { return nil }

const (
	selectionTime   = clipboardTime
	copiesSelection = false
)

func readSelection(context.Context, bool) ([]byte, error) {
	return nil, fmt.Errorf("%w: selection: %w", ErrNoClipboard, errors.ErrUnsupported)
}
