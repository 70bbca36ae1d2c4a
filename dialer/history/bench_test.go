package history

import (
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// BenchmarkHistory opens a history of 100,000 calls, and looks in it for what is typed,
// letter by letter, as the window does: for the fifty newest.
func BenchmarkHistory(b *testing.B) {
	path := filepath.Join(b.TempDir(), "calls.jsonl")
	fill(b, path, 100_000)
	var opens, finds []time.Duration
	for b.Loop() {
		began := time.Now()
		h, err := Open(path)
		if err != nil {
			b.Fatal(err)
		}
		h.Recent(10)
		opens = append(opens, time.Since(began))
		for _, text := range []string{"anna rossi", "unique", "zzz", "050100", "+39 050 1079999", "muller zoe"} {
			for i := range text {
				began := time.Now()
				if _, err := h.Find(Query{Words: text[:i+1], Limit: 50}); err != nil {
					b.Fatal(err)
				}
				finds = append(finds, time.Since(began))
			}
		}
	}
	at := func(all []time.Duration, share float64) float64 {
		slices.Sort(all)
		return float64(all[int(float64(len(all)-1)*share)].Microseconds()) / 1000
	}
	b.ReportMetric(at(opens, 1), "open-most-ms")
	b.ReportMetric(at(opens, 0.5), "open-p50-ms")
	b.ReportMetric(at(finds, 0.99), "find-p99-ms")
	b.ReportMetric(at(finds, 0.5), "find-p50-ms")
}
