//go:build linux

package desktop

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
	"golang.org/x/sys/unix"
)

const (
	loginName = "org.freedesktop.login1"
	loginPath = "/org/freedesktop/login1"

	// busAgain is when a system bus that is not there is looked for again.
	busAgain = time.Minute
)

// watchChanges listens to the kernel's routing socket and, where there is one,
// to logind. Each has a goroutine that ends with ctx; wait waits for both.
func watchChanges(ctx context.Context, log *slog.Logger, tell func(change)) (wait func(), err error) {
	routes, err := openRoutes()
	if err != nil {
		return nil, err
	}
	var wg sync.WaitGroup
	stop := context.AfterFunc(ctx, func() { _ = routes.Close() })
	wg.Go(func() {
		defer stop()
		readRoutes(routes, tell)
	})
	wg.Go(func() {
		for ctx.Err() == nil {
			if err := followSleep(ctx, tell); err != nil && ctx.Err() == nil {
				log.Debug("nobody tells of sleep", slog.Any("err", err))
			}
			again := time.NewTimer(busAgain)
			select {
			case <-again.C:
			case <-ctx.Done():
			}
			again.Stop()
		}
	})
	return wg.Wait, nil
}

// openRoutes opens rtnetlink(7) for links, addresses and routes. What is read
// from it is the kernel's: it takes no messages from users on these groups.
func openRoutes() (*os.File, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("desktop: netlink: %w", err)
	}
	err = unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: unix.RTMGRP_LINK |
		unix.RTMGRP_IPV4_IFADDR | unix.RTMGRP_IPV6_IFADDR | unix.RTMGRP_IPV4_ROUTE | unix.RTMGRP_IPV6_ROUTE})
	if err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("desktop: netlink: %w", err)
	}
	return os.NewFile(uintptr(fd), "rtnetlink"), nil
}

// readRoutes reports each datagram until f is closed. Its content does not matter,
// because networkNow looks for itself; nor does a lost one (ENOBUFS).
func readRoutes(f *os.File, tell func(change)) {
	buf := make([]byte, 16<<10)
	for {
		_, err := f.Read(buf)
		switch {
		case err == nil, errors.Is(err, unix.ENOBUFS):
			tell(network)
		default:
			return
		}
	}
}

// followSleep reports each end of a sleep until ctx ends or the system bus is gone.
func followSleep(ctx context.Context, tell func(change)) error {
	conn, err := dbus.SystemBusPrivate(dbus.WithContext(ctx))
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.Auth(nil); err != nil {
		return err
	}
	if err := conn.Hello(); err != nil {
		return err
	}
	signals := make(chan *dbus.Signal, 8)
	conn.Signal(signals)
	err = conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(loginName), dbus.WithMatchObjectPath(loginPath),
		dbus.WithMatchInterface(loginName+".Manager"), dbus.WithMatchMember("PrepareForSleep"))
	if err != nil {
		return err
	}
	for s := range signals {
		if s.Name != loginName+".Manager.PrepareForSleep" || len(s.Body) != 1 {
			continue
		}
		if begins, ok := s.Body[0].(bool); ok && !begins {
			tell(woke)
		}
	}
	return dbus.ErrClosed
}

// waysOut are the default routes.
func waysOut() []string {
	var ways []string
	v4, _ := os.ReadFile("/proc/thread-self/net/route") // without IPv4 there is none
	for line := range strings.Lines(string(v4)) {
		// Iface Destination Gateway Flags RefCnt Use Metric Mask …
		if f := strings.Fields(line); len(f) > 7 && f[1] == "00000000" && f[7] == "00000000" {
			ways = append(ways, f[0]+" "+f[2])
		}
	}
	v6, _ := os.ReadFile("/proc/thread-self/net/ipv6_route")
	for line := range strings.Lines(string(v6)) {
		// destination prefix-length source prefix-length next-hop metric … device
		if f := strings.Fields(line); len(f) == 10 && f[1] == "00" && strings.Trim(f[0], "0") == "" && f[9] != "lo" {
			ways = append(ways, f[9]+" "+f[4])
		}
	}
	return ways
}
