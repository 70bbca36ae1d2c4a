package main

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cornetta/ui/words"
)

// zonedForms are those in which a date says in which zone it is, dateForms all others: these
// are of this computer's time. Where the day is not behind the year it is in front of the
// month.
var (
	zonedForms = []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04Z07:00"}
	dateForms  = func() (all []string) {
		for _, day := range []string{"2006-1-2", "2006/1/2", "2/1/2006", "2.1.2006", "2-1-2006"} {
			for _, hour := range []string{"", " 15:04", " 15:04:05", "T15:04", "T15:04:05"} {
				all = append(all, day+hour)
			}
		}
		return all
	}()
)

// What dates are in words, in every language whatever the program's is, so that a script
// goes on when that is changed.
var (
	daysAgo  = map[string]int{"today": 0, "oggi": 0, "yesterday": 1, "ieri": 1}
	dayUnits = map[string]int{
		"d": 1, "day": 1, "days": 1, "g": 1, "gg": 1, "giorno": 1, "giorni": 1,
		"w": 7, "week": 7, "weeks": 7, "settimana": 7, "settimane": 7,
	}
	hourUnits = []string{"h", "hour", "hours", "ora", "ore"}
)

// maxAgo is how many units a date may be back.
const maxAgo = 100_000

// dateOf reads a date as of now; "" is the zero one.
func dateOf(text string, now time.Time) (time.Time, error) {
	text = strings.ToUpper(strings.Join(strings.Fields(text), " "))
	if text == "" {
		return time.Time{}, nil
	}
	for _, form := range zonedForms {
		if at, err := time.Parse(form, text); err == nil {
			return at, nil
		}
	}
	for _, form := range dateForms {
		if at, err := time.ParseInLocation(form, text, now.Location()); err == nil {
			return at, nil
		}
	}
	text = strings.ToLower(text)
	day := func(ago int) time.Time {
		y, m, d := now.Date()
		return time.Date(y, m, d-ago, 0, 0, 0, 0, now.Location())
	}
	if ago, ok := daysAgo[text]; ok {
		return day(ago), nil
	}
	unit := strings.TrimLeft(text, "0123456789")
	n, err := strconv.Atoi(strings.TrimSuffix(text, unit))
	unit = strings.TrimSpace(unit)
	switch days, ok := dayUnits[unit]; {
	case err != nil || n > maxAgo:
	case ok:
		return day(n * days), nil
	case slices.Contains(hourUnits, unit):
		return now.Add(-time.Duration(n) * time.Hour), nil
	}
	return time.Time{}, exit(exitUsage, words.Text(words.SayBadDate))
}
