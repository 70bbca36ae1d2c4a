//go:build linux

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cornetta/ami/asterisktest"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/desktoptest"
	"cornetta/ui/words"
)

// The tests here are the product as a person has it: both programs, a real
// desktop, a real keyring, a real Asterisk.

// programs is the folder with the two programs, which are the same for all tests.
var programs string

func TestMain(m *testing.M) {
	flag.Parse()
	os.Setenv(words.Variable, "en") // whatever this machine speaks
	if testing.Short() {            // there is no desktop to start the programs on
		goleak.VerifyTestMain(m)
		return
	}
	if programs = os.Getenv("CORNETTA_PROGRAMS"); programs != "" { // those of a package, or of make build
		goleak.VerifyTestMain(desktopsAhead{m})
		return
	}
	dir, err := os.MkdirTemp("", "cornetta-test-")
	if err != nil {
		panic(err)
	}
	for name, cgo := range map[string]string{"cornetta": "0", "cornetta-ui": "1"} {
		// The Makefile's flags, so that its build cache serves.
		cmd := exec.Command("go", "build", "-buildvcs=false", "-ldflags=-s -w", "-o", filepath.Join(dir, name), "cornetta/cmd/"+name)
		cmd.Env = append(os.Environ(), "CGO_ENABLED="+cgo)
		if out, err := cmd.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build %s: %v\n%s", name, err, out)
			os.Exit(1)
		}
	}
	programs = dir
	goleak.VerifyTestMain(desktopsAhead{m}, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir)
		os.Exit(code)
	}))
}

// desktopsAhead runs tests that nearly all start a desktop, one after the other.
type desktopsAhead struct{ *testing.M }

func (m desktopsAhead) Run() int {
	defer desktoptest.Ahead()()
	return m.M.Run()
}

// seat is a person's computer: a desktop with Cornetta on it.
type seat struct {
	*desktoptest.Desktop
	t testing.TB
}

func newSeat(t testing.TB, opts ...desktoptest.Option) *seat {
	t.Helper()
	return &seat{desktoptest.Start(t, opts...), t}
}

func (s *seat) cornetta(args ...string) *exec.Cmd {
	return s.Command(filepath.Join(programs, "cornetta"), args...)
}

