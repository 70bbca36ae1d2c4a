package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/ui/words"
)

type accountListCmd struct {
	JSON  bool `name:"json" xor:"form"`
	Names bool `xor:"form"`
}

// Run lists all accounts; the one in use has a star.
func (c *accountListCmd) Run(e *env) error {
	cfg, err := e.load()
	if err != nil {
		return err
	}
	all := cfg.Accounts()
	if c.JSON {
		out := []accountJSON{}
		for _, a := range all {
			one, inUse := accountJSONOf(a), a == cfg.Account
			one.InUse = &inUse
			out = append(out, one)
		}
		return json.NewEncoder(e.out).Encode(out)
	}
	if c.Names {
		for _, a := range all {
			if a.Name != "" {
				fmt.Fprintln(e.out, a.Name)
			}
		}
		return nil
	}
	if len(all) == 0 {
		return dialer.ErrNotSetUp
	}
	t := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	for _, a := range all {
		star := " "
		if a == cfg.Account {
			star = "*"
		}
		fmt.Fprintf(t, "%s %s\t%s\t%s\n", star, words.NameOfAccount(a.Name), a.Extension, config.ShownHost(a.Host))
	}
	return t.Flush()
}

type accountUseCmd struct {
	Account string `arg:"" name:"name" completes:"account list --names"`
}

// Run puts an account in use. A call that goes on is followed to its end first.
func (c *accountUseCmd) Run(e *env) error {
	cfg, damage, err := e.store.Try(func(cfg *config.Config) (err error) {
		*cfg, err = cfg.Use(c.Account)
		return err
	})
	if err != nil {
		return err
	}
	e.tell(damage.Problem())
	e.networks.Choose(e.ctx, cfg.Account)
	e.reload()
	fmt.Fprintln(e.out, words.InUse(cfg.Account.Name))
	return nil
}

type accountAddCmd struct {
	Account string `arg:"" name:"name"`
	accountSetCmd
	Use bool
}

// Run adds an account, which is not in use unless that is wanted or it is the first.
func (c *accountAddCmd) Run(k *kong.Context, e *env) error {
	a, password, err := c.given(k, e)
	if err != nil {
		return err
	}
	if a.Name = c.Account; config.SameName(a.Name, "") {
		return &config.FieldError{Field: "name", Code: config.CodeMissing}
	}
	return e.setAccount(func(cfg *config.Config) (config.Account, error) {
		now, err := cfg.Add(a)
		if err == nil && c.Use {
			now, err = now.Use(a.Name)
		}
		if err == nil {
			*cfg = now
		}
		return a, err
	}, password)
}

type accountRenameCmd struct {
	Account string `arg:"" name:"name"`
	Of      string `completes:"account list --names"`
}

// Run gives the account in use, or another one, a name.
func (c *accountRenameCmd) Run(e *env) error {
	_, damage, err := e.store.Try(func(cfg *config.Config) (err error) {
		if cfg.Account.ValidateLogin() != nil && c.Of == "" {
			return dialer.ErrNotSetUp
		}
		if c.Of == "" {
			c.Of = cfg.Account.Name
		}
		*cfg, err = cfg.Rename(c.Of, c.Account)
		return err
	})
	if err != nil {
		return err
	}
	e.tell(damage.Problem())
	e.reload()
	return nil
}
