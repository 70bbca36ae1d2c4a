package agent

import (
	"context"
	"log/slog"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/internal/safelog"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// reload puts in force the settings that another program has changed, and checks the
// account as a start does: it is no more than the third login that is refused.
func (a *agent) reload(ctx context.Context) error {
	if err := a.load(ctx); err != nil {
		return err
	}
	a.checkAccount(a.dialer.Recheck)
	return nil
}

// load puts the settings on disk in force, or those of before where they are damaged,
// of which the person is told.
func (a *agent) load(ctx context.Context) error {
	a.applying.Lock()
	defer a.applying.Unlock()
	stamp := a.Store.PolicyStamp()
	cfg, damage, err := a.Store.Restore()
	a.noteLocked(stamp)
	if err != nil {
		return err
	}
	if p := damage.Problem(); p != nil {
		a.Log.Warn("the settings were damaged", slog.Any("kept", safelog.Own(damage.Kept)))
		a.showWindow(channel.Show{Window: channel.WindowSettings, Reason: words.ProblemText(p)})
	}
	return a.applyLocked(ctx, cfg, true)
}

// noteLocked takes notice of the policy with that stamp, which is read now, and tells the
// person where it is damaged. It is called with applying held.
func (a *agent) noteLocked(stamp string) {
	p := a.Store.Policy()
	damaged := p.Damaged()
	text := words.ProblemText(damaged)
	a.mu.Lock()
	news := text != a.told
	a.stamp, a.told = stamp, text
	a.mu.Unlock()
	if len(p.Problems) > 0 {
		a.Log.Warn("not all of the policy is in force", slog.Int("problems", len(p.Problems)), slog.Any("first", p.Problems[0].Code))
	}
	if damaged != nil && news {
		a.tasks.Go(func(context.Context) { a.notices.show("policy", words.Problem(*damaged)) })
	}
}

// policyTime is how often the policy is looked at while nobody does anything.
const policyTime = time.Minute

// followPolicy puts in force what an administrator changes.
func (a *agent) followPolicy(ctx context.Context) {
	every := time.NewTicker(policyTime)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			a.renewPolicy()
		case <-ctx.Done():
			return
		}
	}
}

// renewPolicy puts the policy in force where it is another one than before. It is asked
// for whenever something depends on it: reading it takes less than a millisecond.
func (a *agent) renewPolicy() {
	same := func() bool {
		stamp := a.Store.PolicyStamp()
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.stamp == stamp
	}
	// Whoever puts settings in force now reads the policy, too, and may ask for a plan.
	if same() || !a.applying.TryLock() {
		return
	}
	defer a.applying.Unlock()
	stamp := a.Store.PolicyStamp()
	cfg, _, err := a.Store.Restore()
	a.noteLocked(stamp)
	if err != nil {
		return // what was in force stays
	}
	a.mu.Lock()
	login := a.cfg.Account != cfg.Account || a.cfg.Link() != cfg.Link()
	a.mu.Unlock()
	if a.applyLocked(a.tasks.ctx, cfg, login) == nil && login {
		a.tasks.Go(func(context.Context) { a.checkAccount(a.dialer.Recheck) })
	}
}

// begin is load for the start of the program, when nothing is in force. Where the
// settings cannot be used, the Snapshot tells why, and the windows are given what can
// still be read of them.
func (a *agent) begin(ctx context.Context) error {
	err := a.load(ctx)
	if err == nil || ctx.Err() != nil {
		return err
	}
	a.Log.Error("the settings cannot be read", slog.Any("err", err))
	a.mu.Lock()
	a.readable = a.Store.Readable().Account
	usual := a.Store.Policy().Usual() // of settings that cannot be read it is all there is
	a.cfg.Numbers, a.cfg.Locked, a.cfg.Language = usual.Numbers, usual.Locked, usual.Language
	a.mu.Unlock()
	a.keepPast(usual.History)
	_ = a.dialer.SetUnusable(ctx, *dialer.ProblemOf(err, status.AttemptLoad)) // ends with ctx alone
	return err
}

// change edits the settings on disk, puts them in force and checks the account if it
// has changed. login says that the password has changed, which is not in them. told is
// what the person has to know although that was done, nil for nothing.
func (a *agent) change(ctx context.Context, login bool, edit func(*config.Config)) (told *status.Problem, err error) {
	return a.try(ctx, login, a.dialer.Check, func(cfg *config.Config) error { edit(cfg); return nil })
}

