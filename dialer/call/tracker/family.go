package tracker

import (
	"bytes"
	"strings"

	"cornetta/ami"
)

// familyCap bounds how many channels one call may have; a call has four to a
// dozen. What is beyond it is somebody else's or an attack.
const familyCap = 256

// Family tells the events of our own call from those of everybody else, by
// the set of Uniqueids that were born of it. Its Wants runs on the AMI
// reader's goroutine, so that other people's calls are forgotten before they
// are even decoded. A Family belongs to that one goroutine.
type Family struct {
	actionID string
	prefix   string // "Local/7101@c2c-", for servers that honour no ChannelId
	name     string // in CallerID, for the same
	base     string // the Local pair found by prefix
	sure     bool   // its name says that it is ours
	not      string // one that was found to be another call's
	ids      map[string]struct{}
	resumed  bool // channels may have been born unseen: Linkedid counts throughout
}

// NewFamily starts the set with the ids that r asks the PBX to use.
func NewFamily(r Request) *Family {
	f := &Family{
		actionID: r.ActionID,
		prefix:   r.Channel + "-",
		name:     r.CallerName,
		ids:      make(map[string]struct{}, 8),
	}
	for _, id := range []string{r.ChannelID, r.OtherChannelID} {
		if id != "" {
			f.ids[id] = struct{}{}
		}
	}
	return f
}

// Wants reports whether m belongs to the call, and learns from it.
//
// A Linkedid of ours makes a channel ours only when it is born: when bridges
// merge the oldest Linkedid wins, and then channels of other people carry it.
func (f *Family) Wants(m *ami.Message) bool {
	if f.resumed && (f.has(m, "Linkedid") || f.has(m, "DestLinkedid")) {
		f.add(m, "Uniqueid")
		f.add(m, "DestUniqueid")
		return true
	}
	switch string(m.Event()) {
	case "OriginateResponse":
		return string(m.Bytes("ActionID")) == f.actionID
	case "Newchannel":
		if f.has(m, "Uniqueid") || f.has(m, "Linkedid") || f.ours11(m) {
			f.add(m, "Uniqueid")
			return true
		}
		return false
	case "NewCallerid":
		return f.named11(m)
	case "DialEnd":
		if f.has(m, "Uniqueid") {
			f.add(m, "DestUniqueid") // of a colleague who picked the call up
			return true
		}
		return f.has(m, "DestUniqueid")
	case "DialBegin", "Dial":
		// Dial is Asterisk 11's; its keys are UniqueID and DestUniqueID, and
		// header names do not mind the case.
		if f.has(m, "Uniqueid") || f.has(m, "DestUniqueid") || f.has(m, "DestLinkedid") {
			f.add(m, "DestUniqueid")
			return true
		}
		return false
	case "Bridge":
		if f.has(m, "Uniqueid1") || f.has(m, "Uniqueid2") {
			f.add(m, "Uniqueid1")
			f.add(m, "Uniqueid2")
			return true
		}
		return false
	}
	return f.has(m, "Uniqueid") || f.has(m, "DestUniqueid")
}

// ours11 recognises the Local pair of our Originate on a server that knows
// neither ChannelId nor Linkedid (Asterisk 11): the first pair with the name
// we asked for. Where there is a Linkedid the id decides, never the name: a
// colleague's program may be ringing the same phone.
func (f *Family) ours11(m *ami.Message) bool {
	if m.Bytes("Linkedid") != nil {
		return false
	}
	base := f.pair11(m)
	if base == "" || base == f.not || (f.base != "" && f.base != base) {
		return false
	}
	f.base = base
	return true
}

// named11 recognises the pair for certain, once it is told which call it shows:
// there may be another one of the same phone, asked for a moment before over a
// session that was lost, or by a program like this one. It wants what changes
// the pair. A name that is not of our making tells nothing.
func (f *Family) named11(m *ami.Message) bool {
	base := f.pair11(m)
	name := m.Bytes("CallerIDName")
	switch {
	case base == "", m.Bytes("Linkedid") != nil, !bytes.HasPrefix(name, []byte(CallerNames)):
		return false
	case f.sure && base != f.base:
		return false // another call to the same number, or none of ours
	case string(name) == f.name:
		if f.base != "" && base != f.base {
			clear(f.ids)
		}
		f.base, f.sure = base, true
		f.add(m, "Uniqueid")
		return true
	case base == f.base && !f.sure:
		clear(f.ids)
		f.base, f.not = "", base
		return true
	}
	return false
}

// pair11 is the Local pair that m is about, if it goes by the name asked for.
func (f *Family) pair11(m *ami.Message) string {
	name := m.Bytes("Channel")
	if len(name) < len(f.prefix) || string(name[:len(f.prefix)]) != f.prefix {
		return ""
	}
	base, _, ok := strings.Cut(string(name), ";")
	if !ok {
		return ""
	}
	return base
}

func (f *Family) has(m *ami.Message, key string) bool {
	v := m.Bytes(key)
	if len(v) == 0 {
		return false
	}
	_, ok := f.ids[string(v)]
	return ok
}

func (f *Family) add(m *ami.Message, key string) {
	if v := m.Bytes(key); len(v) > 0 && len(f.ids) < familyCap {
		f.ids[string(v)] = struct{}{}
	}
}

// Family tells c's events from those of others on a new session, after the
// link was lost.
func (c *Call) Family() *Family {
	f := NewFamily(c.req)
	f.resumed = true
	for id := range c.legs {
		f.ids[id] = struct{}{}
	}
	return f
}
