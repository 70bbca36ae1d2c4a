package agent

import (
	"context"
	"errors"
	"slices"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/ipc"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/desktop"
)

// What the windows ask about the settings. Only those methods wait for the keyring or
// the desktop that are about them.

func (h *windowHandler) settings(context.Context, ipc.None) (channel.Settings, error) {
	h.renewPolicy()
	h.mu.Lock()
	cfg := h.cfg
	if cfg.Account.ValidateLogin() != nil && !h.readable.IsZero() {
		cfg.Account = h.readable
	}
	h.mu.Unlock()
	return channel.Settings{
		Config: cfg, Accounts: namesOf(cfg), Policy: h.Store.Policy().Damaged(), KeyTroubles: h.troubles.forWindows(), CopiesHighlighted: desktop.CopiesSelection(), Regions: number.Regions(),
	}, nil
}

func (h *windowHandler) secret(ctx context.Context, _ ipc.None) (v channel.SecretView, err error) {
	a := h.account()
	if a.ValidateLogin() != nil {
		return v, nil
	}
	key := secret.Key(a)
	if h.Keys.Where(key) == secret.Nowhere {
		// Not when the program starts: a locked keyring asks the person for its password.
		if _, err := h.Keys.Get(ctx, key); err != nil && !errors.Is(err, secret.ErrNotFound) {
			return v, refusal(err, status.AttemptSecret)
		}
	}
	switch h.Keys.Where(key) {
	case secret.InKeyring:
		v.Where = channel.SecretKeyring
	case secret.InSession:
		v.Where = channel.SecretSession
	}
	return v, nil
}

// keysTime is how long save waits to learn whether new keys work: the desktop may be
// asking the person about them.
const keysTime = 3 * time.Second

// save checks everything before it stores anything. The password is stored first: an
// account without one is of no use.
func (h *windowHandler) save(ctx context.Context, e channel.Edit) (saved channel.Saved, err error) {
	a := e.Account.Normalized()
	hasAccount := a != config.Account{}
	if err := checkEdit(e, a, hasAccount); err != nil {
		return saved, refusal(err, status.AttemptSave)
	}
	if hasAccount {
		if saved.Warning, err = h.keepSecret(ctx, a, e.Secret); err != nil {
			return saved, refusal(err, status.AttemptSecret)
		}
	}
	old := h.account()
	told, err := h.try(context.WithoutCancel(ctx), e.Secret != nil, h.dialer.Check, func(cfg *config.Config) (err error) {
		switch {
		case e.Of != nil && !config.SameName(*e.Of, cfg.Account.Name):
			// Another one is in use by now, whose settings these are not.
			return &status.Problem{Code: status.CodeAccountChanged}
		case hasAccount && e.Add:
			if *cfg, err = addInUse(*cfg, a); err != nil {
				return err
			}
		case hasAccount:
			cfg.Account = a
		}
		if e.Link != "" {
			cfg.Connection = e.Link
		}
		if e.Numbers != nil {
			cfg.Numbers = *e.Numbers
		}
		if e.Keys != nil {
			cfg.Keys = *e.Keys
		}
		if e.Language != nil {
			cfg.Language = *e.Language
		}
		if e.Codes != nil {
			cfg.Codes = *e.Codes
		}
		if e.History != nil {
			cfg.History = *e.History
		}
		if e.Hooks != nil {
			cfg.Hooks = *e.Hooks
		}
		if e.BusNumbers != nil {
			cfg.BusNumbers = *e.BusNumbers
		}
		if e.Phone != nil {
			cfg.Phone = *e.Phone
		}
		if e.Colleagues != nil {
			cfg.Colleagues = *e.Colleagues
		}
		return nil
	})
	if err != nil {
		return channel.Saved{}, refusal(err, status.AttemptSave)
	}
	if told != nil {
		saved.Warning = told
	}
	if now := h.account(); hasAccount && (e.Add || now.ByNetwork && !old.ByNetwork) {
		h.tasks.Go(func(ctx context.Context) {
			h.Networks.Choose(ctx, now)
			h.lookAtNetwork()
		})
	}
	if call := h.dialer.Snapshot().Call; hasAccount && a != old && call != nil && call.Live() && saved.Warning == nil {
		saved.Warning = &status.Problem{Code: status.CodeCallGoesOn}
	}
	if e.Register != nil {
		if p := h.register(ctx, *e.Register); p != nil {
			saved.Warning = p
		}
	}
	if e.Keys != nil {
		ctx, cancel := context.WithTimeout(ctx, keysTime)
		defer cancel()
		h.keysTried(ctx)
		saved.KeyTroubles = h.troubles.forWindows()
	}
	return saved, nil
}

