package tracker

import (
	"maps"
	"slices"
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
)

// LinkLost makes a live call unknown: nobody can tell how it goes on.
func (c *Call) LinkLost(now time.Time) {
	if !c.snap.Live() {
		return
	}
	c.before = c.snap.State
	c.snap.State, c.snap.Cause = call.Unknown, call.LinkLost
	c.snap.Ended = now
	c.deadline, c.onTick = time.Time{}, nil
}

// Restore puts an unknown call right from the PBX's list of live channels: if
// one of ours is among them the call goes on where it is now, otherwise it
// stays unknown, because nobody saw how it ended.
func (c *Call) Restore(live []ami.ChannelStatus, now time.Time) {
	if c.snap.State != call.Unknown {
		return
	}
	old := c.remembered()
	pair := c.pair11(live)
	legs := make(map[string]*leg)
	for _, s := range live {
		ch := s.Channel
		was, known := old[ch.UniqueID]
		if c.recalled != nil && known {
			was = c.renamed(was, ch)
			known = c.proven(was, s, now)
		}
		kin := !known && c.ours(ch)
		if !known && !kin && (pair == "" || !strings.HasPrefix(ch.Name, pair+";")) {
			continue
		}
		if _, gone := c.gone[ch.UniqueID]; gone {
			continue // its Hangup overtook the list
		}
		l := &leg{name: ch.Name, side: c.rootSide(ch), state: ch.State}
		switch {
		case known && l.side == sideUnknown:
			l.side = was.side
		case kin && l.side == sideUnknown:
			l.kin = true
			if deviceOf(ch.Name, c.req.Extension) {
				l.side = sideOwn
			}
		}
		if base, _, ok := strings.Cut(ch.Name, ";"); ok && c.recalled != nil && (l.side == sideOwn || l.side == sideFar) {
			c.bases[base] = l.side
		}
		c.gap = c.gap || !known
		legs[ch.UniqueID] = l
	}
	c.legs = legs
	if c.leftByPerson(old) {
		clear(legs)
	}
	if len(legs) == 0 {
		if c.recalled != nil && !c.untold(live) {
			c.snap.Cause = call.EndedUnseen
		}
		return
	}
	c.recalled = nil
	c.placed(now)
}

// placed says where the call stands by what its legs do, which are of the PBX's
// list.
func (c *Call) placed(now time.Time) {
	if c.state(sideOwn) == chanUp {
		// A phone or trunk of which nobody knows who dialled it, beside the
		// own phone, is the far side, born while the link was away.
		for _, l := range c.legs {
			if l.side == sideUnknown && !strings.HasPrefix(l.name, "Local/") {
				l.side = sideFar
			}
		}
	}
	c.snap.State, c.snap.Cause, c.snap.Ended = c.before, "", time.Time{}
	c.far.dialled = c.far.dialled || c.has(sideFar)
	if c.state(sideOwn) == chanRinging && c.snap.State == call.Requested {
		c.own.rang = true
		c.to(call.RingingOwn)
	}
	if c.state(sideOwn) == chanUp {
		if c.snap.State == call.AnsweredOwn {
			c.snap.State = call.RingingOwn // again, for the wait that goes with it
		}
		c.ownAnswered(now)
	}
	switch c.state(sideFar) {
	case chanRinging:
		if c.snap.State == call.AnsweredOwn {
			c.to(call.RingingFar)
		}
	case chanUp:
		c.inCall(now)
	}
}

// state is how far the legs of a side have come, as the last list said.
func (c *Call) state(s side) int {
	most := 0
	for _, l := range c.legs {
		if l.side == s {
			most = max(most, l.state)
		}
	}
	return most
}

// ours knows a channel of this call of which no event was seen: by the ids that
// the Originate asked for.
func (c *Call) ours(ch ami.Channel) bool {
	for _, id := range []string{c.req.ChannelID, c.req.OtherChannelID} {
		if id != "" && (ch.UniqueID == id || ch.LinkedID == id) {
			return true
		}
	}
	return false
}

