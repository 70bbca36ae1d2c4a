//go:build windows

package desktop

import (
	"context"
	"encoding/binary"
	"net"
	"unsafe"

	"golang.org/x/sys/windows"
)

var sendARP = windows.NewLazySystemDLL("iphlpapi.dll").NewProc("SendARP")

// networkName asks the gateway of the adapter that counts for its hardware address.
func networkName(context.Context) (name string, whole bool, err error) {
	gateway, ok := wayOut()
	if !ok {
		return "", false, errNoNetwork
	}
	if sendARP.Find() != nil {
		return "", false, errNoNetwork
	}
	var mac [8]byte
	n := uint32(len(mac))
	code, _, _ := sendARP.Call(uintptr(binary.NativeEndian.Uint32(gateway[:])), 0,
		uintptr(unsafe.Pointer(&mac[0])), uintptr(unsafe.Pointer(&n)))
	if code != errorSuccess || n == 0 || n > uint32(len(mac)) {
		return "", false, nil // it may answer yet
	}
	return "gateway " + net.HardwareAddr(mac[:n]).String(), true, nil
}

// wayOut is the IPv4 gateway of the adapter with the least metric.
func wayOut() (gateway [4]byte, ok bool) {
	const flags = windows.GAA_FLAG_INCLUDE_GATEWAYS | windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST | windows.GAA_FLAG_SKIP_DNS_SERVER
	size := uint32(16 << 10)
	var all []byte
	for range 3 { // adapters may come in between
		all = make([]byte, size)
		err := windows.GetAdaptersAddresses(windows.AF_INET, flags, 0, (*windows.IpAdapterAddresses)(unsafe.Pointer(&all[0])), &size)
		if err == nil {
			break
		}
		all = nil
		if err != windows.ERROR_BUFFER_OVERFLOW { //nolint:errorlint // it is one of the system's own
			return gateway, false
		}
	}
	if all == nil {
		return gateway, false
	}
	least := uint32(1<<32 - 1)
	for a := (*windows.IpAdapterAddresses)(unsafe.Pointer(&all[0])); a != nil; a = a.Next {
		if a.OperStatus != windows.IfOperStatusUp || a.Ipv4Metric >= least {
			continue
		}
		for g := a.FirstGatewayAddress; g != nil; g = g.Next {
			if ip := g.Address.IP().To4(); ip != nil {
				least, gateway, ok = a.Ipv4Metric, [4]byte(ip), true
				break
			}
		}
	}
	return gateway, ok
}
