package agent

import (
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"cornetta/dialer/status"
	"cornetta/internal/durable"
)

// keyNews remembers, over restarts, which hotkeys that do nothing the person was told
// about: that is done once for each, in a notification or the next time that the dial
// window is opened. Its methods are called with the keyTroubles' lock held.
type keyNews struct {
	path string            // "": remembered until the program ends
	told map[string]string // by the hotkey's name: the combination and what was wrong; nil: not read yet
	open string            // what the dial window still has to say
}

// worthTelling reports whether a trouble stays until a person does something about
// it. Not so that the desktop does not answer, which passes, or that the person
// refused the keys, which they know.
func worthTelling(code status.Code) bool {
	switch code {
	case status.CodeKeysTaken, status.CodeKeysNoKey, status.CodeKeysBad, status.CodeKeysNoPortal:
		return true
	}
	return false
}

// fresh notes what is wrong with a hotkey, and reports whether the person has not been
// told so before.
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
	f, err := durable.OpenFile(n.path, os.O_RDONLY, 0)
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

// save is called when the person was told. An error is ignored: they are then told
// again at the next start.
func (n *keyNews) save() {
	if n.path == "" {
		return
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(n.told)) {
		text.WriteString(name + " " + n.told[name] + "\n")
	}
	_ = durable.Write(n.path, []byte(text.String()))
}
