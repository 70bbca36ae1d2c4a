//go:build windows

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unsafe"

	win32 "golang.org/x/sys/windows"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/secret"
)

// TestCommandLine: what a script says arrives as it was said, and what it reads
// is what was meant, byte for byte.
func TestCommandLine(t *testing.T) {
	s := newSeat(t)
	if out := s.must("", "--help"); !strings.HasPrefix(out, "Usage: cornetta <command>") {
		t.Errorf("--help: %s", out)
	}
	for _, tc := range []struct {
		stdin, text string
		want        string // of the JSON
		code        int
	}{
		{"", "+39 050 123 4507", `"dial":"000390501234507"`, exitOK},
		{"", "٠٥٠ ١٢٣ ٤٥٠٧", `"reasons":["converted_digits"]`, exitOK},
		{"", "☎", `"error":"invalid_character"`, exitNotNumber},
		{"", `"050" \"1`, `"input":"\"050\" \\\"1"`, exitNotNumber},
		{"050\r\n1", "-", `"input":"050\r\n1"`, exitNotNumber},
		{"050\x00\xff1", "-", `"error":"invalid_utf8"`, exitNotNumber},
	} {
		out, errs, code := s.run(tc.stdin, "explain", "--json", "--source", "clipboard", "--", tc.text)
		if tc.text == "-" {
			out, errs, code = s.run(tc.stdin, "explain", "--json", "-")
		}
		if code != tc.code || !strings.Contains(out, tc.want) || errs != "" || strings.Contains(out, "\r\n") {
			t.Errorf("%q %q: exit status %d, %s%s", tc.text, tc.stdin, code, out, errs)
		}
	}
	if _, errs, code := s.run("", "dial", "1"); code != exitNoLink || !strings.HasPrefix(errs, "cornetta: ") {
		t.Errorf("without an account: exit status %d, %s", code, errs)
	}
}

// TestAccountOnWindows: settings in a file below AppData, the password in the
// Credential Manager and nowhere else.
func TestAccountOnWindows(t *testing.T) {
	s := newSeat(t)
	const password = "canary-pässword"
	s.must(password+"\r\n", accountFlags("127.0.0.1:5999", "7101")...)
	var shown accountJSON
	if err := json.Unmarshal([]byte(s.must("", "account", "show", "--json")), &shown); err != nil {
		t.Fatal(err)
	}
	if shown.Secret != "keyring" || shown.Extension != "7101" {
		t.Errorf("%+v", shown)
	}
	settings, err := config.NewStore(filepath.Join(s.dir, "cornetta")).Load()
	if err != nil || settings.Account.Extension != "7101" {
		t.Errorf("%+v, %v", settings, err)
	}
	keys := secret.Keyring()
	if kept, err := keys.Get(t.Context(), secret.Key(settings.Account)); kept != password || err != nil {
		t.Errorf("the keyring holds %q, %v", kept, err)
	}
	_ = filepath.WalkDir(s.dir, func(path string, d os.DirEntry, err error) error {
		if content, err := os.ReadFile(path); err == nil && strings.Contains(string(content), "canary") {
			t.Errorf("the password is in %s", path)
		}
		return nil
	})
	s.must("", "account", "remove")
	if _, err := keys.Get(t.Context(), secret.Key(settings.Account)); !errors.Is(err, secret.ErrNotFound) {
		t.Errorf("after it was removed: %v", err)
	}
}

// TestDialOnWindows: calls from the command line, by itself and through the
// agent, and their history.
func TestDialOnWindows(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	for _, through := range []string{"alone", "agent"} {
		t.Run(through, func(t *testing.T) {
			s.t = t
			if through == "agent" {
				s.agent()
			}
			for _, tc := range []struct {
				args   []string
				states string
				code   int
			}{
				{[]string{"+39", "050 123", "402"}, "requested ringing_own answered_own ringing_far in_call ended", exitOK},
				{[]string{"0050123403"}, "requested ringing_own answered_own failed(busy)", exitFailed},
				{[]string{"0 899 123402"}, "", exitFailed},
				{[]string{"not a number"}, "", exitNotNumber},
			} {
				out, errs, code := s.run("", append([]string{"dial", "--json"}, tc.args...)...)
				if got := statesOf(t, out); got != tc.states || code != tc.code {
					t.Errorf("dial %q: %s, exit status %d\nwant %s, %d\n%s", tc.args, got, code, tc.states, tc.code, errs)
				}
				s.wait("the PBX to be idle", func() bool { return pbx.Calls() == 0 })
			}
			if through == "alone" {
				return
			}
			s.must("", "dial", "--no-wait", "039050123407")
			s.waitState(call.InCall)
			s.must("", "hangup")
			s.waitState(call.Ended)
			past, err := os.ReadFile(filepath.Join(s.dir, "cornetta", "history.jsonl"))
			if err != nil || !strings.Contains(string(past), "039050123407") {
				t.Errorf("the history is %q, %v", past, err)
			}
		})
	}
	s.t = t
}

