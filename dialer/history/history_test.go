package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"cornetta/dialer/call"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func entry(i int) Entry {
	return Entry{
		At:     time.Date(2026, 11, 23, 9, 0, i, 0, time.UTC),
		Number: fmt.Sprintf("0050%06d", i), State: call.Ended, Duration: time.Duration(i) * time.Second,
	}
}

func open(t *testing.T, path string) *History {
	t.Helper()
	h, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func add(t *testing.T, h *History, es ...Entry) {
	t.Helper()
	for _, e := range es {
		if err := h.Add(e); err != nil {
			t.Fatal(err)
		}
	}
}

func equal(t *testing.T, got, want []Entry) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Entry{}, "ID")); diff != "" {
		t.Error(diff)
	}
}

func TestNewestFirstOnePerNumber(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state", "cornetta", "history.jsonl")
	again := entry(9)
	again.Number, again.State, again.Cause = entry(1).Number, call.Failed, call.Busy
	for _, h := range []*History{open(t, ""), open(t, path)} {
		add(t, h, entry(1), entry(2), entry(3), again)
		equal(t, h.Recent(10), []Entry{again, entry(3), entry(2)})
		equal(t, h.Recent(2), []Entry{again, entry(3)})
		equal(t, h.All(), []Entry{again, entry(3), entry(2), entry(1)})
		if got := h.Recent(0); len(got) != 0 {
			t.Errorf("Recent(0): %v", got)
		}
	}
	equal(t, open(t, path).All(), []Entry{again, entry(3), entry(2), entry(1)})
}

func TestKeepsSoMany(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	for _, h := range []*History{open(t, ""), open(t, path)} {
		h.SetKeep(Keep{Entries: 50})
		var want []Entry
		for i := range 167 {
			add(t, h, entry(i))
			want = append([]Entry{entry(i)}, want...)
			equal(t, h.All(), want[:min(50, len(want))])
		}
		equal(t, h.Recent(100), want[:50])
		if h.path == "" {
			continue
		}
		again := open(t, path)
		again.SetKeep(Keep{Entries: 50})
		equal(t, again.All(), want[:50])
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if lines := strings.Count(string(data), "\n"); lines > 56 {
			t.Errorf("the file has grown to %d lines", lines)
		}
	}
}

func TestKeepsSoLong(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	h := open(t, path)
	now := entry(0).At.AddDate(0, 0, 40)
	h.now = func() time.Time { return now }
	var want []Entry
	for day := range 40 {
		e := entry(day)
		e.At = now.AddDate(0, 0, day-39)
		add(t, h, e)
		if day >= 30 {
			want = append([]Entry{e}, want...)
		}
	}
	h.SetKeep(Keep{Entries: Max, Days: 9})
	equal(t, h.All(), want)
	equal(t, h.Recent(100), want)
	if err := h.Trim(); err != nil {
		t.Fatal(err)
	}
	equal(t, open(t, path).All(), want) // the others are not in the file
	now = now.AddDate(0, 0, 1)
	equal(t, h.All(), want[:9])
	now = now.AddDate(0, 0, 100)
	if err := h.Trim(); err != nil {
		t.Fatal(err)
	}
	if got := open(t, path).All(); len(got) != 0 {
		t.Error(got)
	}
	e := entry(41)
	e.At = now
	add(t, h, e)
	if got := h.All(); len(got) != 1 || got[0].ID != 41 {
		t.Errorf("%+v", got)
	}
}

// Who wants nothing kept has nothing kept, also of what was there.
func TestKeepsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	h := open(t, path)
	add(t, h, entry(1), entry(2))
	h.SetKeep(Keep{})
	if len(h.All())+len(h.Recent(9)) != 0 {
		t.Error("they are shown")
	}
	add(t, h, entry(3))
	if err := h.Trim(); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || strings.Contains(string(data), "0050") {
		t.Errorf("in the file is %q, %v", data, err)
	}
	h.SetKeep(Keep{Entries: 5})
	add(t, h, entry(4))
	equal(t, open(t, path).All(), []Entry{entry(4)})
}

func TestPermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has access lists in their place")
	}
	path := filepath.Join(t.TempDir(), "cornetta", "history.jsonl")
	h := open(t, path)
	h.SetKeep(Keep{Entries: 10})
	for i := range 13 { // appended, then rewritten
		add(t, h, entry(i))
		for p, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
			if info, err := os.Stat(p); err != nil || info.Mode().Perm() != want {
				t.Fatalf("%s after %d: %v, %v", p, i+1, info.Mode(), err)
			}
		}
	}
}

