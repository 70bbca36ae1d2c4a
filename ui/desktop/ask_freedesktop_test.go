//go:build linux

package desktop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// asked is a question that is being asked.
type asked struct {
	t       *testing.T
	d       *daemon
	changes chan string
	answer  chan int
	err     error
	end     context.CancelFunc
}

// long is a wait that is over by the time that a test says so.
const long = time.Hour

func askOn(t *testing.T, d *daemon, q Question) *asked {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	a := &asked{t: t, d: d, changes: make(chan string), answer: make(chan int, 1), end: end}
	q.Title, q.No, q.Changes = "Call this number?", "Cancel", a.changes
	if q.Body == "" {
		q.Body = "0 050 <b>123</b>"
	}
	if q.Answers == nil {
		q.Answers = []string{"Call 0050123"}
	}
	if q.Expire == 0 {
		q.Expire = long
	}
	go func() {
		n, err := Ask(ctx, Options{}, q)
		a.err = err
		a.answer <- n
	}()
	t.Cleanup(end)
	return a
}

// wants waits for the answer.
func (a *asked) wants(want int, as error) {
	a.t.Helper()
	select {
	case n := <-a.answer:
		if n != want || !errors.Is(a.err, as) {
			a.t.Errorf("the answer is %d, %v; want %d, %v", n, a.err, want, as)
		}
	case <-time.After(10 * time.Second):
		a.t.Fatal("there is no answer")
	}
}

// open reports an answer that there should not be yet. Whatever was sent before has arrived
// when the daemon has been asked to show the next body.
func (a *asked) open(n int) sent {
	a.t.Helper()
	select {
	case a.changes <- fmt.Sprintf("body %d", n):
	case n := <-a.answer:
		a.t.Fatalf("the answer is %d, %v", n, a.err)
	}
	return a.d.last(a.t, n)
}

// TestAsk: the bytes of the question, and the answer that each signal is.
func TestAsk(t *testing.T) {
	privateBus(t)
	for _, tc := range []struct {
		name    string
		q       Question
		member  string
		args    []any
		want    int
		answers []string
	}{
		{"yes", Question{}, "ActionInvoked", []any{uint32(41), "yes0"}, 0, nil},
		{"no", Question{}, "ActionInvoked", []any{uint32(41), "no"}, Refused, nil},
		{"closed", Question{}, "NotificationClosed", []any{uint32(41), uint32(2)}, Refused, nil},
		{"the second of two", Question{Answers: []string{"Call 1", "Call 2"}}, "ActionInvoked", []any{uint32(41), "yes1"}, 1, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := startDaemon(t, "actions", "body", "body-markup")
			defer d.stop()
			shown := make(chan struct{})
			tc.q.Shown = func() { close(shown) }
			a := askOn(t, d, tc.q)
			got := d.last(t, 1)
			<-shown
			if got.Summary != "Call this number?" || got.Body != "0 050 &lt;b&gt;123&lt;/b&gt;" || got.Expire != 0 || got.Replaces != 0 {
				t.Errorf("%q, %q, expires %d, replaces %d", got.Summary, got.Body, got.Expire, got.Replaces)
			}
			if n := len(got.Actions); n < 4 || !slices.Equal(got.Actions[n-2:], []string{"no", "Cancel"}) || !strings.HasPrefix(got.Actions[1], "Call ") {
				t.Errorf("actions %q", got.Actions)
			}
			for _, hint := range []string{"urgency", "transient", "desktop-entry"} {
				if _, ok := got.Hints[hint]; !ok {
					t.Errorf("no hint %s", hint)
				}
			}
			d.emit(t, tc.member, tc.args...)
			a.wants(tc.want, nil)
		})
	}
}

// TestAskForged: a yes is none from another program, for another notification, or of another
// kind. All of those would be another answer than the true one, which comes last.
func TestAskForged(t *testing.T) {
	privateBus(t)
	d := startDaemon(t, "actions")
	a := askOn(t, d, Question{Answers: []string{"Call 1", "Call 2"}})
	d.last(t, 1)
	stranger, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	for _, args := range [][]any{{uint32(41), "yes1"}, {uint32(41), "no"}} {
		if err := stranger.Emit(notificationsPath, notificationsName+".ActionInvoked", args...); err != nil {
			t.Fatal(err)
		}
	}
	if err := stranger.Emit(notificationsPath, notificationsName+".NotificationClosed", uint32(41), uint32(2)); err != nil {
		t.Fatal(err)
	}
	// A signal sent to us alone passes the bus's filter, whoever sent it.
	stranger.Send(&dbus.Message{Type: dbus.TypeSignal, Body: []any{uint32(41), "yes1"}, Headers: map[dbus.HeaderField]dbus.Variant{
		dbus.FieldPath:        dbus.MakeVariant(dbus.ObjectPath(notificationsPath)),
		dbus.FieldInterface:   dbus.MakeVariant(notificationsName),
		dbus.FieldMember:      dbus.MakeVariant("ActionInvoked"),
		dbus.FieldSignature:   dbus.MakeVariant(dbus.SignatureOf(uint32(0), "")),
		dbus.FieldDestination: dbus.MakeVariant(addressOf(t, stranger, d)),
	}}, nil)
	// The bus has passed them on when it has answered this.
	if err := stranger.BusObject().Call("org.freedesktop.DBus.GetId", 0).Err; err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]any{
		{uint32(40), "yes1"},
		{uint32(0), "yes1"},
		{uint32(41), "yes2"},
		{uint32(41), "yes"},
		{uint32(41), "yes-1"},
		{uint32(41), "hangup"},
		{uint32(41)},
		{"41", "yes1"},
	} {
		d.emit(t, "ActionInvoked", args...)
	}
	if got := a.open(2); got.Replaces != 41 || got.Body != "body 2" {
		t.Errorf("the changed question %q replaces %d", got.Body, got.Replaces)
	}
	d.emit(t, "ActionInvoked", uint32(41), "yes0")
	a.wants(0, nil)
}

