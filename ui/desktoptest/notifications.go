//go:build linux

package desktoptest

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

// A Notification is one call of Notify: a notification shown, or another one
// replaced in place (then ID is the same and Replaces says so).
type Notification struct {
	ID       uint32 // given by the daemon; 0 while it has not answered
	Replaces uint32 // 0 for a new notification
	At       time.Time

	App, Icon, Summary, Body string
	Actions                  []NotificationAction
	Hints                    map[string]dbus.Variant
	Timeout                  int32 // milliseconds; -1 the daemon's own, 0 never

	Closed  bool     // no longer on the screen: closed or replaced
	Invoked []string // keys of the actions that were chosen
}

// A NotificationAction is a choice that a notification offers.
type NotificationAction struct{ Key, Label string }

// Action returns the key of the action with a label, or "".
func (n Notification) Action(label string) string {
	for _, a := range n.Actions {
		if a.Label == label {
			return a.Key
		}
	}
	return ""
}

// String describes the notification for a failed test.
func (n Notification) String() string {
	s := fmt.Sprintf("#%d %q %q", n.ID, n.Summary, n.Body)
	if len(n.Actions) > 0 {
		s += fmt.Sprintf(" %v", n.Actions)
	}
	if n.Closed {
		s += " (gone)"
	}
	return s
}

// Notifications returns every notification that was sent on this desktop, in
// order, replacements included: the whole story, not only its last picture.
func (d *Desktop) Notifications() []Notification { return d.watch.list() }

// Displayed returns the notifications that are on the screen now.
func (d *Desktop) Displayed() []Notification {
	return slices.DeleteFunc(d.watch.list(), func(n Notification) bool { return n.Closed || n.ID == 0 })
}

// WaitNotification waits for a displayed notification for which ok holds.
func (d *Desktop) WaitNotification(what string, ok func(Notification) bool) Notification {
	d.tb.Helper()
	var found Notification
	if err := poll(context.Background(), Patience, func() bool {
		for _, n := range d.Displayed() {
			if ok(n) {
				found = n
				return true
			}
		}
		return false
	}); err != nil {
		d.tb.Fatalf("desktoptest: no notification for %s; there were %v", what, d.Notifications())
	}
	return found
}

// InvokeAction chooses an action of a displayed notification in the daemon's
// menu and waits until the program has been told.
func (d *Desktop) InvokeAction(n Notification, key string) {
	d.tb.Helper()
	// The daemon shows its actions through an external menu program; the one of
	// this desktop chooses the line that ends in what is written here.
	line := fmt.Sprintf("[%d,%s]\n", n.ID, key)
	if err := os.WriteFile(d.path("choice"), []byte(line), 0o600); err != nil {
		d.tb.Fatalf("desktoptest: %v", err)
	}
	err := d.bus.Object(nameNotifications, "/org/freedesktop/Notifications").
		Call("org.dunstproject.cmd0.ContextMenuCall", 0).Err
	if err != nil {
		d.tb.Fatalf("desktoptest: opening the menu of the notifications: %v", err)
	}
	d.Wait(fmt.Sprintf("action %q of %v", key, n), func() bool { return d.watch.invoked(n.ID, key) })
}

// CloseNotifications closes all notifications on the screen, as a person does
// who has enough of them.
func (d *Desktop) CloseNotifications() {
	d.tb.Helper()
	err := d.bus.Object(nameNotifications, "/org/freedesktop/Notifications").
		Call("org.dunstproject.cmd0.NotificationCloseAll", 0).Err
	if err != nil {
		d.tb.Fatalf("desktoptest: closing the notifications: %v", err)
	}
	d.Wait("the notifications to close", func() bool { return len(d.Displayed()) == 0 })
}

// NotificationOnScreen tells whether the daemon really draws a notification at
// this moment. Displayed knows what was said, this what can be seen.
func (d *Desktop) NotificationOnScreen() bool {
	_, ok := d.windowWithClass(d.root, "Dunst")
	return ok
}

// notificationWatch listens to everything said to and by the notification
// daemon, as a monitor of the bus: neither side notices.
type notificationWatch struct {
	conn     *dbus.Conn
	messages chan *dbus.Message
	done     chan struct{}

	mu      sync.Mutex // guards what follows
	all     []*Notification
	pending map[replyTo]*Notification
}

