package window

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"cornetta/ami/clean"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// checkView tries an account and shows each step as it is made, then what
// failed and what to do about it. A certificate that nobody vouches for can be
// trusted here, after its fingerprint was compared.
type checkView struct {
	app    *App
	box    *fyne.Container
	steps  *fyne.Container
	rows   map[status.Step]*stepRow
	what   *widget.Label // the outcome
	do     *widget.Label
	detail *widget.Label
	helps  func(*status.Problem) // offers what the guide says
	cert   *certView
	tls    *panel // that the PBX has it too
	use    *button
	port   int // where

	number  uint64 // of the check that is shown, while it runs
	checked uint64 // of the last one, until the view is reset
	cancel  context.CancelFunc
	failed  *status.Problem
	locked  bool             // an administrator says which certificate is trusted
	done    func(ok bool)    // the check has ended
	useTLS  func(port int)   // the person wants it
	trust   func(pin string) // the person said yes
}

type stepRow struct {
	row   *fyne.Container
	icon  *widget.Icon
	busy  *widget.Activity
	text  *widget.Label
	ended bool
}

func newCheckView(a *App, k *keys) *checkView {
	v := &checkView{
		app: a, rows: map[status.Step]*stepRow{}, steps: tight(),
		what: newBold(""), do: newText(""), detail: newNote(""),
		done: func(bool) {}, trust: func(string) {}, useTLS: func(int) {},
	}
	help, helps := newHelper(a, k)
	v.helps = helps
	v.use = newButton(k, words.Text(words.LabelUseTLS), func() { v.useTLS(v.port) })
	v.tls = newPanel(container.NewVBox(newText(words.Text(words.SayOffersTLS)), container.NewHBox(layout.NewSpacer(), v.use)))
	v.cert = newCertView(a, k, func(pin string) { v.trust(pin) })
	for _, s := range status.Steps(true) {
		r := &stepRow{icon: widget.NewIcon(nil), busy: widget.NewActivity(), text: newLine(words.Step(s))}
		r.row = container.NewBorder(nil, nil, indented(container.NewStack(r.icon, r.busy)), nil, r.text)
		v.rows[s] = r
		v.steps.Add(r.row)
	}
	v.box = container.NewVBox(v.steps, tight(v.what, v.do, v.detail), container.NewHBox(help), v.tls, v.cert.box)
	v.reset(false)
	return v
}

// reset is the view before a check.
func (v *checkView) reset(tls bool) {
	v.stop()
	v.checked = 0
	for name, r := range v.rows {
		r.ended = false
		r.set("")
		if name == status.StepTLS && !tls {
			r.row.Hide()
		} else {
			r.row.Show()
		}
	}
	say(v.what, "", widget.MediumImportance)
	say(v.do, "", widget.MediumImportance)
	say(v.detail, "", widget.LowImportance)
	v.helps(nil)
	v.cert.hide()
	v.tls.Hide()
	v.failed = nil
	relayout(v.box)
}

// stop gives up a check that is running.
func (v *checkView) stop() {
	v.number = 0
	if v.cancel != nil {
		v.cancel()
		v.cancel = nil
	}
	for _, r := range v.rows {
		r.busy.Stop()
	}
}

// start begins a check of e.
func (v *checkView) start(e channel.Edit) {
	v.reset(e.Account.TLS)
	number := v.app.agent.NewCheck()
	v.number, v.checked = number, number
	say(v.what, words.Text(words.SayChecking), widget.MediumImportance)
	v.cancel = v.app.ask(checkTime, func(ctx context.Context) func() {
		steps, problem := v.app.agent.CheckAccount(ctx, number, e)
		return func() {
			if v.number != number {
				return // given up
			}
			for _, s := range steps {
				v.step(s)
			}
			v.finish(e.Account, problem)
		}
	})
	if !e.Account.TLS {
		v.lookForTLS(number, e.Account.Host)
	}
}

// lookForTLS finds out, beside check number, whether host has TLS too.
func (v *checkView) lookForTLS(number uint64, host string) {
	v.app.ask(askTime, func(ctx context.Context) func() {
		offer, _ := channel.Call(ctx, v.app.agent, channel.OfferedTLS, channel.OfferedParams{Host: host})
		return func() {
			if offer.Port != 0 && v.checked == number {
				v.port = offer.Port
				v.tls.Show()
				relayout(v.box)
			}
		}
	})
}

// step shows one step of the check that is shown.
func (v *checkView) step(s channel.CheckStep) {
	r := v.rows[s.Step]
	if r == nil || s.Check != v.number || v.number == 0 || r.ended {
		return
	}
	r.ended = s.State != channel.StepRunning
	r.set(s.State)
}

// refused tells whether the check got as far as a login that was refused.
func (v *checkView) refused() bool {
	return v.failed != nil && v.failed.Code == status.CodeLoginRefused
}

