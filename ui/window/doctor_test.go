package window

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// someFindings are of every kind, with the longest texts that there are.
func someFindings() []status.Finding {
	refused, tenant := words.FoundLoginRefused.Find("192.0.2.17"), words.FoundTenantOther.Find(
		"c2c_5f1d3c52-8a54-4a7e-9d5e-0c6f6a1b2c3d, from_c2c_5f1d3c52-8a54-4a7e-9d5e-0c6f6a1b2c3d")
	untried := words.FoundBecause.Find(words.Check("login")).What
	return []status.Finding{
		{ID: "settings", State: status.FindingOK, Seen: words.FoundSettings.Find("pbx.example.com:5038").What, TookMS: 1},
		{ID: "login", State: status.FindingFailed, Seen: refused.What, Do: refused.Do},
		{ID: "rights", State: status.FindingUntried, Seen: untried},
		{ID: "tenant", State: status.FindingWarning, Seen: tenant.What, Do: tenant.Do},
	}
}

// TestDoctorWindow: the findings are listed as they come, and in their order at the end;
// they can be copied as text, and a second time looks anew.
func TestDoctorWindow(t *testing.T) {
	d := newDesk(t)
	d.agent.findings = someFindings()
	s := d.openSettings()
	d.agent.hold = make(chan struct{})
	press(s.all, fyne.KeyReturn)
	d.pump()
	w := d.app.doctor
	if w == nil || !d.app.visible[w.win] {
		t.Fatal("no window")
	}
	d.until("the findings that are there already", func() bool { return len(w.list.Objects) == 4 })
	if w.found[0].ID != "tenant" || !w.copy.Disabled() || !w.again.Disabled() || w.outcome.Text != words.Text(words.SayExamining) {
		t.Errorf("while it goes on: %+v, %q", w.found, w.outcome.Text)
	}
	close(d.agent.hold)
	d.answered()
	if w.found[0].ID != "settings" || w.outcome.Text != "1 in order, 1 with a warning, 1 failed, 1 not tried." {
		t.Errorf("at the end: %+v, %q", w.found, w.outcome.Text)
	}
	press(w.copy, fyne.KeyReturn)
	text := d.app.fyne.Clipboard().Content()
	for _, says := range []string{
		"✓ OK  Settings: Complete, for the PBX at pbx.example.com:5038\n", "✗ Failed  Login: The PBX refuses the login\n    → A wrong password",
		"– Not tried  The user's rights: Not tried, because this is not in order: Login\n", "! Warning  Tenant and contexts: ",
	} {
		if !strings.Contains(text, says) {
			t.Errorf("%q is not in what was copied: %s", says, text)
		}
	}
	d.agent.findings = someFindings()[:1]
	press(w.again, fyne.KeyReturn)
	d.answered()
	if len(w.list.Objects) != 1 || d.agent.count("examine") != 2 {
		t.Errorf("a second time: %d rows, asked %d times", len(w.list.Objects), d.agent.count("examine"))
	}
	press(w.again, fyne.KeyEscape)
	if d.app.visible[w.win] {
		t.Error("Escape leaves it open")
	}
	// What comes late is of no examination that is shown.
	d.app.Finding(channel.Examined{Examination: 99, Finding: someFindings()[1]})
	d.pump()
	if len(w.list.Objects) != 1 {
		t.Error("a late finding is shown")
	}
}
