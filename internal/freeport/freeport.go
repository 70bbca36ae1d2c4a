// Package freeport finds ports of 127.0.0.1 for the servers of tests: for those started as
// processes, which have to be told a port before they listen on it, and for those that end
// before the test does.
package freeport

import (
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"strings"
)

// TCP and UDP return a port that nobody has at this moment, and that the system gives to
// nobody who asks for any port. One of those would soon be another test's: it is free
// until the server listens, and again while the server is restarted.
func TCP() (int, error) {
	return find(func(addr string) error {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			return err
		}
		return l.Close()
	})
}

// Listen listens on such a port, for a server in the test's own process that ends while
// others still ask for it: to be refused, or to find it there again.
func Listen() (l net.Listener, err error) {
	_, err = find(func(addr string) error {
		l, err = net.Listen("tcp", addr)
		return err
	})
	return l, err
}

// UDP is described at TCP.
func UDP() (int, error) {
	return find(func(addr string) error {
		c, err := net.ListenPacket("udp", addr)
		if err != nil {
			return err
		}
		return c.Close()
	})
}

func find(try func(addr string) error) (port int, err error) {
	const lowest, tries = 10_000, 100
	end := firstGivenOut()
	for range tries {
		port = lowest + rand.IntN(end-lowest)
		if err = try(net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return port, nil
		}
	}
	return 0, err
}

// firstGivenOut is where the ports begin that the system gives out by itself.
func firstGivenOut() int {
	const usual = 32_768
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return usual
	}
	fields := strings.Fields(string(text))
	if len(fields) == 0 {
		return usual
	}
	if n, err := strconv.Atoi(fields[0]); err == nil && n >= 11_000 {
		return n
	}
	return usual
}
