//go:build linux || darwin

package ipc

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// partVariable tells a copy of the test program which part it plays; it reads
// its cues from standard input.
const partVariable = "CORNETTA_IPC_TEST_PART"

func play(part string) int {
	in := bufio.NewReader(os.Stdin)
	cue := func() { _, _ = in.ReadString('\n') }
	switch part {
	case "start": // as the program does: own the name, or hand a link over
		fmt.Println("ready")
		cue()
		return start(cue)
	case "reserve":
		release, err := Reserve(name)
		if err != nil {
			fmt.Println(err)
			return 1
		}
		defer func() { _ = release() }()
		fmt.Println("reserved")
		cue()
	case "connect": // to a socket, and say what came
		conn, err := net.Dial("unix", os.Getenv("SOCKET"))
		if err != nil {
			fmt.Println(err)
			return 1
		}
		_, err = io.WriteString(conn, `{"jsonrpc":"2.0","id":1,"method":"Hangup"}`+"\n")
		fmt.Println("connected", trusted(conn), err)
		cue()
	case "listen": // on a socket that everybody can reach
		old := syscall.Umask(0)
		l, err := net.Listen("unix", os.Getenv("SOCKET"))
		syscall.Umask(old)
		if err != nil {
			fmt.Println(err)
			return 1
		}
		defer l.Close()
		fmt.Println("listening")
		cue()
	}
	return 0
}

func start(cue func()) int {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	o, err := Acquire(ctx, name)
	switch {
	case err == nil:
		a := &fakeAgent{}
		fmt.Println("owner")
		go func() {
			cue()
			cancel()
		}()
		if err := o.Serve(ctx, usual, a.table); err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Println(strings.Join(a.asked, ","))
	case errors.Is(err, ErrRunning):
		c, err := Connect(ctx, name, usual)
		if err == nil {
			_, err = link.Call(ctx, c, linkParams{fmt.Sprintf("tel:%d", os.Getpid())})
			c.Close()
		}
		if err != nil {
			fmt.Println(err)
			return 1
		}
		fmt.Println("handed over")
	default:
		fmt.Println(err)
		return 1
	}
	return 0
}

// process is a copy of the test program.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func launch(t *testing.T, part string, change func(*exec.Cmd)) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	// The race detector would have each copy sleep a second before it exits.
	cmd.Env = append(os.Environ(), partVariable+"="+part, "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	if change != nil {
		change(cmd)
	}
	p := &process{cmd: cmd}
	if p.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.out = bufio.NewReader(out)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return p
}

func (p *process) cue(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(p.in, "\n"); err != nil {
		t.Fatal(err)
	}
}

func (p *process) says(t *testing.T) string {
	t.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatalf("it said %q, then %v", line, err)
	}
	return strings.TrimSpace(line)
}

var rounds = flag.Int("rounds", 3, "how often TestRace has fifty processes start")

// Fifty start at once: one is the owner, and the links of all others arrive.
// Each round finds what the one before has left.
func TestRace(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: hundreds of processes")
	}
	home(t)
	for range *rounds {
		race(t)
	}
}

func race(t *testing.T) {
	t.Helper()
	const n = 50
	var ps []*process
	for i := range n {
		ps = append(ps, launch(t, "start", func(cmd *exec.Cmd) {
			if i%2 == 0 { // as under cron
				cmd.Env = append(cmd.Env, "XDG_RUNTIME_DIR=")
			}
		}))
	}
	for _, p := range ps {
		if got := p.says(t); got != "ready" {
			t.Fatal(got)
		}
	}
	for _, p := range ps {
		p.cue(t)
	}
	said := make([]string, n)
	var wg sync.WaitGroup
	for i, p := range ps {
		wg.Go(func() { said[i] = p.says(t) })
	}
	wg.Wait()
	var owner *process
	want := map[string]bool{}
	for i, what := range said {
		switch what {
		case "owner":
			if owner != nil {
				t.Fatal("two owners")
			}
			owner = ps[i]
		case "handed over":
			want[fmt.Sprintf("link tel:%d", ps[i].cmd.Process.Pid)] = true
		default:
			t.Errorf("process %d: %s", i, what)
		}
	}
	if owner == nil {
		t.Fatal("no owner")
	}
	owner.cue(t)
	for _, asked := range strings.Split(owner.says(t), ",") {
		if !want[asked] {
			t.Errorf("arrived, unsent or twice: %s", asked)
		}
		delete(want, asked)
	}
	if len(want) > 0 {
		t.Errorf("lost: %v", want)
	}
	for _, p := range ps {
		_ = p.in.Close()
		_ = p.cmd.Wait() // before the next round, which would else find this one's owner
	}
}

