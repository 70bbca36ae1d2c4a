package window

import (
	"image/color"
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"cornetta/ui/channel"
	"cornetta/ui/words"
)

const (
	// callAfter is how long a window has to be on the screen before a press in it
	// says yes to anything: whoever was typing or clicking elsewhere must not.
	callAfter = channel.YesAfter

	// longAfter is how long a question has to be left alone where somebody was typing
	// or clicking in it: longer than most people take from one key to the next.
	longAfter = channel.YesLongAfter

	// restAfter is the same for a click where the pointer has not been moved since the
	// window came up under it: longer than most people take from one click to the next.
	restAfter = 5 * time.Second

	// reach is how far the pointer has to go to have been moved, in pixels: farther
	// than a hand that clicks moves it, or a finger misses.
	reach = 16

	// settleAfter is how long after a key no other one may be pressed for it to call
	// from a link. Whoever types on has pressed it for something else.
	settleAfter = 600 * time.Millisecond

	// drawTime is a few frames. A first window may take longer, but then Fyne's
	// goroutine is busy drawing it, and callAfter begins when it no longer is.
	drawTime = 50 * time.Millisecond
)

// guard tells the presses that are meant for a window from those that were on their
// way to another one when it came up. A press says yes only where it began in this
// window and after a wait, and where the key was let go again: a key that is held down
// repeats. The wait begins with the window on the screen, and again when the window
// gets the keyboard back. A click, moreover, has to be of a pointer that was moved
// since, or of a person who has typed here; one that has lain where the window came up
// may be clicking for another one, and needs a much longer wait.
//
// A window that asks a question, without fields to type in, is strict. There any press
// before its time begins the wait again, and makes it a long one; so does a key that
// means nothing there, at any time. Moving the pointer is done on purpose, and makes it
// short again. Nothing is answered before its time, neither yes nor no.
//
// What was not taken is told in the window.
type guard struct {
	app     *App
	strict  bool
	after   time.Duration // that a key which says yes is waited for, to see whether others follow
	changed func()        // live may have changed
	held    func()        // a wait for the window itself begins: what was half agreed to is forgotten
	asks    []*guard      // those of questions inside the window, which hear of its presses
	note    *note         // where it is told what was not taken; may be nil

	open    bool          // the window is shown, or what is asked in it
	live    bool          // the wait is over
	drawn   bool          // the window has been on the screen for drawTime
	since   time.Time     // nothing was pressed, once drawn
	hasty   bool          // something was pressed before its time
	over    bool          // the pointer is on the button to say yes,
	pointed time.Time     // and was moved there, or the person has typed here
	from    fyne.Position // where it was when the wait began
	told    bool          // from is known
	at      fyne.Position // the last that Fyne told
	stop    func() bool
	waits   int // counts the waits, so that one that was given up is known

	key     fyne.KeyName   // pressed here, at its time, and still down
	yes     func()         // what letting go of it does
	settles int            // counts what waits for settleAfter,
	settle  bool           // as something does
	tap     bool           // the same for the pointer, on a button that says yes
	has     fyne.Focusable // what has the keyboard, where it is in the window
	lost    fyne.Focusable // what had it when it went elsewhere
	acting  bool           // a press in the window is what moves it
}

func newGuard(a *App) *guard { return &guard{app: a, changed: func() {}, held: func() {}} }

// hold begins the wait anew: the window comes up, or another question in it.
func (g *guard) hold() {
	g.held()
	g.note.take()
	g.open, g.hasty = true, false
	g.unpoint()
	g.appear()
}

// again is hold for a person who has just pressed something here.
func (g *guard) again() {
	pointed := g.pointed
	g.hold()
	g.pointed = pointed
}

// unpoint is for a pointer that was moved before, if at all.
func (g *guard) unpoint() {
	g.pointed, g.told = time.Time{}, false
	if g.app.env.Pointer != nil {
		g.from, g.told = g.app.env.Pointer(), true
	} else if g.over {
		g.from, g.told = g.at, true
	}
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
	g.hasty = true
	g.unpoint()
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
	g.key, g.yes, g.tap, g.settle = "", nil, false, false
	g.live = false
	g.changed()
}

// await ends the wait in time.
func (g *guard) await() {
	if g.live || !g.drawn {
		return
	}
	wait := callAfter
	if g.strict && g.hasty && g.pointed.IsZero() {
		wait = longAfter
	}
	if g.stop != nil {
		g.stop()
	}
	g.later(wait-g.app.env.Now().Sub(g.since), func() {
		g.live = true
		g.lies()
		g.changed()
	})
}

// lies tells of a pointer that lies where the button to call came up, before it is pressed.
func (g *guard) lies() {
	if g.strict && g.live && g.over && !g.points() {
		g.note.tell(words.Text(words.SayMouseLay))
	}
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
	g.open, g.drawn, g.over, g.has, g.lost = false, false, false, nil, nil
	g.note.take()
}

// keyDown is told of every key that is pressed in the window, before it does anything.
func (g *guard) keyDown(name fyne.KeyName) {
	for _, q := range g.asks {
		q.keyDown(name)
	}
	if !g.open {
		return
	}
	g.key, g.yes, g.lost = "", nil, nil
	switch {
	case g.settle: // it was typing
		g.disturb()
		g.note.tell(words.Text(words.SayTypedOn))
	case g.strict && (!g.live || foreign(name)):
		g.disturb()
	case g.live:
		g.key = name
		g.note.take()
		if !g.strict && g.pointed.IsZero() {
			g.pointed = g.app.env.Now()
		}
	}
}