// run runs a command of the command line to its end.
func (s *seat) run(stdin string, args ...string) (stdout, stderr string, code int) {
	s.t.Helper()
	var out, errs bytes.Buffer
	cmd := s.cornetta(args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	_ = cmd.Wait()
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// must runs a command that has to succeed.
func (s *seat) must(stdin string, args ...string) string {
	s.t.Helper()
	out, errs, code := s.run(stdin, args...)
	if code != 0 {
		s.t.Fatalf("cornetta %s: exit status %d\n%s%s", strings.Join(args, " "), code, out, errs)
	}
	return out
}

// agent starts the program in the tray; it is asked to end when the test ends
// and has six seconds for it, on a machine that does other things.
func (s *seat) agent(args ...string) *exec.Cmd {
	s.t.Helper()
	return s.agentOn(s.cornetta(args...))
}

func (s *seat) agentOn(cmd *exec.Cmd) *exec.Cmd {
	s.t.Helper()
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 6 * time.Second // then it is killed; windows that are just starting are waited for
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	s.t.Cleanup(func() {
		<-ended // the test's context is over, so it was asked to
		if code := cmd.ProcessState.ExitCode(); code != 0 {
			s.t.Errorf("the agent did not end by itself within six seconds of SIGTERM: %v", cmd.ProcessState)
		}
	})
	return cmd
}

// snapshot is how things stand by the agent itself, which is asked from here, at a hundredth
// of what `status` costs; false where none answers.
func (s *seat) snapshot() (status.Snapshot, bool) {
	s.t.Helper()
	for name, dir := range map[string]string{"XDG_RUNTIME_DIR": s.RuntimeDir(), "XDG_STATE_HOME": s.StateHome()} {
		if os.Getenv(name) != dir {
			s.t.Setenv(name, dir) // where its socket is
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), controlTime)
	defer cancel()
	agent, err := control.Connect(ctx, instance)
	if err != nil {
		return status.Snapshot{}, false
	}
	defer agent.Close()
	now, err := control.Status.Call(ctx, agent, ipc.None{})
	return now, err == nil
}

// status is what `status` tells, which is run only where no agent answers.
func (s *seat) status() statusJSON {
	s.t.Helper()
	if now, ok := s.snapshot(); ok {
		return statusJSON{true, now}
	}
	var st statusJSON
	if err := json.Unmarshal([]byte(s.must("", "status", "--json")), &st); err != nil {
		s.t.Fatal(err)
	}
	return st
}

func (s *seat) waitState(want call.State) {
	s.t.Helper()
	s.Wait("a call that is "+string(want), func() bool {
		c := s.status().Call
		return c != nil && c.State == want
	})
}

// look takes a screenshot once the screen has come to rest. A blinking cursor
// never does, so after a while it is taken anyway.
func (s *seat) look(name string) {
	s.t.Helper()
	before := s.Screen().Pix
	for range 20 {
		time.Sleep(50 * time.Millisecond)
		now := s.Screen().Pix
		if bytes.Equal(before, now) {
			break
		}
		before = now
	}
	s.Screenshot(name)
}

func (s *seat) tray(tip string) desktoptest.TrayItem {
	s.t.Helper()
	item, err := s.WaitTrayItem(s.t.Context(), func(i desktoptest.TrayItem) bool {
		return strings.Contains(i.ToolTip, tip)
	})
	if err != nil {
		var now []string
		for _, i := range s.TrayItems() {
			now = append(now, i.ToolTip)
		}
		s.t.Fatalf("no tray icon that says %q: %v; there are %q", tip, err, now)
	}
	return item
}

// until does something until it has had its effect, as a person does who sees that it
// had none: a window takes no yes in the moment after it came up or got the keyboard.
func (s *seat) until(what string, do func(), done func() bool) {
	s.t.Helper()
	var last time.Time
	s.Wait(what, func() bool {
		if done() {
			return true
		}
		if time.Since(last) > 3*time.Second {
			do()
			last = time.Now()
		}
		return false
	})
}

func (s *seat) told(what string) desktoptest.Notification {
	s.t.Helper()
	return s.WaitNotification(what, func(n desktoptest.Notification) bool {
		return strings.Contains(n.Summary+"\n"+n.Body, what)
	})
}

// TestFirstCall is the main job: click the tray, type a number, press Enter,
// the phone on a real Asterisk rings, and one notification follows the call.
func TestFirstCall(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.V22)
	s := newSeat(t)
	s.must(pbxsim.Secret+"\n", accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	item := s.tray("Ready")
	s.look("1-tray")

	s.ClickTray(item, 1)
	w := s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.Type("039050123407")
	s.look("2-typed")
	s.callLive(w)
	s.Key("Return")
	s.told("Your phone rings")
	s.look("3-your-phone-rings")
	if out, err := pbx.CLI(t.Context(), "core show channels"); err != nil || !strings.Contains(out, "PJSIP/7101") {
		t.Errorf("Asterisk does not ring the phone: %v\n%s", err, out)
	}
	s.waitState(call.InCall)
	note := s.told("In call")
	s.look("4-in-call")
	s.tray("In call")
	if n := len(s.Displayed()); n != 1 {
		t.Errorf("%d notifications on the screen, want one", n)
	}

	s.InvokeAction(note, note.Action("Hang up"))
	s.waitState(call.Ended)
	s.told("Ended")
	s.look("5-ended")
	s.Wait("Asterisk to have no channel", func() bool {
		out, err := pbx.CLI(t.Context(), "core show channels")
		return err == nil && strings.Contains(out, "0 active channels")
	})
	w.Focus()
	s.Key("Escape")
	w.WaitGone()

	item = s.tray("Ready")
	s.OpenTrayMenu(item)
	s.look("6-menu")
	s.Key("Escape")
	s.WaitTrayMenu(item, "the number under Recent", func(m desktoptest.MenuItem) bool {
		return m.Label == "Recent" && slices.ContainsFunc(m.Items, func(i desktoptest.MenuItem) bool {
			return i.Visible && strings.Contains(i.Label, "039050123407")
		})
	})
}

// TestACallInItalian: on an Italian desktop all that is seen of a call is Italian: icon,
// menu, windows, the question about a link, notifications.
func TestACallInItalian(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	agent := s.cornetta()
	agent.Env = append(agent.Env, "LANG=it_IT.UTF-8", "LANGUAGE=it", "LC_ALL=", words.Variable+"=")
	s.agentOn(agent)
	item := s.tray("Pronto")
	s.OpenTrayMenu(item)
	s.look("1-menu")
	s.Key("Escape")
	for _, label := range []string{"Componi…", "Recenti", "Impostazioni…", "Esci"} {
		s.WaitTrayMenu(item, label, func(m desktoptest.MenuItem) bool { return m.Label == label })
	}

	s.must("", "tel:+390501234507")
	w := s.Window("^Cornetta – Un link$")
	s.Wait("the question to have the focus", w.Focused)
	s.look("2-link")
	s.sayYes(w)
	s.told("In conversazione")
	s.look("3-in-call")
	s.must("", "hangup")
	s.told("Terminata")

	s.ClickTray(item, 1)
	w = s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.Type("039050123407")
	s.look("4-dial")
	s.Key("Escape")
	w.WaitGone()
	s.PickTrayMenu(item, "Impostazioni…")
	w = s.Window("^Cornetta – Impostazioni$")
	s.Wait("the settings to have the focus", w.Focused)
	s.look("5-settings")
	s.Key("Escape")
	w.WaitGone()
}

// TestNotificationsTakeNoFocus: what is being typed elsewhere goes on.
func TestNotificationsTakeNoFocus(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.tray("Ready")
	term := s.Command("xmessage", "-title", "letter", "writing a letter")
	if err := term.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = term.Wait() }) // the end of the test's context killed it
	letter := s.Window("letter")
	letter.Focus()
	s.Wait("the letter to have the focus", letter.Focused)
	s.must("", "dial", "039050123402")
	s.told("Ended")
	if !letter.Focused() {
		t.Errorf("the focus went to %v", s.FocusedWindow())
	}
}

