//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"errors"
	"fmt"
)

// canTry: the portal asks the person.
func canTry() bool { return !onWayland() }

// openHotkeys never uses X11 on a Wayland desktop: there it grants combinations and
// then gets no key events.
func openHotkeys(ctx context.Context, o HotkeyOptions) (backend, error) {
	if onWayland() {
		return openPortal(ctx, o)
	}
	name, err := display()
	if err != nil {
		return nil, fmt.Errorf("%w: %w: %w", errNoHotkeys, errors.ErrUnsupported, err)
	}
	return openX11Keys(ctx, name)
}
