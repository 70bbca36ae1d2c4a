//go:build linux

package dialer

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/config"
)

// What TestKilledProgram's own binary is to be: a program with a Dialer for the
// PBX at that address that calls that number, or none.
const (
	killedAddr   = "CORNETTA_KILLED_ADDR"
	killedNumber = "CORNETTA_KILLED_NUMBER"
)

// TestKilledProgram kills the program itself (SIGKILL), in whatever state its call
// is, and starts it again: each number reaches the PBX once at the most, and none
// by a program that was not asked for it. TestClientKilled does this a
// thousand times, without a process.
func TestKilledProgram(t *testing.T) {
	if addr := os.Getenv(killedAddr); addr != "" {
		killedProgram(t, addr, os.Getenv(killedNumber))
		return
	}
	if testing.Short() {
		t.Skip("-short: a hundred processes")
	}
	t.Parallel()
	p := startPBX(t)
	begin := func(number string) (kill func()) {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKilledProgram$", "-test.count=1")
		cmd.Env = append(os.Environ(), killedAddr+"="+p.Addr(), killedNumber+"="+number)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		in := bufio.NewScanner(out)
		for in.Scan() && in.Text() != "ready" {
		}
		if in.Text() != "ready" {
			t.Error("it ended before it was ready")
		}
		return func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	}
	const rounds = 100
	asked := map[string]int{}
	for i := range rounds {
		number := fmt.Sprintf("0390501%04d02", i)
		asked[number] = 0
		kill := begin(number)
		life := 250 * time.Millisecond
		if i%2 == 0 {
			life = 4 * time.Millisecond // in which it connects
		}
		time.Sleep(rand.N(life))
		kill()
	}
	before := len(p.Originates())
	kill := begin("")
	time.Sleep(time.Second)
	kill()
	for _, o := range p.Originates() {
		number := o.Get("Exten")
		n, known := asked[number]
		if asked[number] = n + 1; !known || n > 0 {
			t.Errorf("%s reached the PBX %d times, asked for: %v", Redact(number), n+1, known)
		}
	}
	if after := len(p.Originates()); after != before || before < rounds/4 {
		t.Errorf("%d Originates of %d, %d after the restart", before, rounds, after)
	}
	t.Logf("%d killed: %d reached the PBX, the others were killed before", rounds, before)
}

func killedProgram(t *testing.T, addr, number string) {
	d := New(Options{Secrets: fixedStore(pbxsim.Secret)})
	ctx := context.Background()
	go func() { _ = d.Run(ctx) }()
	if err := d.SetAccount(ctx, accountAt(t, addr, "7101", config.SyntaxVariables), config.ConnectionOnDemand); err != nil {
		t.Fatal(err)
	}
	if number == "" { // as after a restart: nobody asks it for anything
		if err := d.Check(ctx); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Println("ready")
	if number != "" {
		if _, err := d.Dial(ctx, planFor(number)); err != nil {
			t.Fatal(err)
		}
	}
	select {} // until it is killed
}
