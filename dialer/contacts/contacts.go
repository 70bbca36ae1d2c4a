// Package contacts is whom one can call: people and their numbers, as directories have
// them, in one file that is searched at each keystroke and held in memory by nobody.
//
// Directories are read by a short-lived process (dialer/contacts/directory), which
// writes the file, the index, whole (internal/durable). A [Book] answers from it: who
// begins or holds the words that are typed ([Book.Find]), and whose a number is
// ([Book.Who]). Each question opens the file, reads what it needs of it and closes it,
// so that the one that was just written is the one that answers, and so that it can be
// replaced on Windows. What a person is called is folded for the search (fold.go), and
// numbers are compared by their keys (number.Key).
//
// The index, all numbers in it little-endian:
//
//	header   64 bytes: "CornettaPeople", the version in one byte, a line feed; the sum
//	         of the rules by which numbers were read; the count of people and of keys;
//	         the lengths of the eight parts below; the CRC-32C of all of them; that of the
//	         header before it
//	words    a line for each person, sorted, each word behind a space: " anna rossi\t acme spa\n"
//	digits   a line for each person, in the same order: their numbers, " 39050123456 7102\n"
//	keypad   and the words of both as a telephone's keys have them, " 2662 76774\t 2263 772\n"
//	blocks   where these three can be read from: every 32 KiB at most the places of a
//	         line in each, and whose it is; 16 bytes each
//	places   where each person's record ends; 4 bytes each
//	records  the source, the name, the company and the numbers
//	keys     sorted, for each number that is one person's or one company's: its key,
//	         whose it is, and whether only the company is known; 16 bytes each
//	sources  how reading each of them went, JSON
//
// Whatever is written elsewhere is hostile until the checksum is right, and may be
// wrong even then: everything that is read is checked against the length of the file,
// and an index that is none is [ErrDamaged], to be made again. The tests damage it at
// every byte, and fuzz it.
//
// A Book is safe for concurrent use and has no goroutine. Its methods block on the disk.
package contacts

import (
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
)

// Person is somebody who can be called, or a company that can. None of the texts may
// get into a log, and none does: see clean.Foreign.
type Person struct {
	Name    clean.Foreign `json:"name"`
	Company clean.Foreign `json:"company,omitempty"` // "" also where it is the name
	Numbers []Number      `json:"numbers"`
	Source  string        `json:"source"` // the id of the directory
	ByKeys  bool          `json:"-"`      // Find: digits were typed, which are their name on a telephone's keys
}

// Number is one of a person's.
type Number struct {
	Kind Kind          `json:"kind"`
	Text clean.Foreign `json:"number"` // as the directory has it
	Key  number.Key    `json:"-"`
}

// Kind is what a number is, as far as the directory says.
type Kind string

const (
	Work     Kind = "work"
	Mobile   Kind = "mobile"
	Home     Kind = "home"
	Main     Kind = "main" // a switchboard's
	Internal Kind = "internal"
	Fax      Kind = "fax"
	Other    Kind = "other"
)

// kinds gives each its place in the index.
var kinds = []Kind{Other, Work, Mobile, Home, Main, Internal, Fax}

// The bounds of what one person may have, and of all of it.
const (
	MaxNumbers = 20
	MaxPeople  = 250_000
)

// State is how reading a source went.
type State struct {
	ID       string          `json:"id"`
	People   int             `json:"people"`         // in the index, of this source
	NoNumber int             `json:"without_number"` // who were left out
	Bad      int             `json:"bad"`            // entries that could not be read
	Read     time.Time       `json:"read,omitzero"`  // when that was
	Since    time.Time       `json:"failing_since,omitzero"`
	Problem  *status.Problem `json:"problem,omitempty"` // why it could not be read since then
	Token    string          `json:"token,omitempty"`   // what the directory calls the state that was read
}

// ErrDamaged is for an index that cannot be used, or is of another version.
var ErrDamaged = status.NewError(status.CodeContactsDamaged, "contacts: the index is damaged")
