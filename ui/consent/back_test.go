package consent

import (
	"testing"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/dialer/number"
)

// TestBack: whoever called is called back by the rules for what nobody typed: what costs
// more, or is a code, is asked about.
func TestBack(t *testing.T) {
	cfg := config.Default()
	cfg.Numbers.Region, cfg.Account.Prefix = "IT", "0"
	for given, want := range map[clean.Foreign]struct {
		dial  string
		plain bool
	}{
		"0501234507": {"00501234507", true}, "+390501234507": {"0", false}, "7105": {"7105", true},
		"+44 20 7946 0018": {"000442079460018", false}, "899123456": {"0899123456", false}, "*21#": {"*21#", false}, "": {"", false},
	} {
		m := Again(history.Entry{Way: call.CameIn, Given: given, Number: "0999"}, cfg)
		if m.Origin.Way != call.ByCallBack {
			t.Errorf("%q: by %q", given, m.Origin.Way)
		}
		if want.dial == "0" {
			continue // in national or international form, by another setting
		}
		if m.Dial != want.dial || (m.Outcome == number.Dial) != want.plain {
			t.Errorf("%q: %q, %v %v; want %+v", given, m.Dial, m.Outcome, m.Reasons, want)
		}
	}
}
