package agent

import (
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
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

// TestGiveBack: less of the program's file is mapped, and it goes on.
func TestGiveBack(t *testing.T) {
	mapped := func() int {
		t.Helper()
		data, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(string(data), "RssFile:")
		kb, err := strconv.Atoi(strings.Fields(after + " x")[0])
		if err != nil {
			t.Fatalf("RssFile is not told: %v", err)
		}
		return kb
	}
	before := mapped()
	giveBack()
	if now := mapped(); now > before*9/10 {
		t.Errorf("of %d kB of files there are %d", before, now)
	}
	giveBack()
}
