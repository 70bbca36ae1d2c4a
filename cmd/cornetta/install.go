package main

import (
	"errors"
	"fmt"

	"cornetta/dialer/status"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

type installCmd struct {
	NoAutostart bool
	Quiet       bool
}

// Run makes Cornetta the present user's program for telephone links.
func (c *installCmd) Run(e *env) error {
	self, err := desktop.ThisProgram()
	if err != nil {
		return err
	}
	files, err := desktop.Register(desktop.Registration{Program: self, Links: true, Autostart: !c.NoAutostart})
	if err := told(e, words.Wrote, files, err); err != nil {
		return err
	}
	if desktop.ForAllUsers(self) {
		fmt.Fprintln(e.out, words.Text(words.SayForAllUsers))
	}
	now, err := desktop.Query(e.ctx)
	if !c.Quiet && err == nil && !now.Links && !errors.Is(desktop.ChooseProgram(), errors.ErrUnsupported) {
		fmt.Fprintln(e.out, words.ChooseProgram())
	}
	return nil
}

type uninstallCmd struct {
	Forget bool
}

func (c *uninstallCmd) Run(e *env) error {
	files, err := desktop.Unregister()
	if err := told(e, words.TookAway, files, err); err != nil {
		return err
	}
	if self, err := desktop.ThisProgram(); err == nil && desktop.ForAllUsers(self) {
		fmt.Fprintln(e.out, words.Text(words.SayForAllUsers))
	}
	if !c.Forget {
		return nil
	}
	if err := (&quitCmd{}).Run(e); err != nil { // it would write them again
		return err
	}
	return e.forgetAll()
}

func told(e *env, say func(file string) string, files []string, err error) error {
	for _, f := range files {
		fmt.Fprintln(e.out, say(f))
	}
	switch {
	case errors.Is(err, desktop.ErrNotEverywhere):
		complain(e.err, sentence(err, status.AttemptRegister).msg)
		return nil
	case errors.Is(err, desktop.ErrForeign):
		return exit(exitFailed, words.LeftAlone(err))
	}
	return err
}
