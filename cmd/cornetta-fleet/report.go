package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// table prints rows of cells, the first of each flush left.
func (e *env) table(rows ...[]string) {
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(w, strings.Join(r, "\t"))
	}
	_ = w.Flush()
}

// quantiles is the median, the 99th percentile and the maximum of some times.
func quantiles(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	slices.Sort(all)
	at := func(p int) time.Duration { return all[min(len(all)-1, len(all)*p/100)].Round(100 * time.Microsecond) }
	return fmt.Sprintf("p50 %v, p99 %v, most %v", at(50), at(99), at(100))
}

// median of some numbers; 0 of none.
func median(all []float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// tally counts by name.
type tally map[string]int

// rows are the names with their counts, the most frequent first.
func (t tally) rows() [][]string {
	var names []string
	for name := range t {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if t[a] != t[b] {
			return t[b] - t[a]
		}
		return strings.Compare(a, b)
	})
	var rows [][]string
	for _, name := range names {
		rows = append(rows, []string{"  " + name, strconv.Itoa(t[name])})
	}
	return rows
}

// processorTime is what a process has used so far. Only Linux tells, in steps
// of 10 ms; pid 0 and other systems give false.
func processorTime(pid int) (time.Duration, bool) {
	if pid <= 0 {
		return 0, false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, false
	}
	// The name, in brackets, may hold blanks; behind it, the 12th and 13th are
	// the ticks in user and in kernel mode.
	_, after, _ := strings.Cut(string(stat), ") ")
	field := strings.Fields(after)
	if len(field) < 13 {
		return 0, false
	}
	user, err1 := strconv.Atoi(field[11])
	kernel, err2 := strconv.Atoi(field[12])
	return time.Duration(user+kernel) * 10 * time.Millisecond, err1 == nil && err2 == nil
}

// meter measures over a time.
type meter struct {
	pbx   int
	began time.Time
	cpu   [2]time.Duration // the PBX's, our own
	known [2]bool
}

func (e *env) meter() meter {
	m := meter{pbx: e.cli.PBXPID, began: time.Now()}
	m.cpu, m.known = m.now()
	return m
}

func (m meter) now() (cpu [2]time.Duration, known [2]bool) {
	cpu[0], known[0] = processorTime(m.pbx)
	cpu[1], known[1] = processorTime(os.Getpid())
	return cpu, known
}

// cores are how much of one processor the PBX and we have used since; negative
// where nobody can tell.
func (m meter) cores() (pbx, own float64) {
	cpu, known := m.now()
	took := time.Since(m.began)
	each := [2]float64{-1, -1}
	for i := range each {
		if known[i] && m.known[i] {
			each[i] = (cpu[i] - m.cpu[i]).Seconds() / took.Seconds()
		}
	}
	return each[0], each[1]
}

func cores(c float64) string {
	if c < 0 {
		return "unknown"
	}
	return fmt.Sprintf("%.3f", c)
}

// memory is what the Go runtime has taken of the system for us, in bytes. The
// garbage is collected first, so that two of them can be compared.
func memory() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse) //nolint:gosec // far below
}
