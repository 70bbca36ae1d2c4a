package agent

import (
	"context"
	"log/slog"
	"slices"

	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/contacts"
	"cornetta/dialer/ipc"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/words"
)

// useAccount puts the account with that name in use, because a person says so.
func (a *agent) useAccount(ctx context.Context, name string) (told *status.Problem, err error) {
	told, err = a.try(ctx, false, a.dialer.Recheck, func(cfg *config.Config) (err error) {
		*cfg, err = cfg.Use(name)
		return err
	})
	if err != nil {
		return nil, err
	}
	if c := a.dialer.Snapshot().Call; told == nil && c != nil && c.Live() {
		told = &status.Problem{Code: status.CodeCallGoesOn}
	}
	in := a.account()
	a.tasks.Go(func(ctx context.Context) {
		a.Networks.Choose(ctx, in)
		a.lookAtNetwork()
	})
	return told, nil
}

// useOrTell is useAccount for a click: the person is told what they have to know.
func (a *agent) useOrTell(ctx context.Context, name string) {
	told, err := a.useAccount(ctx, name)
	if err != nil {
		told = dialer.ProblemOf(err, status.AttemptSave)
		a.Log.Warn("another account is not in use", slog.Any("err", told))
	}
	if told != nil {
		a.notices.show("account", words.Problem(*told))
	}
}

// showAccounts brings the tray's menu into line with the accounts of cfg. here says that
// the network chose the one in use.
func (a *agent) showAccounts(cfg config.Config, here bool) {
	a.tray.Accounts(namesOf(cfg), cfg.Account.Name, here)
	a.retell()
}

func namesOf(cfg config.Config) (names []string) {
	for _, one := range cfg.Accounts() {
		names = append(names, one.Name)
	}
	return names
}

// lookAtNetwork has followNetwork look which network this is.
func (a *agent) lookAtNetwork() {
	select {
	case a.netNews <- struct{}{}:
	default:
	}
}

// followNetwork puts an account in use that is chosen by itself where the computer comes
// into its network, until ctx ends. It waits for the end of a call.
func (a *agent) followNetwork(ctx context.Context) {
	last, look := "", true
	for {
		if c := a.dialer.Snapshot().Call; look && (c == nil || !c.Live()) {
			last, look = a.chooseByNetwork(ctx, last), false
		}
		select {
		case <-ctx.Done():
			return
		case <-a.netNews:
			look = true
		case <-a.idle: // a call may be over
		}
	}
}

// chooseByNetwork looks which network this is, and returns it. last is the one before: in
// the same one the account stays that the person has put in use since.
func (a *agent) chooseByNetwork(ctx context.Context, last string) string {
	a.mu.Lock()
	cfg := a.cfg
	a.mu.Unlock()
	if !cfg.Several() {
		return last
	}
	chosen, here := a.Networks.Chosen(ctx, cfg.Accounts())
	if here == "" {
		a.showAccounts(cfg, false)
		return last
	}
	if !chosen.IsZero() && here != last && chosen != cfg.Account {
		_, err := a.try(ctx, false, a.dialer.Recheck, func(now *config.Config) (err error) {
			*now, err = now.Use(chosen.Name)
			return err
		})
		if err != nil {
			a.Log.Warn("the account of this network is not in use", slog.Any("err", dialer.ProblemOf(err, status.AttemptSave)))
			return last
		}
		a.Log.Info("the network has chosen an account")
	}
	a.mu.Lock()
	cfg = a.cfg
	a.mu.Unlock()
	a.showAccounts(cfg, !chosen.IsZero() && chosen == cfg.Account)
	return here
}

func (h *windowHandler) useAccount(ctx context.Context, p channel.AccountParams) (ipc.None, error) {
	_, err := h.agent.useAccount(context.WithoutCancel(ctx), p.Name)
	return ipc.None{}, refusal(err, status.AttemptSave)
}

func (h *windowHandler) removeAccount(ctx context.Context, p channel.AccountParams) (ipc.None, error) {
	_, err := h.try(context.WithoutCancel(ctx), false, h.dialer.Recheck, func(cfg *config.Config) (err error) {
		*cfg, err = cfg.Remove(p.Name)
		return err
	})
	return ipc.None{}, refusal(err, status.AttemptSave)
}

// nameAmongSeveral is what the account in use is called, where there are others.
func (a *agent) nameAmongSeveral() string {
	if cfg := a.config(); cfg.Several() {
		return cfg.Account.Name
	}
	return ""
}

// accountText is the account in use as the history has it, "" where it has no name.
func (a *agent) accountText() clean.Foreign {
	in := a.account()
	if in.Name == "" {
		return ""
	}
	return clean.Foreign(call.AccountText(in.Name, secret.Key(in)))
}

// markedWithAnother reports whether a number is a favourite that was dialled with another
// account than the one in use.
func (a *agent) markedWithAnother(dial string) bool {
	all, _ := a.Marked.List() // where they cannot be read there is no line to click either
	a.mu.Lock()
	cfg := a.cfg
	a.mu.Unlock()
	return slices.ContainsFunc(all, func(f contacts.Favourite) bool {
		return f.Dialled && f.Number.Text() == dial && consent.OtherAccount(f.Account.Text(), cfg)
	})
}
