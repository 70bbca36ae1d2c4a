package main

import "time"

// How many links somebody may have to refuse, and within what time, before
// links are muted, and for how long they then are.
const (
	maxRefusals = 3
	refusalTime = time.Minute
	muteTime    = time.Minute
)

// gate decides which links a person is asked about: one at a time, none while
// they have just refused several. What is not asked about is counted and
// forgotten, never queued: a page can open links faster than anybody can say
// no. It is pure; its callers bring the time, and a lock.
type gate struct {
	last    uint64      // the newest id; ids begin at 1
	shown   uint64      // the one on the screen; 0: none
	calling bool        // there was a yes to it, which is being carried out
	agreed  bool        // there was a yes to it; to go on without a call is no refusal
	more    int         // dropped while it was shown
	ignored int         // dropped while links were muted, told with the next that is shown
	skipped int         // as shown tells it: what ignored was
	refused []time.Time // the latest refusals, oldest first
	until   time.Time   // links are muted before it
}

// arrive says whether a link that arrives now is to be shown, as shown.
func (g *gate) arrive(now time.Time) bool {
	switch {
	case g.shown != 0:
		g.more++
		return false
	case now.Before(g.until):
		g.ignored++
		return false
	}
	g.last++
	*g = gate{last: g.last, shown: g.last, skipped: g.ignored, refused: g.refused, until: g.until}
	return true
}

// refuse is a no to id. It reports whether links are muted from now on.
func (g *gate) refuse(id uint64, now time.Time) bool {
	if !g.is(id) {
		return false
	}
	agreed := g.agreed
	g.shown = 0
	if agreed {
		return false
	}
	recent := g.refused[:0]
	for _, t := range g.refused {
		if now.Sub(t) < refusalTime {
			recent = append(recent, t)
		}
	}
	g.refused = append(recent, now)
	if len(g.refused) < maxRefusals {
		return false
	}
	g.refused, g.until = nil, now.Add(muteTime)
	return true
}

// agree is a yes to id, which is good for one try; done must follow.
func (g *gate) agree(id uint64) bool {
	if !g.is(id) {
		return false
	}
	g.calling, g.agreed = true, true
	return true
}

// trust is agree where nobody was asked: a no to it later is a refusal.
func (g *gate) trust(id uint64) bool {
	g.calling = g.is(id)
	return g.calling
}

// done says what became of a yes. Where nothing was dialled the link stays on
// the screen, with the reason.
func (g *gate) done(id uint64, dialled bool) {
	if g.shown != id {
		return
	}
	g.calling = false
	if dialled {
		g.shown = 0
	}
}

// abandon is for a window that is gone without an answer.
func (g *gate) abandon(id uint64) {
	if g.shown == id {
		g.shown = 0
	}
}

func (g *gate) is(id uint64) bool { return id != 0 && id == g.shown && !g.calling }
