package agent

import (
	"context"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// EnrolmentOf returns the path of the enrolment that the program was started for: its
// only argument, a file whose name ends as those do. As with LinkOf, whoever named the
// file chose the text of that argument.
func EnrolmentOf(args []string) (string, bool) {
	if len(args) != 1 || strings.HasPrefix(args[0], "-") || !strings.HasSuffix(args[0], config.EnrolmentExt) {
		return "", false
	}
	if u, err := url.Parse(args[0]); err == nil && u.Scheme == "file" && (u.Host == "" || u.Host == "localhost") {
		return filepath.FromSlash(u.Path), true
	}
	return args[0], true
}

// enrolment is the one that a person is asked about.
type enrolment struct {
	config.Enrolment
	shown channel.Enrolment
}

// askEnrolment shows what the enrolment in a file would change. A second one takes the
// place of the first. The person has been told of an error.
func (a *agent) askEnrolment(path string) error {
	e, err := config.OpenEnrolment(path, config.Login())
	var now config.Config
	var changes []config.Change
	a.mu.Lock()
	cfg := a.cfg
	a.mu.Unlock()
	if err == nil {
		now, changes, err = e.Apply(cfg)
	}
	if err != nil {
		p := dialer.ProblemOf(err, status.AttemptSave)
		a.showWindow(channel.Show{Window: channel.WindowSettings, Reason: words.ProblemText(p)})
		return p
	}
	a.mu.Lock()
	a.enrolments++
	shown := channel.Enrolment{ID: a.enrolments, For: e.For, Changes: changes}
	if adds := e.Adds(cfg); adds || cfg.Several() {
		shown.Account = words.EnrolmentAccount(now.Account.Name, adds)
	}
	a.enrolment = &enrolment{e, shown}
	a.mu.Unlock()
	return a.openWindow(channel.Show{Window: channel.WindowEnrolment, Enrolment: &shown}, nil)
}

// enrol puts in force what was shown, or nothing.
func (h *windowHandler) enrol(ctx context.Context, p channel.EnrolParams) (saved channel.Saved, err error) {
	h.mu.Lock()
	e := h.enrolment
	h.mu.Unlock()
	switch {
	case e == nil || e.shown.ID != p.ID:
		return saved, refusal(&status.Problem{Code: status.CodeAccountChanged}, status.AttemptSave)
	case config.Risky(e.shown.Changes) && !p.Risk:
		return saved, refusal(&status.Problem{Code: status.CodeEnrolmentRisk}, status.AttemptSave)
	}
	saved.Warning, err = h.try(context.WithoutCancel(ctx), false, h.dialer.Check, func(cfg *config.Config) error {
		now, changes, err := e.Apply(*cfg)
		if err == nil && !slices.Equal(changes, e.shown.Changes) {
			err = &status.Problem{Code: status.CodeAccountChanged}
		}
		if err == nil {
			*cfg = now
		}
		return err
	})
	if err != nil {
		return channel.Saved{}, refusal(err, status.AttemptSave)
	}
	a := h.account()
	if _, err := h.Keys.Get(ctx, secret.Key(a)); err != nil || a.Validate() != nil { // the rest is the person's to say
		h.showWindow(channel.Show{Window: channel.WindowAssistant})
	}
	return saved, nil
}
