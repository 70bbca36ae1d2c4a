package contacts

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"cornetta/ami/clean"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/internal/durable"
)

// Favourite is a number that a person wants at hand.
type Favourite struct {
	Name    clean.Foreign `json:"name,omitempty"` // whose it is; "" where nobody is known
	Company clean.Foreign `json:"company,omitempty"`
	Kind    Kind          `json:"kind,omitempty"`
	Number  clean.Foreign `json:"number"`
	// Dialled says that Number is what is dialled, outside line and all. Else it is as a
	// directory has it, and is read as what was copied is.
	Dialled bool `json:"dialled,omitempty"`
	// Account is with which account Number was dialled, as call.AccountText has it: with
	// another one it may need other digits. "" where it is not known.
	Account clean.Foreign `json:"account,omitempty"`
}

// Key is that of its number.
func (f Favourite) Key(rules number.Settings) number.Key {
	if f.Dialled {
		return number.KeyOf(f.Number.Text(), rules)
	}
	if l := number.List(f.Number.Text(), rules); len(l) > 0 {
		return l[0].Key
	}
	return 0
}

// Same reports whether both are one number, however it is written.
func (f Favourite) Same(o Favourite, rules number.Settings) bool {
	key := f.Key(rules)
	return key != 0 && key == o.Key(rules) || f.Number == o.Number
}

// MaxFavourites is how many there may be: as many as a menu can show.
const MaxFavourites = 20

// ErrManyFavourites is for one more than there may be.
var ErrManyFavourites = status.NewError(status.CodeFavouritesFull, "contacts: too many favourites")

// maxFavouritesFile is more than MaxFavourites need.
const maxFavouritesFile = 64 << 10

// Favourites are the numbers that a person marked, in their order, in a small file
// beside the settings. It is written whole or not at all. Its methods block on the
// disk; of two programs that change it at a time, the last one wins.
type Favourites struct{ path string }

// OpenFavourites keeps the file at path, which need not exist.
func OpenFavourites(path string) *Favourites { return &Favourites{path} }

// favouritesFile is the file.
type favouritesFile struct {
	Favourites []Favourite `json:"favourites"`
}

// List are all of them; nil for a nil Favourites.
func (s *Favourites) List() ([]Favourite, error) {
	if s == nil {
		return nil, nil
	}
	file, err := durable.OpenFile(s.path, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) && !durable.Spoiled(s.path, err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("contacts: %w", err)
	}
	defer file.Close()
	var f favouritesFile
	data, err := io.ReadAll(io.LimitReader(file, maxFavouritesFile))
	if err == nil {
		err = json.Unmarshal(data, &f)
	}
	if err != nil {
		return nil, fmt.Errorf("contacts: %w", &status.Problem{Code: status.CodeSettingsSyntax, Path: s.path})
	}
	all := f.Favourites[:0]
	for _, one := range f.Favourites[:min(len(f.Favourites), MaxFavourites)] {
		if one = one.cleaned(); one.Number != "" {
			all = append(all, one)
		}
	}
	return all, nil
}

// cleaned is f with texts of one line each, whoever wrote them.
func (f Favourite) cleaned() Favourite {
	f.Name, f.Company, f.Number, f.Account = f.Name.Line(), f.Company.Line(), f.Number.Line(), f.Account.Line()
	if !slices.Contains(kinds, f.Kind) {
		f.Kind = ""
	}
	return f
}

// Add keeps f at a place, which begins at 1; 0 is where it is already, or the end. A
// number is there once. ErrManyFavourites is for one more than there may be.
func (s *Favourites) Add(f Favourite, place int, rules number.Settings) error {
	all, err := s.List()
	if err != nil {
		return err
	}
	f = f.cleaned()
	at := len(all)
	if i := slices.IndexFunc(all, func(o Favourite) bool { return o.Same(f, rules) }); i >= 0 {
		at, all = i, slices.Delete(all, i, i+1)
	}
	if len(all) >= MaxFavourites {
		return ErrManyFavourites
	}
	if place > 0 {
		at = min(place-1, len(all))
	}
	return s.write(slices.Insert(all, at, f))
}

// Remove forgets the number of f. That it is not there is no error.
func (s *Favourites) Remove(f Favourite, rules number.Settings) error {
	all, err := s.List()
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(all), func(o Favourite) bool { return o.Same(f, rules) })
	if len(left) == len(all) {
		return nil
	}
	return s.write(left)
}

func (s *Favourites) write(all []Favourite) error {
	data, err := json.MarshalIndent(favouritesFile{all}, "", "  ")
	if err == nil {
		err = durable.Write(s.path, append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("contacts: %w", err)
	}
	return nil
}
