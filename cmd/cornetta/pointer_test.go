//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhatHelpsIsPointedTo: at a terminal a failure says where the guides have more, in
// the person's language; a script's log, and who has no guides, are spared it.
func TestWhatHelpsIsPointedTo(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: without the programs")
	}
	root := t.TempDir()
	program, err := os.ReadFile(filepath.Join(programs, "cornetta"))
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(root, "bin", "cornetta")
	if err := os.Mkdir(filepath.Dir(bin), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bin, program, 0o755); err != nil {
		t.Fatal(err)
	}
	says := func(language, command string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "script", "-qfc", command, "/dev/null")
		cmd.Env = []string{"HOME=" + root, "XDG_RUNTIME_DIR=" + root, "PATH=" + filepath.Dir(bin) + ":" + os.Getenv("PATH"), "CORNETTA_LANGUAGE=" + language}
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	if got := says("en", "cornetta account show"); !strings.Contains(got, "no account") || strings.Contains(got, "What helps") {
		t.Errorf("without guides: %q", got)
	}
	docs, err := filepath.Abs(filepath.Join("..", "..", "docs"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(docs, filepath.Join(root, "docs")); err != nil {
		t.Fatal(err)
	}
	if got, want := says("en", "cornetta account show"), "What helps is in "+filepath.Join(root, "docs", "en", "trouble.md")+", under not_set_up."; !strings.Contains(got, want) {
		t.Errorf("no %q in %q", want, got)
	}
	if got := says("it", "cornetta account show"); !strings.Contains(got, "Che cosa fare è in "+filepath.Join(root, "docs", "it")) {
		t.Errorf("in Italian: %q", got)
	}
	for _, command := range []string{"cornetta account show 2>&1 | cat", "cornetta explain abc", "cornetta account set --host h --user u --tenant x"} {
		if got := says("en", command); strings.Contains(got, "What helps") {
			t.Errorf("%s says where the guides are: %q", command, got)
		}
	}
}
