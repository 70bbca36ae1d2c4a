package agent

import (
	"strings"
	"testing"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
)

// TestCodes: the menu has the codes that there are, each with when it was dialled from here
// with this account, until the code that ends it was dialled.
func TestCodes(t *testing.T) {
	cfg := config.Default()
	cfg.Account = config.Account{Host: "pbx.example.com", Port: 5038, Username: "7101", Extension: "7101", Tenant: "12345678-1234-1234-1234-123456789abc", Syntax: config.SyntaxVariables, Timeout: config.Default().Account.Timeout}
	cfg.Codes = config.Codes{Forward: "811", ForwardOff: "8110", Disturb: "*78", DisturbOff: "*79", Voicemail: "*97"}
	if err := cfg.Account.Validate(); err != nil {
		t.Fatal(err)
	}
	var k codes
	now := time.Date(2026, 5, 4, 10, 30, 0, 0, time.Local)
	said := func(c config.Config) string {
		var keys []string
		for _, l := range k.lines(c) {
			if strings.Contains(l.Title, "10:30") {
				l.Key += "!"
			}
			keys = append(keys, l.Key)
		}
		return strings.Join(keys, " ")
	}
	ends := 0
	dialled := func(number string, state call.State) bool {
		ends++
		return k.saw(call.Snapshot{ID: string(rune('a' + ends)), Number: number, State: state}, cfg, now)
	}
	is := func(want string) {
		t.Helper()
		if got := said(cfg); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	is("forward forward_off disturb disturb_off voicemail")
	for _, number := range []string{"811", "8112", "0811234567", "8110501", "*97", "7102"} {
		if number != "8110501" && dialled(number, call.Ended) {
			t.Errorf("%s is none", number)
		}
	}
	if dialled("8117102", call.Failed) {
		t.Error("one that failed has set nothing")
	}
	dialled("8117102", call.Ended)
	is("forward! forward_off disturb disturb_off voicemail")
	dialled("8110", call.Ended) // which the other one begins like
	is("forward forward_off! disturb disturb_off voicemail")
	dialled("*78", call.Ended)
	is("forward forward_off! disturb! disturb_off voicemail")
	if k.saw(call.Snapshot{ID: string(rune('a' + ends)), Number: "*79", State: call.Ended}, cfg, now) {
		t.Error("the same call twice")
	}
	other := cfg
	other.Account.Username = "7102"
	if got := said(other); strings.Contains(got, "!") {
		t.Errorf("with another account: %s", got)
	}
	plain := config.Default()
	plain.Account = cfg.Account
	plain.Account.Syntax, plain.Account.Tenant = config.SyntaxPlain, ""
	if got := said(plain); got != "" {
		t.Errorf("without a KalliopePBX: %s", got)
	}
	if got := said(config.Default()); got != "" {
		t.Errorf("without an account: %s", got)
	}
}
