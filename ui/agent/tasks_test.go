package agent

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Tasks are waited for, those too that tasks begin at the end; then none begins.
func TestTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		all := newTasks(ctx)
		over := false
		all.Go(func(ctx context.Context) {
			<-ctx.Done()
			all.Go(func(context.Context) {
				time.Sleep(time.Second) // it takes its time
				over = true
			})
		})
		cancel()
		all.wait()
		if !over {
			t.Error("a task is left")
		}
		all.Go(func(context.Context) { t.Error("a task began after the end") })
		synctest.Wait()
	})
}

// TestGoroutinesHaveAnOwner: what runs beside is a task, or something that is
// waited for, and no timer runs a function when everything may be over.
func TestGoroutinesHaveAnOwner(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for _, f := range files {
		name := f.Name()
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") || name == "tasks.go" {
			continue
		}
		looked++
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%v: a goroutine without an owner", fset.Position(n.Pos()))
			case *ast.SelectorExpr:
				if x, ok := n.X.(*ast.Ident); ok && x.Name == "time" && n.Sel.Name == "AfterFunc" {
					t.Errorf("%v: a timer without an owner", fset.Position(n.Pos()))
				}
			}
			return true
		})
	}
	if looked < 10 {
		t.Fatalf("only %d files", looked)
	}
}
