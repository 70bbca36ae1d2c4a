// Command bench makes one table of what benchmarks have reported: what was
// measured, what it may be, what it is. It reads the output of `go test -bench`
// on its standard input; `make bench` runs it. What it is compared to (a bare
// program, the floor of reading lines) was measured in the same run, in turns.
package main

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"text/tabwriter"
)

// row is a line of the table.
type row struct {
	what      string
	benchmark string // its name, without "Benchmark" and the number of processors
	metric    string
	goal      float64
	least     bool // the goal is the least, not the most
	unit      string
	beside    string // another metric of the benchmark, told beside this one
}

var rows = []row{
	{what: "exec → tray item on the bus, median, × a bare systray program", benchmark: "TrayItem", metric: "x-bare", goal: 1.5, unit: "×", beside: "agent-p50-ms"},
	{what: "idle agent, link on demand: memory (RSS)", benchmark: "Idle/ondemand", metric: "fresh-rss-MB", goal: 16, unit: "MB"},
	{what: "  of it its own (anonymous)", benchmark: "Idle/ondemand", metric: "fresh-private-MB", goal: 7, unit: "MB"},
	{what: "  CPU", benchmark: "Idle/ondemand", metric: "fresh-cpu-%", goal: 0.05, unit: "%"},
	{what: "  context switches a second", benchmark: "Idle/ondemand", metric: "fresh-switches/s", goal: 1},
	{what: "idle agent, link kept: memory (RSS)", benchmark: "Idle/kept", metric: "fresh-rss-MB", goal: 16, unit: "MB", beside: "fresh-switches/s"},
	{what: "  of it its own (anonymous)", benchmark: "Idle/kept", metric: "fresh-private-MB", goal: 7, unit: "MB"},
	{what: "  CPU", benchmark: "Idle/kept", metric: "fresh-cpu-%", goal: 0.05, unit: "%"},
	{what: "agent after 100 calls: memory (RSS)", benchmark: "Idle/ondemand", metric: "calls-100-rss-MB", goal: 20, unit: "MB"},
	{what: "  of it its own (anonymous)", benchmark: "Idle/ondemand", metric: "calls-100-private-MB", goal: 10, unit: "MB"},
	{what: "  growth from then to the last call", benchmark: "Idle/ondemand", metric: "growth-MB", goal: 0.5, unit: "MB", beside: "calls"},
	{what: "idle agent with hooks, and a program that watches: memory of its own", benchmark: "Idle/followed", metric: "fresh-private-MB", goal: 7, unit: "MB", beside: "fresh-rss-MB"},
	{what: "  CPU", benchmark: "Idle/followed", metric: "fresh-cpu-%", goal: 0.05, unit: "%", beside: "fresh-switches/s"},
	{what: "  after 100 calls, each with two hooks", benchmark: "Idle/followed", metric: "calls-100-private-MB", goal: 10, unit: "MB"},
	{what: "idle agent with all switched on, five calls of others a second: memory (RSS)", benchmark: "Idle/all", metric: "fresh-rss-MB", goal: 18, unit: "MB", beside: "fresh-switches/s"},
	{what: "  of it its own (anonymous)", benchmark: "Idle/all", metric: "fresh-private-MB", goal: 9, unit: "MB"},
	{what: "  CPU", benchmark: "Idle/all", metric: "fresh-cpu-%", goal: 0.1, unit: "%"},
	{what: "keys pressed → Originate at the PBX, session open, median", benchmark: "Press/warm", metric: "warm-p50-ms", goal: 5, unit: "ms"},
	{what: "  p99", benchmark: "Press/warm", metric: "warm-p99-ms", goal: 20, unit: "ms"},
	{what: "  from no session, TLS and challenge, median", benchmark: "Press/cold", metric: "cold-p50-ms", goal: 20, unit: "ms"},
	{what: "  the same over 20 ms a round trip (5 of them and 20 ms)", benchmark: "Press/far", metric: "far-p50-ms", goal: 120, unit: "ms", beside: "round-trips"},
	{what: "PBX's event on the wire → notification on the bus, p99", benchmark: "Notify/quiet", metric: "quiet-p99-ms", goal: 10, unit: "ms", beside: "quiet-p50-ms"},
	{what: "  among 20,000 foreign events a second", benchmark: "Notify/flood", metric: "flood-p99-ms", goal: 10, unit: "ms", beside: "flood-p50-ms"},
	{what: "a call comes in: PBX's event on the wire → notification on the bus, p99", benchmark: "Incoming/quiet", metric: "quiet-p99-ms", goal: 10, unit: "ms", beside: "quiet-p50-ms"},
	{what: "  among 20,000 foreign events a second", benchmark: "Incoming/flood", metric: "flood-p99-ms", goal: 10, unit: "ms", beside: "flood-p50-ms"},
	{what: "tray click → dial window usable, cold, × a bare Fyne window", benchmark: "Window", metric: "cold-x-bare", goal: 1.3, unit: "×", beside: "cold-p50-ms"},
	{what: "  warm", benchmark: "Window", metric: "warm-p50-ms", goal: 100, unit: "ms"},
	{what: "dial window, open and left alone: CPU", benchmark: "Open/dial", metric: "cpu-%", goal: 1, unit: "%", beside: "cpu-x-bare"},
	{what: "  memory (RSS), × a bare Fyne window", benchmark: "Open/dial", metric: "rss-x-bare", goal: 1.15, unit: "×", beside: "rss-MB"},
	{what: "Settings, open and left alone: CPU", benchmark: "Open/settings", metric: "cpu-%", goal: 1, unit: "%", beside: "cpu-x-bare"},
	{what: "  memory (RSS), × a bare Fyne window", benchmark: "Open/settings", metric: "rss-x-bare", goal: 1.15, unit: "×", beside: "rss-MB"},
	{what: "AMI, only own calls wanted, × counting blank lines", benchmark: "Decode/own", metric: "x-floor", goal: 0.6, least: true, unit: "×", beside: "msg/s"},
	// Opening the stream and the own events among it allocate, which is spread
	// over all messages here; that the others do not is a test of package ami.
	{what: "  allocations a message", benchmark: "Decode/own", metric: "allocs/msg", goal: 0.05},
	{what: "AMI, every message decoded, × counting blank lines", benchmark: "Decode/every", metric: "x-floor", goal: 0.33, least: true, unit: "×", beside: "msg/s"},
	{what: "  allocations a message", benchmark: "Decode/every", metric: "allocs/msg", goal: 2.01},
	{what: "flood of foreign events: growth of memory", benchmark: "Flood", metric: "MB-grown", goal: 4, unit: "MB", beside: "msg/s"},
	{what: "50,000 people, 80,000 numbers: read from vCards and indexed", benchmark: "People", metric: "index-s", goal: 2, unit: "s"},
	{what: "  the index on the disk", benchmark: "People", metric: "index-MB", goal: 15, unit: "MB"},
	{what: "  what is typed → whom it fits, p99", benchmark: "People", metric: "find-p99-ms", goal: 2, unit: "ms", beside: "find-p50-ms"},
	{what: "  letter typed → the list drawn, p99", benchmark: "Typing", metric: "drawn-p99-ms", goal: 16, unit: "ms", beside: "drawn-p50-ms"},
	{what: "  growth of the agent's own memory once it rests again", benchmark: "Typing", metric: "grown-MB", goal: 0.5, unit: "MB", beside: "window-MB"},
	{what: "  and while nobody dials, beside one that knows nobody", benchmark: "Typing", metric: "idle-grown-MB", goal: 0.1, unit: "MB"},
	{what: "  number → name, median", benchmark: "People", metric: "who-p50-us", goal: 50, unit: "µs", beside: "who-p99-us"},
	{what: "history of 100,000 calls: opened", benchmark: "History", metric: "open-most-ms", goal: 50, unit: "ms", beside: "open-p50-ms"},
	{what: "  what is typed → the newest fifty that fit, p99", benchmark: "History", metric: "find-p99-ms", goal: 20, unit: "ms", beside: "find-p50-ms"},
	{what: "size of cornetta", benchmark: "Size", metric: "agent-MB", goal: 16, unit: "MB"},
	{what: "size of cornetta-ui", benchmark: "Size", metric: "ui-MB", goal: 24, unit: "MB"},
}

