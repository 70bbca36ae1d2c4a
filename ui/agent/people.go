package agent

import (
	"context"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/contacts"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
)

// nameOf is what the person's directories call whoever has the number dial.
func (a *agent) nameOf(dial string) clean.Foreign { return a.People.Who(dial, a.rules().numbers) }

// dialBack is what is dialled by those rules to call somebody back whose number the PBX
// gave, "" where there is nothing.
func dialBack(given string, rules number.Settings) string {
	if given == "" {
		return ""
	}
	p := number.Parse(given, number.Clipboard, rules)
	if p.Outcome == number.Error && len(p.Choices) > 0 {
		return p.Choices[0].Dial
	}
	return p.Dial
}

// callerName is nameOf for the number of somebody who calls, as the PBX gives it.
func (a *agent) callerName(given string) clean.Foreign {
	if dial := dialBack(given, a.rules().numbers); dial != "" {
		return a.nameOf(dial)
	}
	return ""
}

const (
	maxPeople      = 20 // that are suggested
	maxSuggestions = 60 // with all their numbers: they fit a frame for certain
	maxCalledFirst = 5  // that were called lately, and come first
	maxRecent      = 50 // that are looked at
)

// finding is a list of numbers that is being made, of which each is in it once.
type finding struct {
	all    []channel.Suggestion
	places map[number.Key]int // where in all it is
}

func (f *finding) add(s channel.Suggestion, key number.Key) {
	if i, ok := f.places[key]; ok && key != 0 { // the directory may know more of it
		if there := &f.all[i]; there.Kind == "" && (there.Name == "" || there.Name == s.Name) {
			there.Name, there.Company, there.Kind = s.Name, s.Company, s.Kind
		}
		return
	}
	if len(f.all) < maxSuggestions {
		f.places[key] = len(f.all)
		f.all = append(f.all, s)
	}
}

func (h *windowHandler) find(_ context.Context, p channel.FindParams) ([]channel.Suggestion, error) {
	select {
	case h.searched <- struct{}{}:
	default:
	}
	rules := h.rules().numbers
	mine, _ := h.Marked.List() // where they cannot be read, changing one says so
	text := strings.TrimSpace(p.Text)
	f := finding{places: map[number.Key]int{}}
	var byKeys finding // those that come after everybody whose number fits
	byKeys.places = map[number.Key]int{}
	places := map[number.Key]int{}    // of favourites
	codes := map[clean.Foreign]bool{} // and of those that have no key
	fit := func(s channel.Suggestion, key number.Key) bool {
		switch contacts.Matches(text, s.Name.Text(), s.Company.Text(), key, rules) {
		case contacts.MatchWell:
			f.add(s, key)
			return true
		case contacts.MatchByKeys:
			byKeys.add(s, key)
			return true
		}
		return false
	}
	for i, m := range mine {
		s, key := favourite(m), m.Key(rules)
		s.Favourite = i + 1
		if key != 0 {
			places[key] = i + 1
		} else {
			codes[m.Number] = true
		}
		if text == "" {
			f.all = append(f.all, s)
		} else {
			fit(s, key)
		}
	}
	called := 0
	for _, e := range h.Past.Recent(maxRecent) {
		key := number.KeyOf(e.Number, rules)
		s := channel.Suggestion{Name: e.Name, Number: clean.Foreign(e.Number), Recent: &e}
		switch {
		case text != "":
			if called < maxCalledFirst && places[key] == 0 && !codes[s.Number] && fit(s, key) {
				called++
			}
		case called < p.N:
			called++
			f.all = append(f.all, s)
		}
	}
	if text == "" {
		return f.all, nil
	}
	people, err := h.People.Find(text, min(p.N, maxPeople), rules)
	own := byKeys.all
	for _, who := range people {
		if who.ByKeys { // after those of one's own that fit so
			f.addAll(own, rules)
			own = nil
		}
		for _, n := range who.Numbers {
			f.add(channel.Suggestion{
				Name: who.Name, Company: who.Company, Kind: string(n.Kind), Number: n.Text, Favourite: places[n.Key],
			}, n.Key)
		}
	}
	f.addAll(own, rules)
	if err != nil {
		return f.all, refusal(err, status.AttemptContacts)
	}
	return f.all, nil
}

func (f *finding) addAll(all []channel.Suggestion, rules number.Settings) {
	for _, s := range all {
		f.add(s, marked(s).Key(rules))
	}
}

// favourite is m as it is suggested.
func favourite(m contacts.Favourite) channel.Suggestion {
	return channel.Suggestion{Name: m.Name, Company: m.Company, Kind: string(m.Kind), Number: m.Number, Dialled: m.Dialled}
}

// marked is a suggestion as a favourite is kept.
func marked(s channel.Suggestion) contacts.Favourite {
	return contacts.Favourite{Name: s.Name, Company: s.Company, Kind: contacts.Kind(s.Kind), Number: s.Number, Dialled: s.AsDialled()}
}

func (h *windowHandler) mark(_ context.Context, p channel.MarkParams) (channel.Marked, error) {
	m := marked(p.Suggestion)
	plan := h.listed(m.Number.Text(), m.Dialled)
	if p.Typed {
		if plan = h.plan(m.Number.Text(), number.Typed); plan.Outcome == number.Error {
			return channel.Marked{}, consent.NotNumber(plan.Error)
		}
		m.Number, m.Dialled = clean.Foreign(plan.Dial), true
	}
	if m.Name == "" {
		m.Name = h.nameOf(plan.Dial)
	}
	if m.Dialled {
		m.Account = h.accountText()
		if r := p.Recent; r != nil {
			m.Account = r.Account
		}
	}
	rules := h.rules().numbers
	place := func() (int, error) {
		all, err := h.Marked.List()
		return 1 + slices.IndexFunc(all, func(o contacts.Favourite) bool { return o.Same(m, rules) }), err
	}
	at, err := place()
	if err == nil && p.Change {
		if at > 0 {
			err = h.Marked.Remove(m, rules)
		} else {
			err = h.Marked.Add(m, 0, rules)
		}
		if err == nil {
			at, err = place()
		}
		h.showFavourites()
	}
	return channel.Marked{Place: at}, refusal(err, status.AttemptSave)
}

// showFavourites brings the tray's menu into line with the favourites.
func (a *agent) showFavourites() {
	if all, err := a.Marked.List(); err == nil && a.Marked != nil {
		a.tray.Favourites(all)
	}
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
		a.showFavourites() // another program may have changed them
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
		if _, err := a.Contacts(ctx, nil, "refresh", "--quiet"); err != nil && ctx.Err() == nil {
			a.Log.Warn("the directories were not read", slog.Any("err", dialer.ProblemOf(err, status.AttemptContacts)))
		}
	}
}
