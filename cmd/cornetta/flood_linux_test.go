package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
)

// floodFor is how long each flood of a PBX lasts; go test ./cmd/cornetta -run Flood
// -flood 60s is the long form. Floods are as fast as the machine can make them.
var floodFor = flag.Duration("flood", time.Second, "how long a PBX floods")

// floodLimit is how much a program may grow above idle, in bytes of its RSS.
const floodLimit = 24 << 20

// flooder is a PBX that takes logins and calls, and then floods.
type flooder struct {
	addr string

	mu   sync.Mutex // guards what follows
	next func(action, id string, i int) string
	at   string   // the action that begins it, once
	met  func()   // called before it begins
	sent chan int // gets how many bytes there were
}

// arm says how to flood at the next action of that name.
func (f *flooder) arm(at string, met func(), next func(action, id string, i int) string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.at, f.met, f.next = at, met, next
}

func newFlooder(t *testing.T) *flooder {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f := &flooder{addr: ln.Addr().String(), sent: make(chan int, 16)}
	var wg sync.WaitGroup
	ctx, end := context.WithCancel(context.Background())
	t.Cleanup(func() { end(); ln.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				defer context.AfterFunc(ctx, func() { c.Close() })()
				f.serve(c)
			})
		}
	})
	return f
}

func (f *flooder) serve(c net.Conn) {
	fmt.Fprint(c, "Asterisk Call Manager/5.0.4\r\n")
	channel := ""
	h := map[string]string{}
	for in := bufio.NewScanner(c); in.Scan(); {
		if k, v, ok := strings.Cut(in.Text(), ": "); ok {
			h[k] = v
			continue
		}
		id := h["ActionID"]
		f.mu.Lock()
		begins := h["Action"] == f.at
		if begins {
			f.at = ""
		}
		met, next := f.met, f.next
		f.mu.Unlock()
		switch h["Action"] {
		case "Challenge":
			fmt.Fprintf(c, "Response: Success\r\nActionID: %s\r\nChallenge: 123456789\r\n\r\n", id)
		case "ListCommands":
			fmt.Fprintf(c, "Response: Success\r\nActionID: %s\r\nOriginate: x\r\nHangup: x\r\nStatus: x\r\n\r\n", id)
		default:
			fmt.Fprintf(c, "Response: Success\r\nActionID: %s\r\n\r\n", id)
		}
		if h["Action"] == "Originate" {
			channel = h["ChannelId"]
			// Torn, so that a list is asked for.
			fmt.Fprintf(c, "Event: Newchannel\r\nChannel: Local/7101@c2c-1;1\r\nUniqueid: %s\r\nLinkedid: %[1]s\r\n\r\nEvent: Newstate\r\nEvent: Newstate\r\n\r\n", channel)
		}
		if begins {
			met()
			f.flood(c, id, channel, next)
			fmt.Fprintf(c, "\r\nEvent: OriginateResponse\r\nActionID: %s\r\nResponse: Failure\r\nReason: 3\r\n\r\n", strings.TrimSuffix(channel, "-1"))
			for i := range 300 {
				fmt.Fprintf(c, "Event: Hangup\r\nUniqueid: 9.%d\r\nCause: 16\r\n\r\n", i)
			}
			fmt.Fprintf(c, "Event: Hangup\r\nUniqueid: %s\r\nCause: 16\r\n\r\n", channel)
		} else if h["Action"] == "Status" || h["Action"] == "ExtensionStateList" {
			fmt.Fprintf(c, "Event: %sComplete\r\nActionID: %s\r\nEventList: Complete\r\n\r\n", h["Action"], id)
		}
		h = map[string]string{}
	}
}

func (f *flooder) flood(c net.Conn, action, channel string, next func(action, id string, i int) string) {
	var b bytes.Buffer
	sent := 0
	defer func() { f.sent <- sent }()
	rung := false
	for i, began := 0, time.Now(); time.Since(began) < *floodFor; {
		if !rung && time.Since(began) > *floodFor/2 {
			rung = true // in the middle of it the own phone rings
			fmt.Fprintf(&b, "Event: Newstate\r\nChannel: Local/7101@c2c-1;1\r\nUniqueid: %s\r\nChannelState: 5\r\n\r\n", channel)
		}
		for b.Len() < 64<<10 {
			b.WriteString(next(action, channel, i))
			i++
		}
		n, err := c.Write(b.Bytes())
		if sent += n; err != nil {
			return
		}
		b.Reset()
	}
}

// memory is one line of a process' status, in bytes.
func memory(t *testing.T, pid int, line string) int {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), line+":")
	fields := strings.Fields(rest)
	if len(fields) < 2 {
		return 0
	}
	kib, _ := strconv.Atoi(fields[0])
	return kib << 10
}

