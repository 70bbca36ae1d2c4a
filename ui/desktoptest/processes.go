//go:build linux

package desktoptest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// marker is an environment variable that names the desktop a process belongs
// to. It is inherited, so that programs started by programs (the bus activates
// some) are found and ended too.
const marker = "CORNETTA_DESKTOPTEST"

// graceToExit is how long a process may take after SIGTERM before SIGKILL.
const graceToExit = 3 * time.Second

// A process is one part of the desktop. done is closed when it has been waited
// for.
type process struct {
	name string
	cmd  *exec.Cmd
	done chan struct{}
}

// processes starts the parts of one desktop and ends them in reverse order.
type processes struct {
	logs string
	mark string

	// The kernel sends Pdeathsig when the *thread* that forked ends, not the
	// process. All parts are therefore started by one goroutine that is locked
	// to a thread and lives as long as the desktop.
	requests chan func()
	stopped  chan struct{}

	mu   sync.Mutex // guards what follows
	all  []*process
	open map[string]*os.File
}

func newProcesses(logs, mark string) *processes {
	p := &processes{
		logs: logs, mark: mark,
		requests: make(chan func()), stopped: make(chan struct{}),
		open: map[string]*os.File{},
	}
	go func() {
		defer close(p.stopped)
		runtime.LockOSThread()
		for f := range p.requests {
			f()
		}
	}()
	return p
}

// ownGroup makes a process the leader of its group and kills it with its parent.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// openLog opens (once) the log of a part; later starts append to it.
func (p *processes) openLog(name string) (*os.File, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f := p.open[name]; f != nil {
		return f, nil
	}
	f, err := os.OpenFile(filepath.Join(p.logs, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		p.open[name] = f
	}
	return f, err
}

// start starts cmd with its output in the log and sees to it that it is waited
// for.
func (p *processes) start(name string, cmd *exec.Cmd) (*process, error) {
	f, err := p.openLog(name)
	if err != nil {
		return nil, err
	}
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = f, f, ownGroup()
	started := make(chan error, 1)
	p.requests <- func() { started <- cmd.Start() }
	if err := <-started; err != nil {
		return nil, err
	}
	proc := &process{name: name, cmd: cmd, done: make(chan struct{})}
	go func() {
		defer close(proc.done)
		_ = cmd.Wait() // how it ended is in its log
	}()
	p.mu.Lock()
	p.all = append(p.all, proc)
	p.mu.Unlock()
	return proc, nil
}

// stop ends one process group: asked first, then killed.
func (p *processes) stop(proc *process) {
	pid := proc.cmd.Process.Pid
	_ = syscall.Kill(-pid, syscall.SIGTERM)
	select {
	case <-proc.done:
	case <-time.After(graceToExit):
	}
	_ = syscall.Kill(-pid, syscall.SIGKILL)
	<-proc.done
	p.mu.Lock()
	p.all = slices.DeleteFunc(p.all, func(q *process) bool { return q == proc })
	p.mu.Unlock()
}

// find returns the running part of that name, or nil.
func (p *processes) find(name string) *process {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, proc := range p.all {
		if proc.name == name {
			return proc
		}
	}
	return nil
}

// end takes everything down: first the programs that run on the desktop, then
// its parts, last started first. It returns the ids of processes that are still
// there afterwards, of which there should be none.
func (p *processes) end() []int {
	p.mu.Lock()
	parts := slices.Clone(p.all)
	p.mu.Unlock()
	own := map[int]bool{}
	for _, proc := range parts {
		own[proc.cmd.Process.Pid] = true
	}
	// Programs on the desktop get the chance to leave in order: a program that
	// hangs at its end is to be seen by the test that looks for it, not here.
	apps := func() (pids []int) {
		for _, pid := range marked(p.mark) {
			if pgid, err := syscall.Getpgid(pid); err == nil && !own[pgid] {
				pids = append(pids, pid)
			}
		}
		return pids
	}
	signalAll(apps(), syscall.SIGTERM)
	_ = poll(context.Background(), graceToExit, func() bool { return len(apps()) == 0 })
	signalAll(apps(), syscall.SIGKILL)

	slices.Reverse(parts)
	for _, proc := range parts {
		_ = syscall.Kill(-proc.cmd.Process.Pid, syscall.SIGTERM)
	}
	for _, proc := range parts {
		p.stop(proc)
	}
	close(p.requests)
	<-p.stopped

	left := func() []int { return marked(p.mark) }
	signalAll(left(), syscall.SIGKILL)
	_ = poll(context.Background(), graceToExit, func() bool { return len(left()) == 0 })
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.open {
		f.Close()
	}
	return left()
}

// log returns what a part wrote.
func (p *processes) log(name string) string {
	b, err := os.ReadFile(filepath.Join(p.logs, name+".log"))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// allLogs returns what every part wrote, each under its name.
func (p *processes) allLogs() string {
	files, err := filepath.Glob(filepath.Join(p.logs, "*.log"))
	if err != nil {
		return err.Error()
	}
	var out strings.Builder
	for _, f := range files {
		if b, err := os.ReadFile(f); err == nil && len(b) > 0 {
			fmt.Fprintf(&out, "--- %s\n%s\n", filepath.Base(f), bytes.TrimRight(b, "\n"))
		}
	}
	return out.String()
}

// marked returns the ids of the living processes that carry mark in their
// environment. The test itself never does.
func marked(mark string) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	var pids []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		// Other people's processes, and those that just ended, cannot be read. A
		// zombie's environment is empty, and so it does not count as alive.
		env, err := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if err != nil && !errors.Is(err, fs.ErrPermission) {
			continue
		}
		if slices.Contains(strings.Split(string(env), "\x00"), mark) {
			pids = append(pids, pid)
		}
	}
	return pids
}

func signalAll(pids []int, sig syscall.Signal) {
	for _, pid := range pids {
		_ = syscall.Kill(pid, sig)
	}
}
