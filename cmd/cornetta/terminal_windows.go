package main

import (
	"os"

	"golang.org/x/sys/windows"
)

// dropTyped forgets what was typed at a terminal and not read yet.
func dropTyped(f *os.File) { _ = windows.FlushConsoleInputBuffer(windows.Handle(f.Fd())) }
