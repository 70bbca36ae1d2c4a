package main

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestGuidesAreInstalled: every page and picture of the guides is in the description, once
// as a file and once in what is installed.
func TestGuidesAreInstalled(t *testing.T) {
	var out strings.Builder
	if err := write(&out, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	root := filepath.Join("..", "..", "..")
	for _, pattern := range []string{"docs/*.md", "docs/*/*.md", "docs/*/*/*.png"} {
		files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %q, %v", pattern, files, err)
		}
		for _, f := range files {
			f = strings.TrimPrefix(filepath.ToSlash(f), "../../../")
			if strings.Count(out.String(), `Source="`+f+`"`) != 1 || strings.Count(out.String(), `<ComponentRef Id="`+guideID(f)+`"/>`) != 1 {
				t.Errorf("%s is not installed", f)
			}
		}
	}
	if strings.Contains(out.String(), ".go") {
		t.Error("a test is installed")
	}
	if _, err := guides("no such folder"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without guides: %v", err)
	}
}
