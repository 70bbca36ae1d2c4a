package dialer

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// traveller is a person with a computer that goes from network to network.
type traveller struct {
	t    *testing.T
	file string

	mu    sync.Mutex // guards what follows
	where string     // "": it cannot be told
	wait  chan struct{}
}

func (r *traveller) goTo(where string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.where = where
}

func (r *traveller) here(ctx context.Context) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.wait != nil {
		<-r.wait
	}
	if r.where == "" {
		return "", errors.New("no network can be told")
	}
	return r.where, ctx.Err()
}

// farPBX is an address that is not this computer's.
const farPBX = "192.0.2.9:5038"

// start is a new start of Cornetta, with an account on the PBX at addr.
func (r *traveller) start(addr string, mode config.ConnectionMode) (*Dialer, *bubble) {
	r.t.Helper()
	s := new(bubble)
	d := newBubble(r.t, s, Options{Networks: OpenNetworks(r.file, r.here, slog.New(slog.DiscardHandler))}, scripted(rightsHandler))
	if err := d.SetAccount(r.t.Context(), accountAt(r.t, addr, "7101", config.SyntaxVariables), mode); err != nil {
		r.t.Fatal(err)
	}
	return d, s
}

// byItself does all that makes a program log in without being asked, and returns how
// often it did.
func (r *traveller) byItself(addr string) (logins int) {
	r.t.Helper()
	d, s := r.start(addr, config.ConnectionOnDemand)
	err := d.Recheck(r.t.Context())
	for _, act := range []func(context.Context) error{d.Changed, d.Prepare} {
		if err := act(r.t.Context()); err != nil {
			r.t.Fatal(err)
		}
		synctest.Wait()
	}
	time.Sleep(time.Minute)
	if s.connects.Load() == 0 {
		snap := d.Snapshot()
		if codeOf(err) != status.CodeNetworkUnknown || snap.Connection != status.Unchecked || snap.Trouble == nil || snap.Trouble.Code != status.CodeNetworkUnknown {
			r.t.Errorf("the check says %v; shown is %+v", err, snap)
		}
	}
	kept, s2 := r.start(addr, config.ConnectionKept)
	time.Sleep(10 * time.Minute)
	if snap := kept.Snapshot(); s2.connects.Load() == 0 && (snap.Connection != status.Unchecked || snap.Trouble == nil) {
		r.t.Errorf("shown is %+v", snap)
	}
	if err := errors.Join(kept.SetAccount(r.t.Context(), config.Account{}, config.ConnectionKept), d.SetAccount(r.t.Context(), config.Account{}, config.ConnectionKept)); err != nil {
		r.t.Fatal(err)
	}
	if n, c := s.logins.Load()+s2.logins.Load(), s.connects.Load()+s2.connects.Load(); n != c {
		r.t.Errorf("%d connects and %d logins", c, n)
	}
	return int(s.logins.Load() + s2.logins.Load())
}

func travel(t *testing.T, f func(t *testing.T, r *traveller)) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "settings", "networks.json")
	bubbleTest(t, func(t *testing.T) { f(t, &traveller{t: t, file: file}) })
}