func (v *checkView) finish(a config.Account, p *status.Problem) {
	v.stop()
	v.failed = p
	if p == nil {
		say(v.what, words.Text(words.SayCheckOK), widget.SuccessImportance)
		relayout(v.box)
		v.done(true)
		return
	}
	for _, r := range v.rows {
		if r.busy.Visible() { // it was cut short in this step
			r.set(channel.StepFailed)
		}
	}
	s := words.Problem(*p).Here()
	say(v.what, s.What+".", widget.DangerImportance)
	say(v.do, s.Do, widget.MediumImportance)
	if p.Cert == nil || !a.TLS || p.Cert.Fingerprint == "" || p.Code == status.CodeCertWeakKey {
		v.helps(p)
		say(v.detail, technical(p.Detail), widget.LowImportance)
	} else {
		switch p.Code {
		case status.CodeCertSelf, status.CodeCertUnknownCA:
			say(v.do, words.Text(words.SayTrustHere), widget.MediumImportance)
		}
		for _, r := range v.rows { // make room: it has to be seen whole
			showIf(r.row, r.ended)
		}
		if v.locked { // it is not for the person to trust another
			say(v.do, words.Text(words.SayPinLocked), widget.MediumImportance)
		} else {
			v.cert.show(*p.Cert)
		}
	}
	relayout(v.box)
	v.done(false)
}

// technical is the innermost of the errors that a detail strings together.
func technical(said clean.Foreign) string {
	const prefix = "ami: "
	detail := words.Clean(said)
	if i := strings.LastIndex(detail, prefix); i >= 0 {
		return detail[i+len(prefix):]
	}
	return detail
}

func (r *stepRow) set(state string) {
	r.busy.Stop()
	r.busy.Hide()
	r.icon.Show()
	r.text.Importance = widget.MediumImportance
	switch state {
	case channel.StepRunning:
		r.icon.Hide()
		r.busy.Show()
		r.busy.Start()
	case channel.StepOK:
		r.icon.SetResource(tint(theme.ConfirmIcon(), theme.ColorNameSuccess))
	case channel.StepFailed:
		r.icon.SetResource(tint(theme.CancelIcon(), theme.ColorNameError))
		r.text.Importance = widget.DangerImportance
	default:
		r.icon.SetResource(tint(theme.RadioButtonIcon(), theme.ColorNameDisabled))
		r.text.Importance = widget.LowImportance
	}
	r.text.Refresh()
}

// certView shows a certificate and asks whether to trust it. The button works
// only after the tick: it is the person who vouches. It comes up by itself, while
// something else in the window may be typed into.
type certView struct {
	guard *guard
	box   *panel
	grid  *fyne.Container
	tick  *tick
	trust *button
	pin   string
}

func newCertView(a *App, k *keys, trust func(pin string)) *certView {
	v := &certView{guard: newGuard(a), grid: newGrid()}
	v.guard.strict = true
	k.guard.asks = append(k.guard.asks, v.guard)
	own := *k
	own.guard = v.guard
	v.trust = newYes(&own, words.Text(words.LabelTrust), func() {
		if v.tick.Checked {
			trust(v.pin)
		}
	})
	v.trust.Importance = widget.MediumImportance
	v.tick = newTick(&own, words.Text(words.LabelCompared), func(bool) { v.enable() })
	v.tick.yes = true
	v.guard.changed = v.enable
	v.box = newPanel(container.NewVBox(v.grid, v.tick, container.NewHBox(layout.NewSpacer(), v.trust)))
	v.box.Hide()
	return v
}

func (v *certView) show(c status.Cert) {
	v.pin = c.Fingerprint
	v.grid.RemoveAll()
	add := func(name, value string, mono bool) {
		if value == "" {
			return
		}
		text := newText(value)
		text.TextStyle.Monospace = mono
		text.Wrapping = fyne.TextWrapBreak
		n, t := newNote(name), text
		n.Wrapping = fyne.TextWrapOff
		t.SizeName = theme.SizeNameCaptionText
		v.grid.Add(n)
		v.grid.Add(t)
	}
	add(words.Text(words.LabelCertOf), words.Clean(c.Subject), false)
	add(words.Text(words.LabelCertValid), words.Days(c.NotBefore, c.NotAfter), false)
	add(words.Text(words.LabelFingerprint), fingerprintText(c.Fingerprint), true)
	if c.Pinned != "" {
		add(words.Text(words.LabelPinnedBefore), fingerprintText(c.Pinned), true)
	}
	v.tick.SetChecked(false)
	v.box.Show()
	v.guard.hold()
}

// enable lets the question be answered in time. The keyboard goes there from nowhere
// else: it may be typed with.
func (v *certView) enable() {
	if !v.guard.live {
		v.tick.Disable()
	} else {
		v.tick.Enable()
	}
	v.trust.enable(v.guard.live && v.tick.Checked)
	c := fyne.CurrentApp().Driver().CanvasForObject(v.tick)
	if c == nil || !v.guard.open {
		return
	}
	if _, led := c.Focused().(*button); led && !v.guard.live { // by a Tab that was meant for elsewhere
		c.Unfocus()
	}
	if v.guard.live && c.Focused() == nil {
		c.Focus(v.tick)
	}
}

func (v *certView) hide() {
	v.guard.leave()
	v.box.Hide()
}
