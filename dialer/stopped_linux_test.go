//go:build linux

package dialer

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/config"
)

// stoppedAddr has TestStoppedProgram's own binary be the program that is
// stopped, with a Dialer for the PBX at that address.
const stoppedAddr = "CORNETTA_STOPPED_ADDR"

// TestStoppedProgram stops a program (SIGSTOP) in the midst of a login for a
// call, for longer than anybody waits for one. When it goes on nothing is
// dialled, it says so, and the next call is dialled within five seconds.
func TestStoppedProgram(t *testing.T) {
	if addr := os.Getenv(stoppedAddr); addr != "" {
		stoppedProgram(t, addr)
		return
	}
	if testing.Short() {
		t.Skip("-short: it is stopped for longer than anybody waits")
	}
	t.Parallel()
	var originates atomic.Int32
	asked, release := make(chan struct{}, 8), make(chan struct{})
	s := runScript(t, func(_ net.Conn, h map[string]string) bool {
		switch h["Action"] {
		case "Login":
			asked <- struct{}{}
			<-release
		case "Originate":
			originates.Add(1)
		}
		return false
	})
	cmd := exec.Command(os.Args[0], "-test.run=^TestStoppedProgram$", "-test.count=1")
	cmd.Env = append(os.Environ(), stoppedAddr+"="+s.addr)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	lines := make(chan string)
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(out); in.Scan(); {
			if strings.HasPrefix(in.Text(), "dialled: ") {
				lines <- in.Text()
			}
		}
	}()
	<-asked
	if err := cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	<-time.After(stale + 5*time.Second)
	close(release) // the answer is there when it goes on
	if err := cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	if first := <-lines; first == "dialled: <nil>" {
		t.Errorf("after the stop: %s", first)
	}
	if second := <-lines; second != "dialled: <nil>" || originates.Load() != 1 {
		t.Errorf("then: %s, %d Originates", second, originates.Load())
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("it took %v", took)
	}
	for range lines { // until its output ends
	}
}

func stoppedProgram(t *testing.T, addr string) {
	d := New(Options{Secrets: fixedStore(pbxsim.Secret)})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = d.Run(ctx) }()
	defer func() { cancel(); <-done }()
	if err := d.SetAccount(ctx, accountAt(t, addr, "7101", config.SyntaxVariables), config.ConnectionOnDemand); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := d.Dial(ctx, planFor("7102"))
		fmt.Printf("dialled: %v\n", err)
	}
}
