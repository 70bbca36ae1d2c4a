//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/introspect"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// callsName is the interface for programs of the session that follow calls or ask for one.
const callsName = appID + "1"

const (
	maxAskedFor  = 512 // bytes of what is to be dialled, as of a link
	maxPerSecond = 50  // calls of a method, whoever makes them
	maxStates    = 64  // that wait for the bus
)

var callsInterface = introspect.Interface{
	Name: callsName,
	Methods: []introspect.Method{
		{Name: "Dial", Args: []introspect.Arg{{Name: "number", Type: "s", Direction: "in"}}},
		{Name: "Hangup"},
		{Name: "Status", Args: []introspect.Arg{{Name: "status", Type: "a{sv}", Direction: "out"}}},
	},
	Signals: []introspect.Signal{
		{Name: "CallChanged", Args: []introspect.Arg{{Name: "call", Type: "a{sv}"}}},
	},
}

// pace lets so many through within a second.
type pace struct {
	mu    sync.Mutex // guards what follows
	begun time.Time
	n     int
}

func (p *pace) admits(now time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.begun) >= time.Second || now.Before(p.begun) {
		p.begun, p.n = now, 0
	}
	p.n++
	return p.n <= maxPerSecond
}

// linkTo is a link to what a program wants dialled, which is one already or a number as
// people write them. It is read as any other link is, and asked about.
func linkTo(number string) string {
	scheme, _, _ := strings.Cut(number, ":")
	if strings.EqualFold(scheme, "tel") || strings.EqualFold(scheme, "callto") {
		return number
	}
	return "tel:" + strings.TrimSpace(number)
}

// refused is an error as a program gets it: the code of the problem, without a word that
// anybody wrote.
func refused(err error) *dbus.Error {
	code := string(status.CodeUnforeseen)
	if p := new(status.Problem); errors.As(err, &p) {
		code = string(p.Code)
	} else if p, ok := errors.AsType[status.Problematic](err); ok {
		code = string(p.Problem().Code)
	}
	return dbus.NewError(errorName, []any{code})
}

// exportCalls answers callsName on conn until ctx ends.
func (a Application) exportCalls(ctx context.Context, conn *dbus.Conn) error {
	slots := make(chan struct{}, maxAsked)
	limit := &pace{}
	// answer is f, unless too much is asked at once, whoever asks.
	answer := func(f func() error) *dbus.Error {
		if !limit.admits(time.Now()) {
			return dbus.NewError(errorName, []any{errBusy.Error()})
		}
		select {
		case slots <- struct{}{}:
			defer func() { <-slots }()
		default:
			return dbus.NewError(errorName, []any{errBusy.Error()})
		}
		if err := f(); err != nil {
			return refused(err)
		}
		return nil
	}
	return conn.ExportMethodTable(map[string]any{
		"Dial": func(number string) *dbus.Error {
			return answer(func() error {
				if len(number) > maxAskedFor {
					return &status.Problem{Code: status.CodeNotNumber}
				}
				return a.Calls.Link(ctx, linkTo(number))
			})
		},
		"Hangup": func() *dbus.Error { return answer(func() error { return a.Calls.Hangup(ctx) }) },
		"Status": func() (told map[string]dbus.Variant, err *dbus.Error) {
			err = answer(func() error {
				s, err := a.Calls.Status(ctx)
				if err == nil {
					told = a.status(s)
				}
				return err
			})
			return told, err
		},
	}, applicationPath, callsName)
}

// status is how things stand, for everybody in the session.
func (a Application) status(s status.Snapshot) map[string]dbus.Variant {
	told := map[string]dbus.Variant{}
	if s.Call != nil {
		told = a.state(time.Now(), *s.Call)
	}
	told["link"] = dbus.MakeVariant(string(s.Connection))
	if s.Trouble != nil {
		told["trouble"] = dbus.MakeVariant(string(s.Trouble.Code))
	}
	return told
}

// state is how a call stands, for everybody in the session: whom it is to only where the
// session may know it.
func (a Application) state(at time.Time, c call.Snapshot) map[string]dbus.Variant {
	l := c.LineAt(at)
	told := map[string]dbus.Variant{
		"state":      dbus.MakeVariant(string(l.State)),
		"duration_s": dbus.MakeVariant(l.Duration),
	}
	if l.Cause != "" {
		told["cause"] = dbus.MakeVariant(string(l.Cause))
	}
	if l.ByPBX {
		told["by_pbx"] = dbus.MakeVariant(true)
	}
	if a.Numbers != nil && a.Numbers() {
		told["number"] = dbus.MakeVariant(l.Number)
		told["extension"] = dbus.MakeVariant(c.Extension)
		if name := string(c.FarName.Line()); name != "" {
			told["name"] = dbus.MakeVariant(name)
		}
	}
	return told
}

// tellStates has conn signal each state of a call until ctx ends. Where the bus takes no
// more, the oldest are left out.
func (a Application) tellStates(ctx context.Context, conn *dbus.Conn) {
	states := make(chan map[string]dbus.Variant, maxStates)
	a.States(ctx, func(at time.Time, c call.Snapshot) {
		v := a.state(at, c)
		for {
			select {
			case states <- v:
				return
			default:
			}
			select {
			case <-states:
			default:
			}
		}
	})
	for {
		select {
		case v := <-states:
			_ = conn.Emit(applicationPath, callsName+".CallChanged", v)
		case <-ctx.Done():
			return
		}
	}
}
