package window

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"cornetta/ui/channel"
)

const (
	// callAfter is how long a window has to be on the screen before a press in it
	// says yes to anything: whoever was typing or clicking elsewhere must not.
	callAfter = channel.YesAfter

	// longAfter is how long a question has to be left alone where somebody was typing
	// or clicking in it: longer than most people take from one key to the next.
	longAfter = channel.YesLongAfter

	// drawTime is a few frames. A first window may take longer, but then Fyne's
	// goroutine is busy drawing it, and callAfter begins when it no longer is.
	drawTime = 50 * time.Millisecond
)

// guard tells the presses that are meant for a window from those that were on their
// way to another one when it came up. A press says yes only where it began in this
// window and after a wait, and where the key was let go again: a key that is held down
// repeats. The wait begins with the window on the screen, and again when the window
// gets the keyboard back.
//
// A window that asks a question, without fields to type in, is strict. There any press
// before its time begins the wait again, and makes it a long one; so does a key that
// means nothing there, at any time. A long wait, too, has a pointer that lay where the
// button to say yes appeared. Moving the pointer onto that button is done on purpose,
// and makes it short again.
type guard struct {
	app     *App
	strict  bool
	changed func()   // live may have changed
	held    func()   // a wait for the window itself begins: what was half agreed to is forgotten
	asks    []*guard // those of questions inside the window, which hear of its presses

	live    bool          // the wait is over
	drawn   bool          // the window has been on the screen for drawTime
	since   time.Time     // nothing was pressed, once drawn
	hasty   bool          // something was pressed before its time
	over    bool          // the pointer is on the button to say yes,
	pointed bool          // and was moved there
	from    fyne.Position // where it was when the wait began
	stop    func() bool
	waits   int // counts the waits, so that one that was given up is known

	key    fyne.KeyName   // pressed here, at its time, and still down
	yes    func()         // what letting go of it does
	tap    bool           // the same for the pointer, on a button that says yes
	has    fyne.Focusable // what has the keyboard, where it is in the window
	lost   fyne.Focusable // what had it when it went elsewhere
	acting bool           // a press in the window is what moves it
}

func newGuard(a *App) *guard { return &guard{app: a, changed: func() {}, held: func() {}} }

// hold begins the wait anew: the window comes up, or another question in it.
func (g *guard) hold() {
	g.held()
	g.hasty, g.pointed, g.from = false, false, g.pointer()
	g.appear()
}

func (g *guard) appear() {
	g.drawn = false
	g.begin()
	g.later(drawTime, func() {
		g.drawn, g.since = true, g.app.env.Now()
		g.await()
	})
}

// disturb is hold for a press that came before its time.
func (g *guard) disturb() {
	g.hasty, g.pointed = true, false
	if !g.drawn {
		g.appear()
		return
	}
	g.begin()
	g.since = g.app.env.Now()
	g.await()
}

func (g *guard) begin() {
	if g.stop != nil {
		g.stop()
	}
	g.key, g.yes, g.tap = "", nil, false
	g.live = false
	g.changed()
}

// await ends the wait in time.
func (g *guard) await() {
	if g.live || !g.drawn {
		return
	}
	wait := callAfter
	if g.strict && !g.pointed && (g.hasty || g.over) {
		wait = longAfter
	}
	if g.stop != nil {
		g.stop()
	}
	g.later(wait-g.app.env.Now().Sub(g.since), func() {
		g.live = true
		g.changed()
	})
}

// later is for the wait that goes on: with another one f is forgotten.
func (g *guard) later(wait time.Duration, f func()) {
	g.waits++
	n := g.waits
	g.stop = g.app.env.After(max(wait, 0), func() {
		g.app.env.Do(func() {
			if g.waits == n {
				f()
			}
		})
	})
}

// leave ends the wait of a window that is hidden.
func (g *guard) leave() {
	g.begin()
	g.waits++
	g.drawn, g.over, g.has, g.lost = false, false, nil, nil
}

// keyDown is told of every key that is pressed in the window, before it does anything.
func (g *guard) keyDown(name fyne.KeyName) {
	for _, q := range g.asks {
		q.keyDown(name)
	}
	g.key, g.yes, g.lost = "", nil, nil
	switch {
	case g.strict && (!g.live || foreign(name)):
		g.disturb()
	case g.live:
		g.key = name
	}
}

// foreign reports whether a key means nothing to a question.
func foreign(name fyne.KeyName) bool {
	switch name {
	case fyne.KeyTab, fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace, fyne.KeyEscape:
		return false
	}
	_, modifier := keyName(name)
	return !modifier
}

