//go:build linux

package soak

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"runtime"
	"runtime/pprof"
	"time"
)

// sample is what the process holds at one rest.
type sample struct {
	at          time.Duration
	heap        uint64 // bytes in use after a collection
	goroutines  int
	descriptors int // -1 where the system does not tell
}

// settleWithin is how long what has ended may take to be gone.
const settleWithin = 15 * time.Second

// measure takes a sample once no more goroutines and descriptors are there
// than in like, or as it is after some time; like may be nil.
func measure(begun time.Time, like *sample) sample {
	for deadline := time.Now().Add(settleWithin); ; time.Sleep(20 * time.Millisecond) {
		s := sample{goroutines: runtime.NumGoroutine(), descriptors: descriptors()}
		if like != nil && !s.moreThan(*like) || like == nil && time.Until(deadline) < settleWithin-time.Second || time.Now().After(deadline) {
			// Twice: what a pool held outlives the first.
			runtime.GC()
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			s.at, s.heap = time.Since(begun), m.HeapAlloc
			return s
		}
	}
}

func (s sample) moreThan(o sample) bool {
	return s.goroutines > o.goroutines || s.descriptors > o.descriptors
}

func descriptors() int {
	open, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(open)
}

// warmUp is how many of the first samples tell nothing of what is lost: maps
// and pools find their size.
const warmUp = 2

// slope is the line of least squares through the heap, in bytes an hour, and
// its standard error. It needs three samples after the warm-up.
func slope(samples []sample) (perHour, stderr float64, ok bool) {
	if len(samples) < warmUp+3 {
		return 0, 0, false
	}
	samples = samples[warmUp:]
	n := float64(len(samples))
	var mx, my float64
	for _, s := range samples {
		mx += s.at.Hours() / n
		my += float64(s.heap) / n
	}
	var sxx, sxy float64
	for _, s := range samples {
		dx := s.at.Hours() - mx
		sxx += dx * dx
		sxy += dx * (float64(s.heap) - my)
	}
	perHour = sxy / sxx
	var rest float64
	for _, s := range samples {
		r := float64(s.heap) - my - perHour*(s.at.Hours()-mx)
		rest += r * r
	}
	return perHour, math.Sqrt(rest / (n - 2) / sxx), true
}

func (s sample) String() string {
	return fmt.Sprintf("%8s  heap %7.1f KiB  goroutines %d  descriptors %d",
		s.at.Round(time.Second), float64(s.heap)/1024, s.goroutines, s.descriptors)
}

// goroutines is who is there, for a message.
func goroutines() string {
	var b bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&b, 1)
	return b.String()
}
