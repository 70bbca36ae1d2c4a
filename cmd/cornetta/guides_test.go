package main

import (
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"cornetta/dialer/config"
)

// TestCommandsInTheGuides: every command line of Cornetta that a guide has, in a block or
// in a sentence, is one that the program takes.
func TestCommandsInTheGuides(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "docs", "*", "*.md"))
	if err != nil || len(files) < 12 {
		t.Fatalf("found %q: %v", files, err)
	}
	files = append(files, filepath.Join("..", "..", "README.md"))
	found := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range commandLines(string(text)) {
			found[line] = true
			if problem := commandProblem(line); problem != "" {
				t.Errorf("%s: %s: %s", file, line, problem)
			}
		}
	}
	if len(found) < 30 {
		t.Errorf("only %d command lines found: %q", len(found), slices.Sorted(maps.Keys(found)))
	}
	for _, wrong := range []string{"cornetta dail 1", "cornetta dial --jsn 1", "cornetta account set --host x", "cornetta explain --source paper 1", "cornetta dial"} {
		if commandProblem(wrong) == "" {
			t.Errorf("%s passes", wrong)
		}
	}
}

var (
	fences = regexp.MustCompile("(?ms)^```sh\n(.*?)^```$")
	spans  = regexp.MustCompile("(?s)`(cornetta[^`]*)`")
	begins = regexp.MustCompile(`(?:^|[|;&(]) *(?:[A-Z_]+=[^ ]+ +)*(cornetta(?: [^|;&<>)]*)?)`)
)

// commandLines are those of the program in the blocks and in the sentences of a page.
func commandLines(page string) []string {
	var all []string
	for _, block := range fences.FindAllStringSubmatch(page, -1) {
		for line := range strings.Lines(strings.ReplaceAll(block[1], "\\\n", " ")) {
			for _, m := range begins.FindAllStringSubmatch(strings.TrimSpace(line), -1) {
				all = append(all, strings.TrimSpace(m[1]))
			}
		}
	}
	for _, span := range spans.FindAllStringSubmatch(fences.ReplaceAllString(page, ""), -1) {
		line := strings.Join(strings.Fields(span[1]), " ")
		if rest, ok := strings.CutPrefix(line, "cornetta "); ok && !strings.ContainsAny(rest, "…|") {
			all = append(all, line)
		}
	}
	return all
}

// commandProblem is what the program has against a command line, "" for nothing.
func commandProblem(line string) string {
	args := shellWords(line)[1:]
	if len(args) == 1 && strings.HasPrefix(args[0], "tel:") {
		return "" // a link
	}
	c := newCLI(config.Default())
	helped := false
	parser, err := kong.New(&c, kong.Name("cornetta"), kong.Vars{"version": ""}, kong.Writers(io.Discard, io.Discard), kong.Exit(func(int) { helped = true }))
	if err != nil {
		return err.Error()
	}
	for i, arg := range args { // as a person replaces it
		args[i] = strings.TrimSuffix(strings.TrimPrefix(arg, "$"), "…")
		if args[i] == "PORT" {
			args[i] = "5038"
		}
	}
	if _, err := parser.Parse(args); err != nil && !helped {
		return err.Error()
	}
	return ""
}

// shellWords are the words of a line as a shell takes it, without what it puts in.
func shellWords(line string) []string {
	var all []string
	var word strings.Builder
	var quote rune
	in := false
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, in = r, true
		case r == ' ':
			if in {
				all = append(all, word.String())
				word.Reset()
			}
			in = false
		default:
			in = true
			word.WriteRune(r)
		}
	}
	if in {
		all = append(all, word.String())
	}
	return all
}
