package agent

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/internal/display"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// showWindow shows a window. With the dial window the connection to the PBX is made
// ready, too: whoever looks at it is about to dial. Where there is no account yet the
// assistant is shown in its place.
func (a *agent) showWindow(s channel.Show) { _ = a.openWindow(s, nil) }

// openWindow is showWindow for who wants to know whether it could be. The person has
// been told of an error, which is a *status.Problem; or instead, unless it is nil, was
// called, then or later, as a task.
func (a *agent) openWindow(s channel.Show, instead func(context.Context)) error {
	if s.Window == channel.WindowDial && a.account().Validate() != nil {
		s.Window = channel.WindowAssistant
	}
	if s.Window == channel.WindowDial && s.Reason == "" {
		s.Reason = a.troubles.takeNews()
	}
	err := a.windows.show(s, instead)
	if s.Window == channel.WindowDial {
		a.prepare()
	}
	return err
}

// windows is the agent's child process, cornetta-ui. It is started when a window is
// wanted, ends by itself when it has shown none for a while, and is started again
// where it crashed. The two talk over the child's standard input and output, which no
// other program can open.
//
// Where no window can be shown, because the child cannot be started or says so by its end,
// whoever wanted one is told by without. It is tried again with the next window that is
// wanted: a graphics driver may have come, or another session.
type windows struct {
	table   func(*ipc.Conn) []ipc.Handler // answers the child
	gone    func(id uint64)               // a question or a link was lost with the child that showed it
	without func(lost)                    // it must not block
	changed func(*status.Problem)         // why there are no windows from now on, nil where there are; it must not block
	log     *slog.Logger
	ctx     context.Context // ends the child
	stop    context.CancelFunc
	wg      sync.WaitGroup // one for each child

	mu     sync.Mutex       // guards what follows
	child  *child           // nil: none runs
	last   *status.Snapshot // for the next child
	wanted *wanted          // the newest of this child
	open   *channel.Ask     // the question that has no answer yet
	died   bool             // a child died with open already
	agreed bool             // there was a yes to open: it is not asked again
	link   uint64           // of the newest Show that has one
	none   *status.Problem  // why the last window that was wanted could not be shown
	noneAt time.Time        // when a child ended for that reason
	closed bool
}

var errEnding = status.NewError(status.CodeEnding, "agent: it is ending")

// wanted is a window that was asked for.
type wanted struct {
	channel.Show
	instead func(context.Context) // does it without a window; nil: the person is told that there is none
	at      time.Time
	again   bool // a child died with it already
}

// lost is what could not be shown: a window, a question or both.
type lost struct {
	problem *status.Problem
	fresh   bool // the person has not been told of it since there were windows
	wanted  *wanted
	ask     *channel.Ask
}

// noneTime is how long it is known without another try that a child cannot show windows:
// each costs about a quarter of a second of a processor.
const noneTime = 5 * time.Second

func newWindows(a *agent, log *slog.Logger) *windows {
	w := &windows{
		table: (&windowHandler{agent: a}).table, gone: a.links.abandon,
		without: a.withoutWindows, changed: a.hints.windowsChanged, log: log,
	}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// show shows a window, starting the child if none runs. Of an error the person has been
// told, or instead was called; so they are where it turns out later.
func (w *windows) show(s channel.Show, instead func(context.Context)) error {
	return w.want(&wanted{Show: s, instead: instead})
}

func (w *windows) want(s *wanted) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errEnding
	}
	if p := w.ensureLocked(); p != nil {
		w.without(lost{problem: p, fresh: w.noneLocked(p), wanted: s})
		return p
	}
	if s.Link != 0 {
		w.link = s.Link
	}
	w.child.Show(s.Show)
	s.at = time.Now()
	w.wanted = s
	return nil
}

// ask shows a question, or the new counts of the one that is shown; without is told where
// that cannot be.
func (w *windows) ask(q channel.Ask) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errEnding
	}
	same := w.open != nil && w.open.Offer.ID == q.Offer.ID
	w.died, w.agreed = w.died && same, w.agreed && same
	w.open = nil // it is pushed below
	if p := w.ensureLocked(); p != nil {
		w.without(lost{problem: p, fresh: w.noneLocked(p), ask: &q})
		return nil
	}
	w.open = &q
	w.child.PushAsk(q)
	return nil
}

// agree is called when there is a yes to a question: should the child die now, it is
// not asked a second time.
func (w *windows) agree(id uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open != nil && w.open.Offer.ID == id {
		w.agreed = true
	}
}

// answered is called when a question needs no window any more.
func (w *windows) answered(id uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open != nil && w.open.Offer.ID == id {
		w.open = nil
	}
}

// shown is called when a window of the child is on the screen.
func (w *windows) shown() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.child != nil {
		w.child.show()
	}
	if w.none != nil {
		w.none = nil
		w.changed(nil)
	}
}

// noneLocked notes why there are no windows, and reports whether that is new. It is called
// with mu held.
func (w *windows) noneLocked(p *status.Problem) bool {
	fresh := w.none == nil || w.none.Code != p.Code
	w.none = p
	w.changed(p)
	return fresh
}

// problem is why the last window that was wanted could not be shown, nil where it was or
// none was wanted.
func (w *windows) problem() *status.Problem {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.none
}

// opened waits until it is known what became of the last window that was wanted, or ctx
// ends.
func (w *windows) opened(ctx context.Context) error {
	for {
		w.mu.Lock()
		c, p := w.child, w.none
		w.mu.Unlock()
		if c == nil {
			if p != nil {
				return p
			}
			return nil
		}
		select {
		case <-c.shown:
			return nil
		case <-c.judged: // there may be another one
		case <-ctx.Done():
			return nil
		}
	}
}

