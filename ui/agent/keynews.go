package agent

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cornetta/dialer/status"
)

// keyNews remembers which keys the person was told about that do nothing: once,
// in a notification and the next time the dial window is opened, and not again at
// each start. The tray's tooltip and Settings say it as long as it is so. Its
// methods are called with the keyTroubles' lock held.
type keyNews struct {
	path string            // "": remembered until the program ends
	told map[string]string // by the keys' name: the combination and what was wrong; nil: not read yet
	open string            // what the dial window has yet to say
}

// worthTelling are the troubles that stay until somebody does something. That
// the desktop is out of reach passes, and what a person refused they know.
func worthTelling(code status.Code) bool {
	switch code {
	case status.CodeKeysTaken, status.CodeKeysNoKey, status.CodeKeysBad, status.CodeKeysNoPortal:
		return true
	}
	return false
}

// fresh notes what is wrong with the keys called name, and reports whether it was
// not told before.
func (n *keyNews) fresh(name, keys string, code status.Code) bool {
	if n.told == nil {
		n.told = n.read()
	}
	now := keys + " " + strings.TrimPrefix(string(code), "keys_")
	if !worthTelling(code) || n.told[name] == now {
		return false
	}
	n.told[name] = now
	return true
}

// maxKeyNews is far more than two lines need, in bytes.
const maxKeyNews = 1024

func (n *keyNews) read() map[string]string {
	told := map[string]string{}
	if n.path == "" {
		return told
	}
	f, err := os.Open(n.path)
	if err != nil {
		return told
	}
	defer f.Close()
	text, _ := io.ReadAll(io.LimitReader(f, maxKeyNews))
	for line := range strings.Lines(string(text)) {
		if name, what, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			told[name] = what
		}
	}
	return told
}

// save is called when the person was told. Where it fails they are told again at
// the next start.
func (n *keyNews) save() {
	if n.path == "" {
		return
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(n.told)) {
		text.WriteString(name + " " + n.told[name] + "\n")
	}
	if os.MkdirAll(filepath.Dir(n.path), 0o700) == nil {
		_ = os.WriteFile(n.path, []byte(text.String()), 0o600)
	}
}
