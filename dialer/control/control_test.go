package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
)

func TestMain(m *testing.M) {
	// go-winio has one for all pipes of the process, for good.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/Microsoft/go-winio.ioCompletionProcessor"))
}

// fakeAgent records what it is asked.
type fakeAgent struct {
	mu    sync.Mutex
	asked []string

	fail    error                // what every method returns
	status  status.Snapshot      // what Status returns
	log     []string             // what Inside returns
	updates chan call.Snapshot   // what Dial returns
	dialled chan context.Context // gets the context of each Dial, where it is set

	now   *State          // what Watch returns
	n     uint64          // the same
	watch func(State)     // what Watch was called with last
	over  context.Context // that one's
}

func (a *fakeAgent) note(format string, args ...any) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, fmt.Sprintf(format, args...))
	return a.fail
}

func (a *fakeAgent) Show(_ context.Context, text string) error { return a.note("show %s", text) }

func (a *fakeAgent) Link(_ context.Context, uri string) error       { return a.note("link %s", uri) }
func (a *fakeAgent) Transfer(context.Context, TransferParams) error { return nil }

func (a *fakeAgent) TransferNews(context.Context, TransferNewsParams) (*call.Snapshot, error) {
	return nil, nil
}

func (a *fakeAgent) Hangup(context.Context) error { return a.note("hangup") }
func (a *fakeAgent) Reload(context.Context) error { return a.note("reload") }
func (a *fakeAgent) Inside(_ context.Context, p InsideParams) (InsideResult, error) {
	if err := a.note("inside %d", p.Log); err != nil || p.Log == 0 {
		return InsideResult{PID: 7}, err
	}
	return InsideResult{Log: a.log[p.Log-1:]}, nil
}

func (a *fakeAgent) Watch(ctx context.Context, told func(State)) (uint64, *State, error) {
	err := a.note("watch")
	a.mu.Lock()
	defer a.mu.Unlock()
	a.watch, a.over = told, ctx
	return a.n, a.now, err
}

func (a *fakeAgent) Quit(context.Context) error { return a.note("quit") }

func (a *fakeAgent) Enrol(context.Context, string) error { return nil }

func (a *fakeAgent) Status(context.Context) (status.Snapshot, error) {
	return a.status, a.note("status")
}

func (a *fakeAgent) Dial(ctx context.Context, number string, private, wait bool) (call.Snapshot, <-chan call.Snapshot, error) {
	err := a.note("dial %s %v", dialled(number, private), wait)
	if a.dialled != nil {
		a.dialled <- ctx
	}
	return snapshot(call.Requested), a.updates, err
}

func dialled(number string, private bool) string {
	if private {
		return number + " privately"
	}
	return number
}

func (a *fakeAgent) DialCopied(ctx context.Context, c Copied, wait bool) (call.Snapshot, <-chan call.Snapshot, error) {
	return a.Dial(ctx, fmt.Sprint("what is in ", c.From, " ", c.Asks, " ", c.Picks), c.Private, wait)
}

func (a *fakeAgent) Offer(_ context.Context, text string, _ bool) (status.Offer, error) {
	return status.Offer{ID: 5, Shown: text}, a.note("offer %s", text)
}

func (a *fakeAgent) DialCoded(ctx context.Context, number, code string, private, wait bool) (call.Snapshot, <-chan call.Snapshot, error) {
	return a.Dial(ctx, number+" behind "+code, private, wait)
}

func (a *fakeAgent) DialOffer(ctx context.Context, id uint64, w status.Wish, wait bool) (call.Snapshot, <-chan call.Snapshot, error) {
	return a.Dial(ctx, fmt.Sprint("offer ", id, " ", w.Then), false, wait)
}

func snapshot(s call.State) call.Snapshot {
	return call.Snapshot{ID: "1", Number: "00390501234502", Extension: "7101", State: s, Requested: time.Unix(1_800_000_000, 0).UTC()}
}

// home gives the test a runtime directory of its own. Its path is short: that
// of a socket may have about a hundred bytes.
func home(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "cornetta")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("XDG_STATE_HOME", dir)
	return dir
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

const name = "cornetta-test"

// run serves a until the test ends.
func run(t *testing.T, a Handler) {
	t.Helper()
	o, err := ipc.Acquire(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, o, a) }()
	t.Cleanup(func() {
		cancel()
		select {
		case err := <-served:
			if err != nil {
				t.Error("Serve:", err)
			}
		case <-time.After(10 * time.Second):
			t.Error("Serve does not end")
		}
	})
}

