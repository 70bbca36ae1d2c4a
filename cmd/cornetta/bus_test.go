//go:build linux

package main

import (
	"context"
	"encoding/xml"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"

	"cornetta/ami/pbxsim"
)

const (
	busPath  = "/io/cornetta/Cornetta"
	busCalls = "io.cornetta.Cornetta1"
)

// monitor is what the session bus is told of calls.
func (s *seat) monitor() *lockedBuffer {
	s.t.Helper()
	out := &lockedBuffer{}
	cmd := s.Command("gdbus", "monitor", "--session", "--dest", busName, "--object-path", busPath)
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	over := make(chan struct{})
	go func() { defer close(over); _ = cmd.Wait() }()
	s.t.Cleanup(func() { _ = cmd.Process.Kill(); <-over })
	s.Wait("the monitor", func() bool { return strings.Contains(out.String(), "is owned by") })
	return out
}

// asked is the answer of one of the bus's own programs.
func (s *seat) asked(name string, args ...string) string {
	s.t.Helper()
	out, err := s.output(name, args...)
	if err != nil {
		s.t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return out
}

// TestBus: the programs of the session ask for calls, which are asked about, follow them
// without a number, and hang up; by gdbus, busctl and dbus-send.
func TestBus(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.must("", "install")
	agent := s.agent()
	s.tray("Ready")
	s.Wait("the agent on the bus", func() bool { return s.onBus() != 0 })

	var node introspect.Node
	text := s.asked("gdbus", "introspect", "--session", "--dest", busName, "--object-path", busPath, "--xml")
	if err := xml.Unmarshal([]byte(text), &node); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	var has []string
	for _, i := range node.Interfaces {
		if i.Name != busCalls {
			continue
		}
		for _, m := range i.Methods {
			has = append(has, fmt.Sprint(m.Name, m.Args))
		}
		for _, signal := range i.Signals {
			has = append(has, fmt.Sprint(signal.Name, signal.Args))
		}
	}
	if got, want := fmt.Sprint(has), "[Dial[{number s in}] Hangup[] Status[{status a{sv} out}] CallChanged[{call a{sv} }]]"; got != want {
		t.Errorf("it has %s, want %s", got, want)
	}
	if out := s.asked("busctl", "--user", "introspect", busName, busPath, busCalls); !strings.Contains(out, ".CallChanged") {
		t.Errorf("busctl sees %s", out)
	}

	status := func() string {
		return s.asked("gdbus", "call", "--session", "--dest", busName, "--object-path", busPath, "--method", busCalls+".Status")
	}
	if out := status(); !strings.Contains(out, "'link': <'ready'>") {
		t.Errorf("status: %s", out)
	}
	heard := s.monitor()

	// As a link is: asked about, with the same limits.
	s.asked("dbus-send", "--session", "--print-reply", "--dest="+busName, busPath, busCalls+".Dial", "string:+39 050 1234507")
	w := s.Window(confirmTitle)
	s.Wait("the question to have the focus", w.Focused)
	s.look("asked")
	for range 20 {
		s.asked("busctl", "--user", "call", busName, busPath, busCalls, "Dial", "s", "tel:+390501234502")
	}
	if n := originated(pbx); n != "" {
		t.Fatalf("dialled %s unasked", n)
	}
	// How many were dropped comes into the window beside the first try.
	s.until("the question to go", func() { s.sayYes(w) }, func() bool { return !w.Visible() })
	s.waitState("in_call")
	if out := status(); !strings.Contains(out, "'state': <'in_call'>") || strings.Contains(out, "050") || strings.Contains(out, "7101") {
		t.Errorf("status: %s", out)
	}
	s.asked("busctl", "--user", "call", busName, busPath, busCalls, "Hangup")
	s.waitState("ended")
	s.Wait("the signals", func() bool { return strings.Contains(heard.String(), "'ended'") })
	out := heard.String()
	at := 0
	for _, state := range []string{"requested", "ringing_own", "answered_own", "ringing_far", "in_call", "ended"} {
		i := strings.Index(out[at:], "CallChanged ({'")
		j := strings.Index(out[at:], "'state': <'"+state+"'>")
		if i < 0 || j < 0 {
			t.Fatalf("no %s in its place in %s", state, out)
		}
		at += j
	}
	if strings.Contains(out, "1234507") || strings.Contains(out, "number") || strings.Contains(out, "7101") {
		t.Errorf("the bus is told whom: %s", out)
	}
	if out, err := s.output("gdbus", "call", "--session", "--dest", busName, "--object-path", busPath, "--method", busCalls+".Hangup"); err == nil || !strings.Contains(out, "no_call") {
		t.Errorf("with no call to hang up: %v %s", err, out)
	}

	s.hostileBus(agent.Process.Pid)

	// With leave, numbers too; and the bus starts a Cornetta that does not run.
	s.end(agent.Process.Pid)
	s.set(map[string]string{"bus_numbers": "true"})
	if out := status(); !strings.Contains(out, "'link'") {
		t.Errorf("started by the bus it says %s", out)
	}
	pid := s.onBus()
	heard = s.monitor()
	s.must("", "dial", "039050123402")
	s.Wait("the signals", func() bool { return strings.Contains(heard.String(), "'ended'") })
	if out := heard.String(); !strings.Contains(out, "'number': <'039050123402'>") || !strings.Contains(out, "'extension': <'7101'>") {
		t.Errorf("the bus is not told whom: %s", out)
	}
	s.end(pid)
}

// hostileBus: a program that floods Cornetta, or sends it more than anybody has to say,
// costs it no memory, and the others are answered after it.
func (s *seat) hostileBus(pid int) {
	t := s.t
	t.Helper()
	object := s.Bus().Object(busName, busPath)
	before := processOf(t, pid).rss
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	long := strings.Repeat("1", 1<<20)
	for range 40 {
		object.GoWithContext(ctx, busCalls+".Dial", dbus.FlagNoReplyExpected, nil, long)
	}
	if err := object.CallWithContext(ctx, busCalls+".Dial", 0, strings.Repeat("1", 600)).Err; err == nil || !strings.Contains(err.Error(), "not_a_number") {
		t.Errorf("a long number: %v", err)
	}
	answers := make(chan *dbus.Call, 3000)
	for range cap(answers) {
		object.GoWithContext(ctx, busCalls+".Status", 0, answers)
	}
	busy := 0
	for range cap(answers) {
		if c := <-answers; c.Err != nil {
			busy++
		}
	}
	if busy == 0 {
		t.Error("nothing is too much")
	}
	s.Wait("it to answer again", func() bool { return object.CallWithContext(ctx, busCalls+".Status", 0).Err == nil })
	if after := processOf(t, pid).rss; after > before+24<<20 {
		t.Errorf("it grew from %d to %d bytes", before, after)
	}
	if _, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err != nil {
		t.Errorf("it is gone: %v", err)
	}
}
