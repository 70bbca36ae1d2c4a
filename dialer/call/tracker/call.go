package tracker

import (
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/call"
)

const (
	// grace is how long a failure is not told yet, because an event may follow that
	// names its cause or shows that the call goes on: a DialEnd after its
	// OriginateResponse, the far leg's Hangup, the dialplan's next trunk.
	grace = time.Second

	// responseGrace is the same after a failed OriginateResponse while channels of the
	// call live: Asterisk sends it without the queue of its channels' events, and
	// where it is short of CPU those come seconds later (22.10).
	responseGrace = 5 * time.Second

	// serviceAfter is how long the own phone must be picked up, with nobody being
	// called, to count as connected to the PBX itself: the echo test, voicemail, a
	// conference.
	serviceAfter = 3 * time.Second

	// answerGrace is how long after the own phone's time to ring the PBX may
	// stay silent before the call is given up as unknown.
	answerGrace = 10 * time.Second
)

// Request is what was asked of the PBX.
type Request struct {
	ID             string // ours, for people and scripts
	ActionID       string // of the Originate
	ChannelID      string // asked for as the Uniqueid of Local;1
	OtherChannelID string // asked for as the Uniqueid of Local;2
	Channel        string // "Local/7101@c2c", or the own phone itself: "PJSIP/7101"
	Number         string // the dial string, as sent
	CallerName     string // the name in CallerID, as sent; it begins with CallerNames
	Extension      string
	TakesIDs       bool          // the server is known to use the two ids: names tell nothing
	RingTime       time.Duration // how long the own phone may ring
	Origin         call.Origin   `json:"Origin,omitzero"`
}

// Direct reports whether the PBX is asked to call the own phone itself, with no Local
// channel. Then there is one channel with the id that was asked for, which is the phone
// and runs the dialplan, too: it stands for halfOne, and the own side has no other.
func (r Request) Direct() bool { return !strings.HasPrefix(r.Channel, "Local/") }

// LocalContext is the context of a Local channel as an Originate names it; "" for any
// other channel.
func LocalContext(channel string) string {
	data, local := strings.CutPrefix(channel, "Local/")
	if !local {
		return ""
	}
	_, context, _ := strings.Cut(data, "@")
	context, _, _ = strings.Cut(context, "/")
	return context
}

// names begins the names of the channels that the request makes: Local/7101@c2c/n makes
// Local/7101@c2c-0000001f;1.
func (r Request) names() string {
	if !r.Direct() {
		if data, _, options := strings.Cut(strings.TrimPrefix(r.Channel, "Local/"), "/"); options {
			return "Local/" + data + "-"
		}
	}
	return r.Channel + "-"
}

// CallerNames begins the name in CallerID of every request of ours. The number
// follows, so that it names the call where there is no id (Asterisk 11).
const CallerNames = "c2c: "

// IDs begins the ids that every request of ours asks for, in whichever program: no call
// that comes in has them.
const IDs = "cornetta-"

// Call is one call's state machine. It is not safe for concurrent use.
type Call struct {
	req  Request
	snap call.Snapshot
	told call.Snapshot // snap when it was last asked for

	legs    map[string]*leg     // live channels by Uniqueid
	gone    map[string]int      // hung up, with this cause; a late or repeated event must not revive them
	bases   map[string]side     // sides of nested Local pairs, by name without ;1 and ;2
	bridges map[string][]string // who is in a bridge
	born    bool                // some channel was seen
	bridged bool                // some channel was seen to enter a bridge

	byID      bool   // the PBX uses the ids that were asked for
	knownPair string // where it does not: the name of our Local pair
	linked    bool   // events have a Linkedid
	ambiguous bool   // another Local pair has the same name, and ours may be that one

	cancelled       bool          // the person asked to hang up
	ownHungUp       bool          // the own phone left the bridge before Local;2 did
	refused         bool          // when it did, every attempt to reach the far side had failed
	pickedUpByOther bool          // somebody else picked up in place of the person's phones
	beforeLost      call.Snapshot // the Snapshot when the connection was lost
	missedEvents    bool          // there may be channels whose events were missed

	recalled map[string]MemoLeg // of a Memo, by Uniqueid, until Restore has found them

	own ownOutcome
	far farOutcome

	third     farOutcome // of the transfer
	takenBack bool       // the person asked for the end of the transfer

	deadline time.Time // when Tick has something to decide; zero: nothing
	onTick   func(now time.Time)
}

