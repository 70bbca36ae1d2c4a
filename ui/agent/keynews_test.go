package agent

import (
	"path/filepath"
	"strings"
	"testing"

	"cornetta/ui/channel"
)

// TestKeyNews: what is wrong with keys is told once, over restarts; other keys, or
// another trouble with them, are news.
func TestKeyNews(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cornetta", "keys-told")
	start := func() *keyNews { return &keyNews{path: path} }
	n := start()
	for _, tc := range []struct {
		does, name, keys, code string
		fresh                  bool
	}{
		{"", "clipboard", "Ctrl+Alt+D", channel.KeysTaken, true},
		{"", "clipboard", "Ctrl+Alt+D", channel.KeysTaken, false},
		{"restart", "clipboard", "Ctrl+Alt+D", channel.KeysTaken, true}, // it was never told
		{"told restart", "clipboard", "Ctrl+Alt+D", channel.KeysTaken, false},
		{"", "selection", "Super+F9", channel.KeysTaken, true},
		{"told restart", "selection", "Super+F9", channel.KeysTaken, false},
		{"", "clipboard", "Ctrl+Alt+D", channel.KeysTaken, false},
		{"", "clipboard", "Ctrl+Alt+D", channel.KeysNoKey, true},
		{"", "clipboard", "Ctrl+Alt+S", channel.KeysTaken, true},
		{"told restart", "clipboard", "Ctrl+Alt+S", channel.KeysTaken, false},
		{"", "clipboard", "Ctrl+Alt+S", channel.KeysLost, false},    // passes
		{"", "clipboard", "Ctrl+Alt+S", channel.KeysRefused, false}, // by the person
		{"", "clipboard", "Ctrl+Alt+S", channel.KeysTaken, false},
		{"", "clipboard", "Ctrl+Alt+S", channel.KeysNoPortal, true},
		{"", "clipboard", "nonsense", channel.KeysBad, true},
	} {
		if strings.Contains(tc.does, "told") {
			n.save()
		}
		if strings.Contains(tc.does, "restart") {
			n = start()
		}
		if fresh := n.fresh(tc.name, tc.keys, tc.code); fresh != tc.fresh {
			t.Errorf("%+v: %v", tc, fresh)
		}
	}
}
