package directory

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"cornetta/dialer/contacts"
	"cornetta/internal/durable"
)

// maxKept is how many bytes are kept of a source at most. The people that there may be
// have a quarter of it.
const maxKept = 256 << 20

// kept is what was read of a CardDAV server: of each address book its entries as far as
// they count, and the server's names for its state and theirs. By that only what changed
// is fetched the next time. It is in a file beside the index, and whatever is wrong with
// that is as if it were not there.
type kept struct {
	Of    string     `json:"of"` // the address and user
	Books []keptBook `json:"books"`
}

type keptBook struct {
	Path  string              `json:"path"`
	Token string              `json:"token,omitempty"`
	Cards map[string]keptCard `json:"cards"` // by their paths
}

// keptCard is an entry, which is one vCard.
type keptCard struct {
	ETag   string `json:"etag,omitempty"`
	People []raw  `json:"people,omitempty"`
	Bad    bool   `json:"bad,omitempty"`
}

// keptOf tells what was read of a source from what was of another one with its id.
func keptOf(s contacts.Source) string { return s.User + "@" + s.URL }

// readKept is what is at path of that source; nothing where there is none.
func readKept(path string, s contacts.Source) (k kept) {
	if path == "" {
		return k
	}
	data, err := durable.Read(path, maxKept)
	if err != nil || json.Unmarshal(data, &k) != nil || k.Of != keptOf(s) {
		return kept{}
	}
	return k
}

// book is what is kept of the one at path.
func (k kept) book(path string) keptBook {
	if i := slices.IndexFunc(k.Books, func(b keptBook) bool { return b.Path == path }); i >= 0 {
		return k.Books[i]
	}
	return keptBook{}
}

func (k kept) write(path string) error {
	data, err := json.Marshal(k)
	if err == nil && len(data) >= maxKept {
		err = ErrLarge
	}
	if err == nil {
		return durable.Write(path, data)
	}
	return errors.Join(err, os.Remove(path)) // an old one would have more and more to be asked for
}

// kept is the path of what is kept of the source with that id.
func (s Store) kept(id string) string { return s.Index + ".kept-" + id }

// forget removes what is kept of sources that are gone.
func (s Store) forget(sources []contacts.Source) {
	names, err := durable.Names(filepath.Dir(s.Index), 1000)
	if err != nil {
		return // they go the next time
	}
	for _, name := range names {
		id, ok := strings.CutPrefix(name, filepath.Base(s.kept("")))
		if ok && !slices.ContainsFunc(sources, func(o contacts.Source) bool { return o.ID == id && o.Type == contacts.CardDAV }) {
			_ = os.Remove(s.kept(id))
		}
	}
}
