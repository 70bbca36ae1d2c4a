package agent

import (
	"path/filepath"
	"strings"
	"testing"

	"cornetta/dialer/status"
)

// TestKeyNews: what is wrong with keys is told once, over restarts; other keys, or
// another trouble with them, are news.
func TestKeyNews(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cornetta", "keys-told")
	start := func() *keyNews { return &keyNews{path: path} }
	n := start()
	for _, tc := range []struct {
		does, name, keys string
		code             status.Code
		fresh            bool
	}{
		{"", "clipboard", "Ctrl+Alt+D", status.CodeKeysTaken, true},
		{"", "clipboard", "Ctrl+Alt+D", status.CodeKeysTaken, false},
		{"restart", "clipboard", "Ctrl+Alt+D", status.CodeKeysTaken, true}, // it was never told
		{"told restart", "clipboard", "Ctrl+Alt+D", status.CodeKeysTaken, false},
		{"", "selection", "Super+F9", status.CodeKeysTaken, true},
		{"told restart", "selection", "Super+F9", status.CodeKeysTaken, false},
		{"", "clipboard", "Ctrl+Alt+D", status.CodeKeysTaken, false},
		{"", "clipboard", "Ctrl+Alt+D", status.CodeKeysNoKey, true},
		{"", "clipboard", "Ctrl+Alt+S", status.CodeKeysTaken, true},
		{"told restart", "clipboard", "Ctrl+Alt+S", status.CodeKeysTaken, false},
		{"", "clipboard", "Ctrl+Alt+S", status.CodeKeysLost, false},    // passes
		{"", "clipboard", "Ctrl+Alt+S", status.CodeKeysRefused, false}, // by the person
		{"", "clipboard", "Ctrl+Alt+S", status.CodeKeysTaken, false},
		{"", "clipboard", "Ctrl+Alt+S", status.CodeKeysNoPortal, true},
		{"", "clipboard", "nonsense", status.CodeKeysBad, true},
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
