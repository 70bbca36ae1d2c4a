package main

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/config"
)

type checkCmd struct {
	Count  int           `default:"100" help:"How many dialers."`
	Within time.Duration `default:"1m" help:"The time in which all of them are started."`
}

func (c *checkCmd) Run(e *env) error {
	if err := bounded(c.Count, c.Within, mostStarts, "checks"); err != nil {
		return err
	}
	f := launch(e.ctx, e, c.Count, config.ConnectionOnDemand, nil)
	defer f.close()
	m := e.meter()
	var mu sync.Mutex // guards what follows
	var took []time.Duration
	failed := tally{}
	f.each(e.ctx, c.Within, func(_ int, d *dialer.Dialer) {
		ctx, cancel := context.WithTimeout(e.ctx, answerWithin)
		defer cancel()
		began := time.Now()
		err := d.Check(ctx)
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			failed[trouble(err)]++
			return
		}
		took = append(took, time.Since(began))
	})
	pbx, _ := m.cores()
	n := f.traffic.counts()
	e.table(append([][]string{
		{"checks answered", strconv.Itoa(len(took)) + " of " + strconv.Itoa(c.Count)},
		{"time", quantiles(took)},
		{"connections", strconv.Itoa(n.opened)},
		{"sessions open at once", strconv.Itoa(f.traffic.mostOpen())},
		{"bytes received", strconv.FormatInt(n.received, 10)},
		{"PBX, cores", cores(pbx)},
	}, failed.rows()...)...)
	if len(took) < c.Count {
		return errors.New("not every check was answered well")
	}
	return nil
}
