package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"cornetta/ami"
	"cornetta/dialer"
	"cornetta/dialer/number"
)

// longestLoad is how old a call of the load gets.
const longestLoad = 30 * time.Second

// load places calls in one session and hangs up those that nobody ends. One
// goroutine does all of it; close waits for it.
type load struct {
	placed, refused atomic.Int64

	client *ami.Client
	next   func() (ami.Originate, error)
	ids    map[string]bool // the Linkedids of our calls
	cancel context.CancelFunc
	wg     sync.WaitGroup
}

// start begins with the calls that the flags ask for; nil for none.
func (c loadFlags) start(e *env) (*load, error) {
	if c.Rate == 0 {
		return nil, nil
	}
	if c.Rate < 0 || c.Rate > mostCalls {
		return nil, usage("--rate is at most %d", mostCalls)
	}
	pairs, err := e.access.pairs(c.Extension, c.To)
	if err != nil {
		return nil, err
	}
	l := &load{ids: make(map[string]bool)}
	i := 0
	l.next = func() (ami.Originate, error) {
		p := pairs[i%len(pairs)]
		i++
		a := e.access.account
		a.Extension = p.extension
		return dialer.Request(a, p.plan)
	}
	a := e.access.account
	cfg := ami.Config{
		Addr: net.JoinHostPort(a.Host, strconv.Itoa(a.Port)), Username: a.Username, Secret: e.access.password,
	}
	if a.TLS {
		cfg.TLS = &ami.TLS{ServerName: a.Host, Pin: a.TLSPin}
	}
	if l.client, err = ami.Dial(e.ctx, cfg); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(e.ctx))
	l.cancel = cancel
	l.wg.Go(func() { l.run(ctx, time.Duration(float64(time.Second)/c.Rate)) })
	return l, nil
}

func (l *load) run(ctx context.Context, every time.Duration) {
	tick, sweep := time.NewTicker(every), time.NewTicker(longestLoad/3)
	defer tick.Stop()
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			l.hangUp(0)
			return
		case <-sweep.C:
			l.hangUp(longestLoad)
		case <-tick.C:
			o, err := l.next()
			if err == nil {
				l.ids[o.ChannelID] = true
				_, err = l.client.Do(ctx, o)
			}
			l.placed.Add(1)
			if err != nil {
				l.refused.Add(1)
			}
		}
	}
}

// hangUp ends our calls that are that old. The Local channels of a call vanish
// while it goes on; its phones carry their id as Linkedid.
func (l *load) hangUp(age time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	list, err := l.client.List(ctx, ami.Status{}, nil)
	if err != nil {
		return
	}
	for _, item := range list {
		s, ok := item.(ami.ChannelStatus)
		if ok && l.ids[s.Channel.LinkedID] && time.Duration(s.Seconds)*time.Second >= age {
			_, _ = l.client.Do(ctx, ami.Hangup{Channel: s.Channel.Name, Cause: 16})
		}
	}
}

// close hangs up and logs off.
func (l *load) close() {
	if l == nil {
		return
	}
	l.cancel()
	l.wg.Wait()
	_ = l.client.Close()
}

// pair is who calls whom.
type pair struct {
	extension string
	plan      number.Plan
}

// pairs combines the extensions with the numbers, in turn.
func (a access) pairs(extensions, numbers []string) ([]pair, error) {
	if len(extensions) == 0 || len(numbers) == 0 {
		return nil, usage("calls make phones ring: name whose with --extension, and what is dialled with --to")
	}
	var all []pair
	for i := range max(len(extensions), len(numbers)) {
		account := a.account
		account.Extension = extensions[i%len(extensions)]
		if err := account.Validate(); err != nil {
			return nil, usage("--extension %q is none", account.Extension)
		}
		plan, err := a.plan(numbers[i%len(numbers)])
		if err != nil {
			return nil, err
		}
		all = append(all, pair{account.Extension, plan})
	}
	return all, nil
}

func (p pair) String() string { return fmt.Sprintf("%s calls %s", p.extension, p.plan.Shown()) }
