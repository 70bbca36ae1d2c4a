package agent

import (
	"bufio"
	"os"
	"runtime/debug"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"cornetta/internal/durable"
)

// giveBack gives back to the system what the start, a call or a search took: the memory
// that nothing is in any more, and the pages of the program's file, of which the system
// maps sixteen where one is used. Those that are needed again come from its cache.
func giveBack() {
	program, err := os.Readlink("/proc/self/exe")
	if err == nil {
		for _, m := range cleanPages("/proc/self/smaps", program) {
			_, _, _ = unix.Syscall(unix.SYS_MADVISE, m.start, m.end-m.start, unix.MADV_DONTNEED)
		}
	}
	debug.FreeOSMemory()
}

// mapping is a part of the address space.
type mapping struct{ start, end uintptr }

// cleanPages are the mappings of a file that nobody can have written to: read-only, and
// with no page of its own, as relocations would make one.
func cleanPages(smaps, file string) (all []mapping) {
	f, err := durable.Open(smaps)
	if err != nil {
		return nil
	}
	defer f.Close()
	var m mapping
	for lines := bufio.NewScanner(f); lines.Scan(); {
		words := strings.Fields(lines.Text())
		switch {
		case len(words) == 3 && words[0] == "Anonymous:":
			if words[1] == "0" && m.end > m.start {
				all = append(all, m)
			}
			m = mapping{}
		case len(words) >= 6 && !strings.HasSuffix(words[0], ":"):
			m = mapping{}
			from, to, _ := strings.Cut(words[0], "-")
			start, err1 := strconv.ParseUint(from, 16, strconv.IntSize)
			end, err2 := strconv.ParseUint(to, 16, strconv.IntSize)
			readOnly := words[1] == "r-xp" || words[1] == "r--p"
			if err1 == nil && err2 == nil && readOnly && strings.HasSuffix(lines.Text(), " "+file) {
				m = mapping{uintptr(start), uintptr(end)}
			}
		}
	}
	return all
}
