//go:build linux || darwin

package ipc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cornetta/internal/durable"
)

func init() { ofLogind = func() string { return os.Getenv(logindVariable) } }

// raw connects without a word.
func raw(t *testing.T) net.Conn {
	t.Helper()
	dir, err := directory()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("unix", socket(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// ends reports whether the agent closes conn without an answer.
func ends(t *testing.T, conn net.Conn) bool {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if len(got) > 0 {
		t.Errorf("answered %q", got)
		return false
	}
	return err == nil || errors.Is(err, unix.ECONNRESET)
}

func TestPermissions(t *testing.T) {
	base := home(t)
	dir := filepath.Join(base, "cornetta")
	if err := os.Mkdir(dir, 0o755); err != nil { // made by hand
		t.Fatal(err)
	}
	run(t, &fakeAgent{}, usual)
	for path, want := range map[string]fs.FileMode{
		dir: 0o700, filepath.Join(dir, name+".sock"): 0o600, filepath.Join(dir, name+".lock"): 0o600,
	} {
		info, err := os.Lstat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != want {
			t.Errorf("%s: %v", path, info.Mode())
		}
	}
}

// Without a runtime directory of this user's there is another place, which is
// not /tmp.
func TestNoRuntimeDirectory(t *testing.T) {
	base := home(t)
	shared := filepath.Join(base, "shared")
	if err := os.Mkdir(shared, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(shared, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", base)
	t.Setenv("XDG_STATE_HOME", "")
	for _, dir := range []string{"", "relative", filepath.Join(base, "missing"), shared} {
		t.Setenv("XDG_RUNTIME_DIR", dir)
		got, err := directory()
		if err != nil {
			t.Fatal(err)
		}
		rest, ok := strings.CutPrefix(got, base)
		if !ok || strings.HasPrefix(rest, "/shared") || strings.HasPrefix(rest, "/missing") {
			t.Errorf("with %q: %s", dir, got)
		}
		if info, err := os.Stat(got); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v, %v", got, info.Mode(), err)
		}
	}
}

// Without a word of it in the environment the runtime directory is the one that logind
// makes, if it is this user's alone.
func TestRuntimeDirectoryOfLogind(t *testing.T) {
	base := home(t)
	logind := os.Getenv(logindVariable)
	inside := func() bool {
		t.Helper()
		dir, err := directory()
		if err != nil {
			t.Fatal(err)
		}
		return strings.HasPrefix(dir, logind+"/")
	}
	if inside() {
		t.Error("it is used beside XDG_RUNTIME_DIR")
	}
	t.Setenv("XDG_RUNTIME_DIR", "")
	if inside() {
		t.Error("it is made")
	}
	if err := os.Mkdir(logind, 0o700); err != nil {
		t.Fatal(err)
	}
	if !inside() {
		t.Error("it is not used")
	}
	if err := os.Chmod(logind, 0o755); err != nil {
		t.Fatal(err)
	}
	if inside() {
		t.Error("it is used though others can enter it")
	}
	if err := os.Remove(filepath.Join(logind, "cornetta")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(logind); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(base, logind); err != nil {
		t.Fatal(err)
	}
	if inside() {
		t.Error("a link is followed")
	}
}

// One instance for all environments of a user: those of the session, of cron, and of a
// session of another kind.
func TestOneForEveryEnvironment(t *testing.T) {
	base := home(t)
	other := filepath.Join(base, "other")
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	environments := []string{base, "", other}
	for _, first := range environments {
		t.Setenv("XDG_RUNTIME_DIR", first)
		a := &fakeAgent{}
		o, err := Acquire(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		served := make(chan error, 1)
		go func() { served <- o.Serve(ctx, usual, a.table) }()
		for _, second := range environments {
			t.Setenv("XDG_RUNTIME_DIR", second)
			if _, err := Acquire(t.Context(), name); !errors.Is(err, ErrRunning) {
				t.Errorf("%q beside %q: %v", second, first, err)
			}
			if c, err := Connect(t.Context(), name, usual); err != nil {
				t.Errorf("from %q to %q: %v", second, first, err)
			} else {
				c.Close()
			}
		}
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
		left, _ := filepath.Glob(filepath.Join(base, "*", "cornetta", "*.sock"))
		if len(left) > 0 {
			t.Errorf("left of %q: %v", first, left)
		}
		for _, second := range environments {
			t.Setenv("XDG_RUNTIME_DIR", second)
			if _, err := Connect(t.Context(), name, usual); !errors.Is(err, ErrNotRunning) {
				t.Errorf("from %q, when %q has ended: %v", second, first, err)
			}
		}
	}
}

// A state folder in which others can write is no place for the socket, nor is one in
// whose place they can put another.
func TestSharedStateFolder(t *testing.T) {
	for _, shared := range []string{"", "cornetta"} {
		base := home(t)
		t.Setenv("XDG_RUNTIME_DIR", "")
		t.Setenv("XDG_STATE_HOME", base)
		if err := errors.Join(os.MkdirAll(filepath.Join(base, "cornetta"), 0o700), os.Chmod(filepath.Join(base, shared), 0o777)); err != nil {
			t.Fatal(err)
		}
		if dir, err := directory(); !errors.Is(err, durable.ErrShared) {
			t.Errorf("%q is everybody's: %s, %v", shared, dir, err)
		}
	}
}

// Where the state directory cannot be written the one in the runtime directory is
// enough.
func TestNoStateDirectory(t *testing.T) {
	base := home(t)
	if err := os.WriteFile(filepath.Join(base, "state"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, &fakeAgent{}, usual)
	client(t)
	if _, err := Acquire(t.Context(), name); !errors.Is(err, ErrRunning) {
		t.Errorf("a second one: %v", err)
	}
}

// A name that was reserved goes with its process, whose environment does not matter.
func TestReservedByAnother(t *testing.T) {
	home(t)
	p := launch(t, "reserve", func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, "XDG_RUNTIME_DIR=") })
	if got := p.says(t); got != "reserved" {
		t.Fatal(got)
	}
	if _, err := Reserve(name); !errors.Is(err, ErrRunning) {
		t.Errorf("while another has it: %v", err)
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	if release, err := Reserve(name); err != nil || release() != nil {
		t.Errorf("when the other was killed: %v", err)
	}
}

// A link planted where the directory, the lock or the socket should be is not
// followed.
func TestPlantedLinks(t *testing.T) {
	base := home(t)
	elsewhere := filepath.Join(base, "elsewhere")
	if err := os.Mkdir(elsewhere, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(base, "cornetta")
	if err := os.Symlink(elsewhere, dir); err != nil {
		t.Fatal(err)
	}
	if _, err := Acquire(t.Context(), name); !errors.Is(err, ErrStranger) {
		t.Errorf("a link for the directory: %v", err)
	}
	if _, err := Connect(t.Context(), name, usual); !errors.Is(err, ErrStranger) {
		t.Errorf("a link for the directory: %v", err)
	}
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	victim := filepath.Join(elsewhere, "victim")
	if err := os.WriteFile(victim, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	lock := filepath.Join(dir, name+".lock")
	if err := os.Symlink(victim, lock); err != nil {
		t.Fatal(err)
	}
	if _, err := Acquire(t.Context(), name); err == nil || errors.Is(err, ErrRunning) {
		t.Errorf("a link for the lock: %v", err)
	}
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(victim, filepath.Join(dir, name+".sock")); err != nil {
		t.Fatal(err)
	}
	o, err := Acquire(t.Context(), name)
	if err != nil {
		t.Fatal("a link for the socket:", err)
	}
	o.Close()
	info, err := os.Stat(victim)
	if data, rerr := os.ReadFile(victim); err != nil || rerr != nil || string(data) != "precious" || info.Mode().Perm() != 0o644 {
		t.Errorf("the link was followed: %q, %v", data, info.Mode())
	}
}

// Whatever is not a request of this protocol costs the sender its connection,
// and nobody else anything.
func TestGarbage(t *testing.T) {
	home(t)
	a := &fakeAgent{}
	run(t, a, hasty())
	bystander := client(t)
	for what, bytes := range all(broken, brokenRequests, map[string]string{"nothing": ""}) {
		conn := raw(t)
		// The agent may close while this is still being written.
		if _, err := io.WriteString(conn, bytes); err != nil && !errors.Is(err, unix.EPIPE) && !errors.Is(err, unix.ECONNRESET) {
			t.Fatal(err)
		}
		if !ends(t, conn) {
			t.Errorf("%s: the connection goes on", what)
		}
		conn.Close()
	}
	if _, err := askStatus.Call(within(t, 10*time.Second), bystander, None{}); err != nil {
		t.Error("another client:", err)
	}
	if len(a.asked) != 1 {
		t.Errorf("the agent was asked to %v", a.asked)
	}
}

// A line may come in pieces as long as it is not late; and what is no method,
// or has wrong parameters, is answered with an error.
func TestPieces(t *testing.T) {
	home(t)
	run(t, &fakeAgent{}, usual)
	conn := raw(t)
	for _, c := range []struct{ request, answer string }{
		{`{"jsonrpc":"2.0","id":1,"method":"Hello"}`, `"protocol":1`},
		{`{"jsonrpc":"2.0","id":2,"method":"rpc.serverInfo"}`, `"error"`},
		{`{"jsonrpc":"2.0","id":3,"method":"Exec","params":{"text":"x"}}`, `"error"`},
		{`{"jsonrpc":"2.0","id":4,"method":"Show","params":[1,2,3]}`, `"error"`},
		{`{"jsonrpc":"2.0","id":"a","method":"Show","params":{"text":"x"}}`, `"id":"a"`},
	} {
		for _, b := range []byte(c.request + "\n") {
			if _, err := conn.Write([]byte{b}); err != nil {
				t.Fatal(err)
			}
		}
		buf := make([]byte, 4096)
		if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, err := conn.Read(buf)
		if err != nil || !strings.Contains(string(buf[:n]), c.answer) {
			t.Errorf("%s: %q, %v", c.request, buf[:n], err)
		}
	}
}

// The ninth client is turned away, and gets in when a place is free.
func TestNinthClient(t *testing.T) {
	home(t)
	run(t, &fakeAgent{}, usual)
	var cs []*Client
	for range usual.Clients {
		cs = append(cs, client(t))
	}
	if conn := raw(t); !ends(t, conn) {
		t.Error("a ninth client is served")
	}
	if _, err := Connect(within(t, time.Second), name, usual); !errors.Is(err, ErrBusy) {
		t.Errorf("Connect: %v", err)
	}
	cs[3].Close()
	client(t)
	for i, c := range cs {
		if i == 3 {
			continue
		}
		if _, err := askStatus.Call(within(t, 10*time.Second), c, None{}); err != nil {
			t.Error(err)
		}
	}
}

// Clients that come and go, by the thousand, leave nothing behind and ask for
// nothing.
func TestManyConnections(t *testing.T) {
	home(t)
	a := &fakeAgent{}
	run(t, a, usual)
	dir, err := directory()
	if err != nil {
		t.Fatal(err)
	}
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	var before uint64
	for i := range 10_000 {
		if i == 1000 { // warm
			before = heap()
		}
		conn, err := net.Dial("unix", socket(dir, name))
		if errors.Is(err, unix.EAGAIN) {
			continue // more are waiting than the system queues
		}
		if err != nil {
			t.Fatal(err)
		}
		switch i % 4 {
		case 0:
			fmt.Fprintf(conn, "%d\n", i)
		case 1:
			fmt.Fprintf(conn, `{"jsonrpc":"2.0","id":%d,"method":"Dial","params":{"num`, i)
		}
		conn.Close()
	}
	client(t)
	if grown := int64(heap()) - int64(before); grown > 512<<10 {
		t.Errorf("nine thousand connections left %d bytes", grown)
	}
	if len(a.asked) > 0 {
		t.Errorf("the agent was asked to %v", a.asked)
	}
}

// A client that does not read is dropped when its answers no longer fit the
// socket.
func TestDeafClient(t *testing.T) {
	home(t)
	run(t, &fakeAgent{}, hasty())
	conn := raw(t)
	deadline := time.Now().Add(20 * time.Second)
	for i := 0; ; i++ {
		if err := conn.SetWriteDeadline(deadline); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(conn, `{"jsonrpc":"2.0","id":%d,"method":"Status"}`+"\n", i); err != nil {
			if !errors.Is(err, unix.EPIPE) && !errors.Is(err, unix.ECONNRESET) {
				t.Error("it is still connected:", err)
			}
			return
		}
	}
}

// A client gets no more than its share of requests going at a time, and no more
// of them are read than that.
func TestFlood(t *testing.T) {
	home(t)
	var now, most atomic.Int32
	a := &fakeAgent{during: func(ctx context.Context) {
		most.Store(max(most.Load(), now.Add(1)))
		<-ctx.Done()
		now.Add(-1)
	}}
	run(t, a, usual)
	conn := raw(t)
	var err error
	for i := 0; i < 50 && err == nil; i++ {
		var many strings.Builder
		for j := range 1000 { // each with an id of its own: none is answered at once
			fmt.Fprintf(&many, `{"jsonrpc":"2.0","id":%d,"method":"Hangup"}`+"\n", 1000*i+j)
		}
		if err := conn.SetWriteDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		_, err = io.WriteString(conn, many.String())
	}
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("fifty thousand requests were taken: %v", err)
	}
	c := client(t) // and the others are served
	if _, err := askStatus.Call(within(t, 10*time.Second), c, None{}); err != nil {
		t.Error(err)
	}
	for ctx := within(t, 10*time.Second); most.Load() < int32(usual.Pending) && ctx.Err() == nil; {
		runtime.Gosched()
	}
	if got := most.Load(); got != int32(usual.Pending) {
		t.Errorf("%d requests were under way at a time", got)
	}
}
