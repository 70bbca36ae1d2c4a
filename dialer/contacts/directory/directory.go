// Package directory reads directories of people: vCards and tables in files, and
// servers. It runs in a process of its own, `cornetta contacts refresh`, which is over
// when all are read; the agent never reads one.
//
// Whatever comes from a directory is hostile. What is read is bounded in bytes, entries,
// depth and time; an entry that cannot be read costs that entry, and is counted; a
// source that cannot be read at all leaves the people in force that it had before
// ([Refresh]). Texts are cleaned where they become a person (dialer/contacts).
//
// The package has no goroutine that outlives a call. The tests read ten exported
// address books of ten programs, made by hand after their formats, damaged and hostile
// ones, and fuzz both readers of files.
package directory

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/contacts"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/internal/durable"
)

// Reading is what one source had.
type Reading struct {
	People   []contacts.Person
	NoNumber int               // who have none that can be dialled
	Bad      int               // entries that could not be read
	Columns  []contacts.Column // of a table: what each was taken for
	Books    []clean.Foreign   // of a server that has several: what those are called that were read
	Token    string            // what the directory calls its state; "" where it has no name for it
	Same     bool              // nothing was read: it is in the state that was read before

	keep *kept // for the next time; nil where nothing is
}

// raw is an entry as a source has it. What is kept of one is written so (kept.go).
type raw struct {
	Name    string      `json:"name,omitempty"`
	Company string      `json:"company,omitempty"`
	Numbers []rawNumber `json:"numbers,omitempty"`
}

type rawNumber struct {
	Kind contacts.Kind `json:"kind"`
	Text string        `json:"number"`
}

// Access is what servers are read with.
type Access struct {
	Secret      func(context.Context, contacts.Source) (string, error) // nil: none is known
	Authorities string                                                 // a file with those that are trusted beside the system's; "" for none

	// What tests set, 0 for as usual: how long a server may say nothing, and how many bytes
	// it may send.
	silence time.Duration
	most    int64
}

// job is a source that is to be read.
type job struct {
	contacts.Source
	Access
	before string // what the directory called the state that was read last; "" for none
	kept   string // the path of what was kept of that; "" for none
}

// found is what the reader of a kind of source has found.
type found struct {
	all     []raw
	bad     int
	columns []contacts.Column
	books   []clean.Foreign
	keep    *kept
	token   string
	same    bool
}

// readers are those of all kinds of sources. One blocks until ctx ends at most.
var readers = map[contacts.SourceType]func(context.Context, job) (found, error){
	contacts.VCard:   readVCards,
	contacts.CSV:     readTable,
	contacts.LDAP:    readLDAP,
	contacts.CardDAV: readCardDAV,
}

// The errors of a source.
var (
	// ErrNone is for a file or folder in which there are no people, in the form that
	// was expected.
	ErrNone = status.NewError(status.CodeSourceNone, "directory: nobody in it")
	// ErrLarge is for more than is read.
	ErrLarge = status.NewError(status.CodeSourceLarge, "directory: too large")
	// ErrUnsupported is for an address that nothing is read from.
	ErrUnsupported = contacts.ErrAddress
)

// formError is a file in a form that is not read.
type formError struct{ form string }

func (e *formError) Error() string { return "directory: the file is " + e.form }

// Problem implements status.Problematic.
func (e *formError) Problem() status.Problem {
	return status.Problem{Code: status.CodeSourceForm, Detail: clean.Foreign(e.form)}
}

// sourceTime is how long one source may take.
const sourceTime = 5 * time.Minute

// Read reads one source. before is the Token of what was read of it before: where the
// directory is still in that state, the Reading is Same and has no people. The error is
// that of the whole: an entry is at most one that is Bad. It blocks until ctx ends, or
// for some minutes.
func Read(ctx context.Context, s contacts.Source, before string, a Access, rules number.Settings) (Reading, error) {
	return readJob(ctx, job{Source: s, Access: a, before: before}, rules)
}

func readJob(ctx context.Context, j job, rules number.Settings) (Reading, error) {
	s := j.Source
	ctx, cancel := context.WithTimeout(ctx, sourceTime)
	defer cancel()
	read, ok := readers[s.Type]
	if !ok {
		return Reading{}, fmt.Errorf("directory: %w", ErrUnsupported)
	}
	f, err := read(ctx, j)
	switch {
	case err == nil:
	case s.URL != "" && ctx.Err() == nil:
		return Reading{}, told(err)
	case s.URL != "" && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return Reading{}, told(ErrSilent)
	case errors.Is(err, fs.ErrNotExist):
		err = &status.Problem{Code: status.CodeSourceMissing, Path: s.Path}
		fallthrough
	default:
		return Reading{}, fmt.Errorf("directory: %w", err)
	}
	r := Reading{Bad: f.bad, Columns: f.columns, Books: f.books, Token: f.token, Same: f.same, keep: f.keep}
	r.People, r.NoNumber = people(f.all, s.ID, rules)
	return r, nil
}

// people gives what was read the form in which it is kept, on all processors: most of
// the time goes into numbers.
func people(all []raw, source string, rules number.Settings) (kept []contacts.Person, noNumber int) {
	made := make([]contacts.Person, len(all))
	var wg sync.WaitGroup
	size := len(all)/runtime.GOMAXPROCS(0) + 1
	for from := 0; from < len(all); from += size {
		wg.Go(func() {
			for i := from; i < min(from+size, len(all)); i++ {
				made[i] = personOf(all[i], source, rules)
			}
		})
	}
	wg.Wait()
	for _, p := range made {
		if len(p.Numbers) == 0 {
			noNumber++
			continue
		}
		kept = append(kept, p)
	}
	return kept, noNumber
}