// press is what a key does that may say yes: once, when it is let go. It is called as
// the key is typed, and again each time that a key repeats which is held down.
func (g *guard) press(name fyne.KeyName, yes func()) {
	switch {
	case !g.live:
		if !g.strict { // which has heard of it
			g.disturb()
		}
	case g.key != name: // it was pressed before
	case g.yes != nil: // it repeats
		g.key, g.yes = "", nil
		if g.strict {
			g.disturb()
		}
	default:
		g.yes = yes
	}
}

// keyUp is told of every key that is let go in the window.
func (g *guard) keyUp(name fyne.KeyName) {
	yes := g.yes
	if g.key != name || yes == nil {
		return
	}
	g.key, g.yes = "", nil
	g.act(yes)
}

// act does what a press in the window is for.
func (g *guard) act(do func()) {
	g.acting = true
	do()
	g.acting = false
}

// pointerDown is told of every press of a button of the mouse in the window; yes is
// whether it is on what says yes.
func (g *guard) pointerDown(yes bool) {
	for _, q := range g.asks {
		q.pointerDown(false)
	}
	g.key, g.yes = "", nil
	if yes && g.strict && g.live && !g.pointed && (!g.over || g.rests()) && g.app.env.Now().Sub(g.since) < longAfter {
		g.live = false // Fyne tells of a pointer that lies still with the first press only
	}
	g.tap = g.live && yes
	if !g.live && (g.strict || yes) {
		g.disturb()
	}
}

// pointerUp is told that the button of the mouse was let go in the window.
func (g *guard) pointerUp() { g.lost = nil }

// tapped reports whether a click says yes.
func (g *guard) tapped() bool {
	tap := g.tap
	g.tap = false
	return tap && g.live
}

// pointer is where the mouse is, where the desktop tells.
func (g *guard) pointer() (at fyne.Position) {
	if g.app.env.Pointer != nil {
		at = g.app.env.Pointer()
	}
	return at
}

// rests reports whether the mouse is where it was when the window came up, as far as
// the desktop tells.
func (g *guard) rests() bool { return g.app.env.Pointer != nil && g.pointer() == g.from }

// pointerOn is told that the pointer is on what says yes. That came under the pointer,
// and not the other way round, where it was not drawn yet or the pointer has not moved.
func (g *guard) pointerOn() {
	if g.over {
		return
	}
	g.over = true
	g.pointed = g.pointed || g.drawn && !g.rests()
	if g.live && g.strict && !g.pointed && g.app.env.Now().Sub(g.since) < longAfter { // it is told late
		g.begin()
	}
	g.await()
}

func (g *guard) pointerOff() {
	g.over = false
	g.await()
}

// gained is told which widget got the keyboard. Where it was the one to have it
// already, it is the window that got it, from wherever the person was.
func (g *guard) gained(o fyne.Focusable) {
	window := g.has == o || g.has == nil && g.lost == o
	g.has, g.lost = o, nil
	if window && !g.acting && !(g.over && g.pointed) { // who clicks on the button has pointed at it
		g.hold()
	}
}

func (g *guard) lostIt(o fyne.Focusable) {
	g.has, g.lost = nil, o
	g.key, g.yes = "", nil
}

// ground lies behind all that is in a window, for presses of the mouse that are on
// nothing else.
type ground struct {
	widget.BaseWidget
	watched
}

func newGround(k *keys) *ground {
	g := &ground{watched: watched{k}}
	g.ExtendBaseWidget(g)
	return g
}

func (g *ground) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(color.Transparent))
}

// watched has the window's guard hear of what is pressed on a widget.
type watched struct{ keys *keys }

var (
	_ desktop.Keyable   = (*button)(nil)
	_ desktop.Mouseable = (*ground)(nil)
)

// KeyDown implements desktop.Keyable.
func (w *watched) KeyDown(ev *fyne.KeyEvent) { w.keys.guard.keyDown(ev.Name) }

// KeyUp implements desktop.Keyable.
func (w *watched) KeyUp(ev *fyne.KeyEvent) { w.keys.guard.keyUp(ev.Name) }

// MouseDown implements desktop.Mouseable.
func (w *watched) MouseDown(*desktop.MouseEvent) { w.keys.guard.pointerDown(false) }

// MouseUp implements desktop.Mouseable.
func (w *watched) MouseUp(*desktop.MouseEvent) { w.keys.guard.pointerUp() }
