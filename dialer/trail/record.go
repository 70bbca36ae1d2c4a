package trail

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"cornetta/dialer/call/tracker"
	"cornetta/dialer/config"
)

// version is the layout of the file. One of another version is not read.
const version = 1

// Record is a call that goes on, and whom it was placed through.
type Record struct {
	Version int
	Account config.Account
	Call    tracker.Memo
}

// ID is the call's.
func (r Record) ID() string { return r.Call.Request.ID }

// Lately reports whether the call may still be going on at now (see Fresh).
func (r Record) Lately(now time.Time) bool { return now.Sub(r.Call.Seen) < Fresh }

// credible reports whether the record's times are possible ones.
func (r Record) credible(now time.Time) bool {
	age := now.Sub(r.Call.Seen)
	return age < oldest && age > -ahead
}

var errInvalid = errors.New("trail: not a call")

// layout is a Record as it is written. The call is in base64, so that a search of the
// home folder, as desktops make for their index, finds numbers in the history only. It
// hides nothing from a reader of the file.
type layout struct {
	Version int            `json:"version"`
	Account config.Account `json:"account"`
	Call    []byte         `json:"call"`
}

func encode(r Record) ([]byte, error) {
	r.Version = version
	if err := r.validate(); err != nil {
		return nil, err
	}
	inner, err := json.Marshal(r.Call)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(layout{r.Version, r.Account, inner})
	if err == nil && len(data) > maxFile {
		err = errInvalid
	}
	return data, err
}

// decode reads back what encode wrote, and nothing else.
func decode(data []byte) (Record, error) {
	if len(data) > maxFile {
		return Record{}, errInvalid
	}
	var l layout
	if err := strict(data, &l); err != nil {
		return Record{}, err
	}
	r := Record{Version: l.Version, Account: l.Account}
	if err := strict(l.Call, &r.Call); err != nil {
		return Record{}, err
	}
	return r, r.validate()
}

// strict reads one JSON value, and refuses fields that into does not have.
func strict(data []byte, into any) error {
	in := json.NewDecoder(bytes.NewReader(data))
	in.DisallowUnknownFields()
	if err := in.Decode(into); err != nil {
		return err
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) || !utf8.Valid(data) {
		return errInvalid
	}
	return nil
}

// validate checks everything that is acted on later, or shown.
func (r Record) validate() error {
	if r.Version != version {
		return errInvalid
	}
	if err := r.Account.Validate(); err != nil {
		return err
	}
	m, q := r.Call, r.Call.Request
	switch {
	case !validID(q.ID), q.ActionID != q.ID:
	case q.ChannelID != q.ID+"-1", q.OtherChannelID != q.ID+"-2":
	case !rings(r.Account, q), !text(q.Channel):
	case q.Extension != r.Account.Extension, q.RingTime < 0, q.RingTime > time.Hour:
	case !dialString(q.Number), q.CallerName != tracker.CallerNames+q.Number:
	case !q.Origin.Valid():
	case !m.State.Live(), m.Requested.IsZero(), m.Seen.IsZero():
	case len(m.Cause) > 32, strings.Trim(string(m.Cause), "abcdefghijklmnopqrstuvwxyz_") != "":
	case len(m.Legs) > tracker.MemoLegs, !legs(m.Legs):
	default:
		return nil
	}
	return errInvalid
}

// rings reports whether the call was asked for by a channel of the own phone.
func rings(a config.Account, q tracker.Request) bool {
	if a.Syntax == config.SyntaxPlain {
		return q.Channel == a.OwnChannel()
	}
	return strings.HasPrefix(q.Channel, "Local/"+q.Extension+"@")
}

func legs(all []tracker.MemoLeg) bool {
	seen := make(map[string]bool, len(all))
	for _, l := range all {
		if l.ID == "" || seen[l.ID] || !text(l.ID) || !text(l.Name) || !slices.Contains(tracker.Sides, l.Side) {
			return false
		}
		seen[l.ID] = true
	}
	return true
}

// text reports whether s can be the name of a channel: printable ASCII.
func text(s string) bool {
	return len(s) <= 255 && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

// dialString reports whether s can be dialled; the rule is package history's.
func dialString(s string) bool {
	if s == "" || len(s) > 43 {
		return false
	}
	for i, r := range s {
		if (r < '0' || r > '9') && r != '*' && r != '#' && (r != '+' || i != 0) {
			return false
		}
	}
	return true
}

const idPrefix = tracker.IDs

// validID reports whether s is an id as the Dialer makes them, and so a file's name
// and no path.
func validID(s string) bool {
	hex, ok := strings.CutPrefix(s, idPrefix)
	return ok && len(hex) == 16 && strings.Trim(hex, "0123456789abcdef") == ""
}