// personOf takes the numbers apart, each once, those of a fax last.
func personOf(r raw, source string, rules number.Settings) contacts.Person {
	p := contacts.Person{Name: clean.Foreign(r.Name).Line(), Company: clean.Foreign(r.Company).Line(), Source: source}
	for _, n := range r.Numbers {
		if strings.Trim(n.Text, " 0") == "" { // in the place of a number
			continue
		}
		for _, l := range number.List(clean.Text(plainTel(n.Text), clean.Detail), rules) {
			kind := n.Kind
			if k := kindOfLabel(spread(l.Label)); k != contacts.Other { // what stands beside it
				kind = k
			}
			same := func(o contacts.Number) bool { return o.Key == l.Key && (l.Key != 0 || o.Text.Text() == l.Text) }
			if !slices.ContainsFunc(p.Numbers, same) && len(p.Numbers) < contacts.MaxNumbers {
				p.Numbers = append(p.Numbers, contacts.Number{Kind: kind, Text: clean.Foreign(l.Text), Key: l.Key})
			}
		}
	}
	slices.SortStableFunc(p.Numbers, func(a, b contacts.Number) int { return isFax(a) - isFax(b) })
	return p
}

func isFax(n contacts.Number) int {
	if n.Kind == contacts.Fax {
		return 1
	}
	return 0
}

// Store is what Refresh works on.
type Store struct {
	Access
	Index   string // the path of the index
	Sources *contacts.Sources
	Now     func() time.Time
}

// ErrBusy is for an index that another program is making just now.
var ErrBusy = status.NewError(status.CodeSourceBusy, "directory: another program is reading the sources")

// None is no source: Refresh reads none, and leaves out the people of those that are gone.
const None = "none"

// Refresh reads the sources, or only the one with that id, and makes the index anew. Of
// those that are not read, or cannot be, the people stay that were in it. It returns
// how each source stands; only what concerns all of them is an error.
func (s Store) Refresh(ctx context.Context, only string, rules number.Settings) ([]contacts.State, error) {
	lock, err := s.lock()
	if err != nil {
		return nil, err
	}
	defer durable.Unlock(lock)
	sources, err := s.Sources.List()
	if err != nil {
		return nil, err
	}
	if only != "" && only != None && !slices.ContainsFunc(sources, func(o contacts.Source) bool { return o.ID == only }) {
		return nil, contacts.ErrNoSource
	}
	before, kept := s.before(rules)
	var all []contacts.Person
	var states []contacts.State
	for _, source := range sources {
		state := before[source.ID]
		state.ID = source.ID
		if only != "" && only != source.ID {
			states, all = append(states, state), append(all, kept()[source.ID]...)
			continue
		}
		r, err := readJob(ctx, job{source, s.Access, state.Token, s.kept(source.ID)}, rules)
		if ctx.Err() != nil {
			return nil, fmt.Errorf("directory: %w", ctx.Err())
		}
		if err != nil {
			if state.Problem = dialer.ProblemOf(err, status.AttemptContacts); state.Since.IsZero() {
				state.Since = s.Now().Truncate(time.Second)
			}
			r.People = kept()[source.ID]
		} else if r.Same {
			r.People = kept()[source.ID]
			state.Problem, state.Since, state.Read = nil, time.Time{}, s.Now().Truncate(time.Second)
		} else {
			state = contacts.State{
				ID: source.ID, People: len(r.People), NoNumber: r.NoNumber, Bad: r.Bad, Read: s.Now().Truncate(time.Second), Token: r.Token,
			}
			if r.keep != nil { // without it all is fetched the next time
				_ = r.keep.write(s.kept(source.ID))
			}
		}
		states, all = append(states, state), append(all, r.People...)
	}
	if len(all) > contacts.MaxPeople {
		all = all[:contacts.MaxPeople]
	}
	s.forget(sources)
	return states, contacts.Write(s.Index, all, states, rules)
}

func (s Store) lock() (*os.File, error) {
	path := s.Index + ".lock"
	lock, err := durable.Lock(path)
	if errors.Is(err, fs.ErrNotExist) { // the folder is not there yet
		if err = durable.Write(s.Index, nil); err == nil {
			lock, err = durable.Lock(path)
		}
	}
	if errors.Is(err, durable.ErrLocked) {
		return nil, ErrBusy
	}
	if err != nil {
		return nil, fmt.Errorf("directory: %w", err)
	}
	return lock, nil
}

// before is what the index holds, by source; nothing where there is none, or it is
// damaged. The people are read when they are first asked for, and where the index was
// made by other rules their numbers are read by these.
func (s Store) before(rules number.Settings) (map[string]contacts.State, func() map[string][]contacts.Person) {
	book := contacts.Open(s.Index)
	states := map[string]contacts.State{}
	all, _ := book.States()
	for _, st := range all {
		states[st.ID] = st
	}
	return states, sync.OnceValue(func() map[string][]contacts.Person {
		people := map[string][]contacts.Person{}
		_, fits := book.Written(rules)
		_ = book.All(func(p contacts.Person) bool {
			if !fits {
				r := raw{p.Name.Text(), p.Company.Text(), nil}
				for _, n := range p.Numbers {
					r.Numbers = append(r.Numbers, rawNumber{n.Kind, n.Text.Text()})
				}
				p = personOf(r, p.Source, rules)
			}
			people[p.Source] = append(people[p.Source], p)
			return true
		})
		return people
	})
}
