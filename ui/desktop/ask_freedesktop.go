//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/godbus/dbus/v5"

	"cornetta/ui/words"
)

// The keys of a question's actions: one for each answer, by its number, and one for no.
const (
	actionYes = "yes"
	actionNo  = "no"
)

// Ask asks q by a notification with actions, and blocks until a person has answered it, it
// expires or ctx ends. It returns which of q.Answers was chosen, or Refused, which is all that
// is no such choice, and a notification that is closed. Of a daemon that takes the place of
// the one that was asked the question is asked anew. The error is ErrNoAnswer, ErrNoQuestion,
// or what keeps the session bus or the daemon from answering.
//
// Any program on the bus can send a signal that looks like the daemon's. A yes is one from
// the very program that was sent the notification, with its id.
func Ask(ctx context.Context, o Options, q Question) (int, error) {
	// The question is taken away when ctx ends, for which there is a moment more.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, end) })()
	b, err := connect(ctx, life, patience)
	if err != nil {
		return Refused, err
	}
	defer b.close()
	if b.icon, err = putIcon(o.Dir); err != nil {
		o.log().Debug("desktop: a question goes without an icon", "err", err)
	}
	a := &asking{bus: b, q: q, body: q.Body}
	if err := a.findDaemon(); err != nil {
		return Refused, err
	}
	return a.run(ctx)
}

// asking is one question. It belongs to the goroutine that asks it.
type asking struct {
	bus   *bus
	q     Question
	body  string
	owner string           // the daemon's unique name, "" while there is none
	away  <-chan time.Time // it is not waited for any longer then; nil: there is one
	id    uint32           // of the notification; 0: none is there
	since time.Time        // it came up
	hasty int              // how often there was a yes before its time
}

// returnTime is how long a daemon may be away that is started anew. Until then nobody is told
// that nothing can ask.
const returnTime = 2 * time.Second

// findDaemon starts the daemon if none runs, and finds out whether it can ask.
func (a *asking) findDaemon() error {
	a.bus.forget()
	a.bus.object = a.bus.conn.Object(notificationsName, notificationsPath)
	if err := a.bus.call("GetCapabilities", []any{&a.bus.caps}); err != nil {
		return fmt.Errorf("%w: %w", ErrNoQuestion, err)
	}
	if !slices.Contains(a.bus.caps, "actions") {
		return ErrNoQuestion
	}
	ctx, cancel := context.WithTimeout(a.bus.life, a.bus.patience)
	defer cancel()
	err := a.bus.conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.GetNameOwner", 0, notificationsName).Store(&a.owner)
	if err != nil {
		return fmt.Errorf("desktop: GetNameOwner: %w", err)
	}
	// Not by the well-known name, which may be another's by the next call.
	a.bus.object = a.bus.conn.Object(a.owner, notificationsPath)
	return nil
}

func (a *asking) run(ctx context.Context) (int, error) {
	if err := a.show(); err != nil {
		return Refused, err
	}
	if a.q.Shown != nil {
		a.q.Shown()
	}
	defer func() {
		if a.id != 0 {
			a.bus.closeNote(a.id)
		}
	}()
	expired := time.NewTimer(a.q.Expire)
	defer expired.Stop()
	for {
		select {
		case <-ctx.Done():
			return Refused, ctx.Err()
		case <-expired.C:
			return Refused, ErrNoAnswer
		case <-a.away:
			return Refused, ErrNoQuestion
		case body := <-a.q.Changes:
			since := a.since // what is agreed to is the same
			a.body = body
			if a.away != nil {
				continue
			}
			err := a.show()
			if gone := (dbus.Error{}); errors.As(err, &gone) {
				err = a.anew()
			} else {
				a.since = since
			}
			if err != nil {
				return Refused, err
			}
		case sig, ok := <-a.bus.signals:
			if !ok {
				a.id = 0
				return Refused, dbus.ErrClosed
			}
			if a.anotherDaemon(sig) {
				if err := a.anew(); err != nil {
					return Refused, err
				}
				continue
			}
			answer, answered := a.read(sig)
			if !answered {
				continue
			}
			if answer == Refused || a.inTime() {
				return answer, nil
			}
			if a.hasty++; a.hasty > maxHasty {
				return Refused, nil
			}
			a.bus.beginCloseNote(a.id) // some daemons have done so, and tell it later: with the old id
			a.id = 0
			if err := a.show(); err != nil {
				return Refused, err
			}
		}
	}
}

