package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"

	foreign "cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/contacts"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/ui/consent"
	"cornetta/ui/words"
)

type favouriteCmd struct {
	List   favouriteListCmd   `cmd:"" default:"withargs"`
	Add    favouriteAddCmd    `cmd:""`
	Remove favouriteRemoveCmd `cmd:""`
}

// favourites are those of this user.
func favourites() (*contacts.Favourites, error) {
	dir, err := config.DefaultDir()
	if err != nil {
		return nil, exit(exitFailed, words.Text(words.SayNoHome))
	}
	return contacts.OpenFavourites(filepath.Join(dir, "favourites.json")), nil
}

type favouriteListCmd struct {
	JSON bool `name:"json"`
}

// favouriteJSON is one of `contacts favourite --json`.
type favouriteJSON struct {
	Place   int    `json:"place"`
	Name    string `json:"name"`
	Company string `json:"company,omitempty"`
	numberJSON
}

func (c *favouriteListCmd) Run(e *env) error {
	all, rules, err := e.favourites()
	if err != nil {
		return err
	}
	list, err := all.List()
	if err != nil {
		return err
	}
	out := []favouriteJSON{}
	for i, f := range list {
		plan := favouritePlan(f, rules)
		n := numberJSON{f.Kind, f.Number.Text(), plan.Dial, plan.Reasons}
		if n.Reasons == nil {
			n.Reasons = []number.Reason{}
		}
		out = append(out, favouriteJSON{i + 1, f.Name.Text(), f.Company.Text(), n})
	}
	if c.JSON {
		enc := json.NewEncoder(e.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(out)
	}
	if len(out) == 0 {
		fmt.Fprintln(e.out, words.Text(words.SayNoFavourites))
	}
	for _, f := range out {
		what := f.Number
		if f.Kind != "" {
			what = words.KindAndNumber(string(f.Kind), what)
		}
		fmt.Fprintf(e.out, "%2d  %-18s  %s\n", f.Place, what, words.Person(f.Name, f.Company))
	}
	return nil
}

// favourites are the person's, and the rules by which numbers are read.
func (e *env) favourites() (*contacts.Favourites, number.Settings, error) {
	all, err := favourites()
	if err != nil {
		return nil, number.Settings{}, err
	}
	cfg, err := e.load()
	return all, cfg.Rules(), err
}

// favouritePlan is what calling f dials.
func favouritePlan(f contacts.Favourite, rules number.Settings) number.Plan {
	if f.Dialled {
		rules.TypedIs = number.TypedKeypad
		return number.Parse(f.Number.Text(), number.Typed, rules)
	}
	return number.Parse(f.Number.Text(), number.Clipboard, rules)
}

type favouriteAddCmd struct {
	Number string   `arg:""`
	Name   []string `arg:"" optional:""`
	Place  int
}

func (c *favouriteAddCmd) Run(e *env) error {
	all, rules, err := e.favourites()
	if err != nil {
		return err
	}
	if c.Place < 0 || c.Place > contacts.MaxFavourites {
		return exit(exitUsage, words.Text(words.SayNoSuchFavourite))
	}
	plan := number.Parse(c.Number, number.Typed, rules)
	if plan.Outcome == number.Error {
		return consent.NotNumber(plan.Error)
	}
	f := contacts.Favourite{Name: foreign.Foreign(strings.Join(c.Name, " ")), Number: foreign.Foreign(plan.Dial), Dialled: true}
	if cfg, err := e.store.Load(); err == nil && cfg.Account.Name != "" {
		f.Account = foreign.Foreign(call.AccountText(cfg.Account.Name, secret.Key(cfg.Account)))
	}
	if f.Name == "" {
		f.Name = contacts.Open(peoplePath()).Who(plan.Dial, rules)
	}
	return all.Add(f, c.Place, rules)
}

type favouriteRemoveCmd struct {
	Place int `arg:""`
}

func (c *favouriteRemoveCmd) Run(e *env) error {
	all, rules, err := e.favourites()
	if err != nil {
		return err
	}
	list, err := all.List()
	if err != nil {
		return err
	}
	if c.Place < 1 || c.Place > len(list) {
		return exit(exitFailed, words.Text(words.SayNoSuchFavourite))
	}
	return all.Remove(list[c.Place-1], rules)
}
