package consent

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// What has to be asked about first is dialled only by the id under which it was shown.
func TestAsk(t *testing.T) {
	rules := config.Default().Rules()
	var offers Offers
	made := Made{Plan: number.Parse("0 899123456", number.Typed, rules), In: 3}
	seen := offers.Offer(made)
	ask := status.Find(Ask(seen), status.CodeConfirm)
	if ask == nil || made.MayDial() {
		t.Fatalf("%+v, may dial: %v", seen, made.MayDial())
	}
	if s := ask.Error(); strings.ContainsAny(s, "0123456789") || !strings.Contains(s, "premium") {
		t.Errorf("what may reach a log says %q", s)
	}
	if o := ask.Offers[0]; o.Shown != "0 899 123 456" || o.Dial() != "0899123456" || o.ID == 0 {
		t.Errorf("asked as %+v", o)
	}
	if m, err := offers.Agreed(seen.ID, status.Wish{}); err != nil || !m.MayDial() || m.Dial != "0899123456" || m.In != 3 {
		t.Errorf("with a yes: %+v, %v", m, err)
	}
	// There is nothing to say yes to in what is no number.
	v := offers.Offer(Made{Plan: number.Parse("x", number.Typed, rules), In: 3})
	if err := Ask(v); v.ID != 0 || status.Find(err, status.CodeNotNumber) == nil {
		t.Errorf("a text without digits: %+v, %v", v, err)
	}
	// And what nobody asks about needs none.
	if v := offers.Offer(Made{Plan: number.Parse("7102", number.Typed, rules), In: 3}); Ask(v) != nil || v.Dial() != "7102" {
		t.Errorf("%+v", v)
	}
}

// An id is good for the plan that was shown under it or for nothing: not before it was
// given, not when it is forgotten, and never for another plan.
func TestOffers(t *testing.T) {
	var offers Offers
	unknown := func(id uint64) {
		t.Helper()
		if m, err := offers.Agreed(id, status.Wish{}); status.Find(err, status.CodeConfirm) == nil || m.MayDial() {
			t.Errorf("id %d is good for %+v, %v", id, m, err)
		}
	}
	unknown(0)
	unknown(1)
	unknown(maxOffers)
	var ids []uint64
	const shown = 3 * maxOffers
	for n := range shown {
		m := Made{Plan: number.Parse(fmt.Sprint(1000+n), number.Typed, number.ReferenceSettings()), In: dialer.Epoch(n)}
		ids = append(ids, offers.Offer(m).ID)
		unknown(ids[n] + 1)
		for past, id := range ids {
			if past <= n-maxOffers {
				unknown(id)
			} else if m, err := offers.Agreed(id, status.Wish{}); err != nil || m.Dial != fmt.Sprint(1000+past) || m.In != dialer.Epoch(past) {
				t.Fatalf("after %d: id %d is good for %+v, %v", n, id, m, err)
			}
		}
	}
	unknown(math.MaxUint64)
	var nobody *Offers
	if v := nobody.Offer(Made{}); v.ID != 0 {
		t.Errorf("an id where nobody can say yes: %+v", v)
	}
}

// signature is what people copy from the end of a letter: three numbers, one of
// them to be asked about first, among other lines.
const signature = "Ada Lovelace\r\nTel. 050 123402, fax (050) 123403\r\nservice: 899 123402\n"

// One of several numbers is picked by its id.
func TestPick(t *testing.T) {
	rules := config.Default().Rules()
	for _, src := range []number.Source{number.Clipboard, number.Typed} {
		var offers Offers
		err := Ask(offers.Offer(Made{Plan: number.Parse(signature, src, rules)}))
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
			if m, err := offers.Agreed(c.ID, status.Wish{}); err != nil || !m.MayDial() || m.Dial != c.Dial() {
				t.Errorf("%s: picked %s: %+v, %v", src, c.Shown, m, err)
			}
			// What is put into the entry of the dial window means itself there, or may.
			p := number.Parse(c.Dial(), number.Typed, rules)
			if p.Dial != c.Dial() && !slices.ContainsFunc(p.Choices, func(o number.Plan) bool { return o.Dial == c.Dial() }) {
				t.Errorf("%s: typed as %s it dials %s for %v", c.Shown, c.Dial(), p.Dial, p.Reasons)
			}
		}
	}
	if err := Ask(OfferOf(number.Parse("eins\nzwei", number.Clipboard, rules))); status.Find(err, status.CodeNotNumber) == nil {
		t.Errorf("nothing to pick from: %v", err)
	}
	// How the others are written comes from who wrote them.
	v := OfferOf(number.Parse("Tel. 050\u00a0\u00a0\u00a0123402, (050) 123403", number.Clipboard, rules))
	if len(v.Choices) != 2 || v.Choices[0].Text != clean.Text(v.Choices[0].Text, clean.Name) {
		t.Errorf("shown as written: %+v", v.Choices)
	}
}

// A code is dialled in front only where it was offered, and never in front of a call for help.
func TestCodeInFront(t *testing.T) {
	rules := config.Default().Rules()
	rules.WithholdCode, rules.AccountCodes = "*671", []string{"12 Rossi"}
	var offers Offers
	for text, want := range map[string]string{"050 1234507": "12*00501234507", "899 123456": "12*0899123456", "112": ""} {
		o := offers.Offer(Made{Plan: number.Parse(text, number.Typed, rules)})
		m, err := offers.Agreed(o.ID, status.Wish{Code: "12"})
		if want == "" {
			if len(o.Codes) != 0 || err != nil || m.Dial != text {
				t.Errorf("%s: %+v, %q, %v", text, o.Codes, m.Dial, err)
			}
			continue
		}
		if err != nil || m.Dial != want || len(o.Codes) != 2 || strings.ReplaceAll(o.Codes[1].Shown, " ", "") != want {
			t.Errorf("%s: %q, %+v, %v", text, m.Dial, o.Codes, err)
		}
		if _, err := offers.Agreed(o.ID, status.Wish{Code: "13"}); status.Find(err, status.CodeConfirm) == nil {
			t.Errorf("a code that is none: %v", err)
		}
		if _, err := Behind(Made{Plan: number.Parse(text, number.Typed, rules)}, "13"); status.Find(err, status.CodeField) == nil {
			t.Errorf("a code that is none: %v", err)
		}
	}
}
