package clean

import (
	"strings"
	"testing"
	"unicode/utf8"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestText(t *testing.T) {
	x := strings.Repeat
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", ""},
		{"plain", "Anna Rossi", "Anna Rossi"},
		{"accents, other scripts, combining marks", "Zoë e\u0301 Łukasz 田中 עמית", "Zoë e\u0301 Łukasz 田中 עמית"},
		{"an emoji", "☎ 😀", "☎ 😀"},
		{"markup is not our business", "<b>&amp;\"'", "<b>&amp;\"'"},
		{"line breaks", "a\r\nb\nc\u2028d\u2029e\u0085f", "a b c d e f"},
		{"tabs and runs of spaces", " \ta \t \u00a0 b\u3000c  ", "a b c"},
		{"controls", "a\x00b\x07c\x1b[31md\x7fe\u009bf", "abc[31mdef"},
		{"bidi", "a\u202eb\u202dc\u2066d\u2069e\u200ff\u061cg", "abcdefg"},
		{"zero width", "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg", "abcdefg"},
		{"fillers that draw nothing", "a\u3164b\u2800c\u115fd\u034fe", "abcde"},
		{"tags and private use", "a\U000e0041b\ue000c\U000f0000d", "abcd"},
		{"noncharacters", "a\ufffeb\U0001ffffc", "abc"},
		{"not UTF-8", "a\xffb\xc3", "a\ufffdb\ufffd"},
		{"only invisible", "\u200b\u202e \n", ""},
		{"64 stay", x("a", 64), x("a", 64)},
		{"65 are cut", x("a", 65), x("a", 63) + "…"},
		{"64 of several bytes stay", x("é", 64), x("é", 64)},
		{"65 of several bytes are cut", x("é", 65), x("é", 63) + "…"},
		{"what is removed does not count", x("a\u200b", 64), x("a", 64)},
		{"a space at the cut goes", x("a", 62) + " " + x("b", 9), x("a", 62) + "…"},
		{"a space at the end does not make it too long", x("a", 64) + "  ", x("a", 64)},
		{"forty marks on a letter", "e" + x("\u0301", 40) + "f", "e\u0301\u0301f"},
		{"a space before the last", x("a", 63) + " b", x("a", 63) + "…"},
	} {
		if got := Text(c.in, Name); got != c.want {
			t.Errorf("%s: Text(%q) = %q, want %q", c.name, c.in, got, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "a b", "\u202e\xff\n", strings.Repeat(" a", 70), strings.Repeat("\xf0", 90)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Text(s, Name)
		switch {
		case !utf8.ValidString(got):
			t.Fatalf("%q: not UTF-8", got)
		case utf8.RuneCountInString(got) > Name:
			t.Fatalf("%q: too long", got)
		case got != strings.TrimSpace(got) || strings.Contains(got, "  "):
			t.Fatalf("%q: stray spaces", got)
		case Text(got, Name) != got:
			t.Fatalf("%q becomes %q the second time", got, Text(got, Name))
		}
		for _, r := range got {
			if r < ' ' || r == 0x7f || invisible(r) {
				t.Fatalf("%q holds %U", got, r)
			}
		}
	})
}

// A text of the usual kind costs nothing: there is one for each event of the PBX.
func TestPlainTextIsNotCopied(t *testing.T) {
	if n := testing.AllocsPerRun(10, func() { Text("Anna Rossi", Name) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
