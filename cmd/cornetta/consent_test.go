package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/ui/consent"
)

// Where nobody can be asked the command line decides, and says so.
func TestConsentWithoutATerminal(t *testing.T) {
	tries := func(c *dialCmd) (tried []string, err error) {
		e := &env{ctx: t.Context(), streams: streams{strings.NewReader("y\n"), &bytes.Buffer{}, &bytes.Buffer{}}}
		_, err = asked(c, e, func(yes string) (number.Plan, error) {
			tried = append(tried, yes)
			return consent.Plan("0 899123456", number.Typed, yes, config.Default().Rules())
		})
		return tried, err
	}
	tried, err := tries(&dialCmd{})
	var refused *exitError
	if len(tried) != 1 || !errors.As(err, &refused) || refused.code != exitFailed || !strings.Contains(refused.msg, "0 899 123 456") {
		t.Errorf("tried %q: %v", tried, err)
	}
	tried, err = tries(&dialCmd{Yes: true})
	if strings.Join(tried, "|") != "|0899123456" || err != nil {
		t.Errorf("with --yes: tried %q: %v", tried, err)
	}
}