// replyTo names a call whose answer is awaited.
type replyTo struct {
	caller string
	serial uint32
}

// watchNotifications starts to listen; close ends it and waits.
func watchNotifications(address string) (*notificationWatch, error) {
	conn, err := dbus.Connect(address)
	if err != nil {
		return nil, err
	}
	rules := []string{
		"type='method_call',interface='" + nameNotifications + "'",
		"type='signal',interface='" + nameNotifications + "'",
		"type='method_return',sender='" + nameNotifications + "'",
	}
	if err := conn.BusObject().Call("org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, rules, uint32(0)).Err; err != nil {
		conn.Close()
		return nil, err
	}
	w := &notificationWatch{
		conn:     conn,
		messages: make(chan *dbus.Message, 4096), // what does not fit is dropped; no test sends thousands at once
		done:     make(chan struct{}),
		pending:  map[replyTo]*Notification{},
	}
	conn.Eavesdrop(w.messages)
	go func() {
		defer close(w.done)
		for m := range w.messages {
			w.hear(m)
		}
	}()
	return w, nil
}

func (w *notificationWatch) close() {
	// Close would close the channel too, but godbus may send on it afterwards:
	// its reader takes a message that came meanwhile (conn.go, inWorker).
	w.conn.Eavesdrop(nil)
	close(w.messages)
	<-w.done
	_ = w.conn.Close()
}

func (w *notificationWatch) list() []Notification {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := make([]Notification, len(w.all))
	for i, n := range w.all {
		out[i] = *n
		out[i].Invoked = slices.Clone(n.Invoked)
	}
	return out
}

func (w *notificationWatch) invoked(id uint32, key string) bool {
	return slices.ContainsFunc(w.list(), func(n Notification) bool {
		return n.ID == id && slices.Contains(n.Invoked, key)
	})
}

// header reads a header field that is a T; its zero value where it is absent.
func header[T any](m *dbus.Message, f dbus.HeaderField) T {
	v, _ := m.Headers[f].Value().(T)
	return v
}

// hear takes note of one message.
func (w *notificationWatch) hear(m *dbus.Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch m.Type {
	case dbus.TypeMethodCall:
		if header[string](m, dbus.FieldMember) == "Notify" {
			if n, err := readNotify(m.Body); err == nil {
				w.all = append(w.all, n)
				w.pending[replyTo{header[string](m, dbus.FieldSender), m.Serial()}] = n
			}
		}
	case dbus.TypeMethodReply:
		key := replyTo{header[string](m, dbus.FieldDestination), header[uint32](m, dbus.FieldReplySerial)}
		if n := w.pending[key]; n != nil && len(m.Body) == 1 {
			delete(w.pending, key)
			id, _ := m.Body[0].(uint32)
			w.closeLocked(id) // the one it replaces
			n.ID = id
		}
	case dbus.TypeSignal:
		if len(m.Body) != 2 {
			return
		}
		id, _ := m.Body[0].(uint32)
		switch header[string](m, dbus.FieldMember) {
		case "NotificationClosed":
			w.closeLocked(id)
		case "ActionInvoked":
			key, _ := m.Body[1].(string)
			for _, n := range slices.Backward(w.all) {
				if n.ID == id {
					n.Invoked = append(n.Invoked, key)
					break
				}
			}
		}
	}
}

func (w *notificationWatch) closeLocked(id uint32) {
	for _, n := range w.all {
		if n.ID == id {
			n.Closed = true
		}
	}
}

// readNotify reads the arguments of a call of Notify.
func readNotify(body []any) (*Notification, error) {
	n := &Notification{At: time.Now()}
	var actions []string
	err := dbus.Store(body, &n.App, &n.Replaces, &n.Icon, &n.Summary, &n.Body, &actions, &n.Hints, &n.Timeout)
	if err != nil {
		return nil, err
	}
	for pair := range slices.Chunk(actions, 2) {
		if len(pair) == 2 {
			n.Actions = append(n.Actions, NotificationAction{pair[0], strings.TrimSpace(pair[1])})
		}
	}
	return n, nil
}
