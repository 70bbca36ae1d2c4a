// Package control is what the same user's other processes can ask of the agent,
// over the socket of package ipc: to show the dial window, to take a link over
// (the agent asks before it dials), how things stand, and, being the same user's
// own programs, to dial, to hang up and to quit.
//
// A line has at most 4 KiB, so that nothing which is sent here costs the agent
// much, and at most 24 clients are served at a time.
//
// Client and Call are safe for concurrent use, except that Call.Next is
// for one goroutine at a time. The tests run both ends on a socket.
package control

import (
	"context"
	"os"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
)

// Where DialCopied finds its text.
const (
	Clipboard = "clipboard" // what was copied
	Selection = "selection" // what is highlighted
	Redial    = "redial"    // the number that was called last
)

// Phone is the name that a program reserves (ipc.Reserve) while it dials without the
// instance of that name.
func Phone(instance string) string { return instance + "-dial" }

// Copied is what DialCopied is to call. What it cannot call at once it shows in
// its dial window, for a person to decide, unless the client says that it has
// them decide itself, and comes again with DialOffer.
type Copied struct {
	From  string `json:"from"`            // Clipboard or Selection
	Asks  bool   `json:"asks,omitempty"`  // the client asks about what takes a yes
	Picks bool   `json:"picks,omitempty"` // the client has one picked where there are several

	Private bool `json:"-"` // the history has no line for it
}

// What a client can ask for. Whoever this user starts may call all of them;
// Client has those that place a call.
var (
	// Show has the agent open its dial window with text in it.
	Show = ipc.Method[ShowParams, ipc.None]{Name: "Show"}
	// Link hands a tel: link over; the agent asks the person.
	Link = ipc.Method[LinkParams, ipc.None]{Name: "Link"}
	// Enrol has the agent show what an enrolment would change; the person is asked.
	Enrol = ipc.Method[EnrolParams, ipc.None]{Name: "Enrol"}
	// Status is the agent's state.
	Status = ipc.Method[ipc.None, status.Snapshot]{Name: "Status"}
	// Hangup ends the call that is going on.
	Hangup = ipc.Method[ipc.None, ipc.None]{Name: "Hangup"}
	// Quit has the agent end, as from the tray's menu, once the client is gone or a moment
	// later. A call goes on.
	Quit = ipc.Method[ipc.None, QuitResult]{Name: "Quit"}
	// Reload tells the agent that the settings were changed.
	Reload = ipc.Method[ipc.None, ipc.None]{Name: "Reload"}

	// Inside is what only the agent knows, for who looks for a fault.
	Inside = ipc.Method[InsideParams, InsideResult]{Name: "Inside"}

	dial       = ipc.Method[dialParams, dialResult]{Name: "Dial"}
	offer      = ipc.Method[offerTextParams, status.Offer]{Name: "Offer"}
	dialCoded  = ipc.Method[codedParams, dialResult]{Name: "DialCoded"} // a name that an agent without codes refuses
	dialOffer  = ipc.Method[offerParams, dialResult]{Name: "DialOffer"}
	dialCopied = ipc.Method[copiedParams, dialResult]{Name: "DialCopied"}
	// The same for private calls, by names that an agent which keeps all calls refuses.
	dialPrivate       = ipc.Method[dialParams, dialResult]{Name: "DialPrivate"}
	dialCopiedPrivate = ipc.Method[copiedParams, dialResult]{Name: "DialCopiedPrivate"}
	// progress carries a snapshot of a call that is followed.
	progress = ipc.Push[callParams]{Name: "Call"}
)

// table is who answers what.
func (s *session) table() []ipc.Handler {
	return append(s.transferHandlers(),
		Show.Handle(func(ctx context.Context, p ShowParams) (ipc.None, error) {
			return ipc.None{}, s.handler.Show(ctx, p.Text)
		}),
		Link.Handle(func(ctx context.Context, p LinkParams) (ipc.None, error) {
			return ipc.None{}, s.handler.Link(ctx, p.URI)
		}),
		Enrol.Handle(func(ctx context.Context, p EnrolParams) (ipc.None, error) {
			return ipc.None{}, s.handler.Enrol(ctx, p.Path)
		}),
		Status.Handle(func(ctx context.Context, _ ipc.None) (status.Snapshot, error) {
			v, err := s.handler.Status(ctx)
			return clipSnapshot(v), err
		}),
		Hangup.Handle(func(ctx context.Context, _ ipc.None) (ipc.None, error) { return ipc.None{}, s.handler.Hangup(ctx) }),
		Reload.Handle(func(ctx context.Context, _ ipc.None) (ipc.None, error) { return ipc.None{}, s.handler.Reload(ctx) }),
		Quit.Handle(func(ctx context.Context, _ ipc.None) (QuitResult, error) {
			return QuitResult{os.Getpid()}, s.handler.Quit(ctx)
		}),
		Inside.Handle(func(ctx context.Context, p InsideParams) (InsideResult, error) {
			r, err := s.handler.Inside(ctx, p)
			return clipInside(p, r), err
		}),
		dial.Handle(s.dial),
		dialOffer.Handle(s.dialOffer),
		dialCoded.Handle(s.dialCoded),
		offer.Handle(func(ctx context.Context, p offerTextParams) (status.Offer, error) {
			o, err := s.handler.Offer(ctx, p.Text, p.Private)
			return clipOffer(o), err
		}),
		dialCopied.Handle(s.dialCopied),
		dialPrivate.Handle(s.dialPrivate),
		dialCopiedPrivate.Handle(s.dialCopiedPrivate),
		watch.Handle(s.watch),
	)
}

