// Package agent is the program in the tray. It owns a Dialer, and joins to it the
// icon with its menu, the notifications, the combinations of keys, the windows
// (cornetta-ui, its child) and the control socket. Whatever is to be dialled comes
// in by one of these and goes out as a plan that a person has consented to
// (ui/consent); what happens comes back as the Dialer's Snapshots.
//
// Each of them has a goroutine, and so has whatever may block beside another: all are
// tasks, which end with the agent and are waited for. The tray is run by Run's own
// caller.
//
// What decides is pure and has tests here: which links are asked about (gate),
// which are kept, which troubles with keys are news. A whole agent without a desktop
// is started and ended in the middle of things; as people use it, as a built program
// on a desktop of its own, it is tested in cmd/cornetta.
package agent

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/history"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/dialer/trail"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/desktop"
	"cornetta/ui/tray"
	"cornetta/ui/words"
)

// Options are what an agent works on, and what it was started for.
type Options struct {
	Name   string // of one user's agents of a desktop that have the same, one runs
	Store  *config.Store
	Keys   *secret.SessionStore
	Logins *dialer.Logins // nil: counted in memory
	Past   *history.History
	Trail  *trail.Trail // nil: calls do not outlive it, as in the demo
	Log    *slog.Logger

	KeysTold  string // the file that remembers which troubles with keys were told; "": none
	OnBus     bool   // it answers for Cornetta on the session bus
	Activated bool   // it was started by that
	Link      string // it was started for; "": none
	Welcome   string // shown with the first window
}

// Run is the agent until ctx ends or the person quits; it has left nothing running
// then. Where one of that name runs already, its window is shown instead, or it is
// handed the link. It has to be called by main's goroutine: some systems want their
// tray there.
func Run(ctx context.Context, o Options) error {
	a := &agent{Options: o}
	defer a.Trail.Close()
	return a.run(ctx)
}

// agent is the program in the tray: it owns a Dialer, and joins to it the
// tray, the notification, the windows and the control socket.
type agent struct {
	Options

	tasks   *tasks
	links   links
	notices *notices

	dialer  *dialer.Dialer
	windows *windows
	tray    *tray.Tray
	quit    context.CancelFunc

	quitByPerson atomic.Bool // from the menu, in front of the screen

	newKeys  chan struct{} // capacity 1: there may be others in cfg
	opened   chan struct{} // capacity 1: the tray's menu is about to be seen
	troubles *keyTroubles
	diverted diversion

	taking sync.Mutex // held while settings are read, changed and taken up

	mu    sync.Mutex // guards what follows
	cfg   config.Config
	epoch dialer.Epoch // of the rules in cfg
}

// run is the agent until ctx ends or the person quits. Where one runs
// already, its window is shown instead.
func (a *agent) run(ctx context.Context) error {
	owner, err := control.Acquire(ctx, a.Name)
	if errors.Is(err, control.ErrRunning) {
		if a.Activated {
			return a.relay(ctx)
		}
		if err = a.showFirst(ctx); !errors.Is(err, control.ErrNotRunning) {
			return err
		}
		owner, err = control.Acquire(ctx, a.Name) // it was just ending
	}
	if err != nil {
		return err
	}
	defer owner.Close()
	// What reads the log may end before the agent does, as a journal that is
	// restarted: a line that nobody reads is no reason to go, in mid-call. Notify
	// and not Ignore, which the windows would inherit.
	unread := make(chan os.Signal, 1)
	signal.Notify(unread, syscall.SIGPIPE)
	defer signal.Stop(unread)
	ctx, a.quit = context.WithCancel(ctx)
	defer a.quit()
	a.tasks = newTasks(ctx)
	a.notices = &notices{log: a.Log, dir: owner.Dir()}
	defer a.notices.close()

	if a.Logins == nil {
		a.Logins = dialer.OpenLogins("")
	}
	a.dialer = dialer.New(dialer.Options{Secrets: a.Keys, Logins: a.Logins, Log: a.Log, Trail: a.Trail})
	a.windows = newWindows(a, a.Log)
	a.cfg = config.Default() // until others can be read
	a.newKeys, a.opened = make(chan struct{}, 1), make(chan struct{}, 1)
	a.troubles = &keyTroubles{agent: a, news: keyNews{path: a.KeysTold}, wrong: map[string]error{}}
	a.tray = tray.New(tray.Actions{
		Dial:     func() { a.showWindow(channel.Show{Window: channel.WindowDial}) },
		Settings: func() { a.showWindow(channel.Show{Window: channel.WindowSettings}) },
		Hangup:   func() { a.tasks.Go(a.hangup) },
		Redial:   func(number string) { a.tasks.Go(func(ctx context.Context) { a.redial(ctx, number) }) },
		Quit:     func() { a.quitByPerson.Store(true); a.quit() },

		Opening:    a.tellOpened,
		DialCopied: func(said string) { a.tasks.Go(func(ctx context.Context) { a.dialOffered(ctx, said) }) },
	})
	a.tasks.Go(func(ctx context.Context) { _ = a.dialer.Run(ctx) })
	a.tasks.Go(a.spread)
	a.tasks.Go(func(ctx context.Context) { a.serve(ctx, owner) })

	err = a.tray.Run(ctx) // the main goroutine: some systems ask for it
	if err != nil {
		a.Log.Warn("no tray", slog.Any("err", err))
		<-ctx.Done()
	}
	a.quit()
	a.windows.close()
	a.tasks.wait()
	return nil
}

