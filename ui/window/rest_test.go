package window

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// restful is a rest whose loop is the test: what would be drawn is a frame's return.
type restful struct {
	rest
	asking  int           // answers that are waited for
	woken   chan struct{} // something happens in a window, or wake was called
	queue   chan func()   // of Fyne's loop
	waited  []time.Duration
	atEvent func() // what an event leads to
}

func newRestful() *restful {
	r := &restful{woken: make(chan struct{}, 9), queue: make(chan func(), 99)}
	r.rest = rest{
		later: func(f func()) { r.queue <- f },
		wake:  func() { r.woken <- struct{}{} },
		busy:  func() bool { return r.asking > 0 },
		wait: func(limit time.Duration) {
			began := time.Now()
			select {
			case <-r.woken:
				if r.atEvent != nil {
					f := r.atEvent
					r.atEvent = nil
					f()
				}
			case <-time.After(limit):
			}
			r.waited = append(r.waited, time.Since(began))
		},
	}
	return r
}

// answer is handed over, as the agent's are, after d.
func (r *restful) answer(d time.Duration, then func()) {
	r.asking++
	go func() {
		time.Sleep(d)
		r.do(func() {
			r.asking--
			then()
		})
	}()
}

func (r *restful) press(after time.Duration, f func()) {
	r.atEvent = f
	time.AfterFunc(after, func() { r.woken <- struct{}{} })
}

// TestALetterAndItsListAreOneFrame: what is typed is drawn at once, with what the agent says
// to it, and without that where the agent is slow.
func TestALetterAndItsListAreOneFrame(t *testing.T) {
	const at, quick, slow = 5 * time.Millisecond, 2 * time.Millisecond, 100 * time.Millisecond
	for name, c := range map[string]struct {
		answers []time.Duration
		drawn   time.Duration
		has     int // answers that are drawn
	}{
		"nothing is asked":       {nil, at, 0},
		"one answer":             {[]time.Duration{quick}, at + quick, 1},
		"both":                   {[]time.Duration{quick, 2 * quick}, at + 2*quick, 2},
		"one of two is slow":     {[]time.Duration{quick, slow}, at + answerTime, 1},
		"the agent says nothing": {[]time.Duration{slow}, at + answerTime, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, has := newRestful(), 0
				began := time.Now()
				r.press(at, func() {
					for _, d := range c.answers {
						r.answer(d, func() { has++ })
					}
				})
				r.frame(0)
				if took := time.Since(began); took != c.drawn || has != c.has {
					t.Errorf("drawn after %v with %d answers, not after %v with %d", took, has, c.drawn, c.has)
				}
				time.Sleep(2 * slow)
			})
		})
	}
}

// TestWhatHappenedIsDrawnBeforeTheNextWait: in a rest between frames, in Fyne's own look for
// what was handed over, and in the frame before.
func TestWhatHappenedIsDrawnBeforeTheNextWait(t *testing.T) {
	for name, happen := range map[string]func(r *restful){
		"an event ends a rest": func(r *restful) {
			r.press(time.Millisecond, nil)
			if !r.await(restTime) {
				t.Error("nothing happened in a rest that was ended")
			}
		},
		"the agent says something": func(r *restful) {
			r.do(func() {})
			(<-r.queue)()
		},
		"and it was not looked at yet": func(r *restful) { r.do(func() {}) },
		"something moved in the frame before": func(r *restful) {
			r.press(time.Millisecond, nil)
			r.frame(0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRestful()
				happen(r)
				began := time.Now()
				r.frame(0)
				if took := time.Since(began); took != 0 {
					t.Errorf("drawn after %v", took)
				}
				r.frame(0)
				r.waited = nil
				r.frame(0)
				if !slices.Equal(r.waited, []time.Duration{beat}) {
					t.Errorf("then waits of %v", r.waited)
				}
			})
		})
	}
}

// TestWhatIsHandedOverEndsARest, and is done in its order, once.
func TestWhatIsHandedOverEndsARest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRestful()
		var done []int
		began := time.Now()
		go func() {
			time.Sleep(time.Millisecond)
			for i := range 3 {
				r.do(func() { done = append(done, i) })
			}
		}()
		if !r.await(restTime) {
			t.Error("nothing happened in a rest that was ended")
		}
		synctest.Wait()
		r.frame(0)
		if took := time.Since(began); took != time.Millisecond || !slices.Equal(done, []int{0, 1, 2}) {
			t.Errorf("%v was done in %v", done, took)
		}
		for range len(r.queue) {
			(<-r.queue)()
		}
		if len(done) != 3 {
			t.Errorf("%v was done", done)
		}
	})
}