// TestAskTooEarly: a yes within the wait is none, and brings the question up again.
func TestAskTooEarly(t *testing.T) {
	privateBus(t)
	d := startDaemon(t, "actions")
	a := askOn(t, d, Question{Wait: long, LongWait: 0, Early: "too early & again"})
	if got := d.last(t, 1); strings.Contains(got.Body, "early") {
		t.Errorf("at first: %q", got.Body)
	}
	d.emit(t, "ActionInvoked", uint32(41), "yes0")
	if got := d.last(t, 2); got.Replaces != 0 || !strings.HasSuffix(got.Body, "\ntoo early & again") {
		t.Errorf("the question that comes again replaces %d, and says %q", got.Replaces, got.Body)
	}
	d.emit(t, "ActionInvoked", uint32(41), "yes0")         // the old one
	d.emit(t, "NotificationClosed", uint32(41), uint32(2)) // as daemons tell late
	a.open(3)
	d.emit(t, "ActionInvoked", uint32(42), "yes0")
	a.wants(0, nil)

	// Somebody who hits it again and again does not agree.
	d.mu.Lock()
	d.sent, d.next = nil, 0
	d.mu.Unlock()
	a = askOn(t, d, Question{Wait: long, LongWait: long})
	for n := range maxHasty + 1 {
		d.last(t, n+1)
		d.emit(t, "ActionInvoked", uint32(41+n), "yes0")
	}
	a.wants(Refused, nil)
}

// TestAskAnotherDaemon: a daemon that is started anew knows nothing of the question. It is
// asked of the new one, with the whole wait; who hears of none, or of one that cannot ask,
// is told so.
func TestAskAnotherDaemon(t *testing.T) {
	privateBus(t)
	d := startDaemon(t, "actions")
	a := askOn(t, d, Question{})
	d.last(t, 1)
	d.stop()
	d = startDaemon(t, "actions")
	if got := d.last(t, 1); got.Replaces != 0 || got.Summary != "Call this number?" {
		t.Errorf("the new one is asked %+v", got)
	}
	d.emit(t, "ActionInvoked", uint32(41), "yes0")
	a.wants(0, nil)

	a = askOn(t, d, Question{Wait: long, LongWait: long})
	d.last(t, 2)
	d.stop()
	d = startDaemon(t, "actions")
	d.last(t, 1)
	d.emit(t, "ActionInvoked", uint32(41), "yes0") // at once
	d.last(t, 2)
	d.stop()
	a.changes <- "nobody is there to be shown this"
	d = startDaemon(t, "body")
	a.wants(Refused, ErrNoQuestion)
	if n := len(d.all()); n != 0 {
		t.Errorf("%d notifications without actions", n)
	}
	d.stop()

	d = startDaemon(t, "actions")
	a = askOn(t, d, Question{})
	d.last(t, 1)
	d.stop()
	a.wants(Refused, ErrNoQuestion)
}

// TestAskNobody: without a bus, a daemon or its actions there is no question, and with the
// daemon ends what it showed.
func TestAskNobody(t *testing.T) {
	stop := privateBus(t)
	ask := func() *asked { return askOn(t, nil, Question{}) }
	ask().wants(Refused, ErrNoQuestion)

	d := startDaemon(t, "body")
	a := ask()
	a.wants(Refused, ErrNoQuestion)
	if n := len(d.all()); n != 0 {
		t.Errorf("%d notifications without actions", n)
	}
	d.stop()

	d = startDaemon(t, "actions")
	a = ask()
	d.last(t, 1)
	a.end()
	a.wants(Refused, context.Canceled)
	wait(t, "the question to be taken away", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return slices.Contains(d.closed, 41)
	})

	a = askOn(t, d, Question{Expire: time.Millisecond})
	a.wants(Refused, ErrNoAnswer)

	a = ask()
	d.last(t, 3)
	stop()
	for range 2 { // while it is asked, and from the beginning
		if <-a.answer != Refused || a.err == nil {
			t.Errorf("without a bus: %v", a.err)
		}
		a = ask()
	}
	<-a.answer
}

// TestAQuietQuestion obeys "do not disturb", and is kept where what was missed is.
func TestAQuietQuestion(t *testing.T) {
	privateBus(t)
	d := startDaemon(t, "actions")
	a := askOn(t, d, Question{Quiet: true})
	got := d.last(t, 1)
	if u, ok := got.Hints["urgency"]; !ok || u != dbus.MakeVariant(byte(1)) {
		t.Errorf("urgency %v", u)
	}
	if _, ok := got.Hints["transient"]; ok {
		t.Error("it is not kept")
	}
	d.emit(t, "ActionInvoked", uint32(41), "yes0")
	a.wants(0, nil)
}
