package window

import (
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	fynetest "fyne.io/fyne/v2/test"
	"go.uber.org/goleak"

	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/guides"
	"cornetta/ui/words"
)

func TestMain(m *testing.M) {
	// Fyne's test package makes an app when it is loaded, which never ends.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("fyne.io/fyne/v2/internal/async.(*UnboundedChan[...]).processing"),
		goleak.Cleanup(func(code int) {
			_ = os.RemoveAll(scratch)
			os.Exit(code)
		}))
}

// scratch is a folder that is removed when all tests have ended, "" for none.
var scratch string

// desk is an App on Fyne's test driver. The test's goroutine is the GUI's: it
// runs what was handed over with Do while it waits for something, and time
// passes only in advance.
type desk struct {
	t     *testing.T
	app   *App
	agent *fakeAgent

	mu     sync.Mutex
	queue  []func()
	now    time.Time
	timers []*timer
	quits  int
	gone   int
	idle   time.Duration // since anybody pressed anything
	at     fyne.Position // of the mouse
}

type timer struct {
	at      time.Time
	f       func()
	stopped bool
}

func newDesk(t *testing.T) *desk {
	d := &desk{t: t, agent: newFakeAgent(), idle: time.Hour, now: time.Date(2026, 5, 4, 15, 0, 0, 0, time.UTC)}
	f := fynetest.NewApp()
	f.Settings().SetTheme(newLook())
	d.app = New(f, Env{
		Do: func(f func()) {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.queue = append(d.queue, f)
		},
		After: func(wait time.Duration, f func()) func() bool {
			d.mu.Lock()
			defer d.mu.Unlock()
			tm := &timer{at: d.now.Add(wait), f: f}
			d.timers = append(d.timers, tm)
			return func() bool { tm.stopped = true; return true }
		},
		Now: func() time.Time {
			d.mu.Lock()
			defer d.mu.Unlock()
			return d.now
		},
		Quit: func() { d.quits++ },
		Gone: func() { d.mu.Lock(); d.gone++; d.mu.Unlock() },
		Idle: func() time.Duration { return d.idle }, Pointer: func() fyne.Position { return d.at },
		Help: func(code string) (text, page string) {
			page = filepath.Join("..", "..", "docs", words.Language(), "trouble.md")
			return guides.Help(page, code), page
		},
	})
	ar, cw := io.Pipe()
	cr, aw := io.Pipe()
	server := channel.Serve(t.Context(), ar, aw, d.agent.table)
	client := channel.Connect(cr, cw, d.app)
	d.app.Start(client)
	d.pump()
	t.Cleanup(func() {
		d.app.Close()
		client.Close()
		_ = server.Wait()
	})
	return d
}

// pump runs what waits for the GUI's goroutine.
func (d *desk) pump() {
	for {
		d.mu.Lock()
		queue := d.queue
		d.queue = nil
		d.mu.Unlock()
		if len(queue) == 0 {
			return
		}
		for _, f := range queue {
			f()
		}
	}
}

func (d *desk) until(what string, cond func() bool) {
	d.t.Helper()
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
		d.pump()
		if cond() {
			return
		}
		if time.Now().After(end) {
			d.t.Fatalf("%s: not within 5 s", what)
		}
	}
}

// answered waits until the agent owes no answer.
func (d *desk) answered() {
	d.t.Helper()
	d.until("every answer", func() bool {
		d.app.mu.Lock()
		defer d.app.mu.Unlock()
		return d.app.asking == 0
	})
	d.pump()
}

func (d *desk) advance(by time.Duration) {
	d.mu.Lock()
	end := d.now.Add(by)
	d.mu.Unlock()
	for {
		d.mu.Lock()
		var next *timer
		for _, tm := range d.timers {
			if !tm.stopped && !tm.at.After(end) && (next == nil || tm.at.Before(next.at)) {
				next = tm
			}
		}
		if next == nil {
			d.now = end
			d.mu.Unlock()
			return
		}
		next.stopped, d.now = true, next.at
		d.mu.Unlock()
		next.f()
		d.pump()
	}
}

// show shows a window and waits until a press in it counts.
func (d *desk) show(s channel.Show) {
	d.raise(s)
	d.advance(drawTime + callAfter)
}

func (d *desk) raise(s channel.Show) {
	d.app.Show(s)
	d.pump()
	d.answered()
}

func (d *desk) push(s status.Snapshot) {
	d.app.Snapshot(s)
	d.pump()
}

