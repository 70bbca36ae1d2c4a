// Package logbook writes calls down: while they go on, so that the next program
// finds them (dialer/trail), and for good, when they are over (dialer/history).
//
// A call may outlive the program that placed it: the PBX goes on with it, and
// whoever starts next takes it up. A call's line in the history is written by who
// sees its end, and then its file is removed; between the two a program may be
// killed, and the line is not written twice.
//
// The package has no goroutines of its own. The programs' own tests kill them at
// every point of a call (cmd/cornetta).
package logbook

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/call/tracker"
	"cornetta/dialer/history"
	"cornetta/dialer/trail"
)

// Book is where a program writes its calls down. Its methods are safe for
// concurrent use and block on the disk.
type Book struct {
	Trail *trail.Trail // nil: calls do not outlive the program
	Past  *history.History
	Log   *slog.Logger
}

// Note puts a call that is over, or that nobody will hear of any more, into the
// history, unless it is a private one, and forgets what was kept of it. An error is logged, and then the next start
// tries again.
func (b Book) Note(c call.Snapshot) error {
	if c.Live() {
		c.State, c.Cause, c.Ended = call.Unknown, call.ConnectionLost, time.Now()
	}
	if c.Origin.Private {
		b.Trail.End(c.ID)
		return nil
	}
	err := b.Past.Add(history.Entry{
		At: c.Requested, Number: c.Number, State: c.State,
		Cause: c.Cause, ByPBX: c.ByPBX, Duration: c.Duration(c.Ended), Name: c.FarName.Line(),
		Way: c.Origin.Way, Given: c.Origin.Given, Account: clean.Foreign(c.Origin.Account), Called: c.Called,
	})
	if err != nil {
		b.Log.Warn("the call is not remembered", slog.Any("err", err))
		return err
	}
	b.Trail.End(c.ID)
	return nil
}

// Resume has d take up the call that was left behind by a program that ended.
// Of several it is the newest that goes on: one phone has one call of ours at a
// time. It blocks until the PBX was asked. What the Snapshots tell from then on
// is for who listens to them to note. It returns how many there were.
func (b Book) Resume(ctx context.Context, d *dialer.Dialer) int {
	left := b.Trail.Adopt(time.Now())
	for _, r := range left {
		if !r.Lately(time.Now()) {
			_ = b.Note(tracker.Recall(r.Call).Snapshot())
			continue
		}
		s, err := d.Resume(ctx, r)
		switch {
		case errors.Is(err, dialer.ErrInProgress):
			_ = b.Note(tracker.Recall(r.Call).Snapshot())
		case err != nil: // it stays for the next start
		case s.Cause == call.EndedUnseen:
			_ = b.Note(s)
		}
	}
	return len(left)
}
