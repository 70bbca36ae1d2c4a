package safelog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const canary = "Serafina Canarini 0390876543"

// foreign implements whatever a logger might ask for a text.
type foreign struct{}

func (foreign) String() string               { return canary }
func (foreign) GoString() string             { return canary }
func (foreign) Error() string                { return canary }
func (foreign) LogValue() slog.Value         { return slog.StringValue(canary) }
func (foreign) MarshalText() ([]byte, error) { return []byte(canary), nil }
func (foreign) MarshalJSON() ([]byte, error) { return []byte(`"` + canary + `"`), nil }
func (foreign) Format(s fmt.State, _ rune)   { fmt.Fprint(s, canary) }
func (foreign) Unwrap() []error              { return []error{errors.New(canary), fmt.Errorf("x: %s", canary)} }

// TestNothingForeign: no way of logging a text gets it into the log.
func TestNothingForeign(t *testing.T) {
	said := clean.Foreign(canary)
	refused := &ami.ResponseError{Action: "Login", Message: said}
	values := []any{
		canary, []byte(canary),
		[]string{canary},
		map[string]string{canary: canary},
		struct{ A string }{canary},
		&struct{ A string }{canary},
		said, &said,
		[]clean.Foreign{said},
		foreign{},
		&foreign{}, error(foreign{}), slog.StringValue(canary), slog.AnyValue(foreign{}),
		errors.New(canary), fmt.Errorf("%s: %w", canary, ami.ErrNotAMI), errors.Join(errors.New(canary), ami.ErrGoodbye),
		refused, fmt.Errorf("%w: %w", ami.ErrAuthFailed, refused), fmt.Errorf("%q", said), errors.New("a: " + fmt.Sprint(said)),
		&ami.NetworkError{What: "TLS", Err: errors.New(canary)}, &ami.CertError{Err: errors.New(canary)},
		&dialer.TroubleError{Trouble: status.Problem{Code: status.CodeKeyring, Detail: said}, Err: errors.New(canary)},
		status.Problem{Detail: said},
		&status.Problem{Detail: said, Cert: &status.Cert{Subject: said}},
		call.Snapshot{Detail: said, FarName: said, Number: canary},
		status.Snapshot{Call: &call.Snapshot{FarName: said}},
		ami.Newchannel{Channel: ami.Channel{Name: canary, CallerIDName: said}},
		ami.Response{Message: said},
		&fs.PathError{Op: "open", Path: "/" + canary + "/x", Err: errors.New(canary)}, context.DeadlineExceeded,
		slog.Group("in", "a", canary, slog.Any("b", foreign{}), slog.Group("in", "a", canary)),
	}
	var out bytes.Buffer
	log := New(&out, slog.LevelDebug)
	for _, v := range values {
		if g, ok := v.(slog.Attr); ok {
			log.Debug("x", g)
			log.With(g).WithGroup("g").Error("x", g)
			continue
		}
		log.Debug("x", "v", v)
		log.With("v", v).WithGroup("g").Error("x", slog.Any("v", v))
	}
	text := regexp.MustCompile(`time=\S+`).ReplaceAllString(out.String(), "") // any digits are in the time
	for _, part := range []string{"Serafina", "Canarini", "0390876543", "876"} {
		if i := strings.Index(text, part); i >= 0 {
			t.Errorf("%q is in the log: %s", part, text[max(0, i-200):i+len(part)])
		}
	}
	if n := strings.Count(out.String(), "\n"); n != 2*len(values) {
		t.Errorf("%d lines for %d values", n, len(values))
	}
}

// TestForeignPrintsAsHidden: by whatever verb, and in whatever is made of it.
func TestForeignPrintsAsHidden(t *testing.T) {
	said := clean.Foreign(canary)
	for _, verb := range []string{"%s", "%v", "%q", "%+v", "%#v", "%x", "%d", "%10s"} {
		for _, v := range []any{said, &ami.ResponseError{Message: said}, ami.Response{Message: said}, status.Problem{Detail: said}, ami.Channel{CallerIDName: said}} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, "Serafina") || strings.Contains(got, "5365") {
				t.Errorf("%s: %s", verb, got)
			}
		}
	}
	if got := text(said); got != hidden { // also were it not for its LogValue
		t.Errorf("logged as %q", got)
	}
	if said.Text() != canary || clean.Foreign("").String() != "" {
		t.Error("a person gets other words")
	}
}

