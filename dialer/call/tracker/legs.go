package tracker

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
)

// Channel states of Asterisk's channelstate.h.
const (
	chanRinging = 5
	chanUp      = 6
)

// side is which end of the call a channel serves.
type side int

const (
	sideUnknown side = iota
	sideOwn          // dialled by Local;2: the person's phones
	sideFar          // dialled by Local;1: everything beyond
	halfOne          // Local;1
	halfTwo          // Local;2
	sideThird        // to whom the call is transferred
)

// leg is one live channel of the call.
type leg struct {
	name      string
	side      side
	number    string // as the others see it
	by        string // the Uniqueid of what dialled it, where that one's side is not known yet
	rang      bool
	up        bool
	left      bool // it was the first to leave the bridge of the own side
	listed    bool // a list of live channels that was asked for has it, if it lives
	uncertain bool // known from a Status list only, and only by its Linkedid or by whom it is joined with
}

func (l *leg) local() bool { return strings.HasPrefix(l.name, "Local/") }

// Channels are the names to hang up so that the call ends, best first: the
// Local half that holds the dialplan, the own phone, and the far side only
// where nothing else is known.
func (c *Call) Channels() []string {
	if c.consulting() {
		return c.everyChannel()
	}
	rank := map[side]int{halfOne: 0, sideOwn: 1, halfTwo: 2, sideUnknown: 3, sideThird: 4, sideFar: 5}
	legs := slices.SortedFunc(maps.Values(c.legs), func(a, b *leg) int {
		return cmp.Or(cmp.Compare(rank[a.side], rank[b.side]), strings.Compare(a.name, b.name))
	})
	var names []string
	for _, l := range legs {
		if l.name != "" && (l.side != sideFar && l.side != sideThird && (l.side != sideUnknown || !l.uncertain) || len(names) == 0) {
			names = append(names, l.name)
		}
	}
	return names
}

// Far is the name of the one channel that leads to whoever has answered at the far side,
// "" where there is none, or more than one.
func (c *Call) Far() string {
	name := ""
	for _, l := range c.legs {
		switch {
		case l.side != sideFar || !l.up || l.uncertain || l.name == "" || l.local():
		case name != "":
			return ""
		default:
			name = l.name
		}
	}
	return name
}

// addLeg adds a channel to the call, unless it is known to be gone.
func (c *Call) addLeg(ch ami.Channel) *leg {
	if ch.UniqueID == "" {
		return nil
	}
	if _, ok := c.gone[ch.UniqueID]; ok {
		return nil
	}
	c.honoured(ch)
	c.linked = c.linked || ch.LinkedID != ""
	l := c.legs[ch.UniqueID]
	if l == nil {
		if len(c.legs)+len(c.gone) >= familyCap {
			return nil
		}
		l = &leg{side: c.rootSide(ch)}
		if l.side == sideUnknown {
			l.side = c.thirdSide()
		}
		c.legs[strings.Clone(ch.UniqueID)] = l
		c.born = true
	}
	if n := ch.CallerIDNum.Text(); n != "" && l.side == sideFar && strings.Trim(n, "+0123456789*#") == "" { // "s" is a dialplan's
		l.number = strings.Clone(n)
	}
	if ch.Name != "" {
		l.name = strings.Clone(ch.Name) // not the whole event
		if base, _, ok := strings.Cut(ch.Name, ";"); ok && l.side == sideUnknown {
			l.side = c.bases[base]
		}
	}
	return l
}

// rootSide is the side of a half of the Originate's own Local pair.
func (c *Call) rootSide(ch ami.Channel) side {
	switch {
	case ch.UniqueID == c.req.ChannelID:
		return halfOne
	case ch.UniqueID == c.req.OtherChannelID:
		return halfTwo
	case c.byID || c.req.TakesIDs:
		return sideUnknown
	case !strings.HasPrefix(ch.Name, c.req.names()):
		return sideUnknown
	case c.req.Direct() && ch.Name == c.knownPair:
		return halfOne
	case strings.HasSuffix(ch.Name, ";1"):
		return halfOne
	case strings.HasSuffix(ch.Name, ";2"):
		return halfTwo
	}
	return sideUnknown
}

// honoured notes that the PBX uses the ids that were asked for (see
// Family.honoured).
func (c *Call) honoured(ch ami.Channel) {
	if c.byID || ch.UniqueID != c.req.ChannelID && ch.UniqueID != c.req.OtherChannelID {
		return
	}
	c.byID = true
	if len(c.legs) > 0 {
		c.forgetPair()
	}
}

