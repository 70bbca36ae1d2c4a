//go:build linux

package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// The canaries: whatever of them is found is a leak.
const (
	canarySecret = "kanari-Zq7;èß-93"
	canaryName   = "Serafina Canarini"
	canaryNumber = "0390876543" // each call adds two digits
)

// TestNothingLeaks runs the product through every kind of failure with a
// password, numbers and names that are found anywhere, ends it by a crash, and
// looks for them: in what it wrote, in what anybody can read of a process, in
// its log, and in what it says when it crashes. The password is nowhere, also
// not in another spelling; logs and crashes have of numbers the last three
// digits, of other people nothing. The history has the numbers, which is what
// it is for, and is its owner's alone.
func TestNothingLeaks(t *testing.T) {
	pbx, err := pbxsim.Start(pbxsim.Options{Secret: canarySecret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pbx.Close() })
	for _, ext := range []string{"7101", "7102", "7103"} {
		pbx.SetName(ext, canaryName+"\n\x1b]0;"+canaryNumber+"99")
	}
	w := tap(t, pbx.Addr())
	s := newSeat(t)
	traces := filepath.Join(s.Home(), "written") // what the programs print
	crashing := func(args ...string) *exec.Cmd {
		cmd := s.Command("sh", append([]string{"-c", `ulimit -c unlimited 2>/dev/null; exec "$0" "$@"`, filepath.Join(programs, "cornetta")}, args...)...)
		cmd.Env = append(cmd.Env, "GOTRACEBACK=crash") // every goroutine, and a core
		return cmd
	}
	// cli runs the command line by itself or through the agent; what it prints
	// to its person is theirs, but has no password.
	cli := func(stdin string, args ...string) {
		t.Helper()
		out, errs, _ := s.run(stdin, args...)
		if leak := found([]byte(out+errs), secrets(w)); leak != "" {
			t.Errorf("cornetta %s prints %s", args[0], leak)
		}
	}
	troubles := func(dial ...string) {
		for _, end := range []string{"02", "03", "04", "05", "06", "08"} {
			cli("", append(dial, canaryNumber+end)...)
		}
		pbx.Refuse("No such extension " + canaryNumber + "07 of " + canaryName)
		cli("", append(dial, canaryNumber+"07")...)
		for _, does := range []pbxsim.Phone{pbxsim.Silent, pbxsim.Busy, pbxsim.NotConnected, pbxsim.Answers} {
			pbx.SetPhone("7101", does)
			cli("", append(dial, canaryNumber+"02")...)
		}
		cli("", append(dial, canaryName+" "+canaryNumber+"\r\nAction: Command")...)
		pbx.SetSecret("another")
		cli("", append(dial, canaryNumber+"02")...)
		cli("", "extensions")
		pbx.SetSecret(canarySecret)
	}

	// Set up wrongly, and rightly.
	cli(canarySecret+"\r\n", append(accountFlags(w.addr(), "7101"), "--tenant", "none")...)
	cli(canarySecret+"\x00", accountFlags(w.addr(), "7101")...)
	cli(canarySecret+"-wrong", accountFlags(w.addr(), "7101")...)
	cli("", "extensions")
	cli(canarySecret, accountFlags(w.addr(), "7101")...)

	agent := s.beginCommand(crashing())
	pid := agent.cmd.Process.Pid
	pbx.Noise(50)
	s.tray("Ready")
	troubles("dial", "--json")
	cli("", "tel:"+canaryNumber+"%0d%0aAction:%20Command")
	cli("", "tel:"+canaryNumber+"07")
	cli("", "account", "show")
	s.Copy(canaryName + " " + canaryNumber)
	cli("", "dial", "--clipboard")
	s.PickTrayMenu(s.tray(""), "Settings…")
	s.Window("Settings")
	cli(canarySecret, accountFlags(w.addr(), "7101")...) // a refused login waits for the person
	s.Wait("the link to be ready", func() bool { l := s.status().Connection; return l == status.Ready || l == status.Connected })
	cli("", "dial", "--no-wait", canaryNumber+"07")
	s.waitState(call.InCall)
	// What others can read of the processes, both of which are at work.
	processes(t, s, pid, secrets(w))

	// The crash, in mid-call.
	if err := agent.cmd.Process.Signal(syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	<-agent.ended
	if agent.cmd.ProcessState.Sys().(syscall.WaitStatus).CoreDump() {
		t.Error("the agent left a core")
	}
	log, err := os.ReadFile(agent.log)
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(log, []byte("\ngoroutine ")); n < 10 || !bytes.Contains(log, []byte("SIGABRT")) {
		t.Errorf("a crash with %d goroutines:\n%s", n, log)
	}
	pbx.HangUpAll()

	// The same by the command line alone, which has a link of its own.
	troubles("dial", "--json", "--yes")
	alone := crashing("dial", "--json", canaryNumber+"07")
	out, err := os.Create(traces)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	alone.Stdout, alone.Stderr = nil, out
	if err := alone.Start(); err != nil {
		t.Fatal(err)
	}
	s.Wait("the call", func() bool { return pbx.Calls() == 1 })
	if err := alone.Process.Signal(syscall.SIGABRT); err != nil {
		t.Fatal(err)
	}
	_ = alone.Wait()
	if alone.ProcessState.Sys().(syscall.WaitStatus).CoreDump() {
		t.Error("the command line left a core")
	}
	crash, err := os.ReadFile(traces)
	if err != nil || !bytes.Contains(crash, []byte("SIGABRT")) {
		t.Errorf("%v: %s", err, crash)
	}

	for what, text := range map[string][]byte{"the agent's log": log, "the command line's crash": crash} {
		if leak := found(text, append(secrets(w), people()...)); leak != "" {
			t.Errorf("%s has %s:\n%s", what, leak, text)
		}
	}
	if !bytes.Contains(log, []byte("…307")) {
		t.Error("the log does not tell the last three digits of a call: was it written at all?")
	}
	files(t, s, secrets(w))
}

// secrets are the password and what stands for it, in the spellings it might be
// written in.
func secrets(w *wire) []string {
	list := []string{
		canarySecret, "kanari-Zq7", strings.ToUpper(canarySecret),
		base64.StdEncoding.EncodeToString([]byte(canarySecret)), hex.EncodeToString([]byte(canarySecret)),
		fmt.Sprintf("%q", canarySecret), fmt.Sprintf("%v", []byte(canarySecret)),
	}
	// What a login is answered with is as good as the password, for a moment.
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.lines {
		for _, key := range regexp.MustCompile(`(?m)^Key: ([0-9a-f]{32})\r$`).FindAllSubmatch(l.sent, -1) {
			list = append(list, string(key[1]))
		}
	}
	return list
}

// people are the names and numbers, and the names of others on the PBX.
func people() []string {
	return []string{canaryName, "Canarini", canaryNumber, canaryNumber[4:], "Gina Blu", "Ivo Viola"}
}

func found(in []byte, canaries []string) string {
	for _, c := range canaries {
		if bytes.Contains(in, []byte(c)) {
			return fmt.Sprintf("%q", c)
		}
	}
	return ""
}

// processes looks at the agent and its children as ps does.
func processes(t *testing.T, s *seat, agent int, secrets []string) {
	t.Helper()
	ui := filepath.Join(programs, "cornetta-ui")
	pids := []string{fmt.Sprint(agent)}
	for _, pid := range pidsOf(ui) {
		pids = append(pids, fmt.Sprint(pid))
	}
	if len(pids) < 2 {
		t.Error("there is no window")
	}
	for _, pid := range pids {
		for _, file := range []string{"cmdline", "environ", "limits"} {
			data, err := os.ReadFile(filepath.Join("/proc", pid, file))
			if err != nil {
				t.Fatal(err)
			}
			if leak := found(data, append(secrets, people()...)); leak != "" {
				t.Errorf("%s of process %s has %s", file, pid, leak)
			}
			if file == "limits" && !regexp.MustCompile(`(?m)^Max core file size +1 +1 `).Match(data) {
				t.Errorf("process %s may write a core:\n%s", pid, data)
			}
		}
	}
}

// files looks into everything that was written on this desktop.
func files(t *testing.T, s *seat, secrets []string) {
	t.Helper()
	looked := 0
	for _, dir := range []string{s.Home(), s.RuntimeDir(), s.ConfigHome(), s.StateHome(), s.DataHome(), filepath.Join(filepath.Dir(s.Home()), "tmp"), filepath.Join(filepath.Dir(s.Home()), "cache")} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			looked++
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			canaries := secrets
			if filepath.Base(path) != "history.jsonl" {
				canaries = append(canaries, people()...)
			} else {
				canaries = append(canaries, canaryName)
				if info, err := d.Info(); err != nil || info.Mode() != 0o600 {
					t.Errorf("%s: %v, %v", path, info.Mode(), err)
				}
			}
			if leak := found(data, canaries); leak != "" {
				t.Errorf("%s has %s", path, leak)
			}
			if strings.HasPrefix(d.Name(), "core") {
				t.Errorf("there is a core: %s", path)
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	if looked < 4 {
		t.Errorf("looked into %d files", looked)
	}
}
