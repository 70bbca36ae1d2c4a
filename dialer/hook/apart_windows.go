//go:build windows

package hook

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// apart has a program of the console run without one that flashes up. Not HideWindow, which
// also hides the first window of any other program.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NO_WINDOW | windows.CREATE_NEW_PROCESS_GROUP}
}

// end ends a program. What it has started goes on: Windows knows no group of them.
func end(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
