package phone

import (
	"maps"
	"slices"
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/call"
)

const (
	// missedAfter is how long the phone is silent, and nobody else's rings, before a call
	// whose caller still waits is told as missed.
	missedAfter = 2 * time.Second
	// missedFor is how long such a call is followed on: it may come back, or be answered by
	// a colleague.
	missedFor = 10 * time.Minute
	// lostFor is how long a call counts as it was when the connection was lost.
	lostFor = time.Minute
	// doorFor is how long it is remembered who called the extension through a Local channel.
	// Its phone is dialled milliseconds later.
	doorFor = time.Second
	// maxDoors is how many of those are remembered.
	maxDoors = 32

	// grace is how long the end of the phone's channel is waited for, where that tells why.
	grace = time.Second
	// immediately is how soon a phone answers that is set not to disturb (tracker.ofPhone).
	immediately = 2 * time.Second

	causeElsewhere = 26 // Q.850 has it for "non-selected user": somebody else has answered
	// Of a phone that takes no calls, which answers 480: Asterisk's, and RFC 3398's.
	causeNoAnswer, causeUnspecified = 19, 31
)

// Tracker is the state machine of the calls that come in. It is not safe for concurrent
// use.
type Tracker struct {
	own    Own
	filter *Filter // told what is not needed any more; nil: nobody is
	calls  []*incoming
	doors  map[string]door // by the Local channel's name without the half
}

// door is a Local channel that leads to the extension.
type door struct {
	called string // the number that whoever dialled it was in
	at     time.Time
}

// incoming is one call.
type incoming struct {
	of       string // as in Filter
	snap     call.Snapshot
	legs     map[string]*leg
	rang     bool
	busy     bool   // a phone of the extension was in another call
	absent   bool   // one is set to take no calls
	taken    bool   // by somebody else
	answered string // the channel of the phone that has it
	bridge   string // it talks in
	root     bool   // the caller is gone
	final    bool   // nothing more comes of it
	lost     time.Time
	deadline time.Time // zero: none
}

// leg is a channel of a call.
type leg struct {
	name          string
	own           bool
	calls         bool // it has dialled the phone, so that it is none that was called
	ringing, gone bool
	rang          bool
	declined      bool // at the phone, while it rang
	up, bridged   bool
	unreached     bool      // it was dialled, and refused or not there
	untold        bool      // the PBX does not say yet why
	began         time.Time // when it was dialled
	cause         int
}

// NewTracker has no call yet. filter may be nil.
func NewTracker(own Own, filter *Filter) *Tracker {
	return &Tracker{own: own, filter: filter, doors: map[string]door{}}
}

// Calls are those that there are to tell, each as it stands, in the order in which they
// came. Those that are over are among them until Prune.
func (t *Tracker) Calls() []call.Snapshot {
	var told []call.Snapshot
	for _, c := range t.calls {
		if c.snap.State != "" {
			told = append(told, c.snap)
		}
	}
	return told
}

// Prune forgets what is over, and reports whether there was any.
func (t *Tracker) Prune() bool {
	n := len(t.calls)
	t.calls = slices.DeleteFunc(t.calls, func(c *incoming) bool { return c.final })
	return len(t.calls) < n
}

// Live reports whether a call goes on as far as is known.
func (t *Tracker) Live() bool {
	return slices.ContainsFunc(t.calls, func(c *incoming) bool { return c.snap.Live() })
}

// Deadline is when Tick wants to be called; zero: not at all.
func (t *Tracker) Deadline() (at time.Time) {
	for _, c := range t.calls {
		if !c.final && !c.deadline.IsZero() && (at.IsZero() || c.deadline.Before(at)) {
			at = c.deadline
		}
	}
	for _, d := range t.doors {
		if end := d.at.Add(doorFor); at.IsZero() || end.Before(at) {
			at = end
		}
	}
	return at
}

// Tick lets time pass.
func (t *Tracker) Tick(now time.Time) {
	maps.DeleteFunc(t.doors, func(_ string, d door) bool { return now.Sub(d.at) >= doorFor })
	for _, c := range t.calls {
		if c.final || c.deadline.IsZero() || now.Before(c.deadline) {
			continue
		}
		c.deadline = time.Time{}
		switch {
		case !c.lost.IsZero():
			t.unseen(c, c.lost)
		case c.snap.State == call.InMissed:
			t.end(c)
		default:
			t.missed(c, now)
			c.deadline = now.Add(missedFor)
			if c.snap.State == "" || c.root {
				t.end(c) // it never rang here, and nobody was busy; or the caller is gone
			}
		}
	}
}

