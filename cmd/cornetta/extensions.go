package main

import (
	"encoding/json"
	"fmt"

	"cornetta/dialer"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

type extensionsCmd struct {
	JSON bool `name:"json"`
}

func (c *extensionsCmd) Run(e *env) error {
	cfg, err := e.settings()
	if err != nil {
		return err
	}
	password, err := e.password(cfg.Account)
	if err != nil {
		return err
	}
	list, err := dialer.Extensions(e.ctx, e.logins, cfg.Account, password, e.log)
	if p := dialer.ProblemOf(err, status.AttemptList); p != nil && p.Code == status.CodeNoList {
		return exit(exitFailed, words.GiveExtension(words.Problem(*p).What))
	}
	if err != nil {
		return err
	}
	for i := range list {
		list[i].Hint = list[i].Hint.Line()
	}
	if c.JSON {
		if list == nil {
			list = []status.Extension{}
		}
		return json.NewEncoder(e.out).Encode(list)
	}
	if len(list) == 0 {
		fmt.Fprintln(e.out, words.GiveExtension(words.Text(words.SayListsNone)))
	}
	for _, x := range list {
		fmt.Fprintf(e.out, "%-8s %s\n", x.Number, x.Hint.Text())
	}
	return nil
}
