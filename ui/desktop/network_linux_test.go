//go:build linux

package desktop

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

func TestWayOut(t *testing.T) {
	const head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
	for text, want := range map[string]string{
		"":   " invalid IP",
		head: " invalid IP",
		head + "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n": "eth0 192.168.1.1",
		head + "eth0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n" +
			"wlan0\t00000000\tFE0A0A0A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n": "wlan0 10.10.10.254",
		head + "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n": " invalid IP",
		head + "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n":   "ppp0 invalid IP",
		head + "eth0\t00000000\tzz\t0003\t0\t0\tx\t00000000\t0\t0\t0\nshort\n":  " invalid IP",
	} {
		device, gateway := wayOut(text)
		if got := device + " " + gateway.String(); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestHardware(t *testing.T) {
	const table = `IP address       HW type     Flags       HW address            Mask     Device
192.168.1.1      0x1         0x2         02:00:00:00:00:01     *        eth0
192.168.1.1      0x1         0x2         02:00:00:00:00:02     *        wlan0
192.168.1.2      0x1         0x0         00:00:00:00:00:00     *        eth0
192.168.1.3      0x1         0x0         02:00:00:00:00:03     *        eth0
broken
`
	for addr, want := range map[string]string{
		"192.168.1.1": "02:00:00:00:00:01", "192.168.1.2": "", "192.168.1.3": "", "192.168.1.4": "",
	} {
		if got := hardware(table, "eth0", netip.MustParseAddr(addr)); got != want {
			t.Errorf("%s: %q, want %q", addr, got, want)
		}
	}
}

// inNetwork runs f in a network of its own, joined by a cable to another computer that
// is its gateway; hardware changes that one's address, as another network has another.
func inNetwork(t *testing.T, f func(hardware func(string))) {
	t.Helper()
	type place struct {
		path string
		err  error
	}
	enter := func(made chan<- place, over <-chan struct{}) {
		runtime.LockOSThread() // and never unlocked, so that the thread ends with the goroutine
		err := unix.Unshare(unix.CLONE_NEWNET)
		made <- place{fmt.Sprintf("/proc/%d/task/%d/ns/net", os.Getpid(), unix.Gettid()), err}
		<-over
	}
	made, over, done := make(chan place), make(chan struct{}), make(chan struct{})
	defer close(over)
	go enter(made, over)
	gateway := <-made
	if errors.Is(gateway.err, unix.EPERM) && os.Getenv("CI") == "" {
		t.Skip("making networks needs root")
	}
	if gateway.err != nil {
		t.Fatal(gateway.err)
	}
	ip := func(in string, args ...string) {
		cmd := exec.CommandContext(t.Context(), "ip", args...)
		if in != "" {
			cmd = exec.CommandContext(t.Context(), "nsenter", append([]string{"--net=" + in, "ip"}, args...)...)
		}
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("ip %s: %v: %s", strings.Join(args, " "), err, out)
		}
	}
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			t.Error(err)
			return
		}
		ip("", "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", gateway.path)
		ip("", "addr", "add", "192.0.2.7/24", "dev", "cable")
		ip(gateway.path, "addr", "add", "192.0.2.1/24", "dev", "cable")
		ip(gateway.path, "link", "set", "cable", "up")
		ip("", "link", "set", "cable", "up")
		ip("", "route", "add", "default", "via", "192.0.2.1")
		f(func(mac string) {
			ip(gateway.path, "link", "set", "cable", "address", mac)
			ip("", "neigh", "flush", "dev", "cable")
		})
	}()
	<-done
}

// manager is a NetworkManager on a bus of its own.
type manager struct {
	mu      sync.Mutex // guards what follows
	primary dbus.ObjectPath
	uuid    string
	state   uint32
}

func (m *manager) set(primary dbus.ObjectPath, uuid string, state uint32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.primary, m.uuid, m.state = primary, uuid, state
}

func (m *manager) Get(_, property string) (dbus.Variant, *dbus.Error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch property {
	case "PrimaryConnection":
		return dbus.MakeVariant(m.primary), nil
	case "State":
		return dbus.MakeVariant(m.state), nil
	case "Uuid":
		return dbus.MakeVariant(m.uuid), nil
	}
	return dbus.Variant{}, dbus.NewError("org.freedesktop.DBus.Error.UnknownProperty", nil)
}

const active = dbus.ObjectPath("/org/freedesktop/NetworkManager/ActiveConnection/7")

// startManager puts it on a bus that is the system's for the time of the test.
func startManager(t *testing.T) *manager {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "bus")
	cmd := exec.CommandContext(t.Context(), "dbus-daemon", "--session", "--nofork", "--address=unix:path="+socket)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() })
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+socket)
	var conn *dbus.Conn
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		var err error
		if conn, err = dbus.Connect("unix:path=" + socket); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = conn.Close() })
	m := new(manager)
	for _, path := range []dbus.ObjectPath{managerPath, active} {
		if err := conn.Export(m, path, "org.freedesktop.DBus.Properties"); err != nil {
			t.Fatal(err)
		}
	}
	if reply, err := conn.RequestName(managerName, dbus.NameFlagDoNotQueue); err != nil || reply != dbus.RequestNameReplyPrimaryOwner {
		t.Fatal(reply, err)
	}
	return m
}

// TestNetwork: in real networks, and with what NetworkManager says.
func TestNetwork(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	name := func(what string) string {
		t.Helper()
		name, err := Network(context.Background())
		if err != nil || name == "" {
			t.Errorf("%s: %q, %v", what, name, err)
		}
		return name
	}
	inNetwork(t, func(hardware func(string)) {
		hardware("02:00:00:00:00:01")
		office := name("office")
		if again := name("office again"); again != office {
			t.Errorf("%q became %q", office, again)
		}
		hardware("02:00:00:00:00:02")
		if hotel := name("hotel"); hotel == office {
			t.Errorf("another gateway is %q as well", hotel)
		}
		hardware("02:00:00:00:00:01")
		if again := name("back in the office"); again != office {
			t.Errorf("%q became %q", office, again)
		}
		// With NetworkManager both count.
		m := startManager(t)
		m.set(active, "11111111-2222-3333-4444-555555555555", 70)
		home := name("home")
		m.set(active, "11111111-2222-3333-4444-666666666666", 70)
		if other := name("another connection"); other == home || home == office || other == office {
			t.Errorf("%q, %q and %q", office, home, other)
		}
		m.set(active, "11111111-2222-3333-4444-555555555555", 70)
		hardware("02:00:00:00:00:02")
		if other := name("the same connection elsewhere"); other == home {
			t.Errorf("%q twice", home)
		}
		hardware("02:00:00:00:00:01")
		m.set(noObject, "", stateConnecting) // it is coming
		later := time.AfterFunc(300*time.Millisecond, func() { m.set(active, "11111111-2222-3333-4444-555555555555", 70) })
		defer later.Stop()
		if again := name("while it connects"); again != home {
			t.Errorf("%q became %q", home, again)
		}
		m.set(noObject, "", 20) // it looks after nothing
		if again := name("not managed"); again != office {
			t.Errorf("%q became %q", office, again)
		}
	})
}

// TestNoNetwork: nothing that could be told from others.
func TestNoNetwork(t *testing.T) {
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	done := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			if name, errName := Network(context.Background()); name != "" || !errors.Is(errName, errNoNetwork) {
				err = fmt.Errorf("%q, %w", name, errName)
			}
		}
		done <- err
	}()
	if err := <-done; err != nil && (!errors.Is(err, unix.EPERM) || os.Getenv("CI") != "") {
		t.Error(err)
	}
}
