package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
)

type dialCmd struct {
	Count     int           `default:"10" help:"How many dialers; each places one call."`
	Within    time.Duration `default:"1m" help:"The time in which all calls are placed."`
	Extension []string      `required:"" placeholder:"EXT,…" help:"Whose phones ring, in turn."`
	To        []string      `required:"" placeholder:"NUMBER,…" help:"What is dialled, in turn, as typed on a phone."`
	Talk      time.Duration `default:"10s" help:"When to hang up a call that was answered."`
}

// callGrace is how long the end of a call may take that was hung up.
const callGrace = 15 * time.Second

// outcome is what became of one dialer's call.
type outcome struct {
	states   string // all it went through
	whole    bool   // no state was left out or unknown
	foreign  bool   // something of another call was seen
	accepted time.Duration
	refusal  string // it was not placed
}

func (c *dialCmd) Run(e *env) error {
	if err := bounded(c.Count, c.Within, mostCalls, "calls"); err != nil {
		return err
	}
	if c.Talk < 0 || c.Talk > time.Hour {
		return usage("--talk is at most an hour")
	}
	pairs, err := e.access.pairs(c.Extension, c.To)
	if err != nil {
		return err
	}
	var callers []string
	for _, p := range pairs {
		fmt.Fprintln(e.out, p)
		callers = append(callers, p.extension)
	}
	f := launch(e.ctx, e, c.Count, config.ConnectionOnDemand, callers)
	defer f.close()
	m := e.meter()
	var mu sync.Mutex // guards all
	var all []outcome
	f.each(e.ctx, c.Within, func(i int, d *dialer.Dialer) {
		o := c.call(e, d, pairs[i%len(pairs)])
		mu.Lock()
		defer mu.Unlock()
		all = append(all, o)
	})
	pbx, _ := m.cores()
	return c.report(e, f, all, pbx)
}

func (c *dialCmd) report(e *env, f *fleet, all []outcome, pbx float64) error {
	sequences, refusals := tally{}, tally{}
	placed, whole, foreign := 0, 0, 0
	var accepted []time.Duration
	for _, o := range all {
		if o.refusal != "" {
			refusals[o.refusal]++
			continue
		}
		placed++
		accepted = append(accepted, o.accepted)
		sequences[o.states]++
		if o.whole {
			whole++
		}
		if o.foreign {
			foreign++
		}
	}
	n := f.traffic.counts()
	rows := [][]string{
		{"calls placed", strconv.Itoa(placed) + " of " + strconv.Itoa(c.Count)},
		{"with all their states", strconv.Itoa(whole)},
		{"with a state of another call", strconv.Itoa(foreign)},
		{"from the wish to the PBX's answer", quantiles(accepted)},
		{"connections", strconv.Itoa(n.opened)},
		{"sessions open at once", strconv.Itoa(f.traffic.mostOpen())},
		{"bytes received", strconv.FormatInt(n.received, 10)},
		{"PBX, cores", cores(pbx)},
	}
	e.table(append(append(rows, sequences.rows()...), refusals.rows()...)...)
	if whole < c.Count || foreign > 0 {
		return errors.New("not every call went as it should")
	}
	return nil
}

// call places one call and follows it to its end. It is hung up after Talk, and
// when the scenario is interrupted.
func (c *dialCmd) call(e *env, d *dialer.Dialer, p pair) (o outcome) {
	snapshots, cancel := d.Subscribe()
	defer cancel()
	began := time.Now()
	// Not interrupted: a request that was not answered could not be hung up reliably.
	ctx, stop := context.WithTimeout(context.WithoutCancel(e.ctx), answerWithin)
	placed, err := d.Dial(ctx, p.plan)
	stop()
	if err != nil {
		o.refusal = trouble(err)
		return o
	}
	o.accepted = time.Since(began)

	hangUp := time.NewTimer(time.Duration(e.access.account.Timeout) + time.Minute) // for what is never answered
	defer hangUp.Stop()
	giveUp := time.NewTimer(longest)
	defer giveUp.Stop()
	interrupted := e.ctx.Done()
	end := func() {
		giveUp.Reset(callGrace)
		ctx, stop := context.WithTimeout(context.WithoutCancel(e.ctx), callGrace)
		defer stop()
		_ = d.Hangup(ctx)
	}
	var states []call.State
	var last call.Snapshot
	for last.State == "" || last.Live() {
		select {
		case s := <-snapshots:
			if s.Call == nil || s.Call.State == last.State {
				continue
			}
			last = *s.Call
			states = append(states, last.State)
			o.foreign = o.foreign || last.ID != placed.ID || last.Number != p.plan.Dial || last.Extension != p.extension
			if last.State == call.InCall {
				hangUp.Reset(c.Talk)
			}
		case <-hangUp.C:
			end()
		case <-interrupted:
			interrupted = nil
			end()
		case <-giveUp.C:
			o.states = join(states) + " and no end"
			return o
		}
	}
	o.states, o.whole = join(states), whole(states)
	if last.Cause != "" {
		o.states += " (" + string(last.Cause) + ")"
	}
	return o
}

func join(states []call.State) string {
	var names []string
	for _, s := range states {
		names = append(names, string(s))
	}
	return strings.Join(names, " ")
}

// whole tells whether a call has gone through every state up to where it ended.
func whole(states []call.State) bool {
	way := []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar, call.InCall}
	last := states[len(states)-1]
	before := states[:len(states)-1]
	for i, s := range before {
		if i >= len(way) || s != way[i] {
			return false
		}
	}
	switch last {
	case call.Ended:
		return len(before) == len(way)
	case call.Failed, call.Cancelled:
		return len(before) > 0
	}
	return false
}
