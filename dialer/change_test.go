package dialer

import (
	"context"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
	"cornetta/dialer/trail"
)

// settableClock is a wall clock that can be set.
type settableClock struct{ by atomic.Int64 }

func (j *settableClock) now() time.Time { return time.Now().Round(0).Add(time.Duration(j.by.Load())) }

func (j *settableClock) jump(by time.Duration) { j.by.Add(int64(by)) }

// bubbleTest is bubbled for tests of their own.
func bubbleTest(t *testing.T, f func(*testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

func noSpecialAnswer(net.Conn, map[string]string) bool { return false }

// TestConnectsWhileDown: at most 25 in any ten minutes, whatever the random numbers and
// the network say, and none more than a minute after the last.
func TestConnectsWhileDown(t *testing.T) {
	for name, every := range map[string]time.Duration{"quiet": 0, "a network that changes all the time": 3 * time.Second} {
		t.Run(name, func(t *testing.T) {
			bubbleTest(t, func(t *testing.T) {
				var at []time.Time
				d, _ := startBubble(t, config.ConnectionKept, scripted(noSpecialAnswer))
				await(t, d, time.Second, "connected", linkIs(status.Connected))
				if err := d.SetAccount(t.Context(), config.Account{}, config.ConnectionKept); err != nil {
					t.Fatal(err)
				}
				d.reach = dialWith(func(context.Context, string, string) (net.Conn, error) { // no goroutine uses it now
					at = append(at, time.Now())
					return nil, syscall.ECONNREFUSED
				})
				if err := d.SetAccount(t.Context(), accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables), config.ConnectionKept); err != nil {
					t.Fatal(err)
				}
				for begin := time.Now(); time.Since(begin) < 3*time.Hour; {
					if every == 0 {
						time.Sleep(time.Hour)
						continue
					}
					time.Sleep(every)
					if err := d.Changed(t.Context()); err != nil {
						t.Fatal(err)
					}
				}
				synctest.Wait()
				most, longest := 0, time.Duration(0)
				for i := range at {
					n := 0
					for _, b := range at[i:] {
						if b.Sub(at[i]) < 10*time.Minute {
							n++
						}
					}
					most = max(most, n)
					if i > 0 {
						longest = max(longest, at[i].Sub(at[i-1]))
					}
				}
				t.Logf("at most %d connects in ten minutes, the longest pause %v", most, longest)
				if most > 25 || longest > time.Minute || len(at) < 100 {
					t.Errorf("%d connects, at most %d in ten minutes, the longest pause %v", len(at), most, longest)
				}
			})
		})
	}
}

// TestPBXThatComesAndGoes: each session lasts longer than stableAfter, so that each
// loss would begin again with the quick tries.
func TestPBXThatComesAndGoes(t *testing.T) {
	bubbleTest(t, func(t *testing.T) {
		var up atomic.Bool
		var mu sync.Mutex // guards at
		var at []time.Time
		d, s := startBubble(t, config.ConnectionKept, func(c net.Conn) {
			mu.Lock()
			at = append(at, time.Now())
			mu.Unlock()
			if up.Load() {
				new(script).serve(c, noSpecialAnswer)
			}
		})
		for range 60 {
			up.Store(true)
			await(t, d, triesWindow, "connected", linkIs(status.Connected))
			time.Sleep(stableAfter)
			up.Store(false)
			s.closeAll()
			time.Sleep(40 * time.Second)
		}
		mu.Lock()
		defer mu.Unlock()
		for i := range at {
			if i+25 < len(at) && at[i+25].Sub(at[i]) < 10*time.Minute {
				t.Fatalf("26 connects in %v", at[i+25].Sub(at[i]))
			}
		}
	})
}

// TestBackoffAtItsWorst: the random part of each pause is the smallest.
func TestBackoffAtItsWorst(t *testing.T) {
	for range 1000 {
		var r retry
		now := time.Unix(0, 0)
		n := 1 // the connect that failed first
		for r.schedule(now, now, 0); r.at.Before(time.Unix(600, 0)); r.schedule(now, now, 0) {
			n++
			least := r.at
			if f := r.failures - 2; f >= 0 { // as if the random part were 0
				shortest, longest := time.Second<<f/2, time.Second<<f
				if f > 5 {
					shortest, longest = retryShortest, retryLongest
				}
				if wait := r.at.Sub(now); wait < shortest || wait > longest {
					t.Fatalf("try %d waits %v, not %v to %v", r.failures, wait, shortest, longest)
				}
				least = now.Add(shortest)
			}
			now = least
		}
		if n > maxTries-maxHints {
			t.Fatalf("%d connects", n)
		}
	}
}

// TestChanged: five seconds after a hint the Snapshot is right again.
func TestChanged(t *testing.T) {
	const within = 5 * time.Second
	hints := map[string]func(*testing.T, *Dialer, *settableClock){
		"the desktop says so": func(t *testing.T, d *Dialer, _ *settableClock) {
			if err := d.Changed(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
		"the clock jumps": func(_ *testing.T, _ *Dialer, j *settableClock) { j.jump(8 * time.Hour) },
		"the clock is set back": func(_ *testing.T, _ *Dialer, j *settableClock) {
			j.jump(-24 * time.Hour)
		},
	}
	for name, hint := range hints {
		t.Run(name, func(t *testing.T) {
			t.Run("a session that is dead", func(t *testing.T) {
				bubbleTest(t, func(t *testing.T) {
					pbx := &stoppableServer{reads: true}
					d, s, j := startSettable(t, config.ConnectionKept, pbx.serve)
					await(t, d, time.Second, "connected", linkIs(status.Connected))
					time.Sleep(time.Minute)
					pbx.forget() // half-open: what is sent goes nowhere, and new ones are served
					hint(t, d, j)
					await(t, d, within, "connected again", func(snap status.Snapshot) bool {
						return snap.Connection == status.Connected && s.logins.Load() == 2
					})
				})
			})
			t.Run("a session that lives", func(t *testing.T) {
				bubbleTest(t, func(t *testing.T) {
					d, s, j := startSettable(t, config.ConnectionKept, scripted(noSpecialAnswer))
					await(t, d, time.Second, "connected", linkIs(status.Connected))
					hint(t, d, j)
					time.Sleep(time.Minute)
					if n := s.connects.Load(); n != 1 {
						t.Errorf("%d connects", n)
					}
				})
			})
			t.Run("a PBX that could not be reached", func(t *testing.T) {
				bubbleTest(t, func(t *testing.T) {
					var up atomic.Bool
					d, _, j := startSettable(t, config.ConnectionKept, func(c net.Conn) {
						if up.Load() {
							new(script).serve(c, noSpecialAnswer)
						}
					})
					time.Sleep(10 * time.Minute)
					await(t, d, time.Second, "trouble", linkIs(status.Trouble))
					up.Store(true)
					hint(t, d, j)
					await(t, d, within, "connected", linkIs(status.Connected))
				})
			})
			t.Run("an attempt through the old network", func(t *testing.T) {
				bubbleTest(t, func(t *testing.T) {
					var up atomic.Bool
					d, _, j := startSettable(t, config.ConnectionKept, func(c net.Conn) {
						if up.Load() {
							new(script).serve(c, noSpecialAnswer)
							return
						}
						_, _ = io.Copy(io.Discard, c) // no answer, no end
					})
					time.Sleep(3 * time.Second) // of the banner's five
					up.Store(true)
					hint(t, d, j)
					await(t, d, within, "connected", linkIs(status.Connected))
				})
			})
		})
	}
	t.Run("without a session it is checked again", func(t *testing.T) {
		bubbleTest(t, func(t *testing.T) {
			var up atomic.Bool
			d, s := startBubble(t, config.ConnectionOnDemand, func(c net.Conn) {
				if up.Load() {
					new(script).serve(c, rightsHandler)
				}
			})
			_ = d.Recheck(t.Context())
			await(t, d, time.Second, "trouble", linkIs(status.Trouble))
			time.Sleep(time.Hour)
			if n := s.connects.Load(); n != 1 {
				t.Errorf("%d connects on demand", n)
			}
			up.Store(true)
			hints["the desktop says so"](t, d, nil)
			await(t, d, within, "ready", linkIs(status.Ready))
			time.Sleep(time.Hour)
			if n := s.connects.Load(); n != 2 {
				t.Errorf("%d connects", n)
			}
		})
	})
}

// rightsHandler lists the actions that dialling needs.
func rightsHandler(c net.Conn, h map[string]string) bool {
	if h["Action"] == "ListCommands" {
		accept(c, h, "Originate: x\r\nHangup: x\r\nStatus: x\r\n")
		return true
	}
	return false
}

// startSettable is startBubble with a wall clock that can be set.
func startSettable(t *testing.T, mode config.ConnectionMode, serve func(net.Conn)) (*Dialer, *bubble, *settableClock) {
	t.Helper()
	j, s := new(settableClock), new(bubble)
	d := newBubbleAt(t, s, Options{}, j.now, serve)
	if err := d.SetAccount(t.Context(), accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables), mode); err != nil {
		t.Fatal(err)
	}
	return d, s, j
}

// TestWithoutAHint: a kept connection is back within a minute after the PBX is.
func TestWithoutAHint(t *testing.T) {
	bubbleTest(t, func(t *testing.T) {
		var up atomic.Bool
		d, s := startBubble(t, config.ConnectionKept, func(c net.Conn) {
			if up.Load() {
				new(script).serve(c, noSpecialAnswer)
			}
		})
		for range 20 {
			time.Sleep(time.Hour + 7*time.Second)
			up.Store(true)
			await(t, d, time.Minute, "connected", linkIs(status.Connected))
			up.Store(false)
			s.closeAll()
		}
	})
}

// TestNothingOldIsSent: nothing is sent after the computer slept, or after connecting
// took too long.
func TestNothingOldIsSent(t *testing.T) {
	t.Run("asleep while the link came up", func(t *testing.T) {
		bubbleTest(t, func(t *testing.T) {
			up := make(chan struct{})
			d, s, j := startSettable(t, config.ConnectionOnDemand, func(c net.Conn) {
				<-up
				new(script).serve(c, noSpecialAnswer)
			})
			dialled := make(chan error, 1)
			go func() {
				_, err := d.Dial(t.Context(), planFor("7102"))
				dialled <- err
			}()
			synctest.Wait()
			j.jump(time.Hour) // by the other clock no time has passed at all
			close(up)
			if err := <-dialled; err != ErrStale {
				t.Errorf("dialled: %v", err)
			}
			if n := s.originates.Load(); n != 0 {
				t.Errorf("%d Originates", n)
			}
		})
	})
	t.Run("a disk that took its time", func(t *testing.T) {
		bubbleTest(t, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "calls")
			wall := func() time.Time { // asleep once the call is on the disk, before the PBX gets it
				now := time.Now().Round(0)
				if all, _ := filepath.Glob(filepath.Join(dir, "*")); len(all) > 0 {
					now = now.Add(stale + time.Second)
				}
				return now
			}
			s, calls := new(bubble), trail.Open(dir)
			t.Cleanup(calls.Close)
			d := newBubbleAt(t, s, Options{Trail: calls}, wall, scripted(noSpecialAnswer))
			if err := d.SetAccount(t.Context(), accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables), config.ConnectionOnDemand); err != nil {
				t.Fatal(err)
			}
			placed, err := d.Dial(t.Context(), planFor("7102"))
			if err != nil || placed.State != call.Failed || s.originates.Load() != 0 {
				t.Errorf("%+v, %v, %d Originates", placed, err, s.originates.Load())
			}
		})
	})
	t.Run("asleep while it was on its way", func(t *testing.T) {
		bubbleTest(t, func(t *testing.T) {
			// What the PBX does not read stays in this computer and would be sent
			// later: the pipe is full at once.
			pbx := new(stoppableServer)
			d, s, j := startSettable(t, config.ConnectionOnDemand, pbx.serve)
			if err := d.Prepare(t.Context()); err != nil {
				t.Fatal(err)
			}
			await(t, d, time.Second, "connected", linkIs(status.Connected))
			pbx.stop()
			go func() { _, _ = d.Dial(t.Context(), planFor("7102")) }()
			synctest.Wait()
			j.jump(time.Hour)
			_ = d.Changed(t.Context())
			synctest.Wait()
			pbx.resume()
			await(t, d, 10*time.Second, "unknown", inState(call.Unknown))
			time.Sleep(time.Hour)
			if n := s.originates.Load(); n != 0 {
				t.Errorf("%d Originates an hour late", n)
			}
		})
	})
	t.Run("whoever asked has given up", func(t *testing.T) {
		bubbleTest(t, func(t *testing.T) {
			up := make(chan struct{})
			d, s := startBubble(t, config.ConnectionOnDemand, func(c net.Conn) {
				<-up
				new(script).serve(c, noSpecialAnswer)
			})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			if _, err := d.Dial(ctx, planFor("7102")); err != context.DeadlineExceeded {
				t.Error(err)
			}
			close(up)
			time.Sleep(time.Minute)
			if n := s.originates.Load(); n != 0 {
				t.Errorf("%d Originates", n)
			}
		})
	})
}

