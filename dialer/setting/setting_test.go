package setting

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

type mode string

type part struct {
	Name   string
	On     bool
	Many   int
	Mode   mode
	While  time.Duration
	Others []string
	Lent   string
}

var described = []Of[part]{
	Text("name", func(p *part) *string { return &p.Name }, "x", func(s string) string {
		if len(s) > 3 {
			return CodeTooLong
		}
		return ""
	}),
	Switch("on", func(p *part) *bool { return &p.On }, true).From(2),
	Count("many", func(p *part) *int { return &p.Many }, 4, 1, 9).WithOption(Option{Name: "n"}),
	Choice("mode", func(p *part) *mode { return &p.Mode }, "near", "far"),
	Period("while", func(p *part) *time.Duration { return &p.While }, time.Second, time.Second, time.Minute),
	List("others", func(p *part) *[]string { return &p.Others }, func(all []string) string { return invalid(slices.Contains(all, "bad")) }).Optional(),
	Text("lent", func(p *part) *string { return &p.Lent }, "l", func(string) string { return "" }).FromElsewhere(),
}

// TestValues: what is read comes back as text; what is wrong has a code, is set all
// the same where it can be read, and is found again by Check.
func TestValues(t *testing.T) {
	for _, c := range []struct{ key, text, back, code string }{
		{"name", "abc", "abc", ""},
		{"name", "", "", ""},
		{"name", "abcd", "abcd", CodeTooLong},
		{"on", "true", "true", ""},
		{"on", "0", "false", ""},
		{"on", "maybe", "false", CodeInvalid},
		{"many", "9", "9", ""},
		{"many", "10", "10", CodeRange},
		{"many", "0", "0", CodeRange},
		{"many", "", "0", CodeMissing},
		{"many", "x", "0", CodeInvalid},
		{"mode", "far", "far", ""},
		{"mode", "", "", CodeInvalid},
		{"while", "1m", "1m0s", ""},
		{"while", "61s", "1m1s", CodeRange},
		{"while", "10", "0s", CodeInvalid},
		{"others", "a, b,", "a,b", ""},
		{"others", `["a", "b"]`, "a,b", ""},
		{"others", "", "", ""},
		{"others", "[1]", "", CodeInvalid},
		{"others", "a,bad", "a,bad", CodeInvalid},
	} {
		p := Usual(described)
		d, ok := Find(described, c.key)
		if code := d.Parse(&p, c.text); !ok || code != c.code || d.Text(&p) != c.back {
			t.Errorf("%s=%q: %q, %q", c.key, c.text, code, d.Text(&p))
		}
		var wrong *Error
		if err := Set(described, &p, c.key, c.text); (err != nil) != (c.code != "") || err != nil && (!errors.As(err, &wrong) || *wrong != Error{c.key, c.code}) {
			t.Errorf("%s=%q: %v", c.key, c.text, err)
		}
	}
	var wrong *Error
	if err := Set(described, new(part), "nothing", "1"); !errors.As(err, &wrong) || wrong.Code != CodeUnknown {
		t.Error(err)
	}
}

func TestUsual(t *testing.T) {
	p := Usual(described)
	if p.Name != "x" || !p.On || p.Many != 4 || p.Mode != "near" || p.While != time.Second || p.Others != nil || p.Lent != "l" {
		t.Errorf("%+v", p)
	}
	if err := Check(described, &p); err != nil {
		t.Error(err)
	}
	p.Mode, p.Many = "", 0
	var wrong *Error
	if err := Check(described, &p); !errors.As(err, &wrong) || *wrong != (Error{"many", CodeRange}) {
		t.Errorf("the first that is wrong: %v", err)
	}
}

// TestIn: the settings of a part are those of the whole, with their table.
func TestIn(t *testing.T) {
	type whole struct{ Left, Right part }
	all := slices.Concat(
		In("left", func(w *whole) *part { return &w.Left }, described),
		In("right", func(w *whole) *part { return &w.Right }, described))
	var keys []string
	for _, d := range all {
		keys = append(keys, d.Group+"."+d.Key)
	}
	want := "left.name left.on left.many left.mode left.while left.others right.name right.on right.many right.mode right.while right.others"
	if got := strings.Join(keys, " "); got != want {
		t.Error(got)
	}
	w := Usual(all)
	if w.Left.Many != 4 || w.Right.Many != 4 || w.Left.Lent != "" {
		t.Errorf("%+v", w)
	}
	many := all[8]
	if code := many.Parse(&w, "5"); code != "" || w.Right.Many != 5 || w.Left.Many != 4 || many.Text(&w) != "5" || many.Check(&w) != "" {
		t.Errorf("%q, %+v", code, w)
	}
	if many.Option == nil || many.Option.Name != "n" || many.Low != 1 || many.High != 9 || all[1].Since != 2 ||
		all[5].Since != math.MaxInt || strings.Join(all[3].Codes, " ") != "near far" {
		t.Errorf("%+v", all)
	}
}
