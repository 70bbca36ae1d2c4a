package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"cornetta/ami/pbxsim"
	"cornetta/ui/words"
)

// answering is a terminal's output that answers what is asked there.
type answering struct {
	mu      sync.Mutex // guards what follows
	all     strings.Builder
	master  *os.File
	answers [][2]string // a prompt, and what is typed at it
	stop    string      // what Ctrl+C is pressed at, which is cancel; "" for never
	cancel  func()
}

func (a *answering) Write(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.all.Write(p)
	if a.stop != "" && strings.Contains(string(p), a.stop) {
		a.stop = ""
		a.cancel()
	}
	if len(a.answers) > 0 && strings.Contains(string(p), a.answers[0][0]) {
		_, _ = a.master.WriteString(a.answers[0][1] + "\n")
		a.answers = a.answers[1:]
	}
	return len(p), nil
}

// pty is a terminal: what is written to master is typed there.
func pty(t *testing.T) (master, terminal *os.File) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { master.Close() })
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { terminal.Close() })
	return master, terminal
}

// A list is worked off by Enter, one after the other, and what came of it is written down.
func TestDialList(t *testing.T) {
	p, err := pbxsim.Start(pbxsim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	dir := t.TempDir()
	for _, name := range []string{"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "HOME"} {
		t.Setenv(name, dir)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(dir, "none"))
	t.Setenv("CORNETTA_LANGUAGE", "en")
	var said strings.Builder
	set := []string{
		"account", "set", "--host", p.Addr(), "--user", pbxsim.Username, "--tenant", pbxsim.Tenant,
		"--extension", "7101", "--prefix", pbxsim.OutboundPrefix,
	}
	if code := run(t.Context(), set, streams{strings.NewReader(""), &said, &said}); code != exitOK {
		t.Fatalf("%d: %s", code, said.String())
	}
	list := filepath.Join(dir, "list.txt")
	lines := "# whom to call\nMario Rossi; 050 123402\nAnna Bianchi\t050 123403\n+39 050 123408 Verdi\n050 123402\n"
	if err := os.WriteFile(list, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	master, terminal := pty(t)
	ask, note, password := words.Text(words.SayListAsk), words.Text(words.SayListNote), words.Text(words.SayAskPassword)
	term := &answering{master: master, answers: [][2]string{
		{ask, ""},
		{password, pbxsim.Secret},
		{note, "call back on Monday"},
		{ask, "s"},
		{ask, "n"},
		{note, "is away"},
		{ask, ""},
		{password, pbxsim.Secret},
		{note, ""},
		{ask, "q"},
	}}
	if code := run(t.Context(), []string{"dial", "--list", list}, streams{terminal, term, term}); code != exitOK {
		t.Fatalf("%d: %s", code, term.all.String())
	}
	data, err := os.ReadFile(list + resultsExt)
	if err != nil {
		t.Fatal(err)
	}
	rows := strings.Split(strings.TrimSpace(string(data)), "\n")
	want := []string{
		"at,entry,number,state,cause,duration_s,note", ",Mario Rossi; 050 123402,'0050123402,ended,,0,call back on Monday",
		",Anna Bianchi\t050 123403,'0050123403,skipped,,0,", ",'+39 050 123408 Verdi,'0050123408,failed,rejected,0,is away",
	}
	if len(rows) != len(want) || len(p.Originates()) != 2 {
		t.Fatalf("%d calls, and\n%s\n%s", len(p.Originates()), data, term.all.String())
	}
	for i, row := range rows {
		if !strings.HasSuffix(row, want[i]) {
			t.Errorf("%q, want %q", row, want[i])
		}
	}
	// Ctrl+C in a call leaves what was done, that call too.
	ctx, cancel := context.WithCancel(t.Context())
	term = &answering{master: master, answers: [][2]string{{ask, "s"}, {ask, ""}, {password, pbxsim.Secret}}, stop: "Your phone rings", cancel: cancel}
	if code := run(ctx, []string{"dial", "--list", list}, streams{terminal, term, term}); code == exitOK {
		t.Errorf("stopped in a call: %d, %s", code, term.all.String())
	}
	if data, err = os.ReadFile(list + resultsExt); err != nil {
		t.Fatal(err)
	}
	rows = strings.Split(strings.TrimSpace(string(data)), "\n")[len(rows):]
	if len(rows) != 2 || !strings.HasSuffix(rows[0], "'0050123402,skipped,,0,") || !strings.Contains(rows[1], ",'0050123403,") || strings.Contains(rows[1], "skipped") {
		t.Errorf("%q", rows)
	}
	// Neither Ctrl+D nor what was typed before the question is a yes to it.
	calls := len(p.Originates())
	for what, keys := range map[string][2]string{"Ctrl+D": {"", "\x04"}, "typed before": {"\n\n\n", "q"}, "a note, and Ctrl+D": {"", "n"}} {
		if _, err := master.WriteString(keys[0]); err != nil {
			t.Fatal(err)
		}
		term = &answering{master: master, answers: [][2]string{{ask, keys[1]}, {note, "later"}, {ask, "\x04"}}}
		if code := run(t.Context(), []string{"dial", "--list", list}, streams{terminal, term, term}); code != exitOK || len(p.Originates()) != calls {
			t.Errorf("%s: %d, %d calls, %s", what, code, len(p.Originates())-calls, term.all.String())
		}
	}
	if data, err = os.ReadFile(list + resultsExt); err != nil || !strings.HasSuffix(string(data), "'0050123402,skipped,,0,later\n") {
		t.Errorf("the note is gone: %s, %v", data, err)
	}
	// Nobody at a terminal: nobody is called.
	said.Reset()
	if code := run(t.Context(), []string{"dial", "--list", list}, streams{strings.NewReader("\n\n\n\n"), &said, &said}); code != exitUsage || len(p.Originates()) != 3 {
		t.Errorf("without a terminal: %d, %s", code, said.String())
	}
}

// TestListEntries: what people have as a list: an export with a head, a mark at its
// beginning, names with commas, blank lines, and more than a day's work.
func TestListEntries(t *testing.T) {
	for list, want := range map[string]string{
		"Name;Phone\r\nAnna;050 123402\r\n\r\n;;\r\nUgo;050 123403": "Anna;050 123402|Ugo;050 123403",
		"\ufeff050 123402\n":                            "050 123402",
		"\"Rossi, Anna\",050 123402\nnobody\n# later\n": "\"Rossi, Anna\",050 123402",
		"050 123402\n050 123402\n":                      "050 123402|050 123402", // somebody wants both
		"\xff\xfe0\x005\x000\x00\n\x007\x00":            "050|7",
		"Nicol\xf2;050 123402\r\n":                      "Nicolò;050 123402", // as Excel has it
		"050 123402\r050 123403\r":                      "050 123402|050 123403",
		"\x00\n\n \n":                                   "",
		"":                                              "",
	} {
		if got := strings.Join(listEntries([]byte(list)), "|"); got != want {
			t.Errorf("%q: %q, want %q", list, got, want)
		}
	}
	long := filepath.Join(t.TempDir(), "long.txt")
	if err := os.WriteFile(long, []byte(strings.Repeat("050 123402\n", maxEntries+1)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CORNETTA_LANGUAGE", "en")
	master, terminal := pty(t)
	term := &answering{master: master}
	if code := run(t.Context(), []string{"dial", "--list", long}, streams{terminal, term, term}); code != exitUsage || !strings.Contains(term.all.String(), "10,000") {
		t.Errorf("too many: %d, %s", code, term.all.String())
	}
	if _, err := os.Stat(long + resultsExt); !os.IsNotExist(err) {
		t.Errorf("nothing was done, and there are results: %v", err)
	}
}

// TestResultsAreNoFormulas: a list is often somebody else's, and what came of it is opened
// in a spreadsheet.
func TestResultsAreNoFormulas(t *testing.T) {
	path := filepath.Join(t.TempDir(), "list.txt"+resultsExt)
	r, err := openResults(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.file.Close()
	if err := r.write(`=HYPERLINK("http://evil.example","050 1")`, listRow{number: "+39050", state: stateSkipped, note: "@SUM(1)"}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if got := string(data); err != nil || !strings.Contains(got, `,"'=HYPERLINK(""`) || !strings.Contains(got, ",'+39050,skipped,,0,'@SUM(1)\n") {
		t.Errorf("%v\n%s", err, got)
	}
}
