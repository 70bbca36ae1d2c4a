package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"cornetta/dialer/config"
	"cornetta/ui/words"
)

// described is what `describe` prints.
func described(t *testing.T, args ...string) string {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	t.Setenv("CORNETTA_LANGUAGE", "en")
	var out, errs bytes.Buffer
	if code := run(context.Background(), append([]string{"describe"}, args...), streams{nil, &out, &errs}); code != 0 {
		t.Fatalf("describe %q: exit status %d\n%s", args, code, &errs)
	}
	return out.String()
}

// TestDescribesAll: manual and completions have every command and every option, and
// nothing that is hidden. The tools that read them try them in `make test-packages`.
func TestDescribesAll(t *testing.T) {
	c := cli{Account: accountCmd{Set: newAccountSet(config.Default())}}
	parser, err := kong.New(&c, kong.Name("cornetta"))
	if err != nil {
		t.Fatal(err)
	}
	for _, what := range []string{"man", "bash", "zsh", "fish"} {
		text := strings.ReplaceAll(described(t, what), `\-`, "-")
		seen := 0
		for _, n := range append([]*kong.Node{parser.Model.Node}, commands(parser.Model.Node)...) {
			for _, name := range append([]string{n.Name}, optionsOf(n)...) {
				seen++
				if what == "fish" {
					name = strings.TrimPrefix(name, "--")
				}
				if !regexp.MustCompile(`(?m)(^|[^\w-])` + regexp.QuoteMeta(name) + `([^\w-]|$)`).MatchString(text) {
					t.Errorf("%s has no %s of %q", what, name, n.Path())
				}
			}
		}
		if seen < 40 {
			t.Errorf("%s: only %d were looked for", what, seen)
		}
		for _, n := range parser.Model.Children {
			if n.Hidden && regexp.MustCompile(`(^|[^\w-])`+n.Name+`([^\w-]|$)`).MatchString(text) {
				t.Errorf("%s tells of %s, which is hidden", what, n.Name)
			}
		}
	}
}

// TestManualsInEveryLanguage: install.sh asks for each of the languages that are listed,
// and what the metainfo says is said in each.
func TestManualsInEveryLanguage(t *testing.T) {
	listed := strings.Fields(described(t, "languages"))
	if !slices.Equal(listed, words.Languages()) {
		t.Errorf("listed are %q", listed)
	}
	info, err := os.ReadFile(filepath.Join("..", "..", "packaging", "linux", "io.cornetta.Cornetta.metainfo.xml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, language := range listed {
		for _, what := range []string{"man", "man-ui"} {
			page, errs, code := inLanguage(t, language, "describe", what)
			if head := ".SH " + words.Text(words.HeadManName); code != 0 || !strings.Contains(page, head+"\n") {
				t.Errorf("%s in %s: exit status %d, no %q\n%s", what, language, code, head, errs)
			}
		}
		for _, element := range []string{"summary", "p", "li", "caption", "keyword"} {
			translated := strings.Count(string(info), "<"+element+` xml:lang="`+language+`">`)
			if n := strings.Count(string(info), "<"+element+">"); language != "en" && translated != n {
				t.Errorf("the metainfo has %d <%s>, of which %d are in %s", n, element, translated, language)
			}
		}
	}
}

func optionsOf(n *kong.Node) []string {
	var all []string
	for _, f := range options(n) {
		all = append(all, "--"+f.Name)
	}
	return all
}

// TestDescribesEntries: a package's files start the program where the package has it.
func TestDescribesEntries(t *testing.T) {
	if runtime.GOOS != "linux" {
		return // their desktops have no such files
	}
	for what, want := range map[string]string{
		"entry":     "\nExec=/opt/x/cornetta %u\n",
		"links":     "\nExec=/opt/x/cornetta %u\n",
		"autostart": "\nExec=/opt/x/cornetta activated\n",
		"service":   "\nExec=\"/opt/x/cornetta\" activated\n",
	} {
		if got := described(t, what, "--program", "/opt/x/cornetta"); !strings.Contains(got, want) {
			t.Errorf("%s:\n%s", what, got)
		}
	}
}
