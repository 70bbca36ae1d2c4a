//go:build linux

package main

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
)

var (
	soakFor  = flag.Duration("soak", 15*time.Second, "how long to soak the agent")
	soakSeed = flag.Uint64("seed", 0, "of the dice; 0: another each time")
)

// held is what a process has at one moment.
type held struct {
	descriptors, threads int
	memory               int // KiB that are its own
}

func heldBy(t testing.TB, pid int) held {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d", pid)
	open, err1 := os.ReadDir(dir + "/fd")
	text, err2 := os.ReadFile(dir + "/status")
	if err1 != nil || err2 != nil {
		t.Fatalf("the agent is gone: %v %v", err1, err2)
	}
	h := held{descriptors: len(open)}
	for line := range strings.Lines(string(text)) {
		fmt.Sscanf(line, "Threads: %d", &h.threads)
		fmt.Sscanf(line, "RssAnon: %d", &h.memory)
	}
	return h
}

// soaked is a seat on which everything goes wrong around the agent.
type soaked struct {
	*seat
	rng  *rand.Rand
	addr string
	pid  int

	asked  []string // numbers that a command dialled
	placed map[string]int

	mu  sync.Mutex // guards what follows
	pbx *pbxsim.PBX
}

// TestAgentSoaks has the whole agent make calls, on a desktop, while the PBX,
// the windows, the panel and those who use it come and go. Package dialer/soak
// does so to the Dialer alone, with many more faults.
func TestAgentSoaks(t *testing.T) {
	if *soakSeed == 0 {
		*soakSeed = rand.Uint64()
	}
	say := func(format string, args ...any) { fmt.Fprintf(t.Output(), format+"\n", args...) }
	say("seed %d, for %v", *soakSeed, *soakFor)
	s := &soaked{seat: newSeat(t), rng: rand.New(rand.NewPCG(*soakSeed, 0)), placed: map[string]int{}}
	s.start("")
	s.addr = s.pbx.Addr()
	defer func() { _ = s.pbx.Close() }()
	s.must(pbxsim.Secret, accountFlags(s.addr, "7101")...)
	s.pid = s.agent().Process.Pid
	s.tray("Ready")

	var samples []held
	begun, rested := time.Now(), time.Now()
	for time.Since(begun) < *soakFor {
		s.once()
		if time.Since(rested) < min(time.Minute, *soakFor/3) {
			continue
		}
		rested = time.Now()
		h := s.rest(samples)
		samples = append(samples, h)
		say("%8s  %d descriptors  %d threads  %d KiB  %d calls asked for, %d Originates", time.Since(begun).Round(time.Second),
			h.descriptors, h.threads, h.memory, len(s.asked), len(s.placed))
	}
	samples = append(samples, s.rest(samples))
	for number, n := range s.placed {
		if n != 1 || !slices.Contains(s.asked, number) {
			t.Errorf("%s was called %d times", number, n)
		}
	}
	if len(s.placed) == 0 {
		t.Error("nobody was called")
	}
	// A collection more or less is a megabyte.
	if n := len(samples); n >= 9 {
		if early, late := median(samples[:n/3]), median(samples[n-n/3:]); late > early+2<<10 {
			t.Errorf("the agent's memory grew from %d to %d KiB", early, late)
		}
	}
}

func median(all []held) int {
	var m []int
	for _, h := range all {
		m = append(m, h.memory)
	}
	slices.Sort(m)
	return m[len(m)/2]
}

// start begins a PBX at addr, where another may be just ending.
func (s *soaked) start(addr string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Wait("a PBX at "+addr, func() bool {
		var err error
		s.pbx, err = pbxsim.Start(pbxsim.Options{Listen: addr})
		return err == nil
	})
}

// restart ends the PBX with all its calls, and keeps count.
func (s *soaked) restart() {
	_ = s.pbx.Close()
	for _, o := range s.pbx.Originates() {
		s.placed[o.Get("Exten")]++
	}
	s.start(s.addr)
}

