package main

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/ui/consent"
	"cornetta/ui/words"
)

type historyCmd struct {
	JSON   bool   `name:"json" xor:"form"`
	CSV    bool   `name:"csv" xor:"form"`
	Find   string `placeholder:"WORDS"`
	Since  string `placeholder:"DATE"`
	Limit  int    `placeholder:"N"`
	Missed bool   `name:"missed"`

	List   historyListCmd   `cmd:"" default:"1" hidden:""`
	Remove historyRemoveCmd `cmd:""`
	Clear  historyClearCmd  `cmd:""`
	Note   historyNoteCmd   `cmd:""`
}

// alone is an error where something is given that only a list has: whoever clears what
// they look for means something else than what would be done.
func (c *historyCmd) alone() error {
	if c.JSON || c.CSV || c.Find != "" || c.Since != "" || c.Limit != 0 || c.Missed {
		return exit(exitUsage, words.Text(words.SayListAlone))
	}
	return nil
}

// openPast is the history as it is kept by the settings in force. Where it cannot be read
// the person is told, and it begins anew.
func (e *env) openPast() (*history.History, error) {
	path, err := history.DefaultPath()
	if err != nil {
		return nil, err
	}
	past, err := history.Open(path)
	if err != nil {
		e.log.Warn("the calls made before cannot be read", slog.Any("err", err))
	}
	cfg, _, err := e.store.Restore()
	if err == nil {
		past.SetKeep(history.Keep{Entries: cfg.History.Calls, Days: cfg.History.Days})
	}
	return past, nil
}

// listed is how many calls are listed for who does not say.
const listed = 20

type historyListCmd struct{}

func (historyListCmd) Run(e *env, c *historyCmd) error {
	since, err := dateOf(c.Since, time.Now())
	if err != nil {
		return err
	}
	if c.Limit < 0 || c.Limit > history.Max {
		return exit(exitUsage, words.LimitTakes(history.Max))
	}
	q := history.Query{Words: c.Find, Since: since, Limit: c.Limit, Missed: c.Missed}
	if q.Limit == 0 && !c.JSON && !c.CSV {
		q.Limit = listed
	}
	past, err := e.openPast()
	if err != nil {
		return err
	}
	switch {
	case c.JSON:
		return historyAsJSON(e.out, past, q)
	case c.CSV:
		return historyAsCSV(e.out, past, q)
	}
	found := 0
	err = past.Each(q, func(entry history.Entry) bool {
		found++
		printPast(e.out, entry)
		return true
	})
	switch {
	case err != nil:
		return err
	case found > 0:
		return nil
	case c.Find != "" || c.Since != "" || c.Missed:
		return exit(exitFailed, words.Text(words.SayNoSuchCall))
	}
	fmt.Fprintln(e.out, words.Text(words.SayNoRecent))
	return nil
}

// printPast lists a call. All texts are cleaned.
func printPast(w io.Writer, e history.Entry) {
	fmt.Fprintf(w, "%6d  %s  %s\n", e.ID, e.At.Local().Format("2006-01-02 15:04"), words.PastCall(e.Call()))
	given := e.Given.Text()
	if given == e.Number {
		given = ""
	}
	more := []string{words.Asked(e.Way, given)}
	for _, text := range []string{e.Account.Text(), e.Note.Text()} {
		if text != "" {
			more = append(more, text)
		}
	}
	if e.Way != "" || len(more) > 1 {
		fmt.Fprintf(w, "        %s\n", strings.Join(more, " · "))
	}
}

// historyJSON is one call of `history --json`.
type historyJSON struct {
	ID       int        `json:"id"`
	At       time.Time  `json:"at"`
	Way      call.Way   `json:"way"`
	Given    string     `json:"given"`  // as it came in
	Number   string     `json:"number"` // as it was dialled
	Name     string     `json:"name"`   // as it was known then
	Outcome  string     `json:"outcome"`
	State    call.State `json:"state"`
	Cause    call.Cause `json:"cause"`
	ByPBX    bool       `json:"by_pbx"`
	Duration float64    `json:"duration_s"`
	Account  string     `json:"account"`
	Note     string     `json:"note"`

	Direction string `json:"direction"`        // "out", or "in" for a call that came in
	Called    string `json:"called,omitempty"` // the group or the queue that its caller called
}

// direction is that of a call, as `history --json` has it.
func direction(e history.Entry) string {
	if e.CameIn() {
		return "in"
	}
	return "out"
}

func historyJSONOf(e history.Entry) historyJSON {
	return historyJSON{
		ID: e.ID, At: e.At, Way: e.Way, Given: e.Given.Text(), Number: e.Number, Name: e.Name.Text(),
		Outcome: words.Outcome(e.Call()), State: e.State, Cause: e.Cause, ByPBX: e.ByPBX,
		Duration: e.Duration.Seconds(), Account: e.Account.Text(), Note: e.Note.Text(),
		Direction: direction(e), Called: e.Called,
	}
}

