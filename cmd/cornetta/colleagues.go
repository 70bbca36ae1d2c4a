package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"cornetta/dialer"
	"cornetta/dialer/contacts"
	"cornetta/dialer/phone"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

type colleaguesCmd struct {
	JSON  bool     `name:"json"`
	Watch bool     `name:"watch"`
	Words []string `arg:"" optional:"" name:"words"`
}

// colleagueJSON is a line of `colleagues --json`.
type colleagueJSON struct {
	Extension string            `json:"extension"`
	State     status.PhoneState `json:"state"`
	Name      string            `json:"name,omitempty"`
}

// Run lists the colleagues in a session of its own. An interruption of --watch is no failure:
// there is no other end.
func (c *colleaguesCmd) Run(e *env) error {
	cfg, err := e.settings()
	if err != nil {
		return err
	}
	if !cfg.Colleagues.Show {
		return &status.Problem{Code: status.CodeColleaguesOff}
	}
	password, err := e.password(cfg.Account)
	if err != nil {
		return err
	}
	marked, err := favourites()
	if err != nil {
		return err
	}
	nameOf := contacts.Names(contacts.Open(peoplePath()), marked, cfg.Rules())
	board := phone.NewBoard()
	ctx, cancel := context.WithCancel(e.ctx)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- dialer.FollowColleagues(ctx, e.logins, cfg.Account, password, e.log, board) }()
	defer func() {
		if cancel(); ended != nil {
			<-ended
		}
	}()
	seq, told := uint64(0), 0
	wanted := strings.ToLower(strings.Join(c.Words, " "))
	for {
		changed := board.Changed()
		v := board.Since(seq, phone.MaxColleagues)
		switch {
		case v.Problem != nil:
			if v.Problem.Code == status.CodeNoList {
				return exit(exitFailed, words.ProblemInTerminal(*v.Problem))
			}
			return v.Problem
		case !v.Live && seq == 0: // the list is on its way
		default:
			seq = v.Seq
			slices.SortFunc(v.Changed, func(a, b status.Colleague) int {
				if len(a.Number) != len(b.Number) {
					return len(a.Number) - len(b.Number)
				}
				return strings.Compare(a.Number, b.Number)
			})
			for _, o := range v.Changed {
				known, _ := nameOf(o.Number)
				name := words.Clean(known)
				if !strings.HasPrefix(o.Number, wanted) && !hasWords(name, c.Words) {
					continue
				}
				told++
				if err := c.print(e, colleagueJSON{o.Number, o.State, name}); err != nil {
					return err
				}
			}
			if !c.Watch {
				if told == 0 && !c.JSON {
					none := words.SayNoColleagues
					if len(c.Words) > 0 {
						none = words.SayNoSuchColleague
					}
					fmt.Fprintln(e.out, words.Text(none))
				}
				return nil
			}
		}
		select {
		case <-changed:
		case err := <-ended:
			ended = nil
			if e.ctx.Err() != nil && c.Watch {
				return nil
			}
			if err == nil {
				err = e.ctx.Err()
			}
			return err
		}
	}
}

func (c *colleaguesCmd) print(e *env, o colleagueJSON) error {
	if c.JSON {
		return json.NewEncoder(e.out).Encode(o)
	}
	_, err := fmt.Fprintf(e.out, "%-8s %-14s %s\n", o.Extension, words.PhoneState(o.State), o.Name)
	return err
}

// hasWords reports whether each word begins one of the name, whatever its accents.
func hasWords(name string, all []string) bool {
	in := strings.Fields(contacts.Fold(name))
	return !slices.ContainsFunc(strings.Fields(contacts.Fold(strings.Join(all, " "))), func(w string) bool {
		return !slices.ContainsFunc(in, func(n string) bool { return strings.HasPrefix(n, w) })
	})
}
