//go:build linux

package dialer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"cornetta/ami/asterisktest"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// netns is a network namespace. It exists as long as the thread that made it,
// and nothing outside of it can be seen or changed from it.
type netns struct {
	path string // of its file in /proc
	fd   int
}

// newNetns makes one with nothing in it; it is gone at the end of the test.
func newNetns(t *testing.T) *netns {
	t.Helper()
	made, over := make(chan error), make(chan struct{})
	n := new(netns)
	go func() {
		runtime.LockOSThread() // and never unlocked, so that the thread ends with the goroutine
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			n.path = fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), unix.Gettid())
			n.fd, err = unix.Open(n.path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		}
		made <- err
		<-over
	}()
	if err := <-made; err != nil {
		close(over)
		if errors.Is(err, unix.EPERM) && os.Getenv("CI") == "" {
			t.Skip("making networks needs root")
		}
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(n.fd); close(over) })
	n.ip(t, "link", "set", "lo", "up")
	return n
}

// do runs f on a thread in the namespace: sockets made there stay there.
func (n *netns) do(f func() error) error {
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // not unlocked either
		err := unix.Setns(n.fd, unix.CLONE_NEWNET)
		if err == nil {
			err = f()
		}
		done <- err
	}()
	return <-done
}

func (n *netns) ip(t *testing.T, args ...string) {
	t.Helper()
	var out []byte
	err := n.do(func() (err error) {
		out, err = exec.Command("ip", args...).CombinedOutput()
		return err
	})
	if err != nil {
		t.Fatalf("ip %s (package iproute2): %v: %s", strings.Join(args, " "), err, out)
	}
}

