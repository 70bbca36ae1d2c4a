//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// x11Keys listens by passive grabs on the root window. A grab is for a key code
// and an exact set of modifiers, so that every combination is grabbed once for
// each state of CapsLock, NumLock and ScrollLock.
type x11Keys struct {
	conn *xgb.Conn
	root xproto.Window
	evs  chan any
	done chan struct{} // closed by close

	wanted  map[string]Combination
	layout  *layout
	grabbed map[grab]string // a grab without locks, and whose it is
	// The last release. The server tells a client that a key repeats by a
	// release and a press with the same time.
	released xproto.KeyReleaseEvent
	repeats  int                         // presses that were left out, for the tests
	known    map[uint32][]xproto.Keycode // where a keysym was, for a layout that has it no more
}

// grab is what the server is asked for.
type grab struct {
	code xproto.Keycode
	mods uint16
}

func openX11Keys(ctx context.Context, display string) (backend, error) {
	// Connecting cannot be interrupted; one that comes too late is given up.
	type result struct {
		conn *xgb.Conn
		err  error
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	connected := make(chan result, 1)
	go func() {
		conn, err := xgb.NewConnDisplay(display)
		if err == nil && ctx.Err() != nil {
			conn.Close()
		}
		connected <- result{conn, err}
	}()
	var r result
	select {
	case r = <-connected:
	case <-ctx.Done():
		return nil, fmt.Errorf("desktop: X11: %w", ctx.Err())
	}
	if r.err != nil {
		return nil, fmt.Errorf("desktop: X11: %w", r.err)
	}
	x := &x11Keys{
		conn: r.conn, root: xproto.Setup(r.conn).DefaultScreen(r.conn).Root,
		evs: make(chan any), done: make(chan struct{}),
		grabbed: map[grab]string{}, known: map[uint32][]xproto.Keycode{},
	}
	go x.pump()
	return x, nil
}

func (x *x11Keys) pump() {
	defer close(x.evs)
	for {
		ev, err := x.conn.WaitForEvent()
		if ev == nil && err == nil {
			return
		}
		if ev == nil {
			continue
		}
		select {
		case x.evs <- ev:
		case <-x.done:
			return
		}
	}
}

func (x *x11Keys) events() <-chan any { return x.evs }

func (x *x11Keys) close() {
	close(x.done)
	x.conn.Close() // which gives the grabs back
}

func (x *x11Keys) bind(_ context.Context, wanted map[string]Combination) map[string]error {
	x.wanted = wanted
	return x.regrab()
}

// regrab grabs what is wanted on the keyboard as it is now.
func (x *x11Keys) regrab() map[string]error {
	l, err := readLayout(x.conn)
	if err != nil {
		return all(x.wanted, fmt.Errorf("desktop: X11: %w", err))
	}
	next, wrong := map[grab]string{}, map[string]error{}
	for _, name := range slices.Sorted(maps.Keys(x.wanted)) {
		c := x.wanted[name]
		sym := keys[c.Key].sym
		codes := l.codes(sym)
		if codes == nil {
			codes = x.known[sym] // what the key wrote before says where it is
		}
		if codes == nil {
			wrong[name] = fmt.Errorf("%w: %s", ErrHotkeyNoKey, c.Key)
			continue
		}
		x.known[sym] = codes
		for _, code := range codes {
			next[grab{code, l.modifiers(c)}] = name
		}
	}
	if x.layout != nil {
		for g := range x.grabbed {
			if _, stays := next[g]; !stays || x.layout.locks != l.locks {
				x.ungrab(g, x.layout.locks)
			}
		}
	}
	was := x.grabbed
	if x.layout == nil || x.layout.locks != l.locks {
		was = nil
	}
	x.layout, x.grabbed = l, map[grab]string{}
	for g, name := range next {
		if _, had := was[g]; !had {
			if err := x.grab(g); err != nil {
				wrong[name] = err
				continue
			}
		}
		x.grabbed[g] = name
	}
	// A key that is on the keyboard twice and could be had once is half of a
	// hotkey.
	for g, name := range x.grabbed {
		if wrong[name] != nil {
			x.ungrab(g, l.locks)
			delete(x.grabbed, g)
		}
	}
	return wrong
}

func (x *x11Keys) grab(g grab) error {
	for _, locks := range subsets(x.layout.locks) {
		err := xproto.GrabKeyChecked(x.conn, true, x.root, g.mods|locks, g.code,
			xproto.GrabModeAsync, xproto.GrabModeAsync).Check()
		if err == nil {
			continue
		}
		x.ungrab(g, x.layout.locks)
		if access := (xproto.AccessError{}); errors.As(err, &access) {
			return ErrHotkeyTaken
		}
		return fmt.Errorf("desktop: X11: %w", err)
	}
	return nil
}

// ungrab gives back what of g we have; the server ignores the rest.
func (x *x11Keys) ungrab(g grab, locks uint16) {
	for _, l := range subsets(locks) {
		xproto.UngrabKey(x.conn, g.code, x.root, g.mods|l)
	}
}

func (x *x11Keys) take(_ context.Context, event any) (pressed string, wrong map[string]error, changed bool) {
	switch ev := event.(type) {
	case xproto.MappingNotifyEvent:
		if ev.Request != xproto.MappingPointer {
			return "", x.regrab(), true
		}
	case xproto.KeyReleaseEvent:
		x.released = ev
	case xproto.KeyPressEvent:
		if ev.Detail == x.released.Detail && ev.Time == x.released.Time {
			x.repeats++
			break
		}
		if x.layout != nil {
			const modifiers = 0xff // the rest are buttons and the group
			return x.grabbed[grab{ev.Detail, ev.State & modifiers &^ x.layout.locks}], nil, false
		}
	}
	return "", nil, false
}

// layout is the keyboard as far as grabs go.
type layout struct {
	first   xproto.Keycode
	perCode int
	syms    []xproto.Keysym

	locks      uint16 // CapsLock, NumLock, ScrollLock
	alt, super uint16
}

func readLayout(conn *xgb.Conn) (*layout, error) {
	setup := xproto.Setup(conn)
	count := int(setup.MaxKeycode) - int(setup.MinKeycode) + 1
	table, err := xproto.GetKeyboardMapping(conn, setup.MinKeycode, byte(count)).Reply()
	if err != nil {
		return nil, err
	}
	mods, err := xproto.GetModifierMapping(conn).Reply()
	if err != nil {
		return nil, err
	}
	l := &layout{
		first: setup.MinKeycode, perCode: int(table.KeysymsPerKeycode), syms: table.Keysyms,
		locks: xproto.ModMaskLock,
	}
	per := int(mods.KeycodesPerModifier)
	for i, code := range mods.Keycodes {
		mask := uint16(1) << (i / per)
		if mask < xproto.ModMask1 || code == 0 {
			continue
		}
		for _, sym := range l.at(code) {
			switch sym {
			case 0xff7f, 0xff14: // Num_Lock, Scroll_Lock
				l.locks |= mask
			case 0xffe9, 0xffea: // Alt_L, Alt_R
				l.alt |= mask
			case 0xffeb, 0xffec: // Super_L, Super_R
				l.super |= mask
			}
		}
	}
	// The usual places, for keyboards without the keys.
	if l.alt == 0 {
		l.alt = xproto.ModMask1
	}
	if l.super == 0 {
		l.super = xproto.ModMask4
	}
	l.locks &^= l.alt | l.super
	return l, nil
}

// at are the symbols of a key: two for each of its layouts, and more.
func (l *layout) at(code xproto.Keycode) []xproto.Keysym {
	from := (int(code) - int(l.first)) * l.perCode
	if from < 0 || from+l.perCode > len(l.syms) {
		return nil
	}
	return l.syms[from : from+l.perCode]
}

// codes are the keys that write sym most directly: without a modifier in the
// first layout, or else with Shift, or else in the next.
func (l *layout) codes(sym uint32) []xproto.Keycode {
	for column := range l.perCode {
		var found []xproto.Keycode
		for i := column; i < len(l.syms); i += l.perCode {
			if uint32(l.syms[i]) == sym {
				found = append(found, l.first+xproto.Keycode(i/l.perCode))
			}
		}
		if found != nil {
			return found
		}
	}
	return nil
}

func (l *layout) modifiers(c Combination) (mods uint16) {
	for _, m := range []struct {
		held bool
		mask uint16
	}{{c.Ctrl, xproto.ModMaskControl}, {c.Alt, l.alt}, {c.Shift, xproto.ModMaskShift}, {c.Super, l.super}} {
		if m.held {
			mods |= m.mask
		}
	}
	return mods
}

// subsets are all combinations of the bits of mask, none and all included.
func subsets(mask uint16) []uint16 {
	sets := []uint16{0}
	for bit := uint16(1); bit != 0; bit <<= 1 {
		if mask&bit == 0 {
			continue
		}
		for _, s := range sets[:len(sets):len(sets)] {
			sets = append(sets, s|bit)
		}
	}
	return sets
}
