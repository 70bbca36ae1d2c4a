//go:build linux

package desktop

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

// inOwnNetwork runs FollowChanges in a network namespace of its own and returns
// how often it called, and a way to run ip(8) there.
func inOwnNetwork(t *testing.T) (changes *atomic.Int32, ip func(args ...string)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	changes = new(atomic.Int32)
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() {
		// The thread is never unlocked: it ends with the goroutine, and with it
		// the namespace.
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			ready <- ""
			done <- err
			return
		}
		ready <- fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), unix.Gettid())
		done <- FollowChanges(ctx, slog.New(slog.DiscardHandler), func() { changes.Add(1) })
	}()
	ns := <-ready
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("FollowChanges in a network of its own (needs root): %v", err)
		}
	})
	return changes, func(args ...string) {
		t.Helper()
		if ns == "" {
			t.FailNow()
		}
		if out, err := exec.Command("nsenter", append([]string{"--net=" + ns, "ip"}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("ip %s (package iproute2): %v: %s", strings.Join(args, " "), err, out)
		}
	}
}

func TestNetworkChanges(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: seconds of waiting")
	}
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent") // without logind it works too
	changes, ip := inOwnNetwork(t)
	seen := int32(0)
	expect := func(what string) {
		t.Helper()
		begin := time.Now()
		seen++
		wait(t, what, func() bool { return changes.Load() >= seen })
		if took := time.Since(begin); took > 3*time.Second {
			t.Errorf("%s: told after %v", what, took)
		}
		if n := changes.Load(); n != seen {
			t.Errorf("%s: told %d times", what, n-seen+1)
			seen = n
		}
	}
	ip("link", "add", "one", "type", "veth", "peer", "name", "other")
	ip("link", "set", "one", "up")
	ip("link", "set", "other", "up")
	for i := 7; changes.Load() == 0; i++ { // until it listens
		ip("addr", "add", fmt.Sprintf("192.0.2.%d/24", i), "dev", "one")
		<-time.After(20 * time.Millisecond)
		if i == 250 {
			t.Fatal("an address is not told of")
		}
	}
	seen = settled(t, changes)
	ip("route", "add", "default", "via", "192.0.2.253")
	expect("a way out")
	ip("route", "replace", "default", "via", "192.0.2.254")
	expect("another way out")
	ip("addr", "add", "2001:db8::7/64", "dev", "one", "nodad")
	expect("an address of IPv6")

	// What networks say all day is no change.
	ip("link", "set", "one", "mtu", "1400")
	ip("link", "add", "two", "type", "veth", "peer", "name", "three")
	ip("link", "set", "three", "up")
	ip("link", "set", "two", "up") // and gets a link-local address
	ip("route", "add", "198.51.100.0/24", "via", "192.0.2.252")
	ip("addr", "change", "2001:db8::7/64", "dev", "one", "valid_lft", "3600", "preferred_lft", "1800", "nodad")
	if n := settled(t, changes); n != seen {
		t.Errorf("told of %d changes that are none", n-seen)
		seen = n
	}

	ip("addr", "flush", "dev", "one")
	expect("no address")
	ip("link", "set", "one", "down")
	ip("link", "set", "one", "up")
	ip("addr", "add", "203.0.113.7/24", "dev", "one")
	expect("another address")
}

func TestWakingUp(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: seconds of waiting")
	}
	privateBus(t)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", os.Getenv("DBUS_SESSION_BUS_ADDRESS"))
	changes, _ := inOwnNetwork(t)
	logind := systemBus(t)
	if r, err := logind.RequestName(loginName, dbus.NameFlagDoNotQueue); err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("%v, %v", r, err)
	}
	liar := systemBus(t)
	say := func(conn *dbus.Conn, args ...any) {
		t.Helper()
		if err := conn.Emit(loginPath, loginName+".Manager.PrepareForSleep", args...); err != nil {
			t.Fatal(err)
		}
	}
	// Nobody says when the listener's match is in place; the signal is repeated
	// until it is.
	wait(t, "the first waking up", func() bool {
		say(logind, false)
		<-time.After(20 * time.Millisecond)
		return changes.Load() > 0
	})
	seen := settled(t, changes)
	say(liar, false)
	say(logind, true)
	say(logind, "false")
	say(logind)
	say(logind, false)
	begin := time.Now()
	wait(t, "waking up", func() bool { return changes.Load() > seen })
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("told after %v", took)
	}
	if n := settled(t, changes) - seen; n != 1 {
		t.Errorf("told %d times", n)
	}
}

// settled waits until nothing more is told: what was sent has been taken up,
// since D-Bus keeps the order, when a second has passed without a call.
func settled(t *testing.T, changes *atomic.Int32) int32 {
	t.Helper()
	last, since := changes.Load(), time.Now()
	wait(t, "silence", func() bool {
		if n := changes.Load(); n != last {
			last, since = n, time.Now()
		}
		return time.Since(since) > settlesMost+settles
	})
	return last
}

func systemBus(t *testing.T) *dbus.Conn {
	t.Helper()
	conn, err := dbus.ConnectSystemBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}
