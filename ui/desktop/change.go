package desktop

import (
	"context"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"
)

// change is what a system reports.
type change int

const (
	woke    change = iota // the computer was asleep
	network               // something about addresses, links or routes
)

// A network that comes up is reported by a dozen messages.
const (
	settles     = 500 * time.Millisecond // after so long without a message it is up
	settlesMost = 1500 * time.Millisecond
)

// FollowChanges calls changed, on its own goroutine, within two seconds after
// the computer woke or came into another network, until ctx ends; it blocks so
// long. Messages that leave the addresses and the default routes as they were do not
// count: there are many all day. Where the system reports nothing the
// error is errors.ErrUnsupported or says what is missing.
func FollowChanges(ctx context.Context, log *slog.Logger, changed func()) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	told := make(chan change)
	wait, err := watchChanges(ctx, log, func(c change) {
		select {
		case told <- c:
		case <-ctx.Done():
		}
	})
	if err != nil {
		return err
	}
	defer wait()
	defer cancel()
	last := networkNow()
	for {
		var sleep bool
		select {
		case <-ctx.Done():
			return nil
		case c := <-told:
			sleep = c == woke
		}
		quiet, most := time.NewTimer(settles), time.NewTimer(settlesMost)
		for waiting := true; waiting; {
			select {
			case c := <-told:
				sleep = sleep || c == woke
				quiet.Reset(settles)
			case <-quiet.C:
				waiting = false
			case <-most.C:
				waiting = false
			case <-ctx.Done():
				waiting = false
			}
		}
		quiet.Stop()
		most.Stop()
		if now := networkNow(); ctx.Err() == nil && (sleep || now != last) {
			last = now
			changed()
		}
	}
}

// networkNow describes the network, to compare it with later: the addresses that
// others can reach, and the default routes.
func networkNow() string {
	var all []string
	addrs, _ := net.InterfaceAddrs() // without them there is no network either
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			all = append(all, n.String())
		}
	}
	all = append(all, waysOut()...)
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " ")
}