func client(t *testing.T) *Client {
	t.Helper()
	c, err := Connect(within(t, 10*time.Second), name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestVerbs(t *testing.T) {
	home(t)
	a := &fakeAgent{status: status.Snapshot{Seq: 7, Connection: status.Ready, Extension: "7101"}}
	run(t, a)
	c := client(t)
	ctx := within(t, 10*time.Second)
	for _, err := range []error{
		failure(Show.Call(ctx, c, ShowParams{"06 123\n\"è"})), failure(Link.Call(ctx, c, LinkParams{"tel:+39050123"})),
		failure(Hangup.Call(ctx, c, ipc.None{})), failure(Reload.Call(ctx, c, ipc.None{})),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if r, err := Quit.Call(ctx, c, ipc.None{}); err != nil || r.PID != os.Getpid() {
		t.Errorf("Quit: %+v, %v", r, err)
	}
	s, err := Status.Call(ctx, c, ipc.None{})
	if err != nil || !s.Same(a.status) || s.Seq != a.status.Seq {
		t.Errorf("Status: %+v, %v", s, err)
	}
	want := []string{"show 06 123\n\"è", "link tel:+39050123", "hangup", "reload", "quit", "status"}
	if diff := cmp.Diff(want, a.asked); diff != "" {
		t.Error(diff)
	}
}

func failure(_ ipc.None, err error) error { return err }

func TestProblem(t *testing.T) {
	home(t)
	a := &fakeAgent{}
	run(t, a)
	c := client(t)
	ctx := within(t, 10*time.Second)
	for _, agents := range []error{
		&status.Problem{Code: status.CodeLoginsHeld, Detail: "in words", Until: time.Unix(1_800_000_000, 0).UTC()},
		fmt.Errorf("agent: %w", &status.Problem{Code: status.CodeNoCall}),
		errors.New("something else"),
	} {
		a.fail = agents
		want := new(status.Problem)
		if !errors.As(agents, &want) {
			want = &status.Problem{Code: status.CodeUnforeseen, Detail: clean.Foreign(agents.Error())}
		}
		_, serr := Status.Call(ctx, c, ipc.None{})
		_, derr := c.Dial(ctx, "123", false, true)
		for _, err := range []error{
			failure(Show.Call(ctx, c, ShowParams{})), failure(Hangup.Call(ctx, c, ipc.None{})), serr, derr,
		} {
			if got := new(status.Problem); !errors.As(err, &got) || !cmp.Equal(got, want) {
				t.Errorf("%v arrived as %v", agents, err)
			}
		}
	}
	if len(c.calls) != 0 {
		t.Error("refused calls are still waited for")
	}
}

// What the PBX sent is cut so that a snapshot always fits.
func TestUntrustedTextIsBounded(t *testing.T) {
	home(t)
	hostile := clean.Foreign(strings.Repeat("\x01è", 10_000))
	s := snapshot(call.InCall)
	s.Detail, s.FarName = hostile, hostile
	a := &fakeAgent{
		updates: make(chan call.Snapshot, 1),
		status:  status.Snapshot{Call: &s, Trouble: &status.Problem{Code: status.CodeProtocol, Detail: hostile}},
	}
	a.updates <- s
	close(a.updates)
	run(t, a)
	c := client(t)
	got, err := Status.Call(within(t, 10*time.Second), c, ipc.None{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hostile.Text(), got.Call.FarName.Text()) || len(got.Call.FarName) < 100 {
		t.Errorf("the name became %q", got.Call.FarName)
	}
	follow(t, c, call.Requested, call.InCall)
}

func follow(t *testing.T, c *Client, want ...call.State) {
	t.Helper()
	ctx := within(t, 10*time.Second)
	f, err := c.Dial(ctx, "123", false, true)
	if err != nil {
		t.Fatal(err)
	}
	var got []call.State
	for {
		s, err := f.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("after %v: %v", got, err)
		}
		got = append(got, s.State)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFollow(t *testing.T) {
	home(t)
	a := &fakeAgent{}
	run(t, a)
	c := client(t)
	for range 50 { // order is kept every time
		a.updates = make(chan call.Snapshot, 10)
		for _, s := range []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn, call.AnsweredOwn, call.RingingFar, call.InCall, call.Ended} {
			a.updates <- snapshot(s)
		}
		close(a.updates)
		follow(t, c, call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar, call.InCall, call.Ended)
	}

	a.updates = nil // an agent that has nothing more to say
	follow(t, c, call.Requested)

	_, err := c.DialCopied(within(t, 10*time.Second), Copied{From: Clipboard, Asks: true}, false)
	if last := a.asked[len(a.asked)-1]; err != nil || last != "dial what is in clipboard true false false" {
		t.Errorf("DialCopied: %v, %s", err, last)
	}
	a.updates = make(chan call.Snapshot)
	close(a.updates)
	f, err := c.DialOffer(within(t, 10*time.Second), 7, status.Wish{Then: true}, true)
	if last := a.asked[len(a.asked)-1]; err != nil || f.Placed != snapshot(call.Requested) || last != "dial offer 7 true true" {
		t.Errorf("DialOffer: %v, %s", err, last)
	}
	if _, err := c.DialCopied(within(t, 10*time.Second), Copied{From: "/etc/passwd", Asks: true}, false); err == nil {
		t.Error("from anywhere")
	}
	f, err = c.Dial(within(t, 10*time.Second), "123", false, false)
	if err != nil || f.Placed != snapshot(call.Requested) {
		t.Fatalf("without waiting: %+v, %v", f, err)
	}
	if _, err := f.Next(t.Context()); !errors.Is(err, io.EOF) {
		t.Errorf("Next of a call that is not followed: %v", err)
	}
	if last := a.asked[len(a.asked)-1]; last != "dial 123 false" {
		t.Errorf("the agent was asked to %s", last)
	}
}

// However much there is to pick from, the refusal fits its frame.
func TestChoices(t *testing.T) {
	home(t)
	r := &status.Problem{Code: status.CodeSeveral, Offers: []status.Offer{{ID: 1, Shown: "0 0501234567"}, {ID: 2, Shown: "0 899123456", Reasons: []string{"premium"}}}}
	a := &fakeAgent{fail: r}
	run(t, a)
	c := client(t)
	for _, many := range []int{2, 20, 1000} {
		for len(r.Offers) < many {
			r.Offers = append(r.Offers, status.Offer{
				ID:      1_000_000,
				Shown:   "0 " + strings.Repeat("5", 40),
				Reasons: []string{"extension_dropped", "international", "policy", "post_dial_dropped", "premium"},
			})
		}
		_, err := c.DialCopied(within(t, 10*time.Second), Copied{From: Clipboard}, false)
		var got *status.Problem
		if !errors.As(err, &got) {
			t.Fatalf("%d choices: %v", many, err)
		}
		if len(got.Offers) != many && (many <= 20 || len(got.Offers) < 20) {
			t.Errorf("of %d choices %d arrive", many, len(got.Offers))
		}
		if diff := cmp.Diff(r.Offers[:len(got.Offers)], got.Offers); diff != "" {
			t.Error(diff)
		}
	}
}

// A client can hang up, and ask, while it follows a call.
func TestHangupWhileFollowing(t *testing.T) {
	home(t)
	a := &fakeAgent{updates: make(chan call.Snapshot)}
	run(t, a)
	c := client(t)
	ctx := within(t, 10*time.Second)
	f, err := c.Dial(ctx, "123", false, true)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Hangup.Call(ctx, c, ipc.None{}); err != nil {
		t.Fatal(err)
	}
	waiting, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
	defer cancel()
	if _, err := f.Next(waiting); err != nil { // Placed
		t.Fatal(err)
	}
	if _, err := f.Next(waiting); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Next with nothing new: %v", err)
	}
	a.updates <- snapshot(call.Cancelled)
	close(a.updates)
	if s, err := f.Next(ctx); err != nil || s.State != call.Cancelled {
		t.Errorf("got %+v, %v", s, err)
	}
}

// When a client goes, the agent learns it through the context, and when the
// agent goes, the client does not take that for the end of the call.
func TestEitherSideGoes(t *testing.T) {
	home(t)
	a := &fakeAgent{updates: make(chan call.Snapshot), dialled: make(chan context.Context, 2)}
	o, err := ipc.Acquire(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	ctx, quit := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, o, a) }()

	gone, stays := client(t), client(t)
	if _, err := gone.Dial(within(t, 10*time.Second), "1", false, true); err != nil {
		t.Fatal(err)
	}
	f, err := stays.Dial(within(t, 10*time.Second), "2", false, true)
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	select {
	case <-(<-a.dialled).Done():
	case <-time.After(10 * time.Second):
		t.Fatal("the agent does not learn that the client has gone")
	}
	if err := (<-a.dialled).Err(); err != nil {
		t.Fatal("the other client's context ended too")
	}
	if _, err := Hangup.Call(t.Context(), gone, ipc.None{}); !errors.Is(err, ipc.ErrClosed) {
		t.Errorf("a closed client: %v", err)
	}

	quit()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if _, err := f.Next(t.Context()); err != nil { // Placed had arrived
		t.Error(err)
	}
	if _, err := f.Next(within(t, 10*time.Second)); !errors.Is(err, ipc.ErrClosed) {
		t.Errorf("Next: %v", err)
	}
	if _, err := Connect(t.Context(), name); !errors.Is(err, ipc.ErrNotRunning) {
		t.Errorf("Connect: %v", err)
	}
}

// TestInside: a log that does not fit a frame comes in pages, whole and in its order.
func TestInside(t *testing.T) {
	home(t)
	a := &fakeAgent{}
	for i := range 200 {
		a.log = append(a.log, fmt.Sprintf("%03d %s", i, strings.Repeat(`"<`, 190)))
	}
	run(t, a)
	c := client(t)
	ctx := within(t, 10*time.Second)
	r, err := Inside.Call(ctx, c.Client, InsideParams{})
	if err != nil || r.PID != 7 || len(r.Log) != 0 {
		t.Errorf("%+v, %v", r, err)
	}
	lines, err := c.Log(ctx)
	if diff := cmp.Diff(a.log, lines); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}
