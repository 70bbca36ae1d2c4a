package window

import (
	"time"

	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// repeatTime is how far apart two presses are that a person makes: a key held
// down repeats faster.
const repeatTime = 500 * time.Millisecond

// asking stands between the Enter key and a number that is asked about first:
// the first press turns the button into "Call anyway", a second one calls.
type asking struct {
	text  string       // what the preview is of
	seen  status.Offer // as it is shown
	armed bool         // pressed once
	last  time.Time    // the latest press
}

// see takes a preview that is on the screen.
func (q *asking) see(text string, v status.Offer) {
	q.text, q.seen = text, v
	q.armed = q.armed && len(v.Reasons) > 0
}

// await is for a press that came before its preview: it was the first.
func (q *asking) await(text string, now time.Time) {
	*q = asking{text: text, armed: true, last: now}
}

// forget is for a text that changed: a yes is for what was seen.
func (q *asking) forget() { *q = asking{} }

// disarm takes back the first press, of a person who has turned to something else.
func (q *asking) disarm() {
	if q.seen.ID == 0 { // nothing was seen yet
		q.forget()
	}
	q.armed = false
}

// press reports whether text may be dialled now.
func (q *asking) press(text string, now time.Time) bool {
	if text != q.text || len(q.seen.Reasons) == 0 {
		return !q.armed // what is to be seen comes first
	}
	again := q.armed && now.Sub(q.last) >= repeatTime
	q.armed, q.last = true, now
	return again
}

// label is the button's.
func (q *asking) label() string {
	if q.armed {
		return words.Text(words.LabelCallAnyway)
	}
	return words.Text(words.LabelCall)
}
