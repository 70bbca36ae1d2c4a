package phone

import (
	"bytes"
	"maps"
	"sync"
	"sync/atomic"

	"cornetta/ami"
	"cornetta/dialer/call/tracker"
)

const (
	// maxCalls is how many calls are followed at a time: more than a phone shows.
	maxCalls = 8
	// maxLegs bounds the channels of one call, as a large group has them.
	maxLegs = 256
	// maxID bounds ids and names of channels, as package ami does in events.
	maxID = 255
)

// Filter chooses the events of the calls that come in at the phones of one extension.
// Wants and Lists run on the AMI reader's goroutine; the other methods may be called from
// any.
type Filter struct {
	own  Own
	busy atomic.Bool // there is something in calls or channels

	mu       sync.Mutex          // guards what follows
	calls    map[string]struct{} // by their Linkedid, or else the Uniqueid of whoever calls
	channels map[string]string   // Uniqueids, with the call of each
	bridges  map[string]string   // that a phone of the extension talks in: whoever enters them talks to the person
}

// NewFilter has no call yet.
func NewFilter(own Own) *Filter {
	return &Filter{own: own, calls: map[string]struct{}{}, channels: map[string]string{}, bridges: map[string]string{}}
}

// Wants reports whether m is about a call of the extension, and learns from it.
func (f *Filter) Wants(m *ami.Message) bool {
	switch string(m.Event()) {
	case "DialBegin":
		if dest := m.Bytes("DestChannel"); f.own.phone(dest) {
			return f.begin(m)
		} else if f.own.door(dest) && !f.asked(m, m.Bytes("DestLinkedid")) {
			return true
		}
	case "Dial": // Asterisk 11
		if string(m.Bytes("SubEvent")) == "Begin" {
			if dest := m.Bytes("Destination"); f.own.phone(dest) {
				return f.begin(m)
			} else if f.own.door(dest) && !f.asked(m, nil) {
				return true
			}
		}
	}
	return f.busy.Load() && f.follows(m)
}

func (f *Filter) asked(m *ami.Message, linked []byte) bool {
	return f.own.asked(m.Bytes("Channel"), m.Bytes("Uniqueid"), linked, m.Bytes("CallerIDName"), m.Bytes("ConnectedLineName"))
}

// begin takes up the call for which a phone of the extension is dialled. Nobody dials a
// phone that an Originate names itself.
func (f *Filter) begin(m *ami.Message) bool {
	src, dest, linked := m.Bytes("Uniqueid"), m.Bytes("DestUniqueid"), m.Bytes("DestLinkedid")
	of := linked
	if len(of) == 0 { // before Asterisk 13.5
		of = src
	}
	if len(src) == 0 || len(dest) == 0 || len(of) == 0 || len(of) > maxID || f.asked(m, linked) {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, there := f.calls[string(of)]; !there {
		if len(f.calls) >= maxCalls {
			return false
		}
		f.calls[string(of)] = struct{}{}
		f.busy.Store(true)
	}
	f.addLocked(src, string(of))
	f.addLocked(dest, string(of))
	return true
}

func (f *Filter) addLocked(id []byte, of string) bool {
	if len(id) == 0 || len(id) > maxID || len(f.channels) >= maxCalls*maxLegs {
		return false
	}
	if _, there := f.channels[string(id)]; !there {
		f.channels[string(id)] = of
	}
	return true
}

// follows reports whether m belongs to a call that was taken up.
func (f *Filter) follows(m *ami.Message) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	of, known := f.ofLocked(m)
	if !known {
		_, known = f.bridges[string(m.Bytes("BridgeUniqueid"))]
		return known && string(m.Event()) == "BridgeEnter"
	}
	switch string(m.Event()) {
	case "BridgeEnter":
		if id := m.Bytes("BridgeUniqueid"); len(id) > 0 && len(id) <= maxID && len(f.bridges) < maxCalls && f.own.phone(m.Bytes("Channel")) {
			f.bridges[string(id)] = of
		}
	case "BridgeLeave":
		if f.own.phone(m.Bytes("Channel")) {
			delete(f.bridges, string(m.Bytes("BridgeUniqueid")))
		}
	case "Newchannel":
		return f.addLocked(m.Bytes("Uniqueid"), of)
	case "DialBegin", "DialEnd", "Dial":
		f.addLocked(m.Bytes("DestUniqueid"), of)
	}
	return true
}

// ofLocked is the call that m belongs to.
func (f *Filter) ofLocked(m *ami.Message) (of string, known bool) {
	for _, key := range []string{"Uniqueid", "DestUniqueid"} {
		if id := m.Bytes(key); len(id) > 0 {
			if of, known = f.channels[string(id)]; known {
				return of, true
			}
		}
	}
	for _, key := range []string{"Linkedid", "DestLinkedid"} {
		if id := m.Bytes(key); len(id) > 0 {
			if _, known = f.calls[string(id)]; known {
				return string(id), true
			}
		}
	}
	if string(m.Event()) == "Bridge" {
		for _, key := range []string{"Uniqueid1", "Uniqueid2"} {
			if of, known = f.channels[string(m.Bytes(key))]; known {
				return of, true
			}
		}
	}
	return "", false
}

// Lists reports whether m, an item of the answer to Status, is of a phone of the
// extension, or of a call that is followed. It runs where Wants does.
func (f *Filter) Lists(m *ami.Message) bool {
	if name := m.Bytes("Channel"); f.own.phone(name) && !bytes.HasPrefix(m.Bytes("Linkedid"), []byte(tracker.IDs)) {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	_, known := f.channels[string(m.Bytes("Uniqueid"))]
	return known
}

// forget drops a call, but for the channels in but.
func (f *Filter) forget(of string, but ...string) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.calls, of)
	maps.DeleteFunc(f.channels, func(_, call string) bool { return call == of })
	if len(but) == 0 {
		maps.DeleteFunc(f.bridges, func(_, call string) bool { return call == of })
	}
	for _, id := range but {
		f.channels[id] = of
	}
	f.busy.Store(len(f.calls)+len(f.channels) > 0)
}

// follow takes up a call that was found by other means.
func (f *Filter) follow(of string, whole bool, channels ...string) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if whole && of != "" && len(f.calls) < maxCalls {
		f.calls[of] = struct{}{}
	}
	for _, id := range channels {
		f.addLocked([]byte(id), of)
	}
	f.busy.Store(true)
}

// Followed is how many calls and channels are followed, for tests of what is forgotten.
func (f *Filter) Followed() (calls, channels int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.calls), len(f.channels) + len(f.bridges)
}
