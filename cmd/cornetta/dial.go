package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/consent"
	"cornetta/ui/words"
)

type dialCmd struct {
	Number    []string `arg:"" optional:""`
	Clipboard bool
	Selection bool
	Redial    bool
	Private   bool
	JSON      bool `name:"json"`
	NoWait    bool
	Yes       bool
	Then      bool

	Withhold    bool
	AccountCode string `placeholder:"CODE"`
	List        string `type:"path" placeholder:"FILE"`
}

// Validate is called by kong, which treats its error as one of usage.
func (c *dialCmd) Validate() error {
	ways := 0
	for _, given := range []bool{len(c.Number) > 0, c.Clipboard, c.Selection, c.Redial, c.List != ""} {
		if given {
			ways++
		}
	}
	switch {
	case ways != 1:
		return errors.New(words.Text(words.SayOneWay))
	case c.Withhold && c.AccountCode != "", c.code() != "" && len(c.Number) == 0:
		return errors.New(words.Text(words.SayOneCode))
	}
	return nil
}

// code is the key of the code in front of the number, "" for none.
func (c *dialCmd) code() string {
	if c.Withhold {
		return number.KeyWithhold
	}
	return c.AccountCode
}

// from is where the number is read from, "" where it is an argument.
func (c *dialCmd) from() string {
	switch {
	case c.Clipboard:
		return control.Clipboard
	case c.Selection:
		return control.Selection
	case c.Redial:
		return control.Redial
	}
	return ""
}

// ongoing is a call that was accepted, placed by the running agent or by this
// process.
type ongoing interface {
	// placed is the call as the PBX's answer to the request left it.
	placed() call.Snapshot
	// next returns placed, then blocks for each further state; io.EOF after
	// the last one.
	next(ctx context.Context) (call.Snapshot, error)
	hangup(ctx context.Context) error
	close()
}

func (c *dialCmd) Run(e *env) error {
	if c.List != "" {
		return c.dialList(e)
	}
	o, err := c.start(e)
	if err != nil {
		return err
	}
	defer o.close()
	if c.NoWait {
		s := o.placed()
		c.print(e, s)
		return verdict(s, true)
	}
	return c.report(e, o)
}

// start places the call through the running agent, or by itself where none
// runs.
func (c *dialCmd) start(e *env) (ongoing, error) {
	text := strings.Join(c.Number, " ") // a shell takes a number with spaces apart
	ctx, cancel := context.WithTimeout(e.ctx, controlTime)
	defer cancel()
	agent, err := control.Connect(ctx, instance)
	switch {
	case err == nil:
		return c.dialThrough(e, agent, text)
	case !errors.Is(err, ipc.ErrNotRunning):
		return nil, err
	}
	return c.dialAlone(e, text)
}

// report prints the states until the call is over.
func (c *dialCmd) report(e *env, o ongoing) error {
	_, err := c.follow(e, o)
	return err
}

// follow is report that returns how the call ended. When it is interrupted it hangs up, and
// goes on to say how.
func (c *dialCmd) follow(e *env, o ongoing) (last call.Snapshot, err error) {
	ctx := e.ctx
	for {
		s, err := o.next(ctx)
		switch {
		case err == nil:
			if last.State == "" && (s.State == call.Failed || s.State == call.Unknown) {
				// Refused, or lost, at once: that it was requested is told all the same.
				asked := s
				asked.State, asked.Cause, asked.Detail = call.Requested, "", ""
				c.print(e, asked)
			}
			last = s
			c.print(e, s)
		case errors.Is(err, io.EOF):
			return last, verdict(last, false)
		case e.ctx.Err() != nil && ctx == e.ctx:
			var cancel func()
			ctx, cancel = context.WithTimeout(context.WithoutCancel(e.ctx), 10*time.Second)
			defer cancel()
			complain(e.err, words.Text(words.SayHangingUp))
			if err := o.hangup(ctx); err != nil && !errors.Is(err, dialer.ErrNoCall) {
				return last, exit(exitUnknown, words.Text(words.SayNotHungUp))
			}
		default:
			return last, exit(exitUnknown, words.Text(words.SayNotFollowed))
		}
	}
}

// verdict is the exit status for how the call stands.
func verdict(s call.Snapshot, accepted bool) error {
	switch {
	case s.Success(), accepted && s.Live():
		return nil
	case s.State == call.Unknown, s.State.Live():
		return exit(exitUnknown, "")
	}
	return exit(exitFailed, "")
}

