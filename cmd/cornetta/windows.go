package main

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
	"time"

	"cornetta/dialer"
	"cornetta/ui/channel"
)

// windows is the agent's child, cornetta-ui: started when a window is wanted,
// gone when it has not shown one for a while, started anew after it died.
// Their channel is the child's standard input and output, which nobody else
// can open.
type windows struct {
	agent channel.Agent
	log   *slog.Logger
	stop  context.CancelFunc
	ctx   context.Context
	wg    sync.WaitGroup // one for each child

	mu     sync.Mutex // guards what follows
	server *channel.Server
	last   *dialer.Snapshot
	asked  *channel.Show // the newest, while the child may not have seen it
	closed bool
}

func newWindows(a *agent, log *slog.Logger) *windows {
	w := &windows{agent: &clerk{a}, log: log}
	w.ctx, w.stop = context.WithCancel(context.Background())
	return w
}

// show shows a window, starting the child if none runs.
func (w *windows) show(s channel.Show) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	if w.server != nil {
		select {
		case <-w.server.Done():
			w.server = nil // it ended just now
		default:
		}
	}
	if w.server == nil {
		server, err := w.start()
		if err != nil {
			w.log.Error("the windows cannot be started", slog.Any("err", err))
			return
		}
		w.server = server
		if w.last != nil {
			server.PushSnapshot(*w.last)
		}
	}
	w.server.Show(s)
	w.asked = &s
	time.AfterFunc(warming, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.asked == &s {
			w.asked = nil
		}
	})
}

// warming is how long a child needs to show a window; one that ends in good
// order before, after a while of service, had decided to go when it was asked.
const warming = 2 * time.Second

// push hands the child, if there is one, the newest Snapshot.
func (w *windows) push(s dialer.Snapshot) {
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
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	// Not StdoutPipe: Wait would close it under the reader.
	out, childOut, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	cmd.Stdout = childOut
	err = cmd.Start()
	childOut.Close()
	if err != nil {
		return nil, errors.Join(err, out.Close())
	}
	started := time.Now()
	server := channel.Serve(w.ctx, out, in, w.agent)
	w.wg.Go(func() {
		if err := server.Wait(); err != nil && !errors.Is(err, io.EOF) {
			w.log.Warn("the windows' channel", slog.Any("err", err))
		}
		if err := cmd.Wait(); err != nil && w.ctx.Err() == nil {
			w.log.Warn("the windows ended", slog.Any("err", err))
		}
		w.mu.Lock()
		var again *channel.Show
		if w.server == server {
			w.server = nil
			if cmd.ProcessState.Success() && time.Since(started) > 10*warming {
				again = w.asked
			}
		}
		w.mu.Unlock()
		if again != nil {
			w.show(*again)
		}
	})
	return server, nil
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