// TestWhatIsWritten: a log is of use.
func TestWhatIsWritten(t *testing.T) {
	for _, tt := range []struct {
		v    any
		want string
	}{
		{3, "3"},
		{true, "true"},
		{time.Second, "1s"},
		{call.InCall, "in_call"},
		{status.CodeNotAMI, "not_ami"},
		{dialer.Redact("0390876543"), "…543"},
		{Own("clipboard"), "clipboard"},
		{nil, "none"},
		{(*status.Problem)(nil), "none"},
		{errors.Join(nil, (*fs.PathError)(nil)), "*errors.joinError"},
		{ami.ErrNotAMI, "ami: the server is not an Asterisk manager"},
		{fmt.Errorf("%w: %w", ami.ErrAuthFailed, &ami.ResponseError{Action: "Login"}), "ami: login refused: ami: Login refused"},
		{&ami.NetworkError{What: "connecting", Err: syscall.ECONNREFUSED}, "ami: connecting failed: connection refused"},
		{&dialer.TroubleError{Trouble: status.Problem{Code: status.CodeRefused}, Err: &ami.NetworkError{What: "connecting", Err: syscall.ECONNREFUSED}}, "problem: refused: ami: connecting failed: connection refused"},
		{fmt.Errorf("history: %w", &fs.PathError{Op: "open", Path: "/home/anna/history.jsonl", Err: syscall.ENOSPC}), "open history.jsonl: no space left on device"},
		{errors.New("out of cheese"), "*errors.errorString"},
		{struct{}{}, "struct {}"},
	} {
		var out bytes.Buffer
		New(&out, slog.LevelInfo).Info("x", "v", tt.v)
		_, got, _ := strings.Cut(strings.TrimSpace(out.String()), "v=")
		if unquoted, err := strconv.Unquote(got); err == nil {
			got = unquoted
		}
		if got != tt.want {
			t.Errorf("%v: %s, want %s", tt.v, got, tt.want)
		}
	}
	var out bytes.Buffer
	New(&out, slog.LevelWarn).Info("x")
	if out.Len() > 0 {
		t.Error("below the level")
	}
}

// TestLogsAreMadeHere: every log of the programs has this handler, its messages and
// the names of what is in them are constants, and so are the texts of errors.
func TestLogsAreMadeHere(t *testing.T) {
	looked := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "packaging" || strings.HasSuffix(d.Name(), "test") || strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || d.Name() == "bin"):
			if path != "../.." {
				return fs.SkipDir
			}
			return nil
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			return err
		}
		looked++
		ast.Inspect(file, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok {
				if fault := faultOf(c, filepath.ToSlash(path)); fault != "" {
					t.Errorf("%s: %s", fset.Position(c.Pos()), fault)
				}
			}
			return true
		})
		return nil
	})
	if err != nil || looked < 200 {
		t.Errorf("looked at %d files: %v", looked, err)
	}
}

// dynamic are the errors whose text is made of something that no other program or
// person has written, by the beginnings of their formats.
var dynamic = []string{
	"desktop: notifications did not end", "desktop: the program's path", "desktop: not everything that opens links", "desktop: no file is called", "tray: %v", "only %d of", "pbxsim: no flavour",
	"the index would have %d bytes", "more than %d bytes", "more than %d settings", "more than %d files", "more than %d values", "it is of version %d", "the rule for the extension has none", "version %d never was", "the keyring failed", "dialer: %d logins", "ipc: the running instance speaks", "ipc: %q is no instance",
}

// faultOf says what is wrong with a call, "" for nothing.
func faultOf(c *ast.CallExpr, path string) string {
	f, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	on := ""
	switch x := f.X.(type) {
	case *ast.Ident:
		on = x.Name
	case *ast.SelectorExpr:
		on = x.Sel.Name
	}
	switch {
	case on == "errors" && f.Sel.Name == "New":
		if !constant(c.Args[0]) && !strings.HasSuffix(path, "cmd/cornetta/dial.go") && !strings.HasSuffix(path, "dialer/config/store.go") {
			return "errors.New of a text that is no constant"
		}
	case on == "status" && f.Sel.Name == "NewError":
		if !constant(c.Args[1]) {
			return "status.NewError of a text that is no constant"
		}
	case on == "fmt" && f.Sel.Name == "Errorf":
		format, _ := c.Args[0].(*ast.BasicLit)
		if format == nil {
			return "fmt.Errorf of a format that is no constant"
		}
		text, _ := strconv.Unquote(format.Value)
		if !strings.Contains(text, "%w") && !hasPrefix(text, dynamic) {
			return "an error that wraps none, with a text that is made: is every part of it Cornetta's own? (see dynamic)"
		}
	case on == "slog" && (f.Sel.Name == "NewTextHandler" || f.Sel.Name == "NewJSONHandler" || f.Sel.Name == "Default" || f.Sel.Name == "SetDefault"):
		if !strings.HasSuffix(path, "internal/safelog/safelog.go") {
			return "a log that is not of safelog"
		}
	case on == "slog" && f.Sel.Name == "String":
		return "slog.String is never written: use slog.Any with a type of ours"
	case strings.EqualFold(on, "log"):
		switch f.Sel.Name {
		case "Debug", "Info", "Warn", "Error":
			if !constant(c.Args[0]) {
				return "a message that is no constant"
			}
		case "Print", "Printf", "Println", "Fatal", "Fatalf", "Panic", "Panicf":
			return "a log that is not of safelog"
		}
	}
	return ""
}

func hasPrefix(s string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	return false
}

// constant reports whether e is written as a text.
func constant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.BinaryExpr:
		return constant(e.X) && constant(e.Y)
	}
	return false
}
