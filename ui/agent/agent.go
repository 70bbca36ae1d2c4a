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
// Where there is no window to be had (windows), what one would have asked is asked by the
// desktop itself (asker), and all else is told.
//
// What decides is pure and has tests here: which links are asked about
// (linkLimiter), which are kept, which troubles with keys are news. A whole agent without a desktop
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

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/contacts"
	"cornetta/dialer/history"
	"cornetta/dialer/ipc"
	"cornetta/dialer/secret"
	"cornetta/dialer/trail"
	"cornetta/internal/safelog"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/tray"
)

// Options are what an agent works on, and what it was started for.
type Options struct {
	Name     string // only one agent of a name runs on a user's desktop
	Store    *config.Store
	Keys     *secret.SessionStore
	Logins   *dialer.Logins   // nil: counted in memory
	Networks *dialer.Networks // nil: it logs in by itself in all of them
	Past     *history.History
	People   *contacts.Book       // nil: nobody is known
	Marked   *contacts.Favourites // nil: there are none
	Trail    *trail.Trail         // closed by Run; nil: calls do not outlive the agent
	Log      *slog.Logger
	Tail     *safelog.Tail // the last lines of Log; nil: they are not kept
	Version  string

	// Contacts runs `cornetta contacts` with arguments, and with a secret on its standard
	// input, which reads the directories in a process of its own. It returns what that
	// prints when it is over, or soon after ctx ended; nil: they are not read.
	Contacts   func(ctx context.Context, secret *string, args ...string) ([]byte, error)
	PeopleFrom string // the file that says which they are

	KeysTold  string // the file that remembers which troubles with hotkeys were told; "": none
	OnBus     bool   // it is Cornetta's application on the session bus
	Activated bool   // the session bus started it, and says what for
	Link      string // the telephone link that it was started for; "": none
	Enrolment string // the whole path of the enrolment that it was started for; "": none
	Runs      func() // called where another agent runs, and has taken over what this one was started for; may be nil
	Welcome   string // shown in the first window
}

// Run is the agent. It blocks until ctx ends or the person quits, and leaves nothing
// running. Where an agent of that name runs already, Run hands over to it what it was
// started for, and returns. It has to be called on main's goroutine, where some systems
// want their tray, and once in a process (see tray.Tray.Run).
func Run(ctx context.Context, o Options) error {
	a := &agent{Options: o}
	defer a.Trail.Close()
	return a.run(ctx)
}

// agent is one run of the program in the tray.
type agent struct {
	Options

	tasks   *tasks
	links   links
	notices *notices
	hints   hints
	asker   asker
	states  states
	hooks   *hooks
	missed  *missed
	later   *later

	dialer  *dialer.Dialer
	windows *windows
	tray    *tray.Tray
	quit    context.CancelFunc

	quitByPerson atomic.Bool // from the menu
	noIcon       atomic.Bool // none could be made

	copied consent.Offers // in the tray's menu

	codes codes

	private  atomic.Bool   // the next call leaves no line in the history
	netNews  chan struct{} // capacity 1: the network may be another one
	idle     chan struct{} // capacity 1: no call goes on
	news     chan struct{} // capacity 1: publish has something to show that the Dialer does not tell
	searched chan struct{} // capacity 1: a search took memory

	newKeys  chan struct{} // capacity 1: the keys in cfg may be others
	opened   chan struct{} // capacity 1: the tray's menu is about to be seen
	troubles *keyTroubles
	capture  keyCapture

	phone    sync.Mutex // held while it is asked whether somebody else has the phone
	applying sync.Mutex // held while settings are read, changed and put in force

	mu    sync.Mutex // guards what follows
	cfg   config.Config
	epoch dialer.Epoch // of the rules in cfg
	stamp string       // of the policy in cfg
	told  string       // what was told last of a policy that is damaged

	enrolment  *enrolment     // that is asked about, nil for none
	enrolments uint64         // ids that were given
	readable   config.Account // of damaged settings; for the forms, where there is no account
}