// addInUse is cfg with one account more, which is in use.
func addInUse(cfg config.Config, a config.Account) (config.Config, error) {
	now, err := cfg.Add(a)
	if err != nil || len(now.Others) == len(cfg.Others) {
		return now, err
	}
	return now.Use(now.Others[len(now.Others)-1].Account.Name)
}

// checkEdit returns the first error in a form.
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
	if h := e.Hooks; h != nil {
		if err := h.Validate(); err != nil {
			return err
		}
	}
	if c := e.Colleagues; c != nil {
		if err := c.Validate(); err != nil {
			return err
		}
	}
	if k := e.Keys; k != nil {
		if err := k.Validate(); err != nil {
			return err
		}
		for name, keys := range map[string]string{"clipboard": k.Clipboard, "selection": k.Selection, "redial": k.Redial} {
			if _, err := desktop.ParseCombination(keys); err != nil {
				return &config.FieldError{Field: name, Code: config.CodeInvalid}
			}
		}
	}
	return nil
}

// keepSecret stores the password that was typed, or makes sure that there is one for a.
// The warning is nil where nothing is to be told.
func (h *windowHandler) keepSecret(ctx context.Context, a config.Account, typed *string) (warning *status.Problem, err error) {
	if typed == nil && secret.Key(a) == secret.Key(h.account()) {
		return nil, nil // not asked for: a keyring that hangs must not keep the rest from being saved
	}
	if _, p := h.passwordFor(ctx, a, typed); p != nil {
		return nil, p
	}
	key := secret.Key(a)
	if typed != nil {
		if err := h.Keys.Set(ctx, key, *typed); err != nil {
			return nil, err
		}
	}
	if h.Keys.Where(key) == secret.InSession {
		return &status.Problem{Code: status.CodeSecretSession}, nil
	}
	return nil, nil
}

// register makes Cornetta the program for links, and has it started with the session,
// or not; it does nothing where the desktop has it so already.
func (h *windowHandler) register(ctx context.Context, want channel.Register) *status.Problem {
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

func (h *windowHandler) registered(ctx context.Context, _ ipc.None) (channel.Registered, error) {
	now, err := desktop.Query(ctx)
	return channel.Registered{
		Register: channel.Register{Links: now.Links, Autostart: now.Autostart},
		Other:    clean.Text(now.Other, clean.Name),
	}, refusal(err, status.AttemptRegistered)
}

// checkKeys tries keys, unless they are in force: then the desktop would refuse them.
func (h *windowHandler) checkKeys(ctx context.Context, p channel.KeysParams) (ipc.None, error) {
	combination, err := desktop.ParseCombination(p.Keys)
	if err == nil && !combination.IsZero() {
		wanted, _ := h.wantedKeys()
		wrong := h.troubles.forWindows()
		for name, have := range wanted {
			if _, bad := wrong[name]; have == combination && !bad {
				return ipc.None{}, nil
			}
		}
		err = desktop.TryHotkey(ctx, combination)
	}
	return ipc.None{}, refusal(err, status.AttemptKeys)
}

// awaitKeys keeps the keys in force from dialling while a window waits for others.
func (h *windowHandler) awaitKeys(ctx context.Context, _ ipc.None) (v channel.KeysParams, err error) {
	if name := h.capture.wait(ctx); name != "" {
		v.Keys = h.settingOf(name)
	}
	return v, nil
}