// try is change for an edit that may fail, which is the error then. check is the Dialer's
// Check or Recheck. Passwords that are no account's any more are forgotten.
func (a *agent) try(ctx context.Context, login bool, check func(context.Context) error, edit func(*config.Config) error) (told *status.Problem, err error) {
	a.applying.Lock()
	defer a.applying.Unlock()
	var before config.Config
	cfg, damage, err := a.Store.Try(func(cfg *config.Config) error {
		before = *cfg
		return edit(cfg)
	})
	if err != nil {
		return nil, err
	}
	defer func() {
		for _, key := range secret.Dropped(before, cfg) {
			a.tasks.Go(func(ctx context.Context) { _ = a.Keys.Delete(ctx, key) })
		}
	}()
	a.mu.Lock()
	login = login || a.cfg.Account != cfg.Account || a.cfg.Link() != cfg.Link()
	a.mu.Unlock()
	if err := a.applyLocked(ctx, cfg, login); err != nil {
		return nil, err
	}
	if login {
		a.checkAccount(check)
	}
	return damage.Problem(), nil
}

// applyLocked puts cfg in force. With login the Dialer logs in anew, as soon as no call
// goes on. It is called with applying held.
func (a *agent) applyLocked(ctx context.Context, cfg config.Config, login bool) error {
	// From here on the Dialer refuses plans that were made under the old settings, which
	// may have another outside line. So it does with those that are still made with
	// them until a.cfg is set below.
	epoch, err := a.dialer.NextEpoch(ctx)
	if err != nil {
		return err
	}
	if err := a.dialer.SetIncoming(ctx, cfg.Phone.Incoming); err != nil {
		return err
	}
	if login {
		if key := secret.Key(cfg.Account); a.Keys.Where(key) == secret.InSession {
			a.refreshSecret(ctx, key)
		}
		if err := a.dialer.SetAccount(ctx, cfg.Account, cfg.Link()); err != nil {
			return err
		}
	}
	a.mu.Lock()
	another := a.cfg.Account != cfg.Account
	a.cfg, a.epoch, a.readable = cfg, epoch, config.Account{}
	a.mu.Unlock()
	a.later.forget(func(w callLater) bool { return another || w.free && !cfg.Colleagues.Show })
	a.keysMayDiffer()
	a.speak(cfg.Language)
	a.showCodes()
	a.keepPast(cfg.History)
	a.showAccounts(cfg, false)
	a.lookAtNetwork()
	return nil
}

// keepPast keeps so much of the history, and takes the rest out of it.
func (a *agent) keepPast(h config.History) {
	a.Past.SetKeep(history.Keep{Entries: h.Calls, Days: h.Days})
	a.tasks.Go(func(context.Context) { a.trimPast() })
}

// trimPast takes out of the history what is not kept any longer.
func (a *agent) trimPast() {
	if err := a.Past.Trim(); err != nil {
		a.Log.Warn("the history was not cut", slog.Any("err", err))
	}
	a.retell()
}

// trimEvery is how often it is looked whether calls have become too old to be kept.
const trimEvery = 12 * time.Hour

// followPast trims the history from time to time, until ctx ends.
func (a *agent) followPast(ctx context.Context) {
	every := time.NewTicker(trimEvery)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			a.trimPast()
		case <-ctx.Done():
			return
		}
	}
}

// speak goes on in the language that was chosen, in the tray and the windows, too.
func (a *agent) speak(chosen config.Language) {
	before := words.Language()
	if code := words.Choose(string(chosen)); code != before {
		a.tray.Update(a.standing(a.dialer.Snapshot()), a.Past.Recent(10))
		a.hints.said()
		a.windows.speak(code)
	}
}

// refreshSecret looks into the keyring for a newer password, which the command line may
// have put there. It does not wait for a locked keyring: there is a password to go on
// with.
func (a *agent) refreshSecret(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	a.Keys.Recheck(ctx, key)
}

// checkAccount has check, which is the Dialer's Check or Recheck, find out as a task
// whether the account works: the Snapshot tells. A link that waited for an account is
// asked about now.
func (a *agent) checkAccount(check func(context.Context) error) {
	if a.account().Validate() == nil {
		a.tasks.Go(func(ctx context.Context) { _ = check(ctx) })
		a.askKept()
	}
}

// rules are what a plan is made by, and the time in which they are in force: the
// Dialer refuses a plan that was made by older ones.
type rules struct {
	numbers number.Settings
	epoch   dialer.Epoch
}

func (a *agent) rules() rules {
	a.mu.Lock()
	defer a.mu.Unlock()
	return rules{a.cfg.Rules(), a.epoch}
}

// given reports whether an administrator gives all of the account, so that the person is
// only asked for the password.
func (a *agent) given(ctx context.Context) bool {
	a.mu.Lock()
	cfg := a.cfg
	a.mu.Unlock()
	if !cfg.Given {
		return false
	}
	_, err := a.Keys.Get(ctx, secret.Key(cfg.Account))
	return err != nil
}

// account is the account in force.
func (a *agent) account() config.Account { return a.config().Account }

// config is what is in force.
func (a *agent) config() config.Config {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cfg
}
