package desktop

import (
	"context"
	"time"

	"cornetta/dialer/status"
)

// The limits of every read: many times the length of a number, and the longest that a
// person would wait for a program that does not answer.
const (
	clipboardTime = 500 * time.Millisecond
	clipboardMax  = 4 << 10 // bytes
)

var (
	// ErrClipboardEmpty says that nothing was copied or selected, or nothing
	// that is text.
	ErrClipboardEmpty = status.NewError(status.CodeCopiedEmpty, "desktop: there is no text on the clipboard")
	// ErrClipboardTimeout says that the program the text was copied in did not
	// hand it over in 500 ms.
	ErrClipboardTimeout = status.NewError(status.CodeCopiedTimeout, "desktop: the clipboard did not answer")
	// ErrClipboardTooLarge says that there are more than 4 KiB.
	ErrClipboardTooLarge = status.NewError(status.CodeCopiedTooLarge, "desktop: the clipboard holds too much")
	// ErrNoClipboard says that the clipboard is out of reach; what it wraps
	// says why.
	ErrNoClipboard = status.NewError(status.CodeCopiedUnavailable, "desktop: no clipboard")
	// ErrMayNotCopy says that what is highlighted has to be copied to be read, and
	// that the person has not allowed it.
	ErrMayNotCopy = status.NewError(status.CodeCopiedOff, "desktop: what is highlighted may not be copied")
	// ErrClipboardTaken says that the clipboard holds what is no text, which
	// copying would lose.
	ErrClipboardTaken = status.NewError(status.CodeCopiedNotText, "desktop: the clipboard holds something else than text")
	// ErrKeysHeld says that Ctrl, Alt, Shift or Super were held for too long: with
	// them another command than to copy would arrive.
	ErrKeysHeld = status.NewError(status.CodeCopiedKeysHeld, "desktop: keys are held down")
)

// errNoWlPaste is ErrNoClipboard where a program that can be installed is missing.
var errNoWlPaste = status.NewError(status.CodeCopiedWlPaste, "desktop: no wl-paste")

// ReadClipboard returns the text on the clipboard, byte for byte: it need not
// be valid UTF-8, and may hold anything. It blocks for at most 500 ms or until
// ctx ends, and is safe for concurrent use. Its errors are the first four above and
// ctx's; on a system without one it is ErrNoClipboard and errors.ErrUnsupported.
func ReadClipboard(ctx context.Context) (string, error) {
	return bounded(ctx, clipboardTime, readClipboard)
}

// ReadSelection is ReadClipboard for the text that is highlighted. X11 and Wayland
// hand it to other programs. On Windows the program in front is told to copy it, if
// mayCopy, and the text that was copied before is put back, as plain text; it blocks
// for at most 3 s there, and has the other errors above as well.
func ReadSelection(ctx context.Context, mayCopy bool) (string, error) {
	return bounded(ctx, selectionTime, func(ctx context.Context) ([]byte, error) { return readSelection(ctx, mayCopy) })
}

// CopiesSelection reports whether ReadSelection has to copy on this system.
func CopiesSelection() bool { return copiesSelection }

// ReadsUnseen reports whether ReadClipboard does not disturb the person. Where a
// compositor lets only the window with the focus read, as GNOME's does, wl-paste opens
// a small window, which takes the focus, and an open menu would close.
func ReadsUnseen() bool { return readsUnseen() }

// bounded limits a read also where it cannot be interrupted: a read that takes too
// long goes on, and its result is thrown away.
func bounded(ctx context.Context, limit time.Duration, read func(context.Context) ([]byte, error)) (string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, ErrClipboardTimeout)
	defer cancel()
	type result struct {
		text []byte
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read(ctx)
		done <- result{text, err}
	}()
	var r result
	select {
	case r = <-done:
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	switch {
	case len(r.text) > clipboardMax:
		return "", ErrClipboardTooLarge
	case r.err != nil && ctx.Err() != nil: // it failed because the time was over
		return "", context.Cause(ctx)
	case r.err != nil:
		return "", r.err
	case len(r.text) == 0:
		return "", ErrClipboardEmpty
	}
	return string(r.text), nil
}
