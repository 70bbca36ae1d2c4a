package phone

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"cornetta/ami"
	"cornetta/dialer/status"
)

// Colleagues tells how the phones of colleagues stand. The Dialer's session with the PBX is
// the first source of it; one that serves a whole company from a single session can take its
// place.
type Colleagues interface {
	// Look keeps the Board up to date until leave is called, which may be done more than
	// once and from any goroutine. It returns at once: what there is to see comes when the
	// PBX has told it. While nobody looks the Board is empty, and nothing is asked of the PBX.
	Look(ctx context.Context) (b *Board, leave func(), err error)
}

// MaxColleagues is how many are kept. maxListBytes bounds what they take while the PBX lists
// them, where each has perExtension beside its texts, and one with long texts takes perLong: a
// session that holds more than 4 MiB is given up (ami).
const (
	MaxColleagues = 10_000
	maxListBytes  = 7 << 19
	perExtension  = 256
	longTexts     = 1 << 10
	perLong       = 16 << 10
	maxNumber     = 20 // digits of an extension
	maxPlaces     = 4  // contexts that have a hint for the same extension
)

// Board is how the phones of colleagues stand now. A Writer writes what a PBX tells of its
// hints; any number of others read what changed since they last looked. Its methods, and the
// Writer's, are safe for concurrent use and do not block.
type Board struct {
	mu      sync.Mutex // guards what follows
	writer  *Writer    // the one that counts; nil: none
	rows    map[string]*row
	listed  bool // the writer's PBX tells
	cut     bool // there are more than are kept
	problem *status.Problem
	seq     uint64 // of the newest change
	anew    uint64 // what is older than this is of another list
	changed chan struct{}
}

// NewBoard makes an empty Board.
func NewBoard() *Board { return &Board{} }

// Writer writes what one session with a PBX tells. It decides which hints are those of
// colleagues:
//
//   - An extension is digits with a device behind them. Patterns (_X.), feature codes,
//     parking places, queues and states that the dialplan sets itself are nobody's phone.
//   - A PBX lists the hints of all contexts, which may be those of several companies. Where
//     the name of a context has the account's tenant in it, those count; else those in which
//     the own extension has a hint; else all.
//   - Where an extension has hints in several of these and they are of one device, the newest
//     counts; where they are of different ones that differ, nothing is known of it.
//
// What is nobody's phone is dropped by Wants, before it is copied.
type Writer struct {
	board  *Board
	own    string
	tenant string                          // folded
	counts atomic.Pointer[map[string]bool] // the contexts that count; nil: not known yet

	early  map[place]ami.ExtensionStatus // came before the list; guarded by Board.mu
	others bool                          // there are more of other companies than were kept; the same
}

// place is where a hint stands.
type place struct{ number, context string }

// row is an extension.
type row struct {
	seq   uint64 // of its last change
	state status.PhoneState
	hints []hint
}

type hint struct {
	context, device string
	state           status.PhoneState
	age             uint64 // seq when it was told last
}

// View is what somebody sees of a Board.
type View struct {
	Changed []status.Colleague
	Seq     uint64 // to be asked with the next time
	Anew    bool   // whatever was seen before is void
	More    bool   // there is more to be asked for at once
	Live    bool   // the PBX tells; else the states are not known
	Cut     bool   // there are more colleagues than are kept
	Problem *status.Problem
}

// Begin is called with the start of a session, for the account with that extension and
// tenant: from now on its Writer counts, and no other.
func (b *Board) Begin(own, tenant string) *Writer {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.endLocked()
	b.writer = &Writer{board: b, own: own, tenant: folded(tenant)}
	return b.writer
}

// End is called when the session is over. The colleagues stay, as unknown, for who sees the
// Board; Clear forgets them.
func (b *Board) End() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.endLocked()
}

func (b *Board) endLocked() {
	b.writer, b.listed, b.problem = nil, false, nil
	for _, r := range b.rows {
		r.hints = nil
		b.setLocked(r, status.PhoneUnknown)
	}
	b.tellLocked()
}

// Clear is End, and forgets everybody: nobody looks any more, or the account is another.
func (b *Board) Clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows, b.cut = nil, false
	b.seq++
	b.anew = b.seq
	b.endLocked()
}

