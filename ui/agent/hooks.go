package agent

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/hook"
	"cornetta/dialer/ipc"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// hooks has done what the person set for the states of their calls.
type hooks struct {
	agent  *agent
	runner hook.Runner
	since  time.Time // calls from before were told by the agent of that time

	// Of followers of states, which are told one at a time.
	done []doneStates

	mu   sync.Mutex      // guards what follows
	told map[string]bool // what a failure was told of: text of the setting
}

func newHooks(a *agent) *hooks {
	h := &hooks{agent: a, since: time.Now(), told: map[string]bool{}}
	h.runner.Open = desktop.OpenURL
	h.runner.Done = h.over
	return h
}

// doneStates are the states of one call that were told.
type doneStates struct {
	id string
	at map[call.State]bool
}

// maxDone is how many calls are remembered: there is one of ours at a time, and a few come in.
const maxDone = 16

// doneOf are those of c.
func (h *hooks) doneOf(c call.Snapshot) map[call.State]bool {
	for _, d := range h.done {
		if d.id == c.ID {
			return d.at
		}
	}
	d := doneStates{c.ID, map[call.State]bool{}}
	if c.Requested.Before(h.since) && c.Live() {
		d.at[c.State] = true
	}
	if len(h.done) == maxDone {
		h.done = slices.Delete(h.done, 0, 1)
	}
	h.done = append(h.done, d)
	return d.at
}

// state takes a state of a call. Each is once for a call: one that is told again, because
// somebody else answers by now, is no news for a card that is shown already.
func (h *hooks) state(s control.State) {
	done := h.doneOf(s.Call)
	if done[s.Call.State] {
		return
	}
	done[s.Call.State] = true
	text := h.agent.hookSettings().At(s.Call.State)
	if text == "" {
		return
	}
	a, fault := hook.Parse(text)
	if fault != "" {
		return // it was checked when it was stored
	}
	if h.runner.Add(a, h.agent.hookCall(s)) {
		h.agent.tasks.Go(h.runner.Run)
	}
}

// hookSettings are those in force.
func (a *agent) hookSettings() hook.Settings {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cfg.Hooks
}

// hookCall is a state of a call as a hook gets it.
func (a *agent) hookCall(s control.State) hook.Call {
	c, dial, rules := s.Call, s.Call.Number, a.rules().numbers
	if c.State.Incoming() {
		rules = a.configOf(c).Rules()
		dial = dialBack(c.Number, rules)
		if name := a.callerName(c.Number); name != "" {
			c.FarName = name
		}
	} else if c.FarName == "" {
		c.FarName = a.nameOf(c.Number)
	}
	return hook.Call{
		Line: c.LineAt(s.At), ID: c.ID, Extension: c.Extension,
		International: number.International(dial, rules), Name: words.Clean(c.FarName),
	}
}

// over tells a failure, once until that hook does well or is changed.
func (h *hooks) over(state call.State, err error) {
	text := h.agent.hookSettings().Set(state)
	news := h.news(text, err)
	if err == nil {
		return
	}
	h.agent.Log.Warn("a hook failed", slog.Any("err", err))
	if news {
		h.agent.notices.show("hook", words.Problem(*dialer.ProblemOf(err, status.AttemptHook)))
	}
}

// news reports whether a failure of what a setting says is to be told.
func (h *hooks) news(text string, err error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err == nil {
		delete(h.told, text)
		return false
	}
	told := h.told[text]
	if len(h.told) >= maxTold {
		clear(h.told)
	}
	h.told[text] = true
	return !told
}

// maxTold is far more than a person changes in a day.
const maxTold = 100

// tryHook does what is set for a state, or what stands in a form for it, with a call that is
// none: to the person's own extension.
func (h *windowHandler) tryHook(ctx context.Context, p channel.TryHookParams) (ipc.None, error) {
	if place, locked := h.lockedAt("hooks"); locked && !h.hookSettings().On {
		return ipc.None{}, &status.Problem{Code: status.CodePolicyLocked, Field: "hooks", Path: place}
	}
	state := call.State(p.State)
	a, fault := hook.Parse(p.Text)
	if !slices.Contains(hook.States, state) {
		fault = config.CodeInvalid
	}
	if fault != "" {
		return ipc.None{}, &status.Problem{Code: status.CodeField, Field: hook.KeyOf(state), Fault: fault}
	}
	err := h.hooks.runner.Do(ctx, a, hook.Example(state, h.account().Extension, time.Now()))
	return ipc.None{}, refusal(err, status.AttemptHook)
}

// lockedAt is where an administrator has locked a setting.
func (a *agent) lockedAt(key string) (place string, locked bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	place, locked = a.cfg.Locked[key]
	return place, locked
}
