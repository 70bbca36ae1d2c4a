package desktop

import (
	"context"
	"log/slog"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// Application is what the desktop may ask of Cornetta over the session bus,
// where a freedesktop desktop knows it by the name of its entry in the menu and
// starts it when it asks. Every program of the session can do so: Open's uri is not
// to be trusted, and nothing may be dialled because of it alone. Activate and
// Open are called on one goroutine, one after the other.
type Application struct {
	Activate func()           // shows a window
	Open     func(uri string) // asks the person about a link; uri may be anything
	Calls    Calls            // what programs may ask about calls
	States   States           // nil: no signal tells of calls
	Numbers  func() bool      // the session may know whom a call is to
	Log      *slog.Logger     // nil: discards
}

// Serve answers the session bus until ctx ends, and then waits for the function
// that is being called. Where another process has Cornetta's name on the bus it
// takes over when that one is gone. It returns nil at the end of ctx, and an
// error where there is no session bus or when that goes away; on systems that
// have none it is errors.ErrUnsupported.
func (a Application) Serve(ctx context.Context) error { return a.serve(ctx) }

// Calls is what programs of the session may ask about calls. The methods are called from
// several goroutines.
type Calls interface {
	// Link asks the person about a link. It returns when that is shown, or the link dropped.
	Link(ctx context.Context, uri string) error
	Hangup(ctx context.Context) error
	Status(ctx context.Context) (status.Snapshot, error)
}

// States calls told, which does not block, with each state of a call until ctx ends.
type States func(ctx context.Context, told func(at time.Time, c call.Snapshot))