// write calls f, unless w does not count any more.
func (w *Writer) write(f func(b *Board)) {
	b := w.board
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.writer == w {
		f(b)
	}
}

// Fail says why the PBX tells nothing.
func (w *Writer) Fail(p *status.Problem) {
	w.write(func(b *Board) {
		b.problem = p
		b.tellLocked()
	})
}

// Wants is the ami.Filter for events. It is called by the session's reader.
func (w *Writer) Wants(m *ami.Message) bool {
	x, ok := extensionStatus(m)
	// A hint that is gone has no device any more.
	if !ok || !isColleague(x) && !(x.Status < 0 && isNumber(x.Exten)) {
		return false
	}
	contexts := w.counts.Load()
	return contexts == nil || (*contexts)[x.Context]
}

// extensionStatus is the event that m is, so that what is chosen is what is taken in later.
// No other event is decoded for it.
func extensionStatus(m *ami.Message) (x ami.ExtensionStatus, ok bool) {
	if string(m.Event()) == "ExtensionStatus" {
		x, ok = ami.Decode(m).(ami.ExtensionStatus)
	}
	return x, ok
}

// Lists makes an ami.Filter for one list of extensions. It is called by the session's reader.
// The hints of the own extension, which tell which contexts count, are among what is kept
// wherever they stand. Those of other companies than the tenant leave half of the room.
func (w *Writer) Lists() ami.Filter {
	kept, size, own := 0, 0, 0
	w.write(func(b *Board) { b.cut, w.others = false, false })
	return func(m *ami.Message) bool {
		x, ok := extensionStatus(m)
		if !ok || !isColleague(x) {
			return false
		}
		if own < maxPlaces && x.Exten == w.own {
			own++
			return true
		}
		texts := len(m.Bytes("Exten")) + len(m.Bytes("Context")) + len(m.Bytes("Hint")) // which are held as they came
		if texts += perExtension; texts > perExtension+longTexts {
			texts += perLong
		}
		room, other := 1, w.tenant != "" && !strings.Contains(folded(x.Context), w.tenant)
		if other {
			room = 2
		}
		if kept >= MaxColleagues/room || size+texts > maxListBytes/room {
			w.write(func(b *Board) { b.cut, w.others = b.cut || !other, w.others || other })
			return false
		}
		kept, size = kept+1, size+texts
		return true
	}
}

func isColleague(x ami.ExtensionStatus) bool { return IsExtension(x.Exten, x.Hint.Text()) }

// IsExtension reports whether a hint can be that of somebody's phone: digits with a device
// behind them. Feature codes, patterns and park positions have none.
func IsExtension(number, device string) bool {
	return isNumber(number) && strings.Contains(device, "/")
}

func isNumber(number string) bool {
	return number != "" && len(number) <= maxNumber && strings.Trim(number, "0123456789") == ""
}

// Listed takes in the PBX's list. Events that came while it was on its way are newer than
// it, or the PBX will tell again.
func (w *Writer) Listed(items []ami.Event) {
	w.write(func(b *Board) {
		counts, tenants := contextsOf(items, w.own, w.tenant)
		b.cut = b.cut || w.others && !tenants
		w.counts.Store(&counts)
		before := b.rows
		b.rows = map[string]*row{}
		for _, e := range items {
			if x, ok := e.(ami.ExtensionStatus); ok {
				w.takeLocked(x, before)
			}
		}
		for _, x := range w.early {
			w.takeLocked(x, before)
		}
		w.early, b.listed, b.problem = nil, true, nil
		for number := range before {
			if b.rows[number] == nil { // somebody is gone: all are told anew
				b.seq++
				b.anew = b.seq
				for _, r := range b.rows {
					b.seq++
					r.seq = b.seq
				}
				break
			}
		}
		b.tellLocked()
	})
}

// Apply takes in an event. stale: the list is to be asked for again, since a hint is gone.
func (w *Writer) Apply(x ami.ExtensionStatus) (stale bool) {
	w.write(func(b *Board) {
		if x.Status < 0 && b.listed {
			r := b.rows[x.Exten]
			if stale = r != nil && (*w.counts.Load())[x.Context]; stale && b.setLocked(r, status.PhoneUnknown) {
				b.tellLocked()
			}
			return
		}
		if b.listed {
			if w.takeLocked(x, nil) {
				b.tellLocked()
			}
			return
		}
		if w.early == nil {
			w.early = map[place]ami.ExtensionStatus{}
		}
		at := place{x.Exten, x.Context}
		if _, known := w.early[at]; known || len(w.early) < MaxColleagues {
			w.early[at] = x
		}
	})
	return stale
}

