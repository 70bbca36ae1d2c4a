// Package doctor finds out what keeps a person from dialling. It goes the way of a call
// hop by hop (the settings, the PBX's name, its port, TLS, the AMI, the login, what its
// user may do) and looks at what Cornetta uses of the desktop, and says of each what was
// seen and what to do about it, in ui/words.
//
// It asks the packages that do the work: dialer for the way to the PBX, dialer/secret for
// the keyring, ui/desktop and ui/tray for the desktop, and the running agent for what only
// that knows. What a check finds is a status.Finding. It changes nothing, asks the person
// nothing, and calls nobody unless it is given a way to call.
//
// Each check has a goroutine, and waits for those that it makes no sense without. Where
// one of these failed it is not tried, so that of a chain only the hop is named that
// broke. Every check has a limit; one that does not end by then is left behind and says
// so. Examine waits for all of them.
//
// The tests are a table of faults, each made on the real thing (a resolver that hangs, a
// port, a server with a weak certificate, pbxsim), with the one hop that it has to name;
// those of the desktop, on a desktop, are in cmd/cornetta.
package doctor

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// Options are what the doctor works with.
type Options struct {
	Version  string // of this program
	Store    *config.Store
	StateDir string // where the list of calls is; "": nowhere
	Keys     *secret.SessionStore
	Logins   *dialer.Logins
	Log      *slog.Logger

	// Agent asks the running agent; ipc.ErrNotRunning where there is none.
	Agent func(ctx context.Context) (control.InsideResult, status.Snapshot, error)
	// Windows is the path of the program that draws the windows.
	Windows func() (string, error)
	// Call places a call and follows it. nil: none is placed.
	Call func(ctx context.Context) (status.FindingState, words.Sentence)
	// Found is called with each finding as it is there, one at a time. It may be nil.
	Found func(status.Finding)
}

// Report is what was found.
type Report struct {
	Checks []status.Finding `json:"checks"` // those that were tried, in the order of a call
	OK     bool             `json:"ok"`     // nothing is wrong, and nothing was left untried

	All []status.Finding `json:"-"` // with those that were not tried
}

// Worst is the worst of the states.
func (r Report) Worst() status.FindingState {
	worst := status.FindingOK
	for _, f := range r.All {
		switch {
		case f.State == status.FindingFailed:
			return f.State
		case f.State != status.FindingOK:
			worst = status.FindingWarning
		}
	}
	return worst
}

// Count says how many ended how.
func (r Report) Count(s status.FindingState) (n int) {
	for _, f := range r.All {
		if f.State == s {
			n++
		}
	}
	return n
}

// verdict is how a check ended.
type verdict struct {
	state status.FindingState
	says  words.Sentence
	learn func() // notes what later checks need; called only if the check ended in time
}

func ok(s words.Sentence) verdict     { return verdict{state: status.FindingOK, says: s} }
func warn(s words.Sentence) verdict   { return verdict{state: status.FindingWarning, says: s} }
func failed(s words.Sentence) verdict { return verdict{state: status.FindingFailed, says: s} }

func (v verdict) and(learn func()) verdict {
	v.learn = learn
	return v
}

// wrong is failed for an error.
func wrong(err error, attempt status.Attempt) verdict {
	return failed(words.Problem(*dialer.ProblemOf(err, attempt)))
}

// check is one thing to look at.
type check struct {
	id    string
	needs []string // it makes no sense where one of these failed
	after []string // it waits for these, however they end
	limit time.Duration
	run   func(ctx context.Context) verdict
}

// usualLimit is for a check that has none of its own. What it asks answers within
// milliseconds where all is well.
const usualLimit = 5 * time.Second

// slowLimit is for what starts programs, which on a busy machine takes long.
const slowLimit = 6 * usualLimit

// grace is how much later than its limit a check may end.
const grace = 500 * time.Millisecond

// Examine makes all checks, side by side where they can be. It blocks until the last one
// has ended, which is slowLimit after the first hop that hangs, at most, or soon after ctx
// ended.
func Examine(ctx context.Context, o Options) Report {
	p := &patient{Options: o}
	defer p.leave()
	return examine(ctx, p.checks(), o.Found)
}

func examine(ctx context.Context, checks []check, found func(status.Finding)) Report {
	type outcome struct {
		status.Finding
		because []string // those that failed, for one that was not tried
		done    chan struct{}
	}
	outcomes := map[string]*outcome{}
	for _, c := range checks {
		outcomes[c.id] = &outcome{done: make(chan struct{})}
	}
	var telling sync.Mutex
	var wg sync.WaitGroup
	for _, c := range checks {
		wg.Go(func() {
			o := outcomes[c.id]
			defer close(o.done)
			for _, id := range slices.Concat(c.needs, c.after) {
				if before := outcomes[id]; before != nil {
					<-before.done
				}
			}
			for _, id := range c.needs {
				switch before := outcomes[id]; {
				case before == nil:
				case before.State == status.FindingFailed:
					o.because = append(o.because, id)
				case before.State == status.FindingUntried:
					o.because = append(o.because, before.because...)
				}
			}
			if len(o.because) > 0 {
				slices.Sort(o.because)
				o.because = slices.Compact(o.because)
				o.Finding = untried(c.id, o.because)
			} else {
				o.Finding = c.make(ctx)
			}
			if found != nil {
				telling.Lock()
				defer telling.Unlock()
				found(o.Finding)
			}
		})
	}
	wg.Wait()
	r := Report{Checks: []status.Finding{}, OK: true}
	for _, c := range checks {
		f := outcomes[c.id].Finding
		r.All = append(r.All, f)
		if f.State != status.FindingUntried {
			r.Checks = append(r.Checks, f)
		}
		r.OK = r.OK && f.State == status.FindingOK
	}
	return r
}

func untried(id string, because []string) status.Finding {
	var names []string
	for _, b := range because {
		names = append(names, words.Check(b))
	}
	return status.Finding{
		ID: id, State: status.FindingUntried, Seen: words.FoundBecause.Find(strings.Join(names, ", ")).What,
	}
}

// make makes the check.
func (c check) make(ctx context.Context) status.Finding {
	limit := c.limit
	if limit == 0 {
		limit = usualLimit
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	began := time.Now()
	ended := make(chan verdict, 1)
	go func() { ended <- c.run(ctx) }() // what hangs in a disk or a driver is left behind
	var v verdict
	late := time.NewTimer(limit + grace)
	defer late.Stop()
	select {
	case v = <-ended:
	case <-late.C:
		v = failed(words.FoundHung.Find(words.Short(limit)))
	}
	if v.learn != nil {
		v.learn()
	}
	seen := v.says.What
	if v.says.IsZero() {
		seen = words.FindingState(v.state)
	}
	return status.Finding{
		ID: c.id, State: v.state, Seen: seen, Do: v.says.Do, TookMS: time.Since(began).Milliseconds(),
	}
}
