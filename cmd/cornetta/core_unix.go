//go:build unix

package main

import "golang.org/x/sys/unix"

// forbidCoreDumps keeps the password, which is in the memory of this process
// and of the windows that inherit the limit, out of core files. Whether a crash
// asks for one is decided by the environment (GOTRACEBACK=crash) or by whoever
// sends SIGABRT.
//
// It is one byte and not none: Linux hands a core to a program that collects
// them, such as systemd-coredump, whatever the limit is, but for a limit of 1
// (core(5) and do_coredump in fs/coredump.c). A file of one byte is never
// written: it is less than a page.
//
// PR_SET_DUMPABLE would do it too, but gives /proc/PID to root, where the
// desktop's portal looks to find out who asks it for a hotkey.
func forbidCoreDumps() {
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{Cur: 1, Max: 1}) // nothing better is to be had
}
