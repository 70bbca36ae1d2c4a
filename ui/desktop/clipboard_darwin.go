//go:build darwin

package desktop

import (
	"context"
	"errors"
	"fmt"
)

// macOS has a program for it, so that this needs no C.
func readClipboard(ctx context.Context) ([]byte, error) {
	return readCommand(ctx, "macOS itself", []string{"LC_CTYPE=UTF-8"}, nil, "pbpaste", "-Prefer", "txt")
}

func readSelection(context.Context) ([]byte, error) {
	return nil, fmt.Errorf("desktop: selection: %w", errors.ErrUnsupported)
}