// early reports whether what is asked in the window, if anything, must not be answered
// yet, and tells so: also not by a no, which may throw away what was typed.
func (g *guard) early() bool {
	early := g.strict && g.open && !g.live
	for _, q := range g.asks {
		early = q.early() || early
	}
	if early && g.note != nil && g.note.said == "" {
		g.note.tell(words.Text(words.SayPressedEarly))
	}
	return early
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
		g.note.tell(words.Text(words.SayPressedEarly))
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
	if g.after == 0 {
		g.act(yes)
		return
	}
	g.settle = true
	g.settles++
	n := g.settles
	g.app.env.After(g.after, func() {
		g.app.env.Do(func() {
			if g.settle && g.settles == n {
				g.settle = false
				g.act(yes)
			}
		})
	})
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
	if !g.open {
		return
	}
	lay := yes && g.live && !g.points() && g.app.env.Now().Sub(g.since) < restAfter
	settle := g.settle
	g.key, g.yes, g.settle, g.tap = "", nil, false, g.live && yes && !lay
	switch {
	case g.tap:
		g.note.take()
	case !g.live && (g.strict || yes), lay, settle:
		g.disturb()
		if lay {
			g.note.tell(words.Text(words.SayMouseLay))
		} else {
			g.note.tell(words.Text(words.SayPressedEarly))
		}
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

// points reports whether the pointer was moved since the window came up, or since
// something was last pressed before its time.
func (g *guard) points() bool {
	now := g.app.env.Now()
	if g.app.env.Pointer == nil { // Fyne tells of one that lies still with the first press only
		return !g.pointed.IsZero() && now.Sub(g.pointed) >= drawTime
	}
	g.moved(g.app.env.Pointer())
	return !g.pointed.IsZero()
}

// moved is told where the pointer is.
func (g *guard) moved(to fyne.Position) {
	if !g.told { // nobody knows where it was
		g.from, g.told = to, true
		if !g.drawn || g.hasty || g.app.env.Now().Sub(g.since) < callAfter {
			return // the window came up where it is
		}
	} else if d := to.Subtract(g.from); math.Hypot(float64(d.X), float64(d.Y)) < reach {
		return
	}
	if g.drawn && g.pointed.IsZero() {
		g.pointed = g.app.env.Now()
	}
}

// pointerAt is told where the pointer is in the window; on is whether that is on what
// says yes.
func (g *guard) pointerAt(ev *desktop.MouseEvent, on bool) {
	for _, q := range g.asks {
		q.pointerAt(ev, false)
	}
	g.over = g.over || on
	to := g.at
	if ev != nil {
		to = ev.AbsolutePosition
	}
	g.at = to
	if g.app.env.Pointer != nil {
		to = g.app.env.Pointer()
	}
	was := g.pointed
	if g.moved(to); was != g.pointed {
		g.note.take()
		g.await()
	}
	if on {
		g.lies()
	}
}

func (g *guard) pointerOff() { g.over = false }

// gained is told which widget got the keyboard. Where it was the one to have it
// already, it is the window that got it, from wherever the person was.
func (g *guard) gained(o fyne.Focusable) {
	window := g.has == o || g.has == nil && g.lost == o
	g.has, g.lost = o, nil
	if window && !g.acting && !(g.over && !g.pointed.IsZero()) { // who clicks on the button has pointed at it
		from, told, waits := g.from, g.told, g.open && !g.live
		g.hold()
		if waits { // the window has just come up, and the pointer may have been moved since
			g.from, g.told = from, told
		}
	}
}

func (g *guard) lostIt(o fyne.Focusable) {
	g.has, g.lost = nil, o
	g.key, g.yes, g.settle = "", nil, false
}

// note is the line of a window that tells why a press was not taken.
type note struct {
	label  *widget.Label
	draw   func()
	said   string // while it is told
	before string // what the line said
	colour widget.Importance
}

// tells has n tell of the presses in the window, and in what is asked there.
func (g *guard) tells(n *note) {
	g.note = n
	for _, q := range g.asks {
		q.tells(n)
	}
}

func (n *note) tell(text string) {
	if n == nil {
		return
	}
	if n.said == "" || n.label.Text != n.said {
		n.before, n.colour = n.label.Text, n.label.Importance
	}
	n.said = text
	say(n.label, text, widget.WarningImportance)
	n.draw()
}

// take takes it back, unless the line tells something else by now.
func (n *note) take() {
	if n == nil || n.said == "" {
		return
	}
	if n.label.Text == n.said {
		say(n.label, n.before, n.colour)
		n.draw()
	}
	n.said = ""
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
	_ desktop.Hoverable = (*ground)(nil)
)

// KeyDown implements desktop.Keyable.
func (w *watched) KeyDown(ev *fyne.KeyEvent) { w.keys.guard.keyDown(ev.Name) }

// KeyUp implements desktop.Keyable.
func (w *watched) KeyUp(ev *fyne.KeyEvent) { w.keys.guard.keyUp(ev.Name) }

// MouseDown implements desktop.Mouseable.
func (w *watched) MouseDown(*desktop.MouseEvent) { w.keys.guard.pointerDown(false) }

// MouseIn implements desktop.Hoverable.
func (g *ground) MouseIn(ev *desktop.MouseEvent) { g.keys.guard.pointerAt(ev, false) }

// MouseMoved implements desktop.Hoverable.
func (g *ground) MouseMoved(ev *desktop.MouseEvent) { g.keys.guard.pointerAt(ev, false) }

// MouseOut implements desktop.Hoverable.
func (g *ground) MouseOut() {}

// MouseUp implements desktop.Mouseable.
func (w *watched) MouseUp(*desktop.MouseEvent) { w.keys.guard.pointerUp() }
