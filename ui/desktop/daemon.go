package desktop

import "context"

// Daemon is what shows notifications.
type Daemon struct {
	Name    string   // with its version; "" where the system does it
	Can     []string // the capabilities that it announces
	Buttons bool     // so that Hang up can be offered
}

// AskDaemon finds out what shows notifications, without showing one. It blocks for five
// seconds at most.
func AskDaemon(ctx context.Context) (Daemon, error) { return askDaemon(ctx) }
