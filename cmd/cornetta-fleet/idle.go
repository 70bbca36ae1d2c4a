package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/config"
)

type idleCmd struct {
	Count  int                   `default:"100" help:"How many dialers."`
	Link   config.ConnectionMode `enum:"on-demand,kept" default:"on-demand" help:"How long they keep a session: on-demand or kept."`
	Tells  bool                  `name:"incoming" help:"They keep their session and follow the calls that come in at their extension, with --extension in turn."`
	Looks  bool                  `name:"colleagues" help:"They look at the phones of their colleagues: a session each, and the PBX's list of extensions once."`
	For    time.Duration         `default:"1m" help:"How long to measure, with and without them."`
	Rounds int                   `default:"1" help:"How often to compare."`
	loadFlags
}

// loadFlags ask for calls that the PBX has meanwhile.
type loadFlags struct {
	Rate      float64  `default:"0" help:"Calls a second meanwhile, placed in one session beside; phones ring. The other side has to end them."`
	Extension []string `placeholder:"EXT,…" help:"Whose phones ring."`
	To        []string `placeholder:"NUMBER,…" help:"What is dialled, as typed on a phone."`
}

func (c *idleCmd) Run(e *env) error {
	if err := bounded(c.Count, c.For, mostDialers, "dialers"); err != nil {
		return err
	}
	if c.Rounds < 1 || c.Rounds > 100 {
		return usage("--rounds is 1 to 100")
	}
	calls, err := c.start(e)
	if err != nil {
		return err
	}
	defer calls.close()

	rows := [][]string{{"dialers", "sessions", "PBX, cores", "connections", "bytes received", "own, cores", "KB a dialer"}}
	var with, without []float64
	for range c.Rounds {
		for _, n := range []int{0, c.Count} {
			if e.ctx.Err() != nil {
				break
			}
			row, pbx := c.measure(e, n)
			rows = append(rows, row)
			if n == 0 {
				without = append(without, pbx)
			} else {
				with = append(with, pbx)
			}
		}
	}
	e.table(rows...)
	if low := median(without); low > 0 {
		fmt.Fprintf(e.out, "With them the PBX used %.3f times what it used without (medians).\n", median(with)/low)
	}
	if calls != nil {
		fmt.Fprintf(e.out, "Meanwhile %d calls were asked for; the PBX refused %d.\n", calls.placed.Load(), calls.refused.Load())
	}
	return nil
}

// measure has n dialers do nothing.
func (c *idleCmd) measure(e *env, n int) (row []string, pbx float64) {
	before := memory()
	mode := c.Link
	var extensions []string
	if c.Tells {
		mode, extensions = config.ConnectionKept, c.Extension
	}
	f := launch(e.ctx, e, n, mode, extensions)
	defer f.close()
	if c.Tells {
		for _, d := range f.dialers {
			_ = d.SetIncoming(e.ctx, true)
		}
	}
	if mode == config.ConnectionOnDemand {
		// As they are on a working day: each has logged in once.
		f.each(e.ctx, time.Duration(n)*time.Second/mostStarts, func(_ int, d *dialer.Dialer) {
			ctx, cancel := context.WithTimeout(e.ctx, answerWithin)
			defer cancel()
			_ = d.Check(ctx)
		})
	}
	if c.Looks {
		mode = config.ConnectionKept // as long as they look
		f.each(e.ctx, time.Duration(n)*time.Second/mostStarts, func(_ int, d *dialer.Dialer) {
			_, _, _ = d.Look(e.ctx) // f.close ends it; the sessions tell who does
		})
	}
	f.settle(e.ctx, mode)
	grown := memory() - before
	start, m := f.traffic.counts(), e.meter()
	wait(e.ctx, c.For)
	pbx, own := m.cores()
	end := f.traffic.counts()
	each := "-"
	if n > 0 {
		each = strconv.FormatInt(grown/int64(n)/1024, 10)
	}
	return []string{
		strconv.Itoa(n), strconv.Itoa(end.open), cores(pbx), strconv.Itoa(end.opened - start.opened),
		strconv.FormatInt(end.received-start.received, 10), cores(own), each,
	}, pbx
}

// settle waits, for a while, until as many sessions are open as there will be.
func (f *fleet) settle(ctx context.Context, mode config.ConnectionMode) {
	want := 0
	if mode == config.ConnectionKept {
		want = len(f.dialers)
	}
	for range 100 {
		if f.traffic.counts().open == want || !wait(ctx, 100*time.Millisecond) {
			return
		}
	}
}
