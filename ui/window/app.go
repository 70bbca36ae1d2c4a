package window

import (
	"context"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	fyneapp "fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"

	"cornetta/assets"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/guides"
	"cornetta/ui/words"
)

// appID is the application's identity for Fyne, the same as in FyneApp.toml.
const appID = "io.cornetta.Cornetta"

const (
	warmTime     = time.Minute      // between the last window and the end
	askTime      = 10 * time.Second // for an answer of the agent
	saveTime     = 5 * time.Minute  // for Save, which may wait for the keyring twice, or for the desktop
	checkTime    = 3 * time.Minute  // for what talks to the PBX: the keyring may have to ask the person first
	maxRecent    = 20
	settleTime   = 3 * time.Second // a second Enter within it is the same call
	hesitateTime = 700 * time.Millisecond
	sweepTime    = time.Second
	tidyTime     = 2 * time.Second // after a window came up

	// A window that nobody at this screen may have asked for comes up when keyboard and
	// mouse were left alone for quietTime, and after patience in any case.
	quietTime = 700 * time.Millisecond
	lookTime  = 100 * time.Millisecond // from one look at them to the next
	patience  = 10 * time.Second
)

// Env is what the App takes from the world around it, so that tests can give
// it another.
type Env struct {
	Do    func(func())                                   // runs a function on the GUI's goroutine, later
	After func(time.Duration, func()) (stop func() bool) // time.AfterFunc
	Now   func() time.Time                               // time.Now
	Quit  func()                                         // ends the program in good order
	Gone  func()                                         // ends it at once: the agent is gone

	// Idle is how long ago the person last pressed a key or a button of the mouse, in
	// whatever window; long ago where the desktop does not tell. It may be nil.
	Idle func() time.Duration
	// Pointer is where the mouse is on the screen. It may be nil.
	Pointer func() fyne.Position
	// Help is what the guides say of a problem, by its code, and on which page; "" for
	// nothing. It may be nil.
	Help func(code string) (text, page string)
	// Shown is called when the first window is on the screen. It may be nil.
	Shown func()
}

// App is the windows and what they share. It is a channel.Handler. Its methods
// may be called from any goroutine, except where they say otherwise.
type App struct {
	fyne  fyne.App
	agent *channel.Client
	env   Env

	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup // of ask and rest

	mu       sync.Mutex // guards what follows
	pending  *status.Snapshot
	question *channel.Ask // the newest, until it is shown
	asking   int          // how many asks have no answer that was looked at
	closed   bool

	// What follows belongs to Fyne's goroutine.
	snap      status.Snapshot
	visible   map[fyne.Window]bool
	guards    map[fyne.Window]*guard
	stopWarm  func() bool
	dial      *dialWindow
	assistant *assistantWindow
	settings  *settingsWindow
	confirm   *confirmWindow
	enrolment *enrolmentWindow
	doctor    *doctorWindow
	history   *historyWindow
	books     *booksWindow
	help      *helpWindow

	colleagues *colleaguesWindow
	phones     *phones

	held      *channel.Ask  // until the assistant is closed, and the person types nowhere
	heldLink  *channel.Show // the same for one that cannot be read
	outdated  bool          // the windows speak another language than was chosen
	shown     bool          // a window was on the screen
	heldSince time.Time     // when the assistant left the way to the first of them
	looking   bool          // at the keyboard, again and again
}

