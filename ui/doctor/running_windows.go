//go:build windows

package doctor

import (
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
)

// running are the processes of Cornetta on this computer. Of other people's no more is
// known than that they are there.
func running() (all []process) {
	list, err := windows.CreateToolhelp32Snapshot(windows.TH32CS_SNAPPROCESS, 0)
	if err != nil {
		return nil
	}
	defer func() { _ = windows.CloseHandle(list) }()
	var session uint32
	_ = windows.ProcessIdToSessionId(windows.GetCurrentProcessId(), &session)
	e := windows.ProcessEntry32{Size: uint32(unsafe.Sizeof(windows.ProcessEntry32{}))}
	for err = windows.Process32First(list, &e); err == nil; err = windows.Process32Next(list, &e) {
		if !strings.EqualFold(windows.UTF16ToString(e.ExeFile[:]), "cornetta.exe") {
			continue // cornetta.com is the command line
		}
		p := process{pid: int(e.ProcessID)}
		var in uint32
		if windows.ProcessIdToSessionId(e.ProcessID, &in) == nil && in != session {
			p.user = "another session"
			all = append(all, p)
			continue
		}
		p.own, p.agent, p.program = true, true, programOf(e.ProcessID)
		all = append(all, p)
	}
	return all
}

// programOf is the path of a process, "" where that is not told.
func programOf(pid uint32) string {
	h, err := windows.OpenProcess(windows.PROCESS_QUERY_LIMITED_INFORMATION, false, pid)
	if err != nil {
		return ""
	}
	defer func() { _ = windows.CloseHandle(h) }()
	path := make([]uint16, windows.MAX_LONG_PATH)
	n := uint32(len(path))
	if windows.QueryFullProcessImageName(h, 0, &path[0], &n) != nil {
		return ""
	}
	return windows.UTF16ToString(path[:n])
}
