package durable_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// openers are what opens a file by its name, and waits where that is a pipe.
var openers = []string{"os.ReadFile", "os.Open", "os.OpenFile", "os.ReadDir", "os.DirFS", "ioutil.ReadFile", "syscall.Open", "unix.Open"}

// waitsForNothing are what may stand in such a call: a file that is made, an opener that
// does not wait, what the kernel makes.
var waitsForNothing = regexp.MustCompile(`os\.O_EXCL|O_NONBLOCK|unwaiting|"/proc[/"]`)

// elsewhere are folders of programs that no person runs.
var elsewhere = []string{
	"packaging", "internal/durable", "ami/asterisktest", "ami/pbxsim", "ui/desktoptest", "cmd/cornetta/testdata",
}

// TestEveryFileIsOpenedHere: a pipe or a device in the place of any file that Cornetta
// reads holds up nobody, because there is one opener, which is this package's.
func TestEveryFileIsOpenedHere(t *testing.T) {
	root := filepath.Join("..", "..")
	looked := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(root, path)
		name = filepath.ToSlash(name)
		switch {
		case d.IsDir() && (slices.Contains(elsewhere, name) || strings.HasPrefix(d.Name(), ".") && name != "."):
			return filepath.SkipDir
		case d.IsDir(), !strings.HasSuffix(name, ".go"), strings.HasSuffix(name, "_test.go"):
			return nil
		}
		looked++
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, call := range opens(t, name, content) {
			t.Errorf("%s: use durable.OpenFile or durable.Read", call)
		}
		return nil
	})
	if err != nil || looked < 200 {
		t.Errorf("%d files, %v", looked, err)
	}
}

// opens are the calls of a file that open another one, and may wait.
func opens(t *testing.T, name string, content []byte) (found []string) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, content, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		of, ok := call.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		text := string(content[fset.Position(call.Pos()).Offset:fset.Position(call.End()).Offset])
		if pkg, ok := of.X.(*ast.Ident); ok && slices.Contains(openers, pkg.Name+"."+of.Sel.Name) && !waitsForNothing.MatchString(text) {
			found = append(found, fmt.Sprintf("%v: %s", fset.Position(call.Pos()), text))
		}
		return true
	})
	return found
}

// The test finds what it looks for.
func TestAnOpenerIsFound(t *testing.T) {
	for text, want := range map[string]int{
		`os.ReadFile(path)`: 1, `os.Open(path)`: 1, `os.OpenFile(path, os.O_RDONLY, 0)`: 1, `os.ReadDir(dir)`: 1,
		`os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0)`: 0, `os.ReadFile("/proc/net/arp")`: 0, `durable.Read(path, 1)`: 0,
	} {
		if found := opens(t, "a.go", []byte("package a\nfunc f() { "+text+" }\n")); len(found) != want {
			t.Errorf("%s: %v", text, found)
		}
	}
}
