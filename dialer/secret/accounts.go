package secret

import (
	"slices"

	"cornetta/dialer/config"
)

// Keys are the keys of all accounts of c that a login can be tried with, each once:
// several may be the same user of one PBX.
func Keys(c config.Config) []string {
	var all []string
	for _, a := range c.Accounts() {
		if a.ValidateLogin() == nil && !slices.Contains(all, Key(a)) {
			all = append(all, Key(a))
		}
	}
	return all
}

// Dropped are the keys that no account of now has any more, and one of before had: their
// secrets are of no use.
func Dropped(before, now config.Config) []string {
	kept := Keys(now)
	return slices.DeleteFunc(Keys(before), func(key string) bool { return slices.Contains(kept, key) })
}
