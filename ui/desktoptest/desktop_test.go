//go:build linux

package desktoptest

import (
	"bytes"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestDesktopIsPrivateAndReady(t *testing.T) {
	d := Start(t)
	for _, name := range []string{nameTray, nameNotifications, nameSecrets} {
		if !d.owned(name) {
			t.Errorf("%s has no owner after Start", name)
		}
	}
	info, err := os.Stat(d.RuntimeDir())
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("runtime directory: %v, %v; want mode 0700", info, err)
	}
	env := strings.Join(d.Env(), "\n")
	for _, dir := range []string{d.Home(), d.ConfigHome(), d.DataHome(), d.StateHome(), d.RuntimeDir()} {
		if !strings.HasPrefix(dir, d.dir) || !strings.Contains(env, "="+dir+"\n") {
			t.Errorf("directory %s is not the desktop's own or not in its environment:\n%s", dir, env)
		}
	}
	if ws := d.Windows(); len(ws) != 0 {
		t.Errorf("a fresh desktop has windows: %v", ws)
	}
}

func TestScreenshotShowsThePanel(t *testing.T) {
	d := Start(t, WithoutKeyring(), WithoutNotifications())
	t.Setenv(artefactsVariable, t.TempDir())
	path := d.Screenshot("a b/c")
	if got, want := filepath.Base(path), "a_b_c.png"; got != want {
		t.Errorf("file %q, want %q", got, want)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if got := img.Bounds().Size().String(); got != "(1280,800)" {
		t.Errorf("size %s", got)
	}
	d.Wait("a panel that looks different from the background", func() bool {
		s := d.Screen()
		return s.RGBAAt(600, 16) != s.RGBAAt(600, 400) && s.RGBAAt(600, 400) == color.RGBA{0x3a, 0x4a, 0x5c, 0xff}
	})
}

func TestWithoutPartsTheyAreNotThereEvenWhenAsked(t *testing.T) {
	d := Start(t, WithoutKeyring(), WithoutNotifications(), WithoutTrayHost())
	for _, name := range []string{nameTray, nameNotifications, nameSecrets} {
		// StartServiceByName is what a call to the name would cause.
		var result uint32
		err := d.Bus().BusObject().Call("org.freedesktop.DBus.StartServiceByName", 0, name, uint32(0)).Store(&result)
		if err == nil || d.owned(name) {
			t.Errorf("%s could be had: result %d", name, result)
		}
	}
	if items := d.TrayItems(); items != nil {
		t.Errorf("tray items without a tray: %v", items)
	}
}

func TestTwoDesktopsDoNotSeeEachOther(t *testing.T) {
	a, b := Start(t), Start(t)
	if a.Display() == b.Display() || a.BusAddress() == b.BusAddress() || a.Home() == b.Home() {
		t.Fatalf("shared: %v %v", a.Env(), b.Env())
	}
	inA := run(t, a, "window", "in a")
	inB := run(t, b, "window", "in b")
	wa, wb := a.Window("^Try me: in a$"), b.Window("^Try me: in b$")
	if a.FindWindow("in b") != nil || b.FindWindow("in a") != nil {
		t.Errorf("a shows %q, b shows %q", a.Titles(), b.Titles())
	}
	a.Wait("the focus", wa.Focused)
	b.Wait("the focus", wb.Focused)
	a.Key("F5")
	inA.expect(a, "key 0xffc2", 1)
	b.Key("F6")
	inB.expect(b, "key 0xffc3", 1)
	if strings.Contains(inA.said(), "0xffc3") || strings.Contains(inB.said(), "0xffc2") {
		t.Errorf("keys crossed over: %q %q", inA.said(), inB.said())
	}
}

// A program that detached itself and ignores SIGTERM is gone too.
func TestNothingIsLeftRunning(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: without a screen")
	}
	var mark, dir string
	t.Run("desktop", func(t *testing.T) {
		d := Start(t)
		mark, dir = d.procs.mark, d.dir
		exe, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := d.Command("sh", "-c", `setsid "$0" & exit 0`, exe)
		cmd.Env = append(cmd.Env, actVariable+"=stubborn")
		cmd.Stdout = nil
		before := len(marked(mark))
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		d.Wait("the stubborn program", func() bool { return len(marked(mark)) > before })
		if before < 6 {
			t.Fatalf("%d processes on a desktop with six parts: the search for them does not work", before)
		}
	})
	if left := marked(mark); len(left) != 0 {
		t.Errorf("processes %v are left", left)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", dir, err)
	}
}

// killedVariable makes TestDesktopOfKilledTest start a desktop and wait to be
// killed.
const killedVariable = "CORNETTA_DESKTOPTEST_KILLED"

func TestDesktopOfKilledTest(t *testing.T) {
	if out := os.Getenv(killedVariable); out != "" {
		d := Start(t)
		if err := os.WriteFile(out, []byte(d.procs.mark), 0o600); err != nil {
			t.Fatal(err)
		}
		select {} // until killed
	}
	Start(t, WithoutKeyring(), WithoutNotifications(), WithoutTrayHost()) // skips where programs are missing
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	out := filepath.Join(tmp, "mark")
	cmd := exec.Command(exe, "-test.run=^TestDesktopOfKilledTest$")
	cmd.Env = append(os.Environ(), killedVariable+"="+out, "TMPDIR="+tmp)
	cmd.SysProcAttr = ownGroup()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var mark string
	if err := poll(t.Context(), Patience, func() bool {
		b, err := os.ReadFile(out)
		mark = string(b)
		return err == nil && mark != ""
	}); err != nil {
		t.Fatal(err)
	}
	if n := len(marked(mark)); n < 6 {
		t.Fatalf("%d processes on the desktop", n)
	}
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if err := poll(t.Context(), Patience, func() bool { return len(marked(mark)) == 0 }); err != nil {
		signalAll(marked(mark), syscall.SIGKILL)
		t.Errorf("processes outlived the killed test: %v", err)
	}
}