// TestClearInAnotherNetwork: in clear nothing is logged in by itself but in the network
// where the person set it up, and in the one where they last dialled.
func TestClearInAnotherNetwork(t *testing.T) {
	travel(t, func(t *testing.T, r *traveller) {
		check := func(where string, by bool) {
			t.Helper()
			r.goTo(where)
			if n := r.byItself(farPBX); (n > 0) != by {
				t.Errorf("in the network %q: %d logins by itself", where, n)
			}
		}
		dial := func(where string) {
			t.Helper()
			r.goTo(where)
			d, s := r.start(farPBX, config.ConnectionOnDemand)
			if _, err := d.Dial(t.Context(), planFor("7102")); err != nil || s.originates.Load() != 1 {
				t.Fatalf("in the network %q: %v, %d calls", where, err, s.originates.Load())
			}
			synctest.Wait()
		}
		check("office", false) // an account that was set up by an earlier version
		d, _ := r.start(farPBX, config.ConnectionOnDemand)
		if err := d.Check(t.Context()); err != nil { // the person saved it
			t.Fatal(err)
		}
		synctest.Wait()
		check("office", true)
		check("hotel", false)
		check("", false)
		dial("hotel")
		check("hotel", true)
		check("office", true)
		dial("") // it cannot be told which: only the person's own calls
		check("", false)
		dial("train")
		check("train", true)
		check("office", true)
		check("hotel", false)
		r.goTo("train")
		if n := r.byItself("192.0.2.10:5038"); n != 0 {
			t.Errorf("%d logins at another PBX", n)
		}

		r.goTo("station")
		for _, local := range []string{"127.0.0.1:5038", "127.9.9.9:5038", "[::1]:5038"} {
			if n := r.byItself(local); n == 0 {
				t.Errorf("%s: a PBX on this computer is nobody else's", local)
			}
		}

		data, err := os.ReadFile(r.file)
		if err != nil || strings.Contains(string(data), "office") || strings.Contains(string(data), "192.0.2") {
			t.Errorf("the file says where the person was: %s, %v", data, err)
		}
		if info, err := os.Stat(r.file); err != nil || runtime.GOOS != "windows" && info.Mode() != 0o600 {
			t.Errorf("%v, %v", info, err)
		}
		for _, damaged := range []string{"", "{", `{"salt":1}`, `{}`, `{"salt":"","set_up":"","dialled":""}`, strings.Repeat(" ", maxKnown) + string(data)} {
			if err := os.WriteFile(r.file, []byte(damaged), 0o600); err != nil {
				t.Fatal(err)
			}
			check("office", false)
			check("", false)
		}
		dial("office")
		check("office", true)
		if err := os.Remove(r.file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		check("office", false)
	})
}

// TestDialWhileItIsHeld: who dials does not wait for what is tried by itself, and gets
// what that does not.
func TestDialWhileItIsHeld(t *testing.T) {
	travel(t, func(t *testing.T, r *traveller) {
		r.where, r.wait = "hotel", make(chan struct{})
		d, s := r.start(farPBX, config.ConnectionOnDemand)
		if err := d.Prepare(t.Context()); err != nil { // a link is shown
			t.Fatal(err)
		}
		synctest.Wait()
		done := make(chan error)
		go func() {
			_, err := d.Dial(t.Context(), planFor("7102"))
			done <- err
		}()
		synctest.Wait()
		if n := s.connects.Load(); n != 0 {
			t.Fatalf("%d connects for a link", n)
		}
		close(r.wait)
		if err := <-done; err != nil || s.originates.Load() != 1 {
			t.Errorf("%v, %d calls", err, s.originates.Load())
		}
	})
}

// TestKeptInAnotherNetwork: a kept connection that ends in another network is opened
// again in the known one, within a minute also where nobody tells of the change.
func TestKeptInAnotherNetwork(t *testing.T) {
	travel(t, func(t *testing.T, r *traveller) {
		r.goTo("office")
		d, s := r.start(farPBX, config.ConnectionKept)
		if err := d.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		before := s.connects.Load()
		r.goTo("hotel")
		s.closeAll()
		for range 60 {
			time.Sleep(time.Minute)
			if err := d.Changed(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := s.connects.Load() - before; n != 0 {
			t.Errorf("%d connects in the other network", n)
		}
		r.goTo("office")
		await(t, d, 2*time.Minute, "connected again", linkIs(status.Connected))
	})
}

// TestTLSEverywhere: with TLS nobody can stand in for the PBX, in whatever network.
func TestTLSEverywhere(t *testing.T) {
	travel(t, func(t *testing.T, r *traveller) {
		r.goTo("hotel")
		d, s := r.start(farPBX, config.ConnectionOnDemand)
		a := accountAt(t, farPBX, "7101", config.SyntaxVariables)
		a.TLS = true
		if err := d.SetAccount(t.Context(), a, config.ConnectionOnDemand); err != nil {
			t.Fatal(err)
		}
		if err := d.Recheck(t.Context()); codeOf(err) == status.CodeNetworkUnknown || s.connects.Load() != 1 {
			t.Errorf("%v, %d connects", err, s.connects.Load())
		}
	})
}
