package durable_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/internal/durable"
)

// The files are those of the two packages that keep some: what they read back
// is what counts.

// partVariable has a copy of the test program do one thing and end, so that it
// can be killed in the middle.
const partVariable = "CORNETTA_DURABLE_TEST_PART"

// strace counts the system calls of each thread by itself, and only while init runs
// is it certain that this is the first thread.
func init() {
	if os.Getenv(partVariable) != "" {
		runtime.LockOSThread()
	}
}

func TestMain(m *testing.M) {
	if part := os.Getenv(partVariable); part != "" {
		os.Exit(play(part, os.Args[1]))
	}
	goleak.VerifyTestMain(m)
}

func account(extension string) config.Config {
	c := config.Default()
	c.Account = config.Account{
		Host: "pbx.example.com", Port: 5038, Username: "clicktocall", Extension: extension,
		Tenant: "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", Syntax: config.SyntaxVariables, Prefix: "0",
		Timeout: config.Duration(15 * time.Second),
	}
	return c
}

// kept is how many calls there are, of twice as many in the file.
const kept = 5

func entry(i int) history.Entry {
	return history.Entry{
		At: time.Date(2026, 11, 23, 9, 0, i%60, 0, time.UTC), Number: fmt.Sprintf("0050%06d", i), State: call.Ended,
	}
}

// play makes the change that the test interrupts. What it ends with tells how
// the change went, where it came to that.
func play(part, dir string) int {
	var err error
	switch part {
	case "config":
		err = config.NewStore(dir).Save(account("7102"))
	case "history", "remove":
		var h *history.History
		if h, err = history.Open(filepath.Join(dir, "history.jsonl")); err != nil {
			break
		}
		h.SetKeep(history.Keep{Entries: kept})
		if part == "history" {
			err = h.Add(entry(2 * kept)) // the one that has the file rewritten
		} else {
			_, err = h.Remove(2 * kept) // the newest
		}
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	return 0
}

// before makes the files as they are before the change.
func before(t *testing.T) (dir string) {
	t.Helper()
	files, err := first()
	dir = t.TempDir()
	for name, data := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// first makes them once, for each call is on the disk before the next is added.
var first = sync.OnceValues(func() (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "cornetta")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "history.jsonl")
	h, openErr := history.Open(path)
	if err := errors.Join(config.NewStore(dir).Save(account("7101")), openErr); err != nil {
		return nil, err
	}
	for i := range 2 * kept {
		err = errors.Join(err, h.Add(entry(i)))
	}
	settings, readErr := os.ReadFile(filepath.Join(dir, "config.toml"))
	calls, callsErr := os.ReadFile(path)
	return map[string][]byte{"config.toml": settings, "history.jsonl": calls}, errors.Join(err, readErr, callsErr)
})

// check reads the files back: each is the old one or the new one, and the next
// change is made whatever was left behind. It returns whether the change was
// made.
func check(t *testing.T, part, dir string) (changed bool) {
	t.Helper()
	store := config.NewStore(dir)
	c, err := store.Load()
	if err != nil || c.Account.Extension != "7101" && c.Account.Extension != "7102" {
		t.Fatalf("the settings are %+v, %v", c.Account, err)
	}
	path := filepath.Join(dir, "history.jsonl")
	h, err := history.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	h.SetKeep(history.Keep{Entries: kept})
	all := h.All()
	newest, want := all[0].Number, kept
	if part == "remove" && newest == entry(2*kept-2).Number {
		changed, newest, want = true, entry(2*kept-1).Number, kept-1
	}
	if len(all) != want || newest != entry(2*kept-1).Number && newest != entry(2*kept).Number {
		t.Fatalf("the history has %d calls, the newest to %s", len(all), newest)
	}
	for _, name := range []string{"config.toml", "history.jsonl"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode() != 0o600 {
			t.Fatalf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	if err := store.Save(account("7103")); err != nil {
		t.Fatal("the next change of the settings:", err)
	}
	if err := h.Add(entry(1)); err != nil {
		t.Fatal("the next call:", err)
	}
	if part == "config" {
		return c.Account.Extension == "7102"
	}
	return changed || newest == entry(2*kept).Number
}

// traced makes the change under strace, which interferes as inject says.
func traced(t *testing.T, part, dir, inject string) (out string, ended syscall.WaitStatus) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: a hundred processes")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var seen bytes.Buffer
	cmd := exec.Command("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace="+strings.Join(changes, ","), "-e", "inject="+inject, exe, dir)
	cmd.Env = append(os.Environ(), partVariable+"="+part, "GORACE=atexit_sleep_ms=0")
	cmd.Stdout, cmd.Stderr = &seen, &seen
	_ = cmd.Run()
	return seen.String(), cmd.ProcessState.Sys().(syscall.WaitStatus)
}

// changes are the system calls by which a file is changed, and those around them.
var changes = []string{"/^open", "/^fchmod", "/^chmod", "write", "fsync", "close", "/^rename", "/^unlink"}

// A program that is killed at any system call of a change leaves the old file
// or the new one.
func TestKilledAtEachSystemCall(t *testing.T) {
	for _, part := range []string{"config", "history", "remove"} {
		t.Run(part, func(t *testing.T) {
			kills, made, notMade := 0, 0, 0
			for _, call := range changes {
				for n := 1; ; n++ { // strace counts each system call by itself
					dir := before(t)
					out, ended := traced(t, part, dir, fmt.Sprintf("%s:signal=KILL:when=%d", call, n))
					changed := check(t, part, dir)
					if !ended.Signaled() && ended.ExitStatus() == 0 {
						break
					}
					if out != "" {
						t.Fatalf("at %s %d: %s", call, n, out)
					}
					kills++
					if changed {
						made++
					} else {
						notMade++
					}
				}
			}
			t.Logf("killed at each of %d system calls: the change was made in %d and not in %d", kills, made, notMade)
			if made < 3 || notMade < 6 { // the rename and what follows it; what precedes it
				t.Error("it was not killed at each")
			}
		})
	}
}

// A disk that fails at any of them costs the change and nothing else, and is
// said.
func TestFailingDisk(t *testing.T) {
	for _, call := range []string{"write", "fsync", "/^rename"} {
		for _, code := range []string{"ENOSPC", "EIO", "EROFS", "EDQUOT"} {
			t.Run(strings.Trim(call, "/^")+" "+code, func(t *testing.T) {
				dir := before(t)
				out, ended := traced(t, "config", dir, call+":error="+code)
				if ended.Signaled() || call != "write" && ended.ExitStatus() != 1 {
					t.Errorf("%v: %s", ended, out)
				}
				if left, _ := filepath.Glob(filepath.Join(dir, ".config*")); len(left) > 0 {
					t.Errorf("left behind: %v", left)
				}
				if changed := check(t, "config", dir); changed {
					t.Error("it was changed although the disk failed")
				}
			})
		}
	}
}

// apart runs the rest of the test in a mount namespace of its own, in which it
// returns true; the test outside returns at once.
func apart(t *testing.T) bool {
	t.Helper()
	const inside = "CORNETTA_DURABLE_TEST_INSIDE"
	if os.Getenv(inside) != "" {
		// A root that is no mount point, as in a chroot, has no such setting.
		if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil && !errors.Is(err, unix.EINVAL) {
			t.Fatal(err)
		}
		return true
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run=^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS, Pdeathsig: syscall.SIGKILL}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: "+t.Name()) {
		t.Errorf("%v\n%s", err, out)
	}
	return false
}