// TestOneAgent: a second start shows the window of the first, a link is asked
// about in it, and a yes dials what was shown.
func TestOneAgent(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.env = append(s.env, answerVariable+"=1")
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	agent := s.agent()
	s.must("")
	s.windowsShow(`show dial "" ""`)
	s.must("", "tel:+390501234507")
	s.windowsShow("answered")
	s.waitState(call.InCall)
	if out := s.must("", "status", "--json"); !strings.Contains(out, `"running":true`) || !strings.Contains(out, `"state":"in_call"`) {
		t.Errorf("status: %s", out)
	}
	if n := originated(pbx); n != "00501234507" {
		t.Errorf("dialled %q", n)
	}
	s.must("", "hangup")
	s.waitState(call.Ended)
	agent.close()
	if out, err := exec.Command("tasklist").CombinedOutput(); err != nil || strings.Contains(string(out), "cornetta-ui") {
		t.Errorf("the windows outlive the agent: %v\n%s", err, out)
	}
	if out := s.must("", "status", "--json"); !strings.Contains(out, `"running":false`) {
		t.Errorf("an agent runs that has ended: %s", out)
	}
	s.wait("the session with the PBX to be closed", func() bool { return pbx.Sessions() == 0 })
}

// TestClosedInACall: at the end of the session the link is closed in order.
func TestClosedInACall(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	agent := s.agent()
	s.must("", "dial", "--no-wait", "039050123407")
	s.waitState(call.InCall)
	began := time.Now()
	agent.close()
	t.Logf("it took %v", time.Since(began))
	s.wait("the session with the PBX to be closed", func() bool { return pbx.Sessions() == 0 })
	if pbx.Calls() != 1 {
		t.Error("the call ended with the program")
	}
}

// TestIconAndEndOfSession: a click on the icon opens the dial window, and when the
// person logs off the program ends in order, though it may be gone as soon as it
// has answered.
func TestIconAndEndOfSession(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	agent := s.agent()
	user32 := win32.NewLazySystemDLL("user32.dll")
	class, _ := win32.UTF16PtrFromString("SystrayClass")
	var window uintptr
	s.wait("the icon", func() bool {
		window, _, _ = user32.NewProc("FindWindowW").Call(uintptr(unsafe.Pointer(class)), 0)
		return window != 0
	})
	// A click, as the taskbar tells of it; it is not taken before all is set up,
	// as a message that is sent would be.
	const iconMessage, leftButtonUp = 0x401, 0x202
	if ok, _, err := user32.NewProc("PostMessageW").Call(window, iconMessage, 0, leftButtonUp); ok == 0 {
		t.Fatal(err)
	}
	s.windowsShow(`show dial "" ""`)
	const queryEndSession, endSession, logoff = 0x11, 0x16, 0x80000000
	tell := func(message, wParam uintptr) (answer uintptr) {
		if ok, _, err := user32.NewProc("SendMessageTimeoutW").Call(window, message, wParam, logoff, 0, 20_000, uintptr(unsafe.Pointer(&answer))); ok == 0 {
			t.Errorf("message %#x: %v", message, err)
		}
		return answer
	}
	if tell(queryEndSession, 0) != 1 {
		t.Error("the end of the session is refused")
	}
	tell(endSession, 1)
	select {
	case <-agent.done:
		if code := agent.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("it ended with %d", code)
		}
	case <-time.After(20 * time.Second):
		t.Error("it goes on")
	}
}

// TestManyStartsOnWindows: one of them is the agent, the others hand their
// links over and end well.
func TestManyStartsOnWindows(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	const starts = 20
	var all []*running
	for i := range starts {
		all = append(all, s.start(fmt.Sprintf("tel:+3905012345%02d", i)))
	}
	left := func() (n []*running) {
		for _, r := range all {
			select {
			case <-r.done:
			default:
				n = append(n, r)
			}
		}
		return n
	}
	s.wait("all but one to end", func() bool { return len(left()) <= 1 })
	agents := left()
	if len(agents) != 1 {
		t.Fatalf("%d agents", len(agents))
	}
	for _, r := range all {
		if r != agents[0] && r.cmd.ProcessState.ExitCode() != 0 {
			t.Errorf("exit status %d: %s", r.cmd.ProcessState.ExitCode(), r.said())
		}
	}
	s.wait("all links but the one that is shown to be counted", func() bool {
		said, _ := os.ReadFile(s.shown)
		return strings.Contains(string(said), fmt.Sprintf(" %d 0\n", starts-1))
	})
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}