// Run connects to the agent over in and out and shows what it asks for until no
// window was wanted for a minute. When in ends it calls gone, and where there is no OpenGL
// to draw with noOpenGL: either must end the process. It must be called on main's
// goroutine.
func Run(in io.Reader, out io.WriteCloser, gone, noOpenGL func()) {
	drawn := watchGraphics(noOpenGL)
	defer func() { drawn.recovered(recover()) }()
	icon := fyne.NewStaticResource("cornetta.png", assets.AppIcon)
	fyneapp.SetMetadata(fyne.AppMetadata{
		ID: appID, Name: words.Text(words.LabelApp), Icon: icon,
		Migrations: map[string]bool{"fyneDo": true}, // widgets are touched by Do alone
	})
	if err := speakToolkit(); err != nil {
		fyne.LogError("window: toolkit", err)
	}
	f := fyneapp.NewWithID(appID)
	f.SetIcon(icon)
	f.Settings().SetTheme(newLook())
	idle, pointer, end := watchInput()
	defer end()
	var a *App
	r := newRest(func() bool { return a.awaiting() })
	a = New(f, Env{
		Do: r.do,
		After: func(d time.Duration, fn func()) func() bool {
			return time.AfterFunc(d, fn).Stop
		},
		Now:  time.Now,
		Quit: f.Quit,
		Gone: gone,
		Idle: idle, Pointer: pointer,
		Help: func(code string) (text, page string) {
			page = guides.Trouble()
			return guides.Help(page, code), page
		},
		Shown: func() { drawn.works.Store(true) },
	})
	// Nothing that arrives is looked at before the loop below runs: Do queues.
	a.Start(channel.Connect(in, out, a))
	r.begin()
	a.wg.Go(func() { r.run(a.ctx) })
	f.Run()
	a.Close()
}

// New prepares the windows; none is made yet. Start must follow.
func New(f fyne.App, env Env) *App {
	a := &App{fyne: f, env: env, visible: map[fyne.Window]bool{}, guards: map[fyne.Window]*guard{}}
	a.ctx, a.cancel = context.WithCancel(context.Background())
	a.phones = newPhones(a)
	return a
}

// Start tells whom to ask, and starts the wait for the first window. It must
// be called on the GUI's goroutine, before that looks at what Do was given.
func (a *App) Start(agent *channel.Client) {
	a.agent = agent
	a.warm()
}

// awaiting reports whether an answer of the agent is waited for.
func (a *App) awaiting() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asking > 0
}

// Close gives up what is being asked and waits for it.
func (a *App) Close() {
	a.cancel()
	a.mu.Lock()
	a.closed = true
	a.mu.Unlock()
	a.wg.Wait()
}

// Snapshot implements channel.Handler.
func (a *App) Snapshot(s status.Snapshot) {
	a.mu.Lock()
	defer a.mu.Unlock()
	waiting := a.pending != nil
	a.pending = &s
	if !waiting {
		a.env.Do(a.applyPending)
	}
}

func (a *App) applyPending() {
	a.mu.Lock()
	s := a.pending
	a.pending = nil
	a.mu.Unlock()
	if s == nil {
		return
	}
	another := a.snap.Account != s.Account
	a.snap = *s
	if a.dial != nil {
		a.dial.apply(*s)
		if another { // by whose rules the number is read now
			a.dial.preview()
		}
	}
	if a.assistant != nil {
		a.assistant.apply(*s)
	}
	if a.confirm != nil {
		a.confirm.apply(*s)
	}
	if a.colleagues != nil {
		a.colleagues.apply()
	}
}

// Show implements channel.Handler.
func (a *App) Show(s channel.Show) {
	a.env.Do(func() {
		switch s.Window {
		case channel.WindowAssistant:
			a.showAssistant(s.Reason)
		case channel.WindowSettings:
			a.showSettings(s.Reason)
		case channel.WindowHistory:
			a.showHistory(s.Missed)
		case channel.WindowColleagues:
			a.showColleagues()
		case channel.WindowEnrolment:
			if s.Enrolment != nil {
				if a.enrolment == nil {
					a.enrolment = newEnrolmentWindow(a)
				}
				a.enrolment.show(*s.Enrolment)
			}
		default:
			if s.Link != 0 {
				a.heldLink = &s
				a.showHeld()
				return
			}
			a.showDial(s)
		}
	})
}

// Ask implements channel.Handler. Counts that change quickly are merged.
func (a *App) Ask(q channel.Ask) {
	a.mu.Lock()
	defer a.mu.Unlock()
	waiting := a.question != nil
	a.question = &q
	if !waiting {
		a.env.Do(a.applyQuestion)
	}
}