// A damaged line costs its own call and no other.
func TestDamagedLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	h := open(t, path)
	add(t, h, entry(1))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"not json\n", "\n", "{}\n", "[1,2]\n", "\x00\x00\x00\n",
		`{"at":"2026-11-23T09:00:00Z","number":"0,SIP/x","state":"ended"}` + "\n",
		`{"at":"2026-11-23T09:00:00Z","number":"` + strings.Repeat("1", 9000) + `"}` + "\n",
	} {
		if _, err := f.WriteString(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	add(t, open(t, path), entry(2))
	equal(t, open(t, path).All(), []Entry{entry(2), entry(1)})
}

// A file that was cut anywhere loses at most the call that was cut, and takes
// the next one.
func TestCutAnywhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	add(t, open(t, path), entry(1), entry(2))
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first := strings.Index(string(data), "\n")
	for n := range data {
		if err := os.WriteFile(path, data[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		var want []Entry
		if n >= first {
			want = []Entry{entry(1)}
		}
		if n == len(data)-1 { // only the line end is gone
			want = []Entry{entry(2), entry(1)}
		}
		h := open(t, path)
		if diff := cmp.Diff(want, h.All(), cmpopts.EquateEmpty(), cmpopts.IgnoreFields(Entry{}, "ID")); diff != "" {
			t.Fatalf("cut at %d: %s", n, diff)
		}
		add(t, h, entry(3))
		if got := open(t, path).All(); len(got) != len(want)+1 || got[0].Number != entry(3).Number {
			t.Fatalf("cut at %d: the next call is lost: %v", n, got)
		}
	}
}

// What has no call in it is kept aside, and the next call begins a new list.
func TestSpoiled(t *testing.T) {
	for name, text := range map[string]string{
		"zeros":    strings.Repeat("\x00", 10_000),
		"binary":   "\x7fELF\xff\n\xfe\n",
		"another":  "[Desktop Entry]\nName=Cornetta\n",
		"too much": strings.Repeat("junk\n", 1<<20),
	} {
		path := filepath.Join(t.TempDir(), "history.jsonl")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		h, err := Open(path)
		if !errors.Is(err, errNoCalls) {
			t.Errorf("%s: %v", name, err)
		}
		add(t, h, entry(1), entry(2))
		equal(t, open(t, path).All(), []Entry{entry(2), entry(1)})
		if kept, err := os.ReadFile(path + ".damaged"); err != nil || string(kept) != text {
			t.Errorf("%s: kept are %d bytes, %v", name, len(kept), err)
		}
	}
}

// So is what is no file.
func TestFolderInItsPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	h, err := Open(path)
	if err == nil {
		t.Error("it was read")
	}
	add(t, h, entry(1))
	equal(t, open(t, path).All(), []Entry{entry(1)})
	if info, err := os.Stat(path + ".damaged"); err != nil || !info.IsDir() {
		t.Error(err)
	}
}

// Of a file that has grown too large its end is read, which has the latest calls; it
// is cut when the next one is added. (The first part is a hole.)
func TestTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	if err := errors.Join(os.WriteFile(path, nil, 0o600), os.Truncate(path, maxFile+1)); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(json.NewEncoder(addLine(t, f)).Encode(entry(1)), f.Close()); err != nil {
		t.Fatal(err)
	}
	h := open(t, path)
	equal(t, h.All(), []Entry{entry(1)})
	add(t, h, entry(2))
	if info, err := os.Stat(path); err != nil || info.Size() > maxLine {
		t.Errorf("it has %d bytes, %v", info.Size(), err)
	}
	equal(t, open(t, path).All(), []Entry{entry(2), entry(1)})
}

// addLine ends the line that f ends with.
func addLine(t *testing.T, f *os.File) *os.File {
	if _, err := f.WriteString("\n"); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestRefusesWhatIsNoCall(t *testing.T) {
	h := open(t, "")
	for _, number := range []string{"", "12 34", "1+2", "0\r\nAction: Command", strings.Repeat("1", 44)} {
		e := entry(1)
		e.Number = number
		if err := h.Add(e); err == nil {
			t.Errorf("%q was kept", number)
		}
	}
	if got := h.All(); len(got) != 0 {
		t.Error(got)
	}
}

// Where nothing can be stored, the history still works until the program ends.
func TestNoPlaceToStore(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h, _ := Open(filepath.Join(file, "history.jsonl"))
	_ = h.Add(entry(1))
	equal(t, h.All(), []Entry{entry(1)})
}

func TestConcurrentUse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.jsonl")
	// Two histories of one file are the agent and the command line.
	hs := []*History{open(t, path), open(t, path)}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 40 {
				if err := hs[w%2].Add(entry(100*w + i)); err != nil {
					t.Error(err)
				}
				hs[w%2].Recent(5)
			}
		})
	}
	wg.Wait()
	if got := open(t, path).All(); len(got) != 160 {
		t.Errorf("%d calls of 160 are in the file", len(got))
	}
}

func TestDefaultPath(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_STATE_HOME", dir)
	path, err := DefaultPath()
	if err != nil || !filepath.IsAbs(path) {
		t.Fatalf("%q, %v", path, err)
	}
	if runtime.GOOS == "linux" {
		if path != filepath.Join(dir, "cornetta", "history.jsonl") {
			t.Errorf("got %q", path)
		}
		t.Setenv("XDG_STATE_HOME", "relative")
		t.Setenv("HOME", dir)
		if path, err := DefaultPath(); err != nil || path != filepath.Join(dir, ".local/state/cornetta/history.jsonl") {
			t.Errorf("got %q, %v", path, err)
		}
	}
}
