//go:build darwin

package desktop

import "context"

// waitClipboard has nothing to wait for: here nobody keeps others out.
func waitClipboard(context.Context) error { return nil }