// TestSecondStart shows the window of the first one, and ends.
func TestSecondStart(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.tray("Ready")
	if said := s.must(""); said != words.Text(words.SayRuns)+"\n" {
		t.Errorf("a second start says %q", said)
	}
	w := s.Window("^Cornetta$")
	s.Wait("the window to have the focus", w.Focused)
	s.must("")
	if n := len(s.Windows()); n != 1 {
		t.Errorf("%d windows after a third start: %q", n, s.Titles())
	}
	// As under cron, and in some ways of ssh; on a machine where somebody is logged in,
	// who may have a Cornetta, as in a session of another kind.
	other := ""
	if _, err := os.Stat(fmt.Sprintf("/run/user/%d", os.Geteuid())); err == nil {
		other = t.TempDir()
	}
	for _, tc := range []struct{ arg, says string }{{"status", "Ready"}, {"", "running already"}, {"tel:+390501234507", "has the link"}} {
		cmd := s.cornetta(strings.Fields(tc.arg)...)
		cmd.Env = append(cmd.Env, "XDG_RUNTIME_DIR="+other)
		cmd.Stdout, cmd.Stderr = nil, nil
		if out, err := cmd.Output(); err != nil || !strings.Contains(string(out), tc.says) {
			t.Errorf("%q without XDG_RUNTIME_DIR: %v, %s", tc.arg, err, out)
		}
	}
	s.Window(confirmTitle)
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}

// TestNoTrayHost: without a tray the window opens instead.
func TestNoTrayHost(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t, desktoptest.WithoutTrayHost())
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.Window("^Cornetta$")
	s.StartTrayHost()
	s.tray("Ready")
}

