//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"cornetta/ami/asterisktest"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/history"
)

// The tests here end the program in mid-call, and look what the next one makes
// of it.

// lines are the calls in the history, as they are on the disk.
func (s *seat) lines() []history.Entry {
	s.t.Helper()
	data, err := os.ReadFile(filepath.Join(s.StateHome(), "cornetta", "history.jsonl"))
	if err != nil && !os.IsNotExist(err) {
		s.t.Fatal(err)
	}
	var all []history.Entry
	for line := range bytes.Lines(data) {
		var e history.Entry
		if err := json.Unmarshal(line, &e); err != nil {
			s.t.Fatalf("%v: %s", err, line)
		}
		all = append(all, e)
	}
	return all
}

// kept are the files of calls that go on.
func (s *seat) kept() []string {
	s.t.Helper()
	names, err := filepath.Glob(filepath.Join(s.StateHome(), "cornetta", "calls", "*"))
	if err != nil {
		s.t.Fatal(err)
	}
	return names
}

// written is where the call of a file stands, by that.
func written(name string) call.State {
	data, _ := os.ReadFile(name)
	var file struct{ Call []byte }
	var c struct{ State call.State }
	_ = json.Unmarshal(data, &file)
	_ = json.Unmarshal(file.Call, &c)
	return c.State
}

// once wants one more line than before, and nothing left of the call.
func (s *seat) once(before int, want call.State) {
	s.t.Helper()
	s.Wait("the call to be in the history", func() bool { return len(s.lines()) > before && len(s.kept()) == 0 })
	all := s.lines()
	if len(all) != before+1 || all[before].State != want || all[before].Number == "" {
		s.t.Errorf("%d lines instead of %d, the last %+v, want %s", len(all), before+1, all[len(all)-1], want)
	}
}

// kill ends the agent as it is, and waits for its windows to have gone with it.
func (r *running) kill() {
	r.s.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		r.s.t.Fatal(err)
	}
	<-r.ended
	r.s.Wait("the windows to end", func() bool { return !runs(filepath.Join(programs, "cornetta-ui")) })
}

func (r *running) logHolds(texts ...string) {
	r.s.t.Helper()
	log, err := os.ReadFile(r.log)
	if err != nil {
		r.s.t.Fatal(err)
	}
	for _, text := range texts {
		if bytes.Contains(log, []byte(text)) {
			r.s.t.Errorf("%q is in the log:\n%s", text, log)
		}
	}
}

// TestKilledInACall kills the agent (SIGKILL) in the states of a call on real
// Asterisks: the next one finds the call as it is by then and hangs it up, or
// tells that it is over; the history has one line for it.
func TestKilledInACall(t *testing.T) {
	for _, v := range asterisktest.Versions {
		t.Run(v.String(), func(t *testing.T) {
			pbx := asterisktest.Start(t, v)
			s := newSeat(t)
			shows := func(phone bool) func() bool { // and no Local channel any more
				return func() bool {
					out, err := pbx.CLI(t.Context(), "core show channels")
					return err == nil && !strings.Contains(out, "Local/") && strings.Contains(out, "PJSIP/7101") == phone
				}
			}
			idle, talking := shows(false), shows(true)
			for _, tc := range []struct {
				ext, number string
				killed      call.State
				found       call.State // "": it is over by then
			}{
				{"7102", "039050123407", call.RingingOwn, call.RingingOwn},
				{"7101", "7102", call.RingingFar, call.RingingFar},
				{"7101", "039050123407", call.RingingFar, call.InCall}, // answered meanwhile
				{"7101", "039050123407", call.InCall, call.InCall},
				{"7102", "039050123407", call.RingingOwn, ""},
				{"7101", "7102", call.RingingFar, ""},
				{"7101", "039050123407", call.InCall, ""},
			} {
				if tc.found == "" && v != asterisktest.V22 {
					continue // of a call that is over no PBX tells anything
				}
				t.Run(fmt.Sprintf("%s, then %s", tc.killed, tc.found), func(t *testing.T) {
					s := &seat{s.Desktop, t}
					s.must(pbxsim.Secret, append(accountFlags(pbx.Addr(), tc.ext), "--timeout", "30s")...)
					before := len(s.lines())
					agent := s.begin()
					s.must("", "dial", "--no-wait", tc.number)
					s.waitState(tc.killed)
					if tc.killed == call.InCall { // until the Local channels are gone
						s.Wait("the phones alone", talking)
					}
					id := s.status().Call.ID
					s.Wait("the call to be kept", func() bool {
						return slices.ContainsFunc(s.kept(), func(name string) bool {
							is := written(name)
							return is == tc.killed || is != "" && is == tc.found
						})
					})
					agent.kill()
					if tc.found == "" {
						if _, err := pbx.CLI(t.Context(), "channel request hangup all"); err != nil {
							t.Fatal(err)
						}
						s.Wait("the PBX to be idle", idle)
					}
					if tc.found == call.InCall && tc.killed != call.InCall {
						s.Wait("the answer", talking)
					}
					next := s.begin()
					if tc.found == "" {
						s.once(before, call.Unknown)
						if c := s.status().Call; c != nil {
							t.Errorf("it is told of: %+v", c)
						}
					} else {
						s.waitState(tc.found)
						if c := s.status().Call; c.ID != id || c.Number != tc.number {
							t.Errorf("another call: %+v", c)
						}
						s.must("", "hangup")
						s.Wait("the PBX to be idle", idle)
						want := call.Cancelled
						if tc.found == call.InCall {
							want = call.Ended
						}
						s.once(before, want)
					}
					next.end(syscall.SIGTERM)
					agent.logHolds(tc.number, pbxsim.Secret)
					next.logHolds(tc.number, pbxsim.Secret)
					if n := len(s.lines()); n != before+1 {
						t.Errorf("%d lines after the end", n-before)
					}
				})
			}
		})
	}
}

