package desktop

import (
	"encoding/xml"
	"strconv"
	"strings"
	"sync"

	"cornetta/ui/words"
)

// What of Windows' toasts needs no Windows. There is one function for a process that is told
// what was chosen in any of them, with the arguments that the toast gave it: so these say
// which Notifier's it is.

// toasts are the Notifiers of this process.
var toasts toastBoard

type toastBoard struct {
	mu   sync.Mutex // guards what follows
	last int
	by   map[int]*toastNotes
}

// add takes a Notifier in.
func (b *toastBoard) add(o Options) *toastNotes {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.by == nil {
		b.by = map[int]*toastNotes{}
	}
	b.last++
	t := &toastNotes{board: b, id: b.last, onHangUp: o.OnHangUp, onOffer: o.OnOffer}
	b.by[t.id] = t
	return t
}

// activated does what was chosen. Any program can say that something was.
func (b *toastBoard) activated(args string) {
	id, rest, _ := strings.Cut(args, ":")
	action, key, ok := strings.Cut(rest, ":")
	n, err := strconv.Atoi(id)
	if err != nil || !ok {
		return // such as the toast itself, which was clicked
	}
	b.mu.Lock()
	t := b.by[n]
	b.mu.Unlock()
	if t != nil {
		t.chosen(action, key)
	}
}

// toastNotes are one Notifier's.
type toastNotes struct {
	board    *toastBoard
	id       int
	onHangUp func(string)
	onOffer  func(Note, Offer)
	work     sync.WaitGroup // calls of these two

	mu     sync.Mutex // guards what follows
	last   Note
	closed bool
}

// note notes what holds from now on, shown or not; it reports whether that can be shown.
func (t *toastNotes) note(n Note) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.last = n
	return !t.closed
}

// close waits for what was chosen to be done.
func (t *toastNotes) close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.board.mu.Lock()
	delete(t.board.by, t.id)
	t.board.mu.Unlock()
	t.work.Wait()
}

func (t *toastNotes) chosen(action, key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.last
	if t.closed || key != n.Key {
		return
	}
	if action == actionHangUp && n.HangUp && t.onHangUp != nil {
		t.work.Go(func() { t.onHangUp(key) })
	}
	for _, o := range offers {
		if action == o.action && n.Offers&o.offer != 0 && t.onOffer != nil {
			t.work.Go(func() { t.onOffer(n, o.offer) })
		}
	}
}

// xml is the toast of a Note. It is put together here and not by the library, which does
// not escape.
func (t *toastNotes) xml(n Note) string {
	duration := "short"
	if n.Expire == 0 {
		duration = "long"
	}
	s := `<toast activationType="foreground" launch="" duration="` + duration + `">` +
		`<visual><binding template="ToastGeneric"><text>` + escape(n.Title) + `</text><text>` + escape(n.Body) + `</text></binding></visual>` +
		`<audio silent="true"/>`
	actions := ""
	for _, o := range offers {
		if t.onOffer != nil && n.Offers&o.offer != 0 {
			actions += t.action(o.action, o.label(n), n.Key)
		}
	}
	if n.HangUp && t.onHangUp != nil {
		actions += t.action(actionHangUp, words.Text(words.LabelHangUp), n.Key)
	}
	if actions != "" {
		s += `<actions>` + actions + `</actions>`
	}
	return s + `</toast>`
}

func (t *toastNotes) action(name, label, key string) string {
	return `<action activationType="foreground" content="` + escape(label) + `" arguments="` +
		escape(strconv.Itoa(t.id)+":"+name+":"+key) + `"/>`
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}
