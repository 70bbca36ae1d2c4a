package guides

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestHelp: of each problem there is something to read, in every language, as text.
func TestHelp(t *testing.T) {
	pages, err := filepath.Glob(filepath.Join("..", "..", "docs", "*", "trouble.md"))
	if err != nil || len(pages) < 2 {
		t.Fatal(pages, err)
	}
	for _, path := range pages {
		page, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, code := range codes(t) {
			text := section(string(page), code)
			if len(text) < 20 || strings.ContainsAny(text, "`") || strings.Contains(text, "**") || strings.Contains(text, "](") || strings.Contains(text, "#") && !strings.Contains(text, "*") && strings.Contains(text, "## ") {
				t.Errorf("%s, %s: %q", path, code, text)
			}
		}
		if text := section(string(page), "no_such_code"); text != "" {
			t.Errorf("%q", text)
		}
	}
}

// codes are those of dialer/status.
func codes(t *testing.T) (all []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "dialer", "status", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if v, ok := n.(*ast.ValueSpec); ok {
				if kind, ok := v.Type.(*ast.Ident); ok && kind.Name == "Code" && len(v.Values) == 1 {
					if code, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value); err == nil {
						all = append(all, code)
					}
				}
			}
			return true
		})
	}
	if len(all) < 50 {
		t.Fatalf("only %d codes", len(all))
	}
	return all
}

// TestPlain: what is written for a page reads as text.
func TestPlain(t *testing.T) {
	const page = `# Trouble

### other

Another.

### this

**The AMI
lacks a right.** It is in the [guide](user.md#a), *stressed*; ` + "`*671` and `a_b`" + `.

- first
  goes on
- second

` + "```sh\ncornetta doctor\n```" + `

Last.

## Next

More.
`
	const want = "The AMI lacks a right. It is in the guide, stressed; *671 and a_b.\n\n- first goes on\n- second\n\n    cornetta doctor\n\nLast."
	if got := section(page, "this"); got != want {
		t.Errorf("%q", got)
	}
}
