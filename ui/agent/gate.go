package agent

import "time"

// How many links somebody may have to refuse within gateTime before links are
// muted, and for how long they then are; and how many may within gateTime be
// called unasked, or raise a window for not being readable.
const (
	maxRefusals = 3
	maxTrusted  = 3
	maxUnread   = 3
	gateTime    = time.Minute
	muteTime    = time.Minute
)

// gate decides which links a person is asked about: one at a time, none while
// they have just refused several. What is not asked about is counted and
// forgotten, never queued: a page can open links faster than anybody can say
// no. It is pure; its callers bring the time, and a lock.
type gate struct {
	last    uint64    // the newest id; ids begin at 1
	shown   uint64    // the one on the screen; 0: none
	calling bool      // there was a yes to it, which is being carried out
	agreed  bool      // there was a yes to it; to go on without a call is no refusal
	trusted bool      // nobody was asked about it
	more    int       // dropped while it was shown
	ignored int       // dropped while links were muted, told with the next that is shown
	skipped int       // as shown tells it: what ignored was
	refused latest    // refusals
	called  latest    // calls that nobody was asked about
	until   time.Time // links are muted before it

	// A link that cannot be read is nothing to say no to, and stands in the way of
	// none that can be: it has a place of its own, in the dial window.
	unread     uint64 // the one in there; 0: none
	unreadMore int    // of its kind that were dropped since it came, or before it
	unreads    latest // when one was put there
}

// latest are the moments of the last gateTime, oldest first.
type latest []time.Time

// within is how many there were in the gateTime before now.
func (l *latest) within(now time.Time) int {
	for len(*l) > 0 && now.Sub((*l)[0]) >= gateTime {
		*l = (*l)[1:]
	}
	return len(*l)
}

// add notes now, and returns how many there are with it.
func (l *latest) add(now time.Time) int {
	n := l.within(now) + 1
	*l = append(*l, now)
	return n
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
	g.shown, g.skipped = g.last, g.ignored
	g.calling, g.agreed, g.trusted, g.more, g.ignored = false, false, false, 0, 0
	return true
}

// arriveUnread is arrive for a link that cannot be read. While a question is on
// the screen it is counted there.
func (g *gate) arriveUnread(now time.Time) bool {
	switch {
	case g.shown != 0 || now.Before(g.until):
		return g.arrive(now)
	case g.unread != 0 || g.unreads.within(now) >= maxUnread:
		g.unreadMore++
		return false
	}
	g.last++
	g.unread = g.last
	g.unreads.add(now)
	return true
}

// leaveUnread is for one that is corrected, called or no longer looked at.
func (g *gate) leaveUnread(id uint64) bool {
	if id == 0 || id != g.unread {
		return false
	}
	g.unread, g.unreadMore = 0, 0
	return true
}

// refuse is a no to id. It reports whether links are muted from now on.
func (g *gate) refuse(id uint64, now time.Time) bool {
	if !g.is(id) {
		return false
	}
	g.shown = 0
	return !g.agreed && g.refuseCall(now)
}

// refuseCall is a no to a link that is no longer on the screen: to a call that
// nobody was asked about.
func (g *gate) refuseCall(now time.Time) bool {
	if g.refused.add(now) < maxRefusals {
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

// trust is agree where nobody was asked: a no to it later is a refusal. It is
// not given where there were enough such calls just now.
func (g *gate) trust(id uint64, now time.Time) bool {
	g.calling = g.is(id) && g.called.within(now) < maxTrusted
	g.trusted = g.calling
	return g.calling
}

// done says what became of a yes. Where nothing was dialled the link stays on
// the screen, with the reason.
func (g *gate) done(id uint64, dialled bool, now time.Time) {
	if g.shown != id {
		return
	}
	g.calling = false
	if !dialled {
		g.trusted = false
		return
	}
	g.shown = 0
	if g.trusted {
		g.called.add(now)
	}
}

// abandon is for a window that is gone without an answer.
func (g *gate) abandon(id uint64) {
	if g.shown == id {
		g.shown = 0
	}
	g.leaveUnread(id)
}

func (g *gate) is(id uint64) bool { return id != 0 && id == g.shown && !g.calling }