// iconFirst is how long everything else waits for the icon. It takes a few
// milliseconds, where the session bus is well.
const iconFirst = 100 * time.Millisecond

// serve is everything but the icon, until ctx ends. The icon comes first: beside
// its start even the settings are in its way, and a moment later they are time
// enough to make it look right.
func (a *agent) serve(ctx context.Context, owner *control.Owner) {
	select {
	case <-a.tray.Shown():
	case <-time.After(iconFirst):
	case <-ctx.Done():
		return
	}
	snapshots, cancel := a.dialer.Subscribe() // before there is anything to show
	settings := a.load(ctx)
	if settings == nil {
		a.resumeLeft(ctx)
	}
	// Only now: who knocks at the socket finds a set-up Cornetta.
	a.tasks.Go(func(ctx context.Context) {
		if err := owner.Serve(ctx, &doorman{a}); err != nil {
			a.Log.Error("the control socket", slog.Any("err", err))
		}
	})
	select {
	case <-a.tray.Shown():
	case <-ctx.Done():
		cancel()
		return
	}
	a.look(a.dialer.Recheck)
	a.tasks.Go(a.listen)
	a.tasks.Go(a.offerCopied)
	a.tasks.Go(func(ctx context.Context) {
		defer cancel()
		a.notify(ctx, snapshots, owner.Dir())
	})
	a.tasks.Go(func(ctx context.Context) {
		if err := desktop.FollowChanges(ctx, a.Log, func() { _ = a.dialer.Changed(ctx) }); err != nil {
			a.Log.Debug("nobody tells of sleep and networks", slog.Any("err", err))
		}
	})
	if a.OnBus {
		a.tasks.Go(func(ctx context.Context) {
			if err := a.application().Serve(ctx); err != nil {
				a.Log.Info("nothing is heard from the session bus", slog.Any("err", err))
			}
		})
	}
	a.begin(ctx, settings)
}

// notify shows each call in a notification, with an icon that is put into dir.
func (a *agent) notify(ctx context.Context, snapshots <-chan status.Snapshot, dir string) {
	notifier, err := desktop.NewNotifier(desktop.Options{
		OnHangUp: func(id string) {
			if c := a.dialer.Snapshot().Call; c != nil && c.ID == id {
				a.hangup(ctx)
			}
		},
		Dir: dir, Log: a.Log,
	})
	if err != nil {
		a.Log.Warn("no notifications", slog.Any("err", err))
		return
	}
	desktop.Follow(ctx, snapshots, notifier)
	a.goesOn(notifier)
	_ = notifier.Close()
}

// controlTime bounds the exchange with an agent that runs already.
const controlTime = 15 * time.Second

