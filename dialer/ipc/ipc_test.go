package ipc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"cornetta/dialer/status"
)

func TestMain(m *testing.M) {
	if part := os.Getenv(partVariable); part != "" {
		os.Exit(play(part))
	}
	// go-winio has one for all pipes of the process, for good.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/Microsoft/go-winio.ioCompletionProcessor"))
}

// What a test's agent can be asked, and says.
var (
	show      = Method[showParams, None]{"Show"}
	link      = Method[linkParams, None]{"Link"}
	askStatus = Method[None, []string]{"Status"}
	reload    = Method[None, string]{"Reload"}
	hangup    = Method[None, None]{"Hangup"}
	place     = Method[dialParams, int]{"Dial"}

	progress = Push[count]{Name: "Call"}
	newest   = Push[count]{Name: "Newest", Keep: 1, Every: 100 * time.Millisecond}
	few      = Push[count]{Name: "Few", Keep: 4}
)

type (
	showParams struct {
		Text string `json:"text"`
	}
	linkParams struct {
		URI string `json:"uri"`
	}
	dialParams struct {
		Number string `json:"number"`
		Follow int    `json:"follow"`
	}
	count struct{ N int }
)

// usual is an endpoint as tight as the tightest one.
var usual = Endpoint{
	Frame: 4 << 10, Line: 2 * time.Second, Pending: 4, Clients: 8, Version: 1,
}

// hasty is usual for those who have no time.
func hasty() Endpoint {
	e := usual
	e.Line = 200 * time.Millisecond
	return e
}

// fakeAgent records what it is asked.
type fakeAgent struct {
	mu    sync.Mutex
	asked []string

	fail   error                 // what it answers
	during func(context.Context) // what Hangup does
	huge   string                // what Reload returns
}

func (a *fakeAgent) note(format string, args ...any) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, fmt.Sprintf(format, args...))
	return a.fail
}

func (a *fakeAgent) table(c *Conn) []Handler {
	return []Handler{
		show.Handle(func(_ context.Context, p showParams) (None, error) { return None{}, a.note("show %s", p.Text) }),
		link.Handle(func(_ context.Context, p linkParams) (None, error) { return None{}, a.note("link %s", p.URI) }),
		askStatus.Handle(func(context.Context, None) ([]string, error) { return []string{"ready"}, a.note("status") }),
		reload.Handle(func(context.Context, None) (string, error) { return a.huge, a.note("reload") }),
		hangup.Handle(func(ctx context.Context, _ None) (None, error) {
			err := a.note("hangup")
			if a.during != nil {
				a.during(ctx)
			}
			return None{}, err
		}),
		place.Handle(func(_ context.Context, p dialParams) (int, error) {
			err := a.note("dial %s", p.Number)
			if p.Follow > 0 {
				c.Go(func() {
					for i := range min(p.Follow, 1000) {
						_ = progress.Send(c, count{i})
					}
				})
			}
			return p.Follow, err
		}),
	}
}

// logindVariable names the directory that stands in for logind's, also for copies of the
// test program.
const logindVariable = "CORNETTA_IPC_TEST_LOGIND"

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
	t.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state"))
	t.Setenv(logindVariable, filepath.Join(dir, "logind"))
	return dir
}

func within(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func eventually(t *testing.T, what func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !what(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("did not happen within 10 s")
		}
	}
}

const name = "cornetta-test"

