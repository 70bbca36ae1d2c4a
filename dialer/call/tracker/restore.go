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
	c.before = c.snap
	c.snap.State, c.snap.Cause = call.Unknown, call.LinkLost
	c.snap.Ended = now
	c.deadline, c.onTick = time.Time{}, nil
}

// Restore puts an unknown call right from the PBX's list of live channels:
// if one of ours is among them the call goes on where it was, otherwise it
// stays unknown, because nobody saw how it ended.
func (c *Call) Restore(live []ami.ChannelStatus, now time.Time) {
	if c.snap.State != call.Unknown {
		return
	}
	legs := make(map[string]*leg)
	for _, s := range live {
		ch := s.Channel
		old, known := c.legs[ch.UniqueID]
		if !known && !c.ours(s) {
			continue
		}
		if _, gone := c.gone[ch.UniqueID]; gone {
			continue // its Hangup overtook the list
		}
		l := &leg{name: ch.Name, side: c.rootSide(ch)}
		if known {
			l.side = old.side
		}
		c.gap = c.gap || !known
		legs[ch.UniqueID] = l
	}
	c.legs = legs
	if len(legs) == 0 {
		return
	}
	c.unseen(func(id string) bool { return legs[id] != nil })
	c.snap.State, c.snap.Cause, c.snap.Ended = c.before.State, c.before.Cause, time.Time{}
	c.stands(live, now)
}

// unseen forgets the tries of the far side that ended while nobody listened: how
// they did is not known, nor, unless more is seen, how the call did.
func (c *Call) unseen(lives func(id string) bool) {
	for id, t := range c.far.tries {
		if !t.decided() && !lives(id) {
			delete(c.far.tries, id)
			c.gap = true
		}
	}
}

// stands takes from the list of live channels who has answered.
func (c *Call) stands(live []ami.ChannelStatus, now time.Time) {
	up := func(s side) bool {
		return slices.ContainsFunc(live, func(st ami.ChannelStatus) bool {
			l := c.legs[st.Channel.UniqueID]
			return l != nil && l.side == s && st.Channel.State == chanUp
		})
	}
	// The own phone may be up without having answered while the Local pair
	// stands for it.
	own := up(halfOne) || up(sideOwn) && !c.has(halfOne)
	if !own {
		return
	}
	var bridged []string // where the own side is
	told := false        // the PBX tells of bridges (not Asterisk 11)
	for _, st := range live {
		l := c.legs[st.Channel.UniqueID]
		if l == nil {
			continue
		}
		if l.side == sideUnknown && st.Channel.State == chanUp && !strings.HasPrefix(l.name, "Local/") {
			// A phone or trunk of which nobody knows who dialled it, beside the
			// own phone, is the far side, born while the link was away.
			l.side = sideFar
		}
		told = told || st.BridgeID != ""
		if st.BridgeID != "" && (l.side == halfOne || l.side == sideOwn) {
			bridged = append(bridged, st.BridgeID)
		}
	}
	if c.snap.State == call.Requested || c.snap.State == call.RingingOwn {
		c.to(call.AnsweredOwn)
	}
	for _, st := range live {
		l := c.legs[st.Channel.UniqueID]
		if l != nil && l.side == sideFar && st.Channel.State == chanUp &&
			(!told || slices.Contains(bridged, st.BridgeID) || !c.has(halfOne)) {
			c.inCall(now)
		}
	}
}

// ours knows a channel of this call of which no event was seen: by the ids that
// the Originate asked for, by those of channels that are known, where the PBX chose
// them (before Asterisk 12.2), or as the one that such a channel is joined with,
// where it tells no Linkedid (before 12).
func (c *Call) ours(s ami.ChannelStatus) bool {
	for _, id := range []string{s.Channel.UniqueID, s.Channel.LinkedID} {
		if id != "" && (id == c.req.ChannelID || id == c.req.OtherChannelID) {
			return true
		}
	}
	for _, id := range []string{s.Channel.LinkedID, s.Bridged} {
		if c.legs[id] != nil {
			return true
		}
	}
	return false
}

// Unheard reports whether channels of the call are known from a list alone, and
// the PBX's events may not show that they are of it: who follows the call has to
// make a Family anew, and to ask for the list once more.
func (c *Call) Unheard() bool { return c.gap && !c.linked }

// Missed puts the call right after events were lost, from the PBX's list of
// live channels: what is not on it has been hung up.
func (c *Call) Missed(live []ami.ChannelStatus, now time.Time) {
	on := make(map[string]bool, len(live))
	for _, s := range live {
		on[s.Channel.UniqueID] = true
	}
	c.unseen(func(id string) bool { return on[id] })
	for _, id := range slices.Sorted(maps.Keys(c.legs)) {
		if !on[id] {
			c.hangup(ami.HangupEvent{Channel: ami.Channel{UniqueID: id}}, now)
		}
	}
	if c.snap.Live() {
		c.stands(live, now)
	}
}
