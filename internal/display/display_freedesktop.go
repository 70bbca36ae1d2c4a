//go:build linux || freebsd || openbsd || netbsd

package display

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/jezek/xgb"
)

// Named returns ErrNone where the environment names no display, as under cron. It does
// not block.
func Named() error {
	if cmp.Or(os.Getenv("DISPLAY"), os.Getenv("WAYLAND_DISPLAY"), os.Getenv("WAYLAND_SOCKET")) == "" {
		return ErrNone
	}
	return nil
}

// Usable returns an error that wraps ErrNone where the environment's displays take no
// connection. It blocks for as long as a display does.
func Usable() error {
	if err := Named(); err != nil {
		return err
	}
	if os.Getenv("WAYLAND_SOCKET") != "" {
		return nil // connected already
	}
	why := error(nil)
	if name := os.Getenv("WAYLAND_DISPLAY"); name != "" {
		if !filepath.IsAbs(name) {
			name = filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), name)
		}
		conn, err := net.Dial("unix", name)
		if err == nil {
			return conn.Close()
		}
		why = err
	}
	if name := os.Getenv("DISPLAY"); name != "" {
		if why = usableX11(name); why == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: %w", ErrNone, why)
}

// usableX11 returns an error where an X server is not there, or lets nobody in. Whatever
// else xgb does not manage the library that draws windows may: it knows more ways.
func usableX11(name string) error {
	xgb.Logger = log.New(io.Discard, "", 0) // it logs what it returns
	conn, err := xgb.NewConnDisplay(name)
	switch {
	case err == nil:
		conn.Close()
		return nil
	case strings.HasPrefix(err.Error(), "cannot connect"):
		// In a sandbox there may be nothing but the socket that is in no file system.
		number, _, _ := strings.Cut(name[strings.LastIndex(name, ":")+1:], ".")
		if conn, inNone := net.Dial("unix", "@/tmp/.X11-unix/X"+number); inNone == nil {
			return conn.Close()
		}
		return err
	case strings.Contains(err.Error(), "authentication refused"):
		return err
	}
	return nil
}
