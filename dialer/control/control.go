// Package control is the door between the agent and the same user's other
// processes: it makes sure that one agent runs, and lets the others ask it for
// a few things.
//
// Acquire takes the name of the one instance. On Unix that is a lock on a file
// beside the socket, in a directory only the user can enter
// ($XDG_RUNTIME_DIR/cornetta, never /tmp); the lock decides, so a socket left
// behind by a killed agent is no obstacle. On Windows it is a mutex and a named
// pipe that admits only the user. Both ends check that the other belongs to the
// same user before they say a word.
//
// What is spoken is JSON-RPC, one object a line, at most 4 KiB each. A client
// that sends a longer line, something else, or half a line and then nothing,
// loses its connection; the agent and its other clients do not notice. At most
// eight clients are served at a time. A client can show the dial window, hand a
// link over (the agent asks before it dials), read the state, and, being the
// same user's own program, dial and hang up.
//
// Owner, Client and Call are safe for concurrent use, except that Call.Next is
// for one goroutine at a time. Serve owns all goroutines of its side and waits
// for them; a Client's end with Close. The tests race fifty real processes for
// the name, kill owners, throw garbage at a server, and come as another user.
package control

import (
	"context"
	"errors"
	"fmt"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

var (
	// ErrRunning is Acquire's when another process has the name.
	ErrRunning = errors.New("control: another instance runs")
	// ErrNotRunning is Connect's when nobody has it.
	ErrNotRunning = errors.New("control: no instance runs")
	// ErrBusy is Connect's when the agent has all the clients it takes.
	ErrBusy = status.NewError(status.CodeAgentSilent, "control: the running instance has too many clients")
	// ErrNoAnswer is Connect's when the agent is there and says nothing.
	ErrNoAnswer = status.NewError(status.CodeAgentSilent, "control: the running instance does not answer")
	// ErrStranger is for an endpoint or a peer of another user.
	ErrStranger = status.NewError(status.CodeSocketStranger, "control: not the same user")
	// ErrTooLong is a request's that does not fit a frame; it was not sent.
	ErrTooLong = errors.New("control: more than fits a frame")
	// ErrClosed is for a connection that ended, on whichever side.
	ErrClosed = errors.New("control: the connection is closed")
)

// Where DialCopied finds its text.
const (
	Clipboard = "clipboard" // what was copied
	Selection = "selection" // what is highlighted
)

// Copied is what DialCopied is to call. What it cannot call at once it shows in
// its dial window, for a person to decide, unless the client says that it has
// them decide itself.
type Copied struct {
	From string `json:"from"` // Clipboard or Selection
	// Consent is the dial string that a person has said yes to, or picked from
	// several; "" before.
	Consent string `json:"consent,omitempty"`
	Asks    bool   `json:"asks,omitempty"`  // the client asks about what takes a yes
	Picks   bool   `json:"picks,omitempty"` // the client has one picked where there are several
}

// Handler is what the agent does for its clients. The methods are called from
// several goroutines; their ctx ends when the client goes away or Serve is
// stopped, and they return soon after. A *status.Problem reaches the client as it
// is, any other error as one with status.CodeUnforeseen and the error's text.
type Handler interface {
	// Show opens the dial window with text in it.
	Show(ctx context.Context, text string) error
	// Link takes a tel: link over. It returns when the link was taken or
	// dropped, not when the person has answered.
	Link(ctx context.Context, uri string) error
	Status(ctx context.Context) (status.Snapshot, error)
	// Dial has number, as it was typed, called and returns when the PBX has
	// taken the call. Where the number has to be asked about first, or is one of
	// several, consent is the dial string that a person has said yes to. The
	// call does not end with ctx. With wait, updates then
	// carries what becomes of the call and is closed when that is over, or when
	// ctx has ended; without, it is ignored.
	Dial(ctx context.Context, number, consent string, wait bool) (placed call.Snapshot, updates <-chan call.Snapshot, err error)
	// DialCopied is Dial for the text that c says.
	DialCopied(ctx context.Context, c Copied, wait bool) (placed call.Snapshot, updates <-chan call.Snapshot, err error)
	Hangup(ctx context.Context) error
	// Reload reads the settings again: another process has changed them.
	Reload(ctx context.Context) error
}

// maxReasons is more than there are.
const maxReasons = 16

// checkName keeps names to what is safe in a path and in a pipe's name.
func checkName(name string) error {
	if len(name) == 0 || len(name) > 32 {
		return fmt.Errorf("control: %q is no instance's name", name)
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && r != '-' {
			return fmt.Errorf("control: %q is no instance's name", name)
		}
	}
	return nil
}
