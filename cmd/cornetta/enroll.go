package main

import (
	"fmt"
	"io"
	"slices"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

type accountEnrollCmd struct {
	File        string `arg:""`
	Yes         bool
	YesToRisk   bool
	SecretStdin bool
}

// Run shows each line that an enrolment would change, and changes all of them or none.
// --yes answers for what is no risk; what takes away protection has a question of its own.
func (c *accountEnrollCmd) Run(e *env) error {
	if c.File == "-" && c.SecretStdin {
		return exit(exitUsage, words.Text(words.SayTwiceStdin))
	}
	enrolment, err := c.read(e)
	if err != nil {
		return err
	}
	cfg, err := e.load()
	if err != nil {
		return err
	}
	now, changes, err := enrolment.Apply(cfg)
	if err != nil {
		return err
	}
	which := ""
	if adds := enrolment.Adds(cfg); adds || cfg.Several() {
		which = words.EnrolmentAccount(now.Account.Name, adds)
	}
	var password *string
	if c.SecretStdin {
		p, err := await(e.ctx, func() (string, error) { return readSecret(e.in) })
		if err != nil {
			return err
		}
		password = &p
	}
	if len(changes) == 0 {
		fmt.Fprintln(e.out, words.Text(words.SayEnrolmentSame))
		if password == nil {
			return nil
		}
	} else if err := c.ask(e, enrolment, which, changes); err != nil {
		return err
	}
	err = e.setAccount(func(cfg *config.Config) (config.Account, error) {
		now, again, err := enrolment.Apply(*cfg)
		if err == nil && !slices.Equal(again, changes) {
			err = &status.Problem{Code: status.CodeAccountChanged}
		}
		if err == nil {
			*cfg = now
		}
		return now.Account, err
	}, password)
	if err == nil && len(changes) > 0 {
		fmt.Fprintln(e.out, words.Text(words.SayEnrolmentDone))
	}
	return err
}

func (c *accountEnrollCmd) read(e *env) (config.Enrolment, error) {
	if c.File != "-" {
		return config.OpenEnrolment(c.File, config.Login())
	}
	return await(e.ctx, func() (config.Enrolment, error) {
		return config.ReadEnrolment(io.LimitReader(e.in, maxInput+1), config.Login())
	})
}

// ask shows the changes, those that take away protection first, and has the person agree
// to them. which says of which account they are, where there are several.
func (c *accountEnrollCmd) ask(e *env, enrolment config.Enrolment, which string, changes []config.Change) error {
	if config.Risky(changes) {
		fmt.Fprintln(e.out, words.Text(words.HeadEnrolmentRisk))
		for _, change := range changes {
			if change.Risk {
				fmt.Fprintf(e.out, "  %s\n  %s\n", words.Change(change.Description(), change.Old, change.New), words.EnrolmentRisk(change.Key))
			}
		}
	}
	fmt.Fprintln(e.out, words.Text(words.HeadEnrolment))
	if enrolment.For != "" {
		fmt.Fprintf(e.out, "  %s\n", words.EnrolmentFor(enrolment.For))
	}
	if which != "" {
		fmt.Fprintf(e.out, "  %s\n", which)
	}
	for _, change := range changes {
		fmt.Fprintf(e.out, "  %s\n", words.Change(change.Description(), change.Old, change.New))
	}
	asks := e.atTerminal() && c.File != "-" && !c.SecretStdin
	if config.Risky(changes) && !c.YesToRisk && (!asks || !e.askYes(words.Text(words.SayEnrolmentRisk))) {
		return &status.Problem{Code: status.CodeEnrolmentRisk}
	}
	if !c.Yes && (!asks || !e.askYes(words.Text(words.SayEnrolmentAsk))) {
		return &status.Problem{Code: status.CodeEnrolmentAsks}
	}
	return e.ctx.Err()
}

type accountExportCmd struct {
	For       string
	Extension string
}

// Run prints an enrolment.
func (c *accountExportCmd) Run(e *env) error {
	cfg, err := e.load()
	if err != nil {
		return err
	}
	if cfg.Account.ValidateLogin() != nil {
		return dialer.ErrNotSetUp
	}
	return config.ExportEnrolment(e.out, words.Text(words.SayEnrolmentFile), cfg, c.For, c.Extension)
}
