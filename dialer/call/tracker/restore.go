package tracker

import (
	"maps"
	"slices"
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
)

// ConnectionLost makes a live call unknown.
func (c *Call) ConnectionLost(now time.Time) {
	c.EndTransfer(call.TransferUnknown, "")
	if !c.snap.Live() {
		return
	}
	c.beforeLost = c.snap
	c.snap.State, c.snap.Cause = call.Unknown, call.ConnectionLost
	c.snap.Ended = now
	c.deadline, c.onTick = time.Time{}, nil
}

// Restore updates an unknown call from the PBX's list of live channels: if one of
// ours is among them the call goes on in its present state, otherwise it stays
// unknown, because nobody saw how it ended.
func (c *Call) Restore(live []ami.ChannelStatus, now time.Time) {
	if c.snap.State != call.Unknown {
		return
	}
	old := c.remembered()
	known := c.known(live, old, now)
	family := known
	if c.recalled == nil {
		family = old // also by channels that are gone: no other channel has their Uniqueids yet
	}
	pair := c.pair11(live)
	if pair != "" && c.req.Direct() {
		c.knownPair = pair
	}
	legs := make(map[string]*leg)
	for _, s := range live {
		ch := s.Channel
		was := known[ch.UniqueID]
		kin := was == nil && (c.hasAskedID(ch) || isJoined(s, family))
		if was == nil && !kin && (pair == "" || ch.Name != pair && !strings.HasPrefix(ch.Name, pair+";")) {
			continue
		}
		if len(legs) == familyCap {
			break
		}
		if _, gone := c.gone[ch.UniqueID]; gone {
			continue // its Hangup overtook the list
		}
		l := &leg{name: strings.Clone(ch.Name), side: c.rootSide(ch)}
		switch {
		case l.side != sideUnknown:
		case was != nil:
			l.side, l.uncertain = was.side, was.uncertain
		default:
			l.uncertain = kin
		}
		if l.side == sideUnknown && deviceOf(ch.Name, c.req.Extension) {
			l.side = sideOwn
		}
		if base, _, ok := strings.Cut(ch.Name, ";"); ok && (l.side == sideOwn || l.side == sideFar) && len(c.bases) < familyCap {
			c.bases[base] = l.side
		}
		c.missedEvents = c.missedEvents || was == nil
		legs[strings.Clone(ch.UniqueID)] = l
	}
	c.legs = legs
	if c.leftByPerson(old) {
		clear(legs)
	}
	if len(legs) == 0 {
		if c.recalled != nil && !c.cannotTell(live) {
			c.snap.Cause = call.EndedUnseen
		}
		return
	}
	c.recalled = nil
	c.forgetMissed(func(id string) bool { return legs[id] != nil })
	c.snap.State, c.snap.Cause, c.snap.Ended = c.beforeLost.State, c.beforeLost.Cause, time.Time{}
	c.readStatus(live, now)
}

// forgetMissed forgets the far side's attempts that ended while events were missed: their
// result is not known.
func (c *Call) forgetMissed(lives func(id string) bool) {
	for id, t := range c.far.tries {
		if !t.decided() && !lives(id) {
			delete(c.far.tries, id)
			c.missedEvents = true
		}
	}
}

// readStatus takes from the list of live channels how far the call has come: who is
// being called, and who has answered.
func (c *Call) readStatus(live []ami.ChannelStatus, now time.Time) {
	live = slices.DeleteFunc(slices.Clone(live), func(s ami.ChannelStatus) bool { return c.legs[s.Channel.UniqueID] == nil })
	is := func(s ami.ChannelStatus, of side, state int) bool {
		return c.legs[s.Channel.UniqueID].side == of && s.Channel.State == state
	}
	up := func(of side) bool {
		return slices.ContainsFunc(live, func(s ami.ChannelStatus) bool { return is(s, of, chanUp) })
	}
	for _, s := range live {
		if is(s, sideOwn, chanRinging) {
			c.ringing(sideOwn, s.Channel, now)
		}
	}
	// The own phone may be up without having answered while the Local pair
	// stands for it.
	if !up(halfOne) && (!up(sideOwn) || c.has(halfOne)) {
		return
	}
	if c.snap.State == call.Requested || c.snap.State == call.RingingOwn {
		c.setState(call.AnsweredOwn)
	}
	var bridged []string // where the own side is
	told := false        // the PBX tells of bridges (not Asterisk 11)
	linked := false      // and of a Linkedid, so that the list has whoever is being called
	for _, s := range live {
		l := c.legs[s.Channel.UniqueID]
		if l.side == sideUnknown && !l.local() {
			// A phone or trunk of which nobody knows who dialled it, beside the
			// own phone, is the far side, born while there was no connection.
			l.side = sideFar
		}
		if l.side == sideFar && c.farPending() && !c.far.over[s.Channel.UniqueID] {
			t := c.far.tries.of(s.Channel, now)
			t.up = t.up || s.Channel.State == chanUp
		}
		told = told || s.BridgeID != ""
		linked = linked || s.Channel.LinkedID != ""
		if s.BridgeID != "" && (l.side == halfOne || l.side == sideOwn) {
			bridged = append(bridged, s.BridgeID)
		}
	}
	for _, s := range live {
		switch {
		case is(s, sideFar, chanRinging):
			c.ringing(sideFar, s.Channel, now)
		case is(s, sideFar, chanUp) && (!told || slices.Contains(bridged, s.BridgeID) || !c.has(halfOne)):
			c.inCall(now)
		}
	}
	switch { // the deadlines that were set before
	case !linked || !c.farPending() || !c.deadline.IsZero():
	case c.far.failed():
		c.setDeadline(now.Add(grace), c.farTold)
	case c.snap.State == call.AnsweredOwn && !c.far.calling():
		c.setDeadline(now.Add(serviceAfter), c.service)
	}
}

