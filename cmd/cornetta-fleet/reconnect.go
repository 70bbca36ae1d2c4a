package main

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

type reconnectCmd struct {
	Count int                   `default:"100" help:"How many dialers."`
	Link  config.ConnectionMode `enum:"on-demand,kept" default:"kept" help:"How long they keep a session: kept or on-demand, of which nothing should be seen."`
	For   time.Duration         `default:"5m" help:"How long to watch at most."`
}

// comeback is when one dialer's connection was lost and back while the PBX was
// restarted.
type comeback struct {
	lost, back time.Time // zero: not yet
}

func (c *reconnectCmd) Run(e *env) error {
	if err := bounded(c.Count, c.For, mostDialers, "dialers"); err != nil {
		return err
	}
	f := launch(e.ctx, e, c.Count, c.Link, nil)
	defer f.close()
	f.settle(e.ctx, c.Link)
	before := f.traffic.counts()
	if c.Link == config.ConnectionKept && before.open < c.Count {
		return fmt.Errorf("only %d of %d dialers have a session", before.open, c.Count)
	}
	var mu sync.Mutex // guards what follows
	links := make([]comeback, c.Count)
	troubles := tally{}
	remaining := c.Count
	done := make(chan struct{})
	var watchers sync.WaitGroup
	var cancels []func()
	for i, d := range f.dialers {
		snapshots, cancel := d.Subscribe()
		cancels = append(cancels, cancel)
		watchers.Go(func() {
			for s := range snapshots {
				mu.Lock()
				l := &links[i]
				switch {
				case s.Connection == status.Trouble && s.Trouble != nil:
					troubles[string(s.Trouble.Code)]++
					if l.lost.IsZero() {
						l.lost = time.Now()
					}
				case s.Connection == status.Connected && !l.lost.IsZero() && l.back.IsZero():
					l.back = time.Now()
					if remaining--; remaining == 0 {
						close(done)
					}
				}
				mu.Unlock()
			}
		})
	}
	fmt.Fprintf(e.out, "%d dialers, %d sessions. Restart the PBX now; watching for %v.\n", c.Count, before.open, c.For)

	t := time.NewTimer(c.For)
	select {
	case <-done:
	case <-t.C:
	case <-e.ctx.Done():
	}
	t.Stop()
	for _, cancel := range cancels {
		cancel()
	}
	watchers.Wait()
	return c.report(e, f, before, links, troubles)
}

func (c *reconnectCmd) report(e *env, f *fleet, before counts, links []comeback, troubles tally) error {
	var away []time.Duration
	var first, last time.Time
	lost := 0
	for _, l := range links {
		if l.lost.IsZero() {
			continue
		}
		lost++
		if first.IsZero() || l.lost.Before(first) {
			first = l.lost
		}
		if !l.back.IsZero() {
			away = append(away, l.back.Sub(l.lost))
			if l.back.After(last) {
				last = l.back
			}
		}
	}
	n := f.traffic.counts()
	rows := [][]string{
		{"lost their session", strconv.Itoa(lost)},
		{"came back", strconv.Itoa(len(away))},
		{"each was away", quantiles(away)},
		{"connections", strconv.Itoa(n.opened - before.opened)},
		{"refused by the network", strconv.Itoa(n.failed - before.failed)},
		{"bytes received", strconv.FormatInt(n.received-before.received, 10)},
	}
	if len(away) > 0 {
		rows = append(rows, []string{"from the first loss to the last return", last.Sub(first).Round(time.Millisecond).String()})
	}
	e.table(append(rows, troubles.rows()...)...)
	if c.Link == config.ConnectionKept && len(away) < c.Count {
		return errors.New("not every dialer has come back")
	}
	return nil
}
