//go:build linux

package soak

import (
	"context"
	"crypto/tls"
	"fmt"
	"sync"
	"time"

	"cornetta/ami/asterisktest"
	"cornetta/ami/pbxsim"
)

// pbx is what a desk calls through. Its methods may be called from any
// goroutine.
type pbx interface {
	addr() string
	// restart ends it in whatever state its calls are, and starts it again
	// somewhere else; it blocks until that is done.
	restart() error
	// hangUpAll ends all calls, as an administrator does.
	hangUpAll()
	// state is what goes on, for a message.
	state() string
	close() error
}

// builtIn is an pbxsim PBX.
type builtIn struct {
	options pbxsim.Options

	mu      sync.Mutex // guards what follows
	now     *pbxsim.PBX
	earlier map[string]int // Originates that reached those before it, by number
}

func startBuiltIn(flavour string, config *tls.Config) (*builtIn, error) {
	b := &builtIn{options: pbxsim.Options{Asterisk: flavour, TLS: config}, earlier: map[string]int{}}
	var err error
	b.now, err = pbxsim.Start(b.options)
	return b, err
}

func (b *builtIn) pbx() *pbxsim.PBX {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *builtIn) addr() string { return b.pbx().Addr() }
func (b *builtIn) hangUpAll()   { b.pbx().HangUpAll() }
func (b *builtIn) state() string {
	return fmt.Sprintf("%d calls at the PBX", b.pbx().Calls())
}
func (b *builtIn) close() error { return b.pbx().Close() }

func (b *builtIn) restart() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.now.Close()
	b.countLocked()
	var err error
	b.now, err = pbxsim.Start(b.options)
	return err
}

func (b *builtIn) countLocked() {
	for _, o := range b.now.Originates() {
		b.earlier[o.Get("Exten")]++
	}
}

// takeOriginates is how often a call to each number was asked of it since the
// last time. It is to be called right after a restart.
func (b *builtIn) takeOriginates() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	taken := b.earlier
	b.earlier = map[string]int{}
	return taken
}

// real is an Asterisk. A restart takes it two seconds.
type real struct{ *asterisktest.PBX }

func (r *real) addr() string   { return r.Addr() }
func (r *real) restart() error { return r.Restart() }
func (r *real) close() error   { return r.Close() }

func (r *real) state() string {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	channels, _ := r.CLI(ctx, "core show channels concise")
	return channels
}

func (r *real) hangUpAll() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, _ = r.CLI(ctx, "channel request hangup all")
}
