package number

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// FuzzLink: whatever a web page writes into a link, it is asked about, and the
// digits that are shown and dialled are those that stand in it, in their order.
func FuzzLink(f *testing.F) {
	for _, c := range loadSpecification(f).Cases {
		if scheme, body, ok := strings.Cut(c.Input, ":"); ok && (scheme == "tel" || scheme == "callto") {
			number, parameters, _ := strings.Cut(body, ";")
			f.Add(number, parameters, scheme == "callto")
		}
	}
	f.Add("+39-050-1234502", "ext=12", false)
	f.Add("//%2B39%20050%201234502/", "phone-context=+39", true)
	f.Add("*21*0611223344#", "phone-context=pbx.example.com;isub=1", false)
	f.Add("7101", "m-x=1", false)
	f.Add("050%2525", "postd=pp22", false)
	f.Fuzz(func(t *testing.T, number, parameters string, callto bool) {
		scheme := "tel"
		if callto {
			scheme = "callto"
		}
		text := ":" + number
		if parameters != "" {
			text += ";" + parameters
		}
		// Nothing is added, and no country's rules rewrite anything.
		s := ReferenceSettings()
		s.Prefix, s.Plus, s.Region = "", PlusKeep, ""
		p := Parse(scheme+text, Link, s)
		check(t, p, s)
		loud := Parse(strings.ToUpper(scheme)+text, Link, s)
		if loud.Outcome != p.Outcome || loud.Dial != p.Dial || loud.Error != p.Error {
			t.Errorf("%q: %s %q, in capitals %s %q", scheme+text, p.Outcome, p.Dial, loud.Outcome, loud.Dial)
		}
		if p.Outcome == Error {
			return
		}
		if p.Outcome != Confirm || !slices.Contains(p.Reasons, ReasonLink) {
			t.Errorf("%q: %s for %v", p.Input, p.Outcome, p.Reasons)
		}
		head, _, _ := strings.Cut(number, ";")
		head, err := url.PathUnescape(head)
		if err != nil {
			t.Fatalf("%q: dials %q in spite of %v", p.Input, p.Dial, err)
		}
		written, dialled := keypad(head), keypad(p.Dial)
		exact := !slices.ContainsFunc(p.Steps, func(s Step) bool {
			// That a number is one of a text is a reason to ask of its own.
			return s.Rule == RulePostDial || s.Rule == RuleExtension || s.Rule == RuleTrunkZero || s.Rule == RuleExtract && len(p.Reasons) > 1
		})
		if exact && dialled != written || !within(dialled, written) {
			t.Errorf("%q: dials %q", p.Input, p.Dial)
		}
		if strings.HasPrefix(p.Dial, "+") && !strings.Contains(head, "+") {
			t.Errorf("%q: dials %q, and nobody wrote a plus", p.Input, p.Dial)
		}
	})
}

// keypad is what of a text has a key on a phone, in whatever script its digits are.
func keypad(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return '0' + digitValue(r)
		}
		if r == '＊' || r == '＃' {
			return r - '！' + '!'
		}
		if strings.ContainsRune("0123456789*#", r) {
			return r
		}
		return -1
	}, text)
}

// within tells whether all of a stands in b in the same order.
func within(a, b string) bool {
	for i := range len(b) {
		if a != "" && a[0] == b[i] {
			a = a[1:]
		}
	}
	return a == ""
}
