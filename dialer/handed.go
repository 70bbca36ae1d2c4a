package dialer

import (
	"slices"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
)

// maxHanded is how many calls are followed that the person has left to the PBX, beside the
// one in hand: who transfers a call and dials the next seldom has a third one before the
// first is decided.
const maxHanded = 2

// putAside is for a call in whose place the next one comes. Where its transfer is not decided
// it is followed on: the person is told what became of whoever they have left to the PBX.
func (l *loop) putAside(t *tracked) {
	if t.call.TransferFollowed() == 0 {
		t.drop()
		return
	}
	if len(l.handed) == maxHanded {
		// One that is decided makes room, or else the oldest.
		at := max(0, slices.IndexFunc(l.handed, func(t *tracked) bool { return t.call.TransferFollowed() == 0 }))
		l.handed[at].drop()
		l.handed = slices.Delete(l.handed, at, at+1)
	}
	if l.named == t.req.ID {
		t.name = l.name
	}
	l.handed = append(l.handed, t)
}

// handedEvents are the streams of those calls, nil where there is none.
func (l *loop) handedEvents() (c [maxHanded]<-chan ami.Event) {
	for i, t := range l.handed {
		if t.sub != nil {
			c[i] = t.sub.C()
		}
	}
	return c
}

// handedOn reports whether one of them is not decided.
func (l *loop) handedOn() bool {
	return slices.ContainsFunc(l.handed, func(t *tracked) bool { return t.call.TransferFollowed() > 0 })
}

// handedLost: what becomes of them now nobody sees.
func (l *loop) handedLost() {
	for _, t := range l.handed {
		t.drop()
		t.call.EndTransfer(call.TransferUnknown, "")
	}
}

// handedDeadline is when handedTick wants to be called; zero: not at all.
func (l *loop) handedDeadline() (at time.Time) {
	for _, t := range l.handed {
		if d := t.deadline(); !d.IsZero() && (at.IsZero() || d.Before(at)) {
			at = d
		}
	}
	return at
}

func (l *loop) handedTick(now time.Time) {
	for _, t := range l.handed {
		if d := t.deadline(); !d.IsZero() && !now.Before(d) {
			l.callTick(t, now)
		}
	}
}

// handedCalls are they, as they stand. Those that are decided stay until others come.
func (l *loop) handedCalls() (all []call.Snapshot) {
	for _, t := range l.handed {
		c := t.call.Snapshot()
		if t.name != "" {
			c.FarName = t.name
		}
		all = append(all, c)
	}
	return all
}