// TestWindowsDie: the agent and the call go on, the next window is a new one.
func TestWindowsDie(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	item := s.tray("Ready")
	s.ClickTray(item, 1)
	w := s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.Type("039050123407")
	s.callLive(w)
	s.Key("Return")
	s.waitState(call.InCall)
	kill(t, filepath.Join(programs, "cornetta-ui"))
	w.WaitGone()
	if pbx.Calls() != 1 {
		t.Error("the call ended with the window")
	}
	s.ClickTray(item, 1)
	s.Window("^Cornetta$")
	s.must("", "hangup")
	s.waitState(call.Ended)
}

// kill ends the process that runs the program, by its id.
func kill(t testing.TB, program string) {
	t.Helper()
	pids := pidsOf(program)
	if len(pids) == 0 {
		t.Fatalf("%s does not run", program)
	}
	if err := syscall.Kill(pids[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// TestAgentDies: no window is left that looks alive.
func TestAgentDies(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	cmd := s.cornetta()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.ClickTray(s.tray("Ready"), 1)
	w := s.Window("^Cornetta$")
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	w.WaitGone()
	if out, _, code := s.run("", "status"); code != 0 || !strings.Contains(out, "not running") {
		t.Errorf("status after the agent died: %q, exit status %d", out, code)
	}
	s.agent() // the next start takes over
	s.tray("Ready")
}

// TestDemo: a newcomer without a PBX sees the main job in a minute.
func TestDemo(t *testing.T) {
	s := newSeat(t, desktoptest.WithoutKeyring())
	s.agent("demo")
	w := s.Window("^Cornetta$")
	s.tray("Ready")
	s.Wait("the window to have the focus", w.Focused)
	s.drawn(w)
	s.look("1-welcome")
	example := regexp.MustCompile(`Try ([0-9 ]+),`).FindStringSubmatch(words.Text(words.SayDemo))[1]
	s.Type(example)
	s.look("2-typed")
	s.callLive(w)
	s.Key("Return")
	s.told("Your phone rings")
	s.look("2-ringing")
	// The outside line and the number, whole.
	if n := s.told("In call"); !strings.Contains(n.Body, "0"+strings.ReplaceAll(example, " ", "")) {
		t.Errorf("in call with %q", n.Body)
	}
	s.look("3-in-call")
	if entries, err := os.ReadDir(s.ConfigHome()); err == nil {
		for _, e := range entries {
			if e.Name() == "cornetta" {
				t.Error("the demo wrote into the person's settings")
			}
		}
	}
}

// TestDial is the command line that scripts rely on, by itself and through
// the running agent.
func TestDial(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	_, _, code := s.run("", "dial", "039050123402")
	if code != exitNoLink {
		t.Errorf("without an account: exit status %d", code)
	}
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	for _, through := range []string{"alone", "agent"} {
		t.Run(through, func(t *testing.T) {
			if through == "agent" {
				s.agent()
				s.tray("Ready")
			}
			for _, tc := range []struct {
				args   []string
				states string
				code   int
			}{
				{[]string{"039050123402"}, "requested ringing_own answered_own ringing_far in_call ended", exitOK},
				{[]string{"050", "123", "402"}, "requested ringing_own answered_own ringing_far in_call ended", exitOK},
				{[]string{"039050123403"}, "requested ringing_own answered_own failed(busy)", exitFailed},
				{[]string{"039050123406"}, "requested ringing_own answered_own failed(no_such_number)", exitFailed},
				// An announcement: told once more when the PBX is heard.
				{[]string{"813"}, "requested ringing_own answered_own answered_own ended(no_such_number)", exitFailed},
				{[]string{"--no-wait", "039050123402"}, "requested", exitOK},
				{[]string{"0 899123402"}, "", exitFailed}, // a premium number, and nobody to ask
				{[]string{"--yes", "0 899123402"}, "requested ringing_own answered_own ringing_far in_call ended", exitOK},
				{[]string{"0899123402"}, "", exitNotNumber}, // and a number of Salerno without the outside line
				{[]string{"not a number"}, "", exitNotNumber},
				{[]string{"--nonsense", "1"}, "", exitUsage},
				{nil, "", exitUsage},
			} {
				out, errs, code := s.run("", append([]string{"dial", "--json"}, tc.args...)...)
				if got := statesOf(t, out); got != tc.states || code != tc.code {
					t.Errorf("dial %q: %s, exit status %d\nwant %s, %d\n%s", tc.args, got, code, tc.states, tc.code, errs)
				}
				if tc.code == exitOK && errs != "" {
					t.Errorf("dial %q is not silent about what went well: %s", tc.args, errs)
				}
				if tc.code != exitOK && tc.code != exitFailed && errs == "" {
					t.Errorf("dial %q says nothing about what is wrong", tc.args)
				}
				s.Wait("the PBX to be idle", func() bool { return pbx.Calls() == 0 })
				s.Wait("the agent to know", func() bool { c := s.status().Call; return c == nil || !c.Live() })
			}
			s.interrupt(t, pbx)
		})
	}
}

// interrupt: Ctrl+C hangs up and says so.
func (s *seat) interrupt(t *testing.T, pbx *pbxsim.PBX) {
	t.Helper()
	var errs bytes.Buffer
	cmd := s.cornetta("dial", "--json", "039050123407")
	cmd.Stdout = nil
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	var seen strings.Builder
	for !strings.Contains(seen.String(), "in_call") {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("ended after %s: %v %s", seen.String(), err, errs.String())
		}
		seen.WriteString(line)
	}
	_ = cmd.Process.Signal(os.Interrupt)
	rest, _ := io.ReadAll(lines)
	_ = cmd.Wait()
	if got := statesOf(t, string(rest)); got != "ended" || !strings.Contains(errs.String(), "hanging up") {
		t.Errorf("after the interrupt: %s %s", got, errs.String())
	}
	s.Wait("the PBX to be idle", func() bool { return pbx.Calls() == 0 })
}

// TestAccount: settings in a file, the password only in the keyring.
func TestAccount(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret+"\r\n", accountFlags(pbx.Addr(), "7101")...)
	var a accountJSON
	if err := json.Unmarshal([]byte(s.must("", "account", "show", "--json")), &a); err != nil {
		t.Fatal(err)
	}
	if a.User != pbxsim.Username || a.Extension != "7101" || a.Secret != "keyring" || a.TLS != "off" {
		t.Errorf("account show: %+v", a)
	}
	if out := s.must("", "extensions"); !strings.Contains(out, "7102") {
		t.Errorf("extensions: %s", out)
	}
	if n := s.secretOnDisk(); n != "" {
		t.Errorf("the password is in %s", n)
	}
	for _, tc := range []struct {
		name  string
		stdin string
		args  []string
		code  int
		says  string
	}{
		{"a tenant that is no UUID", "x", []string{"--tenant", "12"}, exitUsage, "Tenant"},
		{"a host with a line break", "x", []string{"--host", "a\r\nAction: Command"}, exitUsage, "Host"},
		{"a password with NUL", "a\x00b", nil, exitUsage, "password"},
		{"an empty password", "", nil, exitUsage, "password"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, errs, code := s.run(tc.stdin, append(accountFlags(pbx.Addr(), "7101"), tc.args...)...)
			if code != tc.code || !strings.Contains(errs, tc.says) {
				t.Errorf("exit status %d: %s", code, errs)
			}
		})
	}
	s.must("", "account", "remove")
	if _, _, code := s.run("", "account", "show"); code != exitNoLink {
		t.Errorf("show after remove: exit status %d", code)
	}
	if _, _, code := s.run("", "extensions"); code != exitNoLink {
		t.Errorf("extensions after remove: exit status %d", code)
	}
}

