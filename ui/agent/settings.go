package agent

import (
	"context"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/ui/consent"
)

// reload takes up the settings that a person has changed and checks the
// account.
func (a *agent) reload(ctx context.Context) error {
	if err := a.load(ctx); err != nil {
		return err
	}
	a.checkAccount(a.dialer.Check)
	return nil
}

// load takes up the settings on disk.
func (a *agent) load(ctx context.Context) error {
	a.applying.Lock()
	defer a.applying.Unlock()
	cfg, err := a.Store.Load()
	if err != nil {
		return err
	}
	return a.applyLocked(ctx, cfg, true)
}

// change rewrites the settings on disk, takes them up and checks the account if
// that is another. login: the password is another one.
func (a *agent) change(ctx context.Context, login bool, edit func(*config.Config)) error {
	a.applying.Lock()
	defer a.applying.Unlock()
	cfg, err := a.Store.Load()
	if err != nil {
		return err
	}
	edit(&cfg)
	if err := a.Store.Save(cfg); err != nil {
		return err
	}
	a.mu.Lock()
	login = login || a.cfg.Account != cfg.Account || a.cfg.Link != cfg.Link
	a.mu.Unlock()
	if err := a.applyLocked(ctx, cfg, login); err != nil {
		return err
	}
	if login {
		a.checkAccount(a.dialer.Check)
	}
	return nil
}

// take puts cfg in force; with login for the link, too, which ends the session
// once no call goes on in it. It is called with taking held.
func (a *agent) applyLocked(ctx context.Context, cfg config.Config, login bool) error {
	// From here on no plan goes out that was made before, whose prefix is another
	// one; what is planned before the lock below is refused with it.
	epoch, err := a.dialer.NextEpoch(ctx)
	if err != nil {
		return err
	}
	if login {
		if key := secret.Key(cfg.Account); a.Keys.Where(key) == secret.InSession {
			a.refreshSecret(ctx, key)
		}
		if err := a.dialer.SetAccount(ctx, cfg.Account, cfg.Link); err != nil {
			return err
		}
	}
	a.mu.Lock()
	a.cfg, a.epoch = cfg, epoch
	a.mu.Unlock()
	a.keysMayDiffer()
	return nil
}

// recheck looks for a newer password, which the command line may have put into the
// keyring. A locked one is not waited for: there is one to go on with.
func (a *agent) refreshSecret(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	a.Keys.Recheck(ctx, key)
}

// look has check find out whether the account works; what it finds is in the
// Snapshot.
func (a *agent) checkAccount(check func(context.Context) error) {
	if a.account().Validate() == nil {
		a.tasks.Go(func(ctx context.Context) { _ = check(ctx) })
		a.askKept()
	}
}

// rules are what plans are made under, and for how long they are good.
type rules struct {
	numbers number.Settings
	epoch   dialer.Epoch
}

func (a *agent) rules() rules {
	a.mu.Lock()
	defer a.mu.Unlock()
	return rules{consent.Rules(a.cfg), a.epoch}
}

func (a *agent) account() config.Account {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cfg.Account
}