// TestQuitInACall: Quit says what becomes of the call, and the next start has it
// back; a call that ends in between has its one line too.
func TestQuitInACall(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	agent := s.begin()
	s.tray("Ready")
	s.must("", "dial", "--no-wait", "039050123407")
	s.told("In call")
	item := s.tray("In call")
	s.PickTrayMenu(item, "Quit")
	note := s.told("The call goes on")
	select {
	case <-agent.ended:
	case <-time.After(endTime):
		t.Fatal("it does not quit")
	}
	if !strings.Contains(note.Body, "039050123407 continues on your phone") || len(note.Actions) > 0 {
		t.Errorf("%+v", note)
	}
	s.look("1-quit-in-a-call")
	if n := len(s.Displayed()); n != 1 {
		t.Errorf("%d notifications are on the screen", n)
	}
	if len(s.lines()) != 0 || pbx.Calls() != 1 {
		t.Errorf("%d lines, %d calls", len(s.lines()), pbx.Calls())
	}
	agent = s.begin()
	s.tray("In call")
	s.told("In call")
	s.look("2-started-again")

	agent.end(syscall.SIGTERM) // nobody reads anything then
	pbx.HangUpAll()
	s.Wait("the PBX to be idle", func() bool { return pbx.Calls() == 0 })
	s.begin()
	s.once(0, call.Unknown)
	if e := s.lines()[0]; e.Cause != call.EndedUnseen || e.Duration > time.Minute {
		t.Errorf("%+v", e)
	}
}

