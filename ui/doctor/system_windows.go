//go:build windows

package doctor

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/windows"

	"cornetta/ami/clean"
)

// systemChecks: Windows has none of its own.
var systemChecks []check

// system names the operating system.
func system() string {
	v := windows.RtlGetVersion()
	return fmt.Sprintf("%s %d.%d.%d %s", "Windows", v.MajorVersion, v.MinorVersion, v.BuildNumber, runtime.GOARCH)
}

// session tells a remote desktop from one at the machine.
func session() string { return clean.Text(os.Getenv("SESSIONNAME"), clean.Name) }
