package window

import (
	"context"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

func (d *desk) openAssistant() *assistantWindow {
	d.show(channel.Show{Window: channel.WindowAssistant})
	return d.app.assistant
}

// fillLogin fills the assistant's first page.
func fillLogin(f *form) {
	f.rows[fieldHost].entry.SetText("pbx.example.com")
	f.rows[fieldUsername].entry.SetText("c2c")
	f.rows[fieldSecret].entry.SetText("s3cret")
	f.rows[fieldTenant].entry.SetText("0f3c2a54-9a1b-4f6e-8d52-1c0e5b7a9d11")
}

// An Asterisk that is no KalliopePBX is asked for no tenant; what was typed for one comes
// back with the syntax that wants it.
func TestTheAssistantForAnyAsterisk(t *testing.T) {
	d := newDesk(t)
	w := d.openAssistant()
	fillLogin(w.form)
	seen := func(name string) bool {
		return w.form.only[name][0].Visible() && w.form.only[name][1].Visible()
	}
	if !seen(fieldTenant) || seen(fieldChannel) || seen(fieldContext) {
		t.Error("a KalliopePBX is asked for other than its tenant")
	}
	syntax := w.form.others.row(fieldSyntax)
	syntax.show(string(config.SyntaxPlain))
	if seen(fieldTenant) || !seen(fieldChannel) || !seen(fieldContext) {
		t.Error("the chosen syntax is not asked for what it needs")
	}
	w.form.rows[fieldChannel].entry.SetText("PJSIP/7101")
	press(w.next, fyne.KeyReturn)
	if w.page != pageAccount || w.win.Canvas().Focused() != fyne.Focusable(w.form.rows[fieldChannel].entry) {
		t.Errorf("a channel without the extension is taken: page %d", w.page)
	}
	w.form.rows[fieldChannel].entry.SetText("PJSIP/%extension%")
	press(w.next, fyne.KeyReturn)
	d.answered()
	if a := d.agent.checked[0].Account; a.Syntax != config.SyntaxPlain || a.Tenant != "" || a.Channel != "PJSIP/%extension%" || a.Context != "" || !w.passed {
		t.Errorf("checked with %+v", a)
	}
	syntax.show(string(config.SyntaxWrapper))
	if got := w.form.value().Tenant; !seen(fieldTenant) || got != "0f3c2a54-9a1b-4f6e-8d52-1c0e5b7a9d11" {
		t.Errorf("the tenant is %q", got)
	}
}

func TestTheAssistantFromStartToTestCall(t *testing.T) {
	d := newDesk(t)
	d.agent.extensions = []status.Extension{{Number: "7101"}, {Number: "7102"}, {Number: "7201", Hint: "PJSIP/Reception"}}
	w := d.openAssistant()
	if w.win.Canvas().Focused() != fyne.Focusable(w.form.rows[fieldHost].entry) {
		t.Errorf("focus on %T", w.win.Canvas().Focused())
	}
	fillLogin(w.form)
	press(w.form.rows[fieldTenant].entry, fyne.KeyReturn)
	if w.page != pageTest || !w.next.Disabled() {
		t.Fatalf("page %d, next %v", w.page, !w.next.Disabled())
	}
	d.answered()
	if !w.passed || w.check.what.Text != words.Text(words.SayCheckOK) || w.check.rows[status.StepTLS].row.Visible() {
		t.Errorf("check: %q", w.check.what.Text)
	}
	press(w.next, fyne.KeyReturn)
	d.answered()
	if w.page != pagePick || len(w.pick.list.shown) != 3 {
		t.Fatalf("page %d with %d extensions", w.page, len(w.pick.list.shown))
	}
	write(w.form.rows[fieldExtension].entry, "recep")
	if len(w.pick.list.shown) != 1 {
		t.Errorf("narrowed to %v", w.pick.list.shown)
	}
	w.pick.list.Select(0)
	if got := w.form.rows[fieldExtension].entry.Text; got != "7201" || w.page != pagePick {
		t.Errorf("picked %q", got)
	}
	press(w.form.rows[fieldExtension].entry, fyne.KeyReturn)
	if w.page != pagePrefix {
		t.Fatalf("page %d", w.page)
	}
	before := w.exampleN.Text
	w.form.rows[fieldPrefix].entry.SetText("9")
	if w.exampleN.Text == before {
		t.Errorf("the example stays %q", before)
	}
	press(w.next, fyne.KeyReturn)
	press(w.next, fyne.KeyReturn)
	d.answered()
	if w.page != pageDone || len(d.agent.saved) != 1 {
		t.Fatalf("page %d, saved %d times", w.page, len(d.agent.saved))
	}
	e := d.agent.saved[0]
	if e.Account.Extension != "7201" || e.Account.Prefix != "9" || e.Account.Host != "pbx.example.com" ||
		e.Account.Port != 5038 || e.Secret == nil || *e.Secret != "s3cret" {
		t.Errorf("saved %+v", e)
	}
	tap(w.test)
	tap(w.test)
	d.answered()
	if n := d.agent.count("test call"); n != 1 {
		t.Errorf("%d test calls", n)
	}
	d.push(status.Snapshot{Seq: 1, Call: ringing("t", "800", "", call.RingingOwn)})
	if !w.view.box.Visible() {
		t.Error("the test call is not shown")
	}
	if size := w.view.box.Size(); size.Height < w.view.box.MinSize().Height {
		t.Errorf("the test call has no room: %v", size)
	}
	d.push(status.Snapshot{Seq: 2, Call: ringing("t", "800", "", call.Ended)})
	if w.test.Disabled() || w.view.title.Text == words.CallTitle(call.Snapshot{State: call.RingingOwn}) {
		t.Error("the end of the test call is not shown")
	}
	press(w.next, fyne.KeyReturn)
	if d.app.visible[w.win] {
		t.Error("Done does not close")
	}
}

func TestTheAssistantHoldsBackWhatIsWrong(t *testing.T) {
	d := newDesk(t)
	w := d.openAssistant()
	press(w.next, fyne.KeyReturn)
	if w.page != pageAccount || w.win.Canvas().Focused() != fyne.Focusable(w.form.rows[fieldHost].entry) {
		t.Errorf("page %d, focus on %T", w.page, w.win.Canvas().Focused())
	}
	for field, code := range map[string]string{
		fieldHost: config.CodeMissing, fieldUsername: config.CodeMissing, fieldTenant: config.CodeMissing,
	} {
		if want := words.FieldError(field, code).String(); w.form.rows[field].note.Text != want {
			t.Errorf("%s: %q, want %q", field, w.form.rows[field].note.Text, want)
		}
	}
	if w.form.rows[fieldSecret].note.Text == "" {
		t.Error("nothing is said about the missing password")
	}
	fillLogin(w.form)
	for _, r := range w.form.all {
		if r.note.Importance == widget.DangerImportance && r.field != fieldExtension {
			t.Errorf("%s: still %q", r.field, r.note.Text)
		}
	}
	w.form.rows[fieldPort].entry.SetText("no")
	press(w.next, fyne.KeyReturn)
	if w.page != pageAccount || w.win.Canvas().Focused() != fyne.Focusable(w.form.rows[fieldPort].entry) {
		t.Errorf("port: page %d", w.page)
	}
}

// TestTLSLeavesThePortAlone: no port is AMI over TLS by custom. 5039, which
// Asterisk suggests, is another service on a KalliopePBX.
func TestTLSLeavesThePortAlone(t *testing.T) {
	d := newDesk(t)
	w := d.openAssistant()
	tap(w.form.tls)
	if port := w.form.rows[fieldPort].entry; port.Text != "5038" {
		t.Errorf("with TLS the port became %s", port.Text)
	}
}

// TestTLSIsOffered: who checks an account without TLS is offered it where the PBX has it,
// and has it checked with one press.
func TestTLSIsOffered(t *testing.T) {
	d := newDesk(t)
	d.agent.tls = map[string]int{"pbx.example.com": 6039}
	w := d.openAssistant()
	fillLogin(w.form)
	press(w.next, fyne.KeyReturn)
	d.answered()
	if !w.passed || !w.check.tls.Visible() {
		t.Fatalf("passed %v, offered %v", w.passed, w.check.tls.Visible())
	}
	if w.win.Canvas().Focused() != fyne.Focusable(w.next) {
		t.Errorf("focus on %T", w.win.Canvas().Focused())
	}
	press(w.check.use, fyne.KeySpace)
	d.answered()
	e := d.agent.checked[len(d.agent.checked)-1]
	if !e.Account.TLS || e.Account.Port != 6039 || !w.passed || w.check.tls.Visible() || len(d.agent.checked) != 2 {
		t.Errorf("checked %+v, passed %v, offered again %v", e.Account, w.passed, w.check.tls.Visible())
	}
	press(w.back, fyne.KeyReturn)
	fillLogin(w.form)
	w.form.tls.SetChecked(false)
	w.form.rows[fieldHost].entry.SetText("other.example.com")
	d.advance(drawTime + callAfter)
	press(w.next, fyne.KeyReturn)
	d.answered()
	if n := d.agent.count("tls other.example.com"); w.page != pageTest || w.check.tls.Visible() || n != 1 {
		t.Errorf("page %d, offered %v, asked %d times", w.page, w.check.tls.Visible(), n)
	}
}

// TestAWeakKeyCannotBeTrusted: there is nothing to tick.
func TestAWeakKeyCannotBeTrusted(t *testing.T) {
	d := newDesk(t)
	for code, tick := range map[status.Code]bool{status.CodeCertWeakKey: false, status.CodeCertWeakSignature: true, status.CodeCertSelf: true} {
		p := trouble(code)
		p.Cert = &status.Cert{Fingerprint: strings.Repeat("a1b2", 16), Subject: "CN=pbx"}
		d.agent.check = checkUpTo(status.StepTLS, p)
		w := d.openAssistant()
		fillLogin(w.form)
		w.form.tls.SetChecked(true)
		press(w.next, fyne.KeyReturn)
		d.answered()
		if w.check.cert.box.Visible() != tick || w.passed {
			t.Errorf("%s: a certificate to trust is shown: %v", code, !tick)
		}
		press(w.back, fyne.KeyReturn)
	}
}

func TestAFieldIsJudgedWhenThePersonHesitates(t *testing.T) {
	d := newDesk(t)
	w := d.openAssistant()
	r := w.form.rows[fieldTenant]
	write(r.entry, "0f3c")
	if r.note.Importance == widget.DangerImportance {
		t.Error("judged while typing")
	}
	d.advance(hesitateTime)
	if r.note.Importance != widget.DangerImportance {
		t.Error("not judged after a pause")
	}
	write(r.entry, "2a54-9a1b-4f6e-8d52-1c0e5b7a9d11")
	if r.note.Importance == widget.DangerImportance {
		t.Errorf("%q is %q", r.entry.Text, r.note.Text)
	}
}

func TestAFailedCheckSaysWhatToDo(t *testing.T) {
	d := newDesk(t)
	p := trouble(status.CodeLoginRefused)
	p.Detail = "ami: login refused: ami: Authentication\u202e failed\n"
	d.agent.check = checkUpTo(status.StepLogin, p)
	w := d.openAssistant()
	fillLogin(w.form)
	press(w.next, fyne.KeyReturn)
	d.answered()
	s := words.Problem(status.Problem{Code: status.CodeLoginRefused})
	if w.check.what.Text != s.What+"." || w.check.do.Text != s.Here().Do || w.check.detail.Text != "Authentication failed" {
		t.Errorf("%q, %q, %q", w.check.what.Text, w.check.do.Text, w.check.detail.Text)
	}
	if w.next.Text != words.Text(words.LabelTryAgain) {
		t.Errorf("next is %q", w.next.Text)
	}
	if w.win.Canvas().Focused() != fyne.Focusable(w.back) {
		t.Errorf("after a refused login the focus is on %T", w.win.Canvas().Focused())
	}
	d.agent.check = checkAllOK
	press(w.next, fyne.KeyReturn)
	d.answered()
	if !w.passed || w.next.Text != words.Text(words.LabelNext) {
		t.Errorf("next is %q after trying again", w.next.Text)
	}
	press(w.next, fyne.KeyReturn)
	d.answered()
	press(w.back, fyne.KeyReturn)
	if w.page != pageAccount {
		t.Errorf("Back leads to page %d", w.page)
	}
}

func TestACheckThatIsLeftIsGivenUp(t *testing.T) {
	d := newDesk(t)
	released := make(chan struct{})
	d.agent.check = func(ctx context.Context, _ channel.Edit, report func(channel.CheckStep)) *status.Problem {
		report(channel.CheckStep{Step: status.StepResolve, State: channel.StepRunning})
		<-ctx.Done()
		close(released)
		return trouble(status.CodeUnreachable)
	}
	w := d.openAssistant()
	fillLogin(w.form)
	press(w.next, fyne.KeyReturn)
	d.until("the first step", func() bool { return w.check.rows[status.StepResolve].busy.Visible() })
	press(w.back, fyne.KeyReturn)
	<-released
	d.answered()
	if w.page != pageAccount || w.check.failed != nil {
		t.Errorf("page %d, failed %v", w.page, w.check.failed)
	}
}

func TestACertificateIsTrustedOnlyAfterAYes(t *testing.T) {
	d := newDesk(t)
	d.agent.check = selfSigned
	w := d.openAssistant()
	fillLogin(w.form)
	w.form.tls.SetChecked(true)
	press(w.next, fyne.KeyReturn)
	d.answered()
	d.advance(drawTime + callAfter)
	cert := w.check.cert
	if w.win.Canvas().Focused() != fyne.Focusable(cert.tick) {
		t.Errorf("focus on %T", w.win.Canvas().Focused())
	}
	if !cert.box.Visible() || !cert.trust.Disabled() {
		t.Fatalf("shown %v, button %v", cert.box.Visible(), !cert.trust.Disabled())
	}
	press(cert.trust, fyne.KeyReturn)
	pointAt(cert.trust)
	tap(cert.trust)
	if w.form.value().TLSPin != "" {
		t.Fatal("trusted without a yes")
	}
	cert.tick.SetChecked(true)
	tap(cert.trust)
	d.answered()
	if !w.passed || w.form.value().TLSPin != strings.Repeat("a1b2", 16) {
		t.Errorf("passed %v with the pin %q", w.passed, w.form.value().TLSPin)
	}
	// The pin is that machine's.
	w.form.rows[fieldHost].entry.SetText("other.example.com")
	if pin := w.form.value().TLSPin; pin != "" {
		t.Errorf("another host has the pin %q", pin)
	}
}

func TestWithoutAListTheExtensionIsTyped(t *testing.T) {
	d := newDesk(t)
	d.agent.noList = trouble(status.CodeNoPermission)
	w := d.openAssistant()
	fillLogin(w.form)
	w.goOn()
	d.answered()
	w.goOn()
	d.answered()
	if !strings.HasPrefix(w.pick.note.Text, words.Text(words.SayNoList)) {
		t.Errorf("note %q", w.pick.note.Text)
	}
	// A PBX without lists is no fault, and the way on stands in the sentence.
	d.agent.noList = trouble(status.CodeNoList)
	w.pick.start(w.form.edit())
	d.answered()
	if want := "This PBX cannot list extensions. Type yours: dialling works without the list."; w.pick.note.Text != want {
		t.Errorf("note %q, want %q", w.pick.note.Text, want)
	}
	w.goOn()
	if w.page != pagePick {
		t.Error("went on without an extension")
	}
	write(w.form.rows[fieldExtension].entry, "7101")
	w.goOn()
	if w.page != pagePrefix {
		t.Errorf("page %d", w.page)
	}
}

func TestASaveThatFailsKeepsTheAssistantOpen(t *testing.T) {
	d := newDesk(t)
	d.agent.noSave = &status.Problem{Code: status.CodeSettingsReadOnly}
	w := d.openAssistant()
	fillLogin(w.form)
	w.form.rows[fieldExtension].entry.SetText("7101")
	w.turn(pagePrefix)
	w.goOn()
	d.answered()
	if w.page != pagePrefix || w.problem.Text != words.ProblemText(d.agent.noSave) {
		t.Errorf("page %d, problem %q", w.page, w.problem.Text)
	}
	d.agent.noSave, d.agent.save = nil, channel.Saved{Warning: &status.Problem{Code: status.CodeSecretSession}}
	w.goOn()
	d.answered()
	if w.page != pageDone || w.warning.Text != words.ProblemText(d.agent.save.Warning) {
		t.Errorf("page %d, warning %q", w.page, w.warning.Text)
	}
}

// What was pasted together is taken apart where one sees it, when its field is left
// and when Enter is pressed in it.
func TestAPastedAddressIsTakenApart(t *testing.T) {
	d := newDesk(t)
	w := d.openAssistant()
	fillLogin(w.form)
	rows := w.form.rows
	fields := func(host, port, user, tenant string, tls bool) {
		t.Helper()
		if rows[fieldHost].entry.Text != host || rows[fieldPort].entry.Text != port || rows[fieldUsername].entry.Text != user ||
			rows[fieldTenant].entry.Text != tenant || w.form.tls.Checked != tls {
			t.Errorf("host %q, port %q, user %q, tenant %q, TLS %v", rows[fieldHost].entry.Text, rows[fieldPort].entry.Text,
				rows[fieldUsername].entry.Text, rows[fieldTenant].entry.Text, w.form.tls.Checked)
		}
	}
	const tenant = "0f3c2a54-9a1b-4f6e-8d52-1c0e5b7a9d11"
	focus := w.win.Canvas().Focus
	rows[fieldUsername].entry.SetText("")
	focus(rows[fieldHost].entry)
	rows[fieldHost].entry.SetText("amis://c2c@PBX.müller.example:6039/")
	focus(rows[fieldTenant].entry)
	fields("pbx.müller.example", "6039", "c2c", tenant, true)
	rows[fieldTenant].entry.SetText("{" + strings.ToUpper(strings.ReplaceAll(tenant, "-", "")) + "}")
	focus(rows[fieldHost].entry)
	fields("pbx.müller.example", "6039", "c2c", tenant, true)
	for _, bad := range []string{"pbx example", "127.0.0.1:ami"} { // for the person to correct
		rows[fieldHost].entry.SetText(bad)
		press(rows[fieldHost].entry, fyne.KeyReturn)
		fields(bad, "6039", "c2c", tenant, true)
		if w.page != pageAccount || !strings.Contains(rows[fieldHost].note.Text, "Host is not right") {
			t.Errorf("%s: page %d, %q", bad, w.page, rows[fieldHost].note.Text)
		}
	}
	rows[fieldHost].entry.SetText("[::1]:5038")
	press(rows[fieldHost].entry, fyne.KeyReturn)
	d.answered()
	fields("::1", "5038", "c2c", tenant, true)
	if w.page != pageTest || len(d.agent.checked) != 1 {
		t.Fatalf("page %d", w.page)
	}
	if a := d.agent.checked[0].Account; a.Host != "::1" || a.Port != 5038 || !a.TLS || a.Username != "c2c" || a.Tenant != tenant {
		t.Errorf("checked %+v", a)
	}
}
