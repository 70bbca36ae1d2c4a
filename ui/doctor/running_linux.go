//go:build linux

package doctor

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// maxProcesses bounds how many are looked at.
const maxProcesses = 20000

// running are the processes of Cornetta on this computer. Of other people's no more is
// known than that they are there.
func running() (all []process) {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(maxProcesses) // those that ended meanwhile are none
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		comm, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
		if err != nil || strings.TrimSpace(string(comm)) != "cornetta" {
			continue
		}
		info, err := os.Stat(fmt.Sprintf("/proc/%d", pid))
		if err != nil {
			continue
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			continue
		}
		p := process{pid: pid, user: strconv.Itoa(int(st.Uid)), own: int(st.Uid) == os.Geteuid()}
		if p.own {
			program, _ := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)) // "" where it may not be read
			p.program, p.replaced = strings.CutSuffix(program, " (deleted)")
			p.agent = isAgent(pid)
			if !sharesSettings(pid) {
				continue // as of a test, or in a container: it has nothing to do with this one
			}
		}
		all = append(all, p)
	}
	return all
}

// isAgent reports whether a command line is that of the program in the tray.
func isAgent(pid int) bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	if err != nil {
		return false
	}
	args := strings.Split(string(bytes.TrimSuffix(line, []byte{0})), "\x00")[1:]
	if len(args) == 0 || args[0] == "activated" || args[0] == "agent" {
		return true
	}
	scheme, _, link := strings.Cut(strings.ToLower(args[0]), ":")
	return link && (scheme == "tel" || scheme == "callto")
}

// sharesSettings reports whether a process has the settings that this one has, as far as
// its environment tells.
func sharesSettings(pid int) bool {
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	if err != nil {
		return true
	}
	variable := map[string]string{}
	for v := range strings.SplitSeq(string(environ), "\x00") {
		name, value, _ := strings.Cut(v, "=")
		variable[name] = value
	}
	dir := variable["XDG_CONFIG_HOME"]
	if dir == "" {
		dir = filepath.Join(variable["HOME"], ".config")
	}
	own, err := os.UserConfigDir()
	return err != nil || own == dir
}
