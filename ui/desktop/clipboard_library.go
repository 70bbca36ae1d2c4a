//go:build windows || darwin

package desktop

import (
	"context"
	"fmt"
	"sync"

	"golang.design/x/clipboard"
)

var clipboardReady = sync.OnceValue(clipboard.Init)

// clipboardTurn holds one while a read is under way. It cannot be interrupted,
// and may hang with a program that renders only what it is asked for; bounded
// does not wait for it.
var clipboardTurn = make(chan struct{}, 1)

// readClipboard reads by golang.design/x/clipboard.
func readClipboard(ctx context.Context) ([]byte, error) {
	select {
	case clipboardTurn <- struct{}{}:
		defer func() { <-clipboardTurn }()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	return readInTurn(ctx)
}

func readInTurn(ctx context.Context) ([]byte, error) {
	if err := clipboardReady(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoClipboard, err)
	}
	if err := waitClipboard(ctx); err != nil {
		return nil, err
	}
	return clipboard.Read(clipboard.FmtText), nil
}

func readsUnseen() bool { return true }
