package agent

import (
	"context"
	"encoding/json"
	"errors"

	"cornetta/dialer/contacts"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
)

// What the windows ask about the directories of people is done by `cornetta contacts`, as
// on the command line: this process never reads one.

const sourcesRoom = 40 << 10 // bytes of the list: it fits a frame, whatever is in it

// ofContacts runs one of these commands and reads what it prints.
func (h *windowHandler) ofContacts(ctx context.Context, out any, secret *string, command string, args ...string) error {
	if h.Contacts == nil {
		return refusal(errors.ErrUnsupported, status.AttemptContacts)
	}
	text, err := h.Contacts(ctx, secret, append([]string{command, "--json"}, args...)...)
	if err == nil {
		err = json.Unmarshal(text, out)
	}
	return refusal(err, status.AttemptContacts)
}

func (h *windowHandler) listSources(ctx context.Context, _ ipc.None) ([]contacts.Listed, error) {
	var all []contacts.Listed
	if err := h.ofContacts(ctx, &all, nil, "sources"); err != nil {
		return nil, err
	}
	room := sourcesRoom
	for i, s := range all {
		if text, err := json.Marshal(s); err == nil {
			room -= len(text)
		}
		if room < 0 {
			return all[:i], nil
		}
	}
	return all, nil
}

// sourceOptions are the options that say what s is.
func sourceOptions(s contacts.Source) []string {
	var all []string
	add := func(option, value string) {
		if value != "" { // in one word: whatever it begins with, it is no option
			all = append(all, "--"+option+"="+value)
		}
	}
	add(string(s.Type), s.Where())
	add("base", s.Base)
	if s.Type == contacts.LDAP {
		add("bind", s.User)
	} else {
		add("user", s.User)
	}
	add("tls-pin", s.Pin)
	if s.Clear {
		all = append(all, "--clear")
	}
	return all
}

func (h *windowHandler) trySource(ctx context.Context, p channel.SourceParams) (contacts.Tried, error) {
	return h.readSource(ctx, "test", p)
}

func (h *windowHandler) addSource(ctx context.Context, p channel.SourceParams) (contacts.Tried, error) {
	return h.readSource(ctx, "add", p)
}

func (h *windowHandler) readSource(ctx context.Context, command string, p channel.SourceParams) (r contacts.Tried, err error) {
	args := sourceOptions(p.Source)
	if p.Secret != nil {
		args = append(args, "--secret-stdin")
	}
	if err := h.ofContacts(ctx, &r, p.Secret, command, args...); err != nil {
		return r, err
	}
	return r, wrong(r.Problem)
}

func (h *windowHandler) removeSource(ctx context.Context, p channel.SourceID) (ipc.None, error) {
	return h.changeSource(ctx, "remove", p)
}

func (h *windowHandler) refreshSource(ctx context.Context, p channel.SourceID) (ipc.None, error) {
	return h.changeSource(ctx, "refresh", p)
}

func (h *windowHandler) changeSource(ctx context.Context, command string, p channel.SourceID) (ipc.None, error) {
	var told struct{ Problem *status.Problem }
	if err := h.ofContacts(ctx, &told, nil, command, "--", p.ID); err != nil {
		return ipc.None{}, err
	}
	return ipc.None{}, wrong(told.Problem)
}

// wrong is p as an error, nil for none.
func wrong(p *status.Problem) error {
	if p == nil {
		return nil
	}
	return p
}
