// Package safelog is behind every log of Cornetta. What the PBX, a link, the clipboard
// or another program wrote may name people and numbers, so a log has none of it: only
// what Cornetta itself says. That is decided by the type of what is logged, in one
// place, and not by who writes a line:
//
//   - numbers, durations, times and booleans are written as they are;
//   - a text is written where its type is one of Cornetta's own kinds of words
//     (status.Code, call.State, dialer.Redacted), and Own where there is no such type.
//     A plain string is not, and neither is a clean.Foreign;
//   - of an error are written the codes and causes in its chain that say nothing of
//     others: a status.Problem's code, the errors that Cornetta declares, those of the
//     system, without the texts that were put around them;
//   - of anything else its type.
//
// Messages and the names of attributes are constants, and so are the texts of the
// errors that Cornetta declares: the tests read the source for that.
package safelog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"syscall"

	"cornetta/ami/clean"
	"cornetta/dialer/status"
)

// Own is a text that Cornetta made, of which no type says so: the name of a setting,
// for instance.
type Own string

// New is a log of that level and above, in lines on w. It is safe for concurrent use.
func New(w io.Writer, level slog.Level) *slog.Logger {
	return slog.New(handler{slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})})
}

// handler is a slog.Handler that passes on what may be written.
type handler struct{ slog.Handler }

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	safe := slog.NewRecord(r.Time, r.Level, r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		safe.AddAttrs(safeAttr(a))
		return true
	})
	return h.Handler.Handle(ctx, safe)
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	safe := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		safe = append(safe, safeAttr(a))
	}
	return handler{h.Handler.WithAttrs(safe)}
}

func (h handler) WithGroup(name string) slog.Handler { return handler{h.Handler.WithGroup(name)} }

func safeAttr(a slog.Attr) slog.Attr {
	v := a.Value
	switch v.Kind() {
	case slog.KindBool, slog.KindInt64, slog.KindUint64, slog.KindFloat64, slog.KindDuration, slog.KindTime:
	case slog.KindGroup:
		var in []slog.Attr
		for _, g := range v.Group() {
			in = append(in, safeAttr(g))
		}
		v = slog.GroupValue(in...)
	case slog.KindAny:
		v = slog.StringValue(text(v.Any()))
	default: // a string, or a LogValuer
		v = slog.StringValue(hidden)
	}
	return slog.Attr{Key: a.Key, Value: v}
}

const (
	hidden  = "…"
	longest = 64 // of a word
)

// text is what may be written of v.
func text(v any) string {
	if isNil(v) {
		return "none"
	}
	switch v := v.(type) {
	case error:
		return errorText(v)
	case clean.Foreign:
		return hidden
	}
	t := reflect.ValueOf(v)
	if t.Kind() == reflect.String && strings.HasPrefix(t.Type().PkgPath(), "cornetta/") {
		if s := t.String(); len(s) <= longest {
			return s
		}
		return hidden
	}
	return fmt.Sprintf("%T", v)
}

// isNil reports whether v is nil, or a pointer that is.
func isNil(v any) bool {
	r := reflect.ValueOf(v)
	return v == nil || r.Kind() == reflect.Pointer && r.IsNil()
}

// logged is an error of Cornetta's that has a text without a word of others.
type logged interface{ LogError() string }

// maxParts is how much of an error's chain is looked at.
const maxParts = 8

// errorText is what may be written of an error.
func errorText(err error) string {
	var parts []string
	gather(err, &parts)
	if len(parts) == 0 {
		return fmt.Sprintf("%T", err)
	}
	return strings.Join(parts, ": ")
}

func gather(err error, parts *[]string) {
	if isNil(err) || len(*parts) == maxParts {
		return
	}
	say := func(s string) { *parts = append(*parts, s) }
	switch e := err.(type) { //nolint:errorlint // each link of the chain by itself
	case logged:
		say(e.LogError())
		return
	case status.Problematic:
		p := e.Problem()
		say((&p).Error())
	case syscall.Errno:
		say(e.Error())
		return
	case *fs.PathError:
		say(e.Op + " " + filepath.Base(e.Path))
	case *os.LinkError:
		say(e.Op + " " + filepath.Base(e.New))
	case *os.SyscallError:
		say(e.Syscall)
	case *net.OpError:
		say(e.Op)
	case *net.DNSError:
		say("lookup")
	case *exec.ExitError:
		say(e.ProcessState.String())
		return
	default:
		if declared(err) {
			say(err.Error())
		}
		if name := busError(err); name != "" {
			say(name)
		}
	}
	switch e := err.(type) { //nolint:errorlint // as above
	case interface{ Unwrap() error }:
		gather(e.Unwrap(), parts)
	case interface{ Unwrap() []error }:
		for _, each := range e.Unwrap() {
			gather(each, parts)
		}
	}
}

// plain is the type of what errors.New makes.
var plain = reflect.TypeOf(errors.New(""))

// ours is how the text of an error begins that a package of Cornetta declares.
var ours = regexp.MustCompile(`^(ami|dialer|tracker|trail|logbook|durable|config|setting|secret|history|ipc|control|channel|consent|agent|desktop|sessionbus|tray|number|status|pbxsim|problem): `)

// declared reports whether an error is a value of Cornetta's or of the standard
// library's with a constant text.
func declared(err error) bool {
	switch err { //nolint:errorlint // the value itself
	case context.Canceled, context.DeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, io.ErrNoProgress, io.ErrClosedPipe,
		fs.ErrClosed, fs.ErrExist, fs.ErrInvalid, fs.ErrNotExist, fs.ErrPermission,
		os.ErrDeadlineExceeded, os.ErrProcessDone, net.ErrClosed, exec.ErrNotFound, errors.ErrUnsupported:
		return true
	}
	return reflect.TypeOf(err) == plain && ours.MatchString(err.Error())
}

// busErrors are the names of errors that the bus itself gives.
var busErrors = regexp.MustCompile(`^org\.freedesktop\.DBus\.Error\.[A-Za-z]{1,40}$`)

// busError is the name in an error of the session bus (dbus.Error of godbus), where it
// is one of the bus's own.
func busError(err error) string {
	v := reflect.ValueOf(err)
	if v.Kind() == reflect.Pointer && !v.IsNil() {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct || !strings.HasPrefix(v.Type().PkgPath(), "github.com/godbus/dbus") {
		return ""
	}
	name := v.FieldByName("Name")
	if name.Kind() != reflect.String || !busErrors.MatchString(name.String()) {
		return ""
	}
	return name.String()
}
