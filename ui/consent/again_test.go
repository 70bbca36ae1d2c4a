package consent

import (
	"slices"
	"testing"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
)

// A call that is made again is asked about as it was the first time, and dials what was
// dialled, unless a person sees other digits first.
func TestAgain(t *testing.T) {
	cfg := config.Default()
	cfg.Account.Host, cfg.Account.Username = "pbx.example.com", "c2c"
	key := clean.Foreign(secret.Key(cfg.Account))
	for _, tc := range []struct {
		name  string
		e     history.Entry
		edit  func(*config.Config)
		dial  string
		asked []number.Reason // nil: it is dialled
	}{
		{"of an earlier version", history.Entry{Number: "0050123402"}, nil, "0050123402", nil},
		{"an extension", history.Entry{Number: "7102", Given: "7102", Way: call.ByTyping, Account: key}, nil, "7102", nil},
		{"copied", history.Entry{Number: "0050123402", Given: "050 123402", Way: call.ByCopy, Account: key}, nil, "0050123402", nil},
		{
			"copied, abroad",
			history.Entry{Number: "000442079460018", Given: "+44 20 7946 0018", Way: call.ByCopy, Account: key},
			nil,
			"000442079460018",
			[]number.Reason{number.ReasonInternational},
		},
		{
			"the same, once more",
			history.Entry{Number: "000442079460018", Given: "+44 20 7946 0018", Way: call.ByRedial, Account: key},
			nil,
			"000442079460018",
			[]number.Reason{number.ReasonInternational},
		},
		{
			"premium",
			history.Entry{Number: "0899123456", Given: "0 899123456", Way: call.ByTyping, Account: key},
			nil,
			"0899123456",
			[]number.Reason{number.ReasonPremium},
		},
		{"a link", history.Entry{Number: "0050123402", Given: "tel:+39050123402", Way: call.ByLink, Account: key}, nil, "0050123402", nil},
		{
			"with another account",
			history.Entry{Number: "9050123402", Given: "050 123402", Way: call.ByCopy, Account: "c2c@other:5038"},
			nil,
			"0050123402",
			[]number.Reason{ReasonOtherAccount},
		},
		{
			"with another account, given not",
			history.Entry{Number: "9050123402", Account: "c2c@other:5038"},
			nil,
			"9050123402",
			[]number.Reason{ReasonOtherAccount},
		},
	} {
		c := cfg
		if tc.edit != nil {
			tc.edit(&c)
		}
		m := Again(tc.e, c)
		if m.Dial != tc.dial || !slices.Equal(m.Reasons, tc.asked) || m.MayDial() != (tc.asked == nil) || m.Origin.Way != call.ByRedial {
			t.Errorf("%s: %q for %v, may dial: %v, %v", tc.name, m.Dial, m.Reasons, m.MayDial(), m.Error)
		}
	}
	// What is never called any more is not called again.
	c := cfg
	c.Numbers.Premium = "never"
	if m := Again(history.Entry{Number: "0899123456", Given: "899 123456", Way: call.ByCopy, Account: key}, c); m.MayDial() || m.Consented().MayDial() {
		t.Errorf("a premium number: %+v", m)
	}
}
