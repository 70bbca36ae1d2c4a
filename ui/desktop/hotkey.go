package desktop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"cornetta/dialer/status"
	"cornetta/internal/safelog"
)

var (
	// ErrHotkeyTaken says that another program has the combination, or another
	// name of ours.
	ErrHotkeyTaken = status.NewError(status.CodeKeysTaken, "desktop: the combination is taken")
	// ErrHotkeyNoKey says that the keyboard has no such key.
	ErrHotkeyNoKey = status.NewError(status.CodeKeysNoKey, "desktop: the keyboard has no such key")
	// ErrHotkeyRefused says that the desktop, or the person it asked, refused.
	ErrHotkeyRefused = status.NewError(status.CodeKeysRefused, "desktop: the combination was refused")
	// ErrNoGlobalShortcuts says that this Wayland desktop gives programs no
	// combinations. In its own settings one can be bound to a command.
	ErrNoGlobalShortcuts = status.NewError(status.CodeKeysNoPortal, "desktop: this desktop gives programs no keys")
	// ErrHotkeysLost says that the connection to the desktop was lost; it is
	// being built again.
	ErrHotkeysLost = status.NewError(status.CodeKeysLost, "desktop: the connection for combinations was lost")
)

// errNoHotkeys is errors.ErrUnsupported for combinations of keys.
var errNoHotkeys = status.NewError(status.CodeKeysUnsupported, "desktop: no combinations here")

// HotkeyOptions are what Hotkeys need from outside. The functions are called on
// one goroutine, one after the other, and must return at once.
type HotkeyOptions struct {
	// OnPress is called once for each press, however long the keys are held.
	OnPress func(name string)
	// OnTrouble is called when a combination that worked no longer does, and
	// with nil when it works again. Set's own answers are not told twice.
	OnTrouble func(name string, err error)
	// Describe says what a name is for, where the desktop tells people. nil: the
	// name does.
	Describe func(name string) string
	Log      *slog.Logger // nil: discards
}

// Hotkeys listens to combinations of keys, whatever window has the focus. One
// goroutine owns the connection to the desktop; nothing is connected before
// there is a combination to listen to. Its methods are safe for concurrent use.
type Hotkeys struct {
	options  HotkeyOptions
	log      *slog.Logger
	cancel   context.CancelFunc
	requests chan request
	ended    chan struct{}
}

type request struct {
	wanted map[string]Combination
	answer chan map[string]error // capacity 1
}

// backend is one system's way. It belongs to the owner's goroutine.
type backend interface {
	// bind makes wanted what is listened to, and nothing else, and says what is
	// wrong with which. It may block for as long as a person is asked.
	bind(ctx context.Context, wanted map[string]Combination) map[string]error
	// events carries what take understands; it is closed when the connection is
	// lost.
	events() <-chan any
	// take says what an event means: a name that was pressed, or with changed
	// what is wrong from now on.
	take(ctx context.Context, event any) (pressed string, wrong map[string]error, changed bool)
	close()
}

// The pauses between tries to connect again.
const (
	retryFirst = time.Second
	retryLast  = time.Minute
)

// NewHotkeys returns Hotkeys that listen to nothing yet. Close them.
func NewHotkeys(o HotkeyOptions) *Hotkeys { return newHotkeys(o, openHotkeys, retryFirst) }

type opener func(context.Context, HotkeyOptions) (backend, error)

func newHotkeys(o HotkeyOptions, open opener, retry time.Duration) *Hotkeys {
	ctx, cancel := context.WithCancel(context.Background())
	h := &Hotkeys{
		options: o, log: Options{Log: o.Log}.log(), cancel: cancel,
		requests: make(chan request), ended: make(chan struct{}),
	}
	go func() {
		defer close(h.ended)
		(&keyOwner{Hotkeys: h, open: open, firstRetry: retry}).run(ctx)
	}()
	return h
}

// Set makes wanted the combinations that are listened to, in place of those
// before; they are set together because some desktops ask the person, and ask
// once. The answer has an error for each that does not work, of those above or
// errors.ErrUnsupported; the others work. It blocks until the desktop has
// answered; when ctx ends first all have ctx's error, and what the desktop says
// later goes to OnTrouble.
func (h *Hotkeys) Set(ctx context.Context, wanted map[string]Combination) map[string]error {
	r := request{maps.Clone(wanted), make(chan map[string]error, 1)}
	maps.DeleteFunc(r.wanted, func(_ string, c Combination) bool { return c.IsZero() })
	select {
	case h.requests <- r:
	case <-h.ended:
		return all(wanted, ErrClosed)
	case <-ctx.Done():
		return all(wanted, context.Cause(ctx))
	}
	select {
	case wrong := <-r.answer:
		return wrong
	case <-h.ended:
		return all(wanted, ErrClosed)
	case <-ctx.Done():
		return all(wanted, context.Cause(ctx))
	}
}

