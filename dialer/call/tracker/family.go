package tracker

import (
	"bytes"
	"strings"
	"sync/atomic"

	"cornetta/ami"
)

// familyCap bounds how many channels one call may have; a call has four to a
// dozen. More are somebody else's, or an attack.
const familyCap = 256

// maxID bounds ids and names of channels, as package ami does in events: Asterisk's
// have less than 150 characters.
const maxID = 255

// recentPairs is how many new Local pairs are remembered, by their Uniqueids, for the
// moment until it shows whether the call dials them.
const recentPairs = 64

// Family distinguishes the events of our own call from all others, by the set of
// Uniqueids of its channels and of those that they dialled. Its Wants runs on the AMI
// reader's goroutine, so that other people's calls are forgotten before they
// are even decoded. A Family belongs to that one goroutine.
type Family struct {
	actionID  string
	asked     [2]string // the ids that the PBX was asked to use
	byID      bool      // it uses them: names count for nothing
	prefix    string    // "Local/7101@c2c-", for servers that honour no ChannelId
	direct    bool      // there is no Local pair (Request.Direct): a name that begins so is of the phone
	name      string    // in CallerID, for the same
	base      string    // the Local pair found by prefix
	baseKnown bool      // its name says that it is ours
	notBase   string    // one that was found to be another call's
	ids       map[string]struct{}
	locals    map[string]struct{} // Local pairs that were dialled, by name without ;1 and ;2, where nothing else joins the halves
	halves    [recentPairs][2]string
	oldest    int  // of halves, which are overwritten in turn
	resumed   bool // channels may have begun unseen, so that a Linkedid counts at any time

	callBack atomic.Pointer[CallBack] // what is let in beside

	left       map[string]MemoLeg // of a call that another program left: channels to be looked for, which are not proven to be its own
	noLinkedID bool               // Lists has let one of those through
}

// NewFamily starts the set with the ids that r asks the PBX to use.
func NewFamily(r Request) *Family {
	f := &Family{
		actionID: r.ActionID,
		asked:    [2]string{r.ChannelID, r.OtherChannelID},
		byID:     r.TakesIDs,
		prefix:   r.names(),
		direct:   r.Direct(),
		name:     r.CallerName,
		ids:      make(map[string]struct{}, 8),
	}
	f.forget()
	return f
}

// forget goes back to the ids that were asked for.
func (f *Family) forget() {
	clear(f.ids)
	clear(f.locals)
	for _, id := range f.asked {
		if id != "" {
			f.ids[id] = struct{}{}
		}
	}
}

