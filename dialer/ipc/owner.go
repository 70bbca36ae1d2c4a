package ipc

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"path/filepath"
	"sync"
	"time"

	"cornetta/dialer/status"
)

// Owner is the one instance of a name.
type Owner struct {
	listener net.Listener
	hush     func() error // stops listening, once
	release  func() error // and gives the name up, once
}

var (
	// ErrRunning is Acquire's when another process has the name.
	ErrRunning = errors.New("ipc: another instance runs")
	// ErrNotRunning is Connect's when nobody has it.
	ErrNotRunning = errors.New("ipc: no instance runs")
	// ErrBusy is Connect's when the owner has all the clients it takes.
	ErrBusy = status.NewError(status.CodeAgentSilent, "ipc: the running instance has too many clients")
	// ErrNoAnswer is Connect's when the owner is there and says nothing.
	ErrNoAnswer = status.NewError(status.CodeAgentSilent, "ipc: the running instance does not answer")
	// ErrStranger is for a place or a peer of another user.
	ErrStranger = status.NewError(status.CodeSocketStranger, "ipc: not the same user")
)

// hello comes first, so that a client knows whether it was let in.
var hello = Method[None, helloResult]{"Hello"}

type helloResult struct {
	Protocol int `json:"protocol"`
}

// Acquire makes this process the one instance of name ("cornetta",
// "cornetta-demo"). From then on clients can connect; they are answered once
// Serve runs. It returns ErrRunning at once when another process has the name
// and can be connected to, and within two seconds in any case. Close, or the
// end of Serve, gives the name up.
func Acquire(ctx context.Context, name string) (*Owner, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	l, unlock, err := claim(ctx, name)
	if err != nil {
		return nil, err
	}
	o := &Owner{listener: l, hush: sync.OnceValue(l.Close)}
	// In this order: a listener that goes removes its socket, which must not
	// be the next owner's by then.
	o.release = sync.OnceValue(func() error { return errors.Join(o.hush(), unlock()) })
	return o, nil
}

// Reserve takes a name for as long as this process does something that only one of the
// same user's programs is to do at a time, as to dial. It does not block: where another
// has the name the error is ErrRunning. The name goes with the process, however that
// ends; release gives it up before. Nobody can connect to it.
func Reserve(name string) (release func() error, err error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	return reserve(name)
}

// Dir is the directory of the socket, which only this user can enter; "" where
// there is none, as on Windows.
func (o *Owner) Dir() string {
	if addr, ok := o.listener.Addr().(*net.UnixAddr); ok {
		return filepath.Dir(addr.Name)
	}
	return ""
}

// Close gives the name up. It is for an Owner that does not get to Serve; Serve
// does it by itself.
func (o *Owner) Close() error { return o.release() }

// Serve answers clients by the table that table makes for each, until ctx ends;
// then it closes all connections, waits until no handler runs, gives the name up
// and returns nil. It returns earlier, with an error, only after Close.
func (o *Owner) Serve(ctx context.Context, e Endpoint, table func(*Conn) []Handler) error {
	defer func() { _ = o.release() }() // Close tells
	var clients sync.WaitGroup
	defer clients.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = o.hush() })()

	slots := make(chan struct{}, e.Clients)
	for {
		conn, err := o.listener.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				conn.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("ipc: %w", err)
		case err != nil:
			// It was only this client that failed, or the process is out of
			// file descriptors: not a reason to stop, nor to spin.
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
			continue
		}
		select {
		case slots <- struct{}{}:
		default:
			conn.Close() // and Connect tries again
			continue
		}
		clients.Go(func() {
			defer func() { <-slots }()
			admit(ctx, conn, e, table)
		})
	}
}

// admit serves one client and returns when it is gone and nothing of it is left.
func admit(ctx context.Context, conn net.Conn, e Endpoint, table func(*Conn) []Handler) {
	// Until it has said something, a connection is a slot taken from others.
	if trusted(conn) != nil || conn.SetReadDeadline(time.Now().Add(e.Line)) != nil {
		conn.Close()
		return
	}
	_ = Serve(ctx, conn, conn, e, func(c *Conn) []Handler {
		return append(table(c), hello.Handle(func(context.Context, None) (helloResult, error) {
			return helloResult{e.Version}, nil
		}))
	}).Wait() // what was wrong with it is the client's affair
}

// patience is how long Connect tries when its context sets no earlier end.
const patience = 5 * time.Second

// Connect reaches the owner of name. It returns ErrNotRunning at once when there
// is none; while the owner is busy it tries again, for five seconds or until ctx
// ends.
func Connect(ctx context.Context, name string, e Endpoint, table ...Receiver) (*Client, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	busy := false
	for {
		c, err := connect(ctx, name, e, table)
		switch {
		case errors.Is(err, ErrBusy):
			busy = true
		case busy && errors.Is(err, ErrNoAnswer): // time ran out in the middle of a try
			return nil, ErrBusy
		default:
			return c, err
		}
		select {
		case <-ctx.Done():
			return nil, ErrBusy
		// Many who were turned away together do not come back together.
		case <-time.After(10*time.Millisecond + rand.N(40*time.Millisecond)):
		}
	}
}

func connect(ctx context.Context, name string, e Endpoint, table []Receiver) (*Client, error) {
	conn, err := dial(ctx, name)
	if err != nil {
		return nil, err
	}
	if err := trusted(conn); err != nil {
		conn.Close()
		return nil, err
	}
	c := NewClient(conn, conn, e, nil, table...)
	theirs, err := hello.Call(ctx, c, None{})
	switch {
	case err == nil && theirs.Protocol == e.Version:
		return c, nil
	case err == nil:
		err = fmt.Errorf("ipc: the running instance speaks protocol %d, this is %d", theirs.Protocol, e.Version)
	case errors.Is(err, ErrClosed): // it was accepted and shown the door
		err = ErrBusy
	case errors.Is(err, context.DeadlineExceeded):
		err = fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	c.Close()
	return nil, err
}

// checkName keeps names to what is safe in a path and in a pipe's name.
func checkName(name string) error {
	if len(name) == 0 || len(name) > 32 {
		return fmt.Errorf("ipc: %q is no instance's name", name)
	}
	for _, r := range name {
		if (r < 'a' || r > 'z') && r != '-' {
			return fmt.Errorf("ipc: %q is no instance's name", name)
		}
	}
	return nil
}
