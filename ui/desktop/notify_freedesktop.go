//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	notificationsName = "org.freedesktop.Notifications"
	notificationsPath = "/org/freedesktop/Notifications"

	// The daemon's reason for closing that means a person did it.
	closedByPerson = 2
)

// patience is how long a bus or a daemon may take to answer. Starting a daemon
// on demand is part of it.
const patience = 5 * time.Second

// grace is how long removing what is shown may take after Close.
const grace = time.Second

// NewNotifier returns the Notifier of this system. Nothing is connected before
// the first Note.
func NewNotifier(o Options) (Notifier, error) { return newBusNotifier(o, patience), nil }

// busNotifier speaks the Desktop Notifications Specification 1.2.
type busNotifier struct {
	onHangUp func(string)
	onOffer  func(Note, Offer)
	log      *slog.Logger
	dir      string // for the icon
	patience time.Duration
	cancel   context.CancelFunc
	wake     chan struct{}  // capacity 1: there is something in next
	work     sync.WaitGroup // run, and calls of onHangUp

	mu     sync.Mutex // guards what follows
	next   *Note
	closed bool
}

func newBusNotifier(o Options, patience time.Duration) *busNotifier {
	ctx, cancel := context.WithCancel(context.Background())
	b := &busNotifier{
		onHangUp: o.OnHangUp, onOffer: o.OnOffer, log: o.log(), dir: o.Dir, patience: patience, cancel: cancel,
		wake: make(chan struct{}, 1),
	}
	b.work.Go(func() { b.run(ctx) })
	return b
}

func (b *busNotifier) Show(n Note) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return ErrClosed
	}
	b.next = &n
	select {
	case b.wake <- struct{}{}:
	default:
	}
	return nil
}

func (b *busNotifier) Close() error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.cancel()
	ended := make(chan struct{})
	go func() {
		b.work.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-time.After(b.patience):
		return fmt.Errorf("desktop: notifications did not end in %v", b.patience)
	}
}

func (b *busNotifier) take() (Note, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		return Note{}, false
	}
	n := *b.next
	b.next = nil
	return n, true
}

// shown is what run knows of the notification on the screen.
type shown struct {
	note      Note
	id        uint32 // 0: none of ours is on the screen
	owner     string // the daemon's unique name, as far as known
	dismissed string // the Key a person wants to see no more of while it goes on
}

// run owns the connection and what is shown.
func (b *busNotifier) run(ctx context.Context) {
	var bus *bus
	var s shown
	// The bus and the daemon are spoken to for a moment longer than ctx lasts, to
	// take away what is on the screen.
	last, end := context.WithCancel(context.Background())
	defer end()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, end) })()
	defer func() {
		if bus != nil {
			if s.id != 0 && s.note.Expire == 0 { // its Hang up would do nothing any more
				bus.closeNote(s.id)
			}
			bus.close()
		}
	}()
	drop := func(why error) {
		b.log.Debug("desktop: notifications are out of reach", "err", why)
		if bus != nil {
			bus.close()
			bus = nil
		}
		s.id, s.owner = 0, ""
	}
	icon, err := putIcon(b.dir)
	if err != nil {
		b.log.Debug("desktop: notifications go without an icon", "err", err)
	}
	reach := func() bool {
		if bus == nil {
			var err error
			if bus, err = connect(ctx, last, b.patience); err != nil {
				drop(err)
			} else {
				bus.icon = icon
			}
		}
		return bus != nil
	}
	reach() // now, and not when a phone rings
	show := func(n Note) {
		if n.Expire == 0 && n.Key == s.dismissed {
			b.log.Debug("desktop: the notification stays dismissed")
			return
		}
		fresh := n.Key != s.note.Key
		s.note = n
		if n.Gone {
			if s.id != 0 && bus != nil {
				bus.beginCloseNote(s.id)
			}
			s.id = 0
			return
		}
		if !reach() {
			return
		}
		if fresh && s.id != 0 { // a new call has to pop up, which a replaced notification does not
			bus.beginCloseNote(s.id)
			s.id = 0
		}
		id, owner, err := bus.notify(n, s.id, b.onHangUp != nil, b.onOffer != nil)
		if refusal := (dbus.Error{}); errors.As(err, &refusal) {
			// The bus is well, so that it will tell of a daemon that comes.
			b.log.Debug("desktop: no notification was shown", "err", err)
		} else if err != nil {
			drop(err)
			return
		}
		s.id, s.owner = id, owner
	}
	for {
		var signals <-chan *dbus.Signal
		if bus != nil {
			signals = bus.signals
		}
		select {
		case <-ctx.Done():
			if n, ok := b.take(); ok && (n.Expire != 0 || n.Gone) {
				show(n) // the last one
			}
			return
		case <-b.wake:
			if n, ok := b.take(); ok {
				show(n)
			}
		case sig, ok := <-signals:
			if !ok {
				drop(dbus.ErrClosed)
				continue
			}
			switch what, offer := s.read(sig); what {
			case closed:
				b.log.Debug("desktop: the notification was closed", "dismissed", s.dismissed == s.note.Key)
			case hangUpChosen:
				if b.onHangUp != nil {
					key := s.note.Key
					b.work.Go(func() { b.onHangUp(key) }) // it may take its time
				}
			case offerChosen:
				if b.onOffer != nil {
					n := s.note
					b.work.Go(func() { b.onOffer(n, offer) })
				}
			case daemonChanged:
				bus.forget()
				if s.note.Expire == 0 && !s.note.Gone {
					show(s.note)
				}
			}
		}
	}
}

// event is what a signal means to us.
type event int

const (
	nothing event = iota
	hangUpChosen
	offerChosen
	closed
	daemonChanged // another daemon is there, and knows nothing of our notification
)

// read takes in one signal. Any program on the bus can send one that looks
// like the daemon's, with any content, so that sender, id and types are all
// looked at.
func (s *shown) read(sig *dbus.Signal) (event, Offer) {
	if sig == nil {
		return nothing, 0
	}
	if sig.Name == "org.freedesktop.DBus.NameOwnerChanged" && sig.Sender == "org.freedesktop.DBus" {
		var name, before, after string
		if dbus.Store(sig.Body, &name, &before, &after) != nil || name != notificationsName || after == s.owner {
			return nothing, 0
		}
		s.id = 0
		if after == "" {
			return nothing, 0 // gone; what comes next says so
		}
		return daemonChanged, 0
	}
	if sig.Sender != s.owner || s.owner == "" || sig.Path != notificationsPath {
		return nothing, 0
	}
	switch sig.Name {
	case notificationsName + ".ActionInvoked":
		var id uint32
		var action string
		if dbus.Store(sig.Body, &id, &action) != nil || id != s.id || id == 0 {
			return nothing, 0
		}
		if action == actionHangUp && s.note.HangUp {
			return hangUpChosen, 0
		}
		for _, o := range offers {
			if action == o.action && s.note.Offers&o.offer != 0 {
				return offerChosen, o.offer
			}
		}
	case notificationsName + ".NotificationClosed":
		var id, reason uint32
		if dbus.Store(sig.Body, &id, &reason) == nil && id == s.id && id != 0 {
			s.id = 0
			if reason == closedByPerson {
				s.dismissed = s.note.Key
			}
			return closed, 0
		}
	}
	return nothing, 0
}
