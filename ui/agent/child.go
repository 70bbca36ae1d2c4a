package agent

import (
	"errors"
	"io/fs"
	"os/exec"
	"regexp"
	"runtime"
	"sync"

	"cornetta/ami/clean"
	"cornetta/dialer/status"
	"cornetta/internal/display"
	"cornetta/ui/channel"
)

// child is one run of cornetta-ui.
type child struct {
	*channel.Server
	cmd    *exec.Cmd
	said   head
	shown  chan struct{} // closed when one of its windows is on the screen
	show   func()        // closes it, once
	judged chan struct{} // closed when it has ended, and what that means was told
}

// hasShown reports whether a window was on the screen.
func (c *child) hasShown() bool {
	select {
	case <-c.shown:
		return true
	default:
		return false
	}
}

// why is the reason that the child gave for ending without a window, nil where it gave none
// and may have been ended, or have crashed.
func (c *child) why() *status.Problem {
	if c.hasShown() || c.cmd.ProcessState == nil {
		return nil
	}
	switch c.cmd.ProcessState.ExitCode() {
	case channel.ExitNoDisplay:
		return &status.Problem{Code: status.CodeNoDisplay}
	case channel.ExitNoOpenGL:
		return &status.Problem{Code: status.CodeNoOpenGL}
	}
	return loadProblem(c.cmd.ProcessState.ExitCode(), c.said.text())
}

// missing finds what the system's loader says before a program begins: glibc's, musl's.
var missing = regexp.MustCompile(`(?m)(?:error while loading shared libraries: |Error loading shared library )([^\s:]+):|: version .([\w.]+). not found`)

// The same on Windows, which says it by the exit status alone.
const (
	dllNotFound        = 0xC0000135
	entryPointNotFound = 0xC0000139
	ordinalNotFound    = 0xC0000138
	invalidImage       = 0xC000007B // a library of another kind, such as 32 bits
)

// loadProblem is why the system's loader did not begin the program, nil where it did. code is
// the exit status, said what was written to standard error.
func loadProblem(code int, said string) *status.Problem {
	if runtime.GOOS == "windows" {
		switch uint32(code) {
		case dllNotFound, entryPointNotFound, ordinalNotFound:
			return &status.Problem{Code: status.CodeWindowsLibrary}
		case invalidImage:
			return &status.Problem{Code: status.CodeWindowsAlien}
		}
		return nil
	}
	if m := missing.FindStringSubmatch(said); m != nil && (code == 127 || code == 1) {
		return &status.Problem{Code: status.CodeWindowsLibrary, Detail: clean.Foreign(clean.Text(m[1]+m[2], clean.Name))}
	}
	return nil
}

// startProblem is why cornetta-ui could not be started.
func startProblem(err error) *status.Problem {
	code := status.CodeWindowsEnded
	switch {
	case errors.Is(err, display.ErrNone):
		code = status.CodeNoDisplay
	case outOfResources(err):
		code = status.CodeNoRoom
	case errors.Is(err, exec.ErrNotFound):
		code = status.CodeNoWindows
	case errors.Is(err, fs.ErrPermission):
		code = status.CodeWindowsNotRun
	case notForHere(err), errors.Is(err, fs.ErrNotExist): // what is missing is its loader
		code = status.CodeWindowsAlien
	}
	return &status.Problem{Code: code}
}

// head keeps the beginning of what is written to it.
type head struct {
	mu  sync.Mutex // guards buf
	buf []byte
}

// maxHead is enough for the loader's only line.
const maxHead = 2048

func (h *head) Write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.buf = append(h.buf, p[:min(len(p), maxHead-len(h.buf))]...)
	return len(p), nil
}

func (h *head) text() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return string(h.buf)
}