// secretOnDisk names a file below the home that holds the password.
func (s *seat) secretOnDisk() string {
	found := ""
	for _, dir := range []string{s.Home(), s.RuntimeDir(), s.ConfigHome(), s.StateHome(), s.DataHome()} {
		_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return nil
			}
			if data, err := os.ReadFile(path); err == nil && bytes.Contains(data, []byte(pbxsim.Secret)) {
				found = path
			}
			return nil
		})
	}
	return found
}

// TestNoKeyring: no plaintext fallback; what cannot be kept is said.
func TestNoKeyring(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t, desktoptest.WithoutKeyring())
	_, errs, code := s.run(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	if code != exitNoLink || !strings.Contains(errs, "keyring") {
		t.Errorf("account set without a keyring: exit status %d: %s", code, errs)
	}
	if n := s.secretOnDisk(); n != "" {
		t.Errorf("the password is in %s", n)
	}
	if _, errs, code := s.run("", "dial", "7102"); code != exitNoLink || errs == "" {
		t.Errorf("dial without a password: exit status %d: %s", code, errs)
	}
}

// TestLockedKeyring: a prompt that nobody answers blocks nothing.
func TestLockedKeyring(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.LockKeyring()
	s.agent()
	s.tray("keyring")
	start := time.Now()
	s.must("", "status")
	if d := time.Since(start); d > 3*time.Second {
		t.Errorf("status took %v while the keyring was waiting", d)
	}
}

