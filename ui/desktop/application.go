package desktop

import (
	"context"
	"log/slog"
)

// Application is what the desktop may ask of Cornetta over the session bus,
// where a freedesktop desktop knows it by the name of its entry in the menu and
// starts it when it asks. Every program of the session can do so: Open's uri is not
// to be trusted, and nothing may be dialled because of it alone. Both functions
// are called on one goroutine, one after the other.
type Application struct {
	Activate func()           // shows a window
	Open     func(uri string) // asks the person about a link; uri may be anything
	Log      *slog.Logger     // nil: discards
}

// Serve answers the session bus until ctx ends, and then waits for the function
// that is being called. Where another process has Cornetta's name on the bus it
// takes over when that one is gone. It returns nil at the end of ctx, and an
// error where there is no session bus or when that goes away; on systems that
// have none it is errors.ErrUnsupported.
func (a Application) Serve(ctx context.Context) error { return a.serve(ctx) }
