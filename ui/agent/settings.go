package agent

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/desktop"
)

// What the clerk answers about the settings. Nothing here waits for a keyring or
// for the desktop but what is asked for just that.

func (c *clerk) Settings(context.Context) channel.Settings {
	c.mu.Lock()
	cfg := c.cfg
	c.mu.Unlock()
	return channel.Settings{
		Config: cfg, KeyTroubles: c.troubles.now(), CopiesHighlighted: desktop.CopiesSelection(), Regions: number.Regions(),
	}
}

func (c *clerk) Secret(ctx context.Context) channel.SecretView {
	a := c.account()
	if a.IsZero() {
		return channel.SecretView{}
	}
	key := secret.Key(a)
	if c.Keys.Where(key) == secret.Nowhere {
		// Only now: a locked keyring asks the person, who wanted to see settings.
		if _, err := c.Keys.Get(ctx, key); err != nil && !errors.Is(err, secret.ErrNotFound) {
			return channel.SecretView{Problem: dialer.ProblemOf(err, status.AttemptSecret)}
		}
	}
	switch c.Keys.Where(key) {
	case secret.InKeyring:
		return channel.SecretView{Where: channel.SecretKeyring}
	case secret.InSession:
		return channel.SecretView{Where: channel.SecretSession}
	}
	return channel.SecretView{}
}

// keysTime bounds the wait for the desktop's word on new keys: it may be asking
// the person.
const keysTime = 3 * time.Second

// Save checks all of it before any of it is stored; the password comes first, an
// account without one is of no use.
func (c *clerk) Save(ctx context.Context, e channel.Edit) channel.Saved {
	a := e.Account.Normalized()
	hasAccount := a != config.Account{}
	if err := checkEdit(e, a, hasAccount); err != nil {
		return channel.Saved{Problem: dialer.ProblemOf(err, status.AttemptSave)}
	}
	var saved channel.Saved
	if hasAccount {
		if saved = c.keepSecret(ctx, a, e.Secret); saved.Problem != nil {
			return saved
		}
	}
	old := c.account()
	err := c.change(context.WithoutCancel(ctx), e.Secret != nil, func(cfg *config.Config) {
		if hasAccount {
			cfg.Account = a
		}
		if e.Link != "" {
			cfg.Link = e.Link
		}
		if e.Numbers != nil {
			cfg.Numbers = *e.Numbers
		}
		if e.Keys != nil {
			cfg.Keys = *e.Keys
		}
	})
	if err != nil {
		return channel.Saved{Problem: dialer.ProblemOf(err, status.AttemptSave)}
	}
	if k := secret.Key(old); hasAccount && !old.IsZero() && k != secret.Key(a) {
		_ = c.Keys.Delete(ctx, k)
	}
	if call := c.dialer.Snapshot().Call; hasAccount && a != old && call != nil && call.Live() && saved.Warning == nil {
		saved.Warning = &status.Problem{Code: status.CodeCallGoesOn}
	}
	if e.Register != nil {
		if p := c.register(ctx, *e.Register); p != nil {
			saved.Warning = p
		}
	}
	if e.Keys != nil {
		ctx, cancel := context.WithTimeout(ctx, keysTime)
		defer cancel()
		c.keysTried(ctx)
		saved.KeyTroubles = c.troubles.now()
	}
	return saved
}

// checkEdit finds what is wrong with a form, account first.
func checkEdit(e channel.Edit, a config.Account, hasAccount bool) error {
	if hasAccount {
		if err := a.Validate(); err != nil {
			return err
		}
	}
	if n := e.Numbers; n != nil {
		if err := n.Validate(); err != nil {
			return err
		}
		if n.Region != "" && !slices.Contains(number.Regions(), n.Region) {
			return &config.FieldError{Field: "region", Code: config.CodeInvalid}
		}
	}
	if k := e.Keys; k != nil {
		if err := k.Validate(); err != nil {
			return err
		}
		for name, keys := range map[string]string{"clipboard": k.Clipboard, "selection": k.Selection} {
			if _, err := desktop.ParseCombination(keys); err != nil {
				return &config.FieldError{Field: name, Code: config.CodeInvalid}
			}
		}
	}
	return nil
}

