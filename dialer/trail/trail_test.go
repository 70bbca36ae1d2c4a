package trail

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cornetta/dialer/call"
	"cornetta/dialer/call/tracker"
	"cornetta/dialer/config"
)

func TestMain(m *testing.M) {
	if code, played := play(); played {
		os.Exit(code)
	}
	goleak.VerifyTestMain(m)
}

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// record is a call, the i-th.
func record(i int, s call.State) Record {
	a := config.Default().Account
	a.Host, a.Username, a.Extension = "pbx.example.com", "clicktocall", "7101"
	a.Tenant = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
	id := fmt.Sprintf("cornetta-%016x", i)
	return Record{Version: version, Account: a, Call: tracker.Memo{
		Request: tracker.Request{
			ID: id, ActionID: id, ChannelID: id + "-1", OtherChannelID: id + "-2",
			Channel: "Local/7101@c2c", Number: "0390501234507", CallerName: "c2c: 0390501234507",
			Extension: "7101", RingTime: 10 * time.Second,
		},
		State: s, Requested: noon.Add(time.Duration(i) * time.Second), Seen: noon.Add(time.Duration(i) * time.Second),
		Legs: []tracker.MemoLeg{{ID: id + "-1", Name: "Local/7101@c2c-0;1", Side: "one"}, {ID: "1764.12", Name: "PJSIP/7101-0000001f", Side: "own"}},
	}}
}

func ids(rs []Record) (out []string) {
	for _, r := range rs {
		out = append(out, r.ID())
	}
	return out
}

