package contacts

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
	"cornetta/internal/durable"
)

// Source is where people are read from. A secret it needs is in the keyring, under
// SecretKey.
type Source struct {
	ID   string     `json:"id"`
	Type SourceType `json:"type"`
	// Of the following, what the type has.
	Path string `json:"path,omitempty"` // a file, or a folder of files
	URL  string `json:"url,omitempty"`
	Base string `json:"base,omitempty"` // LDAP: where the tree of people begins
	User string `json:"user,omitempty"` // LDAP: whom to bind as
	Pin  string `json:"tls_pin,omitempty"`
	// Clear says that somebody chose to do without encryption.
	Clear bool `json:"clear,omitempty"`
}

// SourceType is how a source is read.
type SourceType string

const (
	VCard   SourceType = "vcard"
	CSV     SourceType = "csv"
	LDAP    SourceType = "ldap"
	CardDAV SourceType = "carddav"
)

// ParseAddress is the source of that type at an address; ErrAddress where it is none.
func ParseAddress(t SourceType, address string) (Source, error) {
	d, ok := config.ParseDirectory(address)
	if s := FromDirectory(d); ok && s.Type == t {
		return s, nil
	}
	return Source{}, ErrAddress
}

// FromDirectory is a source that a setting or a policy gives. Its id is of its address,
// so that it stays the same.
func FromDirectory(d config.Directory) Source {
	s := Source{Type: CardDAV, URL: d.URL, Base: d.Base, User: d.User, Pin: d.Pin, Clear: d.Clear}
	if d.LDAP() {
		s.Type = LDAP
	}
	h := fnv.New32a()
	_, _ = h.Write([]byte(s.URL + "\x00" + s.Base))
	s.ID = fmt.Sprintf("g%08x", h.Sum32())
	return s
}

// sameAs reports whether s is where o is, as the same user.
func (s Source) sameAs(o Source) bool { return s.at(o) && s.User == o.User }

func (s Source) at(o Source) bool {
	return s.Type == o.Type && s.Path == o.Path && s.URL == o.URL && s.Base == o.Base
}

// ErrAddress is for one that nothing is read from.
var ErrAddress = status.NewError(status.CodeSourceUnsupported, "contacts: no such kind of source")

// Where is the file or address of s, without a secret.
func (s Source) Where() string {
	if s.Path != "" {
		return s.Path
	}
	return s.URL
}

// SecretKey is the name of its secret in the keyring. It holds the address, so that no
// other server is ever sent the secret of one.
func (s Source) SecretKey() string { return "contacts " + s.ID + " " + s.User + "@" + s.URL }

// ErrNoSource is for an id that no source has.
var ErrNoSource = status.NewError(status.CodeSourceUnknown, "contacts: no such source")

// Sources are the ones that a person gave, in a small file, which never holds a secret.
// Its methods block on the disk. Of two programs that change it at a time, the last
// one wins.
type Sources struct {
	path  string
	given []Source
}

// OpenSources keeps the file at path, which need not exist. given are those of the
// settings; one is left out where the person has added that address themselves, with a
// user or a certificate of their own.
func OpenSources(path string, given ...Source) *Sources { return &Sources{path, given} }

// Path is the file's.
func (s *Sources) Path() string { return s.path }

// sourcesFile is the file.
type sourcesFile struct {
	Last    int      `json:"last"` // the highest id so far: none is given twice
	Sources []Source `json:"sources"`
}

const (
	maxSourcesFile = 64 << 10
	maxSources     = 50
)

// ErrTooMany is for one source more than there may be.
var ErrTooMany = status.NewError(status.CodeSourceLarge, "contacts: too many sources")

func (s *Sources) read() (f sourcesFile, err error) {
	file, err := durable.OpenFile(s.path, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) && !durable.Spoiled(s.path, err) {
		return f, nil
	}
	if err != nil {
		return f, fmt.Errorf("contacts: %w", err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxSourcesFile))
	if err == nil {
		err = json.Unmarshal(data, &f)
	}
	if err != nil {
		return sourcesFile{}, fmt.Errorf("contacts: %w", &status.Problem{Code: status.CodeSettingsSyntax, Path: s.path})
	}
	return f, nil
}

