package main

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/number"
	"cornetta/ui/channel"
)

// A number that is asked about first is dialled only with the very digits that
// were seen.
func TestConsent(t *testing.T) {
	a := numbersOf(config.Default())
	const text = "0 899 123456"
	var ask *confirmError
	for _, consent := range []string{"", "089912345", "899123456", "+"} {
		p, err := plan(text, consent, a)
		if !errors.As(err, &ask) || p.MayDial() {
			t.Fatalf("consent %q: %v, may dial: %v", consent, err, p.MayDial())
		}
	}
	if ask.shown != "0 899 123 456" || ask.dial() != "0899123456" {
		t.Errorf("asked as %q, a yes is one to %q", ask.shown, ask.dial())
	}
	if s := ask.Error(); strings.Contains(s, "89912") || !strings.Contains(s, "456") {
		t.Errorf("what may reach a log says %q", s)
	}
	if p, err := plan(text, ask.dial(), a); err != nil || !p.MayDial() || p.Dial != "0899123456" {
		t.Errorf("with a yes: %+v, %v", p, err)
	}
	// Also what needs no yes is not dialled by one who has seen other digits.
	var other *confirmError
	if _, err := plan("+39 050 1234567", "00390501234567", a); !errors.As(err, &other) || other.dial() != "00501234567" {
		t.Errorf("after other digits were seen: %v", err)
	}
	// A yes is none to what is no number.
	if p, err := plan("x", "", a); err == nil || p.MayDial() {
		t.Error("a text without digits may be dialled")
	}
	// And what nobody asks about needs none.
	if p, err := plan("7102", "", a); err != nil || !p.MayDial() {
		t.Errorf("%+v, %v", p, err)
	}

	over := fromAgent(toClient(ask)) // through the control socket
	var back *confirmError
	if !errors.As(over, &back) || back.shown != ask.shown || strings.Join(back.reasons, " ") != "premium" {
		t.Errorf("arrives as %+v", over)
	}
	var refusal *control.Refusal
	if !errors.As(toClient(ask), &refusal) || refusal.Reason != reasonConfirm {
		t.Errorf("refused as %+v", refusal)
	}
}

// Where nobody can be asked the command line decides, and says so.
func TestConsentWithoutATerminal(t *testing.T) {
	tries := func(c *dialCmd) (tried []string, err error) {
		e := &env{ctx: t.Context(), streams: streams{strings.NewReader("y\n"), &bytes.Buffer{}, &bytes.Buffer{}}}
		_, err = asked(c, e, func(consent string) (number.Plan, error) {
			tried = append(tried, consent)
			return plan("0 899123456", consent, numbersOf(config.Default()))
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

// TestRulesOfTheSettings: the settings' values are number's, and those of a person
// who never changed any are its defaults.
func TestRulesOfTheSettings(t *testing.T) {
	if diff := cmp.Diff(number.DefaultSettings(), numbersOf(config.Default())); diff != "" {
		t.Error(diff)
	}
	var s number.Settings
	for key, values := range map[string][]string{
		"plus":               {config.PlusZeros, config.PlusKeep},
		"confirm":            {config.ConfirmLinks, config.ConfirmAlways, config.ConfirmTrusted},
		"typed_is":           {config.TypedPlan, config.TypedKeypad, config.TypedPublic},
		"typed_line":         {config.LineAsk, config.LineMissing, config.LineTyped},
		"link_feature_codes": {config.LinkCodesConfirm, config.LinkCodesBlock},
	} {
		for _, v := range values {
			if err := s.Set(key, v); err != nil {
				t.Error(err)
			}
		}
	}
	c := config.Default()
	c.Account.Prefix = "9"
	c.Numbers = config.Numbers{
		Region: "DE", Plus: config.PlusKeep, Confirm: config.ConfirmAlways, ExtMaxLen: 7, TypedIs: config.TypedPublic, TypedLine: config.LineTyped,
		LinkFeatureCodes: config.LinkCodesBlock, LocalContexts: []string{"pbx.example.com"},
	}
	want := number.Settings{
		Region: "DE", Prefix: "9", Plus: number.PlusKeep, Confirm: number.ConfirmAlways, ExtMaxLen: 7,
		TypedIs: number.TypedPublic, TypedLine: number.LineTyped, LinkFeatureCodes: number.CodesBlock, LocalContexts: []string{"pbx.example.com"},
	}
	if diff := cmp.Diff(want, numbersOf(c)); diff != "" {
		t.Error(diff)
	}
}

func TestPreviewSaysWhy(t *testing.T) {
	a := &agent{cfg: config.Default()}
	c := &clerk{a}
	v := c.Preview(context.Background(), "0 899123456")
	if v.Problem != nil || v.Dial != "0899123456" || v.Shown != "0 899 123 456" || strings.Join(v.Reasons, " ") != "premium" {
		t.Errorf("%+v", v)
	}
	if p := c.Dial(context.Background(), "0 899123456"); p == nil || p.Kind != channel.KindCall || p.Code != channel.CallConfirm {
		t.Errorf("dialled without a yes: %v", p)
	}
	if p := c.DialConfirmed(context.Background(), "0 899123456", "0899123457", false); p == nil || p.Code != channel.CallConfirm {
		t.Errorf("dialled with a yes to another number: %v", p)
	}
	if v := c.Preview(context.Background(), "+39 050 1234567"); v.Shown != "0 050 123 4567" || len(v.Reasons) != 0 {
		t.Errorf("%+v", v)
	}
	if v := c.Preview(context.Background(), "06 1234567x"); v.Problem == nil || v.Problem.Code != string(number.Letters) {
		t.Errorf("%+v", v)
	}
}