func (a *App) applyQuestion() {
	a.mu.Lock()
	q := a.question
	a.question = nil
	a.mu.Unlock()
	if q == nil {
		return
	}
	a.held = q
	a.showHeld()
}

// showHeld shows the link that was held, unless the person is about to be done with the
// assistant, over which it would come, or types or clicks somewhere: no keyboard is
// taken away from that. It tries again by itself, but for the assistant, which does it
// when it is closed.
func (a *App) showHeld() {
	if a.held == nil && a.heldLink == nil || a.assistant != nil && a.assistant.ending() {
		a.heldSince = time.Time{}
		return
	}
	now := a.env.Now()
	if a.heldSince.IsZero() {
		a.heldSince = now
	}
	if a.busy() && now.Sub(a.heldSince) < patience {
		if !a.looking {
			a.looking = true
			a.env.After(lookTime, func() {
				a.env.Do(func() {
					a.looking = false
					a.showHeld()
				})
			})
		}
		return
	}
	q, link := a.held, a.heldLink
	a.held, a.heldLink, a.heldSince = nil, nil, time.Time{}
	if link != nil {
		a.showDial(*link)
	}
	if q != nil {
		if a.confirm == nil {
			a.confirm = newConfirmWindow(a)
		}
		a.confirm.show(*q)
	}
}

// busy reports whether the person types or clicks, as far as the desktop tells. A
// window of a link that is on the screen already takes nothing from anybody.
func (a *App) busy() bool {
	if a.env.Idle == nil {
		return false
	}
	shown := a.confirm != nil && a.visible[a.confirm.win] && a.held != nil && a.held.Offer.ID == a.confirm.ask.Offer.ID ||
		a.dial != nil && a.visible[a.dial.win] && a.heldLink != nil && a.heldLink.Link == a.dial.link
	return !shown && a.env.Idle() < quietTime
}

// CheckStep implements channel.Handler.
func (a *App) CheckStep(s channel.CheckStep) {
	a.env.Do(func() {
		if a.assistant != nil {
			a.assistant.check.step(s)
		}
		if a.settings != nil {
			a.settings.check.step(s)
		}
	})
}

// Finding implements channel.Handler.
func (a *App) Finding(e channel.Examined) {
	a.env.Do(func() {
		if a.doctor != nil {
			a.doctor.add(e)
		}
	})
}

// Language implements channel.Handler. The windows of this program keep their language:
// it ends when none is open, and the next one is another program's.
func (a *App) Language(code string) {
	a.env.Do(func() {
		a.outdated = code != words.Language()
		if a.outdated && len(a.visible) == 0 {
			a.env.Quit()
		}
	})
}

// Gone implements channel.Handler: without the agent a window is a lie.
func (a *App) Gone(error) { a.env.Gone() }

func (a *App) showDial(s channel.Show) {
	if a.dial == nil {
		a.dial = newDialWindow(a)
	}
	a.dial.show(s)
}

func (a *App) showAssistant(reason string) {
	if a.assistant == nil {
		a.assistant = newAssistantWindow(a)
	}
	a.assistant.show(reason)
}

// addAccount shows the assistant for one account more.
func (a *App) addAccount() {
	if a.assistant == nil {
		a.assistant = newAssistantWindow(a)
	}
	a.assistant.open(words.Text(words.SayAddAccount), true)
}

func (a *App) showHistory(missed bool) {
	if a.history == nil {
		a.history = newHistoryWindow(a)
	}
	a.history.show(missed)
}

func (a *App) showColleagues() {
	if a.colleagues == nil {
		a.colleagues = newColleaguesWindow(a)
	}
	a.colleagues.show()
}

func (a *App) showDoctor() {
	if a.doctor == nil {
		a.doctor = newDoctorWindow(a)
	}
	a.doctor.show()
}