// showFirst asks the agent that runs already for its window, or hands it the
// link.
func (a *agent) showFirst(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, controlTime)
	defer cancel()
	c, err := control.Connect(ctx, a.Name)
	if err != nil {
		return err
	}
	defer c.Close()
	return a.handOver(ctx, c)
}

// hostTime is how long a desktop that is just starting may take to show its
// tray.
const hostTime = 3 * time.Second

// begin shows what a start has to show; err is what was wrong with the
// settings.
func (a *agent) begin(ctx context.Context, err error) {
	if err != nil {
		a.Log.Error("the settings cannot be read", slog.Any("err", err))
		a.showWindow(channel.Show{Window: channel.WindowSettings, Reason: words.ProblemText(dialer.ProblemOf(err, status.AttemptLoad))})
		return
	}
	if a.Link != "" {
		a.askLink(a.Link)
		return
	}
	if a.Activated {
		return // what to show is being told
	}
	waiting, cancel := context.WithTimeout(ctx, hostTime)
	defer cancel()
	hostErr := tray.WaitHost(waiting)
	switch {
	case ctx.Err() != nil:
	case a.account().Validate() != nil:
		a.showWindow(channel.Show{Window: channel.WindowAssistant})
	case a.Welcome != "":
		a.showWindow(channel.Show{Window: channel.WindowDial, Reason: a.Welcome})
	case hostErr != nil:
		a.showWindow(channel.Show{Window: channel.WindowDial})
	}
}

// reload takes up the settings that a person has changed and checks the
// account.
func (a *agent) reload(ctx context.Context) error {
	if err := a.load(ctx); err != nil {
		return err
	}
	a.look(a.dialer.Check)
	return nil
}

// look has check find out whether the account works; what it finds is in the
// Snapshot.
func (a *agent) look(check func(context.Context) error) {
	if a.account().Validate() == nil {
		a.tasks.Go(func(ctx context.Context) { _ = check(ctx) })
		a.askKept()
	}
}

// load takes up the settings on disk.
func (a *agent) load(ctx context.Context) error {
	a.taking.Lock()
	defer a.taking.Unlock()
	cfg, err := a.Store.Load()
	if err != nil {
		return err
	}
	return a.take(ctx, cfg, true)
}

// change rewrites the settings on disk, takes them up and checks the account if
// that is another. login: the password is another one.
func (a *agent) change(ctx context.Context, login bool, edit func(*config.Config)) error {
	a.taking.Lock()
	defer a.taking.Unlock()
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
	if err := a.take(ctx, cfg, login); err != nil {
		return err
	}
	if login {
		a.look(a.dialer.Check)
	}
	return nil
}

// take puts cfg in force; with login for the link, too, which ends the session
// once no call goes on in it. It is called with taking held.
func (a *agent) take(ctx context.Context, cfg config.Config, login bool) error {
	// From here on no plan goes out that was made before, whose prefix is another
	// one; what is planned before the lock below is refused with it.
	epoch, err := a.dialer.NextEpoch(ctx)
	if err != nil {
		return err
	}
	if login {
		if key := secret.Key(cfg.Account); a.Keys.Where(key) == secret.InSession {
			a.recheck(ctx, key)
		}
		if err := a.dialer.SetAccount(ctx, cfg.Account, cfg.Link); err != nil {
			return err
		}
	}
	a.mu.Lock()
	a.cfg, a.epoch = cfg, epoch
	a.mu.Unlock()
	a.tellKeys()
	return nil
}

// recheck looks for a newer password, which the command line may have put into the
// keyring. A locked one is not waited for: there is one to go on with.
func (a *agent) recheck(ctx context.Context, key string) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	a.Keys.Recheck(ctx, key)
}

// rules are what plans are made under, and for how long they are good.
type rules struct {
	numbers number.Settings
	epoch   dialer.Epoch
}

func (a *agent) rules() rules {
	a.mu.Lock()
	defer a.mu.Unlock()
	return rules{a.cfg.Rules(), a.epoch}
}

func (a *agent) account() config.Account {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cfg.Account
}

