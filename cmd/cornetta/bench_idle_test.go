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
	stat := read("stat")
	words := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	user, _ := strconv.Atoi(words[11])
	system, _ := strconv.Atoi(words[12])
	d.cpu = time.Duration(user+system) * 10 * time.Millisecond // USER_HZ is 100 everywhere
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for _, task := range tasks {
		data, err := os.ReadFile(task)
		if err != nil {
			continue // that thread has just ended
		}
		d.switches += field(string(data), "voluntary_ctxt_switches") + field(string(data), "nonvoluntary_ctxt_switches")
	}
	rollup := read("smaps_rollup")
	d.rss = float64(field(rollup, "Rss")) / 1024
	d.private = float64(field(rollup, "Anonymous")) / 1024
	return d
}

// BenchmarkIdle watches the agent while nothing happens: with its link opened on
// demand and kept, before any number was looked at; and, on demand, after calls; the same
// with a hook at each state and a program that watches.
func BenchmarkIdle(b *testing.B) {
	for _, mode := range []string{"ondemand", "kept", "followed"} {
		b.Run(mode, func(b *testing.B) {
			pbx := startPBX(b)
			s := benchSeat(b, pbx.Addr())
			rests := status.Ready
			if mode == "kept" {
				s.keep()
				rests = status.Connected
			}
			if mode == "followed" {
				s.set(map[string]string{
					"hooks": "true", "on_ringing_own": "'/bin/true'", "on_in_call": "'/bin/true'", "on_ended": "'/bin/true'", "on_failed": "'/bin/true'",
				})
			}
			agent := s.agent()
			s.tray("Ready")
			s.waitLink(rests)
			if mode == "followed" {
				s.watch("--json")
			}
			pid := agent.Process.Pid
			watch := func(name string) burden {
				time.Sleep(time.Second) // what the last question cost
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
			if mode == "kept" {
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
	call, err := c.Dial(ctx, number, true)
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
