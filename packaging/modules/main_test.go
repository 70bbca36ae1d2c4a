package main

import (
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestTableIsOfToday: every module stands in the table as it is required, and one that
// is not the newest with a reason.
func TestTableIsOfToday(t *testing.T) {
	t.Chdir("../..")
	table, err := read(tablePath)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, file := range modFiles {
		required, err := requirements(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(required) < 10 {
			t.Errorf("%s requires %d modules: was it read?", file, len(required))
		}
		for path, version := range required {
			seen++
			m := table[module{file: file, path: path}.key()]
			switch {
			case m.version != version:
				t.Errorf("%s: %s is %s, the table says %q: run `make outdated`", file, path, version, m.version)
			case m.version != m.newest && m.why == "":
				t.Errorf("%s: %s is %s, not %s: %s has to say why", file, path, version, m.newest, tablePath)
			case m.version == m.newest && m.why != "":
				t.Errorf("%s: %s is the newest, and is said to be held back: %s", file, path, m.why)
			}
		}
	}
	if len(table) != seen {
		t.Errorf("the table has %d modules, %d are required", len(table), seen)
	}
}

// What is written is what is read.
func TestTable(t *testing.T) {
	path := filepath.Join(t.TempDir(), "table")
	want := map[string]module{}
	for _, m := range []module{
		{"go.mod", "example.com/a", "v1.0.0", "v1.0.0", ""},
		{"go.mod", "example.com/b/v2", "v2.0.0", "v2.1.0", "it does not build on Windows"},
		{"tools.mod", "example.com/a", "v1.0.0", "v1.2.0", "as Fyne has it"},
	} {
		want[m.key()] = m
	}
	if err := write(path, want); err != nil {
		t.Fatal(err)
	}
	got, err := read(path)
	if err != nil || len(got) != len(want) {
		t.Fatalf("%v, %v", got, err)
	}
	for key, m := range want {
		if got[key] != m {
			t.Errorf("%+v, want %+v", got[key], m)
		}
	}
}
