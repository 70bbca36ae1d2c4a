package asterisktest

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// process is one running Asterisk. One goroutine waits for its end.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended and was reaped
}

// startProcess runs the Asterisk of root in the directory that settings.write
// has filled. What it prints is added to log/output.
func startProcess(root, dir string) (*process, error) {
	out, err := os.OpenFile(filepath.Join(dir, "log", "output"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p := &process{
		cmd: exec.Command(filepath.Join(root, "ld.so"), "--library-path", filepath.Join(root, "lib"),
			filepath.Join(root, "asterisk"), "-f", "-C", filepath.Join(dir, "etc", "asterisk.conf")),
		done: make(chan struct{}),
	}
	p.cmd.Dir = dir
	p.cmd.Stdout, p.cmd.Stderr = out, out
	// The settings of this system's OpenSSL may name what the Debian that
	// Asterisk was built on does not have.
	p.cmd.Env = append(os.Environ(), "OPENSSL_CONF=/dev/null", "LC_ALL=C")
	p.cmd.SysProcAttr = dieWithParent()

	started := make(chan error)
	go func() {
		// Linux ends the child when the *thread* that started it ends, so this
		// goroutine keeps that thread to itself for as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err != nil {
			return
		}
		_ = p.cmd.Wait() // how it ended is of no interest: tests kill it
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// kill ends it at once and waits.
func (p *process) kill() error {
	err := p.cmd.Process.Kill()
	<-p.done
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// stop asks it to end, gives it a moment, then kills it.
func (p *process) stop() error {
	// It cannot be asked while it is paused.
	if err := errors.Join(resume(p.cmd.Process), p.cmd.Process.Signal(syscall.SIGTERM)); err != nil {
		return p.kill()
	}
	patience := time.NewTimer(3 * time.Second)
	defer patience.Stop()
	select {
	case <-p.done:
		return nil
	case <-patience.C:
		return p.kill()
	}
}