// Apply takes an event that the Filter wants. Of others it makes nothing.
func (t *Tracker) Apply(e ami.Event, now time.Time) {
	switch e := e.(type) {
	case ami.DialBegin:
		t.dialled(e, now)
	case ami.Newchannel:
		if c := t.find(e.Channel); c != nil {
			t.add(c, e.Channel)
		}
	case ami.Newstate:
		if c, l := t.leg(e.Channel); l != nil {
			l.up = l.up || e.Channel.State == stateUp
			if e.Channel.State == stateRinging {
				t.rings(c, l, now)
			}
			t.settle(c, now)
		}
	case ami.DialState:
		if c, l := t.leg(e.Dest); l != nil && (e.Status == "RINGING" || e.Status == "PROGRESS") {
			t.rings(c, l, now)
			t.settle(c, now)
		}
	case ami.DialEnd:
		t.dialEnded(e, now)
	case ami.BridgeEnter:
		t.talks(e)
		t.joined(e.Channel, now)
		if c, l := t.leg(e.Channel); l != nil && c.answered == e.Channel.UniqueID {
			c.bridge = strings.Clone(e.BridgeID)
		}
	case ami.Bridge:
		t.joined11(e, now)
	case ami.Rename:
		if _, l := t.leg(e.Channel); l != nil {
			t.named(l, e.NewName)
		}
	case ami.HangupEvent:
		t.hungUp(e, now)
	}
}

const (
	stateRinging = 5
	stateUp      = 6
)

func (t *Tracker) find(ch ami.Channel) *incoming {
	for _, c := range t.calls {
		if _, ok := c.legs[ch.UniqueID]; ok && !c.final {
			return c
		}
	}
	for _, c := range t.calls {
		if !c.final && ch.LinkedID != "" && c.of == ch.LinkedID {
			return c
		}
	}
	return nil
}

// leg is a channel that is known, and its call.
func (t *Tracker) leg(ch ami.Channel) (*incoming, *leg) {
	c := t.find(ch)
	if c == nil {
		return nil, nil
	}
	l := c.legs[ch.UniqueID]
	if l != nil && ch.Name != "" {
		t.named(l, ch.Name)
	}
	return c, l
}

func (t *Tracker) named(l *leg, name string) {
	if !strings.HasSuffix(name, "<ZOMBIE>") {
		l.name, l.own = strings.Clone(name), !l.calls && t.own.phone([]byte(name))
	}
}

func (t *Tracker) add(c *incoming, ch ami.Channel) *leg {
	if ch.UniqueID == "" {
		return nil
	}
	l := c.legs[ch.UniqueID]
	if l == nil {
		if len(c.legs) >= maxLegs {
			return nil
		}
		l = &leg{}
		c.legs[strings.Clone(ch.UniqueID)] = l
	}
	if ch.Name != "" {
		t.named(l, ch.Name)
	}
	return l
}

// dialled takes that a channel calls another one.
func (t *Tracker) dialled(e ami.DialBegin, now time.Time) {
	if !t.own.phone([]byte(e.Dest.Name)) {
		if base, _, ok := strings.Cut(e.Dest.Name, ";"); ok && t.own.door([]byte(base)) && len(t.doors) < maxDoors {
			called := extension(e.Src.Exten)
			if outer, _, ok := strings.Cut(e.Src.Name, ";"); ok && t.doors[outer].called != "" {
				called = t.doors[outer].called
			}
			t.doors[strings.Clone(base)] = door{strings.Clone(called), now}
			t.opened(base, called)
		}
		if c := t.find(e.Src); c != nil {
			t.add(c, e.Dest)
			c.deadline = time.Time{} // somebody else is called
			t.settle(c, now)
		}
		return
	}
	c := t.find(e.Src)
	if c == nil {
		c = t.find(e.Dest)
	}
	if c == nil {
		if e.Src.UniqueID == "" || e.Dest.UniqueID == "" || t.live() >= maxCalls {
			return
		}
		of := e.Src.LinkedID
		if of == "" {
			of = e.Src.UniqueID
		}
		c = &incoming{of: strings.Clone(of), legs: map[string]*leg{}}
		c.snap = call.Snapshot{ID: idOf(e.Dest.UniqueID), Extension: t.own.Extension, Account: t.own.Account, Requested: now}
		t.calls = append(t.calls, c)
	}
	c.caller(e)
	if called := t.called(e); called != "" {
		c.snap.Called = called
	}
	if l := t.add(c, e.Src); l != nil {
		l.calls, l.own = true, false
	}
	if l := t.add(c, e.Dest); l != nil {
		l.began = now
	}
	c.deadline = time.Time{}
}

