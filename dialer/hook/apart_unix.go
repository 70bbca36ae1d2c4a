//go:build unix

package hook

import (
	"os/exec"
	"syscall"
)

// apart has a program started as the first of a process group, so that what is pressed at
// the agent's terminal is not for it, and all of it can be ended.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// end ends a program with its group.
func end(cmd *exec.Cmd) {
	if syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) != nil {
		_ = cmd.Process.Kill()
	}
}
