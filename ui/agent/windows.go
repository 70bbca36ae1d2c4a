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
func (a *agent) showWindow(s channel.Show) { _ = a.openWindow(s) }

// openWindow is showWindow for who wants to know whether it could be. The person has
// been told of an error, which is a *status.Problem.
func (a *agent) openWindow(s channel.Show) error {
	if s.Window == channel.WindowDial && a.account().Validate() != nil {
		s.Window = channel.WindowAssistant
	}
	if s.Window == channel.WindowDial && s.Reason == "" {
		s.Reason = a.troubles.takeNews()
	}
	err := a.windows.show(s)
	if s.Window == channel.WindowDial {
		a.prepare()
	}
	return err
}

// windows is the agent's child process, cornetta-ui. It is started when a window is
// wanted, ends by itself when it has shown none for a while, and is started again
// where it crashed. The two talk over the child's standard input and output, which no
// other program can open.
type windows struct {
	table func(*ipc.Conn) []ipc.Handler // answers the child
	gone  func(id uint64)               // a question or a link was lost with the child that showed it
	tell  func(words.Sentence)          // shows a notice
	log   *slog.Logger
	ctx   context.Context // ends the child
	stop  context.CancelFunc
	wg    sync.WaitGroup // one for each child

	mu      sync.Mutex       // guards what follows
	server  *channel.Server  // nil: no child runs
	last    *status.Snapshot // for the next child
	wanted  *wanted          // the newest
	open    *channel.Ask     // the question that has no answer yet
	settled bool             // should the child die, open is not asked again: one died with it already, or there was a yes
	link    uint64           // of the newest Show that has one
	closed  bool
}

var errEnding = status.NewError(status.CodeEnding, "agent: it is ending")

// wanted is a window that was asked for.
type wanted struct {
	channel.Show
	at    time.Time
	again bool // a child died with it already
}

func newWindows(a *agent, log *slog.Logger) *windows {
	w := &windows{table: (&windowHandler{agent: a}).table, gone: a.links.abandon, log: log}
	w.tell = func(s words.Sentence) { a.notices.show("windows", s) }
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// show shows a window, starting the child if none runs. The person has been told
// of an error.
func (w *windows) show(s channel.Show) error { return w.want(&wanted{Show: s}) }

func (w *windows) want(s *wanted) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errEnding
	}
	if err := w.ensureLocked(); err != nil {
		return err
	}
	if s.Link != 0 {
		w.link = s.Link
	}
	w.server.Show(s.Show)
	s.at = time.Now()
	w.wanted = s
	return nil
}

// ask shows a question, or the new counts of the one that is shown.
func (w *windows) ask(q channel.Ask) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errEnding
	}
	w.settled = w.settled && w.open != nil && w.open.Offer.ID == q.Offer.ID
	w.open = nil // it is pushed below
	if err := w.ensureLocked(); err != nil {
		return err
	}
	w.open = &q
	w.server.PushAsk(q)
	return nil
}

// agreed is called when there is a yes to a question: should the child die now, it is
// not asked a second time.
func (w *windows) agreed(id uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open != nil && w.open.Offer.ID == id {
		w.settled = true
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

// ensureLocked starts a child unless one runs; where that fails the person is told. It
// is called with mu held.
func (w *windows) ensureLocked() error {
	if w.server != nil {
		select {
		case <-w.server.Done():
			w.server = nil // it ended just now
		default:
			return nil
		}
	}
	server, err := w.startLocked()
	if err != nil {
		w.log.Error("the windows cannot be started", slog.Any("err", err))
		return w.tellNone(err)
	}
	w.server = server
	if w.last != nil {
		server.PushSnapshot(*w.last)
	}
	if w.open != nil {
		server.PushAsk(*w.open)
	}
	return nil
}

// tellNone tells the person why no window can be opened, and returns it as a Problem.
func (w *windows) tellNone(err error) *status.Problem {
	p := &status.Problem{Code: status.CodeNoWindows}
	switch {
	case errors.Is(err, display.ErrNone):
		p.Code = status.CodeNoDisplay
	case outOfResources(err):
		p.Code = status.CodeNoRoom
	}
	w.tell(words.Problem(*p))
	return p
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
	if w.server != nil {
		w.server.PushSnapshot(s)
	}
}

// speak tells the child, if there is one, that another language was chosen.
func (w *windows) speak(code string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.server != nil {
		w.server.PushLanguage(code)
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
func (w *windows) startLocked() (*channel.Server, error) {
	if err := display.Named(); err != nil {
		return nil, err
	}
	path, err := UIPath()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(w.ctx, path)
	cmd.Env = append(os.Environ(), channel.Environment)
	cmd.Stderr = tolerantWriter{os.Stderr}
	cmd.Env = append(os.Environ(), words.Variable+"="+words.Language())
	// Not StdoutPipe: Wait would close it under the reader.
	out, childOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, errors.Join(err, out.Close(), childOut.Close())
	}
	cmd.Stdout = childOut
	err = cmd.Start()
	childOut.Close()
	if err != nil {
		return nil, errors.Join(err, out.Close())
	}
	server := channel.Serve(w.ctx, out, in, w.table)
	w.wg.Go(func() { w.follow(cmd, server) })
	return server, nil
}

// follow waits for the child's end, and shows again, in another one, what was lost
// with it.
func (w *windows) follow(cmd *exec.Cmd, server *channel.Server) {
	if err := server.Wait(); err != nil && !errors.Is(err, io.EOF) {
		w.log.Warn("the windows' channel", slog.Any("err", err))
	}
	if err := cmd.Wait(); err != nil && w.ctx.Err() == nil {
		w.log.Warn("the windows ended", slog.Any("err", err))
		if cmd.ProcessState != nil && cmd.ProcessState.ExitCode() == channel.ExitNoDisplay {
			w.tellNone(display.ErrNone)
		}
	}
	w.mu.Lock()
	var again *wanted
	var lost *channel.Ask
	var link uint64
	if w.server == server {
		w.server = nil
		if w.wanted != nil && !w.wanted.again && time.Since(w.wanted.at) < startupTime {
			again = &wanted{Show: w.wanted.Show, again: true}
		}
		if again == nil || again.Link != w.link {
			link, w.link = w.link, 0
		}
		if w.open != nil && (w.settled || w.closed || w.ensureLocked() != nil) {
			lost, w.open = w.open, nil
		}
		w.settled = true
	}
	w.mu.Unlock()
	if lost != nil {
		w.gone(lost.Offer.ID)
	}
	if again != nil && w.want(again) != nil {
		link = again.Link
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
