//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"strings"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
)

// knownSecret is a keyring with the PBX's password.
type knownSecret struct{}

func (knownSecret) Get(context.Context, string) (string, error) { return pbxsim.Secret, nil }
func (knownSecret) Set(context.Context, string, string) error   { return errors.ErrUnsupported }
func (knownSecret) Delete(context.Context, string) error        { return errors.ErrUnsupported }

// colleagueTalks has a colleague's phone in a call until hangUp.
func colleagueTalks(t testing.TB, addr, extension string) (hangUp func()) {
	t.Helper()
	a := config.Default().Account
	a.Host, a.Username, a.Tenant, a.Extension = addr, pbxsim.Username, pbxsim.Tenant, extension
	a = a.Normalized()
	d := dialer.New(dialer.Options{Secrets: knownSecret{}})
	ctx, cancel := context.WithCancel(context.Background())
	over := make(chan struct{})
	go func() { defer close(over); _ = d.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-over })
	if err := d.SetAccount(ctx, a, config.ConnectionOnDemand); err != nil {
		t.Fatal(err)
	}
	snapshots, stop := d.Subscribe()
	defer stop()
	if _, err := d.Dial(ctx, number.Plan{Source: number.Typed, Outcome: number.Dial, Dial: "039050123407"}); err != nil {
		t.Fatal(err)
	}
	for s := range snapshots {
		if s.Call != nil && s.Call.State == call.InCall {
			break
		}
		if s.Call != nil && !s.Call.Live() {
			t.Fatalf("%+v", s.Call)
		}
	}
	return func() {
		if err := d.Hangup(ctx); err != nil {
			t.Error(err)
		}
	}
}

// statesIn are the lines of `colleagues --json`, "number state name" each.
func statesIn(t *testing.T, out string) (all []string) {
	t.Helper()
	for line := range strings.Lines(out) {
		var c colleagueJSON
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		all = append(all, strings.TrimSpace(c.Extension+" "+string(c.State)+" "+c.Name))
	}
	return all
}

// TestColleaguesOnADesktop: the command line tells how the phones stand; in the window
// somebody is waited for, and when they are free one is asked, once, and calls by a click.
func TestColleaguesOnADesktop(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	if out, errs, code := s.run("", "colleagues", "--json"); code != exitFailed || out != "" || !strings.Contains(errs, "Settings") {
		t.Errorf("switched off it ends with %d, %q, %q", code, out, errs)
	}
	s.must("", "contacts", "favourite", "add", "7105", "Elisa", "Torre")
	s.set(map[string]string{"colleagues": "true"})
	want := "7102 free, 7103 free, 7104 away, 7105 free Elisa Torre, 7106 free"
	if got := strings.Join(statesIn(t, s.must("", "colleagues", "--json")), ", "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if out := s.must("", "colleagues", "elisa"); !strings.HasPrefix(out, "7105 ") || !strings.Contains(out, "free") || strings.Contains(out, "7102") {
		t.Errorf("of Elisa: %q", out)
	}
	var watched lockedBuffer
	watch := s.cornetta("colleagues", "--json", "--watch", "7105")
	watch.Stdout = &watched
	if err := watch.Start(); err != nil {
		t.Fatal(err)
	}
	s.Wait("what is watched", func() bool { return strings.Contains(watched.String(), "free") })
	hangUp := colleagueTalks(t, pbx.Addr(), "7105")
	s.Wait("the call", func() bool { return strings.Contains(watched.String(), "busy") })
	_ = watch.Process.Kill()
	_ = watch.Wait()

	s.agent()
	item := s.tray("Ready")
	s.PickTrayMenu(item, "Colleagues…")
	w := s.Window("^Colleagues$")
	s.Wait("the window to have the focus", w.Focused)
	s.drawn(w)
	b := w.Bounds()
	s.waitLit("Call", image.Rectangle{b.Max.Sub(image.Pt(130, 50)), b.Max.Sub(image.Pt(10, 10))})
	s.look("1-colleagues")
	s.Type("7105")
	s.Key("Down") // into the list
	s.Key("Tab")
	s.Key("Tab") // past the star
	seen := s.Screen().Pix
	s.Key("Return")
	s.Wait("the answer", func() bool { return !bytes.Equal(seen, s.Screen().Pix) })
	s.look("2-waited-for")
	s.Key("Escape")
	w.WaitGone()
	originated := len(pbx.Originates())
	hangUp()
	note := s.told("Elisa Torre is free")
	s.look("3-free")
	if n := len(pbx.Originates()); n != originated {
		t.Errorf("something was called by itself: %d", n-originated)
	}
	if u := note.Hints["urgency"].Value(); u != byte(1) {
		t.Errorf("it is of urgency %v", u)
	}
	time.Sleep(time.Until(note.At.Add(time.Second))) // a yes that comes with it is none
	s.until("the call", func() {
		if n := s.Displayed(); len(n) > 0 && n[0].Action("Call 7105") != "" {
			s.InvokeAction(n[0], n[0].Action("Call 7105"))
		}
	}, func() bool { return len(pbx.Originates()) > originated })
	s.waitState(call.InCall)
	if c := s.status().Call; c.Number != "7105" {
		t.Errorf("it called %q", c.Number)
	}
	s.must("", "hangup")
	s.waitState(call.Ended)

	// Busy: what is offered about it is in the dial window.
	s.ClickTray(item, 1)
	dial := s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", dial.Focused)
	s.Type("7103")
	s.callLive(dial)
	s.Key("Return")
	s.Wait("the busy call", func() bool {
		c := s.status().Call
		return c.Number == "7103" && c.Cause == call.Busy
	})
	s.look("4-busy")
	if st := s.status(); st.Connection == status.Trouble {
		t.Errorf("%+v", st)
	}
}

// TestWordsOfAName: a colleague is found as they are typed, without accents and commas.
func TestWordsOfAName(t *testing.T) {
	for words, want := range map[string]bool{
		"": true, "zoe": true, "Zoë": true, "mul zo": true, "mueller": false, "rossi": true, "rossi,zoe": true, "d'andrea": true, "dandrea": true, "oe": false, "zoe verdi": false,
	} {
		if got := hasWords("Müller-Rossi D’Andrea, Zoë", strings.Fields(words)); got != want {
			t.Errorf("%q: %v", words, got)
		}
	}
}
