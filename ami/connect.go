package ami

import (
	"context"
	"errors"
	"net"
	"time"
)

// headStart is how long one address may take before the next is tried beside
// it (RFC 8305 says 250 ms).
const headStart = 250 * time.Millisecond

// connect resolves the name and opens a TCP connection to the first of its
// addresses that answers.
func connect(ctx context.Context, cfg Config) (net.Conn, error) {
	host, port, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return nil, &NetworkError{"reading the address", err}
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.ConnectTimeout)
	defer cancel()
	addrs, err := cfg.LookupHost(ctx, host)
	if err != nil {
		return nil, &NetworkError{"the name's lookup", err}
	}
	if len(addrs) == 0 { // the name exists, without addresses
		return nil, &NetworkError{"the name's lookup", &net.DNSError{Err: "no address", Name: host, IsNotFound: true}}
	}
	cfg.OnStep(StepResolve)
	conn, err := race(ctx, cfg, alternate(addrs), port)
	if err != nil {
		return nil, &NetworkError{"connecting", err}
	}
	cfg.OnStep(StepConnect)
	return conn, nil
}

// race tries the addresses, each headStart after the one before or as soon as
// one has failed, takes the first connection and closes any other. It returns
// after every attempt has ended. The error is the first address's.
func race(ctx context.Context, cfg Config, addrs []string, port string) (net.Conn, error) {
	type outcome struct {
		i    int
		conn net.Conn
		err  error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	outcomes := make(chan outcome)
	errs := make([]error, len(addrs))
	var winner net.Conn
	started, ended := 0, 0
	timer := time.NewTimer(0)
	defer timer.Stop()
	for started < len(addrs) && winner == nil && ctx.Err() == nil || ended < started {
		select {
		case <-timer.C:
			if started < len(addrs) && winner == nil && ctx.Err() == nil {
				go func(i int) {
					conn, err := cfg.DialContext(ctx, "tcp", net.JoinHostPort(addrs[i], port))
					outcomes <- outcome{i, conn, err}
				}(started)
				started++
				timer.Reset(headStart)
			}
		case o := <-outcomes:
			ended++
			switch {
			case o.err != nil:
				errs[o.i] = o.err
				timer.Reset(0)
			case winner == nil:
				winner = o.conn
				cancel()
			default:
				_ = o.conn.Close()
			}
		}
	}
	if winner != nil {
		return winner, nil
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return nil, errors.New("ami: no address was tried")
}

// alternate puts the two address families in turn, beginning with the one the
// resolver prefers, so that a broken one costs one headStart.
func alternate(addrs []string) []string {
	var one, two []string
	for _, a := range addrs {
		if isV6(a) == isV6(addrs[0]) {
			one = append(one, a)
		} else {
			two = append(two, a)
		}
	}
	mixed := make([]string, 0, len(addrs))
	for i := range max(len(one), len(two)) {
		if i < len(one) {
			mixed = append(mixed, one[i])
		}
		if i < len(two) {
			mixed = append(mixed, two[i])
		}
	}
	return mixed
}

func isV6(addr string) bool {
	for i := range len(addr) {
		if addr[i] == ':' {
			return true
		}
	}
	return false
}
