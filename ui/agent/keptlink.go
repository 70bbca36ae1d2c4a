package agent

import "time"

// keptLink is a link that came before there was an account. It is the only one that
// is ever kept: the person who clicked it is led through the assistant first, and
// then wants to be asked about it.
type keptLink struct {
	uri      string // "": none
	readable bool
	at       time.Time
	more     int // links dropped since
}

// keepTime is how long a link is kept: after that nobody remembers the click.
const keepTime = 30 * time.Minute

// keep keeps uri unless one is kept already. A link that is a number takes the place
// of one that is not; readable says that uri is one.
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

// pop returns the kept link, "" where there is none or it is too old, and keeps it no
// longer.
func (k *keptLink) pop(now time.Time) (uri string, more int) {
	was := *k
	*k = keptLink{}
	if was.uri == "" || now.Sub(was.at) >= keepTime {
		return "", 0
	}
	return was.uri, was.more
}
