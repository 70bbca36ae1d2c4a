//go:build linux

package desktoptest

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"testing"

	"fyne.io/systray"
	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"go.uber.org/goleak"
)

// actVariable turns the test binary into one of the small programs that the
// desktop is tried with.
const actVariable = "CORNETTA_DESKTOPTEST_ACT"

func TestMain(m *testing.M) {
	switch act := os.Getenv(actVariable); {
	case act == "window":
		actWindow()
	case strings.HasPrefix(act, "tray "):
		actTray(strings.TrimPrefix(act, "tray "))
	case act == "stubborn":
		actStubborn()
	case act == "":
		goleak.VerifyTestMain(m)
	default:
		fmt.Fprintln(os.Stderr, "unknown act", act)
		os.Exit(2)
	}
}

// actTray is a program with a tray icon that tells what is done to it.
func actTray(name string) {
	systray.SetOnTapped(func() { fmt.Println("tapped") })
	// Before Run: while it exports its properties, the library loses what is set.
	systray.SetTitle(name)
	systray.SetTooltip("tip of " + name)
	systray.SetIcon(disc())
	systray.Run(func() {
		add := func(label string) *systray.MenuItem {
			item := systray.AddMenuItem(label, "")
			go func() {
				for range item.ClickedCh {
					fmt.Println("menu", stripMnemonic(label))
				}
			}()
			return item
		}
		add("Status").Disable()
		systray.AddSeparator()
		add("Dial…")
		add("Hidden").Hide()
		add("_Two words")
		fmt.Println("ready")
	}, nil)
}

// disc draws the icon: a coloured disc.
func disc() []byte {
	img := image.NewNRGBA(image.Rect(0, 0, 22, 22))
	for y := range 22 {
		for x := range 22 {
			if dx, dy := x-11, y-11; dx*dx+dy*dy < 100 {
				img.SetNRGBA(x, y, color.NRGBA{0x20, 0xa0, 0x40, 0xff})
			}
		}
	}
	var buf bytes.Buffer
	if err := png.Encode(&buf, img); err != nil {
		panic(err)
	}
	return buf.Bytes()
}

// actWindow is a program with a window that tells what it is sent.
func actWindow() {
	x, err := xgb.NewConn()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	atom := func(name string) xproto.Atom {
		reply, err := xproto.InternAtom(x, false, uint16(len(name)), name).Reply()
		if err != nil {
			panic(err)
		}
		return reply.Atom
	}
	screen := xproto.Setup(x).DefaultScreen(x)
	id, err := xproto.NewWindowId(x)
	if err != nil {
		panic(err)
	}
	xproto.CreateWindow(x, screen.RootDepth, id, screen.Root, 0, 0, 300, 200, 0, xproto.WindowClassInputOutput,
		screen.RootVisual, xproto.CwBackPixel|xproto.CwEventMask,
		[]uint32{0x4060c0, xproto.EventMaskKeyPress | xproto.EventMaskButtonPress})
	title := "Try me: " + strings.Join(os.Args[1:], " ")
	xproto.ChangeProperty(x, xproto.PropModeReplace, id, atom("_NET_WM_NAME"), atom("UTF8_STRING"), 8, uint32(len(title)), []byte(title))
	closing := make([]byte, 4)
	xgb.Put32(closing, uint32(atom("WM_DELETE_WINDOW")))
	xproto.ChangeProperty(x, xproto.PropModeReplace, id, atom("WM_PROTOCOLS"), xproto.AtomAtom, 32, 1, closing)
	xproto.MapWindow(x, id)
	setup := xproto.Setup(x)
	keys, err := xproto.GetKeyboardMapping(x, setup.MinKeycode, byte(setup.MaxKeycode-setup.MinKeycode+1)).Reply()
	if err != nil {
		panic(err)
	}
	for {
		ev, err := x.WaitForEvent()
		if ev == nil && err == nil {
			return
		}
		switch ev := ev.(type) {
		case xproto.KeyPressEvent:
			shift := int(ev.State & xproto.ModMaskShift)
			fmt.Printf("key %#x\n", keys.Keysyms[int(ev.Detail-setup.MinKeycode)*int(keys.KeysymsPerKeycode)+shift])
		case xproto.ButtonPressEvent:
			fmt.Printf("button %d at %d,%d\n", ev.Detail, ev.EventX, ev.EventY)
		case xproto.ClientMessageEvent:
			fmt.Println("close")
			return
		}
	}
}

// actStubborn is a program that does not end when asked to.
func actStubborn() {
	signal.Ignore(syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT)
	fmt.Println("ready")
	select {}
}

// A program is one of the acts, running on a desktop, and what it has said.
type program struct {
	mu    sync.Mutex
	lines []string
}

// run starts an act and ends it with the test.
func run(t *testing.T, d *Desktop, act string, args ...string) *program {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := d.Command(exe, args...)
	cmd.Env = append(cmd.Env, actVariable+"="+act)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = w
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	p := &program{}
	read := make(chan struct{})
	go func() {
		defer close(read)
		defer r.Close()
		lines := bufio.NewScanner(io.LimitReader(r, 1<<20))
		for lines.Scan() {
			p.mu.Lock()
			p.lines = append(p.lines, lines.Text())
			p.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
		<-read
	})
	return p
}

// said returns what the program has said so far.
func (p *program) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "|")
}

// expect waits until the program has said a line n times.
func (p *program) expect(d *Desktop, line string, n int) {
	d.tb.Helper()
	d.Wait(fmt.Sprintf("%d × %q from the program", n, line), func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		count := 0
		for _, l := range p.lines {
			if l == line {
				count++
			}
		}
		return count >= n
	})
}
