package main

import (
	"testing"
	"time"
)

// TestDates: dates as people write them, in this computer's time where none is said.
func TestDates(t *testing.T) {
	rome := time.FixedZone("CET", 3600)
	now := time.Date(2026, 11, 26, 13, 30, 0, 0, rome)
	at := func(month, day, hour, minute int) time.Time {
		return time.Date(2026, time.Month(month), day, hour, minute, 0, 0, rome)
	}
	for text, want := range map[string]time.Time{
		"":                          {},
		" ":                         {},
		"2026-11-02":                at(11, 2, 0, 0),
		"2026-11-2":                 at(11, 2, 0, 0),
		"2026/11/02":                at(11, 2, 0, 0),
		"2026-11-02T13:05":          at(11, 2, 13, 5),
		"2026-11-02t13:05":          at(11, 2, 13, 5),
		"2026-11-02  13:05:00 ":     at(11, 2, 13, 5),
		"2026-11-02T13:05:00+01:00": at(11, 2, 13, 5),
		"2026-11-02T12:05Z":         at(11, 2, 13, 5),
		"2026-11-02 07:05:00-05:00": at(11, 2, 13, 5),
		"2026-11-02t12:05:00z":      at(11, 2, 13, 5),
		"02/11/2026":                at(11, 2, 0, 0), // the day is in front
		"2/11/2026 9:05":            at(11, 2, 9, 5),
		"02.11.2026":                at(11, 2, 0, 0),
		"02-11-2026T09:05":          at(11, 2, 9, 5),
		"today":                     at(11, 26, 0, 0),
		"Oggi":                      at(11, 26, 0, 0),
		"yesterday":                 at(11, 25, 0, 0),
		"IERI":                      at(11, 25, 0, 0),
		"0d":                        at(11, 26, 0, 0),
		"7d":                        at(11, 19, 0, 0),
		"7 giorni":                  at(11, 19, 0, 0),
		"1 day":                     at(11, 25, 0, 0),
		"2w":                        at(11, 12, 0, 0),
		"2 settimane":               at(11, 12, 0, 0),
		"40d":                       at(10, 17, 0, 0),
		"12h":                       at(11, 26, 1, 30),
		"3 ore":                     at(11, 26, 10, 30),
	} {
		if got, err := dateOf(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q is %v, want %v (%v)", text, got, want, err)
		}
	}
	for _, text := range []string{
		"11/26/2026", "31/02/2026", "2026-13-01", "26/11/26", "26/11", "tomorrow", "d", "-7d", "7", "7x", "7 d d", "99999999999999999999d", "100001d",
		"2026-11-26T25:00", "next week", "2026", "\x00", "٧d",
	} {
		if got, err := dateOf(text, now); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
