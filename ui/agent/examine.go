package agent

import (
	"context"
	"os"

	"cornetta/dialer/control"
	"cornetta/dialer/status"
	"cornetta/ui/doctor"
)

// examine has the doctor check everything, for a window.
func (h *windowHandler) examine(ctx context.Context, found func(status.Finding)) []status.Finding {
	return doctor.Examine(ctx, doctor.Options{
		Version: h.Version, Store: h.Store, StateDir: h.Past.Dir(), Keys: h.Keys, Logins: h.Logins, Log: h.Log,
		Agent: func(context.Context) (control.InsideResult, status.Snapshot, error) {
			return h.inside(control.InsideParams{}), h.dialer.Snapshot(), nil
		},
		Windows: UIPath,
		Found:   found,
	}).All
}

// Inside implements control.Handler.
func (h *socketHandler) Inside(_ context.Context, p control.InsideParams) (control.InsideResult, error) {
	return h.inside(p), nil
}

// inside is what only the agent knows.
func (a *agent) inside(p control.InsideParams) (r control.InsideResult) {
	if p.Log > 0 {
		if a.Tail != nil {
			r.Log = a.Tail.From(p.Log)
		}
		return r
	}
	r = control.InsideResult{PID: os.Getpid(), Version: a.Version, NoIcon: a.noIcon.Load()}
	troubles := a.troubles.forWindows()
	for _, name := range []string{control.Clipboard, control.Selection} {
		k := control.KeyState{Name: name, Keys: a.settingOf(name)}
		if k.Keys == "" {
			continue
		}
		if t, wrong := troubles[name]; wrong {
			k.Problem, k.Command = &t.Problem, t.Command
		}
		r.Keys = append(r.Keys, k)
	}
	return r
}
