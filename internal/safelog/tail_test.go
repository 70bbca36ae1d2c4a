package safelog

import (
	"io"
	"log/slog"
	"strings"
	"testing"
)

// TestTail: the last lines are kept, each cut, and no more of them than that; behind New
// they hold no word of others.
func TestTail(t *testing.T) {
	var tail Tail
	log := New(io.MultiWriter(&tail, io.Discard), slog.LevelInfo)
	log.Info("the first")
	for range tailLines {
		log.Info("a call", slog.Any("err", foreign{}), slog.String("number", canary))
	}
	lines := tail.From(1)
	if len(lines) != tailLines || len(tail.From(tailLines)) != 1 || len(tail.From(tailLines+1)) != 0 {
		t.Errorf("%d lines", len(lines))
	}
	all := strings.Join(lines, "\n")
	if strings.Contains(all, "first") || strings.Contains(all, "Canarini") || !strings.Contains(all, "a call") {
		t.Errorf("kept:\n%s", all)
	}
	if n, err := tail.Write([]byte(strings.Repeat("ü", 4000))); n != 8000 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if last := tail.From(tailLines)[0]; len(last) > tailLine+4 {
		t.Errorf("%d bytes of a line", len(last))
	}
}
