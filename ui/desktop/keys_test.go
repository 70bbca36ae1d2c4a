package desktop

import (
	"errors"
	"strings"
	"testing"
)

func TestParseCombination(t *testing.T) {
	for _, tc := range []struct{ text, want string }{
		{"Ctrl+Alt+D", "Ctrl+Alt+D"},
		{"ctrl+alt+d", "Ctrl+Alt+D"},
		{" Alt + Control + d ", "Ctrl+Alt+D"},
		{"Win+Shift+f9", "Shift+Super+F9"},
		{"Meta+pgup", "Super+PageUp"},
		{"Super+Prior", "Super+PageUp"},
		{"Shift+F24", "Shift+F24"},
		{"Ctrl+7", "Ctrl+7"},
		{"Alt+Space", "Alt+Space"},
		{"", ""},
		{"  ", ""},
	} {
		c, err := ParseCombination(tc.text)
		if err != nil || c.String() != tc.want {
			t.Errorf("%q: %q, %v, want %q", tc.text, c, err, tc.want)
		}
		again, err := ParseCombination(c.String())
		if err != nil || again != c {
			t.Errorf("%q: read again as %q, %v", tc.text, again, err)
		}
	}
	for _, text := range []string{
		"D", "F9", "Shift+D", "Shift+7", "Shift+Space", "Ctrl", "Ctrl+", "+D", "Ctrl+Alt", "Ctrl+Ctrl+D",
		"Ctrl+Control+D", "Ctrl+D+E", "Ctrl+F25", "Ctrl+F0", "Ctrl+è", "Ctrl+dd", "Hyper+D", "Ctrl-Alt-D",
		"Ctrl+\x00", "Ctrl+\xff", strings.Repeat("Ctrl+", 30) + "D",
	} {
		if c, err := ParseCombination(text); !errors.Is(err, ErrBadCombination) || !c.IsZero() {
			t.Errorf("%q: %q, %v", text, c, err)
		}
	}
}

// Every key has a name of its own on every system.
func TestKeys(t *testing.T) {
	syms, names, codes := map[uint32]string{}, map[string]string{}, map[uint32]string{}
	for name, k := range keys {
		if syms[k.sym]+names[k.xkb]+codes[k.vk] != "" {
			t.Errorf("%s is also %s %s %s", name, syms[k.sym], names[k.xkb], codes[k.vk])
		}
		syms[k.sym], names[k.xkb], codes[k.vk] = name, name, name
		if keyName(name) != name {
			t.Errorf("%s is read as %q", name, keyName(name))
		}
	}
}