// prompt is the keyring's window.
func (s *seat) prompt() *desktoptest.Window {
	s.t.Helper()
	w := s.Window(".*")
	s.Wait("the prompt to have the focus", w.Focused)
	return w
}

// TestKeyringIsUnlocked: there is time to type its password, for the check at the
// start and for a call, and then nothing more to do.
func TestKeyringIsUnlocked(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	slowly := func() {
		w := s.prompt()
		s.tray("The keyring asks for its password")
		start := time.Now()
		s.Wait("longer than a keyring may be silent", func() bool { return time.Since(start) > 6*time.Second })
		s.look("asks")
		s.Type(desktoptest.KeyringPassword)
		s.Key("Return")
		w.WaitGone()
	}
	s.LockKeyring()
	s.agent()
	slowly()
	s.tray("Ready")
	s.LockKeyring()
	dial := s.cornetta("dial", "--no-wait", "7102")
	if err := dial.Start(); err != nil {
		t.Fatal(err)
	}
	slowly()
	if err := dial.Wait(); err != nil || originated(pbx) != "7102" {
		t.Errorf("dialled %q: %v", originated(pbx), err)
	}
	s.must("", "hangup")
}

// TestKeyringOpensLater: one whose prompt was sent away and that then opens for
// another program makes its notice go by itself.
func TestKeyringOpensLater(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.LockKeyring()
	s.agent()
	w := s.prompt()
	s.Key("Escape")
	w.WaitGone()
	s.tray("The keyring did not answer")
	other := s.Command("secret-tool", "lookup", "service", "cornetta")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	s.prompt()
	s.Type(desktoptest.KeyringPassword)
	s.Key("Return")
	_ = other.Wait()
	s.tray("Ready")
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}

// TestIdle measures what a day in the tray costs; the figures are for people,
// the bounds only catch a program that spins.
func TestIdle(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	cmd := s.agent()
	s.tray("Ready")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	before := processOf(t, cmd.Process.Pid)
	<-ctx.Done()
	after := processOf(t, cmd.Process.Pid)
	cpu := after.cpu - before.cpu
	t.Logf("idle for 10 s: %v of CPU, RSS %.1f MB, %d sessions at the PBX", cpu, float64(after.rss)/1e6, pbx.Sessions())
	if cpu > 200*time.Millisecond {
		t.Errorf("%v of CPU in 10 s of doing nothing", cpu)
	}
	if pbx.Sessions() != 0 {
		t.Errorf("%d sessions while idle", pbx.Sessions())
	}
}

type process struct {
	cpu time.Duration
	rss int64
}

func processOf(t testing.TB, pid int) process {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	var user, system, pages int64
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+2:]))
	fmt.Sscan(f[11]+" "+f[12]+" "+f[21], &user, &system, &pages)
	const tick = 10 * time.Millisecond
	return process{time.Duration(user+system) * tick, pages * int64(os.Getpagesize())}
}