// forgetPair drops a pair that was taken for ours by its name, and is another call of
// the same phone. The Snapshot stays: the phone did ring.
func (c *Call) forgetPair() {
	for id := range c.legs {
		c.gone[id] = 0
	}
	clear(c.legs)
	clear(c.bases)
	clear(c.bridges)
	c.own, c.far = ownOutcome{direct: c.req.Direct(), tries: make(attempts)}, farOutcome{tries: make(attempts)}
	c.born, c.bridged, c.ownHungUp, c.refused, c.pickedUpByOther = false, false, false, false, false
}

// named11 takes the caller name that shows which of two calls with the same channel a
// Local pair belongs to (see Family.named11). Where both have our name they cannot be
// distinguished, and what happens to one proves nothing.
func (c *Call) named11(ch ami.Channel) {
	base, _, _ := strings.Cut(ch.Name, ";")
	ours := ch.CallerIDName.Text() == c.req.CallerName
	if ours && c.knownPair != "" && base != c.knownPair {
		c.ambiguous = true
		return
	}
	if c.snap.State != call.Requested && c.snap.State != call.RingingOwn {
		return
	}
	others := !ours // what is known so far is of another call
	for _, l := range c.legs {
		others = others || (l.side == halfOne || l.side == halfTwo) && !strings.HasPrefix(l.name, base+";")
	}
	if others {
		c.forgetPair()
	}
	if ours {
		c.knownPair = strings.Clone(base)
		c.addLeg(ch)
	}
}

// answered11 takes the pair that OriginateResponse names on Asterisk 11 (see
// Family.answered11).
func (c *Call) answered11(e ami.OriginateResponse) {
	ch := ami.Channel{Name: e.Channel, UniqueID: e.UniqueID}
	base, _, local := strings.Cut(e.Channel, ";")
	if c.byID || c.req.TakesIDs || local == c.req.Direct() || ch.UniqueID == "" || ch.UniqueID == c.req.ChannelID {
		return
	}
	if c.rootSide(ch) != halfOne && !(c.req.Direct() && strings.HasPrefix(ch.Name, c.req.names())) {
		return
	}
	c.ambiguous = false
	if c.legs[ch.UniqueID] == nil && c.knownPair != base {
		c.forgetPair()
		c.ambiguous = c.snap.State != call.Requested && c.snap.State != call.RingingOwn // the other one is further already
	}
	c.knownPair = strings.Clone(base)
	c.addLeg(ch)
}

// assignSide gives a channel its side, and with it the other half of a nested Local
// pair and whatever was dialled by the two before that was known.
func (c *Call) assignSide(id string, s side, now time.Time) {
	l := c.legs[id]
	if l == nil || l.side == halfOne || l.side == halfTwo {
		return
	}
	l.side, l.uncertain = s, false
	if ts := c.triesOf(s); ts != nil {
		t := ts.of(ami.Channel{UniqueID: id, Name: l.name}, now)
		t.rang, t.up = t.rang || l.rang, t.up || l.up
	}
	base, _, pair := strings.Cut(l.name, ";")
	if pair && len(c.bases) < familyCap {
		c.bases[base] = s
	}
	for other, o := range c.legs {
		if o.side == sideUnknown && (o.by == id || pair && strings.HasPrefix(o.name, base+";")) {
			if o.by == id {
				c.assignSide(other, s, now)
				continue
			}
			o.side = s
			for inner, i := range c.legs {
				if i.side == sideUnknown && i.by == other {
					c.assignSide(inner, s, now)
				}
			}
		}
	}
}

// sideOf is the side of a channel, also of an unknown one.
func (c *Call) sideOf(ch ami.Channel) side {
	if l := c.legs[ch.UniqueID]; l != nil {
		return l.side
	} else if ch.UniqueID != "" {
		return c.rootSide(ch)
	}
	return sideUnknown
}

// sideBehind is the side of what src dials.
func (c *Call) sideBehind(src ami.Channel) side {
	s := c.sideOf(src)
	if third := c.thirdSide(); third != sideUnknown && s != halfTwo {
		return third
	}
	switch s {
	case halfOne:
		return sideFar
	case halfTwo:
		return sideOwn
	case sideUnknown:
		if base, _, ok := strings.Cut(src.Name, ";"); ok {
			return c.bases[base]
		}
	}
	return s
}

// legSide is the side of dest, which src dialled, also where no DialBegin
// was seen.
func (c *Call) legSide(dest, src ami.Channel) side {
	if l := c.legs[dest.UniqueID]; l != nil && l.side != sideUnknown {
		return l.side
	}
	if r := c.rootSide(dest); dest.UniqueID != "" && r != sideUnknown {
		return r
	}
	return c.sideBehind(src)
}

func (c *Call) has(s side) bool {
	for _, l := range c.legs {
		if l.side == s {
			return true
		}
	}
	return false
}
