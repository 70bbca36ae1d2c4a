package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"cornetta/ui/words"
)

// TestTemplatesAreInstalled: the templates of group policies that are described are those
// that the script writes, in a folder for each language.
func TestTemplatesAreInstalled(t *testing.T) {
	dir := t.TempDir()
	cornetta := filepath.Join(dir, "cornetta")
	script := "#!/bin/sh\n[ $2 != languages ] || printf '%s\\n' " + strings.Join(words.Languages(), " ") + "\n"
	if err := os.WriteFile(cornetta, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("../../templates.sh", cornetta, filepath.Join(dir, "docs", "policies"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var out strings.Builder
	if err := write(&out, "1.2.3"); err != nil {
		t.Fatal(err)
	}
	all := templates(words.Languages()).All()
	if len(all) != 1+len(words.Languages()) {
		t.Errorf("there are %q", all)
	}
	for _, f := range all {
		if _, err := os.Stat(filepath.Join(dir, f)); err != nil {
			t.Error(err)
		}
		if strings.Count(out.String(), `Source="`+f+`"`) != 1 || strings.Count(out.String(), `<ComponentRef Id="`+guideID(f)+`"/>`) != 1 {
			t.Errorf("%s is not installed", f)
		}
	}
}
