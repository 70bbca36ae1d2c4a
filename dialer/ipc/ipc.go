// Package ipc is how one person's programs speak to each other: the command line
// to the agent, over a socket (package control), and the agent to the program of
// its windows, over that one's standard input and output (package channel).
//
// What is spoken is JSON-RPC 2.0, one object a line. A [Method] is declared once,
// with its types; its Handle makes the entry of the server's table, its Call is
// the client's end. A [Push] is the same for what the server sends unasked. An
// [Endpoint] is what both ends of one kind of connection agree on: the length of
// a line, how long one may take, how many requests may wait, and how an error is
// written. Which methods are served where is the table that the endpoint's own
// package makes: who may connect may call what stands in it, and nothing else.
//
// A line that is too long, too slow, or no message of this protocol ends the
// connection it came on; the others do not notice. Not a library's own JSON-RPC,
// because those answer nonsense and go on reading, and queue what comes without
// bound.
//
// [Acquire] takes the name of the one instance. On Unix that is a lock on a file
// beside the socket, in a directory only the user can enter ($XDG_RUNTIME_DIR/cornetta,
// or that of logind, never /tmp); the lock decides, so a socket left behind by a killed
// agent is no obstacle. A link in the state directory leads programs there that have
// another environment. On Windows it is a mutex and a named
// pipe that admits only the user. Both ends check that the other belongs to the
// same user before they say a word.
//
// All of it is safe for concurrent use. A [Conn] (the server's end) has one
// goroutine that reads, one that pushes, and one for each request that waits for
// its answer; a [Client] has one that reads. Conn.Wait, Owner.Serve and
// Client.Close wait for them. The tests run both ends on pipes, race fifty real
// processes for a name, kill owners, throw garbage at a server, and come as
// another user.
package ipc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cornetta/dialer/status"
)

var (
	// ErrTooLong is for a line that does not fit a frame. Where it is a request's
	// it was not sent.
	ErrTooLong = errors.New("ipc: more than fits a frame")
	// ErrBadFrame is for a line that is no message of this protocol, that has no
	// end, or that came too slowly.
	ErrBadFrame = errors.New("ipc: broken frame")
	// ErrClosed is for a connection that ended, on whichever side.
	ErrClosed = errors.New("ipc: the connection is closed")
)

// Endpoint is what both ends of one kind of connection agree on.
type Endpoint struct {
	Frame   int           // bytes of a line, its end included
	Line    time.Duration // for a line to arrive, from its first byte on, and to be written
	Pending int           // requests of one client that wait for their answers
	Clients int           // of an Owner, at a time
	Version int           // of an Owner's methods: grows with what an older peer would misunderstand

	// Cut makes a Problem fit a frame, and safe to show; nil leaves it as it is.
	Cut func(status.Problem) status.Problem
}

// None stands for no parameters, or no result.
type None = struct{}

// Caller is a [Client], or what embeds one.
type Caller interface {
	call(ctx context.Context, method string, params json.RawMessage) (json.RawMessage, error)
}

// Method is something that a client can ask for, with its parameters, a struct,
// and its result.
type Method[P, R any] struct{ Name string }

// Call asks, and waits for the answer or the end of ctx. In the latter case the
// handler's ctx ends, too. The error is a
// *status.Problem where the handler refused (of its errors, one that is none is
// status.CodeUnforeseen, with its text), or wraps ctx's, ErrTooLong, ErrClosed or an
// *[Error].
func (m Method[P, R]) Call(ctx context.Context, c Caller, p P) (R, error) {
	var r R
	var params json.RawMessage
	if any(p) != any(None{}) {
		var err error
		if params, err = json.Marshal(p); err != nil {
			return r, fmt.Errorf("ipc: %s: %w", m.Name, err)
		}
	}
	result, err := c.call(ctx, m.Name, params)
	if _, none := any(r).(None); err != nil || none {
		return r, err
	}
	if err := json.Unmarshal(result, &r); err != nil {
		return r, fmt.Errorf("ipc: %s: %w", m.Name, err)
	}
	return r, nil
}

// Handle is the entry for m in a server's table. f runs on a goroutine of its
// own; its ctx ends when the client is gone or no longer wants the answer.
func (m Method[P, R]) Handle(f func(context.Context, P) (R, error)) Handler {
	return Handler{m.Name, func(ctx context.Context, params json.RawMessage) (any, error) {
		var p P
		if len(params) > 0 && json.Unmarshal(params, &p) != nil {
			// Without the decoder's error, which may quote a value.
			return nil, &Error{Code: badParams, Message: "the parameters of " + m.Name + " do not fit"}
		}
		return f(ctx, p)
	}}
}

// Handler answers one method.
type Handler struct {
	name  string
	serve func(ctx context.Context, params json.RawMessage) (any, error)
}

// Push is something that a server sends unasked, a struct. Pushes arrive in the
// order in which they were sent.
type Push[T any] struct {
	Name string
	// Keep is how many are kept by Post while they cannot be sent; the newest
	// count.
	Keep int
	// Every is the least time between two that were posted.
	Every time.Duration
}

// Send sends v now. An error is the end of the connection.
func (p Push[T]) Send(c *Conn, v T) error { return c.push(p.Name, v) }

// Post has v sent soon, and never blocks. v must not be changed any more.
func (p Push[T]) Post(c *Conn, v T) { c.post(p.Name, p.Keep, p.Every, v) }

// Receive is the entry for p in a client's table. f is called on the goroutine
// that reads: it must not block, nor call the Client.
func (p Push[T]) Receive(f func(T)) Receiver {
	return Receiver{p.Name, func(params json.RawMessage) {
		var v T
		if json.Unmarshal(params, &v) == nil { // else it is of a later version
			f(v)
		}
	}}
}

// Receiver takes one kind of push.
type Receiver struct {
	name string
	take func(json.RawMessage)
}

// Error is an answer that is neither a result nor an error of the handler's own.
type Error struct {
	Code    int             `json:"code"`
	Message string          `json:"message"`
	Data    json.RawMessage `json:"data,omitempty"` // with the code refused: a status.Problem
}

func (e *Error) Error() string { return "ipc: " + e.Message }

// The codes of an Error. All but the first are JSON-RPC's.
const (
	refused   = 1 // by the handler
	noMethod  = -32601
	badParams = -32602
	internal  = -32603
)