func (n *netns) listen(t *testing.T, addr string) net.Listener {
	t.Helper()
	var ln net.Listener
	if err := n.do(func() (err error) {
		ln, err = net.Listen("tcp", addr)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return ln
}

// dial is a Dialer's way out of the namespace, with what ami's own has.
func (n *netns) dial(ctx context.Context, network, addr string) (conn net.Conn, err error) {
	d := net.Dialer{Control: func(_, _ string, raw syscall.RawConn) error {
		return raw.Control(func(fd uintptr) {
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, 15_000)
		})
	}}
	err = n.do(func() error {
		conn, err = d.DialContext(ctx, network, addr)
		return err
	})
	return conn, err
}

// The two computers of the tests, on networks that documentation uses.
const (
	herAddr = "192.0.2.7"
	pbxAddr = "192.0.2.1"
)

// twoComputers are joined by a cable.
func twoComputers(t *testing.T) (hers, pbx *netns) {
	t.Helper()
	hers, pbx = newNetns(t), newNetns(t)
	hers.ip(t, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", pbx.path)
	hers.ip(t, "addr", "add", herAddr+"/24", "dev", "cable")
	pbx.ip(t, "addr", "add", pbxAddr+"/24", "dev", "cable")
	pbx.ip(t, "link", "set", "cable", "up")
	hers.ip(t, "link", "set", "cable", "up")
	return hers, pbx
}

// startOn starts a PBX that listens there.
func startOn(t *testing.T, ln net.Listener) *pbxsim.PBX {
	t.Helper()
	p, err := pbxsim.Start(pbxsim.Options{Listener: ln})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// startIn is startDialer for a computer of its own.
func startIn(t *testing.T, hers *netns, addr, ext string, mode config.ConnectionMode) *Dialer {
	t.Helper()
	d := startDialer(t, config.Account{}, mode)
	d.reach = dialWith(hers.dial) // before its first use
	if err := d.SetAccount(t.Context(), accountAt(t, addr, ext, config.SyntaxVariables), mode); err != nil {
		t.Fatal(err)
	}
	return d
}

// forward passes connections on to addr, which is not in the namespace.
func forward(t *testing.T, ln net.Listener, addr string) {
	t.Helper()
	var wg sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(func() { cancel(); ln.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", addr)
			if err != nil {
				in.Close()
				continue
			}
			stop := context.AfterFunc(ctx, func() { in.Close(); out.Close() })
			for _, pair := range [][2]net.Conn{{in, out}, {out, in}} {
				wg.Go(func() {
					_, _ = io.Copy(pair[0], pair[1])
					pair[0].Close()
					pair[1].Close()
					stop()
				})
			}
		}
	})
}

// TestCablePulled: no FIN, no RST, nothing. The loss of a kept connection is noticed within 45 s,
// one in a call within 15 s, and both are back within 5 s of a hint that the
// network is another.
func TestCablePulled(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: half a minute of silence")
	}
	t.Parallel()
	t.Run("idle", func(t *testing.T) {
		t.Parallel()
		hers, office := twoComputers(t)
		p := startOn(t, office.listen(t, pbxAddr+":0"))
		d := startIn(t, hers, p.Addr(), "7101", config.ConnectionKept)
		within(t, d, 10*time.Second, "connected", linkIs(status.Connected))
		office.ip(t, "link", "set", "cable", "down")
		took := within(t, d, 60*time.Second, "missed", func(s status.Snapshot) bool { return s.Connection != status.Connected })
		t.Logf("missed after %v", took)
		if took > 45*time.Second {
			t.Errorf("missed after %v", took)
		}
		office.ip(t, "link", "set", "cable", "up")
		if err := d.Changed(t.Context()); err != nil {
			t.Fatal(err)
		}
		took = within(t, d, 20*time.Second, "back", linkIs(status.Connected))
		t.Logf("back after %v", took)
		if took > 5*time.Second {
			t.Errorf("back after %v", took)
		}
	})
	t.Run("in a call, real Asterisk", func(t *testing.T) {
		t.Parallel()
		p := asterisktest.Start(t, asterisktest.V22)
		hers, office := twoComputers(t)
		ln := office.listen(t, pbxAddr+":0")
		forward(t, ln, p.Addr())
		d := startIn(t, hers, ln.Addr().String(), "7101", config.ConnectionOnDemand)
		if _, err := d.Dial(t.Context(), planFor("039050123407")); err != nil {
			t.Fatal(err)
		}
		within(t, d, 10*time.Second, "in call", inState(call.InCall))
		office.ip(t, "link", "set", "cable", "down")
		took := within(t, d, 30*time.Second, "unknown", inState(call.Unknown))
		t.Logf("unknown after %v", took)
		if took > 15*time.Second {
			t.Errorf("unknown after %v", took)
		}
		office.ip(t, "link", "set", "cable", "up")
		if err := d.Changed(t.Context()); err != nil {
			t.Fatal(err)
		}
		took = within(t, d, 20*time.Second, "in call again", inState(call.InCall))
		t.Logf("in call again after %v", took)
		if took > 5*time.Second {
			t.Errorf("in call again after %v", took)
		}
		if err := d.Hangup(t.Context()); err != nil {
			t.Fatal(err)
		}
		within(t, d, 10*time.Second, "ended", inState(call.Ended))
	})
	t.Run("while it is dialled", func(t *testing.T) {
		t.Parallel()
		hers, office := twoComputers(t)
		p := startOn(t, office.listen(t, pbxAddr+":0"))
		d := startIn(t, hers, p.Addr(), "7101", config.ConnectionOnDemand)
		if err := d.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
		within(t, d, 10*time.Second, "connected", linkIs(status.Connected))
		office.ip(t, "link", "set", "cable", "down")
		begin := time.Now()
		s, err := d.Dial(t.Context(), planFor("039050123407"))
		took := time.Since(begin)
		t.Logf("%s %v after %v", s.State, err, took)
		if err != nil || took > 15*time.Second {
			t.Errorf("%v after %v", err, took)
		}
		within(t, d, 15*time.Second-took, "unknown", inState(call.Unknown))
		// The Originate was given to the kernel, which would try to deliver it
		// for minutes. Half a minute after it was wanted it must not any more.
		<-time.After(stale - time.Since(begin))
		office.ip(t, "link", "set", "cable", "up")
		within(t, d, 70*time.Second, "connected again", linkIs(status.Connected))
		if err := d.Check(t.Context()); err != nil { // everything before it would have arrived
			t.Error(err)
		}
		if n := len(p.Originates()); n != 0 {
			t.Errorf("%d Originates came late", n)
		}
	})
}

// TestProhibited: the user's computer, or one on the way, forbids connections to the
// PBX. The Snapshot says so, tries are not hurried, and after a hint that the network
// changed it works again.
func TestProhibited(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it counts the tries of ten seconds")
	}
	t.Parallel()
	const beyond = "198.51.100.1"
	for name, forbids := range map[string]func(hers, between *netns) *netns{
		"by her own computer":   func(hers, _ *netns) *netns { return hers },
		"by the one in between": func(_, between *netns) *netns { return between },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hers, between := twoComputers(t)
			if err := between.do(func() error { return os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0) }); err != nil {
				t.Fatal(err)
			}
			p := startOn(t, between.listen(t, "0.0.0.0:0"))
			_, port, _ := net.SplitHostPort(p.Addr())
			forbidden := forbids(hers, between)
			if forbidden != hers {
				hers.ip(t, "route", "add", beyond, "via", pbxAddr)
			}
			forbidden.ip(t, "route", "add", "prohibit", beyond)
			var tries atomic.Int32
			d := startDialer(t, config.Account{}, config.ConnectionKept)
			d.reach = dialWith(func(ctx context.Context, network, addr string) (net.Conn, error) {
				tries.Add(1)
				return hers.dial(ctx, network, addr)
			})
			if err := d.SetAccount(t.Context(), accountAt(t, net.JoinHostPort(beyond, port), "7101", config.SyntaxVariables), config.ConnectionKept); err != nil {
				t.Fatal(err)
			}
			within(t, d, 5*time.Second, "in trouble", func(s status.Snapshot) bool {
				return s.Trouble != nil && s.Trouble.Code == status.CodeUnreachable
			})
			time.Sleep(10 * time.Second)
			if n := tries.Load(); n < 2 || n > 6 {
				t.Errorf("tried %d times in ten seconds", n)
			}
			forbidden.ip(t, "route", "del", "prohibit", beyond)
			between.ip(t, "addr", "add", beyond+"/32", "dev", "lo")
			if forbidden == hers {
				hers.ip(t, "route", "add", beyond, "via", pbxAddr)
			}
			if err := d.Changed(t.Context()); err != nil {
				t.Fatal(err)
			}
			t.Logf("connected %v after the hint", within(t, d, 5*time.Second, "connected", linkIs(status.Connected)))
		})
	}
}