// TestCommandLineKilled: a call that `dial` placed by itself outlives it in the
// same way: `hangup` ends it without an agent, the next dial knows of it, and an
// agent takes it up; none takes it from a dial that lives.
func TestCommandLineKilled(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	const number = "039050123407"
	begin := func(s *seat) (cmd *exec.Cmd, kill func()) {
		calls := pbx.Calls()
		cmd = s.cornetta("dial", "--json", number)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		s.Wait("the call", func() bool { return pbx.Calls() == calls+1 })
		s.Wait("it to be in call", func() bool {
			return slices.ContainsFunc(s.kept(), func(name string) bool { return written(name) == call.InCall })
		})
		return cmd, func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	}
	idle := func() bool { return pbx.Calls() == 0 }

	t.Run("hangup", func(t *testing.T) {
		s := &seat{s.Desktop, t}
		before := len(s.lines())
		if _, errs, code := s.run("", "hangup"); code != exitFailed || !strings.Contains(errs, "not running") {
			t.Errorf("without a call: %d, %s", code, errs)
		}
		_, kill := begin(s)
		if _, _, code := s.run("", "hangup"); code != exitFailed || pbx.Calls() != 1 {
			t.Errorf("a call of a dial that lives was hung up: %d", code)
		}
		kill()
		s.must("", "hangup")
		s.Wait("the PBX to be idle", idle)
		s.once(before, call.Ended)
	})
	t.Run("dial", func(t *testing.T) {
		s := &seat{s.Desktop, t}
		before := len(s.lines())
		_, kill := begin(s)
		kill()
		sent := len(pbx.Originates())
		if _, errs, code := s.run("", "dial", "7102"); code != exitFailed || !strings.Contains(errs, "in progress") {
			t.Errorf("%d, %s", code, errs)
		}
		if n := len(pbx.Originates()); n != sent {
			t.Errorf("%d Originates", n-sent)
		}
		pbx.HangUpAll()
		s.Wait("the PBX to be idle", idle)
		s.must("", "dial", "039050123402")
		s.Wait("two lines", func() bool { return len(s.lines()) == before+2 && len(s.kept()) == 0 })
		if all := s.lines()[before:]; all[0].State != call.Unknown || all[1].State != call.Ended {
			t.Errorf("%+v", all)
		}
	})
	t.Run("an agent", func(t *testing.T) {
		s := &seat{s.Desktop, t}
		before := len(s.lines())
		_, kill := begin(s)
		agent := s.begin()
		s.tray("Ready")
		if c := s.status().Call; c != nil {
			t.Errorf("taken from a dial that lives: %+v", c)
		}
		kill()
		s.must("", "hangup") // the agent looks again
		s.Wait("the PBX to be idle", idle)
		s.once(before, call.Ended)
		agent.end(syscall.SIGTERM)
	})
	t.Run("accepted, and nobody waits", func(t *testing.T) {
		s := &seat{s.Desktop, t}
		before := len(s.lines())
		s.must("", "dial", "--no-wait", number)
		agent := s.begin()
		s.waitState(call.InCall)
		s.must("", "hangup")
		s.Wait("the PBX to be idle", idle)
		s.once(before, call.Ended)
		agent.end(syscall.SIGTERM)
	})
}

// TestStartedTwiceInACall: of two that start at once one is the agent and has the
// call, and the same number dialled right then is that call.
func TestStartedTwiceInACall(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	agent := s.begin()
	s.must("", "dial", "--no-wait", "039050123407")
	id := s.status().Call.ID
	agent.kill()
	other := s.cornetta()
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	s.begin()
	out, errs, code := s.run("", "dial", "--no-wait", "--json", "039050123407")
	if n := len(pbx.Originates()); n != 1 {
		t.Errorf("%d Originates: %d %s%s", n, code, out, errs)
	}
	if c := s.status().Call; c == nil || c.ID != id {
		t.Errorf("%+v", c)
	}
	s.must("", "hangup")
	s.once(0, call.Ended)
	_ = other.Process.Signal(syscall.SIGTERM)
	_ = other.Wait()
}

// TestAccountSetInACall: the call is followed to its end, and the command says so.
func TestAccountSetInACall(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.begin()
	s.must("", "dial", "--no-wait", "039050123407")
	s.waitState(call.InCall)
	for _, args := range [][]string{accountFlags(pbx.Addr(), "7105"), {"account", "remove"}} {
		_, errs, code := s.run(pbxsim.Secret, args...)
		if code != 0 || !strings.Contains(errs, "followed to its end") {
			t.Errorf("%s: %d, %s", args[1], code, errs)
		}
		if st := s.status(); st.Call == nil || st.Call.State != call.InCall || st.Extension != "7101" {
			t.Errorf("%s: %+v", args[1], st)
		}
	}
	s.must("", "hangup")
	s.Wait("the account to be gone", func() bool { return s.status().Connection == "not_set_up" })
	s.once(0, call.Ended)
	if pbx.Calls() != 0 {
		t.Error("it was not hung up")
	}
}

// TestCallOfAnAccountThatIsGone: it is told and in the history, and no more.
func TestCallOfAnAccountThatIsGone(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	agent := s.begin()
	s.must("", "dial", "--no-wait", "039050123407")
	s.waitState(call.InCall)
	agent.kill()
	s.must(pbxsim.Secret, append(accountFlags(pbx.Addr(), "7101"), "--user", "another")...)
	s.begin()
	s.told("placed with another account")
	s.once(0, call.Unknown)
	if pbx.Calls() != 1 {
		t.Error("the call did not go on")
	}
	pbx.HangUpAll()
}