// Wants reports whether m belongs to the call, and learns from it.
//
// A Linkedid of ours makes a channel ours only when it is born: when bridges
// merge the oldest Linkedid wins, and then channels of other people carry it.
func (f *Family) Wants(m *ami.Message) bool {
	if f.resumed && (f.has(m, "Linkedid") || f.has(m, "DestLinkedid")) {
		own, dest := f.add(m, "Uniqueid"), f.add(m, "DestUniqueid")
		return own && dest
	}
	if f.ofLocal(m) {
		f.add(m, "Uniqueid")
	}
	if key := f.callsBack(m); key != "" {
		return f.add(m, key)
	}
	switch string(m.Event()) {
	case "OriginateResponse":
		if string(m.Bytes("ActionID")) != f.actionID {
			return false
		}
		f.answered11(m)
		return true
	case "Newchannel":
		f.honoured(m)
		if f.has(m, "Uniqueid") || f.has(m, "Linkedid") || f.ours11(m) {
			return f.add(m, "Uniqueid")
		}
		return false
	case "NewCallerid":
		return f.named11(m)
	case "DialBegin", "DialEnd", "Dial":
		// Dial is Asterisk 11's; its keys are UniqueID, DestUniqueID and
		// Destination; header names are case-insensitive. DialEnd may be the first
		// event of a dialled channel: a colleague who picked the call up.
		if f.has(m, "Uniqueid") || f.has(m, "DestUniqueid") || string(m.Event()) == "DialBegin" && f.has(m, "DestLinkedid") {
			f.addLocal(m)
			return f.add(m, "DestUniqueid")
		}
		return false
	case "LocalBridge":
		f.paired(m)
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

// honoured notes that the PBX uses an id of ours. A pair that was taken for the call
// by its name before is somebody else's call of the same phone.
func (f *Family) honoured(m *ami.Message) {
	id := string(m.Bytes("Uniqueid"))
	if f.byID || id == "" || (id != f.asked[0] && id != f.asked[1]) {
		return
	}
	f.byID = true
	f.forget()
}

// paired remembers the two halves of a Local channel: the event that joins them comes
// before the one that shows that one of them is dialled.
func (f *Family) paired(m *ami.Message) {
	one, two := m.Bytes("LocalOneUniqueid"), m.Bytes("LocalTwoUniqueid")
	if one == nil {
		one, two = m.Bytes("Uniqueid1"), m.Bytes("Uniqueid2") // Asterisk 11
	}
	if len(one) > maxID || len(two) > maxID {
		return
	}
	f.halves[f.oldest] = [2]string{string(one), string(two)}
	f.oldest = (f.oldest + 1) % recentPairs
}

// addLocal notes that a Local channel was dialled for the call. Its other half runs
// a dialplan of its own, and without a Linkedid (before Asterisk 13.5) LocalBridge
// is all that joins the two, or their names (before 11).
func (f *Family) addLocal(m *ami.Message) {
	name := m.Bytes("DestChannel")
	if name == nil {
		name = m.Bytes("Destination")
	}
	base := localBase(name)
	if base == nil || m.Bytes("DestLinkedid") != nil {
		return
	}
	id := string(m.Bytes("DestUniqueid"))
	for _, h := range f.halves {
		if id == h[0] || id == h[1] {
			for _, half := range h {
				if half != "" && len(f.ids) < familyCap {
					f.ids[half] = struct{}{}
				}
			}
			return
		}
	}
	if f.locals == nil {
		f.locals = make(map[string]struct{})
	}
	if len(f.locals) < familyCap {
		f.locals[string(base)] = struct{}{}
	}
}

// ofLocal reports whether m is of a half of one of those pairs.
func (f *Family) ofLocal(m *ami.Message) bool {
	if len(f.locals) == 0 || m.Bytes("Linkedid") != nil {
		return false
	}
	_, ok := f.locals[string(localBase(m.Bytes("Channel")))]
	return ok
}

// localBase is a Local channel's name without the half.
func localBase(name []byte) []byte {
	if !bytes.HasPrefix(name, []byte("Local/")) {
		return nil
	}
	base, _, ok := bytes.Cut(name, []byte(";"))
	if !ok || len(base) > maxID {
		return nil
	}
	return base
}

// ours11 recognises the Local pair of our Originate on a server that knows
// neither ChannelId nor Linkedid (Asterisk 11): the first pair with the name
// we asked for. Where there is a Linkedid, or an id of ours was seen, the id
// decides, never the name: a colleague's program may be ringing the same phone. Nor
// does a channel of the phone itself, which anybody may be calling, before it shows
// our caller name.
func (f *Family) ours11(m *ami.Message) bool {
	if f.byID || f.direct || m.Bytes("Linkedid") != nil {
		return false
	}
	base := f.pair11(m)
	if base == "" || base == f.notBase || (f.base != "" && f.base != base) {
		return false
	}
	f.base = base
	return true
}

// named11 recognises our pair for certain by the caller name that it shows: there may
// be another call of the same phone, requested just before over a session that was
// lost, or by another program. It wants the events that change the pair, and those
// that show that there are two (see Call.named11). A name that we did not make proves
// nothing.
func (f *Family) named11(m *ami.Message) bool {
	base := f.pair11(m)
	name := m.Bytes("CallerIDName")
	switch {
	case f.byID, base == "", m.Bytes("Linkedid") != nil, !bytes.HasPrefix(name, []byte(CallerNames)):
		return false
	case f.baseKnown && base != f.base:
		return string(name) == f.name
	case string(name) == f.name:
		if f.base != "" && base != f.base {
			f.forget()
		}
		f.base, f.baseKnown = base, true
		f.add(m, "Uniqueid")
		return true
	case base == f.base && !f.baseKnown:
		f.forget()
		f.base, f.notBase = "", base
		return true
	}
	return false
}

// answered11 takes the id that Asterisk 11 sends when the own phone was picked up: that
// pair is ours, whatever other pair has the same names.
func (f *Family) answered11(m *ami.Message) {
	if f.byID || string(m.Bytes("Response")) != "Success" || len(m.Bytes("Uniqueid")) == 0 {
		return
	}
	if base := f.pair11(m); base != "" {
		if base != f.base {
			f.forget()
		}
		f.base, f.baseKnown = base, true
		f.add(m, "Uniqueid")
	}
}

// pair11 is the Local pair that m is about, or the channel of the own phone, if it goes
// by the name asked for.
func (f *Family) pair11(m *ami.Message) string {
	name := m.Bytes("Channel")
	if len(name) < len(f.prefix) || len(name) > maxID || string(name[:len(f.prefix)]) != f.prefix {
		return ""
	}
	base, _, ok := strings.Cut(string(name), ";")
	if ok == f.direct {
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

// add takes a channel into the set, and reports whether it is in it, or m has none.
// One that finds no room is nobody's: its end would not be heard.
func (f *Family) add(m *ami.Message, key string) bool {
	v := m.Bytes(key)
	if len(v) == 0 || f.has(m, key) {
		return true
	}
	if len(v) > maxID || len(f.ids) >= familyCap {
		return false
	}
	f.ids[string(v)] = struct{}{}
	return true
}

// Lists reports whether m, an item of the answer to Status, can be of a channel of the
// call, so that Restore or Missed has to see it. All the others on a PBX, of which the
// list may have any number, are forgotten here; but for one, of a PBX that sends no
// Linkedid (see Call.cannotTell). It runs where Wants does.
func (f *Family) Lists(m *ami.Message) bool {
	for _, key := range []string{"Uniqueid", "Linkedid", "BridgedUniqueid"} {
		if _, left := f.left[string(m.Bytes(key))]; left || f.has(m, key) {
			return true
		}
	}
	if f.ofLocal(m) || f.pair11(m) != "" {
		return true
	}
	if len(m.Bytes("Linkedid")) == 0 && !f.noLinkedID {
		f.noLinkedID = true
		return true
	}
	return false
}

// Family makes a Family for c on a new session, after the connection was lost.
func (c *Call) Family() *Family {
	f := NewFamily(c.req)
	f.resumed, f.left = true, c.recalled
	f.byID = f.byID || c.byID || c.born // a pair that is born now is another call's
	for id, l := range c.legs {
		f.ids[id] = struct{}{}
		if base := localBase([]byte(l.name)); base != nil && l.side != halfOne && l.side != halfTwo {
			if f.locals == nil {
				f.locals = make(map[string]struct{})
			}
			f.locals[string(base)] = struct{}{}
		}
	}
	return f
}