// ShowParams are Show's.
type ShowParams struct {
	Text string `json:"text"`
}

// LinkParams are Link's.
type LinkParams struct {
	URI string `json:"uri"`
}

// EnrolParams are Enrol's.
type EnrolParams struct {
	Path string `json:"path"` // whole
}

// QuitResult is Quit's.
type QuitResult struct {
	PID int `json:"pid"` // the process that will end
}

// InsideParams are Inside's.
type InsideParams struct {
	Log int `json:"log,omitempty"` // the line of the log to begin with, 1 for the oldest; 0: everything else
}

// InsideResult is Inside's.
type InsideResult struct {
	PID     int        `json:"pid,omitempty"`
	Version string     `json:"version,omitempty"`
	NoIcon  bool       `json:"no_icon,omitempty"` // it could not make its icon
	Keys    []KeyState `json:"keys,omitempty"`    // that are set

	Log  []string `json:"log,omitempty"`  // what was asked for, as far as it fits
	Next int      `json:"next,omitempty"` // the line after it; 0: there is none
}

// KeyState is how a combination of keys is doing.
type KeyState struct {
	Name    string          `json:"name"` // Clipboard or Selection
	Keys    string          `json:"keys"`
	Problem *status.Problem `json:"problem,omitempty"` // why it does nothing
	Command string          `json:"command,omitempty"` // what a key can be bound to instead
}

type dialParams struct {
	Number string `json:"number"`
	Follow uint64 `json:"follow,omitempty"` // the client's name for this call in progress; 0 for none
}

type offerTextParams struct {
	Text    string `json:"text"`
	Private bool   `json:"private,omitempty"`
}

type codedParams struct {
	Number  string `json:"number"`
	Code    string `json:"code"`             // number.CallCode's Key
	Follow  uint64 `json:"follow,omitempty"` // as in dialParams
	Private bool   `json:"private,omitempty"`
}

type offerParams struct {
	ID     uint64      `json:"id"`
	Wish   status.Wish `json:"wish,omitzero"`
	Follow uint64      `json:"follow,omitempty"` // as in dialParams
}

type copiedParams struct {
	Copied
	Follow uint64 `json:"follow,omitempty"` // as in dialParams
}

type dialResult struct {
	Placed call.Snapshot `json:"placed"`
}

type callParams struct {
	Follow uint64         `json:"follow"`
	Call   *call.Snapshot `json:"call,omitempty"` // nil: there is no more to come
}

// maxFrame is the bytes of a line.
const maxFrame = 4 << 10

// endpoint is what both ends of the socket agree on.
var endpoint = ipc.Endpoint{
	Frame: maxFrame, Line: 2 * time.Second, Pending: 4, Clients: 24, Version: 2,
	Cut: clipProblem,
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
	// Enrol shows what the enrolment in the file at path would change. It returns when
	// that is shown, not when the person has answered.
	Enrol(ctx context.Context, path string) error
	Status(ctx context.Context) (status.Snapshot, error)
	// Dial has number, as it was typed, called and returns when the PBX has
	// taken the call. Where a person has to agree first, or to pick, the error
	// says to what. The call does not end with ctx. With wait, updates then
	// carries what becomes of the call and is closed when that is over, or when
	// ctx has ended; without, it is ignored.
	// A private call leaves no line in the history.
	Dial(ctx context.Context, number string, private, wait bool) (placed call.Snapshot, updates <-chan call.Snapshot, err error)
	// Offer is what would be dialled for text, read as what was copied, for DialOffer.
	Offer(ctx context.Context, text string, private bool) (status.Offer, error)
	// DialCoded is Dial with a code in front of the number, by its key.
	DialCoded(ctx context.Context, number, code string, private, wait bool) (placed call.Snapshot, updates <-chan call.Snapshot, err error)
	// DialOffer is Dial for what a person has agreed to: the id of an offer that
	// came with the error of Dial or DialCopied, and what they chose beside it.
	DialOffer(ctx context.Context, id uint64, w status.Wish, wait bool) (placed call.Snapshot, updates <-chan call.Snapshot, err error)
	// DialCopied is Dial for the text that c says.
	DialCopied(ctx context.Context, c Copied, wait bool) (placed call.Snapshot, updates <-chan call.Snapshot, err error)
	Hangup(ctx context.Context) error
	// Transfer does what p says with the call in hand, and returns when the PBX has taken
	// that.
	Transfer(ctx context.Context, p TransferParams) error
	// TransferNews blocks until the transfer stands otherwise than was seen, or the call is
	// not followed any more.
	TransferNews(ctx context.Context, p TransferNewsParams) (*call.Snapshot, error)
	// Quit ends the agent, soon after ctx has ended.
	Quit(ctx context.Context) error
	// Inside tells what only the agent knows. Lines of its log that do not fit are left
	// out, and asked for again.
	Inside(ctx context.Context, p InsideParams) (InsideResult, error)
	// Reload reads the settings again: another process has changed them.
	Reload(ctx context.Context) error
	// Watch calls told with each state of a call until ctx ends, one after the other. told
	// does not block. n is the number of the last state before those, and now that state,
	// where its call goes on, else nil.
	Watch(ctx context.Context, told func(State)) (n uint64, now *State, err error)
}