// inTime reports whether a yes counts now.
func (a *asking) inTime() bool {
	wait := a.q.Wait
	if a.hasty > 0 {
		wait = a.q.LongWait
	}
	return time.Since(a.since) >= wait
}

// anew asks of the daemon that there is now, or waits for one.
func (a *asking) anew() error {
	a.id, a.owner = 0, ""
	err := a.findDaemon()
	switch {
	case err == nil:
		a.away = nil
		return a.show()
	case a.bus.caps != nil: // there is one, which cannot ask
		return err
	case a.away == nil:
		a.away = time.After(returnTime)
	}
	return nil
}

// anotherDaemon reports whether sig says that the daemon which was asked is there no more, or,
// where there was none, that one is.
func (a *asking) anotherDaemon(sig *dbus.Signal) bool {
	if sig == nil || sig.Name != "org.freedesktop.DBus.NameOwnerChanged" || sig.Sender != "org.freedesktop.DBus" {
		return false
	}
	var name, before, after string
	if dbus.Store(sig.Body, &name, &before, &after) != nil || name != notificationsName {
		return false
	}
	return before == a.owner && after != a.owner
}

// show puts the question on the screen, in place of itself where it is there already.
func (a *asking) show() error {
	actions := []string{}
	for i, answer := range a.q.Answers {
		actions = append(actions, actionYes+strconv.Itoa(i), wire(answer))
	}
	actions = append(actions, actionNo, wire(a.q.No))
	body := wire(a.body)
	if a.hasty > 0 && a.q.Early != "" {
		body += "\n" + wire(a.q.Early)
	}
	if slices.Contains(a.bus.caps, "body-markup") {
		body = markup.Replace(body)
	}
	hints := map[string]dbus.Variant{
		"urgency":        dbus.MakeVariant(byte(2)), // it stays until it is answered
		"category":       dbus.MakeVariant("call"),
		"desktop-entry":  dbus.MakeVariant(appID),
		"suppress-sound": dbus.MakeVariant(true),
		"transient":      dbus.MakeVariant(true), // who comes back to it later must not call
	}
	if a.q.Quiet {
		hints["urgency"] = dbus.MakeVariant(byte(1))
		delete(hints, "transient")
	}
	if a.bus.icon != "" {
		hints["image-path"] = dbus.MakeVariant(a.bus.icon)
	}
	err := a.bus.call("Notify", []any{&a.id}, words.Text(words.LabelApp), a.id, "", wire(a.q.Title), body, actions, hints, int32(0))
	a.since = time.Now()
	return err
}

// read takes in one signal.
func (a *asking) read(sig *dbus.Signal) (answer int, answered bool) {
	var id uint32
	if sig == nil || a.owner == "" || sig.Sender != a.owner || sig.Path != notificationsPath {
		return Refused, false
	}
	switch sig.Name {
	case notificationsName + ".ActionInvoked":
		var action string
		if dbus.Store(sig.Body, &id, &action) != nil || id != a.id || id == 0 {
			return Refused, false
		}
		n, ok := strings.CutPrefix(action, actionYes)
		if i, err := strconv.Atoi(n); ok && err == nil && i >= 0 && i < len(a.q.Answers) {
			return i, true
		}
		return Refused, action == actionNo
	case notificationsName + ".NotificationClosed":
		var reason uint32
		return Refused, dbus.Store(sig.Body, &id, &reason) == nil && id == a.id && id != 0
	}
	return Refused, false
}

// Inform is for systems whose notifications have no room for it, or may not be shown at all:
// there it shows a dialog with a title and a text, and returns once it is closed or ctx ends.
// Here it fails with errors.ErrUnsupported: a notification does.
func Inform(context.Context, Options, string, string) error { return errors.ErrUnsupported }
