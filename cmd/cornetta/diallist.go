package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	foreign "cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/contacts/directory"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/internal/durable"
	"cornetta/ui/consent"
	"cornetta/ui/words"
)

const (
	maxList    = 1 << 20 // bytes of a list
	maxEntries = 10_000
)

// resultsExt is behind a list's name in that of the file with what came of it.
const resultsExt = ".results.csv"

// stateSkipped stands in that file for who was not called; the other states are a call's.
const stateSkipped = "skipped"

// dialList works a list off: each line is shown with what would be dialled, and called
// when the person presses Enter, never by itself.
func (c *dialCmd) dialList(e *env) error {
	if !e.atTerminal() {
		return exit(exitUsage, words.Text(words.SayListTerminal))
	}
	data, err := durable.Read(c.List, maxList)
	if err != nil {
		return exit(exitUsage, words.ListUnread(err))
	}
	entries := listEntries(data)
	switch {
	case len(entries) == 0:
		return exit(exitUsage, words.Text(words.SayListEmpty))
	case len(entries) > maxEntries:
		return exit(exitUsage, words.Text(words.SayListLong))
	}
	out, err := openResults(c.List + resultsExt)
	if err != nil {
		return exit(exitFailed, words.ListUnread(err))
	}
	defer out.file.Close()
	for i, text := range entries {
		fmt.Fprintf(e.err, "\n%d/%d  %s\n", i+1, len(entries), words.Clean(foreign.Text(text, foreign.Name)))
		row, more, err := c.dialEntry(e, text)
		if row.state != "" {
			err = errors.Join(err, out.write(text, row))
		}
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// listEntries are the lines of a list that have a digit in them, and one more than there
// may be at most. It is read as a table of an address book is, in whatever Excel writes.
func listEntries(list []byte) (all []string) {
	text, _ := directory.Text(list)
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.ContainsAny(line, "0123456789") && len(all) <= maxEntries {
			all = append(all, line)
		}
	}
	return all
}

// listRow is what came of an entry; state is "" where nothing did.
type listRow struct {
	number, state, cause, note string
	duration                   time.Duration
}

// ask asks for a note, and adds it to what is noted.
func (r *listRow) ask(e *env) {
	note, _ := e.askLine(words.Text(words.SayListNote))
	r.note = strings.TrimSpace(r.note + " " + note)
}

// dialEntry asks about one entry and calls it. more is false where the person wants to stop.
func (c *dialCmd) dialEntry(e *env, text string) (row listRow, more bool, err error) {
	o, place, done, err := c.offerEntry(e, text)
	if err != nil {
		return row, false, err
	}
	defer done()
	say := func(o status.Offer) {
		row.number = o.Dial()
		line := words.WillDial(o.Shown)
		if len(o.Reasons) > 0 {
			line = words.WillDialThough(o.Shown, words.NumberReasons(o.Reasons))
		}
		fmt.Fprintln(e.err, line)
	}
	switch {
	case len(o.Choices) > 0:
		for i, choice := range o.Choices {
			fmt.Fprintf(e.err, "%4d  %s  %s\n", i+1, choice.Shown, words.NumberReasons(choice.Reasons))
		}
	case o.Problem != nil:
		fmt.Fprintln(e.err, words.ProblemText(o.Problem))
	default:
		say(o)
	}
	for {
		answer, ok := e.askLine(words.Text(words.SayListAsk))
		n, bad := strconv.Atoi(answer)
		switch {
		case !ok, words.IsQuit(answer):
			if row.note != "" {
				row.state = stateSkipped
			}
			return row, false, e.ctx.Err()
		case words.IsSkip(answer):
			row.state = stateSkipped
			return row, true, nil
		case words.IsNote(answer):
			row.ask(e)
		case bad == nil && n >= 1 && n <= len(o.Choices):
			o = o.Choices[n-1]
			say(o) // Enter calls it
		case answer == "" && o.Problem == nil && len(o.Choices) == 0:
			return c.callEntry(e, o, place, row)
		}
	}
}

// callEntry calls o, to which Enter was the yes, and asks for a note.
func (c *dialCmd) callEntry(e *env, o status.Offer, place func(id uint64, w status.Wish) (ongoing, error), row listRow) (listRow, bool, error) {
	p, err := place(o.ID, c.wish(e, o))
	if err != nil {
		if e.ctx.Err() != nil {
			return row, false, err
		}
		said := sentence(err, status.AttemptDial)
		complain(e.err, said.msg)
		row.state = string(call.Failed)
		return row, said.code != exitNoLink, nil
	}
	last, err := c.follow(e, p)
	p.close()
	row.state, row.cause, row.duration = string(last.State), string(last.Cause), last.Duration(time.Now())
	if e.ctx.Err() != nil {
		return row, false, err
	}
	row.ask(e)
	return row, e.ctx.Err() == nil, nil
}

// offerEntry has an entry read as what was copied, by the agent or here, and gives what a
// yes to the offer does. done is called when nothing more is wanted of it.
func (c *dialCmd) offerEntry(e *env, text string) (o status.Offer, place func(uint64, status.Wish) (ongoing, error), done func(), err error) {
	ctx, cancel := context.WithTimeout(e.ctx, controlTime)
	defer cancel()
	agent, err := control.Connect(ctx, instance)
	if err == nil {
		if o, err = agent.Offer(ctx, text, c.Private); err != nil {
			agent.Close()
			return o, nil, nil, err
		}
		return o, func(id uint64, w status.Wish) (ongoing, error) {
			placed, err := agent.DialOffer(e.ctx, id, w, true)
			if err != nil && e.ctx.Err() != nil {
				err = giveUp(e.ctx, func(ctx context.Context) error { return hangUpThrough(ctx, agent) })
			}
			if err != nil {
				return nil, err
			}
			return &agentCall{agent, placed}, nil
		}, agent.Close, nil
	}
	if !errors.Is(err, ipc.ErrNotRunning) {
		return o, nil, nil, err
	}
	cfg, err := e.settings()
	if err != nil {
		return o, nil, nil, err
	}
	var offers consent.Offers
	o = offers.Offer(consent.Made{
		Plan:   number.Parse(text, number.Clipboard, cfg.Rules()),
		Origin: call.Origin{Way: call.ByList, Private: c.Private},
	})
	return o, func(id uint64, w status.Wish) (ongoing, error) {
		m, err := offers.Agreed(id, w)
		if err != nil {
			return nil, err
		}
		return c.placeAlone(e, cfg, m)
	}, func() {}, nil
}

// results is the file with what came of a list. Each row is written when it is known, so
// that nothing is lost where the program ends.
type results struct {
	file *os.File
	csv  *csv.Writer
}

func openResults(path string) (*results, error) {
	f, err := durable.Append(path)
	if err != nil {
		return nil, err
	}
	r := &results{f, csv.NewWriter(f)}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	if info.Size() == 0 {
		_ = r.csv.Write([]string{"at", "entry", "number", "state", "cause", "duration_s", "note"})
		r.csv.Flush()
	}
	return r, r.csv.Error()
}

func (r *results) write(entry string, row listRow) error {
	shown := cell(entry)
	if !strings.ContainsFunc(entry, unicode.IsLetter) { // it is a number alone
		shown = numberCell(entry)
	}
	_ = r.csv.Write([]string{
		time.Now().Format(time.RFC3339), shown, numberCell(row.number), row.state, row.cause,
		strconv.FormatFloat(row.duration.Seconds(), 'f', 0, 64), cell(row.note),
	})
	r.csv.Flush()
	return r.csv.Error()
}
