package channel

import (
	"context"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"cornetta/ami/clean"
	"cornetta/dialer/config"
	"cornetta/dialer/ipc"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line is both ends on two pipes.
func line(ctx context.Context, a *fakeAgent) (*Server, *Client, *recorder) {
	ar, cw := io.Pipe()
	cr, aw := io.Pipe()
	rec := newRecorder()
	return Serve(ctx, ar, aw, a.table), Connect(cr, cw, rec), rec
}

func TestCalls(t *testing.T) {
	a := &fakeAgent{}
	s, c, _ := line(t.Context(), a)
	defer s.Close()
	ctx := t.Context()

	got, p := Call(ctx, c, Preview, PreviewParams{Text: "390"})
	if diff := cmp.Diff(offered, got); diff != "" || p != nil {
		t.Error(diff, p)
	}
	if p := Do(ctx, c, Dial, DialParams{ID: 8, Remember: true}); p != nil {
		t.Error(p)
	}
	a.problem = &status.Problem{Code: status.CodeCallInProgress, Detail: "x"}
	if p := Do(ctx, c, Dial, DialParams{ID: 7}); !cmp.Equal(p, a.problem) {
		t.Errorf("Dial = %v, want %v", p, a.problem)
	}
	if p := Do(ctx, c, Hangup, ipc.None{}); p == nil || p.Code != status.CodeUnforeseen {
		t.Errorf("what the agent has no answer for: %v", p)
	}
	// A form goes over whole, a secret with whatever is in it.
	secret, numbers := "pa ss\"\\wörd", number.Settings{Region: "IT", LocalContexts: []string{"pbx.example.com"}}
	form := Edit{
		Account: config.Account{Host: "pbx.example", Timeout: config.Duration(7 * time.Second)},
		Link:    config.ConnectionKept, Secret: &secret, Numbers: &numbers, Keys: &config.Keys{Clipboard: "Ctrl+Alt+G"}, Register: &Register{Links: true},
	}
	saved, p := Call(ctx, c, Save, form)
	Do(ctx, c, Save, Edit{Account: form.Account})
	if diff := cmp.Diff([]Edit{form, {Account: form.Account}}, a.edits); diff != "" {
		t.Error(diff)
	}
	if p != nil || saved.Warning == nil || saved.Warning.Code != status.CodeSecretSession {
		t.Errorf("Saved = %+v, %v", saved, p)
	}
	// A wait that is given up ends at the agent, too. It is given up when it has
	// begun: one that is over before then is never begun.
	asked := func(what string) {
		t.Helper()
		eventually(t, func() bool {
			a.mu.Lock()
			defer a.mu.Unlock()
			return slices.Contains(a.asked, what)
		})
	}
	waiting, giveUp := context.WithCancel(ctx)
	gaveUp := make(chan *status.Problem, 1)
	go func() { gaveUp <- Do(waiting, c, AwaitKeys, ipc.None{}) }()
	asked("await keys")
	giveUp()
	if p := <-gaveUp; p == nil || p.Code != status.CodeAgentSilent {
		t.Errorf("AwaitKeys = %v", p)
	}
	asked("awaited in vain")
	want := []string{
		"preview 390", "dial 8 true", "dial 7 false", "await keys", "awaited in vain",
	}
	if diff := cmp.Diff(want, a.asked); diff != "" {
		t.Error(diff)
	}
}

func TestALongListOfExtensionsComesWhole(t *testing.T) {
	a := &fakeAgent{}
	for i := range 3000 {
		a.list = append(a.list, status.Extension{
			Number: fmt.Sprint(1000 + i), Hint: clean.Foreign(strings.Repeat("<ü>", 20)), Status: i % 5,
		})
	}
	s, c, _ := line(t.Context(), a)
	defer s.Close()
	got, p := c.Extensions(t.Context(), Edit{})
	if p != nil || len(got) != 3000 {
		t.Fatalf("got %d, %v", len(got), p)
	}
	for i, e := range got {
		if e != a.list[i] {
			t.Fatalf("entry %d = %+v", i, e)
		}
	}
	a.list = nil
	if got, p := c.Extensions(t.Context(), Edit{}); p != nil || len(got) != 0 {
		t.Errorf("an empty list = %v, %v", got, p)
	}
	a.problem = &status.Problem{Code: status.CodeNoPermission}
	if _, p := c.Extensions(t.Context(), Edit{}); p == nil || p.Code != a.problem.Code {
		t.Errorf("problem = %v", p)
	}
}

func TestCheckReportsItsStepsAndItsCertificate(t *testing.T) {
	cert := &status.Cert{
		Fingerprint: strings.Repeat("ab", 32), Subject: "CN=pbx",
		NotAfter: time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC),
	}
	fail := &status.Problem{Code: status.CodeCertSelf, Cert: cert}
	a := &fakeAgent{check: func(_ context.Context, report func(CheckStep)) *status.Problem {
		report(CheckStep{Step: status.StepResolve, State: StepRunning})
		report(CheckStep{Step: status.StepResolve, State: StepOK})
		report(CheckStep{Step: status.StepTLS, State: StepFailed, Problem: fail})
		return fail
	}}
	s, c, rec := line(t.Context(), a)
	defer s.Close()
	n := c.NewCheck()
	steps, p := c.CheckAccount(t.Context(), n, Edit{})
	if p == nil || p.Cert == nil || p.Cert.Fingerprint != cert.Fingerprint || !p.Cert.NotAfter.Equal(cert.NotAfter) {
		t.Fatalf("problem = %+v", p)
	}
	if len(steps) != 2 || steps[0].Step != status.StepResolve || steps[1].State != StepFailed || steps[1].Check != n {
		t.Errorf("steps = %+v", steps)
	}
	eventually(t, func() bool {
		rec.mu.Lock()
		defer rec.mu.Unlock()
		return len(rec.steps) == 3
	})
}