// TestFloodLeavesMemory: a PBX that sends without end, as fast as it can, costs the
// agent and the commands no more than 24 MiB, and the call is followed to its end.
func TestFloodLeavesMemory(t *testing.T) {
	filler := strings.Repeat("Filler: "+strings.Repeat("x", 64_000)+"\r\n", 15)
	statuses := func(action, _ string, i int) string {
		return fmt.Sprintf("Event: Status\r\nActionID: %s\r\nChannel: PJSIP/7201-%d\r\nUniqueid: 8.%d\r\nLinkedid: 8.%d\r\nChannelState: 6\r\n\r\n", action, i, i, i)
	}
	large := func(_, id string, i int) string {
		return fmt.Sprintf("Event: Newchannel\r\nChannel: PJSIP/7201-%d\r\nUniqueid: 9.%d\r\nLinkedid: %s\r\n%s\r\n", i, i, id, filler)
	}
	own := func(_, id string, i int) string {
		return fmt.Sprintf("Event: DialBegin\r\nUniqueid: %s\r\nDestUniqueid: 9.%d\r\nDestChannel: PJSIP/x-%d\r\nDestCallerIDName: Anna %d\r\n\r\n", id, i, i, i)
	}
	extensions := func(action, _ string, i int) string {
		return fmt.Sprintf("Event: ExtensionStatus\r\nActionID: %s\r\nExten: %d\r\nContext: outbound\r\nHint: PJSIP/%d\r\nStatus: 0\r\nStatusText: Idle\r\n\r\n", action, i, i)
	}
	f := newFlooder(t)
	s := newSeat(t)
	account := accountFlags(f.addr, "7101")
	account[slices.Index(account, "--timeout")+1] = (*floodFor + 20*time.Second).String() // that the phone may take to ring
	s.must(pbxsim.Secret, account...)

	// check looks at the process while the flood, which began at met, goes on.
	check := func(t *testing.T, pid, idle int, name string) {
		t.Helper()
		most := 0
		for {
			select {
			case sent := <-f.sent:
				if m := memory(t, pid, "VmHWM"); m > most {
					most = m
				}
				t.Logf("%s: %d MiB were sent, idle %.1f MiB, most %.1f MiB above", name, sent>>20, float64(idle)/(1<<20), float64(most-idle)/(1<<20))
				if most-idle > floodLimit {
					t.Errorf("%s grew by %.1f MiB", name, float64(most-idle)/(1<<20))
				}
				return
			case <-time.After(10 * time.Millisecond):
				if m := memory(t, pid, "VmRSS"); m > most {
					most = m
				}
			}
		}
	}
	// The commands by themselves.
	for _, tt := range []struct {
		name string
		args []string
		at   string
		next func(action, id string, i int) string
		ends bool // with a call that failed
	}{
		{"extensions without end", []string{"extensions"}, "ExtensionStateList", extensions, false},
		{"channels without end", []string{"dial", "--json", "7102"}, "Status", statuses, true},
		{"large events", []string{"dial", "--json", "7102"}, "Originate", large, true},
	} {
		t.Run("command, "+tt.name, func(t *testing.T) {
			begun, release := make(chan struct{}), make(chan struct{})
			f.arm(tt.at, func() { close(begun); <-release }, tt.next)
			cmd := s.cornetta(tt.args...)
			var out, errs bytes.Buffer
			cmd.Stdout, cmd.Stderr = &out, &errs
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() { defer close(ended); _ = cmd.Wait() }()
			t.Cleanup(func() { _ = cmd.Process.Kill(); <-ended })
			<-begun
			idle := memory(t, cmd.Process.Pid, "VmRSS")
			close(release)
			if !tt.ends { // it gives up in the middle
				checkUntil(t, cmd, ended, idle, tt.name)
				<-f.sent
				if code := cmd.ProcessState.ExitCode(); code != exitNoLink || errs.Len() == 0 {
					t.Errorf("exit status %d: %s%s", code, &out, &errs)
				}
				return
			}
			check(t, cmd.Process.Pid, idle, tt.name)
			<-ended
			if states := statesOf(t, out.String()); !strings.Contains(states, "failed(") || strings.Contains(states, "unknown") || cmd.ProcessState.ExitCode() != exitFailed {
				t.Errorf("exit status %d, %s: %s", cmd.ProcessState.ExitCode(), states, &errs)
			}
		})
	}
	// The agent.
	r := s.begin()
	pid := r.cmd.Process.Pid
	s.tray("Ready")
	idle := memory(t, pid, "VmRSS")
	for _, tt := range []struct {
		name string
		at   string
		next func(action, id string, i int) string
	}{
		{"channels without end", "Status", statuses},
		{"large events", "Originate", large},
		{"events of the call", "Originate", own},
	} {
		t.Run("agent, "+tt.name, func(t *testing.T) {
			f.arm(tt.at, func() {}, tt.next)
			s.must("", "dial", "--no-wait", "7102")
			check(t, pid, idle, tt.name)
			s.Wait("the call's end", func() bool { c := s.status().Call; return c != nil && !c.Live() })
			// That it rang was told in the middle of the flood.
			if c := s.status().Call; c.State != call.Failed || c.Cause != call.OwnNoAnswer && tt.name != "events of the call" {
				t.Errorf("%s %s", c.State, c.Cause)
			}
		})
	}
}

// checkUntil looks at a command's memory until it has ended.
func checkUntil(t *testing.T, cmd *exec.Cmd, ended chan struct{}, idle int, name string) {
	t.Helper()
	most := idle
	for {
		select {
		case <-ended:
			t.Logf("%s: idle %.1f MiB, most %.1f MiB above", name, float64(idle)/(1<<20), float64(most-idle)/(1<<20))
			if most-idle > floodLimit {
				t.Errorf("%s grew by %.1f MiB", name, float64(most-idle)/(1<<20))
			}
			return
		case <-time.After(2 * time.Millisecond):
			data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
			if err != nil {
				continue
			}
			_, rest, _ := strings.Cut(string(data), "VmHWM:")
			if fields := strings.Fields(rest); len(fields) > 1 {
				kib, _ := strconv.Atoi(fields[0])
				most = max(most, kib<<10)
			}
		}
	}
}
