package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cornetta/dialer/contacts"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
)

// TestDirectoriesAreReadElsewhere: what the windows ask about directories is a command, in
// which nothing that was typed is an option, and no secret stands.
func TestDirectoriesAreReadElsewhere(t *testing.T) {
	a := &agent{}
	var ran [][]string
	var secrets []string
	says, fails := "{}", error(nil)
	a.Contacts = func(_ context.Context, secret *string, args ...string) ([]byte, error) {
		ran = append(ran, args)
		if secret != nil {
			secrets = append(secrets, *secret)
		}
		return []byte(says), fails
	}
	h := &windowHandler{agent: a}
	secret := "pass word"
	says = `{"people":3,"without_number":1,"bad":0,"columns":[{"name":"Nome","is":"name"}]}`
	got, err := h.trySource(t.Context(), channel.SourceParams{Source: contacts.Source{Type: contacts.VCard, Path: "--help"}})
	if err != nil || got.People != 3 || got.NoNumber != 1 || got.Columns[0].Name != "Nome" {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := h.addSource(t.Context(), channel.SourceParams{Source: contacts.Source{
		Type: contacts.LDAP, URL: "ldaps://a", Base: "dc=x", User: "cn=y", Pin: "ab", Clear: true,
	}, Secret: &secret}); err != nil {
		t.Error(err)
	}
	if _, err := h.addSource(t.Context(), channel.SourceParams{Source: contacts.Source{Type: contacts.CardDAV, URL: "https://a", User: "anna"}}); err != nil {
		t.Error(err)
	}
	says = "{}"
	_, err = h.removeSource(t.Context(), channel.SourceID{ID: "1"})
	_, err2 := h.refreshSource(t.Context(), channel.SourceID{ID: "--quiet"})
	if err != nil || err2 != nil {
		t.Error(err, err2)
	}
	want := [][]string{
		{"test", "--json", "--vcard=--help"},
		{"add", "--json", "--ldap=ldaps://a", "--base=dc=x", "--bind=cn=y", "--tls-pin=ab", "--clear", "--secret-stdin"},
		{"add", "--json", "--carddav=https://a", "--user=anna"},
		{"remove", "--json", "--", "1"},
		{"refresh", "--json", "--", "--quiet"},
	}
	if !slices.EqualFunc(ran, want, slices.Equal) {
		t.Errorf("ran %q", ran)
	}
	if !slices.Equal(secrets, []string{secret}) {
		t.Errorf("%q", secrets)
	}

	// What goes wrong is told as what it is.
	says = `{"problem":{"code":"source_login","attempt":"contacts"}}`
	_, err = h.addSource(t.Context(), channel.SourceParams{})
	if p := status.Find(err, status.CodeSourceLogin); p == nil {
		t.Error(err)
	}
	_, err = h.removeSource(t.Context(), channel.SourceID{})
	if p := status.Find(err, status.CodeSourceLogin); p == nil {
		t.Error(err)
	}
	says, fails = "", errors.New("no such program")
	if _, err := h.listSources(t.Context(), ipc.None{}); status.Find(err, status.CodeUnforeseen) == nil {
		t.Error(err)
	}

	// A list that is too long for a frame ends early.
	fails = nil
	one := fmt.Sprintf(`{"id":"1","type":"vcard","path":%q}`, strings.Repeat("/x", 2000))
	says = "[" + strings.Repeat(one+",", 30) + one + "]"
	if all, err := h.listSources(t.Context(), ipc.None{}); err != nil || len(all) == 0 || len(all) > 12 {
		t.Errorf("%d, %v", len(all), err)
	}
}