// opened notes whom the caller has called in the call that came through that Local channel:
// its other half runs by itself, and may have dialled the phone before this is told (seen
// with 16.28).
func (t *Tracker) opened(base, called string) {
	if called == "" || called == t.own.Extension {
		return
	}
	for _, c := range t.calls {
		for _, l := range c.legs {
			if half, _, ok := strings.Cut(l.name, ";"); ok && half == base {
				c.snap.Called = strings.Clone(called)
			}
		}
	}
}

func (t *Tracker) live() (n int) {
	for _, c := range t.calls {
		if !c.final {
			n++
		}
	}
	return n
}

// called is whom the caller has called, where that is not the extension itself.
func (t *Tracker) called(e ami.DialBegin) string {
	called := extension(e.Src.Exten)
	if base, _, ok := strings.Cut(e.Src.Name, ";"); ok {
		called = t.doors[base].called
	}
	if called == t.own.Extension {
		return ""
	}
	return strings.Clone(called)
}

// extension is what of a dialplan's extension somebody may have dialled; parts of
// subroutines have letters (s, t, FMPR-7101).
func extension(exten string) string {
	if exten == "" || len(exten) > call.MaxNumber || strings.Trim(exten, "+0123456789*#") != "" {
		return ""
	}
	return exten
}

// caller notes who calls, as the phone shows it.
func (c *incoming) caller(e ami.DialBegin) {
	number, name := e.Dest.ConnectedLineNum, e.Dest.ConnectedLineName
	if number == "" {
		number, name = e.Src.CallerIDNum, e.Src.CallerIDName
	}
	c.shows(number, name)
}

func (c *incoming) shows(number, name clean.Foreign) {
	c.snap.Number = Number(number)
	if c.snap.FarName = name.Line(); name == "" && c.snap.Number == "" {
		c.snap.FarName = number.Line()
	}
}

// Number is what of a caller's number can be called back, "" where nothing can: a number
// that comes from a PBX may be anything.
func Number(text clean.Foreign) string {
	n := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" -./()", r) {
			return -1
		}
		return r
	}, strings.TrimSpace(text.Text()))
	digits, international := strings.CutPrefix(n, "+")
	keypad := "0123456789*#"
	if international {
		keypad = "0123456789"
	}
	if digits == "" || len(n) > call.MaxNumber || strings.Trim(digits, keypad) != "" {
		return ""
	}
	return n
}

// idOf is a call's id, the same in every program that sees it.
func idOf(unique string) string {
	return "in-" + strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, unique[:min(len(unique), 64)])
}

func (t *Tracker) rings(c *incoming, l *leg, now time.Time) {
	l.ringing, l.rang = true, true
	if !l.own || c.snap.State == call.InAnswered {
		return
	}
	if !c.rang {
		c.snap.Requested = now
	}
	c.rang = true
	c.deadline = time.Time{}
	c.snap.State, c.snap.Cause, c.snap.Ended = call.InRinging, "", time.Time{}
}

func (t *Tracker) dialEnded(e ami.DialEnd, now time.Time) {
	c := t.find(e.Dest)
	if c == nil {
		c = t.find(e.Src)
	}
	if c == nil || e.Dest.UniqueID == "" {
		return
	}
	l := t.add(c, e.Dest)
	if l == nil {
		return
	}
	l.ringing = false
	switch {
	case e.Status == "ANSWER" && l.own:
		t.answeredBy(c, e.Dest.UniqueID, now)
	case e.Status == "ANSWER":
		c.taken = c.taken || !strings.HasPrefix(l.name, "Local/")
	default:
		l.unreached, l.declined, l.untold = true, l.rang && e.Status == "BUSY", e.Status == "NOANSWER"
		c.busy = c.busy || l.own && e.Status == "BUSY"
	}
	t.settle(c, now)
}

// answeredBy: a phone of the extension has it.
func (t *Tracker) answeredBy(c *incoming, id string, now time.Time) {
	if c.answered != "" {
		return
	}
	c.answered, c.rang, c.deadline = strings.Clone(id), true, time.Time{}
	c.snap.State, c.snap.Cause, c.snap.Answered, c.snap.Ended = call.InAnswered, "", now, time.Time{}
	t.filter.forget(c.of, c.answered)
}

// talks: whoever comes into the bridge that the phone talks in is the one it talks to from
// now on. So an attended transfer ends at whom it was for.
func (t *Tracker) talks(e ami.BridgeEnter) {
	if e.BridgeID == "" || e.Channel.CallerIDNum == "" || strings.HasPrefix(e.Channel.Name, "Local/") || t.own.phone([]byte(e.Channel.Name)) {
		return
	}
	for _, c := range t.calls {
		if !c.final && c.answered != "" && c.bridge == e.BridgeID && Number(e.Channel.CallerIDNum) != c.snap.Number {
			c.shows(e.Channel.CallerIDNum, e.Channel.CallerIDName)
		}
	}
}