var processors = regexp.MustCompile(`-\d+$`)

func main() {
	measured := map[string]map[string]float64{}
	failed := false
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 1<<20)
	for in.Scan() {
		words := strings.Fields(in.Text())
		if len(words) < 4 || !strings.HasPrefix(words[0], "Benchmark") || !processors.MatchString(words[0]) && !isNumber(words[1]) {
			if len(words) > 0 && words[0] != "PASS" {
				fmt.Fprintln(os.Stderr, in.Text()) // what went wrong, and on which machine
			}
			failed = failed || len(words) > 0 && (words[0] == "FAIL" || words[0] == "panic:")
			continue
		}
		name := strings.TrimPrefix(processors.ReplaceAllString(words[0], ""), "Benchmark")
		if measured[name] == nil {
			measured[name] = map[string]float64{}
		}
		for i := 2; i+1 < len(words); i += 2 {
			if v, err := strconv.ParseFloat(words[i], 64); err == nil {
				measured[name][words[i+1]] = v
			}
		}
	}
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "what\tgoal\tmeasured\tof the goal\t\t")
	for _, r := range rows {
		of := measured[r.benchmark]
		v, ok := of[r.metric]
		sign, verdict, share := "≤", "met", v/r.goal
		if r.least {
			sign = "≥"
		}
		switch {
		case !ok:
			fmt.Fprintf(out, "%s\t%s %s %s\t—\t\tnot measured\t\n", r.what, sign, number(r.goal), r.unit)
			continue
		case v > r.goal && !r.least, v < r.goal && r.least:
			verdict = "missed"
		}
		beside := ""
		if w, ok := of[r.beside]; ok {
			beside = number(w) + " " + r.beside
		}
		fmt.Fprintf(out, "%s\t%s %s %s\t%s %s\t%.2f\t%s\t%s\n", r.what, sign, number(r.goal), r.unit, number(v), r.unit, share, verdict, beside)
	}
	_ = out.Flush()
	if failed {
		os.Exit(1) // a goal that is missed is no failure: machines differ
	}
}

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

func number(v float64) string {
	switch {
	case v >= 1000:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 1, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}
