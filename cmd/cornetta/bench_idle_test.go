//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/contacts/directorytest"
	"cornetta/dialer/control"
	"cornetta/dialer/status"
)

// burden is what a program has taken of the machine since it was started, and
// what it holds now.
type burden struct {
	cpu      time.Duration
	switches int // of context, of all its threads
	rss      float64
	private  float64 // MB that are its own: not pages of a file
}

// burdenOf reads the burden from /proc.
func burdenOf(b *testing.B, pid int) burden {
	b.Helper()
	read := func(path string) string {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, path))
		if err != nil {
			b.Fatal(err)
		}
		return string(data)
	}
	field := func(text, name string) int {
		_, rest, _ := strings.Cut("\n"+text, "\n"+name+":")
		n, err := strconv.Atoi(strings.Fields(rest + " x")[0])
		if err != nil {
			b.Fatalf("no %s in\n%s", name, text)
		}
		return n
	}
	var d burden
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for _, task := range tasks {
		data, err := os.ReadFile(task)
		if err != nil {
			continue // that thread has just ended
		}
		// To the nanosecond, which stat is not; of a thread that has ended nothing, but Go
		// seldom ends one.
		took, err := os.ReadFile(strings.TrimSuffix(task, "status") + "schedstat")
		if err != nil {
			continue
		}
		ran, err := strconv.ParseInt(strings.Fields(string(took) + " x")[0], 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		d.cpu += time.Duration(ran)
		d.switches += field(string(data), "voluntary_ctxt_switches") + field(string(data), "nonvoluntary_ctxt_switches")
	}
	rollup := read("smaps_rollup")
	d.rss = float64(field(rollup, "Rss")) / 1024
	d.private = float64(field(rollup, "Anonymous")) / 1024
	return d
}

// BenchmarkIdle watches the agent while nothing happens: with its link opened on
// demand and kept, before any number was looked at; and, on demand, after calls; the same
// with a hook at each state and a program that watches; and with all that can be switched
// on, while others have five calls a second.
func BenchmarkIdle(b *testing.B) {
	for _, mode := range []string{"ondemand", "kept", "followed", "all"} {
		b.Run(mode, func(b *testing.B) {
			pbx := startPBX(b)
			s := benchSeat(b, pbx.Addr())
			rests := status.Ready
			if mode == "all" {
				s.must("", "account", "set", "--incoming", "on")
				s.must(pbxsim.Secret, append([]string{"account", "add", "Shop"}, accountFlags(pbx.Addr(), "7103")[2:]...)...)
				s.set(map[string]string{"colleagues": "true", "mailbox": "'7101@default'"})
				people := filepath.Join(b.TempDir(), "crowd.vcf")
				directorytest.Crowd(b, people, 50_000)
				s.must("", "contacts", "add", "--vcard", people)
				rests = status.Connected
			}
			if mode == "kept" {
				s.keep()
				rests = status.Connected
			}
			if mode == "followed" || mode == "all" {
				s.set(map[string]string{
					"hooks": "true", "on_ringing_own": "'/bin/true'", "on_in_call": "'/bin/true'", "on_ended": "'/bin/true'", "on_failed": "'/bin/true'",
				})
			}
			agent := s.agent()
			s.tray("Ready")
			s.waitLink(rests)
			if mode == "followed" || mode == "all" {
				s.watch("--json")
			}
			if mode == "all" {
				defer callsOfOthers(pbx)()
			}
			pid := agent.Process.Pid
			watch := func(name string) burden {
				time.Sleep(untilRest)
				before := burdenOf(b, pid)
				time.Sleep(*benchIdle)
				after := burdenOf(b, pid)
				b.ReportMetric(after.rss, name+"-rss-MB")
				b.ReportMetric(after.private, name+"-private-MB")
				b.ReportMetric(100*float64(after.cpu-before.cpu)/float64(*benchIdle), name+"-cpu-%")
				b.ReportMetric(float64(after.switches-before.switches)/benchIdle.Seconds(), name+"-switches/s")
				return after
			}
			watch("fresh")
			b.ReportMetric(0, "ns/op")
			if mode == "kept" || mode == "all" {
				return
			}
			r := rand.New(rand.NewPCG(1, 2))
			made := 0
			call := func(upTo int) {
				for ; made < upTo; made++ {
					s.callOnce(fmt.Sprintf("050%05d03", r.IntN(1e5)))
				}
			}
			const first = 100
			call(first)
			then := watch("calls-100")
			if *benchCalls > first && mode == "ondemand" {
				call(*benchCalls)
				b.ReportMetric(watch("calls-last").private-then.private, "growth-MB")
			}
			b.ReportMetric(float64(made), "calls")
		})
	}
}

// callsOfOthers has a colleague called five times a second, until the function that it
// returns. Each call is a ring, an answer and an end.
func callsOfOthers(pbx *pbxsim.PBX) (end func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		every := time.NewTicker(time.Second / 5)
		defer every.Stop()
		for i := 0; ; i++ {
			select {
			case <-ctx.Done():
				return
			case <-every.C:
			}
			a := pbx.CallIn(fmt.Sprintf("050%07d", i), "", "7104")
			a.Ring("7104", "")
			a.Answer("7104")
			a.End()
		}
	}()
	return func() { cancel(); <-done }
}

// callOnce places a call and waits for its end.
func (s *seat) callOnce(number string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	c, err := control.Connect(ctx, instance)
	if err != nil {
		s.t.Fatal(err)
	}
	defer c.Close()
	call, err := c.Dial(ctx, number, false, true)
	if err != nil {
		s.t.Fatalf("dial %s: %v", number, err)
	}
	for {
		snap, err := call.Next(ctx)
		if err != nil {
			s.t.Fatal(err)
		}
		if !snap.Live() {
			return
		}
	}
}
