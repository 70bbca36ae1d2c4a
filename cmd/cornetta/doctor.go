package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/dialer/history"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/agent"
	"cornetta/ui/doctor"
	"cornetta/ui/words"
)

type doctorCmd struct {
	JSON   bool   `name:"json"`
	Bundle string `placeholder:"FILE"`
	Call   bool
	Echo   string `default:"800" placeholder:"NUMBER"`
}

func (c *doctorCmd) Run(e *env) error {
	var bundle *os.File
	if c.Bundle != "" { // before anything is done, and nothing is written over
		f, err := os.OpenFile(c.Bundle, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if errors.Is(err, fs.ErrExist) {
			return exit(exitUsage, words.BundleThere(c.Bundle))
		}
		if err != nil {
			return err
		}
		defer f.Close()
		bundle = f
	}
	o := doctor.Options{
		Version: version, Store: e.store, Keys: e.keys, Logins: e.logins, Log: e.log,
		Agent: e.inside, Windows: agent.UIPath,
	}
	if path, err := history.DefaultPath(); err == nil {
		o.StateDir = filepath.Dir(path)
	}
	if c.Call {
		o.Call = func(ctx context.Context) (status.FindingState, words.Sentence) { return c.callEcho(ctx, e) }
	}
	r := doctor.Examine(e.ctx, o)
	if e.ctx.Err() != nil {
		if bundle != nil {
			_ = os.Remove(c.Bundle)
		}
		return e.ctx.Err()
	}
	if c.JSON {
		if err := json.NewEncoder(e.out).Encode(r); err != nil {
			return err
		}
	} else {
		for _, f := range r.All {
			fmt.Fprintln(e.out, words.Finding(f))
		}
		fmt.Fprintln(e.out, words.FindingsSummary(r.Count(status.FindingOK), r.Count(status.FindingWarning),
			r.Count(status.FindingFailed), r.Count(status.FindingUntried)))
	}
	if bundle != nil {
		if err := c.write(e, bundle, r); err != nil {
			_ = os.Remove(c.Bundle)
			return err
		}
	}
	switch r.Worst() {
	case status.FindingFailed:
		return exit(exitFailed, "")
	case status.FindingWarning:
		return exit(exitWarnings, "")
	}
	return nil
}

// write writes the bundle and tells what is in it: to who reads JSON on standard error.
func (c *doctorCmd) write(e *env, f *os.File, r doctor.Report) error {
	settings, err := e.store.Load()
	if err != nil {
		settings = e.store.Readable()
	}
	b := doctor.Bundle{Version: version, Report: r, Settings: settings, Log: e.agentLog(), At: time.Now()}
	names, err := b.Write(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	out := e.out
	if c.JSON {
		out = e.err
	}
	fmt.Fprintln(out, words.BundleHolds(c.Bundle, names))
	return nil
}

// agentLog is the end of the running agent's log, nothing where none runs.
func (e *env) agentLog() []string {
	ctx, cancel := context.WithTimeout(e.ctx, controlTime)
	defer cancel()
	c, err := control.Connect(ctx, instance)
	if err != nil {
		return nil
	}
	defer c.Close()
	lines, _ := c.Log(ctx) // as far as it came
	return lines
}

// inside asks the running agent what only that knows.
func (e *env) inside(ctx context.Context) (r control.InsideResult, s status.Snapshot, err error) {
	c, err := control.Connect(ctx, instance)
	if err != nil {
		return r, s, err
	}
	defer c.Close()
	if s, err = control.Status.Call(ctx, c, ipc.None{}); err != nil {
		return r, s, err
	}
	r, err = control.Inside.Call(ctx, c, control.InsideParams{})
	return r, s, err
}

const (
	echoTalks = 3 * time.Second  // how long the echo is listened to
	echoWaits = 90 * time.Second // for all of the call
)

// callEcho calls the echo service, as dial would, and hangs up a moment after it has
// answered.
func (c *doctorCmd) callEcho(ctx context.Context, e *env) (status.FindingState, words.Sentence) {
	ctx, cancel := context.WithTimeout(ctx, echoWaits)
	defer cancel()
	quiet := *e // what dial prints about a call is not for the doctor's output
	quiet.ctx, quiet.in = ctx, strings.NewReader("")
	o, err := (&dialCmd{Number: []string{c.Echo}}).start(&quiet)
	if status.Find(err, status.CodeConfirm) != nil || errors.As(err, new(*exitError)) {
		return status.FindingFailed, words.FoundCallRefused.Find(words.Number(c.Echo))
	}
	if err != nil {
		return status.FindingFailed, words.Problem(*dialer.ProblemOf(err, status.AttemptDial))
	}
	defer o.close()
	var last call.Snapshot
	var picked, answered time.Time
	enough := make(<-chan time.Time)
	hungUp := false
	next := followed(ctx, o)
	for {
		select {
		case s, more := <-next:
			switch {
			case more:
				last = s
				if picked.IsZero() && s.State == call.AnsweredOwn {
					picked = time.Now()
				}
				if answered.IsZero() && s.State == call.InCall {
					answered = time.Now()
					enough = time.After(echoTalks)
				}
				continue
			case !answered.IsZero() && (last.Success() || last.State == call.Ended || last.State == call.Cancelled):
				took := time.Duration(0)
				if !picked.IsZero() {
					took = answered.Sub(picked)
				}
				return status.FindingOK, words.FoundCall.Find(words.Short(took))
			case ctx.Err() != nil:
				return status.FindingFailed, words.FoundCallOpen.Find(words.Short(echoWaits))
			}
			return status.FindingFailed, words.Cause(last.Cause)
		case <-enough:
			enough = nil
			hungUp = hangUpEcho(ctx, o)
		case <-ctx.Done():
			if !hungUp {
				hangUpEcho(ctx, o)
			}
			return status.FindingFailed, words.FoundCallOpen.Find(words.Short(echoWaits))
		}
	}
}

func hangUpEcho(ctx context.Context, o ongoing) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return o.hangup(ctx) == nil
}

// followed is what o tells, closed when that is over. Its goroutine ends with ctx.
func followed(ctx context.Context, o ongoing) <-chan call.Snapshot {
	states := make(chan call.Snapshot)
	go func() {
		defer close(states)
		for {
			s, err := o.next(ctx)
			if err != nil {
				return
			}
			select {
			case states <- s:
			case <-ctx.Done():
				return
			}
		}
	}()
	return states
}
