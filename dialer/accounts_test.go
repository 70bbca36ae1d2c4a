package dialer

import (
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// inClear is an account without TLS.
func inClear(name, host string) config.Account {
	return config.Account{Name: name, Host: host, Port: 5038, Username: "c2c", Tenant: "t", Extension: "7101"}
}

// TestNetworksOfSeveral: in which networks one account may be logged in by itself says
// nothing of another, and what the file of an earlier version knows goes on.
func TestNetworksOfSeveral(t *testing.T) {
	r := &traveller{t: t, file: filepath.Join(t.TempDir(), "networks.json")}
	n := OpenNetworks(r.file, r.here, slog.New(slog.DiscardHandler))
	office, lab := inClear("Office", "192.0.2.1"), inClear("Lab", "192.0.2.2")
	ctx := t.Context()
	r.goTo("a")
	n.SetUp(ctx, office)
	r.goTo("b")
	n.SetUp(ctx, lab)
	n.dialled(ctx, office)
	r.goTo("c")
	n.dialled(ctx, lab)
	for where, want := range map[string][2]bool{"a": {true, false}, "b": {true, true}, "c": {false, true}, "d": {false, false}} {
		r.goTo(where)
		if got := [2]bool{n.knows(ctx, office), n.knows(ctx, lab)}; got != want {
			t.Errorf("in %q: %v, want %v", where, got, want)
		}
	}
	k := known{Salt: "s"}
	r.goTo("a")
	k.SetUp = n.hash(ctx, k, office)
	if err := os.WriteFile(r.file, []byte(`{"salt":"s","set_up":"`+k.SetUp+`","dialled":""}`), 0o600); err != nil {
		t.Fatal(err)
	}
	n.dialled(ctx, lab)
	if !n.knows(ctx, office) || !n.knows(ctx, lab) {
		t.Error("what an earlier version knew is gone")
	}
}

// TestChosenByNetwork: an account is chosen by itself where the person put it in use, until
// they put another one in use there; in no other network, and none that they do not let.
func TestChosenByNetwork(t *testing.T) {
	r := &traveller{t: t, file: filepath.Join(t.TempDir(), "networks.json")}
	n := OpenNetworks(r.file, r.here, slog.New(slog.DiscardHandler))
	office, lab, home := inClear("Office", "192.0.2.1"), inClear("Lab", "192.0.2.2"), inClear("Home", "192.0.2.3")
	office.ByNetwork, lab.ByNetwork = true, true
	// The same login, another phone.
	desk := office
	desk.Name, desk.Extension = "Desk", "7102"
	all := []config.Account{desk, home, lab, office}
	ctx := t.Context()
	expect := func(where, name string) {
		t.Helper()
		r.goTo(where)
		if a, here := n.Chosen(ctx, all); a.Name != name || (here == "") != (where == "") {
			t.Errorf("in %q: %q, %q", where, a.Name, here)
		}
	}
	choose := func(where string, a config.Account) {
		r.goTo(where)
		n.Choose(ctx, a)
	}
	if a, here := n.Chosen(ctx, all); !a.IsZero() || here != "" {
		t.Error(a, here)
	}
	choose("office", office)
	choose("lab", lab)
	expect("office", "Office")
	expect("lab", "Lab")
	expect("train", "")
	expect("", "")
	choose("office", desk)
	expect("office", "Desk")
	choose("lab", home) // which is never chosen by itself
	expect("lab", "")
	for i := range all { // by another name it is the same
		all[i].Name += " 2"
	}
	expect("office", "Desk 2")
	all[0].ByNetwork = false
	expect("office", "")
	for i := range 3 * maxChosen {
		choose(strings.Repeat("x", i+1), office)
	}
	if k := n.read(); len(k.Chosen) != maxChosen {
		t.Errorf("%d are remembered", len(k.Chosen))
	}
	data, err := os.ReadFile(r.file)
	if err != nil || strings.Contains(string(data), "office") || strings.Contains(string(data), "192.0.2") || len(data) > maxKnown {
		t.Errorf("%d bytes, %v", len(data), err)
	}
}

// TestLoginsOfSeveral: what one PBX refused does not hold the login at another, and
// another user of one that refuses waits with the first.
func TestLoginsOfSeveral(t *testing.T) {
	l := OpenLogins(t.TempDir())
	target := func(user, addr string) target { return targetOf(user, []netip.Addr{netip.MustParseAddr(addr)}, "5038") }
	office, lab := target("c2c", "192.0.2.1"), target("c2c", "192.0.2.2")
	for range maxRefused {
		a, err := l.begin(t.Context(), office, false)
		if err != nil {
			t.Fatal(err)
		}
		a.end(errors.New("refused"), true)
	}
	var held *TroubleError
	for _, same := range []string{"c2c", "another"} {
		if _, err := l.begin(t.Context(), target(same, "192.0.2.1"), false); !errors.As(err, &held) || held.Trouble.Code != status.CodeLoginsHeld {
			t.Errorf("%s: %v", same, err)
		}
	}
	a, err := l.begin(t.Context(), lab, false)
	if err != nil {
		t.Fatal(err)
	}
	a.end(nil, false) // its success pardons nobody else
	if _, err := l.begin(t.Context(), office, false); err == nil {
		t.Error("the other PBX's refusals are gone")
	}
}
