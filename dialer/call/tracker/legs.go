package tracker

import (
	"cmp"
	"maps"
	"slices"
	"strings"

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
)

// leg is one live channel of the call.
type leg struct {
	name string
	side side
	// As the last Status said, which is all that is known of what was born unseen:
	state int
	kin   bool // it has nothing of ours but the Linkedid, which bridges spread
}

// Channels are the names to hang up so that the call ends, best first: the
// Local half that holds the dialplan, the own phone, and the far side only
// where nothing else is known.
func (c *Call) Channels() []string {
	rank := map[side]int{halfOne: 0, sideOwn: 1, halfTwo: 2, sideUnknown: 3, sideFar: 4}
	legs := slices.SortedFunc(maps.Values(c.legs), func(a, b *leg) int {
		return cmp.Or(cmp.Compare(rank[a.side], rank[b.side]), strings.Compare(a.name, b.name))
	})
	var names []string
	for _, l := range legs {
		if l.name != "" && (l.side != sideFar && (l.side != sideUnknown || !l.kin) || len(names) == 0) {
			names = append(names, l.name)
		}
	}
	return names
}

// learn adds a channel to the call, unless it is known to be gone.
func (c *Call) learn(ch ami.Channel) *leg {
	if ch.UniqueID == "" {
		return nil
	}
	if _, ok := c.gone[ch.UniqueID]; ok {
		return nil
	}
	l := c.legs[ch.UniqueID]
	if l == nil {
		if len(c.legs)+len(c.gone) >= familyCap {
			return nil
		}
		l = &leg{side: c.rootSide(ch)}
		c.legs[ch.UniqueID] = l
		c.born = true
	}
	if ch.Name != "" {
		l.name = ch.Name
		if base, _, ok := strings.Cut(ch.Name, ";"); ok && l.side == sideUnknown {
			l.side = c.bases[base]
		}
	}
	return l
}

// rootSide knows the two halves of the Originate's own Local pair.
func (c *Call) rootSide(ch ami.Channel) side {
	switch {
	case ch.UniqueID == c.req.ChannelID:
		return halfOne
	case ch.UniqueID == c.req.OtherChannelID:
		return halfTwo
	case !strings.HasPrefix(ch.Name, c.req.Channel+"-"):
		return sideUnknown
	case strings.HasSuffix(ch.Name, ";1"):
		return halfOne
	case strings.HasSuffix(ch.Name, ";2"):
		return halfTwo
	}
	return sideUnknown
}

// named11 takes the name that tells which of two calls a Local pair belongs to
// that were asked for with the same channel (see Family.named11).
func (c *Call) named11(ch ami.Channel) {
	if c.snap.State != call.Requested && c.snap.State != call.RingingOwn {
		return
	}
	base, _, _ := strings.Cut(ch.Name, ";")
	ours := ch.CallerIDName == c.req.CallerName
	others := !ours // what is known so far is of another call
	for _, l := range c.legs {
		others = others || (l.side == halfOne || l.side == halfTwo) && !strings.HasPrefix(l.name, base+";")
	}
	if others {
		for id := range c.legs {
			c.gone[id] = struct{}{}
		}
		clear(c.legs)
		c.own, c.born = ownOutcome{}, false
	}
	if ours {
		c.learn(ch)
	}
}

// beyond is the side of what src dials.
func (c *Call) beyond(src ami.Channel) side {
	s := sideUnknown
	if l := c.legs[src.UniqueID]; l != nil {
		s = l.side
	} else if src.UniqueID != "" {
		s = c.rootSide(src)
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
	return c.beyond(src)
}

func (c *Call) has(s side) bool {
	for _, l := range c.legs {
		if l.side == s {
			return true
		}
	}
	return false
}