func TestACheckThatIsGivenUpIsCancelled(t *testing.T) {
	started, ended := make(chan struct{}), make(chan struct{})
	a := &fakeAgent{check: func(ctx context.Context, _ func(CheckStep)) *status.Problem {
		close(started)
		<-ctx.Done()
		close(ended)
		return nil
	}}
	s, c, _ := line(t.Context(), a)
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-started; cancel() }()
	if _, p := c.CheckAccount(ctx, c.NewCheck(), Edit{}); p == nil || p.Code != status.CodeAgentSilent {
		t.Errorf("problem = %v", p)
	}
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("the agent goes on with a check that nobody waits for")
	}
	if p := Do(t.Context(), c, Dial, DialParams{ID: 1}); p != nil {
		t.Errorf("the channel did not survive: %v", p)
	}
}

func TestShowsArriveInOrder(t *testing.T) {
	s, _, rec := line(t.Context(), &fakeAgent{})
	defer s.Close()
	s.Show(Show{Window: WindowDial, Text: "1"})
	last := Show{Window: WindowSettings, Reason: "why", Choices: []status.Offer{{Shown: "0 5", Reasons: []string{"premium"}}}}
	s.Show(last)
	last.N = 2
	eventually(t, func() bool {
		rec.mu.Lock()
		defer rec.mu.Unlock()
		n := len(rec.shows)
		return n > 0 && reflect.DeepEqual(rec.shows[n-1], last)
	})
}

func eventually(t *testing.T, cond func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); !cond(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("did not happen within 5 s")
		}
	}
}

func TestAskAndAnswer(t *testing.T) {
	a := &fakeAgent{}
	s, c, rec := line(t.Context(), a)
	defer s.Close()
	q := Ask{Offer: status.Offer{ID: 3, Shown: "0 390", Reasons: []string{"link"}}, Ignored: 2}
	for i := range 100 { // counts that change quickly are merged, the last one counts
		q.More = i
		s.PushAsk(q)
	}
	eventually(t, func() bool {
		rec.mu.Lock()
		defer rec.mu.Unlock()
		n := len(rec.asks)
		return n > 0 && cmp.Equal(rec.asks[n-1], q)
	})
	if p := Do(t.Context(), c, Answer, AnswerParams{ID: 3, Yes: true}); p != nil {
		t.Error(p)
	}
	a.problem = &status.Problem{Code: status.CodeCallInProgress}
	if p := Do(t.Context(), c, Answer, AnswerParams{ID: 4}); p == nil || !cmp.Equal(p, a.problem) {
		t.Errorf("Answer = %v", p)
	}
	if diff := cmp.Diff([]string{"answer 3 true", "answer 4 false"}, a.asked); diff != "" {
		t.Error(diff)
	}
}
