package agent

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// TestCleanPages: only what is the program's, read-only and as it is in the file.
func TestCleanPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "smaps")
	const text = `00400000-00c3f000 r-xp 00000000 fe:00 12345                              /opt/a b/cornetta
Size:               8444 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
00c3f000-01440000 r--p 0083f000 fe:00 12345                              /opt/a b/cornetta
Anonymous:             0 kB
01440000-01441000 r--p 01040000 fe:00 12345                              /opt/a b/cornetta
Anonymous:             4 kB
01441000-014d8000 rw-p 01041000 fe:00 12345                              /opt/a b/cornetta
Anonymous:             0 kB
014d8000-0153c000 rw-p 00000000 00:00 0
Anonymous:             0 kB
c000000000-c000400000 rw-p 00000000 00:00 0                              [anon: Go: heap]
Anonymous:             0 kB
7f0000000000-7f0000001000 r-xp 00000000 fe:00 12346                      /usr/lib/other
Anonymous:             0 kB
Anonymous:             0 kB
nonsense r-xp 00000000 fe:00 12345 /opt/a b/cornetta
Anonymous:             0 kB
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want := []mapping{{0x400000, 0xc3f000}, {0xc3f000, 0x1440000}}
	if got := cleanPages(path, "/opt/a b/cornetta"); !reflect.DeepEqual(got, want) {
		t.Errorf("%x", got)
	}
}

// TestGiveBack: the program goes on, and less of its file is mapped.
func TestGiveBack(t *testing.T) {
	for range 3 {
		giveBack()
	}
}
