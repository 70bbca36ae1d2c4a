//go:build windows

package desktop

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// holder makes the test binary a program that keeps the clipboard open until
// its input ends.
const holder = "CORNETTA_TEST_HOLD_CLIPBOARD"

func init() {
	if os.Getenv(holder) == "" {
		return
	}
	runtime.LockOSThread()
	// In the name of a window: to wine, all who have none are one.
	window, _, _ := user32.NewProc("GetDesktopWindow").Call()
	ok, _, err := openClipboard.Call(window)
	fmt.Println(ok != 0, err)
	_, _ = os.Stdin.Read(make([]byte, 1))
	os.Exit(0)
}

// copyUnits puts units on the clipboard as its text, exactly as they are.
func copyUnits(t *testing.T, units []uint16) {
	t.Helper()
	copyAs(t, unicodeText, units)
}

// copyAs puts units on the clipboard in one format.
func copyAs(t *testing.T, format uintptr, units []uint16) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	eventually(t, "the clipboard", func() bool {
		ok, _, _ := openClipboard.Call(0)
		return ok != 0
	})
	defer closeClipboard.Call()
	emptyClipboard.Call()
	if len(units) == 0 {
		return
	}
	data, _, err := globalAlloc.Call(globalMove, uintptr(2*len(units)))
	if data == 0 {
		t.Fatal(err)
	}
	at, _, _ := globalLock.Call(data)
	copy(unsafe.Slice(*(**uint16)(unsafe.Pointer(&at)), len(units)), units)
	globalUnlock.Call(data)
	if ok, _, err := setClipboardData.Call(format, data); ok == 0 {
		t.Fatal(err)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain for " + what)
		}
	}
}

func utf16(s string) []uint16 {
	units, err := windows.UTF16FromString(s)
	if err != nil {
		panic(err)
	}
	return units
}

func TestClipboardOfWindows(t *testing.T) {
	for _, tc := range []struct {
		name  string
		units []uint16
		want  string
		err   error
	}{
		{"a number", utf16("+39 050 1234567"), "+39 050 1234567", nil},
		{"other scripts", utf16("☎ ٠٥٠ 😀"), "☎ ٠٥٠ 😀", nil},
		{"nothing", nil, "", ErrClipboardEmpty},
		{"an empty text", utf16(""), "", ErrClipboardEmpty},
		{"as much as fits", utf16(strings.Repeat("1", clipboardMax)), strings.Repeat("1", clipboardMax), nil},
		{"more than fits", utf16(strings.Repeat("1", clipboardMax+1)), "", ErrClipboardTooLarge},
		{"more than fits in bytes", utf16(strings.Repeat("è", clipboardMax/2+1)), "", ErrClipboardTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			copyUnits(t, tc.units)
			got, err := ReadClipboard(t.Context())
			if got != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	if _, err := ReadSelection(t.Context(), false); !errors.Is(err, ErrMayNotCopy) {
		t.Errorf("the selection: %v", err)
	}
}

// TestClipboardHeldOpen: a program that keeps the clipboard open costs the time
// that a read has, and next to no work.
func TestClipboardHeldOpen(t *testing.T) {
	copyUnits(t, utf16("050"))
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holder+"=1")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || !strings.HasPrefix(line, "true") {
		t.Fatalf("the other program says %q, %v", line, err)
	}
	before := worked(t)
	for range 3 {
		if got, err := ReadClipboard(t.Context()); !errors.Is(err, ErrClipboardTimeout) {
			t.Errorf("%q, %v", got, err)
		}
	}
	if spent := worked(t) - before; spent > clipboardTime {
		t.Errorf("three reads worked for %v", spent)
	}
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the clipboard to be free again", func() bool {
		got, err := ReadClipboard(t.Context())
		return got == "050" && err == nil
	})
}

// worked is how long this process has kept a processor busy.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var created, exited, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(windows.CurrentProcess(), &created, &exited, &kernel, &user); err != nil {
		t.Fatal(err)
	}
	span := func(f windows.Filetime) time.Duration {
		return 100 * (time.Duration(f.HighDateTime)<<32 + time.Duration(f.LowDateTime))
	}
	return span(kernel) + span(user)
}
