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

// pbx is a user's PBX. Its methods may be called from any
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

// simPBX is an pbxsim PBX.
type simPBX struct {
	options pbxsim.Options

	mu      sync.Mutex // guards what follows
	now     *pbxsim.PBX
	earlier map[string]int // Originates that reached those before it, by number
}

func startSim(flavour string, config *tls.Config) (*simPBX, error) {
	b := &simPBX{options: pbxsim.Options{Asterisk: flavour, TLS: config}, earlier: map[string]int{}}
	var err error
	b.now, err = pbxsim.Start(b.options)
	return b, err
}

func (b *simPBX) pbx() *pbxsim.PBX {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.now
}

func (b *simPBX) addr() string { return b.pbx().Addr() }
func (b *simPBX) hangUpAll()   { b.pbx().HangUpAll() }
func (b *simPBX) state() string {
	return fmt.Sprintf("%d calls at the PBX", b.pbx().Calls())
}
func (b *simPBX) close() error { return b.pbx().Close() }

func (b *simPBX) restart() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	_ = b.now.Close()
	b.countLocked()
	var err error
	b.now, err = pbxsim.Start(b.options)
	return err
}

func (b *simPBX) countLocked() {
	for _, o := range b.now.Originates() {
		b.earlier[o.Get("Exten")]++
	}
}

// takeOriginates is how often a call to each number was asked of it since the
// last time. It is to be called right after a restart.
func (b *simPBX) takeOriginates() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	taken := b.earlier
	b.earlier = map[string]int{}
	return taken
}

// asteriskPBX is an Asterisk. A restart takes it two seconds.
type asteriskPBX struct{ *asterisktest.PBX }

func (r *asteriskPBX) addr() string   { return r.Addr() }
func (r *asteriskPBX) restart() error { return r.Restart() }
func (r *asteriskPBX) close() error   { return r.Close() }

func (r *asteriskPBX) state() string {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	channels, _ := r.CLI(ctx, "core show channels concise")
	return channels
}

func (r *asteriskPBX) hangUpAll() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, _ = r.CLI(ctx, "channel request hangup all")
}
