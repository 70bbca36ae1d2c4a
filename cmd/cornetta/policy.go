package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"text/tabwriter"

	"cornetta/dialer/config"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

type policyCmd struct {
	JSON bool `name:"json"`
}

// policyJSON is `policy --json`.
type policyJSON struct {
	Settings []policySettingJSON `json:"settings"`
	Problems []status.Problem    `json:"problems"` // of the policy
}

type policySettingJSON struct {
	Key   string        `json:"key"`
	Table string        `json:"table"` // of the settings file, "" for none
	Value string        `json:"value"`
	From  config.Origin `json:"from"`
	File  string        `json:"file,omitempty"` // with "default" and "locked": or the key of the registry
	Line  int           `json:"line,omitempty"`
}

// Run prints each setting as it is in force, and by whose will it is so.
func (c *policyCmd) Run(e *env) error {
	all, policy, err := e.store.Explain()
	if err != nil {
		return err
	}
	if c.JSON {
		out := policyJSON{Settings: []policySettingJSON{}, Problems: policy.Problems}
		for _, s := range all {
			out.Settings = append(out.Settings, policySettingJSON{
				s.Key, s.Group, s.Text, s.Origin, s.Rule.Source, s.Rule.Line,
			})
		}
		if out.Problems == nil {
			out.Problems = []status.Problem{}
		}
		enc := json.NewEncoder(e.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(out)
	}
	for _, p := range policy.Problems {
		e.tell(&p)
	}
	t := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	for _, s := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\n", s.Key, cmp.Or(s.Text, "-"), origin(s))
	}
	return t.Flush()
}

// origin says by whose will a setting has its value.
func origin(s config.InForce) string {
	switch s.Origin {
	case config.FromLocked:
		return words.LockedIn(s.Rule.Place())
	case config.FromDefault:
		return words.DefaultIn(s.Rule.Place())
	case config.FromSettings:
		return words.Text(words.LabelYourSettings)
	}
	return words.Text(words.LabelBuiltIn)
}