// A disk that is full keeps what is on it, and takes the next change when there
// is room again.
func TestFullDisk(t *testing.T) {
	if !apart(t) {
		return
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Unmount(dir, unix.MNT_DETACH) }()
	store := config.NewStore(filepath.Join(dir, "cornetta"))
	path := filepath.Join(dir, "cornetta", "history.jsonl")
	h, err := history.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(store.Save(account("7101")), h.Add(entry(1))); err != nil {
		t.Fatal(err)
	}
	balloon := filepath.Join(dir, "balloon")
	f, err := os.Create(balloon)
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = f.Write(make([]byte, 512))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	f.Close()

	if err := store.Save(account("7102")); !errors.Is(err, syscall.ENOSPC) || errors.Is(err, config.ErrReadOnly) {
		t.Errorf("Save: %v", err)
	}
	if c, err := store.Load(); err != nil || c.Account.Extension != "7101" {
		t.Errorf("after it: %+v, %v", c.Account, err)
	}
	full := 0
	for i := range 100 { // the first ones may have room in the page that is there
		if h.Add(entry(2+i)) != nil {
			full++
		}
	}
	if full == 0 || len(h.All()) != 101 {
		t.Errorf("%d of 100 calls found no room, %d are remembered", full, len(h.All()))
	}
	if err := os.Remove(balloon); err != nil {
		t.Fatal(err)
	}
	if err := store.Save(account("7102")); err != nil {
		t.Error("with room again:", err)
	}
	if err := h.Add(entry(200)); err != nil {
		t.Error("with room again:", err)
	}
	again, err := history.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := again.All(); got[0].Number != entry(200).Number || len(got) != 102 {
		t.Errorf("%d calls are in the file, the newest to %s", len(got), got[0].Number)
	}
}

// A place that is read-only, or another user's, can be read and is named for
// what it is.
func TestReadOnlyPlace(t *testing.T) {
	if !apart(t) {
		return
	}
	dir := before(t)
	if err := unix.Mount(dir, dir, "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = unix.Unmount(dir, unix.MNT_DETACH) }()
	if err := unix.Mount("", dir, "", unix.MS_BIND|unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	readOnly(t, dir)
}

func TestForeignPlace(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a directory away")
	}
	dir := before(t)
	// The files can be read, and nothing in their place be changed.
	for name, mode := range map[string]fs.FileMode{"": 0o755, "config.toml": 0o644, "history.jsonl": 0o644} {
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.ReadDir(filepath.Dir(dir)); err != nil {
		t.Fatal(err)
	}
	for up := filepath.Dir(dir); strings.HasPrefix(up, os.TempDir()+"/"); up = filepath.Dir(up) {
		if err := os.Chmod(up, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// A thread that has another user's rights on files for a while; it ends with
	// the goroutine that it is locked to.
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err := unix.Setfsuid(65534); err != nil {
			t.Error(err)
			return
		}
		readOnly(t, dir)
	}()
	<-done
}

func readOnly(t *testing.T, dir string) {
	t.Helper()
	store := config.NewStore(dir)
	if c, err := store.Load(); err != nil || c.Account.Extension != "7101" {
		t.Errorf("Load: %+v, %v", c.Account, err)
	}
	if err := store.Save(account("7102")); !errors.Is(err, config.ErrReadOnly) {
		t.Errorf("Save: %v", err)
	}
	h, err := history.Open(filepath.Join(dir, "history.jsonl"))
	if err != nil {
		t.Error(err)
	}
	if err := h.Add(entry(1000)); !durable.ReadOnly(err) {
		t.Errorf("Add: %v", err)
	}
	h.SetKeep(history.Keep{Entries: kept})
	if got := h.All(); len(got) != kept || got[0].Number != entry(1000).Number {
		t.Error("the call is not remembered for the time being")
	}
	if c, err := store.Load(); err != nil || c.Account.Extension != "7101" {
		t.Errorf("afterwards: %+v, %v", c.Account, err)
	}
}
