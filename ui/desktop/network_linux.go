//go:build linux

package desktop

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"

	"github.com/godbus/dbus/v5"
)

const (
	managerName = "org.freedesktop.NetworkManager"
	managerPath = "/org/freedesktop/NetworkManager"
	activeName  = managerName + ".Connection.Active"
	noObject    = "/" // where there is no connection

	stateConnecting = 40 // NM_STATE_CONNECTING
	discardedPort   = "9"
)

// networkName is Network as far as it is known now; whole says that waiting will not
// tell more.
func networkName(ctx context.Context) (name string, whole bool, err error) {
	uuid, coming := managed(ctx)
	routes, _ := os.ReadFile("/proc/thread-self/net/route")
	device, gateway := wayOut(string(routes))
	mac := ""
	if gateway.IsValid() {
		neighbours, _ := os.ReadFile("/proc/thread-self/net/arp")
		if mac = hardware(string(neighbours), device, gateway); mac == "" {
			ask(gateway)
		}
	}
	if uuid == "" && mac == "" && !coming && !gateway.IsValid() {
		return "", false, errNoNetwork
	}
	if uuid != "" || mac != "" {
		name = "connection " + uuid + " gateway " + mac
	}
	return name, !coming && (mac != "" || uuid != "" && !gateway.IsValid()), nil
}

// managed is the UUID of the connection that NetworkManager has made and that leads to
// the internet; coming says that it may be about to make one. Nothing is started for it.
func managed(ctx context.Context) (uuid string, coming bool) {
	conn, err := dbus.SystemBusPrivate(dbus.WithContext(ctx))
	if err != nil {
		return "", false
	}
	defer conn.Close()
	if conn.Auth(nil) != nil || conn.Hello() != nil {
		return "", false
	}
	get := func(path dbus.ObjectPath, of, property string) (v dbus.Variant) {
		call := conn.Object(managerName, path).CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, of, property)
		_ = call.Store(&v) // none is no answer as well
		return v
	}
	primary, ok := get(managerPath, managerName, "PrimaryConnection").Value().(dbus.ObjectPath)
	if !ok {
		return "", false // it does not run
	}
	if primary == noObject || !primary.IsValid() {
		state, _ := get(managerPath, managerName, "State").Value().(uint32)
		return "", state == stateConnecting
	}
	uuid, _ = get(primary, activeName, "Uuid").Value().(string)
	return uuid, false
}

// wayOut reads the default route that counts from the text of /proc/net/route. One
// of a modem, for instance, has no gateway.
func wayOut(routes string) (device string, gateway netip.Addr) {
	least := uint64(1 << 63)
	for line := range strings.Lines(routes) {
		// Iface Destination Gateway Flags RefCnt Use Metric Mask …
		f := strings.Fields(line)
		if len(f) < 8 || f[1] != "00000000" || f[7] != "00000000" {
			continue
		}
		metric, err := strconv.ParseUint(f[6], 10, 32)
		raw, errHex := hex.DecodeString(f[2])
		if err != nil || errHex != nil || len(raw) != 4 || metric >= least {
			continue
		}
		// As the kernel has it in memory.
		addr := netip.AddrFrom4([4]byte(binary.NativeEndian.AppendUint32(nil, binary.BigEndian.Uint32(raw))))
		if least, device, gateway = metric, f[0], addr; addr.IsUnspecified() {
			gateway = netip.Addr{}
		}
	}
	return device, gateway
}

// hardware reads the gateway's hardware address from the text of /proc/net/arp, "" where
// it has not answered yet.
func hardware(neighbours, device string, gateway netip.Addr) string {
	for line := range strings.Lines(neighbours) {
		// IP address, HW type, Flags, HW address, Mask, Device
		f := strings.Fields(line)
		if len(f) != 6 || f[0] != gateway.String() || f[5] != device {
			continue
		}
		if flags, err := strconv.ParseUint(f[2], 0, 16); err == nil && flags&2 != 0 && strings.Trim(f[3], "0:") != "" { // ATF_COM
			return f[3]
		}
	}
	return ""
}

// ask has the kernel look for the gateway's hardware address, by a datagram that nobody
// reads.
func ask(gateway netip.Addr) {
	if conn, err := net.Dial("udp", net.JoinHostPort(gateway.String(), discardedPort)); err == nil {
		_, _ = conn.Write([]byte{0})
		_ = conn.Close()
	}
}