// ensureLocked starts a child unless one runs. It is called with mu held.
func (w *windows) ensureLocked() *status.Problem {
	if w.child != nil {
		select {
		case <-w.child.Done():
			w.child = nil // it ended just now
		default:
			return nil
		}
	}
	if w.none != nil && time.Since(w.noneAt) < noneTime {
		return w.none
	}
	c, err := w.startLocked()
	if err != nil {
		w.log.Error("the windows cannot be started", slog.Any("err", err))
		return startProblem(err)
	}
	w.child, w.wanted = c, nil
	if w.last != nil {
		c.PushSnapshot(*w.last)
	}
	if w.open != nil {
		c.PushAsk(*w.open)
	}
	return nil
}

// outOfResources reports whether the system could not start a program because it has
// no more processes, memory or files to give.
func outOfResources(err error) bool {
	for _, e := range []error{syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// startupTime is how long a child needs to show a window. One that ends before may
// have been ending when it was asked, so that another is started; only once, so that
// a window that crashes its program is not shown for ever.
const startupTime = 2 * time.Second

// push hands the child, if there is one, the newest Snapshot.
func (w *windows) push(s status.Snapshot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = &s
	if w.child != nil {
		w.child.PushSnapshot(s)
	}
}

// speak tells the child, if there is one, that another language was chosen.
func (w *windows) speak(code string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.child != nil {
		w.child.PushLanguage(code)
	}
}

// close ends the child and waits for it.
func (w *windows) close() {
	w.mu.Lock()
	w.closed = true
	w.mu.Unlock()
	w.stop()
	w.wg.Wait()
}

// startLocked runs cornetta-ui. It is called with mu held.
func (w *windows) startLocked() (*child, error) {
	if err := display.Named(); err != nil {
		return nil, err
	}
	path, err := UIPath()
	if err != nil {
		return nil, err
	}
	c := &child{cmd: exec.CommandContext(w.ctx, path), shown: make(chan struct{}), judged: make(chan struct{})}
	c.show = sync.OnceFunc(func() { close(c.shown) })
	c.cmd.Env = append(os.Environ(), channel.Environment, words.Variable+"="+words.Language())
	c.cmd.Stderr = io.MultiWriter(&c.said, tolerantWriter{os.Stderr})
	// Not StdoutPipe: Wait would close it under the reader.
	out, childOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	in, err := c.cmd.StdinPipe()
	if err != nil {
		return nil, errors.Join(err, out.Close(), childOut.Close())
	}
	c.cmd.Stdout = childOut
	err = c.cmd.Start()
	childOut.Close()
	if err != nil {
		return nil, errors.Join(err, out.Close())
	}
	c.Server = channel.Serve(w.ctx, out, in, w.table)
	w.wg.Go(func() { w.follow(c) })
	return c, nil
}

// follow waits for the child's end, and shows again, in another one, what was lost
// with it, or has it done without windows.
func (w *windows) follow(c *child) {
	defer close(c.judged)
	if err := c.Wait(); err != nil && !errors.Is(err, io.EOF) {
		w.log.Warn("the windows' channel", slog.Any("err", err))
	}
	err := c.cmd.Wait()
	if err != nil && w.ctx.Err() == nil {
		w.log.Warn("the windows ended", slog.Any("err", err))
	}
	w.mu.Lock()
	if w.child != c || w.closed {
		defer w.mu.Unlock()
		if w.child == c {
			w.child = nil
		}
		return
	}
	w.child = nil
	l := lost{problem: c.why()}
	again := l.problem == nil && w.wanted != nil && !w.wanted.again && time.Since(w.wanted.at) < startupTime
	if l.problem == nil && err != nil && !c.hasShown() && !again && (w.died || w.open == nil) {
		l.problem = &status.Problem{Code: status.CodeWindowsEnded}
	}
	next, link, gone := w.wanted, uint64(0), uint64(0)
	if l.problem != nil {
		w.noneAt = time.Now()
		if l.problem.Code == status.CodeWindowsEnded && w.none == nil {
			w.noneAt = time.Time{} // who tries again, as it is said, may have more luck
		}
		l.wanted = w.wanted
	}
	if !again || next.Link != w.link {
		link, w.link = w.link, 0
	}
	if q := w.open; q != nil {
		switch {
		case w.agreed || w.died && l.problem == nil:
			gone, w.open = q.Offer.ID, nil
		case l.problem != nil:
			l.ask, w.open = q, nil
		default:
			w.died = true
			if p := w.ensureLocked(); p != nil {
				l.problem, l.ask, w.open = p, q, nil
			}
		}
	}
	if l.problem != nil {
		l.fresh = w.noneLocked(l.problem)
		w.without(l)
	}
	w.mu.Unlock()
	if gone != 0 {
		w.gone(gone)
	}
	if again {
		if err := w.want(&wanted{Show: next.Show, instead: next.instead, again: true}); err != nil {
			link = next.Link
		}
	}
	if link != 0 {
		w.gone(link)
	}
}

// tolerantWriter reports every write as a success. With our own standard error the
// child would be ended by SIGPIPE where nobody reads its complaints any more.
type tolerantWriter struct{ io.Writer }

func (w tolerantWriter) Write(p []byte) (int, error) {
	_, _ = w.Writer.Write(p)
	return len(p), nil
}

// UIPath is where cornetta-ui is: beside this program, or on the PATH.
func UIPath() (string, error) {
	name := "cornetta-ui"
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	if self, err := os.Executable(); err == nil {
		if self, err = filepath.EvalSymlinks(self); err == nil {
			beside := filepath.Join(filepath.Dir(self), name)
			if _, err := os.Stat(beside); err == nil {
				return beside, nil
			}
		}
	}
	return exec.LookPath(name)
}
