package control

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"time"
)

// Owner is the one instance of a name.
type Owner struct {
	listener net.Listener
	hush     func() error // stops listening, once
	release  func() error // and gives the name up, once
	limits   limits
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
	o := &Owner{listener: l, hush: sync.OnceValue(l.Close), limits: defaultLimits}
	// In this order: a listener that goes removes its socket, which must not
	// be the next owner's by then.
	o.release = sync.OnceValue(func() error { return errors.Join(o.hush(), unlock()) })
	return o, nil
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

// Serve answers clients until ctx ends, then closes all connections, waits
// until h is no longer called by any, gives the name up and returns nil. It
// returns earlier, with an error, only after Close.
func (o *Owner) Serve(ctx context.Context, h Handler) error {
	defer func() { _ = o.release() }() // Close tells
	var clients sync.WaitGroup
	defer clients.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(ctx, func() { _ = o.hush() })()

	slots := make(chan struct{}, o.limits.clients)
	for {
		conn, err := o.listener.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				conn.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("control: %w", err)
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
			serve(ctx, conn, h, o.limits)
		})
	}
}
