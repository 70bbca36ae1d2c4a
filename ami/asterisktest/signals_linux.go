//go:build linux

package asterisktest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// dieWithParent has the kernel kill Asterisk when the test program dies
// without cleaning up.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// pause stops the process. A thread that runs while the signal is sent goes on
// for a moment, so it waits until each one has stopped.
func pause(p *os.Process) error {
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for range 5000 {
		tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", p.Pid))
		if err != nil {
			return err
		}
		running := 0
		for _, task := range tasks {
			stat, err := os.ReadFile(task)
			if err == nil && !bytes.Contains(stat, []byte(") T ")) {
				running++
			}
		}
		if running == 0 {
			return nil
		}
		<-poll.C
	}
	return errors.New("asterisktest: it does not stop")
}

func resume(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
