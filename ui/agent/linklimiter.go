package agent

import "time"

// The limits: what may happen within limitTime.
const (
	maxRefusals = 3 // that many refusals mute links for muteTime
	maxTrusted  = 3 // calls without a question, after which a trusted link is asked about
	maxUnasked  = 6 // calls without a question, after which any that was not typed is asked about
	maxUnread   = 3 // links that are no number and open the dial window
	limitTime   = time.Minute
	muteTime    = time.Minute
)

// linkLimiter decides which links a person is asked about: one at a time, and none
// for a while after they have refused several. Other links are counted and
// forgotten, never queued: a web page can open links faster than anybody can say
// no. It is pure; its callers bring the time and hold a lock.
type linkLimiter struct {
	last    uint64    // the newest id; ids begin at 1
	shown   uint64    // the one on the screen; 0: none
	calling bool      // it is being dialled
	agreed  bool      // there was a yes to it: to close its window later is no refusal
	trusted bool      // it is dialled without a question
	more    int       // links dropped while it was shown
	ignored int       // links dropped while links were muted, since the last that was shown
	skipped int       // what ignored was when shown came; its window tells it
	refused latest    // refusals
	called  latest    // calls of which nobody was asked, and that nobody typed
	until   time.Time // links are muted until then

	// A link that is no number ("unread": it cannot be read) needs no answer, and
	// must not keep others from being asked about. It is shown in the dial window.
	unread     uint64 // the id of the one that is shown there; 0: none
	unreadMore int    // such links that were dropped since it came, or just before
	unreads    latest // when one was shown
}

// latest are the moments of the last limitTime, oldest first.
type latest []time.Time

// within counts those in the limitTime before now.
func (l *latest) within(now time.Time) int {
	for len(*l) > 0 && now.Sub((*l)[0]) >= limitTime {
		*l = (*l)[1:]
	}
	return len(*l)
}

// add notes now, and counts it in.
func (l *latest) add(now time.Time) int {
	n := l.within(now) + 1
	*l = append(*l, now)
	return n
}

// arrive takes a link that arrives now. It reports whether it is to be shown; its id
// is in shown then.
func (l *linkLimiter) arrive(now time.Time) bool {
	switch {
	case l.shown != 0:
		l.more++
		return false
	case now.Before(l.until):
		l.ignored++
		return false
	}
	l.last++
	l.shown, l.skipped = l.last, l.ignored
	l.calling, l.agreed, l.trusted, l.more, l.ignored = false, false, false, 0, 0
	return true
}

// arriveUnread is arrive for a link that is no number; its id is in unread. While a
// question is on the screen the link is only counted there.
func (l *linkLimiter) arriveUnread(now time.Time) bool {
	switch {
	case l.shown != 0 || now.Before(l.until):
		return l.arrive(now)
	case l.unread != 0 || l.unreads.within(now) >= maxUnread:
		l.unreadMore++
		return false
	}
	l.last++
	l.unread = l.last
	l.unreads.add(now)
	return true
}

// leaveUnread is called when the text of such a link was corrected, dialled or left.
// It reports whether id was one.
func (l *linkLimiter) leaveUnread(id uint64) bool {
	if id == 0 || id != l.unread {
		return false
	}
	l.unread, l.unreadMore = 0, 0
	return true
}

// refuse is a no to id. It reports whether links are muted from now on.
func (l *linkLimiter) refuse(id uint64, now time.Time) bool {
	if !l.is(id) {
		return false
	}
	l.shown = 0
	return !l.agreed && l.refuseCall(now)
}

// refuseCall is a no to a trusted link, whose call was hung up. It reports whether
// links are muted from now on.
func (l *linkLimiter) refuseCall(now time.Time) bool {
	if l.refused.add(now) < maxRefusals {
		return false
	}
	l.refused, l.until = nil, now.Add(muteTime)
	return true
}

// agree is a yes to id, which is good for one try; done must follow.
func (l *linkLimiter) agree(id uint64) bool {
	if !l.is(id) {
		return false
	}
	l.calling, l.agreed = true, true
	return true
}

// trust is agree without a question to the person, who can still refuse it later.
// It reports whether the link may be dialled: not where there were too many calls
// without a question just now, by links or otherwise.
func (l *linkLimiter) trust(id uint64, now time.Time) bool {
	l.calling = l.is(id) && l.called.within(now) < maxTrusted
	l.trusted = l.calling
	return l.calling
}

// done follows agree and trust, and says whether the number was dialled. Where it was
// not, the link stays on the screen, with the reason.
func (l *linkLimiter) done(id uint64, dialled bool, now time.Time) {
	if l.shown != id {
		return
	}
	l.calling = false
	if !dialled {
		l.trusted = false
		return
	}
	l.shown = 0
	if l.trusted {
		l.called.add(now)
	}
}

// unasked notes a call that was no link's, of which nobody was asked and which nobody
// typed.
func (l *linkLimiter) unasked(now time.Time) { l.called.add(now) }

// many reports whether there were so many calls without a question just now that the
// next is to be asked about, whatever it comes from.
func (l *linkLimiter) many(now time.Time) bool { return l.called.within(now) >= maxUnasked }

// renew gives the link that is shown another id: what is shown of it is no longer what
// was shown. It reports whether id was that link.
func (l *linkLimiter) renew(id uint64) bool {
	if !l.is(id) {
		return false
	}
	l.last++
	l.shown, l.agreed = l.last, false
	return true
}

// abandon is called when the link's window is gone without an answer.
func (l *linkLimiter) abandon(id uint64) {
	if l.shown == id {
		l.shown = 0
	}
	l.leaveUnread(id)
}

// is reports whether id waits for an answer.
func (l *linkLimiter) is(id uint64) bool { return id != 0 && id == l.shown && !l.calling }
