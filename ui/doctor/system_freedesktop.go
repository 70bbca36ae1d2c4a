//go:build linux || freebsd || openbsd || netbsd

package doctor

import (
	"cmp"
	"context"
	"os"
	"runtime"
	"strings"

	"cornetta/ami/clean"
	"cornetta/internal/display"
	"cornetta/internal/durable"
	"cornetta/ui/internal/sessionbus"
	"cornetta/ui/words"
)

// systemChecks are what a desktop of freedesktop has and others have not.
var systemChecks = []check{{id: idBus, run: sessionBus}, {id: idDisplay, run: usableDisplay}}

func sessionBus(ctx context.Context) verdict {
	conn, err := sessionbus.Connect(ctx, ctx, usualLimit)
	if err != nil {
		return failed(words.FoundBusNone.Find())
	}
	_ = conn.Close()
	return ok(words.FoundBus.Find())
}

func usableDisplay(context.Context) verdict {
	if err := display.Usable(); err != nil {
		return failed(words.FoundDisplayNone.Find())
	}
	return ok(words.FoundDisplay.Find(cmp.Or(os.Getenv("WAYLAND_DISPLAY"), os.Getenv("DISPLAY"), "WAYLAND_SOCKET")))
}

// system names the operating system.
func system() string {
	name := runtime.GOOS
	if text, err := durable.Read("/etc/os-release", 16<<10); err == nil {
		for line := range strings.Lines(string(text)) {
			if v, ok := strings.CutPrefix(strings.TrimSpace(line), "PRETTY_NAME="); ok {
				name = clean.Text(strings.Trim(v, `"'`), clean.Name)
			}
		}
	}
	return name + " " + runtime.GOARCH
}

// session names the desktop, and how it draws.
func session() string {
	kind := os.Getenv("XDG_SESSION_TYPE")
	switch {
	case kind != "":
	case os.Getenv("WAYLAND_DISPLAY") != "":
		kind = "wayland"
	case os.Getenv("DISPLAY") != "":
		kind = "x11"
	}
	return clean.Text(cmp.Or(os.Getenv("XDG_CURRENT_DESKTOP"), os.Getenv("DESKTOP_SESSION"), "?")+" "+kind, clean.Name)
}
