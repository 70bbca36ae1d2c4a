package guides

import (
	"os"
	"path/filepath"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestBeside: wherever the program may be installed, and its guides are.
func TestBeside(t *testing.T) {
	for program, docs := range map[string]string{
		"Cornetta": "Cornetta/docs",
		"usr/bin":  "usr/share/doc/cornetta/docs",
		"tree/bin": "tree/docs",
	} {
		root := t.TempDir()
		dir := filepath.Join(root, filepath.FromSlash(program))
		if got := beside(dir, "it", "trouble.md"); got != "" {
			t.Errorf("%s: %s, where there is none", program, got)
		}
		page := filepath.Join(root, filepath.FromSlash(docs), "it", "trouble.md")
		if err := os.MkdirAll(page, 0o755); err != nil { // a folder is no page
			t.Fatal(err)
		}
		if got := beside(dir, "it", "trouble.md"); got != "" {
			t.Errorf("%s: %s, which is a folder", program, got)
		}
		if err := os.Remove(page); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(page, nil, 0o644); err != nil {
			t.Fatal(err)
		}
		if got := beside(dir, "it", "trouble.md"); got != page {
			t.Errorf("%s: %q, want %s", program, got, page)
		}
		if got := beside(dir, "en", "trouble.md"); got != "" {
			t.Errorf("%s: %s in a language that is not there", program, got)
		}
	}
}
