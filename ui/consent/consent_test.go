package consent

import (
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A number that is asked about first is dialled only with the very digits that
// were seen.
func TestConsent(t *testing.T) {
	a := config.Default().Rules()
	const text = "0 899 123456"
	var ask status.Offer
	for _, consent := range []string{"", "089912345", "899123456", "+"} {
		p, err := Plan(text, number.Typed, consent, a)
		problem := status.Find(err, status.CodeConfirm)
		if problem == nil || p.MayDial() {
			t.Fatalf("consent %q: %v, may dial: %v", consent, err, p.MayDial())
		}
		ask = problem.Offers[0]
		if s := err.Error(); strings.ContainsAny(s, "0123456789") || !strings.Contains(s, "premium") {
			t.Errorf("what may reach a log says %q", s)
		}
	}
	if ask.Shown != "0 899 123 456" || ask.Dial() != "0899123456" {
		t.Errorf("asked as %q, a yes is one to %q", ask.Shown, ask.Dial())
	}
	if p, err := Plan(text, number.Typed, ask.Dial(), a); err != nil || !p.MayDial() || p.Dial != "0899123456" {
		t.Errorf("with a yes: %+v, %v", p, err)
	}
	// Also what needs no yes is not dialled by one who has seen other digits.
	_, err := Plan("+39 050 1234567", number.Typed, "00390501234567", a)
	if other := status.Find(err, status.CodeConfirm); other == nil || other.Offers[0].Dial() != "00501234567" {
		t.Errorf("after other digits were seen: %v", err)
	}
	// A yes is none to what is no number.
	if p, err := Plan("x", number.Typed, "", a); err == nil || p.MayDial() {
		t.Error("a text without digits may be dialled")
	}
	// And what nobody asks about needs none.
	if p, err := Plan("7102", number.Typed, "", a); err != nil || !p.MayDial() {
		t.Errorf("%+v, %v", p, err)
	}
}

// signature is what people copy from the end of a letter: three numbers, one of
// them to be asked about first, among other lines.
const signature = "Ada Lovelace\r\nTel. 050 123402, fax (050) 123403\r\nservice: 899 123402\n"

// A yes to one of several numbers is one to its digits; to others it is none.
func TestPickOf(t *testing.T) {
	a := config.Default().Rules()
	for _, src := range []number.Source{number.Clipboard, number.Typed} {
		_, err := Plan(signature, src, "", a)
		several := status.Find(err, status.CodeSeveral)
		if several == nil {
			t.Fatalf("%s: %v", src, err)
		}
		var shown []string
		for _, c := range several.Offers {
			shown = append(shown, c.Shown+" "+strings.Join(c.Reasons, ","))
		}
		if got, want := strings.Join(shown, "|"), "0 050 123402 |0 899 123 402 premium|0 050 123403 "; got != want {
			t.Fatalf("%s: %q, want %q", src, got, want)
		}
		if s := err.Error(); strings.Contains(s, "123") {
			t.Errorf("what may reach a log says %q", s)
		}
		for _, c := range several.Offers {
			if p, err := Plan(signature, src, c.Dial(), a); err != nil || !p.MayDial() || p.Dial != c.Dial() {
				t.Errorf("%s: picked %s: %+v, %v", src, c.Shown, p, err)
			}
			// What is put into the entry of the dial window means itself there, or may.
			p := number.Parse(c.Dial(), number.Typed, a)
			if p.Dial != c.Dial() && !slices.ContainsFunc(p.Choices, func(o number.Plan) bool { return o.Dial == c.Dial() }) {
				t.Errorf("%s: typed as %s it dials %s for %v", c.Shown, c.Dial(), p.Dial, p.Reasons)
			}
		}
		if p, err := Plan(signature, src, "0050123404", a); err == nil || p.MayDial() {
			t.Errorf("%s: a number that is not in it may be dialled", src)
		}
	}
	if _, err := Plan("eins\nzwei", number.Clipboard, "", a); status.Find(err, status.CodeSeveral) != nil {
		t.Error("nothing to pick from")
	}
}
