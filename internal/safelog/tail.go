package safelog

import (
	"slices"
	"strings"
	"sync"
)

// The bounds of a Tail.
const (
	tailLines = 200
	tailLine  = 400 // bytes
)

// Tail remembers the last lines that are written to it, for who asks what went wrong. It
// belongs behind New, so that it holds no word of others. It is safe for concurrent use.
type Tail struct {
	mu    sync.Mutex // guards what follows
	lines []string
}

// Write takes one line, as a log writes them. It never fails.
func (t *Tail) Write(p []byte) (int, error) {
	line := strings.TrimSuffix(string(p[:min(len(p), tailLine)]), "\n")
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.lines) == tailLines {
		t.lines = slices.Delete(t.lines, 0, 1)
	}
	t.lines = append(t.lines, strings.ToValidUTF8(line, "\ufffd"))
	return len(p), nil
}

// From are the lines from the n-th on, the oldest being 1.
func (t *Tail) From(n int) []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.lines[min(max(n-1, 0), len(t.lines)):])
}