// TestRoaming: the same computer with another address, and with the same one
// after a moment without.
func TestRoaming(t *testing.T) {
	t.Parallel()
	for name, next := range map[string]string{"the same address": herAddr, "another address": "192.0.2.8"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			hers, office := twoComputers(t)
			p := startOn(t, office.listen(t, pbxAddr+":0"))
			d := startIn(t, hers, p.Addr(), "7101", config.ConnectionKept)
			var from atomic.Value
			within(t, d, 10*time.Second, "connected", linkIs(status.Connected))
			if err := d.do(t.Context(), func(_ *loop, done func(error)) { // between two connects
				d.reach = dialWith(func(ctx context.Context, network, addr string) (net.Conn, error) {
					conn, err := hers.dial(ctx, network, addr)
					if err == nil {
						from.Store(conn.LocalAddr().(*net.TCPAddr).IP.String())
					}
					return conn, err
				})
				done(nil)
			}); err != nil {
				t.Fatal(err)
			}
			hers.ip(t, "addr", "del", herAddr+"/24", "dev", "cable")
			hers.ip(t, "addr", "add", next+"/24", "dev", "cable")
			begin := time.Now()
			if err := d.Changed(t.Context()); err != nil {
				t.Fatal(err)
			}
			if next == herAddr {
				// The old connection works again: it is the one session.
				eventually(t, "proved alive", func() bool { return d.Snapshot().Connection == status.Connected })
				if n := p.Sessions(); n != 1 {
					t.Errorf("%d sessions", n)
				}
				return
			}
			eventually(t, "connected from "+next, func() bool { return from.Load() == next && p.Logins() == 2 })
			within(t, d, 5*time.Second, "connected", linkIs(status.Connected))
			if took := time.Since(begin); took > 5*time.Second {
				t.Errorf("connected after %v", took)
			}
		})
	}
}
