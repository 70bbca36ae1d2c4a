//go:build linux

package main

import (
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/desktoptest"
)

// The benchmarks measure the product as the tests test it: the built programs,
// on a real desktop. Each runs once (-benchtime 1x) and repeats by itself what
// it measures, in turns with what it is compared to; packaging/bench makes a
// table of what they report. `make bench` is both.

var (
	benchIdle  = flag.Duration("idle", 10*time.Second, "how long the idle agent is watched, for each of its states")
	benchCalls = flag.Int("calls", 200, "how many calls are made before the agent's memory is looked at for the last time")
	benchTimes = flag.Int("times", 20, "how often a start, a press or a window is measured")
)

// durations are what one thing took, each time.
type durations []time.Duration

// at is the duration that a share of them is not longer than.
func (d durations) at(share float64) time.Duration {
	sorted := slices.Sorted(slices.Values(d))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}

func (d durations) median() time.Duration { return d.at(0.5) }

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// report reports durations under a name, in milliseconds.
func (d durations) report(b *testing.B, name string) {
	b.ReportMetric(ms(d.median()), name+"-p50-ms")
	b.ReportMetric(ms(d.at(0.99)), name+"-p99-ms")
	b.ReportMetric(0, "ns/op") // of everything together, which tells nothing
}

// bare builds one of the programs that do nothing, to compare with.
func bare(b *testing.B, name, cgo string) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), name)
	cmd := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", path, "./testdata/"+name)
	cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("build %s: %v\n%s", name, err, out)
	}
	return path
}

// benchSeat is a person's computer whose account is at addr.
func benchSeat(b *testing.B, addr string, more ...string) *seat {
	b.Helper()
	s := newSeat(b)
	s.must(pbxsim.Secret, append(accountFlags(addr, "7101"), more...)...)
	b.Setenv("XDG_RUNTIME_DIR", s.RuntimeDir()) // where the control socket is
	return s
}

// child is a program that was started, and is ended by the test.
type child struct {
	cmd *exec.Cmd
}

func (s *seat) start(path string, args ...string) *child {
	s.t.Helper()
	cmd := s.Command(path, args...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	return &child{cmd}
}

func (r *child) end() {
	_ = r.cmd.Process.Signal(syscall.SIGTERM)
	_ = r.cmd.Wait()
}

// ask asks the agent how things stand, without starting a program for it.
func (s *seat) ask() (status.Snapshot, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), controlTime)
	defer cancel()
	c, err := control.Connect(ctx, instance)
	if err != nil {
		return status.Snapshot{}, false
	}
	defer c.Close()
	snap, err := control.Status.Call(ctx, c, ipc.None{})
	return snap, err == nil
}

// waitLink waits until the agent says so of its link, and no call goes on.
func (s *seat) waitLink(want status.Connection) {
	s.t.Helper()
	s.Wait("the agent's link to be "+string(want), func() bool {
		snap, ok := s.ask()
		return ok && snap.Connection == want && (snap.Call == nil || !snap.Call.Live())
	})
}

// waitOver waits until no call goes on: the next agent would take it up.
func (s *seat) waitOver() {
	s.t.Helper()
	s.Wait("the call to end", func() bool {
		snap, ok := s.ask()
		return ok && snap.Call != nil && !snap.Call.Live()
	})
}

// heard is a message on the session bus, and when it went by.
type heard struct {
	at  time.Time
	msg *dbus.Message
}

func (h heard) member() string {
	s, _ := h.msg.Headers[dbus.FieldMember].Value().(string)
	return s
}

// overhear listens to what is said on the desktop's bus, as a monitor: nobody
// notices.
func overhear(b *testing.B, d *desktoptest.Desktop, rules ...string) <-chan heard {
	b.Helper()
	conn, err := dbus.Connect(d.BusAddress())
	if err != nil {
		b.Fatal(err)
	}
	if err := conn.BusObject().Call("org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, rules, uint32(0)).Err; err != nil {
		b.Fatal(err)
	}
	messages := make(chan *dbus.Message, 1<<12)
	out := make(chan heard, 1<<12)
	conn.Eavesdrop(messages)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for m := range messages {
			select {
			case out <- heard{time.Now(), m}:
			default: // nobody listens any more
			}
		}
	}()
	b.Cleanup(func() {
		conn.Eavesdrop(nil)
		close(messages)
		<-done
		_ = conn.Close()
	})
	return out
}

// next is the next message with that member.
func next(b *testing.B, from <-chan heard, member string) heard {
	b.Helper()
	late := time.After(desktoptest.Patience)
	for {
		select {
		case h := <-from:
			if h.member() == member {
				return h
			}
		case <-late:
			b.Fatalf("nobody called %s", member)
		}
	}
}

// BenchmarkSize reports what the programs take on the disk.
func BenchmarkSize(b *testing.B) {
	for name, unit := range map[string]string{"cornetta": "agent-MB", "cornetta-ui": "ui-MB"} {
		info, err := os.Stat(filepath.Join(programs, name))
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(info.Size())/1e6, unit)
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkTrayItem compares the agent's start with that of a program that has
// nothing but an icon: from the start to the call that registers the icon.
func BenchmarkTrayItem(b *testing.B) {
	pbx := startPBX(b)
	s := benchSeat(b, pbx.Addr())
	registered := overhear(b, s.Desktop, "type='method_call',member='RegisterStatusNotifierItem'")
	took := map[string]durations{}
	agent, other := filepath.Join(programs, "cornetta"), bare(b, "baretray", "0")
	for range *benchTimes + 1 {
		for name, path := range map[string]string{"agent": agent, "bare": other} {
			began := time.Now()
			r := s.start(path)
			took[name] = append(took[name], next(b, registered, "RegisterStatusNotifierItem").at.Sub(began))
			s.Wait("the icon", func() bool { return len(s.TrayItems()) == 1 })
			r.end()
			s.Wait("the icon to go", func() bool { return len(s.TrayItems()) == 0 })
		}
	}
	for name, d := range took {
		took[name] = d[1:] // the first one read the program from the disk
		took[name].report(b, name)
	}
	b.ReportMetric(float64(took["agent"].median())/float64(took["bare"].median()), "x-bare")
}

// keep has the agent keep its link, as the settings can ask for.
func (s *seat) keep() {
	s.t.Helper()
	store := config.NewStore(filepath.Join(s.ConfigHome(), "cornetta"))
	cfg, err := store.Load()
	if err != nil {
		s.t.Fatal(err)
	}
	cfg.Connection = config.ConnectionKept
	if err := store.Save(cfg); err != nil {
		s.t.Fatal(err)
	}
}