// New starts following the call asked for by r.
func New(r Request, now time.Time) *Call {
	name, _ := call.AccountParts(r.Origin.Account)
	c := &Call{
		req: r,
		snap: call.Snapshot{
			ID: r.ID, Number: r.Number, Extension: r.Extension, Account: name,
			State: call.Requested, Requested: now, Origin: r.Origin,
		},
		legs:    make(map[string]*leg, 8),
		gone:    make(map[string]int, 8),
		bases:   make(map[string]side),
		bridges: make(map[string][]string),
		own:     ownOutcome{direct: r.Direct(), tries: make(attempts)},
		far:     farOutcome{tries: make(attempts)},
	}
	c.setDeadline(now.Add(r.RingTime+answerGrace), c.nothingCame)
	return c
}

// Snapshot is how the call stands now.
func (c *Call) Snapshot() call.Snapshot {
	if c.snap != c.told {
		c.snap.Change++
		c.told = c.snap
	}
	return c.snap
}

// Over reports whether the call has reached an end and none of its channels
// is left: nothing more will come of it.
func (c *Call) Over() bool {
	return !c.snap.Live() && (c.snap.State != call.Unknown || c.ambiguous) && len(c.legs) == 0
}

// Deadline is when Tick wants to be called; zero: not at all.
func (c *Call) Deadline() time.Time { return c.deadline }

// Tick lets time pass.
func (c *Call) Tick(now time.Time) {
	if c.deadline.IsZero() || now.Before(c.deadline) {
		return
	}
	f := c.onTick
	c.deadline, c.onTick = time.Time{}, nil
	f(now)
	c.watchEmpty(now)
}

// Refused ends the call: the PBX answered the Originate with an error.
func (c *Call) Refused(cause call.Cause, words clean.Foreign, now time.Time) {
	unanswered := c.snap
	if unanswered.State == call.Unknown && unanswered.Cause == call.ConnectionLost && !c.born {
		unanswered = c.beforeLost // the answer came together with the end of the connection
	}
	if unanswered.State != call.Requested {
		return // the first answer counts
	}
	c.snap.Detail = words
	c.fail(cause, now)
}

// Cancel notes that the person wants the call to end. The owner hangs up
// Channels; the call is over when they are gone.
func (c *Call) Cancel() {
	if c.snap.Live() && !c.cancelled {
		c.cancelled = true
		c.refused = c.far.failed()
	}
}

// SetThen notes what is to be keyed in after the answer, and by whom.
func (c *Call) SetThen(digits string, by call.Keying) {
	c.snap.Then, c.snap.Keying = digits, by
}

// Cancelled reports whether the person asked for the end of the call, so that
// a channel born later is to be hung up too.
func (c *Call) Cancelled() bool { return c.cancelled }

// Apply takes one event of our own call (see Family) and reports whether the
// Snapshot changed. Events may be repeated and out of order.
func (c *Call) Apply(e ami.Event, now time.Time) bool {
	before := c.snap
	if c.snap.State == call.Unknown && c.snap.Cause == "" && !c.ambiguous {
		// It was given up too early: the PBX sends events again.
		c.snap.State, c.snap.Cause, c.snap.Ended = c.beforeLost.State, c.beforeLost.Cause, time.Time{}
	}
	switch e := e.(type) {
	case ami.Newchannel:
		c.addLeg(e.Channel)
	case ami.NewCallerid:
		c.named11(e.Channel)
	case ami.Newstate:
		c.newstate(e.Channel, now)
	case ami.DialBegin:
		c.dialBegin(e, now)
	case ami.DialState:
		c.dialState(e, now)
	case ami.DialEnd:
		c.dialEnd(e, now)
	case ami.Bridge:
		c.bridge11(e, now)
	case ami.BridgeEnter:
		c.enters(e, now)
	case ami.BridgeLeave:
		c.leaves(e)
	case ami.Rename:
		if l := c.legs[e.Channel.UniqueID]; l != nil {
			l.name = strings.Clone(e.NewName)
		}
	case ami.OriginateResponse:
		c.originateResponse(e, now)
	case ami.HangupRequest:
		c.putDown(e)
	case ami.HangupEvent:
		c.hangup(e, now)
	}
	c.watchEmpty(now)
	return c.snap != before
}

// watchEmpty ends, after a while, a call of which no channel is known.
func (c *Call) watchEmpty(now time.Time) {
	if len(c.legs) > 0 || !c.snap.Live() || !c.deadline.IsZero() {
		return
	}
	if c.born {
		c.setDeadline(now.Add(grace), c.empty) // what came late does not keep it alive
	} else {
		c.setDeadline(now.Add(answerGrace), c.nothingCame)
	}
}