// joined: a channel came into a bridge.
func (t *Tracker) joined(ch ami.Channel, now time.Time) {
	c, l := t.leg(ch)
	if l == nil || !l.own || l.gone {
		return
	}
	l.bridged = true
	t.answeredBy(c, ch.UniqueID, now)
	if c.answered == ch.UniqueID && ch.ConnectedLineNum != "" && Number(ch.ConnectedLineNum) != c.snap.Number {
		c.shows(ch.ConnectedLineNum, ch.ConnectedLineName) // somebody has handed a call over
	}
}

// joined11 is joined for Asterisk 11, where an answer is told by nothing else.
func (t *Tracker) joined11(e ami.Bridge, now time.Time) {
	if e.State != "Link" {
		return
	}
	for _, pair := range [][2]ami.Channel{{e.One, e.Two}, {e.Two, e.One}} {
		c, l := t.leg(pair[0])
		switch {
		case l == nil:
		case l.own:
			t.joined(pair[0], now)
			return
		case !t.own.phone([]byte(pair[1].Name)) && !strings.HasPrefix(pair[1].Name, "Local/"):
			c.taken = true
			t.settle(c, now)
		}
	}
}

func (t *Tracker) hungUp(e ami.HangupEvent, now time.Time) {
	c, l := t.leg(e.Channel)
	if c == nil {
		return
	}
	if e.Channel.UniqueID == c.of {
		c.root = true
	}
	if l != nil {
		l.gone, l.ringing, l.cause = true, false, e.Cause
		c.absent = c.absent || l.own && l.untold && !l.rang && now.Sub(l.began) < immediately && (e.Cause == causeNoAnswer || e.Cause == causeUnspecified)
	}
	t.settle(c, now)
}

// settle finds out whether a call is over, or not here any more.
func (t *Tracker) settle(c *incoming, now time.Time) {
	own, others, elsewhere := 0, 0, false
	// Whoever calls through a Local channel is known by the Linkedid alone.
	_, alone := c.legs[c.of]
	for id, l := range c.legs {
		switch {
		case l.own && l.gone:
			elsewhere = elsewhere || l.cause == causeElsewhere
		case l.own && !l.unreached:
			own++
		case !l.gone && !l.own:
			alone = false
			if l.ringing && id != c.of {
				others++
			}
		}
	}
	if c.answered != "" {
		switch l := c.legs[c.answered]; {
		case !l.gone && l.own:
		case !l.gone: // somebody picked it up in its place
			t.over(c, call.InElsewhere, now)
		case l.cause == causeElsewhere && !l.bridged:
			c.snap.Answered = time.Time{}
			t.over(c, call.InElsewhere, now)
		default:
			t.over(c, call.InEnded, now)
		}
		return
	}
	switch {
	case c.taken, own == 0 && elsewhere:
		t.over(c, call.InElsewhere, now)
	case own > 0:
	case (c.root || alone) && c.untold(now):
		c.deadline = now.Add(grace)
	case c.root || alone:
		t.missed(c, now)
		t.end(c)
	case others > 0:
		c.deadline = time.Time{}
	case c.deadline.IsZero() && c.snap.State != call.InMissed:
		c.deadline = now.Add(missedAfter)
	case c.deadline.IsZero():
		c.deadline = now.Add(missedFor)
	}
}

// untold reports whether the PBX will say in a moment why a phone did not take the call: that
// its channel is gone may be told after that the caller's is (22.10).
func (c *incoming) untold(now time.Time) bool {
	for _, l := range c.legs {
		if l.own && l.untold && !l.gone && !l.rang && now.Sub(l.began) < immediately {
			return true
		}
	}
	return false
}

// over ends a call.
func (t *Tracker) over(c *incoming, s call.State, now time.Time) {
	if c.rang {
		c.snap.State, c.snap.Cause = s, ""
		c.snap.Ended = now
	}
	t.end(c)
}

// missed tells that nobody has answered, where it rang, or could not because of another
// call or of how the phone is set.
func (t *Tracker) missed(c *incoming, now time.Time) {
	if c.snap.State == call.InMissed || !c.rang && !c.busy && !c.absent {
		return
	}
	c.snap.State, c.snap.Ended = call.InMissed, now
	switch {
	case !c.rang && c.busy:
		c.snap.Cause = call.OwnBusy
	case !c.rang:
		c.snap.Cause = call.OwnDoNotDisturb
	case c.declined():
		c.snap.Cause = call.OwnDeclined
	}
}

