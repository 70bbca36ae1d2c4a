package words

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestNoSentenceOutside: what a person reads stands in this package alone. It
// reads the source of everything that a person meets.
func TestNoSentenceOutside(t *testing.T) {
	seen := 0
	for _, root := range []string{"../../ui", "../../dialer", "../../cmd/cornetta", "../../cmd/cornetta-ui"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			name := strings.TrimPrefix(filepath.ToSlash(path), "../../")
			switch {
			case err != nil:
				return err
			case slices.Contains(apart, name):
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
				return nil
			}
			seen++
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, path, nil, 0)
			if err != nil {
				return err
			}
			for _, lit := range sentences(file) {
				if slices.Contains(foreign, text(lit)) {
					continue
				}
				t.Errorf("%s:%d: %s belongs into ui/words", name, fset.Position(lit.Pos()).Line, lit.Value)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 100 {
		t.Errorf("only %d files read: were they moved?", seen)
	}
}

// apart are the places that are not looked at.
var apart = []string{
	"ui/words",                      // here they belong
	"ui/desktoptest",                // a desktop for tests
	"dialer/contacts/directorytest", // servers for tests
	"cmd/cornetta/testdata",         // programs for tests
}

// foreign are literals that look like sentences and belong to others.
var foreign = []string{
	"pbx.example.com", "12345678-1234-1234-1234-123456789abc", // examples, the same everywhere
	"# Cornetta's settings. The password is not here: it is in the keyring.\n", // in a file that any language reads
	"Credential Manager",                                    // a part of Windows
	"from what?",                                            // between programs
	"Nothing is copied", "No selection", "No suitable type", // what wl-paste says
	"URL Protocol", `Software\Microsoft\Windows\CurrentVersion\App Paths`, // names in the registry of Windows
	"Password for '%s' on '%s'", // a label in the keyring, the same in every language so that it is found again
}

// sentences are the literals of a file that a person seems to read: those that are
// given to a widget, those of several words that begin or end as sentences do, and
// the help in the tags of a command line. Exempt is what goes elsewhere: imports
// and other tags, messages and attributes of the log, regular expressions, and texts
// of errors, which begin with the name of their package and a colon.
func sentences(file *ast.File) []*ast.BasicLit {
	var found []*ast.BasicLit
	ofWidgets := map[*ast.BasicLit]bool{}
	given := func(values ...ast.Expr) {
		for _, v := range values {
			if lit, ok := v.(*ast.BasicLit); ok {
				ofWidgets[lit] = true
			}
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			if n.Tag != nil && strings.Contains(n.Tag.Value, `help:"`) {
				found = append(found, n.Tag)
			}
			n.Tag = nil
		case *ast.CallExpr:
			name := called(n.Fun)
			if goesElsewhere.MatchString(name) {
				return false
			}
			if makesWidget.MatchString(name) {
				given(n.Args...)
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && ofWidget.MatchString(key.Name) {
				given(n.Value)
			}
		case *ast.AssignStmt:
			for i, left := range n.Lhs {
				if sel, ok := left.(*ast.SelectorExpr); ok && len(n.Rhs) == len(n.Lhs) && ofWidget.MatchString(sel.Sel.Name) {
					given(n.Rhs[i])
				}
			}
		case *ast.BasicLit:
			if n.Kind == token.STRING && (isSentence(text(n)) || ofWidgets[n] && hasLetters(n)) {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}

var (
	goesElsewhere = regexp.MustCompile(`^(slog\.\w+|(.*\.)?[lL]og(\(\))?\.(Debug|Info|Warn|Error|Log)(Context)?|regexp\.\w+)$`)
	makesWidget   = regexp.MustCompile(`^(new(Text|Note|Line|Bold|Heading|Button|Tick|Grid)|say|fieldLabel|.*\.Set(Text|PlaceHolder|Title)|(widget|container)\.New\w+)$`)
	ofWidget      = regexp.MustCompile(`^(Text|Title|PlaceHolder|Tooltip|title|empty|none)$`)
	ofError       = regexp.MustCompile(`^[a-z]+(/[a-z]+)*: `)
	twoWords      = regexp.MustCompile(`\pL.* .*\pL`)
)

// called is how the function that is called is written.
func called(f ast.Expr) string {
	switch f := f.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return called(f.X) + "." + f.Sel.Name
	case *ast.CallExpr:
		return called(f.Fun) + "()"
	}
	return ""
}

func isSentence(s string) bool {
	s = strings.TrimSpace(s)
	if !twoWords.MatchString(s) || strings.Contains(s, "(?:") || ofError.MatchString(s) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(s)
	last, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsUpper(first) || strings.ContainsRune(".?!…", last)
}

func hasLetters(lit *ast.BasicLit) bool { return strings.ContainsFunc(text(lit), unicode.IsLetter) }

func text(lit *ast.BasicLit) string {
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return lit.Value
	}
	return s
}

// TestSentencesAreFound: the search above finds what it is there for.
func TestSentencesAreFound(t *testing.T) {
	const source = `package p
import "a b."
type c struct {
	A string ` + "`help:\"Print JSON.\"`" + `
	B string ` + "`json:\"A b.\"`" + `
}
var sentence = "This is one"
var asked = "and is this?"
var joined = x + "; it was left alone."
var err = errors.New("dialer: that did not go well.")
var not = []string{"one", "one two", " -/.", "A", "Ctrl+Alt+G"}
func f() {
	log.Info("A link came", slog.String("a", "Of a page."))
	e.log().Warn("A link came")
	regexp.MustCompile("A b.")
	newButton(k, "go", f)
	say(label, "x"+y, 0)
	w := &widget.Label{Text: "go on"}
	entry.PlaceHolder = "number"
	newText("…")
}`
	file, err := parser.ParseFile(token.NewFileSet(), "p.go", source, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, lit := range sentences(file) {
		got = append(got, text(lit))
	}
	want := []string{`help:"Print JSON."`, "This is one", "and is this?", "; it was left alone.", "go", "go on", "number"}
	if !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
}
