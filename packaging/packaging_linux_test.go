package packaging

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestWhatRunsElsewhere: whatever the workflow, the bundle's script and the formula call
// of this tree is in it, and builds what the Makefile builds.
func TestWhatRunsElsewhere(t *testing.T) {
	t.Chdir("..")
	makefile := read(t, "Makefile")
	tags := regexp.MustCompile(`(?m)^export TAGS := (\S+)$`).FindStringSubmatch(makefile)
	if tags == nil {
		t.Fatal("the Makefile has no tags")
	}
	var targets []string
	for _, m := range regexp.MustCompile(`(?m)^([a-z/-]+):([^=]|$)`).FindAllStringSubmatch(makefile, -1) {
		targets = append(targets, m[1])
	}
	var (
		asked   = regexp.MustCompile(`(?:^|[^\w-])make ([a-z/-]+)`)
		path    = regexp.MustCompile(`(?:\./)?\b(?:cmd|packaging|assets)/[\w./-]*[\w-]|\.ci/\w+|\b[A-Za-z]+\.(?:toml|mod)\b`)
		builds  = regexp.MustCompile(`go"? (?:build|test)|:-go\} (?:build|test)`)
		comment = regexp.MustCompile(`(?m)^\s*#.*$`)
		made    = []string{"packaging/macos/bundle.sh", "packaging/macos/cornetta.rb", ".github/workflows/build.yml"}
	)
	for _, file := range made {
		text := comment.ReplaceAllString(read(t, file), "")
		for _, m := range asked.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(targets, m[1]) {
				t.Errorf("%s: the Makefile has no %s", file, m[1])
			}
		}
		for _, p := range path.FindAllString(text, -1) {
			if info, err := os.Stat(p); err != nil {
				t.Errorf("%s: %v", file, err)
			} else if program := strings.HasSuffix(p, ".sh") || strings.HasPrefix(p, ".ci/"); program && info.Mode()&0o111 == 0 {
				t.Errorf("%s: %s cannot be run", file, p)
			}
		}
		if builds.MatchString(text) && !strings.Contains(text, "-tags="+tags[1]) {
			t.Errorf("%s builds without %s", file, tags[1])
		}
	}

	// The pictures of a bundle, whose names the script makes.
	for _, size := range []string{"16", "32", "64", "128", "256", "512"} {
		if _, err := os.Stat(filepath.Join("assets", "icons", size+".png")); err != nil {
			t.Error(err)
		}
	}
}

// TestPropertyList: Info.plist is one, with a key to each value.
func TestPropertyList(t *testing.T) {
	d := xml.NewDecoder(strings.NewReader(read(t, filepath.Join("macos", "Info.plist"))))
	var within []string
	var keys []string
	expects := map[int]string{} // in a dict: what comes next, at its depth
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if n := len(within); n > 0 && within[n-1] == "dict" {
				if isKey := e.Name.Local == "key"; isKey != (expects[n] != "value") {
					t.Errorf("in a dict after %q: %s", keys, e.Name.Local)
				} else if isKey {
					expects[n] = "value"
				} else {
					expects[n] = "key"
				}
			}
			within = append(within, e.Name.Local)
			delete(expects, len(within))
			if !slices.Contains([]string{"plist", "dict", "array", "key", "string", "true", "false", "integer"}, e.Name.Local) {
				t.Errorf("a property list has no %s", e.Name.Local)
			}
		case xml.EndElement:
			if e.Name.Local == "dict" && expects[len(within)] == "value" {
				t.Errorf("%s has no value", keys[len(keys)-1])
			}
			within = within[:len(within)-1]
		case xml.CharData:
			if len(within) > 0 && within[len(within)-1] == "key" {
				keys = append(keys, string(e))
			}
		}
	}
	for _, key := range []string{"CFBundleIdentifier", "CFBundleExecutable", "LSUIElement", "CFBundleURLTypes", "CFBundleURLSchemes"} {
		if !slices.Contains(keys, key) {
			t.Errorf("%s is missing; there are %q", key, keys)
		}
	}
}

// TestScriptsParse: every shell script of the tree is one for the shell that it names.
func TestScriptsParse(t *testing.T) {
	t.Chdir("..")
	found := 0
	for _, pattern := range []string{"packaging/*.sh", "packaging/*/*.sh", "ami/*/*.sh", ".ci/*"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			found++
			shell := "sh"
			if first, _, _ := strings.Cut(read(t, file), "\n"); strings.Contains(first, "bash") || !strings.HasPrefix(first, "#!") {
				shell = "bash" // debian.sh is read by one
			}
			if _, err := exec.LookPath(shell); err != nil && os.Getenv("CI") == "" {
				t.Skip(err)
			} else if err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command(shell, "-n", file).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", file, err, out)
			}
		}
	}
	if found < 10 {
		t.Errorf("%d scripts", found)
	}
}

// TestInstallerSpeaksBoth: whatever the installer for one person says, it says in both
// languages.
func TestInstallerSpeaksBoth(t *testing.T) {
	said := map[string]map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^LangString (\w+) \$\{LANG_(\w+)\} "(.+)"$`).FindAllStringSubmatch(read(t, filepath.Join("windows", "cornetta.nsi")), -1) {
		if said[m[1]] == nil {
			said[m[1]] = map[string]string{}
		}
		said[m[1]][m[2]] = m[3]
	}
	if len(said) < 8 {
		t.Errorf("it says %q", said)
	}
	for name, in := range said {
		if in["ENGLISH"] == "" || in["ITALIAN"] == "" || in["ENGLISH"] == in["ITALIAN"] {
			t.Errorf("%s is %q", name, in)
		}
	}
}
