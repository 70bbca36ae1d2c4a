package trail

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"cornetta/dialer/call"
)

// partVariable has a copy of the test program write one file and end, so that it
// can be killed in the middle.
const partVariable = "CORNETTA_TRAIL_TEST_PART"

func play() (code int, played bool) {
	part := os.Getenv(partVariable)
	if part == "" {
		return 0, false
	}
	dir := os.Args[1]
	runtime.LockOSThread() // strace counts the system calls of each thread by itself
	tr := Open(dir)
	var err error
	switch part {
	case "begin":
		err = tr.Begin(record(2, call.Requested))
	case "update":
		if left := tr.Adopt(noon); len(left) != 1 {
			err = fmt.Errorf("%d calls", len(left))
		} else {
			left[0].Call.State, left[0].Call.Seen = call.RingingFar, noon.Add(time.Minute)
			err = tr.Update(left[0])
		}
	case "end":
		tr.Adopt(noon)
		tr.End(record(1, "").ID())
	}
	if err != nil {
		fmt.Println(err)
		return 1, true
	}
	return 0, true
}

// TestKilledAtEachSystemCall: a program that is killed at any system call of
// writing, moving or removing a call leaves the call as it was or as it was to
// be; the next program takes that up, and leaves nothing behind.
func TestKilledAtEachSystemCall(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: a hundred processes")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	calls := []string{"/^open", "/^fchmod", "/^chmod", "flock", "write", "fsync", "close", "/^rename", "/^unlink"}
	for _, tc := range []struct {
		part         string
		before, then string // the states that there are
		after        int    // how many system calls there are behind the one that counts
	}{
		{"begin", "", "requested", 0},
		{"update", "ringing_own", "ringing_far", 1},
		{"end", "ringing_own", "", 1},
	} {
		t.Run(tc.part, func(t *testing.T) {
			t.Parallel()
			seen := map[string]int{}
			for _, name := range calls {
				for n := 1; ; n++ {
					dir := filepath.Join(t.TempDir(), "calls")
					if tc.before != "" {
						tr := Open(dir)
						if err := tr.Begin(record(1, call.RingingOwn)); err != nil {
							t.Fatal(err)
						}
						tr.Close()
					}
					var out bytes.Buffer
					cmd := exec.Command("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace="+strings.Join(calls, ","),
						"-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", name, n), exe, dir)
					cmd.Env = append(os.Environ(), partVariable+"="+tc.part, "GORACE=atexit_sleep_ms=0")
					cmd.Stdout, cmd.Stderr = &out, &out
					_ = cmd.Run()
					if out.Len() > 0 {
						t.Fatalf("at %s %d: %s", name, n, out.String())
					}
					tr := Open(dir)
					var states []string
					for _, r := range tr.Adopt(noon.Add(time.Hour)) {
						states = append(states, string(r.Call.State))
						tr.End(r.ID())
					}
					state := strings.Join(states, " ")
					if state != tc.before && state != tc.then {
						t.Fatalf("killed at %s %d: %q is left", name, n, state)
					}
					if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) != 0 {
						t.Fatalf("killed at %s %d: %v stays", name, n, left)
					}
					if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) != 0 {
						t.Fatalf("killed at %s %d: %v stays", name, n, left)
					}
					ended := cmd.ProcessState.Sys().(syscall.WaitStatus)
					if !ended.Signaled() && ended.ExitStatus() == 0 {
						break
					}
					seen[state]++
				}
			}
			t.Logf("killed: %v", seen)
			if seen[tc.before] < 3 || seen[tc.then] < tc.after {
				t.Error("it was not killed at each")
			}
		})
	}
}