// empty ends a call of which no channel was known a moment ago.
func (c *Call) empty(now time.Time) {
	if len(c.legs) == 0 {
		c.finish(now)
	}
}

// nothingCame gives the call up: the PBX took the request and has sent nothing since,
// or nothing of any channel, so that its end would not be noticed.
func (c *Call) nothingCame(now time.Time) {
	if c.snap.Live() && len(c.legs) == 0 || c.snap.State == call.Requested || c.snap.State == call.RingingOwn {
		c.beforeLost = c.snap
		c.snap.State, c.snap.Cause, c.snap.Ended = call.Unknown, "", now
	}
}

func (c *Call) ownAnswered(now time.Time) {
	if c.snap.State != call.Requested && c.snap.State != call.RingingOwn {
		return
	}
	c.setState(call.AnsweredOwn)
	c.answeredForThem()
	c.setDeadline(now.Add(serviceAfter), c.service)
}

// answeredForThem notes that the call was answered by none of the phones that rang: by
// a mailbox, or a colleague whose DialEnd is still to come. That the phones have given up
// may be told after that (16).
func (c *Call) answeredForThem() {
	if len(c.own.tries) > 0 && !c.missedEvents && c.own.tries.all(func(t *attempt) bool { return t.decided() && !t.up }) {
		c.pickedUpElsewhere()
	}
}

func (c *Call) inCall(now time.Time) {
	byPBX := c.snap.State == call.InCall && c.snap.ByPBX
	switch c.snap.State {
	case call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar:
	default:
		if !byPBX {
			return
		}
	}
	c.setState(call.InCall)
	c.snap.Answered, c.snap.ByPBX = now, false
	c.setCause("", "")
}

func (c *Call) setState(s call.State) {
	c.snap.State = s
	c.deadline, c.onTick = time.Time{}, nil
}

func (c *Call) setDeadline(at time.Time, f func(time.Time)) { c.deadline, c.onTick = at, f }

func (c *Call) fail(cause call.Cause, now time.Time) {
	c.setState(call.Failed)
	c.snap.Cause, c.snap.Ended = cause, now
}

// finish gives the call its end. Only the first one counts.
func (c *Call) finish(now time.Time) {
	if !c.snap.Live() {
		return
	}
	byPerson := c.cancelled || c.ownHungUp
	early := c.snap.State == call.Requested || c.snap.State == call.RingingOwn
	switch {
	case c.ambiguous && !c.cancelled:
		c.beforeLost = c.snap
		c.setState(call.Unknown)
		c.setCause("", "")
		c.snap.Ended = now
	case c.snap.State == call.InCall:
		c.setState(call.Ended)
		c.snap.Ended = now
		if c.snap.ByPBX && !byPerson && len(c.far.tries) == 0 {
			c.setCause(c.far.uncalled(), "")
		}
	case early && (!c.missedEvents || c.cancelled || c.own.over()):
		if c.cancelled {
			c.cancelledNow(now)
			return
		}
		c.snap.Detail = c.own.detail()
		c.fail(c.own.cause(), now)
	case c.missedEvents && c.cancelled && !c.refused:
		c.cancelledNow(now)
	case c.missedEvents && (early || !c.far.failed()):
		c.beforeLost = c.snap
		c.setState(call.Unknown)
		c.snap.Cause, c.snap.Ended = call.ConnectionLost, now
	case c.far.failed() && (c.refused || !byPerson || !c.cancelled && c.far.said()):
		c.setCause(c.far.cause(), c.far.detail())
		c.fail(c.snap.Cause, now)
	case len(c.far.tries) > 0:
		c.cancelledNow(now)
	case c.far.voice:
		// Nobody was called, and the PBX only played something.
		cause := c.far.tone
		if !byPerson {
			cause = c.far.uncalled()
		}
		c.setState(call.Ended)
		c.setCause(cause, "")
		c.snap.Ended = now
	case byPerson:
		c.cancelledNow(now)
	default:
		cause := c.far.uncalled()
		if cause == "" {
			cause = call.NotPermitted
		}
		c.setCause(cause, "")
		c.fail(c.snap.Cause, now)
	}
}

func (c *Call) cancelledNow(now time.Time) {
	c.setState(call.Cancelled)
	c.setCause("", "")
	c.snap.Ended = now
}
