package agent

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cornetta/ami"
	"cornetta/dialer/phone"
	"cornetta/dialer/status"
)

// waiting is a later whose board the test writes.
type waiting struct {
	*later
	board  *phone.Board
	writer *phone.Writer
	asked  []callLater
	looks  atomic.Int32 // who looks now
	off    bool
	end    func()
}

func newWaiting(t *testing.T) *waiting {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	w := &waiting{board: phone.NewBoard()}
	w.writer = w.board.Begin("7101", "")
	w.writer.Listed([]ami.Event{says("7101", 0), says("7102", 1), says("7103", 1), says("7104", 0)})
	w.later = &later{
		look: func(context.Context) (*phone.Board, func(), error) {
			if w.off {
				return nil, nil, errors.New("off")
			}
			w.looks.Add(1)
			gone := false
			return w.board, func() {
				if !gone {
					gone = true
					w.looks.Add(-1)
				}
			}, nil
		},
		ask:   func(_ context.Context, c callLater) { w.asked = append(w.asked, c) },
		tasks: newTasks(ctx),
	}
	w.end = func() { cancel(); w.tasks.wait() }
	return w
}

func says(number string, state int) ami.ExtensionStatus {
	return ami.ExtensionStatus{Exten: number, Context: "a", Hint: "X/1", Status: state}
}

// numbers are those that were asked about.
func (w *waiting) numbers() (all []string) {
	for _, c := range w.asked {
		all = append(all, c.number)
	}
	return all
}

func TestToldWhenFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWaiting(t)
		defer w.end()
		until, err := w.whenFree(t.Context(), "7102")
		if err != nil || time.Until(until) != freeTime {
			t.Fatal(until, err)
		}
		if _, err := w.whenFree(t.Context(), "7199"); status.Find(err, status.CodeNoColleague) == nil {
			t.Errorf("who is no colleague: %v", err)
		}
		synctest.Wait()
		if w.looks.Load() != 1 {
			t.Errorf("%d look", w.looks.Load())
		}
		// Between two calls a phone is free for a moment.
		w.writer.Apply(says("7102", 0))
		time.Sleep(freeFor / 2)
		w.writer.Apply(says("7102", 8))
		time.Sleep(time.Minute)
		w.writer.Apply(says("7103", 0))
		time.Sleep(time.Minute)
		if len(w.asked) > 0 {
			t.Fatalf("asked about %v", w.numbers())
		}
		w.writer.Apply(says("7102", 0))
		time.Sleep(freeFor)
		synctest.Wait()
		if n := w.numbers(); len(n) != 1 || n[0] != "7102" || !w.asked[0].free {
			t.Errorf("asked about %v", n)
		}
		if n, _ := w.waited(); len(n) > 0 || w.looks.Load() != 0 {
			t.Errorf("goes on: %v, %d look", n, w.looks.Load())
		}
		w.writer.Apply(says("7102", 1))
		w.writer.Apply(says("7102", 0))
		time.Sleep(time.Hour)
		if len(w.asked) != 1 {
			t.Errorf("asked again: %v", w.numbers())
		}
		// Who is free by then is told of soon.
		if _, err := w.whenFree(t.Context(), "7104"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(freeFor)
		synctest.Wait()
		if n := w.numbers(); len(n) != 2 || n[1] != "7104" {
			t.Errorf("asked about %v", n)
		}
	})
}

// TestWaitsAreBounded: in number and in time, and they end with what they depend on.
func TestWaitsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWaiting(t)
		defer w.end()
		for range 3 { // of one number there is one wait
			if _, err := w.whenFree(t.Context(), "7102"); err != nil {
				t.Fatal(err)
			}
		}
		for _, n := range []string{"1", "2", "3", "4"} {
			if _, err := w.remindIn(n, time.Hour); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.remindIn("5", time.Hour); status.Find(err, status.CodeTellFull) == nil {
			t.Errorf("one more: %v", err)
		}
		w.remove("4")
		time.Sleep(freeTime)
		synctest.Wait()
		if n, _ := w.waited(); len(n) > 0 || w.looks.Load() != 0 || len(w.asked) > 0 {
			t.Errorf("after %v: %v, %d look, asked %v", freeTime, n, w.looks.Load(), w.numbers())
		}
		time.Sleep(time.Hour - freeTime)
		synctest.Wait()
		if n := w.numbers(); len(n) != 3 || w.asked[0].free || w.running {
			t.Errorf("reminded of %v", n)
		}
		// Switched off, or another account.
		if _, err := w.whenFree(t.Context(), "7102"); err != nil {
			t.Fatal(err)
		}
		w.forget(func(c callLater) bool { return c.free })
		synctest.Wait()
		if w.looks.Load() != 0 || w.running {
			t.Errorf("%d look", w.looks.Load())
		}
		w.off = true
		if _, err := w.whenFree(t.Context(), "7102"); err == nil {
			t.Error("it is switched off")
		}
		if err := w.add(callLater{number: "7102", free: true, at: time.Now().Add(time.Hour)}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n, _ := w.waited(); len(n) > 0 || w.running {
			t.Errorf("waits for %v", n)
		}
	})
}

// TestALostConnectionIsNoFreePhone: what is not known is not told.
func TestALostConnectionIsNoFreePhone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWaiting(t)
		defer w.end()
		if _, err := w.whenFree(t.Context(), "7102"); err != nil {
			t.Fatal(err)
		}
		w.writer.Apply(says("7102", 0))
		w.board.End()
		time.Sleep(time.Minute)
		if len(w.asked) > 0 {
			t.Errorf("asked about %v", w.numbers())
		}
	})
}
