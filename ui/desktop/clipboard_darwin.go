//go:build darwin

package desktop

import (
	"context"
	"errors"
	"fmt"
)

// waitClipboard does nothing: here no program can lock the clipboard.
func waitClipboard(context.Context) error { return nil }

const (
	selectionTime   = clipboardTime
	copiesSelection = false
)

func readSelection(context.Context, bool) ([]byte, error) {
	return nil, fmt.Errorf("%w: selection: %w", ErrNoClipboard, errors.ErrUnsupported)
}
