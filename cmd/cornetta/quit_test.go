//go:build linux

package main

import (
	"syscall"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
)

// TestQuitForAnUpgrade: who replaces the programs has the one that runs end, in a call
// too, and starts it again; only then, and once.
func TestQuitForAnUpgrade(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must("", "quit") // nothing runs, which is what was wanted
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	first := s.agent()
	s.must("", "dial", "--no-wait", "039050123407")
	s.waitState(call.InCall)
	s.must("", "quit", "--for-upgrade")
	if syscall.Kill(first.Process.Pid, 0) == nil {
		t.Error("the agent still runs when quit is over")
	}
	s.agentOn(s.cornetta("resume"))
	s.waitState(call.InCall)
	s.must("", "hangup")
	s.waitState(call.Ended)
	s.must("", "quit")
	s.must("", "resume")
	if s.status().Running {
		t.Error("resume starts what did not run")
	}
	if n := originated(pbx); n != "039050123407" {
		t.Errorf("dialled %s", n)
	}
}
