package tracker

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"cornetta/dialer/call"
)

// Memo is what another program has to know of a call in order to find it again. It
// holds no names of people.
type Memo struct {
	Request   Request    `json:"request"`
	State     call.State `json:"state"`
	Cause     call.Cause `json:"cause,omitempty"`  // of a call that lives: why nobody answers
	ByPBX     bool       `json:"by_pbx,omitempty"` // as a Snapshot has it
	Twins     bool       `json:"twins,omitempty"`  // another call may be mistaken for it
	Requested time.Time  `json:"requested_at"`
	Answered  time.Time  `json:"answered_at,omitzero"`
	Seen      time.Time  `json:"seen_at"` // when all of this was so
	Legs      []MemoLeg  `json:"legs,omitempty"`
}

// MemoLeg is a channel of the call when it was last seen. Restore decides whether the
// channel that has its Uniqueid now is the same.
type MemoLeg struct {
	ID   string `json:"id"` // the Uniqueid
	Name string `json:"name"`
	Side string `json:"side,omitempty"` // one of Sides
}

// Sides are the names of the ends of a call, as a Memo has them.
var Sides = []string{sideUnknown: "", sideOwn: "own", sideFar: "far", halfOne: "one", halfTwo: "two", sideThird: "third"}

// MemoLegs is how many channels a Memo has at most: the halves and the phones
// come first.
const MemoLegs = 32

// Memo is c as it stands now.
func (c *Call) Memo(now time.Time) Memo {
	s := c.snap
	if !s.Live() {
		s = c.beforeLost
	}
	m := Memo{
		Request: c.req, State: s.State, Cause: s.Cause, ByPBX: s.ByPBX, Twins: c.ambiguous,
		Requested: c.snap.Requested, Answered: s.Answered, Seen: now,
	}
	for id, l := range c.legs {
		if !l.uncertain {
			m.Legs = append(m.Legs, MemoLeg{id, l.name, Sides[l.side]})
		}
	}
	slices.SortFunc(m.Legs, func(a, b MemoLeg) int {
		return cmp.Or(cmp.Compare(rankOfSide(a), rankOfSide(b)), strings.Compare(a.ID, b.ID))
	})
	m.Legs = m.Legs[:min(len(m.Legs), MemoLegs)]
	return m
}

func rankOfSide(l MemoLeg) int {
	if l.Side == "" {
		return 1
	}
	return 0
}

// Covers reports whether o differs from m in its time only, so that it need not be
// written.
func (m Memo) Covers(o Memo) bool {
	if m.State != o.State || m.Cause != o.Cause || m.ByPBX != o.ByPBX || m.Twins != o.Twins || !m.Answered.Equal(o.Answered) {
		return false
	}
	for _, l := range o.Legs {
		if l.Side != "" && !slices.Contains(m.Legs, l) {
			return false
		}
	}
	return true
}

// Recall is the call of m, unknown until Restore is given the channels that live.
// Before that none of the channels in m counts as the call's.
func Recall(m Memo) *Call {
	c := New(m.Request, m.Requested)
	c.snap.State, c.snap.Cause, c.snap.ByPBX, c.snap.Answered = m.State, m.Cause, m.ByPBX, m.Answered
	c.born, c.missedEvents, c.ambiguous, c.pickedUpByOther = true, true, m.Twins, m.Cause == call.OwnElsewhere
	c.far.voice = m.ByPBX && m.Answered.IsZero()
	c.ConnectionLost(m.Seen)
	c.recalled = make(map[string]MemoLeg, len(m.Legs))
	for _, l := range m.Legs {
		c.recalled[l.ID] = l
		c.byID = c.byID || l.ID == m.Request.ChannelID || l.ID == m.Request.OtherChannelID
	}
	return c
}

// Abandon notes that a recalled call will not be looked for: it belongs to an account
// that is not in force any more.
func (c *Call) Abandon() { c.snap.Cause = call.OtherAccount }

// Finished is a call that is over, with its last Snapshot.
func Finished(s call.Snapshot) *Call { return &Call{snap: s} }

// sideNamed is the side with that name in Sides.
func sideNamed(name string) side { return side(max(0, slices.Index(Sides, name))) }

// remembered are the legs that c had before the connection was lost, by Uniqueid.
func (c *Call) remembered() map[string]*leg {
	old := maps.Clone(c.legs)
	for id, m := range c.recalled {
		old[id] = &leg{name: m.Name, side: sideNamed(m.Side)}
	}
	return old
}
