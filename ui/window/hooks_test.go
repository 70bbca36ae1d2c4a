package window

import (
	"testing"

	"fyne.io/fyne/v2"

	"cornetta/dialer/config"
	"cornetta/dialer/hook"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// TestHooksAreSetAndTried: what is in force is shown, what stands there is saved, and can be
// tried before; what is wrong is neither.
func TestHooksAreSetAndTried(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.agent.settings.Hooks = hook.Settings{On: true, Ended: "/usr/bin/log-call"}
	s := d.openSettings()
	s.turn(sectionHooks)
	f := s.hooks
	if got := *f.value(); got != d.agent.settings.Hooks {
		t.Errorf("%+v stands there", got)
	}

	ringing := f.row("on_ringing_own")
	ringing.show("crm.example/{number}")
	d.advance(drawTime + longAfter)
	press(f.tries[0], fyne.KeyReturn)
	press(s.save, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("try ringing_own crm.example/{number}"); n != 0 || len(d.agent.saved) != 0 || s.section() != sectionHooks ||
		ringing.note.Text != words.FieldError("on_ringing_own", config.CodeInvalid).String() {
		t.Errorf("tried %d, saved %d, %q", n, len(d.agent.saved), ringing.note.Text)
	}
	press(f.tries[3], fyne.KeyReturn) // there is nothing to try
	const page = "https://crm.example/{number}"
	ringing.show(page)
	d.agent.noTry = &status.Problem{Code: status.CodeHookFailed, Field: "on_ringing_own", Detail: "exit status 3"}
	d.advance(drawTime + longAfter)
	press(f.tries[0], fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("try ringing_own " + page); n != 1 || f.outcome.Text != words.Problem(*d.agent.noTry).Here().String() {
		t.Errorf("tried %d times: %q", n, f.outcome.Text)
	}
	d.agent.noTry = nil
	press(f.tries[0], fyne.KeyReturn)
	d.answered()
	if f.outcome.Text != words.Text(words.SayHookTried) || f.tries[0].Disabled() {
		t.Errorf("%q", f.outcome.Text)
	}

	press(s.save, fyne.KeyReturn)
	d.answered()
	want := d.agent.settings.Hooks
	want.RingingOwn = page
	if len(d.agent.saved) != 1 || d.agent.saved[0].Hooks == nil || *d.agent.saved[0].Hooks != want || *d.agent.saved[0].BusNumbers {
		t.Errorf("%+v was saved", d.agent.saved)
	}
}

// TestHooksLockedOff: what an administrator forbids is not tried either.
func TestHooksLockedOff(t *testing.T) {
	d := newDesk(t)
	d.agent.settings, d.agent.secret = account(), inKeyring
	d.agent.settings.Locked = map[string]string{"hooks": "/etc/cornetta/policy.toml:2"}
	s := d.openSettings()
	s.turn(sectionHooks)
	for _, b := range s.hooks.tries {
		if !b.Disabled() {
			t.Error("it can be tried")
		}
	}
	if !s.hooks.row("hooks").input.(*tick).Disabled() {
		t.Error("it can be switched on")
	}
}