// TestTrail: what one program leaves the next one takes up, newest first, and what
// has ended is gone.
func TestTrail(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state", "calls")
	first := Open(dir)
	defer first.Close()
	for i := range 3 {
		if err := first.Begin(record(i, call.Requested)); err != nil {
			t.Fatal(err)
		}
	}
	moved := record(1, call.InCall)
	moved.Call.Answered = noon.Add(time.Minute)
	moved.Call.Seen = moved.Call.Answered
	if err := first.Update(moved); err != nil {
		t.Fatal(err)
	}
	if err := first.Update(record(1, call.RingingOwn)); err != nil { // overtaken
		t.Fatal(err)
	}
	first.End(record(2, "").ID())
	if err := first.Update(record(2, call.InCall)); err != nil || first.Holds(record(2, "").ID()) {
		t.Error("one that has ended is back", err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 4 {
		t.Errorf("%v, %v", files, err)
	}

	second := Open(dir)
	defer second.Close()
	if got := second.Adopt(noon); len(got) != 0 {
		t.Errorf("taken from a program that runs: %v", ids(got))
	}
	first.Close() // as its end does
	got := second.Adopt(noon.Add(time.Hour))
	if want := []string{record(1, "").ID(), record(0, "").ID()}; !slices.Equal(ids(got), want) {
		t.Fatalf("%v, want %v", ids(got), want)
	}
	if got[0].Call.State != call.InCall || !got[0].Call.Answered.Equal(moved.Call.Answered) || !slices.Equal(got[0].Call.Legs, moved.Call.Legs) || got[0].Account != moved.Account {
		t.Errorf("%+v", got[0])
	}
	if again := second.Adopt(noon); len(again) != 0 {
		t.Errorf("adopted twice: %v", ids(again))
	}
	if third := Open(dir).Adopt(noon); len(third) != 0 {
		t.Errorf("adopted by two: %v", ids(third))
	}
	for _, r := range got {
		second.End(r.ID())
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("left: %v, %v", files, err)
	}
}

// TestNoNumberInSight: a search through a folder finds numbers in the history only.
func TestNoNumberInSight(t *testing.T) {
	data, err := encode(record(1, call.InCall))
	if err != nil || strings.Contains(string(data), "0501234507") {
		t.Errorf("%s, %v", data, err)
	}
}

// TestNoTrail: nowhere to keep anything is no obstacle.
func TestNoTrail(t *testing.T) {
	none := Open("")
	r := record(1, call.Requested)
	if err := errors.Join(none.Begin(r), none.Update(r)); err != nil || none.Holds(r.ID()) || none.Adopt(noon) != nil {
		t.Error(err)
	}
	none.End(r.ID())
	none.Close()
	if got := Open(filepath.Join(t.TempDir(), "missing")).Adopt(noon); got != nil {
		t.Error(got)
	}
}

// TestPlanted: whatever lies in the directory that is no call of ours is removed
// unread.
func TestPlanted(t *testing.T) {
	good, err := encode(record(7, call.RingingOwn))
	if err != nil {
		t.Fatal(err)
	}
	id := record(7, "").ID()
	write := func(data []byte) func(string) error {
		return func(path string) error { return os.WriteFile(path, data, 0o600) }
	}
	// edit changes the file, or what is in base64 in it.
	edit := func(old, with string) func(string) error {
		if strings.Contains(string(good), old) {
			return write([]byte(strings.Replace(string(good), old, with, 1)))
		}
		var l layout
		if err := json.Unmarshal(good, &l); err != nil || !strings.Contains(string(l.Call), old) {
			t.Fatalf("there is no %s in %s: %v", old, l.Call, err)
		}
		l.Call = []byte(strings.Replace(string(l.Call), old, with, 1))
		bad, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		return write(bad)
	}
	for name, plant := range map[string]func(path string) error{
		"nothing in it":      write(nil),
		"cut":                write(good[:len(good)-1]),
		"more behind it":     write(append(slices.Clone(good), '{')),
		"too large":          write(append(slices.Clone(good), make([]byte, 10*maxFile)...)),
		"large, of blanks":   write(append(slices.Clone(good), []byte(strings.Repeat(" ", maxFile))...)),
		"a directory":        func(path string) error { return os.Mkdir(path, 0o700) },
		"another version":    edit(`"version":1`, `"version":2`),
		"a key nobody knows": edit(`"version":1`, `"version":1,"dial":"now"`),
		"another id":         edit(`"ID":"`+id, `"ID":"cornetta-00000000000000ff`),
		"no id":              edit(`"ID":"`+id, `"ID":"../../x`),
		"another ChannelId":  edit(`"ChannelID":"`+id+`-1`, `"ChannelID":"1764.1`),
		"another channel":    edit(`Local/7101@c2c"`, `PJSIP/7105"`),
		"no number":          edit(`"Number":"0390501234507"`, `"Number":"1,EVIL"`),
		"another caller":     edit(`c2c: 0390501234507`, `c2c: 0390501234508`),
		"a pattern":          edit(`"PJSIP/7101-0000001f"`, `"PJSIP/7101\r\nAction: x"`),
		"a side":             edit(`"side":"own"`, `"side":"mine"`),
		"one leg twice":      edit(`"id":"1764.12"`, `"id":"`+id+`-1"`),
		"over":               edit(`"state":"ringing_own"`, `"state":"ended"`),
		"a cause in words":   edit(`"state":"ringing_own"`, `"state":"ringing_own","cause":"Call 112"`),
		"no host":            edit(`"pbx.example.com"`, `""`),
		"too old":            edit(`"seen_at":"2026`, `"seen_at":"2020`),
		"of the future":      edit(`"seen_at":"2026`, `"seen_at":"2030`),
		"no time":            edit(`"seen_at":"2026-11-25T12:00:07Z"`, `"seen_at":"0001-01-01T00:00:00Z"`),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := plant(filepath.Join(dir, id+fileExt)); err != nil {
				t.Fatal(err)
			}
			for _, other := range []string{"README", "cornetta-12.json", "." + id + ".json123", id + ".lock"} {
				if err := os.WriteFile(filepath.Join(dir, other), good, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got := Open(dir).Adopt(noon.Add(time.Hour)); len(got) != 0 {
				t.Errorf("taken for a call: %+v", got)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
				t.Errorf("left: %v, %v", left, err)
			}
		})
	}
	t.Run("as it is", func(t *testing.T) {
		dir := t.TempDir()
		if err := write(good)(filepath.Join(dir, id+fileExt)); err != nil {
			t.Fatal(err)
		}
		tr := Open(dir)
		defer tr.Close()
		if got := tr.Adopt(noon.Add(time.Hour)); !slices.Equal(ids(got), []string{id}) {
			t.Error(got)
		}
	})
}

// TestDamaged: a file with any one byte changed is either read as a call that
// passes every check, or not at all.
func TestDamaged(t *testing.T) {
	good, err := encode(record(7, call.RingingOwn))
	if err != nil {
		t.Fatal(err)
	}
	for i := range good {
		for _, b := range []byte{0, '"', '}', 0xff, good[i] ^ 1} {
			bad := slices.Clone(good)
			bad[i] = b
			if r, err := decode(bad); err == nil && r.validate() != nil {
				t.Fatalf("byte %d as %q is a call: %s", i, b, bad)
			}
		}
		if _, err := decode(good[:i]); err == nil {
			t.Fatalf("cut at %d it is a call", i)
		}
	}
}

// FuzzDecode: whatever is read from the disk is refused, or is a call that can be
// written again as it is.
func FuzzDecode(f *testing.F) {
	for _, s := range []call.State{call.Requested, call.InCall, call.Ended} {
		data, _ := encode(record(1, s))
		f.Add(data)
	}
	f.Add([]byte(`{"version":1}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decode(data)
		if err != nil {
			return
		}
		again, err := encode(r)
		if err != nil {
			t.Fatalf("%s\nis read and cannot be written: %v", data, err)
		}
		back, err := decode(again)
		if err != nil || back.ID() != r.ID() || !back.Call.Requested.Equal(r.Call.Requested) || !slices.Equal(back.Call.Legs, r.Call.Legs) {
			t.Fatalf("%+v\nbecame %+v, %v", r, back, err)
		}
		c := tracker.Recall(r.Call)
		if c.Snapshot().Live() || len(c.Channels()) != 0 {
			t.Fatalf("%+v is taken for live", c.Snapshot())
		}
		c.Restore(nil, noon)
		if s := c.Snapshot(); s.State != call.Unknown || s.Cause != call.EndedUnseen {
			t.Fatalf("nothing lives, and it is %s %q", s.State, s.Cause)
		}
	})
}

// TestContended: of programs that start at once one takes a call up, whatever
// their order.
func TestContended(t *testing.T) {
	for i := range 200 {
		dir := t.TempDir()
		first := Open(dir)
		if err := first.Begin(record(i, call.InCall)); err != nil {
			t.Fatal(err)
		}
		const programs = 4
		got := make(chan int, programs)
		trails := make([]*Trail, programs)
		for p := range programs {
			trails[p] = Open(dir)
			go func() { got <- len(trails[p].Adopt(noon)) }()
		}
		first.Close()
		n := 0
		for range programs {
			n += <-got
		}
		if n > 1 {
			t.Fatalf("taken up by %d", n)
		}
		if n == 0 { // all came before the first had let go
			if left := trails[0].Adopt(noon); len(left) != 1 {
				t.Fatalf("%d calls were left", len(left))
			}
		}
		for _, p := range trails {
			p.End(record(i, "").ID())
			p.Close()
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
			t.Fatalf("left: %v, %v", left, err)
		}
	}
}