// takeLocked takes in one hint, and reports whether that changed what is seen. before has
// the rows of the list before, whose changes count from there.
func (w *Writer) takeLocked(x ami.ExtensionStatus, before map[string]*row) (changed bool) {
	b := w.board
	if !(*w.counts.Load())[x.Context] || x.Exten == w.own {
		return false
	}
	r := b.rows[x.Exten]
	if r == nil {
		if len(b.rows) >= MaxColleagues {
			b.cut = true
			return false
		}
		r = &row{}
		if was := before[x.Exten]; was != nil {
			r.seq, r.state = was.seq, was.state
		}
		b.rows[x.Exten] = r
	}
	h := hint{x.Context, x.Hint.Text(), status.PhoneStateOf(x.Status), b.seq + 1}
	if i := slices.IndexFunc(r.hints, func(o hint) bool { return o.context == h.context }); i >= 0 {
		r.hints[i] = h
	} else if len(r.hints) < maxPlaces {
		r.hints = append(r.hints, h)
	}
	return b.setLocked(r, r.agreed())
}

// agreed is what the hints of an extension say together.
func (r *row) agreed() status.PhoneState {
	newest := r.hints[0]
	for _, h := range r.hints[1:] {
		switch {
		case h.device != newest.device && h.state != newest.state:
			return status.PhoneUnknown
		case h.age >= newest.age:
			newest = h
		}
	}
	return newest.state
}

func (b *Board) setLocked(r *row, s status.PhoneState) (changed bool) {
	if r.state == s {
		return false
	}
	b.seq++
	r.state, r.seq = s, b.seq
	return true
}

// tellLocked wakes those who wait for a change.
func (b *Board) tellLocked() {
	if b.changed != nil {
		close(b.changed)
		b.changed = nil
	}
}

// Changed is closed when there may be something new.
func (b *Board) Changed() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.changed == nil {
		b.changed = make(chan struct{})
	}
	return b.changed
}

// State is how somebody's phone stands; "" for who is no colleague.
func (b *Board) State(number string) status.PhoneState {
	b.mu.Lock()
	defer b.mu.Unlock()
	if r := b.rows[number]; r != nil {
		return r.state
	}
	return ""
}

// Since are the changes after seq, at most limit of them, in their order; all colleagues for
// 0.
func (b *Board) Since(seq uint64, limit int) View {
	b.mu.Lock()
	defer b.mu.Unlock()
	v := View{Seq: b.seq, Live: b.listed, Cut: b.cut, Problem: b.problem}
	if seq < b.anew || seq > b.seq {
		seq, v.Anew = b.anew, true
	}
	if seq == b.seq {
		return v
	}
	type change struct {
		seq uint64
		status.Colleague
	}
	var all []change
	for number, r := range b.rows {
		if r.seq > seq {
			all = append(all, change{r.seq, status.Colleague{Number: number, State: r.state}})
		}
	}
	slices.SortFunc(all, func(a, b change) int { return cmp.Compare(a.seq, b.seq) })
	if len(all) > limit {
		all, v.More = all[:limit], true
		v.Seq = all[limit-1].seq
	}
	for _, c := range all {
		v.Changed = append(v.Changed, c.Colleague)
	}
	return v
}

// contextsOf are the contexts that count among those of a list, and whether they are the
// tenant's by their names.
func contextsOf(items []ami.Event, own, tenant string) (counts map[string]bool, named bool) {
	every, tenants, mine := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range items {
		x, ok := e.(ami.ExtensionStatus)
		if !ok {
			continue
		}
		if !every[x.Context] {
			every[x.Context] = true
			if tenant != "" && strings.Contains(folded(x.Context), tenant) {
				tenants[x.Context] = true
			}
		}
		if x.Exten == own {
			mine[x.Context] = true
		}
	}
	switch {
	case len(tenants) > 0:
		return tenants, true
	case len(mine) > 0:
		return mine, false
	}
	return every, false
}

// folded is how a tenant is looked for in the names of contexts, whatever they have for its
// hyphens.
func folded(s string) string {
	return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(s))
}
