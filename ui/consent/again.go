package consent

import (
	"slices"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

// ErrNoCallBefore: there is no call to be made again.
var ErrNoCallBefore = status.NewError(status.CodeNoCallBefore, "consent: no call before")

// Again is the plan for a call of before, with the account in use and the rules of now. What was
// given then is read again, so that it asks what it asked then. Where the rules make other
// digits of it, or it is not known, it is what was dialled, outside line and all; with
// another account than it was placed with, a person sees it first.
func Again(e history.Entry, cfg config.Config) Made {
	rules := cfg.Rules()
	origin := call.Origin{Way: call.ByRedial, Given: e.Given}
	other := otherAccount(e.Account.Text(), cfg)
	if given := e.Given.Text(); given != "" {
		for _, from := range sourcesOf(e.Way) {
			first := number.Parse(given, from, rules)
			for _, p := range append([]number.Plan{first}, first.Choices...) {
				if p.Dial == e.Number && p.Outcome != number.Error {
					p = decided(p)
					if other { // where the same digits may call somebody else
						p = asking(p)
					}
					return Made{Plan: p, Origin: origin}
				}
			}
			if other && first.Dial != "" && len(first.Choices) == 0 {
				return Made{Plan: asking(first), Origin: origin}
			}
		}
	}
	rules.TypedIs, rules.OwnRules = number.TypedKeypad, nil // a rule has made it what it is
	p := number.Parse(e.Number, number.Typed, rules)
	if other {
		p = asking(p)
	}
	return Made{Plan: p, Origin: origin}
}

// otherAccount reports whether a call was placed with another account than the one in use,
// by what the history has of it. An account that has got another name is still the same.
func otherAccount(text string, cfg config.Config) bool {
	name, login := call.AccountParts(text)
	switch {
	case text == "":
		return false
	case login != secret.Key(cfg.Account):
		return text != call.AccountText(cfg.Account.Name, secret.Key(cfg.Account)) // which was cut
	case name != "" && config.SameName(name, cfg.Account.Name):
		return false
	}
	// By a name of before, or by none: whichever has that login.
	return slices.ContainsFunc(cfg.Others, func(o config.Other) bool {
		return secret.Key(o.Account) == login || name != "" && config.SameName(o.Account.Name, name)
	})
}

// sourcesOf are the ways in which a number is read that was given by w. That a page asked
// for the call is no reason any more: now the person does.
func sourcesOf(w call.Way) []number.Source {
	switch w {
	case call.ByTyping, call.ByCommand, call.ByTest:
		return []number.Source{number.Typed}
	case call.ByRedial: // that is not known any more
		return []number.Source{number.Clipboard, number.Typed}
	}
	return []number.Source{number.Clipboard}
}

// decided is p without the doubt that is none any more, which of several readings was
// meant: it is the one that was dialled.
func decided(p number.Plan) number.Plan {
	p.Choices = nil
	p.Reasons = slices.DeleteFunc(slices.Clone(p.Reasons), func(r number.Reason) bool { return r == number.ReasonOutsideLine })
	if len(p.Reasons) == 0 {
		p.Outcome = number.Dial
	}
	return p
}

// asking is p, which a person has to see because of another account.
func asking(p number.Plan) number.Plan {
	if p.Outcome != number.Error {
		p.Outcome, p.Reasons = number.Confirm, append(slices.Clone(p.Reasons), ReasonOtherAccount)
	}
	return p
}