func (a *agent) run(ctx context.Context) error {
	owner, err := ipc.Acquire(ctx, a.Name)
	if errors.Is(err, ipc.ErrRunning) {
		if a.Activated {
			if err = a.relay(ctx); errors.Is(err, errors.ErrUnsupported) {
				return nil // nobody wants anything of it but that it runs
			}
			return err
		}
		if err = handOver(ctx, a.Name, a.Link, a.Enrolment); !errors.Is(err, ipc.ErrNotRunning) {
			if err == nil && a.Runs != nil {
				a.Runs()
			}
			return err
		}
		owner, err = ipc.Acquire(ctx, a.Name) // the other was just ending
	}
	if err != nil {
		return err
	}
	defer owner.Close()
	// The reader of the log may end before the agent does, as when a journal is
	// restarted: the next line would end the agent, perhaps in a call. Notify and not
	// Ignore, which the windows would inherit.
	pipes := make(chan os.Signal, 1)
	signal.Notify(pipes, syscall.SIGPIPE)
	defer signal.Stop(pipes)
	ctx, a.quit = context.WithCancel(ctx)
	defer a.quit()
	a.tasks = newTasks(ctx)
	a.notices = &notices{log: a.Log, dir: owner.Dir(), redial: a.redialLater}
	defer a.notices.close()

	if a.Logins == nil {
		a.Logins = dialer.OpenLogins("")
	}
	a.dialer = dialer.New(dialer.Options{Secrets: a.Keys, Logins: a.Logins, Networks: a.Networks, Log: a.Log, Trail: a.Trail, Name: a.nameOf, Caller: a.callerName})
	a.asker.agent = a
	a.windows = newWindows(a, a.Log)
	a.hooks = newHooks(a)
	a.missed = newMissed(a.Past, a.Log)
	a.states.follow(ctx, a.hooks.state)
	a.later = &later{look: a.look, ask: a.askLater, tasks: a.tasks}
	a.cfg = config.Default() // until the settings are read
	a.news, a.searched = make(chan struct{}, 1), make(chan struct{}, 1)
	a.netNews, a.idle = make(chan struct{}, 1), make(chan struct{}, 1)
	a.newKeys, a.opened = make(chan struct{}, 1), make(chan struct{}, 1)
	a.troubles = &keyTroubles{agent: a, news: keyNews{path: a.KeysTold}, wrong: map[string]error{}}
	a.tray = tray.New(tray.Actions{
		Do: map[tray.Entry]func(){
			tray.EntryDial:     func() { a.showWindow(channel.Show{Window: channel.WindowDial}) },
			tray.EntrySettings: func() { a.showWindow(channel.Show{Window: channel.WindowSettings}) },
			tray.EntryHangUp:   func() { a.tasks.Go(a.hangUpOrTell) },
			tray.EntryHistory:  func() { a.showMissed(false) },
			tray.EntryMissed:   func() { a.showMissed(true) },

			tray.EntryColleagues: func() { a.showWindow(channel.Show{Window: channel.WindowColleagues}) },

			tray.EntryPrivate: func() { a.setPrivate(!a.private.Load()) },
			tray.EntryQuit:    func() { a.quitByPerson.Store(true); a.quit() },
		},
		Favourite: func(number string, dialled bool) {
			a.tasks.Go(func(ctx context.Context) { a.callListed(ctx, number, dialled) })
		},
		Redial:     func(number string) { a.tasks.Go(func(ctx context.Context) { a.redial(ctx, number) }) },
		Account:    func(name string) { a.tasks.Go(func(ctx context.Context) { a.useOrTell(ctx, name) }) },
		Opening:    a.menuOpening,
		Code:       func(key string) { a.tasks.Go(func(ctx context.Context) { a.dialCode(ctx, key) }) },
		Voicemail:  func() { a.tasks.Go(a.voicemail) },
		DialCopied: func(id uint64) { a.tasks.Go(func(ctx context.Context) { a.dialOffered(ctx, id) }) },
	})
	a.hints.tray = a.tray
	a.tasks.Go(func(ctx context.Context) { _ = a.dialer.Run(ctx) })
	a.tasks.Go(a.publish)
	a.tasks.Go(func(ctx context.Context) { a.start(ctx, owner) })

	err = a.tray.Run(ctx)
	if err != nil {
		a.Log.Warn("no tray", slog.Any("err", err))
		a.noIcon.Store(true)
		<-ctx.Done()
	}
	a.quit()
	a.windows.close()
	a.tasks.wait()
	return nil
}