// run serves a on the socket until the test ends.
func run(t *testing.T, a *fakeAgent, e Endpoint) {
	t.Helper()
	o, err := Acquire(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- o.Serve(ctx, e, a.table) }()
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
	c, err := Connect(within(t, 10*time.Second), name, usual)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// pipes is both ends on two pipes, until the test ends.
func pipes(t *testing.T, a *fakeAgent, table ...Receiver) (*Conn, *Client) {
	t.Helper()
	ar, cw := io.Pipe()
	cr, aw := io.Pipe()
	s, c := Serve(t.Context(), ar, aw, usual, a.table), NewClient(cr, cw, usual, nil, table...)
	t.Cleanup(func() { s.Close(); c.Close() })
	return s, c
}

func TestCall(t *testing.T) {
	a := &fakeAgent{}
	_, c := pipes(t, a)
	ctx := t.Context()
	if _, err := show.Call(ctx, c, showParams{"06 123\n\"è"}); err != nil {
		t.Error(err)
	}
	if got, err := askStatus.Call(ctx, c, None{}); err != nil || !slices.Equal(got, []string{"ready"}) {
		t.Error(got, err)
	}
	for _, refusal := range []struct {
		err  error
		want status.Problem
	}{
		{fmt.Errorf("agent: %w", &status.Problem{Code: status.CodeNoCall}), status.Problem{Code: status.CodeNoCall}},
		{errors.New("something else"), status.Problem{Code: status.CodeUnforeseen, Detail: "something else"}},
	} {
		a.fail = refusal.err
		_, err := hangup.Call(ctx, c, None{})
		if p := new(status.Problem); !errors.As(err, &p) || !cmp.Equal(*p, refusal.want) {
			t.Errorf("%v arrives as %v", a.fail, err)
		}
	}
	// An agent of before, whose refusals had other names.
	_, older := c.result(message{Error: &Error{Code: refused, Data: json.RawMessage(`{"reason":"no_call"}`)}})
	if p := status.Find(older, status.CodeUnforeseen); p == nil || p.Detail != `{"reason":"no_call"}` {
		t.Errorf("an older refusal arrives as %v", older)
	}
	if diff := cmp.Diff([]string{"show 06 123\n\"è", "status", "hangup", "hangup"}, a.asked); diff != "" {
		t.Error(diff)
	}

	var e *Error
	if _, err := (Method[None, None]{"Exec"}).Call(ctx, c, None{}); !errors.As(err, &e) || e.Code != noMethod {
		t.Error("no such method:", err)
	}
	// A wrong parameter may be a secret in the wrong place.
	_, err := (Method[map[string]int, None]{"Show"}).Call(ctx, c, map[string]int{"text": 47114711})
	if !errors.As(err, &e) || e.Code != badParams || strings.Contains(err.Error(), "4711") {
		t.Error("wrong parameters:", err)
	}
	a.fail, a.huge = nil, strings.Repeat("1", usual.Frame)
	if _, err := reload.Call(ctx, c, None{}); !errors.As(err, &e) || e.Code != internal {
		t.Error("an answer that does not fit:", err)
	}
	c.Close()
	if _, err := askStatus.Call(ctx, c, None{}); !errors.Is(err, ErrClosed) {
		t.Error("a closed client:", err)
	}
}

// Nothing that does not fit is sent, and nothing is cut.
func TestTooLong(t *testing.T) {
	a := &fakeAgent{}
	_, c := pipes(t, a)
	sent := 0
	for n := usual.Frame - 300; n < usual.Frame+10; n++ {
		switch _, err := link.Call(t.Context(), c, linkParams{strings.Repeat("1", n)}); {
		case err == nil:
			sent++
		case !errors.Is(err, ErrTooLong):
			t.Fatalf("%d bytes: %v", n, err)
		}
	}
	if sent == 0 || sent != len(a.asked) {
		t.Errorf("sent %d, arrived %d", sent, len(a.asked))
	}
	if _, err := show.Call(t.Context(), c, showParams{strings.Repeat("\x01", 1000)}); !errors.Is(err, ErrTooLong) {
		t.Errorf("characters that JSON writes with six: %v", err)
	}
}

// What is given up ends at the server too, however many wait.
func TestGivenUp(t *testing.T) {
	ended := make(chan struct{}, 100)
	a := &fakeAgent{during: func(ctx context.Context) { <-ctx.Done(); ended <- struct{}{} }}
	_, c := pipes(t, a)
	ctx, giveUp := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 3 * usual.Pending {
		all.Go(func() {
			if _, err := hangup.Call(ctx, c, None{}); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	eventually(t, func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return len(a.asked) == usual.Pending
	})
	giveUp()
	all.Wait()
	for range usual.Pending {
		<-ended
	}
	if _, err := askStatus.Call(t.Context(), c, None{}); err != nil {
		t.Error("the connection did not survive:", err)
	}
}

// A client that goes ends what it asked for, and the server's end ends a wait.
func TestEitherEnd(t *testing.T) {
	began, ended := make(chan struct{}), make(chan struct{})
	a := &fakeAgent{during: func(ctx context.Context) { close(began); <-ctx.Done(); close(ended) }}
	s, c := pipes(t, a)
	var waits sync.WaitGroup
	waits.Go(func() {
		if _, err := hangup.Call(t.Context(), c, None{}); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
	<-began
	c.Close()
	<-ended
	waits.Wait()
	if err := s.Wait(); err != nil {
		t.Error("Wait:", err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	_, silent := io.Pipe()
	s = Serve(ctx, r, silent, usual, a.table)
	why := make(chan error, 1)
	_, cw := io.Pipe()
	cr, sw := io.Pipe()
	c = NewClient(cr, cw, usual, func(err error) { why <- err })
	cancel()
	if err := s.Wait(); err != nil {
		t.Error("Wait:", err)
	}
	if _, err := w.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Error("the reading side is open:", err)
	}
	_ = sw.Close()
	if err := <-why; err != nil {
		t.Error("ended:", err)
	}
	c.Close()
}

func TestPushesInOrder(t *testing.T) {
	var got []int
	all := make(chan struct{})
	_, c := pipes(t, &fakeAgent{}, progress.Receive(func(c count) {
		if got = append(got, c.N); c.N == 999 {
			close(all)
		}
	}))
	if n, err := place.Call(t.Context(), c, dialParams{"1", 1000}); err != nil || n != 1000 {
		t.Fatal(n, err)
	}
	select {
	case <-all:
	case <-c.Done():
		t.Fatal("the connection ended")
	}
	if len(got) != 1000 || !slices.IsSorted(got) {
		t.Error(got)
	}
}

// Of what is posted the newest counts, no more often than it may come.
func TestPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var of, all []int
		s, _ := pipes(t, &fakeAgent{},
			newest.Receive(func(c count) { of = append(of, c.N) }), few.Receive(func(c count) { all = append(all, c.N) }))
		for i := range 1000 {
			newest.Post(s, count{i})
			time.Sleep(time.Millisecond) // of the bubble's clock
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if len(of) < 5 || len(of) > 11 || of[len(of)-1] != 999 || !slices.IsSorted(of) {
			t.Error(of)
		}
		for i := range 4 {
			few.Post(s, count{i})
		}
		synctest.Wait()
		if !slices.Equal(all, []int{0, 1, 2, 3}) {
			t.Error(all)
		}
		s.Close()
	})
}

// A client that never reads does not hold up who posts, or closes.
func TestPostingAndClosingNeverBlock(t *testing.T) {
	r, _ := io.Pipe()
	_, w := io.Pipe()
	s := Serve(t.Context(), r, w, usual, (&fakeAgent{}).table)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for i := range 100 {
			newest.Post(s, count{i})
			few.Post(s, count{i})
		}
		s.Close()
	}()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("blocked")
	}
	if n := len(s.queueLocked("Few").values); n > 4 {
		t.Errorf("%d are kept", n)
	}
}

func TestOneOwner(t *testing.T) {
	home(t)
	first, err := Acquire(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Acquire(t.Context(), name); !errors.Is(err, ErrRunning) {
		t.Errorf("a second one: %v", err)
	}
	other, err := Acquire(t.Context(), name+"-demo")
	if err != nil {
		t.Fatal("another name:", err)
	}
	for range 2 { // Close may be called again
		if err := errors.Join(first.Close(), other.Close()); err != nil {
			t.Error(err)
		}
	}
	if _, err := Connect(t.Context(), name, usual); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Connect: %v", err)
	}
	again, err := Acquire(t.Context(), name)
	if err != nil {
		t.Fatal("after Close:", err)
	}
	again.Close()
}

// What is reserved is nobody else's until it is given up, and no instance.
func TestReserve(t *testing.T) {
	home(t)
	release, err := Reserve(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Reserve(name); !errors.Is(err, ErrRunning) {
		t.Errorf("a second time: %v", err)
	}
	if _, err := Connect(t.Context(), name, usual); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Connect: %v", err)
	}
	other, err := Reserve(name + "-other")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(release(), other()); err != nil {
		t.Error(err)
	}
	if release, err := Reserve(name); err != nil || release() != nil {
		t.Errorf("after it was given up: %v", err)
	}
	if _, err := Reserve("../up"); err == nil {
		t.Error("a name that is a path")
	}
}

func TestNames(t *testing.T) {
	home(t)
	for _, bad := range []string{"", "../x", "a/b", `a\b`, "a b", "A", "\x00", strings.Repeat("a", 33)} {
		if o, err := Acquire(t.Context(), bad); err == nil || errors.Is(err, ErrRunning) {
			t.Errorf("Acquire %q: %v, %v", bad, o, err)
		}
		if c, err := Connect(t.Context(), bad, usual); err == nil || errors.Is(err, ErrNotRunning) {
			t.Errorf("Connect %q: %v, %v", bad, c, err)
		}
	}
}

// The two versions are named, for who reads the error.
func TestAnotherVersion(t *testing.T) {
	home(t)
	e := usual
	e.Version = 7
	run(t, &fakeAgent{}, e)
	_, err := Connect(within(t, 10*time.Second), name, usual)
	if err == nil || !strings.Contains(err.Error(), "speaks protocol 7, this is 1") {
		t.Error(err)
	}
}
