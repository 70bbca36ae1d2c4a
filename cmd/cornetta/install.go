package main

import (
	"errors"
	"fmt"

	"cornetta/ui/channel"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

type installCmd struct {
	NoAutostart bool `help:"Do not start Cornetta with the session."`
}

// Run makes Cornetta the present user's program for telephone links.
func (c *installCmd) Run(e *env) error {
	self, err := desktop.ThisProgram()
	if err != nil {
		return err
	}
	files, err := desktop.Register(desktop.Registration{Program: self, Links: true, Autostart: !c.NoAutostart})
	if err := told(e, "wrote", files, err); err != nil {
		return err
	}
	now, err := desktop.Query(e.ctx)
	if err == nil && !now.Links && !errors.Is(desktop.ChooseProgram(), errors.ErrUnsupported) {
		fmt.Fprintln(e.out, words.ChooseProgram())
	}
	return nil
}

type uninstallCmd struct{}

func (uninstallCmd) Run(e *env) error {
	files, err := desktop.Unregister()
	return told(e, "took away, or out of", files, err)
}

func told(e *env, what string, files []string, err error) error {
	for _, f := range files {
		fmt.Fprintln(e.out, what+" "+f)
	}
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return exit(exitFailed, "this is not done on this system yet.")
	case errors.Is(err, desktop.ErrNotEverywhere):
		fmt.Fprintln(e.err, "cornetta: "+words.Problem("desktop", channel.DesktopPartly, "").String())
		return nil
	case errors.Is(err, desktop.ErrForeign):
		return exit(exitFailed, err.Error()+"; it was left alone.")
	}
	return err
}
