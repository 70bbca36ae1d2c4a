//go:build linux

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// place is a network namespace.
type place struct {
	t    *testing.T
	path string // of its file in /proc
}

func newPlace(t *testing.T) *place {
	t.Helper()
	p := &place{t: t}
	made, over := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread() // and never unlocked, so that the thread ends with the goroutine
		err := unix.Unshare(unix.CLONE_NEWNET)
		p.path = fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), unix.Gettid())
		made <- err
		<-over
	}()
	t.Cleanup(func() { close(over) })
	if err := <-made; err != nil {
		if errors.Is(err, unix.EPERM) && os.Getenv("CI") == "" {
			t.Skip("making networks needs root")
		}
		t.Fatal(err)
	}
	return p
}

// command is one in that network.
func (p *place) command(cmd *exec.Cmd) *exec.Cmd {
	p.t.Helper()
	enter, err := exec.LookPath("nsenter")
	if err != nil {
		p.t.Fatal(err)
	}
	cmd.Args = append([]string{"nsenter", "--net=" + p.path, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = enter
	cmd.Env = append(cmd.Env, "DBUS_SYSTEM_BUS_ADDRESS=unix:path="+p.path+".none") // no NetworkManager
	return cmd
}

func (p *place) ip(args ...string) {
	p.t.Helper()
	if out, err := p.command(exec.CommandContext(p.t.Context(), "ip", args...)).CombinedOutput(); err != nil {
		p.t.Fatalf("ip %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

// listen is a listener there.
func (p *place) listen(addr string) net.Listener {
	p.t.Helper()
	var ln net.Listener
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		fd, err := unix.Open(p.path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			err = unix.Setns(fd, unix.CLONE_NEWNET)
			_ = unix.Close(fd)
		}
		if err == nil {
			ln, err = net.Listen("tcp", addr)
		}
		done <- err
	}()
	if err := <-done; err != nil {
		p.t.Fatal(err)
	}
	return ln
}

// TestAnotherNetwork carries the computer from the office into a hotel where somebody has
// the PBX's address: nobody there gets a login that the person did not ask for.
func TestAnotherNetwork(t *testing.T) {
	s := newSeat(t)
	there, here := newPlace(t), newPlace(t)
	here.ip("link", "set", "lo", "up")
	here.ip("link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", there.path)
	there.ip("addr", "add", "192.0.2.1/24", "dev", "cable")
	there.ip("link", "set", "cable", "up")
	here.ip("link", "set", "cable", "up")
	goTo := func(address, gateway string) {
		here.ip("addr", "flush", "dev", "cable") // the way out goes with it
		there.ip("link", "set", "cable", "address", gateway)
		here.ip("neigh", "flush", "dev", "cable")
		here.ip("addr", "add", address+"/24", "dev", "cable")
		here.ip("route", "replace", "default", "via", "192.0.2.1")
	}
	goTo("192.0.2.7", "02:00:00:00:00:01")
	pbx, err := pbxsim.Start(pbxsim.Options{Listener: there.listen("192.0.2.1:5038")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pbx.Close() })
	run := func(stdin string, args ...string) {
		t.Helper()
		cmd := here.command(s.cornetta(args...))
		var out bytes.Buffer
		cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &out
		if err := cmd.Run(); err != nil {
			t.Fatalf("cornetta %s: %v: %s", strings.Join(args, " "), err, out.String())
		}
	}
	run(pbxsim.Secret, accountFlags("192.0.2.1:5038", "7101")...)
	s.agentOn(here.command(s.cornetta()))
	s.tray("Ready")
	logins := pbx.Logins()
	if logins == 0 {
		t.Fatal("not one login in the office")
	}

	goTo("192.0.2.8", "02:00:00:00:00:02")
	s.tray("this network is not known") // the change of network was noticed
	s.look("1-hotel")
	run("", "tel:039050123402") // a page opens a link: a window asks
	s.Window("A link")
	s.Key("Escape")
	if st := s.status(); pbx.Logins() != logins || st.Connection != status.Unchecked || st.Trouble == nil || st.Trouble.Code != status.CodeNetworkUnknown {
		t.Errorf("%d logins, the status is %+v", pbx.Logins()-logins, st.Snapshot)
	}
	run("", "dial", "--no-wait", "039050123402") // the person dials
	s.waitState(call.Ended)
	if n := pbx.Logins() - logins; n != 1 {
		t.Errorf("%d logins for a call", n)
	}
}
