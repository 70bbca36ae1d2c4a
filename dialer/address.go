package dialer

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"

	"cornetta/ami"
)

// resolve finds the addresses of cfg's host, and makes them those that ami.Dial tries,
// whatever the name resolves to by then. An error of the resolver is the one that
// ami.Dial would return.
func resolve(ctx context.Context, cfg *ami.Config) ([]string, error) {
	host, _, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return nil, &ami.NetworkError{What: "reading the address", Err: err}
	}
	lookup := cfg.LookupHost
	if lookup == nil {
		lookup = net.DefaultResolver.LookupHost
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	addrs, err := lookup(ctx, host)
	if err != nil {
		return nil, &ami.NetworkError{What: "the name's lookup", Err: err}
	}
	cfg.LookupHost = func(context.Context, string) ([]string, error) { return addrs, nil }
	return addrs, nil
}

// machines are the addresses in one form each, so that however a PBX is spelled its
// address is the same. All of this computer's own are one.
func machines(addrs []string) []netip.Addr {
	// Asked only where it matters: a Windows takes its time for them.
	own := sync.OnceValue(func() []net.Addr {
		addrs, _ := net.InterfaceAddrs() // without them only the loopback is known
		return addrs
	})
	var all []netip.Addr
	for _, text := range addrs {
		addr, err := netip.ParseAddr(text)
		if err != nil {
			continue // no connection can be made to it
		}
		addr = addr.Unmap().WithZone("")
		here := addr.IsLoopback() || addr.IsUnspecified() || slices.ContainsFunc(own(), func(a net.Addr) bool {
			n, ok := a.(*net.IPNet)
			return ok && n.IP.Equal(net.IP(addr.AsSlice()))
		})
		if here {
			addr = thisComputer
		}
		if !slices.Contains(all, addr) {
			all = append(all, addr)
		}
	}
	return all
}

// thisComputer is what machines has for this computer.
var thisComputer = netip.IPv4Unspecified()
