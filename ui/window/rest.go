package window

import (
	"context"
	"sync"
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
	// beat is a little more than from one of Fyne's frames to the next.
	beat = 17 * time.Millisecond
	// answerTime is how long what is drawn waits for what the agent says to it.
	answerTime = 8 * time.Millisecond
)

// rest has windows wait for the next event. Fyne's loop looks for one, and for something to
// draw, sixty times a second: of what happens it hears half a frame later, what the agent
// says to it is drawn one more frame later, and of windows that are left alone it costs as
// much as all else that they do. So in each frame, after Fyne has looked for events and
// before it draws, rest waits for what comes next, with the wait that GLFW has for this, and
// then for the agent's answers: a letter and the list that it leads to are one frame, drawn
// at once. Windows that are left alone wait so for many frames.
type rest struct {
	later func(func())        // fyne.Do
	wait  func(time.Duration) // until something happens in a window, or wake is called
	wake  func()
	busy  func() bool // answers of the agent are waited for

	resting  atomic.Bool
	happened atomic.Bool // something did that was not drawn yet

	mu   sync.Mutex // guards what follows
	todo []func()   // handed over with do, and not begun

	// before belongs to Fyne's goroutine: in the last frame something happened. Where the
	// mouse is, Fyne looks in the next.
	before bool
}

func newRest(busy func() bool) *rest {
	return &rest{
		later: fyne.Do, busy: busy, wake: glfw.PostEmptyEvent,
		wait: func(limit time.Duration) { glfw.WaitEventsTimeout(limit.Seconds()) },
	}
}

// do is fyne.Do, which a rest does not delay. What it is given is done in its order.
func (r *rest) do(f func()) {
	r.mu.Lock()
	r.todo = append(r.todo, f)
	r.mu.Unlock()
	r.later(r.work)
	if r.resting.Load() {
		r.wake()
	}
}

// work does what was handed over.
func (r *rest) work() {
	for {
		r.mu.Lock()
		todo := r.todo
		r.todo = nil
		r.mu.Unlock()
		if len(todo) == 0 {
			return
		}
		r.happened.Store(true)
		for _, f := range todo {
			f()
		}
	}
}

// begin has frame called in each of Fyne's frames, as what moves in a window is.
func (r *rest) begin() {
	(&fyne.Animation{Duration: time.Hour, RepeatCount: fyne.AnimationRepeatForever, Tick: r.frame}).Start()
}

func (r *rest) frame(float32) {
	if !r.happened.Load() && !r.before {
		r.await(beat)
	}
	for end := time.Now().Add(answerTime); r.happened.Load() && r.busy(); {
		left := time.Until(end)
		if left <= 0 {
			break
		}
		r.await(left)
	}
	r.before = r.happened.Swap(false)
}

// run rests again and again until ctx ends, but not while an answer is waited for.
func (r *rest) run(ctx context.Context) {
	wait := time.NewTimer(awakeTime)
	defer wait.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		if r.busy() || r.once(ctx) {
			wait.Reset(awakeTime)
		} else {
			wait.Reset(breath)
		}
	}
}

// once rests, and reports whether something happened.
func (r *rest) once(ctx context.Context) (happened bool) {
	given, done := make(chan struct{}), make(chan bool, 1)
	r.later(func() {
		select {
		case <-given:
			done <- r.await(restTime)
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

// await waits on Fyne's goroutine until something happens, and reports whether it did.
func (r *rest) await(limit time.Duration) (happened bool) {
	r.resting.Store(true)
	r.mu.Lock()
	happened = len(r.todo) > 0 // from now on do ends the wait
	r.mu.Unlock()
	if !happened {
		began := time.Now()
		r.wait(limit)
		early := min(limit/8, 10*time.Millisecond) // as clocks differ
		happened = time.Since(began) < limit-early
	}
	r.resting.Store(false)
	if happened {
		r.happened.Store(true)
	}
	r.work()
	return happened
}
