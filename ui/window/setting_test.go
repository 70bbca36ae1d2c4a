package window

import (
	"slices"
	"testing"

	"cornetta/dialer/config"
	"cornetta/ui/words"
)

// TestEverySettingHasItsPlace: each that is described stands somewhere in the
// settings and has a way to its value, but for the contexts of links, which only the file and
// policies have, and for the certificate that is trusted where it is shown.
func TestEverySettingHasItsPlace(t *testing.T) {
	d := newDesk(t)
	s := d.openSettings()
	var inPlace []string
	for _, rows := range []settingRows{s.form.others, s.others, s.numbers.settingRows, s.combos.settingRows, s.past, s.hooks.settingRows, s.phone.settingRows} {
		for _, r := range rows {
			if !r.placed {
				t.Errorf("%q has no place", r.Key)
			}
			inPlace = append(inPlace, r.Key)
		}
	}
	for key := range s.form.rows {
		inPlace = append(inPlace, key)
	}
	inPlace = append(inPlace, fieldRegion, fieldPin, fieldClipboard, fieldSelection, fieldRedial)
	for _, group := range []string{"", "keys", "history", "numbers", "hooks", "phone", "colleagues", "account", "codes"} {
		for _, set := range config.Settings(group) {
			if elsewhere := set.Key == "local_contexts"; elsewhere == slices.Contains(inPlace, set.Key) {
				t.Errorf("%q is set elsewhere: %v", set.Key, elsewhere)
			}
		}
	}
}

// TestRows: what a row shows is what it was given, by code, and what cannot be is
// said.
func TestRows(t *testing.T) {
	newDesk(t)
	edits := 0
	rows := slices.Concat(newSettingRows(nil, "", func() { edits++ }), newSettingRows(nil, "keys", func() { edits++ }),
		newSettingRows(nil, "numbers", func() { edits++ }), newSettingRows(nil, "account", func() { edits++ }))
	want := config.Default()
	for key, text := range map[string]string{
		"link": "kept", "copy_highlighted": "true", "plus": "keep", "typed_is": "public", "ext_max_len": "7",
		"host": "pbx.example.com", "port": "5039", "syntax": "wrapper", "timeout": "2.5s",
	} {
		s, _ := config.Described(key)
		if code := s.Parse(&want, text); code != "" {
			t.Fatal(key, code)
		}
	}
	rows.load(want)
	got := config.Default()
	rows.read(&got)
	if got.Connection != want.Connection || got.Keys != want.Keys || got.Account != want.Account || got.Numbers.Plus != want.Numbers.Plus ||
		got.Numbers.TypedIs != want.Numbers.TypedIs || got.Numbers.ExtMaxLen != want.Numbers.ExtMaxLen {
		t.Errorf("%+v, want %+v", got, want)
	}
	if edits == 0 {
		t.Error("nothing was said to be edited")
	}
	timeout, length := rows.row(fieldTimeout), rows.row(fieldLength)
	if e := timeout.input.(*entry); e.Text != "2.5" {
		t.Errorf("a time is shown as %q", e.Text)
	}
	length.show("16")
	if !rows.draw() || length.note.Text != words.FieldError(fieldLength, config.CodeRange).String() {
		t.Errorf("%q", length.note.Text)
	}
	if first := (settingRows{timeout, length}).wrong(); first != length.input {
		t.Errorf("to correct: %v", first)
	}
	choice := rows.row(fieldTyped).input.(*choice)
	if choice.code() != "public" || choice.Selected != words.FieldValue(fieldTyped, "public") {
		t.Errorf("%q, shown as %q", choice.code(), choice.Selected)
	}
	choice.pick("nonsense")
	if choice.code() != "plan" || choice.Selected != words.FieldValue(fieldTyped, "plan") {
		t.Errorf("what there is not is %q, shown as %q", choice.code(), choice.Selected)
	}
	if newChoice(nil, []string{"a", "b"}, func(code string) string { return code }, func() {}).code() != "a" {
		t.Error("where nothing is chosen it is not the first")
	}
	cells := rows.cells(fieldTimeout, fieldLength)
	if cells[0] != timeout.label || cells[2] != length.label || len(cells) != 2*len(rows) || len(rows.cells()) != 0 {
		t.Errorf("%d cells for %d rows", len(cells), len(rows))
	}
}
