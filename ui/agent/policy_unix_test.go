//go:build unix

package agent

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/tray"
)

// equip gives an agent what it has besides when it puts settings in force.
func equip(t *testing.T, a *agent) {
	ctx, end := context.WithCancel(t.Context())
	a.tasks, a.notices, a.Keys = newTasks(ctx), &notices{log: a.Log}, secret.Session(secret.Memory())
	a.newKeys, a.troubles = make(chan struct{}, 1), &keyTroubles{agent: a, wrong: map[string]error{}}
	a.tray, a.missed = tray.New(tray.Actions{}), newMissed(nil, a.Log)
	a.later = &later{look: a.look, ask: a.askLater, tasks: a.tasks}
	t.Cleanup(func() { end(); a.tasks.wait(); a.notices.close() })
}

// TestPolicyAppears: what an administrator forbids while the agent runs is not dialled
// any more, also where it was shown before; and it is told where it is locked.
func TestPolicyAppears(t *testing.T) {
	a := running(t)
	equip(t, a)
	dir := t.TempDir()
	a.Store = config.NewStore(filepath.Join(dir, "config")).Under(&config.Policies{At: filepath.Join(dir, "etc"), Good: filepath.Join(dir, "good")})
	if err := a.Store.Save(a.cfg); err != nil {
		t.Fatal(err)
	}
	const abroad = "+44 1234 567890"
	before := a.plan(abroad, number.Typed)
	if !before.MayDial() {
		t.Fatalf("%+v", before)
	}
	policy := filepath.Join(dir, "etc", "policy.toml")
	if err := errors.Join(os.Mkdir(filepath.Dir(policy), 0o755), os.WriteFile(policy, []byte("[locked]\nabroad = \"never\"\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	if _, err := a.dial(t.Context(), before); !errors.Is(err, dialer.ErrAccountChanged) {
		t.Errorf("what was shown before: %v", err)
	}
	if p := a.plan(abroad, number.Typed); p.MayDial() || p.Error != number.AbroadForbidden {
		t.Errorf("%+v", p)
	}
	h := &windowHandler{agent: a}
	if _, err := h.place(t.Context(), a.plan(abroad, number.Typed), nil); status.Find(err, status.CodeForbidden) == nil {
		t.Errorf("%v", err)
	}
	v, err := h.settings(t.Context(), struct{}{})
	if err != nil || v.Locked["abroad"] != policy+":2" {
		t.Errorf("%+v, %v", v.Locked, err)
	}
	n := v.Numbers
	n.Abroad = number.KindAsk
	if _, err := h.save(t.Context(), channel.Edit{Numbers: &n}); status.Find(err, status.CodePolicyLocked) == nil {
		t.Errorf("saved: %v", err)
	}
	// Damaged, it forbids what it did; removed, it does not.
	if err := os.Truncate(policy, 0); err != nil {
		t.Fatal(err)
	}
	if p := a.plan(abroad, number.Typed); p.MayDial() {
		t.Errorf("a damaged policy permits %+v", p)
	}
	if v, err := h.settings(t.Context(), struct{}{}); err != nil || v.Policy == nil || v.Policy.Code != status.CodePolicyDamaged {
		t.Errorf("%+v, %v", v.Policy, err)
	}
	if err := os.Remove(policy); err != nil {
		t.Fatal(err)
	}
	if p := a.plan(abroad, number.Typed); !p.MayDial() {
		t.Errorf("%+v", p)
	}
}

// TestAgentEnrols: what was shown is what is put in force, once, and what takes away
// protection only where that was agreed to.
func TestAgentEnrols(t *testing.T) {
	a := running(t)
	equip(t, a)
	a.cfg.Account.TLS = true
	if err := a.Store.Save(a.cfg); err != nil {
		t.Fatal(err)
	}
	h := &windowHandler{agent: a}
	path := filepath.Join(t.TempDir(), "x.cornetta-enroll")
	ask := func(text string) uint64 {
		t.Helper()
		if err := os.WriteFile(path, []byte("enrolment = 1\n[account]\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		_ = a.askEnrolment(path) // there are no windows here
		return a.enrolments
	}
	id := ask("prefix = '9'\n")
	if _, err := h.enrol(t.Context(), channel.EnrolParams{ID: id + 1}); status.Find(err, status.CodeAccountChanged) == nil {
		t.Errorf("one that was not shown: %v", err)
	}
	if _, err := h.enrol(t.Context(), channel.EnrolParams{ID: id}); err != nil || a.account().Prefix != "9" {
		t.Errorf("%v, %+v", err, a.account())
	}
	if _, err := h.enrol(t.Context(), channel.EnrolParams{ID: id}); status.Find(err, status.CodeAccountChanged) == nil {
		t.Errorf("a second time: %v", err)
	}
	id = ask("tls = false\n")
	if _, err := h.enrol(t.Context(), channel.EnrolParams{ID: id}); status.Find(err, status.CodeEnrolmentRisk) == nil || !a.account().TLS {
		t.Errorf("TLS off: %v, %+v", err, a.account())
	}
	if _, err := h.enrol(t.Context(), channel.EnrolParams{ID: id, Risk: true}); err != nil || a.account().TLS {
		t.Errorf("%v, %+v", err, a.account())
	}
	for arg, want := range map[string]string{
		"/home/a/x.cornetta-enroll": "/home/a/x.cornetta-enroll", "file:///home/a%20b/x.cornetta-enroll": "/home/a b/x.cornetta-enroll",
		"x.toml": "", "--x.cornetta-enroll": "", "tel:1": "",
	} {
		if got, ok := EnrolmentOf([]string{arg}); got != want || ok != (want != "") {
			t.Errorf("%s is %q", arg, got)
		}
	}
}
