//go:build linux || freebsd || openbsd || netbsd

package window

import (
	"io"
	"log"
	"os"
	"time"

	"fyne.io/fyne/v2"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/screensaver"
	"github.com/jezek/xgb/xproto"
)

// watchInput returns what tells, of this X display, how long ago a key or a button of
// the mouse was pressed, and where the pointer is. Without one, as on Wayland, where a
// compositor lets no program take the keyboard, they are nil. They are for one goroutine.
func watchInput() (idle func() time.Duration, pointer func() fyne.Position, end func()) {
	none := func() {}
	if os.Getenv("WAYLAND_DISPLAY") != "" {
		return nil, nil, none // the X server there hears only what is done in its own windows
	}
	xgb.Logger = log.New(io.Discard, "", 0) // it tells of every display without an authority file
	conn, err := xgb.NewConn()
	if err != nil {
		return nil, nil, none
	}
	if err := screensaver.Init(conn); err != nil {
		conn.Close()
		return nil, nil, none
	}
	x := &xIdle{conn: conn, root: xproto.Setup(conn).DefaultScreen(conn).Root}
	return x.idle, x.pointer, conn.Close
}

// xIdle asks the server for how long nothing was done at all. A pointer that moves is
// no reason to wait: whoever opened a link has a hand on the mouse.
type xIdle struct {
	conn *xgb.Conn
	root xproto.Window

	asked   time.Time
	done    time.Time // when something was done last, whatever it was
	pressed time.Time // when that was something other than moving the pointer, for all one knows
	x, y    int16
}

func (i *xIdle) pointer() fyne.Position {
	at, err := xproto.QueryPointer(i.conn, i.root).Reply()
	if err != nil {
		return fyne.Position{}
	}
	return fyne.NewPos(float32(at.RootX), float32(at.RootY))
}

// slack is how far apart two answers about the same moment may be.
const slack = 10 * time.Millisecond

func (i *xIdle) idle() time.Duration {
	const unknown = time.Hour
	asked := screensaver.QueryInfo(i.conn, xproto.Drawable(i.root))
	at, err := xproto.QueryPointer(i.conn, i.root).Reply()
	if err != nil {
		return unknown
	}
	info, err := asked.Reply()
	if err != nil {
		return unknown
	}
	now := time.Now()
	done := now.Add(-time.Duration(info.MsSinceUserInput) * time.Millisecond)
	moved := at.RootX != i.x || at.RootY != i.y
	if fresh := now.Sub(i.asked) > 2*lookTime; fresh || done.Sub(i.done) > slack && !moved {
		i.pressed = done
	}
	i.asked, i.done, i.x, i.y = now, done, at.RootX, at.RootY
	return now.Sub(i.pressed)
}