func (c *dialCmd) print(e *env, s call.Snapshot) {
	_ = printState(e, s, s.LineAt(time.Now()), c.JSON)
}

// printState prints a state of a call: what is in line as JSON, or a sentence.
func printState(e *env, s call.Snapshot, line any, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(e.out).Encode(line)
	}
	text := words.CallTitle(s)
	if body := words.CallBody(s, time.Now()); body != "" {
		text += ": " + body
	}
	_, err := fmt.Fprintln(e.out, text)
	return err
}

// asked calls do. Where that says that a number has to be asked about first, or is one
// of several, it asks the person at the terminal and calls agreed with the id of what
// they agreed to, and how. To pick one of several numbers is consent to it.
func asked[T any](c *dialCmd, e *env, do func() (T, error), agreed func(id uint64, w status.Wish) (T, error)) (T, error) {
	v, err := do()
	if ask := status.Find(err, status.CodeConfirm); ask != nil && len(ask.Offers) == 1 {
		if err := c.consent(e, ask.Offers[0]); err != nil {
			return v, err
		}
		return agreed(ask.Offers[0].ID, c.wish(e, ask.Offers[0]))
	}
	if several := status.Find(err, status.CodeSeveral); several != nil {
		picked, err := e.pick(several)
		if err != nil {
			return v, err
		}
		return agreed(picked.ID, c.wish(e, picked))
	}
	return v, err
}

// wish is what the person wants with the call for o: with --then, or a yes to that, the PBX
// keys in what follows the number.
func (c *dialCmd) wish(e *env, o status.Offer) status.Wish {
	w := status.Wish{Then: c.Then && o.Then != ""}
	switch {
	case w.Then || o.Then == "":
	case c.Yes || !e.atTerminal():
		complain(e.err, words.YesThen(o.Then))
	default:
		w.Then = e.askYes(words.DialThen(o.Then))
	}
	return w
}

// consent asks the person at the terminal about an offer. Where there is no terminal
// only --yes is consent.
func (c *dialCmd) consent(e *env, o status.Offer) error {
	why := words.NumberReasons(o.Reasons)
	if c.Yes || e.askYes(words.DialIt(o.Shown, why)) {
		return nil
	}
	if e.ctx.Err() != nil {
		return e.ctx.Err()
	}
	return exit(exitFailed, words.YesDials(o.Shown, why))
}

// giveUp hangs up where ctx was interrupted before the PBX answered the request: the
// PBX may have accepted it, and the phone may ring.
func giveUp(ctx context.Context, hangup func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := hangup(ctx); err != nil && !errors.Is(err, dialer.ErrNoCall) {
		return exit(exitUnknown, words.Text(words.SayInterruptedNot))
	}
	return exit(exitFailed, words.Text(words.SayInterrupted))
}

// dialThrough has the agent place the call.
func (c *dialCmd) dialThrough(e *env, agent *control.Client, text string) (ongoing, error) {
	given := func(placed *control.Call, err error) (*control.Call, error) {
		if err != nil && e.ctx.Err() != nil {
			err = giveUp(e.ctx, func(ctx context.Context) error { return hangUpThrough(ctx, agent) })
		}
		return placed, err
	}
	placed, err := asked(c, e, func() (*control.Call, error) {
		if from := c.from(); from != "" {
			return given(agent.DialCopied(e.ctx, control.Copied{
				From: from, Asks: c.Yes || e.atTerminal(), Picks: e.atTerminal(), Private: c.Private,
			}, !c.NoWait))
		}
		if code := c.code(); code != "" {
			return given(agent.DialCoded(e.ctx, text, code, c.Private, !c.NoWait))
		}
		return given(agent.Dial(e.ctx, text, c.Private, !c.NoWait))
	}, func(id uint64, w status.Wish) (*control.Call, error) {
		return given(agent.DialOffer(e.ctx, id, w, !c.NoWait))
	})
	if err != nil {
		agent.Close()
		return nil, err
	}
	return &agentCall{agent, placed}, nil
}

type agentCall struct {
	agent *control.Client
	call  *control.Call
}

func (a *agentCall) placed() call.Snapshot                           { return a.call.Placed }
func (a *agentCall) next(ctx context.Context) (call.Snapshot, error) { return a.call.Next(ctx) }
func (a *agentCall) hangup(ctx context.Context) error                { return hangUpThrough(ctx, a.agent) }
func (a *agentCall) close()                                          { a.agent.Close() }

// ownCall is a call placed by this process.
type ownCall struct {
	*solo
	release func() error // lets other programs dial
	first   call.Snapshot
	updates chan call.Snapshot
	told    bool // next has returned first

	stopFollowing context.CancelFunc // nil: it is not followed
	following     sync.WaitGroup
}

