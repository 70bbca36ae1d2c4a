//go:build linux

package soak

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
)

// maxFaults is how much of what is wrong is kept; the first ones tell most.
const maxFaults = 50

// tally is what was counted at all users. It is safe for concurrent use.
type tally struct {
	mu sync.Mutex // guards what follows, and each user's consents and ids

	rng    *rand.Rand
	counts map[string]int

	asked, sent, unsent  int // calls asked for, Originates at the PBX, and those that did not reach it
	unaskedFor, neverEnd int
	faults               []string // what is wrong
	told                 int      // of them
	more                 int      // and were not kept
}

func newTally(seed uint64) *tally {
	return &tally{rng: rand.New(rand.NewPCG(seed, 0)), counts: map[string]int{}}
}

func (b *tally) do(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f()
}

func (b *tally) roll(n int) (r int) {
	b.do(func() { r = b.rng.IntN(n) })
	return r
}

func (b *tally) count(what string)          { b.do(func() { b.counts[what]++ }) }
func (b *tally) consent(d *user, c consent) { b.do(func() { d.consents = append(d.consents, c) }) }
func (b *tally) requested(asked int)        { b.do(func() { b.asked += asked }) }
func (b *tally) placed(n int)               { b.do(func() { b.sent += n }) }
func (b *tally) lost(n int)                 { b.do(func() { b.unsent += n }) }

func (b *tally) wrong(format string, args ...any) {
	b.do(func() { b.wrongLocked(format, args...) })
}

func (b *tally) wrongLocked(format string, args ...any) {
	if len(b.faults) == maxFaults {
		b.more++
		return
	}
	b.faults = append(b.faults, fmt.Sprintf(format, args...))
}

// unasked is a call that nobody had asked for.
func (b *tally) unasked(format string, args ...any) {
	b.do(func() { b.unaskedFor++; b.wrongLocked(format, args...) })
}

// stuck is a call that has no end.
func (b *tally) stuck(format string, args ...any) {
	b.do(func() { b.neverEnd++; b.wrongLocked(format, args...) })
}

func (b *tally) calls() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return fmt.Sprintf("consents %d = Originates %d + never arrived %d; not asked for %d, stuck %d",
		b.asked, b.sent, b.unsent, b.unaskedFor, b.neverEnd)
}

// table is everything that was counted, by name.
func (b *tally) table() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var t strings.Builder
	for _, what := range slices.SortedFunc(maps.Keys(b.counts), func(x, y string) int {
		return cmp.Or(cmp.Compare(x[:1], y[:1]), strings.Compare(x, y))
	}) {
		fmt.Fprintf(&t, "%8d %s\n", b.counts[what], what)
	}
	return t.String()
}

// newFaults is what is wrong since the last time.
func (b *tally) newFaults() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	since := b.faults[b.told:]
	b.told = len(b.faults)
	return slices.Clone(since)
}

func (b *tally) verdict() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	faults := slices.Clone(b.faults)
	if b.asked != b.sent+b.unsent {
		faults = append(faults, fmt.Sprintf("%d consents, %d Originates and %d that never arrived", b.asked, b.sent, b.unsent))
	}
	if b.more > 0 {
		faults = append(faults, fmt.Sprintf("and %d more", b.more))
	}
	return faults
}
