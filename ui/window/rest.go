package window

import (
	"context"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"github.com/go-gl/glfw/v3.4/glfw"
)

const (
	// restTime is how long the windows lie still without a look at anything. What happens
	// in them, and what is handed over with do, ends it at once.
	restTime = time.Second
	// awakeTime is for what follows by itself on something that happened, as the second
	// click of two does, or what Fyne draws late.
	awakeTime = time.Second
	// breath is between two rests that nothing has ended: one of Fyne's frames or two.
	breath = 20 * time.Millisecond
)

// rest has windows that are left alone wait for the next event. Fyne's loop looks for
// one, and for something to draw, sixty times a second, which costs as much as all else
// that an open window does. Rest gives that loop, as work of its own goroutine, the wait
// that GLFW has for this.
type rest struct {
	coming  atomic.Int32 // handed over with do, and not begun
	resting atomic.Bool
}

// do is fyne.Do, which a rest does not delay.
func (r *rest) do(f func()) {
	r.coming.Add(1)
	fyne.Do(func() {
		r.coming.Add(-1)
		f()
	})
	if r.resting.Load() {
		glfw.PostEmptyEvent()
	}
}

// run rests again and again until ctx ends, but not while busy says that something is
// waited for, which may move.
func (r *rest) run(ctx context.Context, busy func() bool) {
	wait := time.NewTimer(awakeTime)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		if busy() || r.once(ctx) {
			wait.Reset(awakeTime)
		} else {
			wait.Reset(breath)
		}
	}
}

// once rests, and reports whether something happened.
func (r *rest) once(ctx context.Context) (happened bool) {
	given, done := make(chan struct{}), make(chan bool, 1)
	fyne.Do(func() {
		select {
		case <-given:
			done <- r.await()
		default: // at its end Fyne does it here and now, where GLFW is no more
			done <- true
		}
	})
	close(given)
	select {
	case happened = <-done:
	case <-ctx.Done():
	}
	return happened
}

// await waits on Fyne's goroutine.
func (r *rest) await() (happened bool) {
	r.resting.Store(true)
	defer r.resting.Store(false)
	if r.coming.Load() > 0 { // from now on do ends the wait
		return true
	}
	began := time.Now()
	glfw.WaitEventsTimeout(restTime.Seconds())
	const early = 10 * time.Millisecond // as clocks differ
	return time.Since(began) < restTime-early
}
