package agent

import (
	"time"
)

// keptLink is a link that came while nothing was set up. It is the only one that
// is ever kept: who clicked it is led through the assistant first, and then
// wants to be asked about it.
type keptLink struct {
	uri      string // "": none
	readable bool
	at       time.Time
	more     int // dropped since
}

// keepTime is how long a set-up may take before a link is asked about that
// nobody remembers having clicked.
const keepTime = 30 * time.Minute

// keep keeps uri, unless one is kept; one that can be read has precedence.
func (k *keptLink) keep(uri string, readable bool, now time.Time) {
	switch {
	case k.uri == "" || now.Sub(k.at) >= keepTime:
		*k = keptLink{uri: uri, readable: readable, at: now}
	case readable && !k.readable:
		*k = keptLink{uri: uri, readable: true, at: now, more: k.more + 1}
	default:
		k.more++
	}
}

// take returns the kept link, if there is one that is not too old, and keeps it
// no longer.
func (k *keptLink) take(now time.Time) (uri string, more int) {
	was := *k
	*k = keptLink{}
	if was.uri == "" || now.Sub(was.at) >= keepTime {
		return "", 0
	}
	return was.uri, was.more
}
