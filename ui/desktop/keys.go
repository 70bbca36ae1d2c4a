package desktop

import (
	"fmt"
	"strconv"
	"strings"

	"cornetta/dialer/status"
)

// Combination is a key with the modifiers that are held with it. The zero value
// is none.
type Combination struct {
	Ctrl, Alt, Shift, Super bool
	Key                     string // a name of this package: "D", "7", "F9", "PageUp"
}

// ErrBadCombination is ParseCombination's; what it wraps it in says what is
// wrong.
var ErrBadCombination = status.NewError(status.CodeKeysBad, "desktop: not a combination of keys")

// key is what the systems call a key.
type key struct {
	sym uint32 // X11's keysym, on the level that needs no Shift
	xkb string // and its name
	vk  uint32 // Windows' virtual key code
}

var keys = func() map[string]key {
	m := map[string]key{
		"Space":     {0x20, "space", 0x20},
		"Enter":     {0xff0d, "Return", 0x0d},
		"Tab":       {0xff09, "Tab", 0x09},
		"Backspace": {0xff08, "BackSpace", 0x08},
		"Insert":    {0xff63, "Insert", 0x2d},
		"Delete":    {0xffff, "Delete", 0x2e},
		"Home":      {0xff50, "Home", 0x24},
		"End":       {0xff57, "End", 0x23},
		"PageUp":    {0xff55, "Prior", 0x21},
		"PageDown":  {0xff56, "Next", 0x22},
		"Left":      {0xff51, "Left", 0x25},
		"Up":        {0xff52, "Up", 0x26},
		"Right":     {0xff53, "Right", 0x27},
		"Down":      {0xff54, "Down", 0x28},
	}
	for c := uint32('A'); c <= 'Z'; c++ {
		low := c - 'A' + 'a'
		m[string(rune(c))] = key{low, string(rune(low)), c}
	}
	for c := uint32('0'); c <= '9'; c++ {
		m[string(rune(c))] = key{c, string(rune(c)), c}
	}
	for n := uint32(1); n <= 24; n++ {
		name := "F" + strconv.Itoa(int(n))
		m[name] = key{0xffbe + n - 1, name, 0x70 + n - 1}
	}
	return m
}()

// otherNames are what people and toolkits write as well, in lower case.
var otherNames = map[string]string{
	"return": "Enter", "ins": "Insert", "del": "Delete", "pgup": "PageUp", "prior": "PageUp",
	"pgdn": "PageDown", "pgdown": "PageDown", "next": "PageDown",
}

// ParseCombination reads the form String writes, such as "Ctrl+Alt+D", whatever
// its case. The empty text is the zero Combination. There has to be Ctrl, Alt
// or Super: a key alone, or with Shift, is what people write with; only F1 to
// F24 may go with Shift alone.
func ParseCombination(text string) (Combination, error) {
	var c Combination
	if strings.TrimSpace(text) == "" {
		return c, nil
	}
	fail := func(why string) (Combination, error) {
		return Combination{}, fmt.Errorf("%w: %q: %s", ErrBadCombination, text, why)
	}
	if len(text) > 64 {
		return Combination{}, fmt.Errorf("%w: too long", ErrBadCombination)
	}
	parts := strings.Split(text, "+")
	for i, part := range parts {
		part = strings.TrimSpace(part)
		var held *bool
		switch strings.ToLower(part) {
		case "ctrl", "control":
			held = &c.Ctrl
		case "alt":
			held = &c.Alt
		case "shift":
			held = &c.Shift
		case "super", "win", "windows", "meta", "logo":
			held = &c.Super
		}
		last := i == len(parts)-1
		switch {
		case held != nil && last:
			return fail("there is no key")
		case held != nil && *held:
			return fail(part + " is there twice")
		case held != nil:
			*held = true
		case !last:
			return fail(strconv.Quote(part) + " is no modifier")
		default:
			if c.Key = keyName(part); c.Key == "" {
				return fail(strconv.Quote(part) + " is no key that can be used")
			}
		}
	}
	function := len(c.Key) > 1 && c.Key[0] == 'F'
	if !c.Ctrl && !c.Alt && !c.Super && (!c.Shift || !function) {
		return fail("it needs Ctrl, Alt or Super")
	}
	return c, nil
}

// keyName is the name in keys for what was written, "" for none.
func keyName(s string) string {
	if name, ok := otherNames[strings.ToLower(s)]; ok {
		return name
	}
	for name := range keys {
		if strings.EqualFold(name, s) {
			return name
		}
	}
	return ""
}

// IsZero reports whether c is no combination at all.
func (c Combination) IsZero() bool { return c == Combination{} }

// String is the form for settings and for people, "" for none.
func (c Combination) String() string {
	if c.IsZero() {
		return ""
	}
	var b strings.Builder
	for _, m := range []struct {
		held bool
		name string
	}{{c.Ctrl, "Ctrl+"}, {c.Alt, "Alt+"}, {c.Shift, "Shift+"}, {c.Super, "Super+"}} {
		if m.held {
			b.WriteString(m.name)
		}
	}
	return b.String() + c.Key
}