// declined reports whether somebody has refused the call at each phone of the extension that
// rang.
func (c *incoming) declined() bool {
	declined := false
	for _, l := range c.legs {
		if l.own && l.rang && !l.declined {
			return false
		}
		declined = declined || l.own && l.declined
	}
	return declined
}

// unseen ends a call of which nobody can tell what became of it.
func (t *Tracker) unseen(c *incoming, at time.Time) {
	switch c.snap.State {
	case call.InRinging, call.InAnswered:
		c.snap.State, c.snap.Cause, c.snap.Ended = call.InEnded, call.EndedUnseen, at
	}
	t.end(c)
}

func (t *Tracker) end(c *incoming) {
	c.final, c.deadline = true, time.Time{}
	c.legs = nil
	t.filter.forget(c.of)
}

// ConnectionLost notes that events are missed from now on.
func (t *Tracker) ConnectionLost(now time.Time) {
	clear(t.doors)
	for _, c := range t.calls {
		if !c.final && c.lost.IsZero() {
			c.lost, c.deadline = now, now.Add(lostFor)
		}
	}
}

// Abandon ends all calls: nobody will hear of them any more.
func (t *Tracker) Abandon(now time.Time) {
	for _, c := range t.calls {
		if !c.final {
			t.unseen(c, now)
		}
	}
}

// Filter makes a Filter for a new session.
func (t *Tracker) Filter() *Filter {
	t.filter = NewFilter(t.own)
	for _, c := range t.calls {
		if c.final {
			continue
		}
		if c.answered != "" {
			t.filter.follow(c.of, false, c.answered)
			continue
		}
		t.filter.follow(c.of, true, slices.Collect(maps.Keys(c.legs))...)
	}
	return t.filter
}

// Listed takes the list of the channels that live (ami.Status, by Filter.Lists): at the
// beginning of a session, or after events were lost. A phone of the extension that rings,
// or that was called and is up, is a call that nobody has told of yet.
func (t *Tracker) Listed(live []ami.ChannelStatus, now time.Time) {
	there := map[string]ami.ChannelStatus{}
	for _, s := range live {
		there[s.Channel.UniqueID] = s
	}
	for _, c := range t.calls {
		if c.final {
			continue
		}
		was := c.lost
		c.lost = time.Time{}
		if !was.IsZero() {
			c.deadline = time.Time{}
		}
		seen := false
		for id, l := range c.legs {
			s, ok := there[id]
			if !ok {
				l.gone, l.ringing = true, false
				continue
			}
			t.named(l, s.Channel.Name)
			l.up = l.up || s.Channel.State == stateUp
			if seen = seen || l.own; l.own && s.Channel.State == stateUp && s.BridgeID+s.Bridged != "" && c.answered == "" {
				t.answeredBy(c, id, now)
			}
		}
		if !seen {
			if was.IsZero() {
				was = now
			}
			t.unseen(c, was)
		}
	}
	for id, s := range there {
		if c := t.find(s.Channel); c != nil {
			if _, known := c.legs[id]; known {
				continue
			}
		}
		t.found(s, now)
	}
}

// found takes up a call that was there before us.
func (t *Tracker) found(s ami.ChannelStatus, now time.Time) {
	ch := s.Channel
	rings := ch.State == stateRinging
	if !rings && !(ch.State == stateUp && s.Called()) || ch.UniqueID == "" || !t.own.phone([]byte(ch.Name)) || t.live() >= maxCalls {
		return
	}
	if t.own.asked(nil, []byte(ch.UniqueID), []byte(ch.LinkedID), nil, []byte(ch.ConnectedLineName)) {
		return
	}
	c := t.find(ch)
	if c == nil {
		of := ch.LinkedID
		if of == "" {
			of = ch.UniqueID
		}
		c = &incoming{of: strings.Clone(of), legs: map[string]*leg{}}
		c.snap = call.Snapshot{ID: idOf(ch.UniqueID), Extension: t.own.Extension, Account: t.own.Account, Requested: now.Add(-time.Duration(s.Seconds) * time.Second)}
		c.shows(ch.ConnectedLineNum, ch.ConnectedLineName)
		t.calls = append(t.calls, c)
	}
	l := t.add(c, ch)
	if l == nil {
		return
	}
	c.rang = true
	if rings {
		c.snap.State = call.InRinging
		t.filter.follow(c.of, ch.LinkedID != "", ch.UniqueID)
		return
	}
	t.answeredBy(c, ch.UniqueID, c.snap.Requested)
}