// historyAsJSON prints one array, a call a line, without holding it in memory.
func historyAsJSON(w io.Writer, past *history.History, q history.Query) error {
	before := "["
	var failed error
	err := past.Each(q, func(e history.Entry) bool {
		text, err := json.Marshal(historyJSONOf(e))
		if err == nil {
			_, err = fmt.Fprintf(w, "%s%s", before, text)
		}
		before, failed = ",\n", err
		return failed == nil
	})
	if err = errors.Join(err, failed); err != nil {
		return err
	}
	if before == "[" {
		_, err = fmt.Fprintln(w, "[]")
	} else {
		_, err = fmt.Fprintln(w, "]")
	}
	return err
}

// historyColumns are those of `history --csv`.
var historyColumns = []string{"id", "at", "way", "given", "number", "name", "outcome", "state", "cause", "duration_s", "account", "note", "direction"}

func historyAsCSV(w io.Writer, past *history.History, q history.Query) error {
	out := csv.NewWriter(w)
	_ = out.Write(historyColumns)
	err := past.Each(q, func(e history.Entry) bool {
		return out.Write([]string{
			strconv.Itoa(e.ID), e.At.Local().Format("2006-01-02 15:04:05"), cell(string(e.Way)),
			numberCell(e.Given.Text()), numberCell(e.Number), cell(e.Name.Text()),
			cell(words.Outcome(e.Call())), cell(string(e.State)), cell(string(e.Cause)),
			strconv.FormatFloat(e.Duration.Seconds(), 'f', 0, 64), cell(e.Account.Text()), cell(e.Note.Text()), direction(e),
		}) == nil
	})
	out.Flush()
	return errors.Join(err, out.Error())
}

// behindSeparator is what begins a formula where a spreadsheet has other separators than
// the table: of a country that writes 1,5 it has semicolons.
var behindSeparator = regexp.MustCompile(`([;\t\r\n|]["' ]*)([=+\-@|%])`)

// cell is text as a spreadsheet shows it: what it would take for a formula has an
// apostrophe in front, and so has what begins with one, so that who reads the table
// takes one away and has the text.
func cell(text string) string {
	text = behindSeparator.ReplaceAllString(text, "$1'$2")
	if text != "" && strings.ContainsRune("=+-@'\t\r\n|%", rune(text[0])) {
		return "'" + text
	}
	return text
}

// wholeDigits is how many digits a spreadsheet shows as they are: of more it makes
// 3.9E+11.
const wholeDigits = 11

// numberCell is cell for a number to call. One that a spreadsheet would cut the zeros in
// front of, or round, has an apostrophe as well, by which it is a text there.
func numberCell(number string) string {
	if c := cell(number); c != number {
		return c
	}
	if number != "" && (number[0] == '0' || len(number) > wholeDigits) {
		return "'" + number
	}
	return number
}

type historyRemoveCmd struct {
	IDs []int `arg:"" name:"id"`
}

func (c *historyRemoveCmd) Run(e *env, list *historyCmd) error {
	past, err := e.changePast(list)
	if err != nil {
		return err
	}
	missing, err := past.Remove(c.IDs...)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		slices.Sort(missing)
		return exit(exitFailed, words.NotInHistory(slices.Compact(missing)))
	}
	return nil
}

// changePast is openPast for who changes the list.
func (e *env) changePast(list *historyCmd) (*history.History, error) {
	if err := list.alone(); err != nil {
		return nil, err
	}
	return e.openPast()
}

type historyClearCmd struct {
	Before string `placeholder:"DATE"`
}

func (c *historyClearCmd) Run(e *env, list *historyCmd) error {
	before, err := dateOf(c.Before, time.Now())
	if err != nil {
		return err
	}
	past, err := e.changePast(list)
	if err != nil {
		return err
	}
	n, err := past.Clear(before)
	if err == nil {
		fmt.Fprintln(e.out, words.Cleared(n))
	}
	return err
}

type historyNoteCmd struct {
	ID   int      `arg:"" name:"id"`
	Text []string `arg:""`
}

func (c *historyNoteCmd) Run(e *env, list *historyCmd) error {
	past, err := e.changePast(list)
	if err != nil {
		return err
	}
	return past.Note(c.ID, strings.Join(c.Text, " "))
}

// again is what to dial to call the last number once more.
func (e *env) again(cfg config.Config) (consent.Made, error) {
	past, err := e.openPast()
	if err != nil {
		return consent.Made{}, err
	}
	last := past.Recent(1)
	if len(last) == 0 {
		return consent.Made{}, consent.ErrNoCallBefore
	}
	return consent.Again(last[0], cfg), nil
}