func (s *Sources) write(f sourcesFile) error {
	data, err := json.MarshalIndent(f, "", "  ")
	if err == nil {
		err = durable.Write(s.path, append(data, '\n'))
	}
	if err != nil {
		return fmt.Errorf("contacts: %w", err)
	}
	return nil
}

// List are all sources, in the order in which they were added, and behind them those
// that are given.
func (s *Sources) List() ([]Source, error) {
	f, err := s.read()
	if err != nil {
		return nil, err
	}
	all := f.Sources
	for _, g := range s.given {
		if !slices.ContainsFunc(all, g.at) {
			all = append(all, g)
		}
	}
	return all, nil
}

// Listed is a source with how reading it went.
type Listed struct {
	Source
	Given    bool            `json:"given,omitempty"` // by the settings or a policy
	People   int             `json:"people"`
	NoNumber int             `json:"without_number"`
	Bad      int             `json:"bad"`
	Read     time.Time       `json:"read,omitzero"`
	Since    time.Time       `json:"failing_since,omitzero"`
	Problem  *status.Problem `json:"problem,omitempty"`
}

// Listed are all sources as List has them; states are those of the index.
func (s *Sources) Listed(states []State) ([]Listed, error) {
	list, err := s.List()
	out := []Listed{}
	for _, of := range list {
		l := Listed{Source: of, Given: s.Given(of.ID)}
		if i := slices.IndexFunc(states, func(o State) bool { return o.ID == of.ID }); i >= 0 {
			st := states[i]
			l.People, l.NoNumber, l.Bad, l.Read, l.Since, l.Problem = st.People, st.NoNumber, st.Bad, st.Read, st.Since, st.Problem
		}
		out = append(out, l)
	}
	return out, err
}

// Tried is what a source had that was read without being kept, or before it was.
type Tried struct {
	ID       string          `json:"id,omitempty"` // where it is one that is kept
	People   int             `json:"people"`
	NoNumber int             `json:"without_number"`
	Bad      int             `json:"bad"`
	Columns  []Column        `json:"columns,omitempty"` // of a table
	Books    []clean.Foreign `json:"books,omitempty"`   // of CardDAV: what those are called that are read
	Problem  *status.Problem `json:"problem,omitempty"` // why there is nothing of all that
}

// Column is what one of a table's columns was taken for.
type Column struct {
	Name clean.Foreign `json:"name"` // as its first line has it; "" where it has none
	Is   Use           `json:"is"`
	Kind Kind          `json:"kind,omitempty"` // of a number
}

// Use is what a column is taken for; dialer/contacts/directory has which there are.
type Use string

// Given reports whether the source with that id is.
func (s *Sources) Given(id string) bool {
	return slices.ContainsFunc(s.given, func(o Source) bool { return o.ID == id })
}

// Find is the source with that id; ErrNoSource where there is none.
func (s *Sources) Find(id string) (Source, error) {
	all, err := s.List()
	if err != nil {
		return Source{}, err
	}
	if i := slices.IndexFunc(all, func(o Source) bool { return o.ID == id }); i >= 0 {
		return all[i], nil
	}
	return Source{}, ErrNoSource
}

// Next is add with the id that Add would give it, for its secret to be kept first.
func (s *Sources) Next(add Source) (Source, error) {
	f, err := s.read()
	add.ID = strconv.Itoa(f.Last + 1)
	if i := slices.IndexFunc(f.Sources, add.sameAs); i >= 0 {
		add.ID = f.Sources[i].ID
	}
	return add, err
}

// Add keeps one more, with the id of Next. One of the same place and user takes the place
// of the one that there was.
func (s *Sources) Add(add Source) error {
	f, err := s.read()
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(f.Sources, add.sameAs); i >= 0 {
		add.ID = f.Sources[i].ID
		f.Sources[i] = add
		return s.write(f)
	}
	if len(f.Sources) >= maxSources {
		return ErrTooMany
	}
	f.Last++
	add.ID = strconv.Itoa(f.Last)
	f.Sources = append(f.Sources, add)
	return s.write(f)
}

// Remove forgets one; ErrNoSource where there is none.
func (s *Sources) Remove(id string) error {
	f, err := s.read()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(f.Sources, func(o Source) bool { return o.ID == id })
	if i < 0 {
		return ErrNoSource
	}
	f.Sources = slices.Delete(f.Sources, i, i+1)
	return s.write(f)
}