// An owner that was killed leaves its socket; the next one is not kept out by
// it, and nobody takes it for a running instance.
func TestKilledOwner(t *testing.T) {
	base := home(t)
	p := launch(t, "start", nil)
	p.says(t)
	p.cue(t)
	if got := p.says(t); got != "owner" {
		t.Fatal(got)
	}
	if _, err := Acquire(t.Context(), name); !errors.Is(err, ErrRunning) {
		t.Fatalf("while it runs: %v", err)
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	if _, err := os.Lstat(filepath.Join(base, "cornetta", name+".sock")); err != nil {
		t.Fatal("the socket should have been left behind:", err)
	}
	if _, err := Connect(t.Context(), name, usual); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Connect: %v", err)
	}
	began := time.Now()
	run(t, &fakeAgent{}, usual)
	client(t)
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

// An instance that hangs holds nobody up for long.
func TestStoppedOwner(t *testing.T) {
	home(t)
	p := launch(t, "start", nil)
	p.says(t)
	p.cue(t)
	p.says(t)
	if err := p.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	var status syscall.WaitStatus // the signal takes effect when the process gets to it
	if _, err := syscall.Wait4(p.cmd.Process.Pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
		t.Fatal(err, status)
	}
	began := time.Now()
	if _, err := Connect(within(t, 300*time.Millisecond), name, usual); !errors.Is(err, ErrNoAnswer) {
		t.Errorf("Connect: %v", err)
	}
	if _, err := Acquire(t.Context(), name); !errors.Is(err, ErrRunning) {
		t.Errorf("Acquire: %v", err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("took %v", took)
	}
}

// Another user gets nowhere, from neither side: not by permissions, and not
// where those fail.
func TestAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become another user")
	}
	base := home(t)
	// The test program may lie where nobody else can read.
	exe := filepath.Join(base, "program")
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(exe, data, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(base, 0o711); err != nil {
		t.Fatal(err)
	}
	open := filepath.Join(base, "open")
	if err := os.Mkdir(open, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	stranger := func(part, socket string) *process {
		return launch(t, part, func(cmd *exec.Cmd) {
			cmd.Path, cmd.Dir = exe, "/"
			cmd.Env = append(cmd.Env, "SOCKET="+socket)
			cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		})
	}

	run(t, &fakeAgent{}, usual)
	dir := filepath.Join(base, "cornetta")
	if got := stranger("connect", socket(dir, name)).says(t); !strings.Contains(got, "permission denied") {
		t.Errorf("through the front door: %s", got)
	}

	// The agent's side, with the doors open.
	path := filepath.Join(open, "agent.sock")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := os.Chmod(path, 0o777); err != nil {
		t.Fatal(err)
	}
	p := stranger("connect", path)
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := trusted(conn); !errors.Is(err, ErrStranger) {
		t.Errorf("the agent takes a stranger in: %v", err)
	}
	if got := p.says(t); !strings.Contains(got, ErrStranger.Error()) {
		t.Errorf("a client takes a stranger for its agent: %s", got)
	}
	a := &fakeAgent{}
	admit(t.Context(), conn, usual, a.table)
	if len(a.asked) > 0 {
		t.Error(a.asked)
	}

	// The client's side.
	path = filepath.Join(open, "theirs.sock")
	p = stranger("listen", path)
	if got := p.says(t); got != "listening" {
		t.Fatal(got)
	}
	theirs, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer theirs.Close()
	if err := trusted(theirs); !errors.Is(err, ErrStranger) {
		t.Errorf("got %v", err)
	}

	// And a directory that is somebody else's is not used at all.
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if _, err := Connect(t.Context(), name, usual); !errors.Is(err, ErrStranger) {
		t.Errorf("Connect through a stranger's directory: %v", err)
	}
	if _, err := Acquire(t.Context(), name+"-demo"); !errors.Is(err, ErrStranger) {
		t.Errorf("Acquire in a stranger's directory: %v", err)
	}
	if err := os.Chown(dir, 0, 0); err != nil {
		t.Fatal(err)
	}
}