// TestClockChangesNoTimeouts: setting the clock ends no call and no session.
func TestClockChangesNoTimeouts(t *testing.T) {
	bubbleTest(t, func(t *testing.T) {
		d, s, j := startSettable(t, config.ConnectionKept, scripted(noSpecialAnswer))
		await(t, d, time.Second, "connected", linkIs(status.Connected))
		for i, by := range []time.Duration{-24 * time.Hour, 400 * 24 * time.Hour, -400 * 24 * time.Hour, 24 * time.Hour} {
			number := fmt.Sprintf("710%d", i+2)
			if _, err := d.Dial(t.Context(), planFor(number)); err != nil {
				t.Fatal(err)
			}
			j.jump(by)
			time.Sleep(3 * time.Second)
			if snap := d.Snapshot(); snap.Connection != status.Connected || snap.Call.Number != number || !snap.Call.Live() {
				t.Errorf("%v: %s %+v", by, snap.Connection, snap.Call)
			}
			time.Sleep(time.Minute) // nothing comes of it
			if snap := d.Snapshot(); snap.Call.State != call.Unknown {
				t.Errorf("%v: %+v", by, snap.Call)
			}
		}
		if n := s.logins.Load(); n != 1 {
			t.Errorf("%d logins: a clock was taken for a timeout", n)
		}
	})
}