// keepSecret sees to it that a's password is kept, be it the one that was typed.
func (c *clerk) keepSecret(ctx context.Context, a config.Account, typed *string) channel.Saved {
	if typed == nil && secret.Key(a) == secret.Key(c.account()) {
		return channel.Saved{} // as it was; a keyring that hangs keeps nobody from saving the rest
	}
	if _, p := c.passwordFor(ctx, a, typed); p != nil {
		return channel.Saved{Problem: p}
	}
	key := secret.Key(a)
	if typed != nil {
		if err := c.Keys.Set(ctx, key, *typed); err != nil {
			return channel.Saved{Problem: dialer.ProblemOf(err, status.AttemptSecret)}
		}
	}
	if c.Keys.Where(key) == secret.InSession {
		return channel.Saved{Warning: &status.Problem{Code: status.CodeSecretSession}}
	}
	return channel.Saved{}
}

// register changes what differs from what the desktop has now.
func (c *clerk) register(ctx context.Context, want channel.Register) *status.Problem {
	now, err := desktop.Query(ctx)
	if err != nil {
		return dialer.ProblemOf(err, status.AttemptRegister)
	}
	if now.Links == want.Links && now.Autostart == want.Autostart {
		return nil
	}
	self, err := desktop.ThisProgram()
	if err == nil {
		_, err = desktop.Register(desktop.Registration{Program: self, Links: want.Links, Autostart: want.Autostart})
	}
	return dialer.ProblemOf(err, status.AttemptRegister)
}

func (c *clerk) Registered(ctx context.Context) channel.Registered {
	now, err := desktop.Query(ctx)
	return channel.Registered{
		Register: channel.Register{Links: now.Links, Autostart: now.Autostart},
		Other:    now.Other, Problem: dialer.ProblemOf(err, status.AttemptRegistered),
	}
}

func (c *clerk) Explain(_ context.Context, t channel.Trial) channel.Trace {
	p := number.Parse(t.Text, number.Source(t.Source), t.Numbers)
	trace := channel.Trace{Preview: previewOf(p)}
	for _, c := range p.Choices {
		trace.Found = append(trace.Found, strings.TrimSpace(c.Label+" "+c.Input))
	}
	for _, step := range p.Steps {
		trace.Steps = append(trace.Steps, channel.Step{Rule: string(step.Rule), From: step.From, To: step.To})
	}
	return trace
}

// CheckKeys tries the keys, unless they are in force.
func (c *clerk) CheckKeys(ctx context.Context, keys string) *status.Problem {
	combination, err := desktop.ParseCombination(keys)
	if err == nil && !combination.IsZero() {
		wanted, _ := c.wantedKeys()
		wrong := c.troubles.now()
		for name, have := range wanted {
			if _, bad := wrong[name]; have == combination && !bad {
				return nil
			}
		}
		err = desktop.TryHotkey(ctx, combination)
	}
	return dialer.ProblemOf(err, status.AttemptKeys)
}

// AwaitKeys diverts the keys in force for as long as a window chooses others.
func (c *clerk) AwaitKeys(ctx context.Context) string {
	name := c.diverted.await(ctx)
	if name == "" {
		return ""
	}
	return c.settingOf(name)
}

// now is what the windows are told.
func (k *keyTroubles) now() map[string]channel.KeyTrouble {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make(map[string]channel.KeyTrouble, len(k.wrong))
	for name, err := range k.wrong {
		out[name] = channel.KeyTrouble{Problem: *dialer.ProblemOf(err, status.AttemptKeys), Command: commandFor(name)}
	}
	return out
}
