package number

import "testing"

// However a number is written, dialled or told, it is one.
func TestKey(t *testing.T) {
	s := DefaultSettings()
	s.Region, s.Prefix = "IT", "0"
	want := KeyOf("0050123402", s)
	if want == 0 || want.Digits() != "39050123402" {
		t.Fatalf("%d, %q", want, want.Digits())
	}
	for _, text := range []string{
		"050123402", "+39050123402", "+39 050 123402", "050/123402", "050-123402", "0039 050 123402", "(050) 123402",
		"Tel. 050 123402", "+39 (050) 123-402", "tel:+39-050-123402", "０５０ 123402",
	} {
		l := List(text, s)
		if len(l) != 1 || l[0].Key != want || l[0].Text != text {
			t.Errorf("%q: %+v", text, l)
		}
	}
	for _, dial := range []string{"050123402", "+39050123402", "0039050123402", "00039050123402", "0050123402"} {
		if got := KeyOf(dial, s); got != want {
			t.Errorf("dialled as %s: %s", dial, got.Digits())
		}
	}
	// As many keys as there are numbers.
	different := map[Key]string{}
	for _, dial := range []string{"0050123402", "0050123403", "7102", "0333123402", "000442079460958", "07102", "123402", "112"} {
		k := KeyOf(dial, s)
		if was, ok := different[k]; ok || k == 0 {
			t.Errorf("%s is %q", dial, was)
		}
		different[k] = dial
	}
	if KeyOf("*43", s) != 0 || KeyOf("", s) != 0 || KeyOf("123456789012345678901", s) != 0 {
		t.Error("a code, nothing or too much has a key")
	}
	if got := KeyOf("0441", s); got.Digits() != "0441" || got&inside == 0 {
		t.Errorf("an extension with a zero in front: %q", got.Digits())
	}
	// Without an outside line and without a country.
	s.Prefix = ""
	if KeyOf("050123402", s) != want || KeyOf("0039050123402", s) != want {
		t.Error("without an outside line")
	}
	s.Region = ""
	if KeyOf("050123402", s).Digits() != "050123402" || KeyOf("+39050123402", s) != want {
		t.Error("without a country")
	}
	// The habit of other countries.
	s.Region, s.Prefix = "GB", "9"
	for _, text := range []string{"020 7946 0958", "+44 20 7946 0958", "+44 (0)20 7946 0958", "0044 20 7946 0958"} {
		if l := List(text, s); len(l) != 1 || l[0].Key.Digits() != "442079460958" {
			t.Errorf("%q: %+v", text, l)
		}
	}
	if KeyOf("902079460958", s).Digits() != "442079460958" {
		t.Error("behind the outside line")
	}
}

func TestList(t *testing.T) {
	s := DefaultSettings()
	s.Region, s.Prefix = "IT", "0"
	for text, want := range map[string][]string{
		"":                        nil,
		"ask Anna":                nil,
		"050 123402 / 050 123403": {"050 123402", "050 123403"},
		"050 123402; 333 1234567": {"050 123402", "333 1234567"},
		"7102":                    {"7102"},
		"+39 050 123402 ext. 12":  {"+39 050 123402 ext. 12"},
		"+44 20 7946 0958":        {"+44 20 7946 0958"},
		"*43":                     {"*43"},
		"12.10.2024":              nil,
		// A switchboard's, of which only the digits that differ are written.
		"050 123402/3":              {"050 123402", "050 123403"},
		"050/123402/3":              {"050 123402", "050 123403"},
		"+39 050 123402 / 3 / 4":    {"+39 050 123402", "+39 050 123403", "+39 050 123404"},
		"050 1234 02/03":            {"050 1234 02", "050 1234 03"},
		"050 123402/403":            {"050 123402", "050 123403"},
		"050 123402/123403":         {"050 123402", "050 123403"},
		"050 123402/333 1234567":    {"050 123402", "333 1234567"},
		"050/123402":                {"050/123402"},
		"333/1234567":               {"333/1234567"},
		"050 123402/3/":             {"050 123402/3/"},
		"050 123402/x":              {"050 123402/x"},
		"0586 123456/7/8/9/0/1":     {"0586 123456/7/8/9/0/1"}, // more than are taken out of one text
		"050 123402\n050 123403\n?": {"050 123402", "050 123403"},
	} {
		var got []string
		for _, l := range List(text, s) {
			got = append(got, l.Text)
		}
		if len(got) != len(want) {
			t.Errorf("%q: %q, want %q", text, got, want)
			continue
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%q: %q, want %q", text, got, want)
			}
		}
	}
}

// What is taken for plain is what Parse makes of it.
func FuzzList(f *testing.F) {
	for _, s := range []string{"+39 050 123402", "050123402", "7102", "+390501234", "0039050", "050-123402", "+-1 1", "333 12345678"} {
		f.Add(s, "IT")
	}
	f.Add("020 7946 0958", "GB")
	f.Fuzz(func(t *testing.T, text, home string) {
		s := DefaultSettings()
		s.Region, s.Prefix = home, "0"
		k := plainKey(text, s)
		if k == 0 {
			return
		}
		p := Parse(text, Clipboard, s)
		if p.Outcome == Error || KeyOf(p.Dial, s) != k {
			t.Errorf("%q in %q: %s, Parse says %s %s (%s)", text, home, k.Digits(), p.Outcome, p.Error, KeyOf(p.Dial, s).Digits())
		}
		for _, l := range List(text, s) {
			_ = l.Key.Digits()
		}
	})
}