// TestWithoutWindows: where cornetta-ui is missing the agent goes on, and a link is asked
// about by a dialog of the system, which nobody answers here: nothing is dialled.
func TestWithoutWindows(t *testing.T) {
	ui := filepath.Join(programs, "cornetta-ui.exe")
	if err := os.Rename(ui, ui+".away"); err != nil {
		t.Fatal(err)
	}
	defer os.Rename(ui+".away", ui)
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	agent := s.agent()
	if _, errs, code := s.run(""); code != exitFailed || !strings.Contains(errs, "cannot open its windows") {
		t.Errorf("exit status %d, %q", code, errs)
	}
	s.must("", "tel:+390501234507")
	s.wait("the log to say so", func() bool { return strings.Count(agent.said(), "the windows cannot be started") == 2 })
	if strings.Contains(agent.said(), "1234507") {
		t.Error("the number is in the log")
	}
	s.must("", "dial", "--json", "039050123402")
	if n := originated(pbx); n != "039050123402" {
		t.Errorf("dialled %s", n)
	}
}

// TestInstallOnWindows: a link that another program opens reaches the agent.
func TestInstallOnWindows(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	out := s.must("", "install")
	for _, key := range []string{`Classes\Cornetta.tel`, `Software\Cornetta\Capabilities`, `RegisteredApplications\Cornetta`, `CurrentVersion\Run\Cornetta`} {
		if !strings.Contains(out, `HKEY_CURRENT_USER\`) || !strings.Contains(out, key) {
			t.Errorf("install does not say that it wrote %s:\n%s", key, out)
		}
	}
	if isWine() && !strings.Contains(out, "Default apps") {
		t.Errorf("install does not say that links open with something else:\n%s", out)
	}
	if isWine() { // whose programs look for classes only where those of the whole machine are
		if out, err := exec.Command("reg", "copy", `HKCU\Software\Classes`, `HKLM\Software\Classes`, "/s", "/f").CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	for i, scheme := range []string{"tel", "callto"} {
		if out, err := exec.Command("cmd", "/c", "start", fmt.Sprintf("%s:+39050123450%d", scheme, 7+i)).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	s.windowsShow(`ask "0 050 123 4507" 0 0`)
	s.windowsShow(`ask "0 050 123 4507" 1 0`)
	s.must("", "uninstall")
	if out, err := exec.Command("reg", "query", `HKCU\Software`, "/s", "/f", "Cornetta").CombinedOutput(); strings.Contains(string(out), "cornetta.exe") {
		t.Errorf("left: %v\n%s", err, out)
	}
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}

func isWine() bool {
	return win32.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil
}

// TestDialCopiedOnWindows: what was copied is dialled, through the agent and
// without one.
func TestDialCopiedOnWindows(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	for _, through := range []string{"alone", "agent"} {
		t.Run(through, func(t *testing.T) {
			s.t = t
			if through == "agent" {
				s.agent()
			}
			copyText(t, "+39 050 123402")
			out, errs, code := s.run("", "dial", "--json", "--clipboard")
			if got := statesOf(t, out); code != exitOK || !strings.HasSuffix(got, " ended") {
				t.Errorf("%s, exit status %d\n%s", got, code, errs)
			}
		})
	}
	s.t = t
}

// TestDialHighlightedOnWindows: it is copied only once that is turned on.
func TestDialHighlightedOnWindows(t *testing.T) {
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags("192.0.2.7:5038", "7101")...)
	copyText(t, "before")
	refused := func(want string) {
		t.Helper()
		if _, errs, code := s.run("", "dial", "--selection"); code != exitFailed || !strings.Contains(errs, want) {
			t.Errorf("exit status %d, %q, want %q", code, errs, want)
		}
	}
	refused("Turn it on in Settings")
	store := config.NewStore(filepath.Join(s.dir, "cornetta"))
	settings, err := store.Load()
	if err != nil {
		t.Fatal(err)
	}
	settings.Keys.CopyHighlighted = true
	if err := store.Save(settings); err != nil {
		t.Fatal(err)
	}
	refused("There is no text to dial") // nothing is highlighted
}

// copyText puts a text on the clipboard, as a program without windows does.
func copyText(t *testing.T, text string) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	user32, kernel32 := win32.NewLazySystemDLL("user32.dll"), win32.NewLazySystemDLL("kernel32.dll")
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if ok, _, err := user32.NewProc("OpenClipboard").Call(0); ok != 0 {
			break
		} else if time.Now().After(end) {
			t.Fatal("the clipboard:", err)
		}
	}
	defer user32.NewProc("CloseClipboard").Call()
	user32.NewProc("EmptyClipboard").Call()
	units, err := win32.UTF16FromString(text)
	if err != nil {
		t.Fatal(err)
	}
	const moveable, unicodeText = 2, 13
	data, _, _ := kernel32.NewProc("GlobalAlloc").Call(moveable, uintptr(2*len(units)))
	at, _, _ := kernel32.NewProc("GlobalLock").Call(data)
	copy(unsafe.Slice(*(**uint16)(unsafe.Pointer(&at)), len(units)), units)
	kernel32.NewProc("GlobalUnlock").Call(data)
	if ok, _, err := user32.NewProc("SetClipboardData").Call(unicodeText, data); ok == 0 {
		t.Fatal("the clipboard:", err)
	}
}
