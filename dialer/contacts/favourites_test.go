package contacts

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cornetta/ami/clean"
	"cornetta/dialer/status"
)

func favourites(t *testing.T) *Favourites {
	return OpenFavourites(filepath.Join(t.TempDir(), "favourites.json"))
}

func numbersOf(t *testing.T, s *Favourites) string {
	t.Helper()
	all, err := s.List()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range all {
		out = append(out, f.Number.Text())
	}
	return strings.Join(out, ", ")
}

// A number is there once however it is written, and where the person puts it.
func TestFavourites(t *testing.T) {
	s := favourites(t)
	add := func(place int, number string, dialled bool, want string) {
		t.Helper()
		if err := s.Add(Favourite{Name: "Anna", Number: clean.Foreign(number), Dialled: dialled}, place, rules()); err != nil {
			t.Fatal(err)
		}
		if got := numbersOf(t, s); got != want {
			t.Errorf("%s at %d: %s, want %s", number, place, got, want)
		}
	}
	if got := numbersOf(t, s); got != "" {
		t.Error(got)
	}
	add(0, "+39 050 123402", false, "+39 050 123402")
	add(0, "7102", true, "+39 050 123402, 7102")
	add(0, "0050123402", true, "0050123402, 7102")
	add(2, "050/123402", false, "7102, 050/123402")
	add(1, "*401", true, "*401, 7102, 050/123402")
	add(99, "*401", true, "7102, 050/123402, *401")
	if err := s.Remove(Favourite{Number: "0050123402", Dialled: true}, rules()); err != nil {
		t.Fatal(err)
	}
	if err := s.Remove(Favourite{Number: "7999", Dialled: true}, rules()); err != nil {
		t.Fatal(err)
	}
	if got := numbersOf(t, s); got != "7102, *401" {
		t.Error(got)
	}
	for i := range MaxFavourites - 2 {
		if err := s.Add(Favourite{Number: clean.Foreign(fmt.Sprint(7200 + i)), Dialled: true}, 0, rules()); err != nil {
			t.Fatal(err)
		}
	}
	before := numbersOf(t, s)
	if err := s.Add(Favourite{Number: "7999", Dialled: true}, 1, rules()); !errors.Is(err, ErrManyFavourites) {
		t.Errorf("one too many: %v", err)
	}
	if err := s.Add(Favourite{Number: "7102", Dialled: true, Name: "Ugo"}, 0, rules()); err != nil || numbersOf(t, s) != before {
		t.Errorf("the same again: %v, %s", err, numbersOf(t, s))
	}
	var nobody *Favourites
	if all, err := nobody.List(); all != nil || err != nil {
		t.Error(all, err)
	}
}

// Whoever wrote the file: it is bounded, its texts are one clean line each, and one that
// cannot be read is named and not written over.
func TestFavouritesOfAnybody(t *testing.T) {
	s := favourites(t)
	var many []string
	for i := range 100 {
		many = append(many, fmt.Sprintf(`{"number":"%d","name":"a\u202e\nb","kind":"<x>"}`, 7000+i))
	}
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(s.path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(`{"favourites":[{"name":"nobody"},` + strings.Join(many, ",") + `]}`)
	all, err := s.List()
	if err != nil || len(all) != MaxFavourites-1 || all[0].Name != "a b" || all[0].Kind != "" {
		t.Errorf("%d, %+v, %v", len(all), all[0].Name.Text(), err)
	}
	// Whatever is added, the file can be read again.
	write(`{"favourites":[]}`)
	if err := s.Add(Favourite{Name: clean.Foreign(strings.Repeat("x", 2*maxFavouritesFile)), Number: "71\u202e02", Dialled: true}, 0, rules()); err != nil || numbersOf(t, s) != "7102" {
		t.Errorf("a long name: %v, %q", err, numbersOf(t, s))
	}
	for _, text := range []string{"", "{", `{"favourites":7}`, `{"favourites":[` + strings.Repeat(" ", maxFavouritesFile) + `]}`} {
		write(text)
		_, err := s.List()
		var p *status.Problem
		if !errors.As(err, &p) || p.Code != status.CodeSettingsSyntax || p.Path != s.path {
			t.Errorf("%.20q: %v", text, err)
		}
		if err := s.Add(Favourite{Number: "7102"}, 0, rules()); err == nil {
			t.Errorf("%.20q was written over", text)
		}
	}
}
