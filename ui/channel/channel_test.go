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

	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// line is both ends on two pipes.
func line(ctx context.Context, a Agent) (*Server, *Client, *recorder) {
	ar, cw := io.Pipe()
	cr, aw := io.Pipe()
	rec := newRecorder()
	return Serve(ctx, ar, aw, a), Connect(cr, cw, rec), rec
}

func TestEveryMethodReachesTheAgent(t *testing.T) {
	a := &fakeAgent{}
	s, c, _ := line(t.Context(), a)
	defer s.Close()
	ctx := t.Context()

	if diff := cmp.Diff(a.Preview(ctx, "390"), c.Preview(ctx, "390")); diff != "" {
		t.Error(diff)
	}
	if got := c.Preview(ctx, "x"); got.Problem == nil || got.Problem.Fault != "letters" {
		t.Errorf("Preview of a bad number = %+v", got)
	}
	if p := c.Dial(ctx, 7, false); p != nil {
		t.Error(p)
	}
	if p := c.Dial(ctx, 8, true); p != nil {
		t.Error(p)
	}
	if p := c.Hangup(ctx); p != nil {
		t.Error(p)
	}
	a.problem = &status.Problem{Code: status.CodeCallInProgress}
	if p := c.TestCall(ctx); p == nil || !cmp.Equal(p, a.problem) {
		t.Errorf("TestCall = %v, want %v", p, a.problem)
	}
	want := []string{"preview 390", "preview 390", "preview x", "dial 7 false", "dial 8 true", "hangup", "test call"}
	if diff := cmp.Diff(want, a.asked); diff != "" {
		t.Error(diff)
	}

	v, p := c.Settings(ctx)
	if diff := cmp.Diff(a.Settings(ctx), v); diff != "" || p != nil {
		t.Error(diff, p)
	}
	if got := c.Secret(ctx); got != a.Secret(ctx) {
		t.Errorf("Secret = %+v", got)
	}
	v.Numbers.Prefix = "0"
	if p := c.CheckKeys(ctx, "D"); p == nil || p.Code != status.CodeKeysBad {
		t.Errorf("CheckKeys = %v", p)
	}
	if r := c.Registered(ctx); !r.Autostart || r.Links || strings.ContainsAny(r.Other, "\n\u202e") || len([]rune(r.Other)) != MaxText {
		t.Errorf("Registered = %+v", r)
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
	got := make(chan string, 1)
	go func() { got <- c.AwaitKeys(waiting) }()
	asked("await keys")
	giveUp()
	if got := <-got; got != "" {
		t.Errorf("AwaitKeys = %q", got)
	}
	asked("awaited in vain")
	a.problem = nil
	if got := c.AwaitKeys(ctx); got != "Ctrl+Alt+D" {
		t.Errorf("AwaitKeys = %q", got)
	}
	secret := "pa ss\"\\wörd"
	acc := v.Account
	acc.Host, acc.Timeout = "pbx.example", config.Duration(7*time.Second)
	all := Edit{
		Account: acc, Link: config.LinkKept, Secret: &secret, Numbers: &v.Numbers, Keys: &v.Keys,
		Register: &Register{Links: true},
	}
	saved := c.Save(ctx, all)
	if saved.Problem != nil || saved.Warning == nil || saved.Warning.Code != status.CodeSecretSession {
		t.Errorf("Saved = %+v", saved)
	}
	c.Save(ctx, Edit{Account: acc})
	if diff := cmp.Diff([]Edit{all, {Account: acc}}, a.edits); diff != "" {
		t.Error(diff)
	}
	list, p := c.Recent(ctx, 3)
	if p != nil || len(list) != 3 || list[2] != a.Recent(ctx, 3)[2] {
		t.Errorf("Recent = %v, %v", list, p)
	}
	if list, _ := c.Recent(ctx, 100000); len(list) != maxRecent {
		t.Errorf("Recent(100000) gave %d, want %d", len(list), maxRecent)
	}
}

func TestALongListOfExtensionsComesWhole(t *testing.T) {
	a := &fakeAgent{}
	for i := range 3000 {
		a.extensions = append(a.extensions, status.Extension{
			Number: fmt.Sprint(1000 + i), Hint: strings.Repeat("\u202e<ü>", 40), Status: i % 5,
		})
	}
	s, c, _ := line(t.Context(), a)
	defer s.Close()
	got, p := c.Extensions(t.Context(), Edit{})
	if p != nil || len(got) != 3000 {
		t.Fatalf("got %d, %v", len(got), p)
	}
	for i, e := range got {
		if e.Number != fmt.Sprint(1000+i) || strings.Contains(e.Hint, "\u202e") || len([]rune(e.Hint)) > MaxText {
			t.Fatalf("entry %d = %+v", i, e)
		}
	}
	a.extensions = nil
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
		Fingerprint: strings.Repeat("ab", 32), Subject: "CN=pbx\u202e\n" + strings.Repeat("x", 100),
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
	if sub := p.Cert.Subject; strings.ContainsAny(sub, "\n\u202e") || len([]rune(sub)) != MaxText {
		t.Errorf("subject not cleaned: %q", sub)
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
	if p := c.Dial(t.Context(), 1, false); p != nil {
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
	if p := c.Answer(t.Context(), 3, true); p != nil {
		t.Error(p)
	}
	a.problem = &status.Problem{Code: status.CodeCallInProgress}
	if p := c.Answer(t.Context(), 4, false); p == nil || !cmp.Equal(p, a.problem) {
		t.Errorf("Answer = %v", p)
	}
	if diff := cmp.Diff([]string{"answer 3 true", "answer 4 false"}, a.asked); diff != "" {
		t.Error(diff)
	}
}
