package agent

import (
	"strings"
	"sync"

	"cornetta/dialer/status"
	"cornetta/ui/tray"
	"cornetta/ui/words"
)

// hints is what the tray tells beside how dialling stands, as long as it is so: which keys do
// nothing, and that there are no windows.
type hints struct {
	mu      sync.Mutex // guards what follows
	tray    *tray.Tray
	keys    string
	windows *status.Problem
}

func (h *hints) keysChanged(text string) {
	h.change(func() { h.keys = text })
}

// windowsChanged takes why there are no windows, nil where there are.
func (h *hints) windowsChanged(p *status.Problem) {
	h.change(func() { h.windows = p })
}

// said is for another language.
func (h *hints) said() { h.change(func() {}) }

func (h *hints) change(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
	if h.tray == nil {
		return
	}
	var lines []string
	note := ""
	if h.windows != nil {
		s := words.Problem(*h.windows)
		note, lines = s.What, append(lines, s.String())
	}
	if h.keys != "" {
		lines = append(lines, h.keys)
	}
	h.tray.Hint(note, strings.Join(lines, "\n"))
}
