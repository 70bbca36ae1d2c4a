package history

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"cornetta/dialer/call"
)

// FuzzOpen: whatever is in the file, nothing but calls that could be made again
// comes out of it, and the next call is kept beside them.
func FuzzOpen(f *testing.F) {
	const line = `{"at":"2026-01-02T03:04:05Z","number":"0390501234502","state":"ended","duration_ns":61000000000}` + "\n"
	f.Add([]byte(""))
	f.Add([]byte(line))
	f.Add([]byte(line + line[:40]))
	f.Add([]byte(line[:40] + "\n" + line))
	f.Add([]byte("\xff\x00\n\n\r\n{}\nnull\n[1]\n" + line))
	f.Add([]byte(`{"at":"2026-01-02T03:04:05Z","number":"1\r\nAction: Command","state":"ended"}` + "\n"))
	f.Add([]byte(`{"at":"2026-01-02T03:04:05Z","number":"12","duration_ns":-1}` + "\n" + `{"at":"x","number":"12"}` + "\n"))
	f.Add(append(bytes.Repeat([]byte("x"), maxLine+1), "\n"+line...))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		// The workers of one run share dir.
		file, err := os.CreateTemp(dir, "")
		if err != nil {
			t.Fatal(err)
		}
		defer os.Remove(file.Name())
		_, err = file.Write(data)
		if file.Close(); err != nil {
			t.Fatal(err)
		}
		h, err := Open(file.Name())
		if err != nil && !errors.Is(err, errNoCalls) {
			t.Fatal(err)
		}
		defer os.Remove(file.Name() + ".damaged")
		before := h.All()
		if len(before) > Max || len(h.Recent(5)) > 5 {
			t.Fatalf("%d entries", len(before))
		}
		for _, e := range before {
			if !valid(e) {
				t.Fatalf("%+v could not be called", e)
			}
		}
		now := Entry{At: time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC), Number: "0390501234507", State: call.Ended}
		if err := h.Add(now); err != nil {
			t.Fatal(err)
		}
		if err := h.Add(Entry{At: now.At, Number: string(data)}); err == nil && len(dialSigns(data)) != len(data) {
			t.Fatalf("%q was taken for a number", data)
		}
		want := h.All()
		if len(data) >= maxFile { // what is behind that is not read
			return
		}
		again, err := Open(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		got := again.All()
		for i := range got { // a time zone is read as another pointer
			got[i].At, want[i].At = got[i].At.UTC(), want[i].At.UTC()
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("from %s\n%+v\nbecame\n%+v", filepath.Base(file.Name()), want, got)
		}
	})
}

func dialSigns(text []byte) []byte {
	return bytes.Map(func(r rune) rune {
		if bytes.ContainsRune([]byte("+0123456789*#"), r) {
			return r
		}
		return -1
	}, text)
}