func (a *App) showBooks() {
	if a.books == nil {
		a.books = newBooksWindow(a)
	}
	a.books.show()
}

func (a *App) showSettings(reason string) {
	if a.settings == nil {
		a.settings = newSettingsWindow(a)
	}
	a.settings.show(reason)
}

// newWindow makes a window with keys of its own. Closing it is what Escape does there,
// which only hides it.
func (a *App) newWindow(title string, k *keys) fyne.Window {
	w := a.fyne.NewWindow(title)
	w.SetCloseIntercept(k.escape)
	w.CenterOnScreen()
	k.guard = newGuard(a)
	k.watch(w)
	a.guards[w] = k.guard
	return w
}

// fill puts into a window what is in it, and has it be no narrower than that needs.
func fill(w fyne.Window, k *keys, width float32, content fyne.CanvasObject) {
	w.SetContent(container.NewStack(newGround(k), minWidth(width, container.NewPadded(content))))
}

// raise shows w above others with the keyboard in it. Whoever was not at work in it
// already may have been at work elsewhere, and presses nothing there for a moment.
func (a *App) raise(w fyne.Window) {
	g := a.guards[w]
	held := !a.visible[w] || g.has == nil
	if held {
		g.hold()
	}
	if a.stopWarm != nil {
		a.stopWarm()
		a.stopWarm = nil
	}
	if !a.visible[w] {
		a.env.After(tidyTime, debug.FreeOSMemory) // what making and drawing it has left
	}
	a.visible[w] = true
	w.Show()
	if held {
		g.unpoint() // what was moved until now was moved elsewhere
	}
	w.RequestFocus()
	a.tellShown()
}

// tellShown tells the agent, once, that there are windows: until it is told this program may
// be one that ends because it cannot draw any.
func (a *App) tellShown() {
	if a.shown {
		return
	}
	a.shown = true
	if a.env.Shown != nil {
		a.env.Shown()
	}
	a.ask(askTime, func(ctx context.Context) func() {
		channel.Do(ctx, a.agent, channel.Shown, ipc.None{})
		return func() {}
	})
}

// hide hides w; after the last one the program stays for warmTime.
func (a *App) hide(w fyne.Window) {
	w.Hide()
	a.phones.leave(w)
	a.guards[w].leave()
	delete(a.visible, w)
	switch {
	case len(a.visible) > 0:
	case a.outdated:
		a.env.Quit()
	default:
		a.warm()
	}
}

func (a *App) warm() {
	if a.stopWarm != nil {
		a.stopWarm()
	}
	a.stopWarm = a.env.After(warmTime, func() {
		a.env.Do(func() {
			if len(a.visible) == 0 {
				a.env.Quit()
			}
		})
	})
}

// sweep has what is no longer needed overwritten (see channel.Environment), once
// whoever has just used it is done: a password that was typed, and each beginning of
// it. Three times, as what is kept to be used again is let go in steps.
func (a *App) sweep() {
	a.env.After(sweepTime, func() {
		a.env.Do(func() {
			for range 3 {
				runtime.GC()
			}
		})
	})
}

// ask runs work off the GUI's goroutine and what it returns on it. The
// returned function gives work up.
func (a *App) ask(limit time.Duration, work func(ctx context.Context) (then func())) context.CancelFunc {
	ctx, cancel := context.WithTimeout(a.ctx, limit)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return cancel
	}
	a.asking++
	a.wg.Go(func() {
		defer cancel()
		then := work(ctx)
		if a.ctx.Err() == nil {
			a.env.Do(func() {
				a.answered()
				then()
			})
		} else {
			a.answered()
		}
	})
	return cancel
}

func (a *App) answered() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asking--
}

// behind runs work beside everything, until it ends or the returned function is called.
// Unlike an ask it is nothing that a person waits for.
func (a *App) behind(work func(ctx context.Context)) context.CancelFunc {
	ctx, cancel := context.WithCancel(a.ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed {
		a.wg.Go(func() { work(ctx) })
	}
	return cancel
}
