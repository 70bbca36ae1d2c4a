package desktop

import (
	"context"
	"errors"
	"time"
)

// errNoNetwork is Network's where there is none, or nothing tells it from others.
var errNoNetwork = errors.New("desktop: the network cannot be told from others")

// networkSettles is how long a network that has just come up may take until it can be
// told from others.
const networkSettles = 3 * time.Second

// Network names the network that this computer is in, so that it can be known again:
// by the connection that NetworkManager has made, where that is running, and by the
// hardware address of the gateway. Both, because a connection is also that of every
// network whose cable is plugged in, or that calls itself the same. The name is private
// and not for people. It blocks until a network that is just coming up is there, for
// three seconds at most. Where the system is not asked the error is
// errors.ErrUnsupported.
//
// It tells networks apart that do not know of each other. Who knows the gateway's
// address can take it on.
func Network(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, networkSettles)
	defer cancel()
	for {
		name, whole, err := networkName(ctx)
		if whole || err != nil {
			return name, err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			if name == "" {
				return "", errNoNetwork
			}
			return name, nil
		}
	}
}