func (c *dialCmd) dialAlone(e *env, text string) (ongoing, error) {
	cfg, err := e.settings()
	if err != nil {
		return nil, err
	}
	rules := cfg.Rules()
	m := consent.Made{Origin: call.Origin{Way: call.ByCommand}}
	switch from := c.from(); from {
	case "":
		m.Plan = number.Parse(text, number.Typed, rules)
	case control.Redial:
		if m, err = e.again(cfg); err != nil {
			return nil, err
		}
	default:
		if text, err = consent.Copied(e.ctx, from, cfg.Keys.CopyHighlighted); err != nil {
			return nil, err
		}
		m.Plan, m.Origin.Way = number.Parse(text, number.Clipboard, rules), call.ByCopy
		if from == control.Selection {
			m.Origin.Way = call.BySelection
		}
	}
	m.Origin.Private = c.Private
	if code := c.code(); code != "" {
		if m, err = consent.Behind(m, code); err != nil {
			return nil, err
		}
	}
	m, err = c.agreed(e, m)
	if err != nil {
		return nil, err
	}
	p := m.Plan
	o, err := c.placeAlone(e, cfg, m)
	if err == nil && p.Line != "" { // chosen once, and remembered
		if _, _, err := e.store.Change(func(c *config.Config) {
			if config.SameName(c.Account.Name, cfg.Account.Name) {
				c.Numbers.TypedLine = p.Line
			}
		}); err != nil {
			e.log.Warn("what was chosen is not remembered", slog.Any("err", err))
		}
	}
	return o, err
}

// placeAlone dials m, to which there is consent, in this process. cfg are the settings by
// which m was made: like the agent it refuses what was agreed to before they were changed.
func (c *dialCmd) placeAlone(e *env, cfg config.Config, m consent.Made) (ongoing, error) {
	now, err := e.settings()
	if err != nil {
		return nil, err
	}
	if now.Account != cfg.Account || !reflect.DeepEqual(now.Rules(), cfg.Rules()) {
		return nil, dialer.ErrAccountChanged
	}
	a := cfg.Account
	if a.Extension == "" {
		return nil, dialer.ErrNotSetUp
	}
	password, err := e.password(a)
	if err != nil {
		return nil, err
	}
	// Of two that start at the same moment one dials.
	release, err := ipc.Reserve(control.Phone(instance))
	switch {
	case errors.Is(err, ipc.ErrRunning):
		return nil, exit(exitFailed, words.Text(words.SayDialsAlready))
	case err != nil: // the disk is full, say
		release = func() error { return nil }
	}
	d, err := e.newSolo(a, password)
	if err != nil {
		return nil, errors.Join(err, release())
	}
	o := &ownCall{solo: d, release: release, updates: make(chan call.Snapshot)}
	snapshots, cancel := d.Subscribe()
	s, err := d.DialFrom(e.ctx, m.Plan, m.Origin)
	if err != nil {
		if e.ctx.Err() != nil && d.Snapshot().Call != nil {
			err = giveUp(e.ctx, d.Hangup)
		}
		cancel()
		o.close()
		return nil, err
	}
	o.first = s
	ctx, stop := context.WithCancel(context.WithoutCancel(e.ctx))
	o.stopFollowing = stop
	o.following.Go(func() { dialer.Follow(ctx, snapshots, cancel, s, o.updates) })
	return o, nil
}

// agreed is what the person agrees to of m.
func (c *dialCmd) agreed(e *env, m consent.Made) (consent.Made, error) {
	var offers consent.Offers
	return asked(c, e, func() (consent.Made, error) {
		return m, consent.Ask(offers.Offer(m))
	}, offers.Agreed)
}

func (o *ownCall) next(ctx context.Context) (call.Snapshot, error) {
	if !o.told {
		o.told = true
		return o.first, nil
	}
	select {
	case s, ok := <-o.updates:
		if !ok {
			return s, io.EOF
		}
		return s, nil
	case <-ctx.Done():
		return call.Snapshot{}, ctx.Err()
	}
}

func (o *ownCall) placed() call.Snapshot { return o.first }

func (o *ownCall) hangup(ctx context.Context) error { return o.Hangup(ctx) }

func (o *ownCall) close() {
	if o.stopFollowing != nil {
		o.stopFollowing()
		o.following.Wait()
	}
	o.solo.close()
	_ = o.release() // it ends with the program at the latest
}