// ageSlack is how far a channel's age, in whole seconds, may be off.
const ageSlack = 5 * time.Second

// proven reports whether the channel s, which bears the Uniqueid of one that was
// written down, is that one. A Uniqueid is a second and a counter that begins
// anew with the PBX, whose clock may have been set back: alone it proves nothing.
// Our own ids do, they are random; and so does the name, which has a counter of
// its own, unless the channel is younger than what was written.
func (c *Call) proven(was *leg, s ami.ChannelStatus, now time.Time) bool {
	if c.ours(s.Channel) {
		return true
	}
	if s.Channel.Name != was.name {
		return false
	}
	age := time.Duration(s.Seconds) * time.Second
	return s.Seconds == 0 || age+ageSlack >= now.Sub(c.snap.Ended)
}

// renamed is the leg that a channel of Asterisk 11 has become, where Local channels
// were optimised away unseen: the phone's name then stands on the Local half's
// Uniqueid.
func (c *Call) renamed(was *leg, ch ami.Channel) *leg {
	if ch.LinkedID != "" || ch.Name == was.name {
		return was
	}
	for _, l := range c.recalled {
		if l.Name == ch.Name && l.Name != "" {
			return &leg{name: l.Name, side: sideNamed(l.Side)}
		}
	}
	return was
}

// pair11 is the Local pair of a call that was written down before its PBX, which
// honours no ids, had told of it: the only one that goes by our name. Of two
// nobody can tell which is ours.
func (c *Call) pair11(live []ami.ChannelStatus) string {
	if c.recalled == nil {
		return ""
	}
	found := ""
	for _, s := range live {
		ch := s.Channel
		base, _, ok := strings.Cut(ch.Name, ";")
		if !ok || ch.LinkedID != "" || ch.CallerIDName != c.req.CallerName || !strings.HasPrefix(ch.Name, c.req.Channel+"-") {
			continue
		}
		if found != "" && found != base {
			return ""
		}
		found = base
	}
	return found
}

// leftByPerson: of the call's own side nothing is left. What lives of it was
// transferred, and is no longer the person's to follow or to hang up.
func (c *Call) leftByPerson(old map[string]*leg) bool {
	had := false
	for _, l := range old {
		had = had || l.side == sideOwn
	}
	return had && !c.has(sideOwn) && !c.has(halfOne) && !c.has(halfTwo)
}

// untold: nothing of the call was found, and that proves nothing, because the
// PBX tells no LinkedID and no phone of the call was known.
func (c *Call) untold(live []ami.ChannelStatus) bool {
	for _, l := range c.recalled {
		if l.Side == Sides[sideOwn] || l.Side == Sides[sideFar] {
			return false
		}
	}
	return slices.ContainsFunc(live, func(s ami.ChannelStatus) bool { return s.Channel.LinkedID == "" })
}

// deviceOf reports whether a channel's name, PJSIP/7101-0000001f, is of the phone
// of an extension.
func deviceOf(channel, extension string) bool {
	tech, device, _ := strings.Cut(channel, "/")
	if i := strings.LastIndexByte(device, '-'); i >= 0 {
		device = device[:i]
	}
	return tech != "Local" && extension != "" && slices.Contains(strings.FieldsFunc(device, func(r rune) bool {
		return r == '-' || r == '_' || r == '.' || r == '@'
	}), extension)
}

// Missed puts the call right after events were lost, from the PBX's list of
// live channels: what is not on it has been hung up.
func (c *Call) Missed(live []ami.ChannelStatus, now time.Time) {
	on := make(map[string]bool, len(live))
	for _, s := range live {
		on[s.Channel.UniqueID] = true
		if l := c.legs[s.Channel.UniqueID]; l != nil && s.Channel.State == chanUp {
			c.newstate(s.Channel, now)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(c.legs)) {
		if !on[id] {
			c.hangup(ami.HangupEvent{Channel: ami.Channel{UniqueID: id}}, now)
		}
	}
}