// Close gives all combinations back and waits for the goroutine to end; after
// five seconds it gives up with an error. It is idempotent and must not be
// called by OnPress or OnTrouble.
func (h *Hotkeys) Close() error {
	h.cancel()
	select {
	case <-h.ended:
		return nil
	case <-time.After(5 * time.Second):
		return errors.New("desktop: the hotkeys did not end in 5s")
	}
}

// TryHotkey finds out whether another program has c, by listening to it for a
// moment; the errors are Set's. It is nil also where that cannot be found out
// without asking the person.
func TryHotkey(ctx context.Context, c Combination) error {
	if !canTry() {
		return nil
	}
	const name = "try"
	h := NewHotkeys(HotkeyOptions{})
	err := h.Set(ctx, map[string]Combination{name: c})[name]
	return errors.Join(err, h.Close())
}

// all is the same error for each of the combinations.
func all(wanted map[string]Combination, err error) map[string]error {
	wrong := make(map[string]error, len(wanted))
	for name := range wanted {
		wrong[name] = err
	}
	return wrong
}

// keyOwner is the goroutine of Hotkeys and what it knows.
type keyOwner struct {
	*Hotkeys
	open       opener
	firstRetry time.Duration

	backend backend // nil: not connected
	wanted  map[string]Combination
	wrong   map[string]error
}

func (o *keyOwner) run(ctx context.Context) {
	defer func() { o.drop() }()
	pause := o.firstRetry
	var retry <-chan time.Time
	for {
		var events <-chan any
		if o.backend != nil {
			events = o.backend.events()
		}
		select {
		case <-ctx.Done():
			return
		case r := <-o.requests:
			retry, pause = nil, o.firstRetry
			o.wanted = r.wanted
			wrong, again := o.bind(ctx)
			if again {
				retry = time.After(pause)
			}
			o.wrong = wrong
			r.answer <- maps.Clone(wrong)
		case <-retry:
			wrong, _ := o.bind(ctx)
			// There was a connection, or there may be one: a portal that is being
			// restarted is there again soon.
			if retry = nil; o.backend == nil && len(o.wanted) > 0 {
				pause = min(2*pause, retryLast)
				retry = time.After(pause)
				break
			}
			pause = o.firstRetry
			o.tell(wrong)
		case ev, ok := <-events:
			if !ok {
				o.drop()
				o.tell(all(o.wanted, ErrHotkeysLost))
				retry = time.After(pause)
				break
			}
			pressed, wrong, changed := o.backend.take(ctx, ev)
			if changed {
				o.tell(wrong)
			}
			if pressed != "" && o.options.OnPress != nil {
				o.options.OnPress(pressed)
			}
		}
	}
}

// bind makes the desktop listen to wanted. again means that there was no connection
// and that trying later may help.
func (o *keyOwner) bind(ctx context.Context) (wrong map[string]error, again bool) {
	if len(o.wanted) == 0 {
		o.drop()
		return nil, false
	}
	if o.backend == nil {
		b, err := o.open(ctx, o.options)
		if err != nil {
			never := errors.Is(err, errors.ErrUnsupported) || errors.Is(err, ErrNoGlobalShortcuts)
			if !never {
				err = fmt.Errorf("%w: %w", ErrHotkeysLost, err)
			}
			return all(o.wanted, err), !never
		}
		o.backend = b
	}
	single, twice := map[string]Combination{}, map[string]error{}
	by := map[Combination]string{}
	for _, name := range slices.Sorted(maps.Keys(o.wanted)) {
		c := o.wanted[name]
		if other, ok := by[c]; ok {
			twice[name] = fmt.Errorf("%w: by %s", ErrHotkeyTaken, other)
			continue
		}
		by[c], single[name] = name, c
	}
	if wrong = o.backend.bind(ctx, single); wrong == nil {
		wrong = map[string]error{}
	}
	maps.Copy(wrong, twice)
	return wrong, false
}

// tell passes on what differs from what was known.
func (o *keyOwner) tell(wrong map[string]error) {
	was := o.wrong
	o.wrong = wrong
	for _, name := range slices.Sorted(maps.Keys(o.wanted)) {
		before, now := was[name], wrong[name]
		if errors.Is(now, before) || before != nil && now != nil && before.Error() == now.Error() {
			continue
		}
		o.log.Info("desktop: a hotkey changed", slog.Any("name", safelog.Own(name)), slog.Any("err", now))
		if o.options.OnTrouble != nil {
			o.options.OnTrouble(name, now)
		}
	}
}

func (o *keyOwner) drop() {
	if o.backend != nil {
		o.backend.close()
		o.backend = nil
	}
}
