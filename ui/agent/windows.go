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

	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// windows is the agent's child, cornetta-ui: started when a window is wanted,
// gone when it has not shown one for a while, started anew after it died.
// Their channel is the child's standard input and output, which nobody else
// can open.
type windows struct {
	agent channel.Agent
	gone  func(id uint64)      // a question or a link went with the child that showed it
	tell  func(words.Sentence) // shows a notice
	log   *slog.Logger
	stop  context.CancelFunc
	ctx   context.Context
	wg    sync.WaitGroup // one for each child

	mu     sync.Mutex // guards what follows
	server *channel.Server
	last   *status.Snapshot
	asked  *wanted      // the newest
	open   *channel.Ask // the question that has no answer yet
	again  bool         // it is not put again: a child went with it, or there was a yes
	link   uint64       // of the newest Show that has one
	closed bool
}

var errEnding = errors.New("the agent is ending")

// wanted is a window that was asked for.
type wanted struct {
	channel.Show
	again bool // a child went with it already
	at    time.Time
}

func newWindows(a *agent, log *slog.Logger) *windows {
	w := &windows{agent: &clerk{a}, gone: a.links.abandon, log: log}
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
	if err := w.ensure(); err != nil {
		return err
	}
	if s.Link != 0 {
		w.link = s.Link
	}
	w.server.Show(s.Show)
	s.at = time.Now()
	w.asked = s
	return nil
}

// ask shows a question, or what became of the one that is shown.
func (w *windows) ask(q channel.Ask) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return errEnding
	}
	w.again = w.again && w.open != nil && w.open.ID == q.ID
	w.open = nil // it is pushed below
	if err := w.ensure(); err != nil {
		return err
	}
	w.open = &q
	w.server.PushAsk(q)
	return nil
}

// agreed is called when there is a yes to a question: should the child die now,
// it is not put a second time.
func (w *windows) agreed(id uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open != nil && w.open.ID == id {
		w.again = true
	}
}

// answered is called when a question needs no window any more.
func (w *windows) answered(id uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.open != nil && w.open.ID == id {
		w.open = nil
	}
}

// ensure has a child run; where it cannot be started the person is told. It is
// called with mu held.
func (w *windows) ensure() error {
	if w.server != nil {
		select {
		case <-w.server.Done():
			w.server = nil // it ended just now
		default:
			return nil
		}
	}
	server, err := w.start()
	if err != nil {
		w.log.Error("the windows cannot be started", slog.Any("err", err))
		w.tell(words.NoWindows(full(err)))
		return err
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

// full: err is the system's refusal to give a program what another would get.
func full(err error) bool {
	for _, e := range []error{syscall.EAGAIN, syscall.ENOMEM, syscall.EMFILE, syscall.ENFILE} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// warming is how long a child needs to show a window. One that ends before had
// decided to go when it was asked, or was dying; another one is started, once,
// so that a window that takes its program down with it comes to an end.
const warming = 2 * time.Second

// push hands the child, if there is one, the newest Snapshot.
func (w *windows) push(s status.Snapshot) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = &s
	if w.server != nil {
		w.server.PushSnapshot(s)
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

// start runs cornetta-ui. It is called with mu held.
func (w *windows) start() (*channel.Server, error) {
	path, err := uiPath()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(w.ctx, path)
	cmd.Stderr = regardless{os.Stderr}
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
	server := channel.Serve(w.ctx, out, in, w.agent)
	w.wg.Go(func() {
		if err := server.Wait(); err != nil && !errors.Is(err, io.EOF) {
			w.log.Warn("the windows' channel", slog.Any("err", err))
		}
		if err := cmd.Wait(); err != nil && w.ctx.Err() == nil {
			w.log.Warn("the windows ended", slog.Any("err", err))
		}
		w.mu.Lock()
		var again *wanted
		var lost *channel.Ask
		var link uint64
		if w.server == server {
			w.server = nil
			if w.asked != nil && !w.asked.again && time.Since(w.asked.at) < warming {
				again = &wanted{Show: w.asked.Show, again: true}
			}
			if again == nil || again.Link != w.link {
				link, w.link = w.link, 0
			}
			if w.open != nil && (w.again || w.closed || w.ensure() != nil) {
				lost, w.open = w.open, nil
			}
			w.again = true
		}
		w.mu.Unlock()
		if lost != nil {
			w.gone(lost.ID)
		}
		if again != nil && w.want(again) != nil {
			link = again.Link
		}
		if link != 0 {
			w.gone(link)
		}
	})
	return server, nil
}

// regardless takes what is written for written: a child's complaints that nobody
// reads any more are no reason for it to end, as it would with our own stderr.
type regardless struct{ io.Writer }

func (w regardless) Write(p []byte) (int, error) {
	_, _ = w.Writer.Write(p)
	return len(p), nil
}

// uiPath is where cornetta-ui is: beside this program, or on the PATH.
func uiPath() (string, error) {
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