// known are the channels on the list that were the call's when it was seen last,
// by Uniqueid, with what they were.
func (c *Call) known(live []ami.ChannelStatus, old map[string]*leg, now time.Time) map[string]*leg {
	known := make(map[string]*leg)
	for _, s := range live {
		ch := s.Channel
		c.byID = c.byID || ch.UniqueID != "" && (ch.UniqueID == c.req.ChannelID || ch.UniqueID == c.req.OtherChannelID)
		was := renamed(old, ch)
		if was != nil && (c.recalled == nil || c.proven(was, s, now)) {
			known[ch.UniqueID] = was
		}
	}
	return known
}

// hasAskedID reports whether a channel, of which no event was seen, has one of the ids
// that the Originate asked for.
func (c *Call) hasAskedID(ch ami.Channel) bool {
	for _, id := range []string{c.req.ChannelID, c.req.OtherChannelID} {
		if id != "" && (ch.UniqueID == id || ch.LinkedID == id) {
			return true
		}
	}
	return false
}

// isJoined reports whether a channel has an id of family, where the PBX chose the ids
// (before Asterisk 12.2), or is joined with such a channel, where there is no Linkedid
// (before 12).
func isJoined(s ami.ChannelStatus, family map[string]*leg) bool {
	for _, id := range []string{s.Channel.LinkedID, s.Bridged} {
		if id != "" && family[id] != nil {
			return true
		}
	}
	return false
}

// Unheard reports whether channels of the call are known from a list only, so that a
// Family may not recognise their events: whoever follows the call has to make a new
// Family and ask for the list once more.
func (c *Call) Unheard() bool { return c.missedEvents && !c.linked }

// ageSlack is how far a channel's age, in whole seconds, may be off.
const ageSlack = 5 * time.Second

// proven reports whether the channel s, which bears the Uniqueid of one that was
// written down, is the same. A Uniqueid is a time in seconds and a counter that
// restarts with the PBX, whose clock may have been set back: alone it proves nothing.
// Our own ids do, because they are random; so does the name, which has a counter of
// its own, unless the channel is younger than the record.
func (c *Call) proven(was *leg, s ami.ChannelStatus, now time.Time) bool {
	if c.hasAskedID(s.Channel) {
		return true
	}
	if s.Channel.Name != was.name {
		return false
	}
	age := time.Duration(s.Seconds) * time.Second
	return s.Seconds == 0 || age+ageSlack >= now.Sub(c.snap.Ended)
}

// renamed is what ch was in old; nil where it was nothing. On Asterisk 11, where
// Local channels are optimised away, the phone's name then stands on the Local
// half's Uniqueid.
func renamed(old map[string]*leg, ch ami.Channel) *leg {
	was := old[ch.UniqueID]
	if was == nil || ch.LinkedID != "" || ch.Name == was.name || ch.Name == "" {
		return was
	}
	for _, l := range old {
		if l.name == ch.Name {
			return l
		}
	}
	return was
}

// pair11 is the Local pair of a call that was recorded before its PBX, which honours
// no ids, had sent an event of it: the only pair with our name. Of two it is not known
// which is ours.
func (c *Call) pair11(live []ami.ChannelStatus) string {
	if c.recalled == nil || c.byID || c.req.TakesIDs {
		return ""
	}
	found := ""
	for _, s := range live {
		ch := s.Channel
		base, _, ok := strings.Cut(ch.Name, ";")
		if ok == c.req.Direct() || ch.LinkedID != "" || ch.CallerIDName.Text() != c.req.CallerName || !strings.HasPrefix(ch.Name, c.req.names()) {
			continue
		}
		if found != "" && found != base {
			return ""
		}
		found = base
	}
	return found
}

// leftByPerson reports whether no channel of the own side is left. What lives of the
// call was transferred, and is not followed or hung up any more.
func (c *Call) leftByPerson(old map[string]*leg) bool {
	had := false
	for _, l := range old {
		had = had || l.side == sideOwn || l.side == halfOne && c.req.Direct()
	}
	return had && !c.has(sideOwn) && !c.has(halfOne) && !c.has(halfTwo)
}

// cannotTell reports whether it proves nothing that no channel of the call was found,
// because the PBX sends no LinkedID and no phone of the call was known.
func (c *Call) cannotTell(live []ami.ChannelStatus) bool {
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

// Asking notes that the PBX is asked now for the list that Missed is going to get.
func (c *Call) Asking() {
	for _, l := range c.legs {
		l.listed = true
	}
}

// Missed updates the call after events were lost, from the PBX's list of live
// channels, with all that came before its end applied: a channel that is not on it,
// and was known when it was asked for, has been hung up.
func (c *Call) Missed(live []ami.ChannelStatus, now time.Time) {
	on := make(map[string]bool, len(live))
	for _, s := range live {
		on[s.Channel.UniqueID] = true
	}
	c.forgetMissed(func(id string) bool { return on[id] })
	for _, id := range slices.Sorted(maps.Keys(c.legs)) {
		if !on[id] && c.legs[id] != nil && c.legs[id].listed {
			c.hangup(ami.HangupEvent{Channel: ami.Channel{UniqueID: id}}, now)
		}
	}
	if c.snap.Live() {
		c.readStatus(live, now)
	}
}