// press presses a key and lets it go.
func press(o fyne.Focusable, name fyne.KeyName) {
	hold(o, name)
	letGo(o, name)
}

// hold presses a key, or is one that is held down and repeats.
func hold(o fyne.Focusable, name fyne.KeyName) {
	ev := &fyne.KeyEvent{Name: name}
	o.(desktop.Keyable).KeyDown(ev)
	o.TypedKey(ev)
}

func repeats(o fyne.Focusable, name fyne.KeyName) { o.TypedKey(&fyne.KeyEvent{Name: name}) }

func letGo(o fyne.Focusable, name fyne.KeyName) {
	o.(desktop.Keyable).KeyUp(&fyne.KeyEvent{Name: name})
}

// write types a text where the keyboard is already.
func write(o fyne.Focusable, text string) {
	for _, r := range text {
		o.TypedRune(r)
	}
}

// pointAt moves the mouse onto a button.
func pointAt(b *button) {
	b.keys.guard.from = fyne.NewPos(-100, -100)
	b.MouseMoved(&desktop.MouseEvent{})
}

// tap clicks.
func tap(o fyne.Tappable) {
	if b, ok := o.(*button); ok && b.yes && !b.keys.guard.strict {
		pointAt(b)
	}
	click(o)
}

// click clicks where the pointer lies.
func click(o fyne.Tappable) {
	if m, ok := o.(desktop.Mouseable); ok {
		m.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
		m.MouseUp(&desktop.MouseEvent{Button: desktop.MouseButtonPrimary})
	}
	fynetest.Tap(o)
}

func (d *desk) openDial(text string) *dialWindow {
	d.show(channel.Show{Window: channel.WindowDial, Text: text})
	return d.app.dial
}

func TestTheProgramStaysWarmAndThenEnds(t *testing.T) {
	d := newDesk(t)
	w := d.openDial("")
	d.advance(10 * time.Minute)
	d.show(channel.Show{Window: channel.WindowSettings})
	w.hide()
	d.advance(10 * time.Minute)
	if d.quits != 0 {
		t.Fatal("it ended with a window open")
	}
	d.app.settings.hide()
	d.advance(warmTime - time.Second)
	d.openDial("")
	w.hide()
	d.advance(warmTime - time.Second)
	if d.quits != 0 {
		t.Fatal("it ended too early")
	}
	d.advance(time.Second)
	if d.quits != 1 {
		t.Errorf("ended %d times", d.quits)
	}
}

func TestAProgramNobodyWantsEnds(t *testing.T) {
	d := newDesk(t)
	d.advance(warmTime)
	if d.quits != 1 {
		t.Errorf("ended %d times", d.quits)
	}
}

func TestTheAgentsEndIsTheEnd(t *testing.T) {
	d := newDesk(t)
	ar, cw := io.Pipe()
	cr, aw := io.Pipe()
	c := channel.Connect(cr, cw, d.app)
	_ = aw.Close()
	d.until("the end", func() bool { d.mu.Lock(); defer d.mu.Unlock(); return d.gone == 1 })
	c.Close()
	_ = ar.Close()
}

// TestAnotherLanguage: a program that is left alone ends at once when another language
// is chosen, one with a window when that is closed, and one that speaks it already
// stays.
func TestAnotherLanguage(t *testing.T) {
	tell := func(d *desk, code string) {
		d.app.Language(code)
		d.pump()
	}
	d := newDesk(t)
	w := d.openDial("")
	tell(d, "it")
	if d.quits != 0 {
		t.Fatal("it ends under the person's hands")
	}
	press(w.number, fyne.KeyEscape)
	if d.quits != 1 {
		t.Errorf("%d ends after the last window", d.quits)
	}
	d = newDesk(t)
	tell(d, "en")
	if d.quits != 0 {
		t.Error("it ends, and speaks that language")
	}
	tell(d, "it")
	if d.quits != 1 {
		t.Errorf("%d ends without a window", d.quits)
	}
}

// TestTheLanguageIsSaved: what was chosen is handed to the agent.
func TestTheLanguageIsSaved(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	s := d.openSettings()
	if e := d.save(s); e.Language == nil || *e.Language != "" {
		t.Errorf("saved %v, unchanged", e.Language)
	}
	s = d.openSettings()
	s.others.row(fieldLanguage).show("it")
	if e := d.save(s); e.Language == nil || *e.Language != "it" {
		t.Errorf("saved %v", e.Language)
	}
}
