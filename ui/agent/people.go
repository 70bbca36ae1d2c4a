package agent

import (
	"context"
	"log/slog"
	"os"
	"reflect"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/contacts"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
)

// nameOf is what the person's directories call whoever has the number dial.
func (a *agent) nameOf(dial string) clean.Foreign { return a.People.Who(dial, a.rules().numbers) }

const (
	maxPeople      = 20 // that are suggested
	maxSuggestions = 60 // with all their numbers: they fit a frame for certain
	maxCalledFirst = 5  // that were called lately, and come first
)

func (h *windowHandler) find(_ context.Context, p channel.FindParams) ([]channel.Suggestion, error) {
	rules := h.rules().numbers
	var all []channel.Suggestion
	seen := map[number.Key]bool{}
	for _, e := range h.Past.Recent(maxRecent) {
		key := number.KeyOf(e.Number, rules)
		if len(all) < maxCalledFirst && contacts.Matches(p.Text, e.Name.Text(), e.Number, rules) {
			all = append(all, channel.Suggestion{Name: e.Name, Number: clean.Foreign(e.Number), Recent: &e})
			seen[key] = key != 0
		}
	}
	people, err := h.People.Find(p.Text, min(p.N, maxPeople), rules)
	if err != nil {
		return all, refusal(err, status.AttemptContacts)
	}
	for _, who := range people {
		for _, n := range who.Numbers {
			if !seen[n.Key] && len(all) < maxSuggestions {
				all = append(all, channel.Suggestion{Name: who.Name, Company: who.Company, Kind: string(n.Kind), Number: n.Text})
			}
		}
	}
	return all, nil
}

// The directories are read once an hour, and when the rules for numbers have changed;
// peopleEvery is how often it is looked whether that is so.
const (
	readEvery   = time.Hour
	peopleFirst = 20 * time.Second
	peopleEvery = 5 * time.Minute
)

// directories are those that the settings or a policy give.
func (a *agent) directories() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cfg.Directories
}

// readPeople has the directories read from time to time, until ctx ends. Where there
// are none it does nothing but look.
func (a *agent) readPeople(ctx context.Context) {
	wait := time.NewTimer(peopleFirst)
	defer wait.Stop()
	var tried time.Time
	var by number.Settings // the rules it was tried by
	given := a.directories()
	for {
		select {
		case <-ctx.Done():
			return
		case <-wait.C:
		}
		wait.Reset(peopleEvery)
		rules := a.rules().numbers
		before := given
		given = a.directories()
		if _, err := os.Stat(a.PeopleFrom); err != nil && given == "" && before == "" {
			continue // nobody gave any
		}
		at, fits := a.People.Written(rules)
		anew := !fits && !reflect.DeepEqual(by, rules) || given != before
		if !anew && (time.Since(at) < readEvery || time.Since(tried) < readEvery) {
			continue
		}
		tried, by = time.Now(), rules
		if err := a.ReadPeople(ctx); err != nil && ctx.Err() == nil {
			a.Log.Warn("the directories were not read", slog.Any("err", dialer.ProblemOf(err, status.AttemptContacts)))
		}
	}
}