// showWindow shows a window; somebody who looks at one is about to dial.
func (a *agent) showWindow(s channel.Show) {
	if s.Window == channel.WindowDial && a.account().Validate() != nil {
		s.Window = channel.WindowAssistant
	}
	if s.Window == channel.WindowDial && s.Reason == "" {
		s.Reason = a.troubles.unsaid()
	}
	_ = a.windows.show(s) // they have said it
	if s.Window == channel.WindowDial {
		a.prepare()
	}
}

// prepare has the link ready by the time somebody calls.
func (a *agent) prepare() {
	a.tasks.Go(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_ = a.dialer.Prepare(ctx)
	})
}

func (a *agent) hangup(ctx context.Context) {
	if err := a.hangUp(ctx); err != nil && !errors.Is(err, dialer.ErrNoCall) {
		// Not the error: it quotes the PBX, which may name a number.
		problem := dialer.ProblemOf(err, status.AttemptHangUp)
		a.Log.Warn("the call could not be hung up", slog.String("code", string(problem.Code)))
		a.notices.show("hangup", words.Problem(*problem))
	}
}

// redial dials a number that was dialled before, from the tray's menu. What
// goes wrong is shown in the dial window, with the number.
func (a *agent) redial(ctx context.Context, dial string) {
	r := a.rules()
	r.numbers.TypedIs = number.TypedKeypad // it is what was dialled, outside line and all
	p, err := consent.Plan(dial, number.Typed, "", r.numbers)
	if err == nil {
		_, err = a.dialer.DialIn(ctx, r.epoch, p)
	}
	if err == nil {
		return
	}
	show := channel.Show{Window: channel.WindowDial, Text: dial}
	if problem := dialer.ProblemOf(err, status.AttemptDial); problem.Code != status.CodeConfirm { // of that the window says why
		show.Reason = words.ProblemText(problem)
	}
	a.showWindow(show)
}

// place is what every way in comes to. agreed is the dial string that a person
// was shown and said yes to; "" where nobody was asked. remember keeps how they
// chose to have the text read.
func (a *agent) place(ctx context.Context, text, agreed string, remember bool) (call.Snapshot, error) {
	r := a.rules()
	p, err := consent.Plan(text, number.Typed, agreed, r.numbers)
	if err != nil {
		return call.Snapshot{}, err
	}
	placed, err := a.dialer.DialIn(ctx, r.epoch, p)
	if err == nil && remember && p.Line != "" {
		a.remember(ctx, p.Line)
	}
	return placed, err
}

// remember keeps which of two readings a person chose, where a typed number is one
// with its first digits and one behind them.
func (a *agent) remember(ctx context.Context, line string) {
	if err := a.change(context.WithoutCancel(ctx), false, func(cfg *config.Config) { cfg.Numbers.TypedLine = line }); err != nil {
		a.Log.Warn("what was chosen is not remembered", slog.Any("err", err))
	}
}

// spread carries each Snapshot to the tray and the windows, and each call
// that ended into the history.
func (a *agent) spread(ctx context.Context) {
	snapshots, cancel := a.dialer.Subscribe()
	defer cancel()
	var open *call.Snapshot // the call that has no line in the history yet
	var noted string        // the last one that has
	next := func(s status.Snapshot) {
		c := s.Call
		if open != nil && (c == nil || c.ID != open.ID) {
			a.book().Note(*open) // what becomes of it nobody will tell
		}
		switch {
		case c == nil, c.ID == noted:
			open = nil
		case c.Settled():
			a.book().Note(*c)
			noted, open = c.ID, nil
		default:
			open = c
		}
	}
	for {
		select {
		case <-ctx.Done():
			for {
				select {
				case s := <-snapshots:
					next(s)
					continue
				default:
				}
				break
			}
			if open != nil && !a.Trail.Holds(open.ID) {
				a.book().Note(*open) // the next start sees to it otherwise
			}
			return
		case s := <-snapshots:
			a.unaskedEnded(s.Call)
			next(s)
			a.tray.Update(s, a.Past.Recent(10))
			a.windows.push(s)
		}
	}
}
