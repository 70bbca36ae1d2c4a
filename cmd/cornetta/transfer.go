package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

type transferCmd struct {
	Number   []string `arg:"" optional:""`
	Attended bool
	Complete bool
	Cancel   bool
	JSON     bool `name:"json"`
	NoWait   bool
	Yes      bool
}

// Validate is called by kong, which treats its error as one of usage.
func (c *transferCmd) Validate() error {
	ways := 0
	for _, given := range []bool{len(c.Number) > 0, c.Complete, c.Cancel} {
		if given {
			ways++
		}
	}
	if ways != 1 || c.Attended && len(c.Number) == 0 {
		return exit(exitUsage, words.Text(words.SayOneTransfer))
	}
	return nil
}

func (c *transferCmd) Run(e *env) error {
	ctx, cancel := context.WithTimeout(e.ctx, controlTime)
	defer cancel()
	agent, err := control.Connect(ctx, instance)
	if errors.Is(err, ipc.ErrNotRunning) {
		return dialer.ErrNoTransferNow // no call is followed
	}
	if err != nil {
		return err
	}
	defer agent.Close()
	p := control.TransferParams{Number: strings.Join(c.Number, " "), Attended: c.Attended}
	switch {
	case c.Complete:
		p.Do = control.TransferComplete
	case c.Cancel:
		p.Do = control.TransferCancel
	}
	before, err := control.Status.Call(ctx, agent, ipc.None{})
	if err != nil {
		return err
	}
	transfer := func(p control.TransferParams) (ipc.None, error) { return control.Transfer.Call(e.ctx, agent, p) }
	_, err = asked(&dialCmd{Yes: c.Yes}, e, func() (ipc.None, error) { return transfer(p) },
		func(id uint64, _ status.Wish) (ipc.None, error) {
			return transfer(control.TransferParams{ID: id, Attended: c.Attended})
		})
	if err != nil || c.NoWait {
		return err
	}
	var news control.TransferNewsParams
	if before.Call != nil {
		news.Call = before.Call.ID
		if p.Do != control.TransferStart {
			news.Seen = before.Call.Transfer
		}
	}
	return c.follow(e, agent, news)
}

// print prints how the transfer stands, as `cornetta dial` prints a state of a call.
func (c *transferCmd) print(e *env, s call.Snapshot, now time.Time) error {
	if c.JSON {
		return json.NewEncoder(e.out).Encode(s.LineAt(now))
	}
	_, err := fmt.Fprintln(e.out, words.Transfer(s))
	return err
}

// follow prints how the transfer stands until it is decided, or until the person speaks to
// the third side, which is theirs to decide.
func (c *transferCmd) follow(e *env, agent *control.Client, news control.TransferNewsParams) error {
	for {
		r, err := control.TransferNews.Call(e.ctx, agent, news)
		if err != nil || r.Call == nil || r.Call.Transfer.Number == "" {
			return exit(exitUnknown, words.Text(words.SayNotFollowed))
		}
		news.Seen = r.Call.Transfer
		now := time.Now()
		if err := c.print(e, *r.Call, now); err != nil {
			return err
		}
		switch news.Seen.State {
		case call.TransferAsked, call.TransferRinging:
			continue
		case call.TransferTalking, call.TransferDone:
			return nil
		case call.TransferCancelled:
			if c.Cancel {
				return nil
			}
		case call.TransferUnknown:
			return exit(exitUnknown, "")
		}
		return exit(exitFailed, "")
	}
}