// once is one call to which something happens.
func (s *soaked) once() {
	s.t.Helper()
	suffixes := []string{"02", "03", "04", "05", "06", "08"}
	number := fmt.Sprintf("03905%07d%s", len(s.asked)+1, suffixes[s.rng.IntN(len(suffixes))])
	s.asked = append(s.asked, number)
	dial := s.cornetta("dial", "--json", "--yes", number)
	var out, errs bytes.Buffer
	dial.Stdout, dial.Stderr = &out, &errs
	if err := dial.Start(); err != nil {
		s.t.Fatal(err)
	}
	time.Sleep(time.Duration(s.rng.IntN(400)) * time.Millisecond) // nothing is waited for: what happens meets the call at any state
	deeds := []func(){
		func() {},
		func() { s.run("", "hangup") },
		func() { s.pbx.DropSessions() },
		s.restart,
		func() { _ = dial.Process.Kill() },
		s.openAndKill,
		func() { s.StopTrayHost(); s.StartTrayHost() },
		s.crowd,
		func() { s.run("", "tel:+39050"+number[5:12]) },
		func() { s.pbx.Noise(100); s.must("", "status"); s.pbx.Noise(0) },
	}
	deeds[s.rng.IntN(len(deeds))]()
	ended := make(chan error, 1)
	go func() { ended <- dial.Wait() }()
	select {
	case <-ended:
	case <-time.After(90 * time.Second):
		s.t.Errorf("the call to %s does not end: %s%s", number, out.String(), errs.String())
		_ = dial.Process.Kill()
		<-ended
	}
}

// openAndKill opens a window, and ends the windows' program in the middle.
func (s *soaked) openAndKill() {
	s.must("")
	s.Window("^Cornetta$")
	s.endWindows()
}

func (s *soaked) endWindows() {
	ui := filepath.Join(programs, "cornetta-ui")
	running := func() (pids []int) {
		exes, _ := filepath.Glob("/proc/[0-9]*/exe")
		for _, exe := range exes {
			var pid int
			if target, err := os.Readlink(exe); err == nil && target == ui {
				fmt.Sscanf(exe, "/proc/%d/exe", &pid)
				pids = append(pids, pid)
			}
		}
		return pids
	}
	// One that dies before it has shown its window is started once more.
	s.Wait("the end of the windows", func() bool {
		pids := running()
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		return len(pids) == 0
	})
}

// crowd is more clients than the control socket has room for, some of which say
// nothing and some of which talk nonsense.
func (s *soaked) crowd() {
	talked := false
	defer func() {
		if !talked {
			s.t.Error("nobody could talk to the agent")
		}
	}()
	sockets, _ := filepath.Glob(filepath.Join(s.RuntimeDir(), "cornetta*", "*"))
	for _, path := range sockets {
		for i := range 12 {
			c, err := net.Dial("unix", path)
			if err != nil {
				continue // a lock, or full
			}
			talked = true
			if i%2 == 0 {
				_, _ = c.Write([]byte(`{"jsonrpc":"2.0","ID":1,"method":"Dial","params":{"number":"0390501234502"}}` + "\n"))
			}
			defer c.Close()
		}
	}
}

// rest brings the agent to where it is the same each time: no window, a PBX
// that has just begun, no call, and the session of a call that has ended. It
// fails if the agent then has more open than before, but for what may be in the
// making or be made for the first time: what leaks does so each time.
func (s *soaked) rest(before []held) held {
	s.t.Helper()
	s.endWindows()
	s.restart()
	s.Wait("no call at the agent", func() bool { c := s.status().Call; return c == nil || !c.Live() })
	number := fmt.Sprintf("03905%07d02", len(s.asked)+1)
	s.asked = append(s.asked, number)
	s.must("", "dial", "--yes", number)
	const passing = 2
	var h held
	defer func() {
		if s.t.Failed() {
			s.t.Logf("at rest it has %d descriptors and %d sessions; before: %v", h.descriptors, s.pbx.Sessions(), before)
		}
	}()
	s.Wait("the agent at rest", func() bool {
		s.endWindows()
		h = heldBy(s.t, s.pid)
		return s.pbx.Sessions() == 1 && (len(before) == 0 || h.descriptors <= before[0].descriptors+passing)
	})
	return h
}
