//go:build linux

package desktop

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"cornetta/ui/desktoptest"
)

var ctrlAltD = Combination{Ctrl: true, Alt: true, Key: "D"}

// presser is Hotkeys on a real X server and what they tell.
type presser struct {
	*Hotkeys
	*desktoptest.Desktop
	t        *testing.T
	x        *x11Keys // the newest
	pressed  chan string
	troubles chan string
}

func newPresser(t *testing.T) *presser {
	t.Helper()
	p := &presser{Desktop: x11Desktop(t), t: t, pressed: make(chan string, 100), troubles: make(chan string, 100)}
	p.Hotkeys = newHotkeys(HotkeyOptions{
		OnPress:   func(name string) { p.pressed <- name },
		OnTrouble: func(name string, err error) { p.troubles <- fmt.Sprint(name, ": ", err) },
	}, func(ctx context.Context, o HotkeyOptions) (backend, error) {
		b, err := openHotkeys(ctx, o)
		p.x, _ = b.(*x11Keys)
		return b, err
	}, 10*time.Millisecond)
	t.Cleanup(func() {
		if err := p.Hotkeys.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

func (p *presser) set(wanted map[string]string) map[string]error {
	p.t.Helper()
	m := map[string]Combination{}
	for name, text := range wanted {
		c, err := ParseCombination(text)
		if err != nil {
			p.t.Fatal(err)
		}
		m[name] = c
	}
	return p.Set(p.t.Context(), m)
}

func (p *presser) mustSet(wanted map[string]string) {
	p.t.Helper()
	if wrong := p.set(wanted); len(wrong) > 0 {
		p.t.Fatalf("%v", wrong)
	}
}

// mark makes sure that every key that was pressed before has been told: it
// presses a hotkey of the tests' own, and what came before comes before.
const mark = "Ctrl+Alt+Shift+F12"

// presses are the names pressed until now.
func (p *presser) presses() (names []string) {
	p.t.Helper()
	p.Key("ctrl+alt+shift+F12")
	for {
		select {
		case name := <-p.pressed:
			if name == "mark" {
				return names
			}
			names = append(names, name)
		case <-time.After(desktoptest.Patience):
			p.t.Fatalf("the mark was never told; before it: %q", names)
		}
	}
}

func (p *presser) wantPresses(what string, want ...string) {
	p.t.Helper()
	if got := p.presses(); fmt.Sprint(got) != fmt.Sprint(want) {
		p.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func (p *presser) setxkbmap(args ...string) {
	p.t.Helper()
	cmd := p.Command("setxkbmap", args...)
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("setxkbmap (package x11-xkb-utils) %q: %v", args, err)
	}
}

func TestHotkeyX11(t *testing.T) {
	p := newPresser(t)
	p.mustSet(map[string]string{"clipboard": "Ctrl+Alt+D", "selection": "Super+F9", "mark": mark})
	p.wantPresses("nothing pressed")
	p.Key("ctrl+alt+d")
	p.wantPresses("once", "clipboard")
	p.Key("ctrl+alt+d", "super+F9", "ctrl+alt+d")
	p.wantPresses("three", "clipboard", "selection", "clipboard")
	p.Key("d", "ctrl+d", "alt+d", "ctrl+alt+shift+d", "ctrl+alt+super+d", "F9", "ctrl+alt+e")
	p.wantPresses("other keys")

	for _, locks := range [][]string{{"Num_Lock"}, {"Caps_Lock"}, {"Num_Lock"}, {"Scroll_Lock"}} {
		p.Key(locks...) // toggles: Num; Num and Caps; Caps; Caps and Scroll
		p.Key("ctrl+alt+d")
		p.wantPresses("with "+p.locks(), "clipboard")
	}
	p.Key("Caps_Lock", "Scroll_Lock")

	p.mustSet(map[string]string{"selection": "Ctrl+Alt+D", "mark": mark})
	p.Key("ctrl+alt+d", "super+F9")
	p.wantPresses("after a change", "selection")
	p.mustSet(map[string]string{"mark": mark})
	p.Key("ctrl+alt+d")
	p.wantPresses("given back")
	p.mustSet(nil)
	if p.taken(t, "ctrl+alt+d") {
		t.Error("Ctrl+Alt+D is still taken")
	}
}

// locks are the locks that are on, for messages.
func (p *presser) locks() string {
	conn, err := xgb.NewConnDisplay(p.Display())
	if err != nil {
		return err.Error()
	}
	defer conn.Close()
	q, err := xproto.QueryPointer(conn, xproto.Setup(conn).DefaultScreen(conn).Root).Reply()
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("modifiers %#x", q.Mask)
}

// Held down, a key repeats; it was pressed once all the same.
func TestHotkeyHeldDown(t *testing.T) {
	p := newPresser(t)
	p.mustSet(map[string]string{"clipboard": "Ctrl+Alt+D", "mark": mark})
	p.xdotool("keydown", "ctrl", "keydown", "alt", "keydown", "d", "sleep", "1.2", "keyup", "d", "keyup", "alt", "keyup", "ctrl")
	p.wantPresses("held for 1.2 s", "clipboard")
	p.Key("ctrl+alt+d")
	p.wantPresses("again", "clipboard")
	if err := p.Hotkeys.Close(); err != nil { // and what its goroutine knew can be read
		t.Fatal(err)
	}
	if p.x.repeats < 5 {
		t.Errorf("the key repeated %d times only: this test showed nothing", p.x.repeats)
	}
}

func (p *presser) xdotool(args ...string) {
	p.t.Helper()
	if err := p.Command("xdotool", args...).Run(); err != nil {
		p.t.Fatalf("xdotool %q: %v", args, err)
	}
}

// The key is the one that is marked so, whatever the layout is changed to.
func TestHotkeyLayouts(t *testing.T) {
	p := newPresser(t)
	p.setxkbmap("us")
	p.mustSet(map[string]string{"y": "Ctrl+Alt+Y", "d": "Ctrl+Alt+D", "1": "Ctrl+Alt+1", "mark": mark})
	const usY, usZ, usD, us1 = "29", "52", "40", "10" // key codes
	press := func(codes ...string) {
		for _, c := range codes {
			p.xdotool("key", "ctrl+alt+"+c)
		}
	}
	press(usY, usZ, usD, us1)
	p.wantPresses("us", "y", "d", "1")
	for _, tc := range []struct {
		layout string
		want   []string
	}{
		{"de", []string{"y", "d", "1"}}, // y and z change places: the second press
		{"fr", []string{"y", "d", "1"}}, // figures with Shift
		{"us,ru", []string{"y", "d", "1"}},
		{"ru", []string{"y", "d", "1"}}, // no Latin letters: the keys that wrote them
		{"us", []string{"y", "d", "1"}},
	} {
		p.setxkbmap(tc.layout)
		p.settle()
		if tc.layout == "de" {
			press(usY)
			p.wantPresses("de: the key that was y")
			press(usZ, usD, us1)
		} else {
			press(usY, usD, us1)
		}
		p.wantPresses(tc.layout, tc.want...)
	}
	// With two layouts, the second one switched on.
	p.setxkbmap("-layout", "us,ru", "-option", "grp:shifts_toggle")
	p.settle()
	p.xdotool("key", "ISO_Next_Group")
	press(usY, usD, us1)
	p.wantPresses("the second of us,ru", "y", "d", "1")
}

// settle waits until the changes of the keyboard were taken in: the mark works
// throughout, as a function key is where it was, and is told after them.
func (p *presser) settle() {
	p.t.Helper()
	p.presses()
	for len(p.troubles) > 0 {
		p.t.Errorf("trouble: %s", <-p.troubles)
	}
}

// taken tells whether another client cannot have the combination.
func (p *presser) taken(t *testing.T, keys string) bool {
	t.Helper()
	other := NewHotkeys(HotkeyOptions{})
	defer other.Close()
	c, err := ParseCombination(keys)
	if err != nil {
		t.Fatal(err)
	}
	wrong := other.Set(t.Context(), map[string]Combination{"x": c})
	if len(wrong) > 0 && !errors.Is(wrong["x"], ErrHotkeyTaken) {
		t.Fatal(wrong)
	}
	return len(wrong) > 0
}

func TestHotkeyTaken(t *testing.T) {
	p := newPresser(t)
	// Another program, that grabs as simply as many do.
	conn, err := xgb.NewConnDisplay(p.Display())
	if err != nil {
		t.Fatal(err)
	}
	l, err := readLayout(conn)
	if err != nil {
		t.Fatal(err)
	}
	code := l.codes(keys["D"].sym)[0]
	root := xproto.Setup(conn).DefaultScreen(conn).Root
	if err := xproto.GrabKeyChecked(conn, true, root, xproto.ModMaskControl|xproto.ModMask1, code, xproto.GrabModeAsync, xproto.GrabModeAsync).Check(); err != nil {
		t.Fatal(err)
	}
	wrong := p.set(map[string]string{"clipboard": "Ctrl+Alt+D", "selection": "Ctrl+Alt+S", "again": "Ctrl+Alt+S", "mark": mark})
	if len(wrong) != 2 || !errors.Is(wrong["clipboard"], ErrHotkeyTaken) || !errors.Is(wrong["selection"], ErrHotkeyTaken) {
		t.Errorf("wrong: %v", wrong)
	}
	p.Key("ctrl+alt+d", "ctrl+alt+s")
	p.wantPresses("the other works", "again")
	conn.Close()
	p.Wait("the combination to be free", func() bool { return len(p.set(map[string]string{"clipboard": "Ctrl+Alt+D", "mark": mark})) == 0 })
	p.Key("ctrl+alt+d")
	p.wantPresses("after the other program ended", "clipboard")
	if !p.taken(t, "Ctrl+Alt+D") {
		t.Error("another program can have it too")
	}
	wrong = p.set(map[string]string{"clipboard": "Ctrl+Alt+F24", "mark": mark})
	if !errors.Is(wrong["clipboard"], ErrHotkeyNoKey) {
		t.Errorf("a key that the keyboard does not have: %v", wrong)
	}
}

// The connection ends, as when the X server ends it; it comes back.
func TestHotkeyConnectionLost(t *testing.T) {
	p := newPresser(t)
	p.mustSet(map[string]string{"clipboard": "Ctrl+Alt+D", "mark": mark})
	first := p.x
	first.conn.Close()
	for _, want := range []string{
		"clipboard: " + ErrHotkeysLost.Error(), "mark: " + ErrHotkeysLost.Error(), "clipboard: <nil>", "mark: <nil>",
	} {
		if got := next(t, p.troubles); got != want {
			t.Errorf("told %q, want %q", got, want)
		}
	}
	p.Key("ctrl+alt+d")
	p.wantPresses("connected again", "clipboard")
}

func TestHotkeyNoDisplay(t *testing.T) {
	t.Setenv("WAYLAND_DISPLAY", "")
	t.Setenv("DISPLAY", "")
	h := NewHotkeys(HotkeyOptions{})
	defer h.Close()
	if wrong := h.Set(t.Context(), map[string]Combination{"x": ctrlAltD}); !errors.Is(wrong["x"], errors.ErrUnsupported) {
		t.Errorf("without a display: %v", wrong)
	}
	if wrong := h.Set(t.Context(), map[string]Combination{"x": {}}); len(wrong) > 0 {
		t.Errorf("none wanted: %v", wrong)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if wrong := h.Set(t.Context(), map[string]Combination{"x": ctrlAltD}); !errors.Is(wrong["x"], ErrClosed) {
		t.Errorf("closed: %v", wrong)
	}
}
