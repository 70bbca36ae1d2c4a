package window

import (
	"errors"
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/contacts"
	"cornetta/dialer/history"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// gallery shows every window in the states in which it has most to say, and has each
// looked at.
type gallery struct {
	*desk
	see func(name string, w fyne.Window)
	all bool // also those that differ in their words alone
}

// walk goes through all of it, on a desk of its own for each window.
func walk(t *testing.T, dark, all bool, see func(d *desk, name string, w fyne.Window)) {
	for _, scenes := range []func(gallery){dialScenes, assistantScenes, settingsScenes, policyScenes, historyScenes, booksScenes, doctorScenes, helpScenes, questionScenes, colleaguesScenes, transferScenes} {
		d := newDesk(t)
		d.app.fyne.Settings().SetTheme(newVariant(dark))
		scenes(gallery{d, func(name string, w fyne.Window) { see(d, name, w) }, all})
	}
}

// variant is the look of a desktop that is dark, or light.
type variant struct {
	fyne.Theme
	is fyne.ThemeVariant
}

func newVariant(dark bool) fyne.Theme {
	if dark {
		return &variant{newLook(), theme.VariantDark}
	}
	return &variant{newLook(), theme.VariantLight}
}

func (v *variant) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	return v.Theme.Color(name, v.is)
}

// fronts are codes to choose from.
var fronts = []status.Front{
	{Key: "withhold", Shown: "*671 0 06 1234567"}, {Key: "1234", Name: "Studio Rossi", Shown: "1234* 0 06 1234567"},
}

const longName = "Dr. Maximilian-Alexander von und zu Hohenstein-Wittelsbach-Sayn-Berleburg"

// unforeseen is something that went wrong of which there is much to say.
func unforeseen() *status.Problem {
	return &status.Problem{Code: "unknown", Detail: clean.Foreign(strings.Repeat("dial tcp: lookup pbx.example.com: no such host; ", 5))}
}

func dialScenes(g gallery) {
	w := g.openDial("")
	g.see("dial-empty", w.win)
	now := g.now
	g.agent.recent = []history.Entry{
		{At: now.Add(-time.Minute), Number: "0390505550123", State: call.Ended, Duration: 83 * time.Second},
		{At: now.Add(-26 * time.Hour), Number: "7102", State: call.Failed, Cause: call.NoAnswer},
		{At: now.Add(-50 * time.Hour), Number: "000390505550199", State: call.Failed, Cause: call.Unreachable},
		{At: now.Add(-900 * time.Hour), Number: "*401", State: call.Failed, Cause: call.NotPermitted},
	}
	g.show(channel.Show{Window: channel.WindowDial})
	g.see("dial-recent", w.win)
	w.keys.guard.note.tell(words.Text(words.SayPressedEarly))
	g.see("dial-early", w.win)
	w.keys.guard.note.take()
	w.number.SetText("899 123456")
	g.answered()
	g.see("dial-risk", w.win)
	w.number.SetText("call me")
	g.answered()
	g.see("dial-wrong", w.win)
	g.agent.found = map[string][]channel.Suggestion{"ros": {
		{Name: "Anna Rossi", Number: "0390505550123", Recent: &g.agent.recent[0]},
		{Name: "Anna Rossi", Company: "Officina Àlfa S.r.l.", Kind: "mobile", Number: "+39 333 1234507"},
		{Name: "Anna Rossi", Company: "Officina Àlfa S.r.l.", Kind: "fax", Number: "050 555 0129"},
		{Name: longName, Company: longName, Kind: "main", Number: "050 555 0130"},
		{Name: "Marco De Rossi", Company: "Beta", Kind: "internal", Number: "7102"},
	}}
	w.number.SetText("ros")
	g.answered()
	g.see("dial-found", w.win)
	w.found.focus()
	press(w.found, fyne.KeyDown)
	g.answered()
	g.see("dial-found-picked", w.win)
	g.agent.marked = []channel.Suggestion{
		{Name: "Anna Rossi", Company: "Officina Àlfa S.r.l.", Kind: "mobile", Number: "+39 333 1234507"},
		{Name: longName, Company: longName, Kind: "internal", Number: "7102"},
		{Number: "*401", Dialled: true},
	}
	for i := range 7 {
		g.agent.marked = append(g.agent.marked, channel.Suggestion{Name: "Marco De Rossi", Kind: "work", Number: clean.Foreign("050 555 014" + string(rune('0'+i)))})
	}
	w.number.SetText("")
	g.show(channel.Show{Window: channel.WindowDial})
	g.see("dial-favourites", w.win)
	w.recent.focus()
	press(w.recent, fyne.KeyEnd)
	g.answered()
	g.see("dial-favourites-end", w.win)
	w.number.SetText("*401")
	g.answered()
	g.see("dial-favourite", w.win)
	w.number.SetText("0390505550123")
	g.answered()
	g.see("dial-not-favourite", w.win)
	g.agent.previews = map[string]status.Offer{"06 1234567,,1224#": {Shown: "0 06 1234567", Reasons: []string{"post_dial_dropped"}, Then: ",,1224#", Codes: fronts}}
	w.number.SetText("06 1234567,,1224#")
	g.answered()
	g.see("dial-then", w.win)
	w.number.SetText("0390505550123")
	g.answered()
	seq := uint64(0)
	say := func(name string, c *call.Snapshot) {
		seq++
		g.push(status.Snapshot{Seq: seq, Connection: status.Connected, Extension: "7101", Call: c})
		g.see(name, w.win)
	}
	for _, s := range []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar, call.InCall, call.Cancelled} {
		if !g.all && s != call.RingingFar && s != call.InCall {
			continue
		}
		say("dial-call-"+string(s), ringing("1", "0390505550123", "Mario Rossi", s))
	}
	for _, cause := range []call.Cause{
		call.OwnNoAnswer, call.OwnBusy, call.OwnUnreachable, call.OwnDeclined, call.OwnDoNotDisturb, call.OwnNotConfirmed, call.Unreachable, call.Busy,
		call.NoAnswer, call.Rejected, call.NoSuchNumber, call.Network, call.NotPermitted, call.NoRight, call.Refused,
	} {
		if !g.all && cause != call.OwnUnreachable {
			continue
		}
		c := ringing("1", "0390505550123", "", call.Failed)
		c.Cause = cause
		say("dial-failed-"+string(cause), c)
	}
	for _, code := range []status.Code{status.CodeLoginClosed, status.CodeCertUnknownCA, status.CodeUnreachable, status.CodeKeyring} {
		if !g.all && code != status.CodeKeyring {
			continue
		}
		seq++
		g.push(status.Snapshot{Seq: seq, Connection: status.Trouble, Trouble: &status.Problem{Code: code}, Extension: "7101"})
		g.see("dial-trouble-"+string(code), w.win)
	}
	g.push(status.Snapshot{Seq: 890, Connection: status.Trouble, Trouble: unforeseen(), Extension: "7101"})
	g.see("dial-trouble-long", w.win)
	for _, k := range []call.Keying{call.KeyedByHand, call.KeyedByPBX} {
		c := ringing("3", "0390505550123", "Mario Rossi", call.InCall)
		c.Then, c.Keying = ",,81234567890#,,,,*123456#", k
		g.push(status.Snapshot{Seq: 900, Connection: status.Connected, Extension: "7101", Call: c})
		g.see("dial-call-then-"+string(k), w.win)
	}
	long := ringing("2", strings.Repeat("0123456789", 4), longName, call.InCall)
	g.push(status.Snapshot{Seq: 901, Connection: status.Connected, Extension: "7101", Call: long})
	g.see("dial-call-long", w.win)
	g.push(status.Snapshot{Seq: 902, Connection: status.Connected, Extension: "7101"})
	g.show(channel.Show{Window: channel.WindowDial, Text: "tel:x", Link: 3, Reason: words.LinkUnread("letters", 3)})
	g.see("dial-link", w.win)
	g.show(channel.Show{Window: channel.WindowDial, Text: "a 050 1234507 b 7102", Choices: []status.Offer{
		{ID: 71, Shown: "0 0501234507", Text: "050 1234507", Reasons: []string{"link"}},
		{ID: 72, Shown: "7102", Text: "7102"},
		{ID: 73, Shown: "0 " + strings.Repeat("0123456789", 4), Text: strings.Repeat("0123456789", 4), Reasons: []string{"ambiguous_trunk_zero", "premium"}},
	}})
	g.see("dial-several", w.win)
}

// press presses a button when that counts, whatever see has done to the keyboard.
func (g gallery) press(b *button) {
	g.advance(drawTime + longAfter)
	press(b, fyne.KeyReturn)
}

func assistantScenes(g gallery) {
	g.agent.extensions = []status.Extension{
		{Number: "7101", Hint: "PJSIP/7101"},
		{Number: "7102", Hint: "PJSIP/7102", Status: 1},
		{Number: "7103", Hint: "PJSIP/7103", Status: 4},
		{Number: "7104", Hint: "PJSIP/7104", Status: 8},
		{Number: "7202", Hint: "PJSIP/7202", Status: 16},
	}
	g.agent.check = selfSigned
	w := g.openAssistant()
	g.see("assistant-1", w.win)
	g.press(w.next)
	g.see("assistant-1-missing", w.win)
	w.form.others.row(fieldSyntax).show(string(config.SyntaxPlain))
	g.see("assistant-1-plain", w.win)
	w.form.others.row(fieldSyntax).show(string(config.SyntaxVariables))
	fillLogin(w.form)
	for _, p := range []*status.Problem{trouble(status.CodeLoginRefused), unforeseen()} {
		g.agent.tls = map[string]int{w.form.text(fieldHost): 5039}
		g.agent.check = checkUpTo(status.StepLogin, p)
		g.press(w.next)
		g.answered()
		g.see("assistant-2-"+string(p.Code), w.win)
		g.press(w.back)
	}
	g.agent.check = selfSigned
	w.form.tls.SetChecked(true)
	g.press(w.next)
	g.answered()
	g.see("assistant-2-certificate", w.win)
	g.advance(longAfter)
	g.see("assistant-2-certificate-live", w.win)
	w.check.cert.tick.SetChecked(true)
	g.advance(drawTime + longAfter)
	pointAt(w.check.cert.trust)
	tap(w.check.cert.trust)
	g.answered()
	g.see("assistant-2-works", w.win)
	g.press(w.next)
	g.answered()
	g.see("assistant-3", w.win)
	w.form.rows[fieldExtension].entry.SetText("7103")
	g.see("assistant-3-away", w.win)
	g.press(w.next)
	g.answered()
	g.see("assistant-4", w.win)
	g.press(w.next)
	g.answered()
	g.see("assistant-5", w.win)
	if w.page != pageDone {
		g.t.Fatalf("the assistant got to page %d", w.page)
	}
	g.advance(drawTime + longAfter)
	tap(w.test)
	g.answered()
	g.push(status.Snapshot{Seq: 1, Call: ringing("t", "800", "", call.RingingOwn)})
	g.see("assistant-5-call", w.win)
}

func settingsScenes(g gallery) {
	g.agent.settings, g.agent.secret = account(), inKeyring
	g.agent.settings.Account.TLS, g.agent.settings.Account.TLSPin = true, strings.Repeat("a1b2", 16)
	g.agent.settings.CopiesHighlighted = true
	g.agent.settings.KeyTroubles = map[string]channel.KeyTrouble{
		fieldClipboard: {Problem: status.Problem{Code: status.CodeKeysNoPortal}, Command: "cornetta dial --clipboard"},
		fieldSelection: {Problem: status.Problem{Code: status.CodeKeysRefused}},
	}
	g.agent.registered = channel.Registered{Other: "Linphone"}
	g.agent.settings.Accounts = []string{""}
	s := g.openSettings()
	for section, name := range []string{"account", "numbers", "keys", "start", "actions"} {
		s.turn(section)
		g.see("settings-"+name, s.win)
	}
	s.hooks.row("on_ringing_own").show("https://crm.example.com/search?phone={international}")
	s.hooks.row("on_ended").show("log-call")
	s.hooks.draw()
	g.press(s.hooks.tries[0])
	g.answered()
	g.see("settings-actions-tried", s.win)
	g.agent.noTry = &status.Problem{Code: status.CodeHookFailed, Field: "on_ringing_own", Detail: "exit status 3"}
	g.press(s.hooks.tries[0])
	g.answered()
	g.see("settings-actions-failed", s.win)
	s.hooks.row("on_ended").show("")
	// Whatever can be chosen has room where it is chosen.
	for section, rows := range map[int]settingRows{
		sectionAccount: s.form.others, sectionNumbers: s.numbers.settingRows, sectionStart: {s.others.row(fieldLanguage)},
	} {
		if !g.all {
			break
		}
		s.turn(section)
		for _, r := range rows {
			before := r.text()
			for _, v := range r.Codes {
				r.show(v)
				rows.draw()
				g.see("settings with "+r.Key+"="+v, s.win)
			}
			r.show(before)
		}
	}
	v := account()
	v.Account.Name, v.Account.ByNetwork = strings.Repeat("Ufficio Nord ", 3), true
	v.Accounts = []string{"Lab", v.Account.Name}
	s.turn(sectionAccount)
	s.load(v)
	s.list.tapRemove()
	g.see("settings-account-several", s.win)
	s.form.rows[fieldExtension].entry.SetText("7102")
	s.list.pick.pick("Lab")
	g.see("settings-account-unsaved", s.win)
	s.load(account())
	s.turn(sectionPhone)
	g.see("settings-phone", s.win)
	s.turn(sectionKeys)
	s.combos.clipboard.capture()
	g.see("settings-keys-awaited", s.win)
	s.combos.leave()
	g.answered()
	s.turn(sectionNumbers)
	s.numbers.region.entry.SetText("")
	s.numbers.region.entry.SetText("S")
	g.see("settings-numbers-countries", s.win)
	s.numbers.region.entry.SetText("Atlantis")
	g.see("settings-numbers-nowhere", s.win)
	s.numbers.region.set("IT")
	s.numbers.row(fieldConfirm).show("trusted")
	s.numbers.draw()
	s.numbers.tester.entry.SetText("+44 20 7946 0018")
	g.see("settings-numbers-tester", s.win)
	s.numbers.tester.entry.SetText("call me")
	g.see("settings-numbers-wrong", s.win)
	s.form.load(config.Account{})
	s.turn(sectionAccount)
	for _, r := range s.form.all {
		r.entry.SetText("é é")
	}
	s.tapCheck()
	g.see("settings-account-wrong", s.win)
	v = account()
	v.Account.Host, v.Account.Username = strings.Repeat("a-machine-with-a-long-name.", 8)+"example", strings.Repeat("c2c", 20)
	s.load(v)
	g.agent.check = selfSigned
	s.form.tls.SetChecked(true)
	s.tapCheck()
	g.answered()
	g.advance(longAfter)
	g.see("settings-account-long", s.win)
	g.agent.noSave = unforeseen()
	g.press(s.save)
	g.answered()
	g.see("settings-not-saved", s.win)
}

// policyScenes are of what an administrator has said.
func policyScenes(g gallery) {
	g.agent.settings, g.agent.secret = account(), inKeyring
	g.agent.settings.Policy = &status.Problem{Code: status.CodePolicyDamaged, Path: "/etc/cornetta/policy.d/10-company.toml:3"}
	g.agent.settings.Locked = map[string]string{}
	for _, key := range []string{fieldHost, fieldTLS, fieldPrefix, fieldRegion, fieldConfirm, "premium", "abroad", fieldClipboard, fieldLink, "hooks", "on_ended", "incoming", fieldBusNumbers} {
		g.agent.settings.Locked[key] = "/etc/cornetta/policy.d/10-company.toml:12"
	}
	s := g.openSettings()
	for section, name := range map[int]string{sectionAccount: "account", sectionNumbers: "numbers", sectionKeys: "keys", sectionHooks: "actions", sectionPhone: "phone"} {
		s.turn(section)
		g.see("settings-"+name+"-locked", s.win)
	}
	g.show(enrolment(1, true))
	g.see("enrolment", g.app.enrolment.win)
}

func historyScenes(g gallery) {
	w := g.openHistory()
	g.see("history-empty", w.win)
	for i, e := range []history.Entry{
		{Number: "0390505550123", Name: "Anna Rossi", State: call.Ended, Duration: 83 * time.Second, Way: call.ByContact, Given: "050 555 0123", Account: "clicktocall@pbx.example.com:5038", Note: "quote sent"},
		{Number: "0390501234502", State: call.InMissed, Way: call.CameIn, Given: "0390501234502", Name: "Ditta Verdi", Called: "600"},
		{Number: "0390501234507", State: call.InElsewhere, Way: call.CameIn, Given: "0390501234507"},
		{State: call.InEnded, Duration: 61 * time.Second, Way: call.CameIn},
		{Number: "7102", State: call.Failed, Cause: call.NoAnswer, Way: call.ByTyping, Given: "7102"},
		{Number: "000390505550199", State: call.Failed, Cause: call.Busy, Way: call.ByLink, Given: "tel:+39-050-5550199", Account: "clicktocall@pbx.example.com:5038"},
	} {
		e.ID, e.At = 9-i, g.now.Add(-time.Duration(i*20+1)*time.Hour)
		g.agent.past = append(g.agent.past, e)
	}
	g.show(channel.Show{Window: channel.WindowHistory})
	g.answered()
	g.see("history", w.win)
	w.list.focus()
	press(w.list, fyne.KeyEnd)
	g.answered()
	g.see("history-long", w.win)
	g.press(w.remove)
	g.see("history-remove", w.win)
	w.find.SetText("nobody")
	g.answered()
	g.see("history-none", w.win)
	g.show(channel.Show{Window: channel.WindowHistory, Missed: true})
	g.answered()
	if len(w.list.shown) != 1 || w.list.shown[0].State != call.InMissed {
		g.t.Errorf("beside the missed call: %d", len(w.list.shown)-1)
	}
	g.see("history-missed", w.win)
}

func booksScenes(g gallery) {
	s := g.openSettings()
	s.turn(sectionStart)
	g.press(s.books)
	g.answered()
	w := g.app.books
	g.see("books-empty", w.win)
	g.press(w.test)
	g.see("books-missing", w.win)
	g.agent.sources = []contacts.Listed{
		{Source: contacts.Source{ID: "1", Type: contacts.VCard, Path: "/home/anna/Contacts.vcf"}, People: 184, NoNumber: 12, Read: g.now.Add(-time.Hour)},
		{
			Source: contacts.Source{ID: "2", Type: contacts.CardDAV, URL: "https://cloud.example.com", User: "anna"}, People: 61, Read: g.now.Add(-50 * time.Hour),
			Since: g.now.Add(-49 * time.Hour), Problem: &status.Problem{Code: status.CodeSourceLogin, Attempt: status.AttemptContacts},
		},
		{Source: contacts.Source{ID: "g1", Type: contacts.LDAP, URL: "ldaps://pbx.example.com", Base: "ou=people,dc=example,dc=com"}, Given: true},
		{Source: contacts.Source{ID: "3", Type: contacts.CSV, Path: "/srv/" + strings.Repeat("a-folder-with-a-long-name/", 8) + "colleagues.csv"}, People: 1, Bad: 3, Read: g.now},
	}
	w.load("2")
	g.answered()
	g.see("books", w.win)
	w.list.focus()
	press(w.list, fyne.KeyEnd)
	g.answered()
	g.see("books-long", w.win)
	g.press(w.remove)
	g.see("books-remove", w.win)
	press(w.list, fyne.KeyUp)
	g.answered()
	g.see("books-given", w.win)
	w.fill(contacts.Source{Type: contacts.CSV, Path: "/home/anna/colleagues.csv"})
	g.agent.had = contacts.Tried{People: 184, NoNumber: 12, Bad: 2, Columns: []contacts.Column{
		{Name: "Name", Is: "name"}, {Name: "Company", Is: "company"}, {Name: "Business Phone", Is: "number", Kind: contacts.Work}, {Name: "Mobile Phone", Is: "number", Kind: contacts.Mobile},
	}}
	g.press(w.test)
	g.answered()
	g.see("books-tested", w.win)
	g.press(w.add)
	g.answered()
	g.see("books-added", w.win)
	home := g.t.TempDir()
	for _, name := range []string{"Documents/x", "Scaricati/x", "Contacts.vcf", "colleghi.csv", "photo.png", ".hidden.vcf"} {
		path := filepath.Join(home, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, nil, 0o600)); err != nil {
			g.t.Fatal(err)
		}
	}
	w.fill(contacts.Source{Type: contacts.VCard, Path: filepath.Join(home, "Contacts.vcf")})
	g.press(w.choose)
	g.answered()
	g.see("books-choose", w.browse.win)
	w.browse.load(filepath.Join(home, "Documents"), "")
	g.answered()
	g.see("books-choose-none", w.browse.win)
	w.browse.load(filepath.Join(home, "gone"), "")
	g.answered()
	g.see("books-choose-unread", w.browse.win)
	w.browse.hide()
	w.fill(contacts.Source{Type: contacts.LDAP, URL: "ldaps://pbx.example.com", Base: "ou=people,dc=example,dc=com", User: "cn=reader,dc=example,dc=com"})
	g.see("books-ldap", w.win)
	g.agent.noSource = &status.Problem{Code: status.CodeCertSelf, Attempt: status.AttemptContacts, Cert: selfSignedCert()}
	g.press(w.test)
	g.answered()
	w.win.Canvas().Focus(w.address.entry)
	g.advance(longAfter)
	g.see("books-certificate", w.win)
	g.agent.noSource = unforeseen()
	g.press(w.test)
	g.answered()
	g.see("books-failed", w.win)
}

func doctorScenes(g gallery) {
	g.agent.findings = someFindings()
	s := g.openSettings()
	g.press(s.all)
	g.answered()
	g.see("doctor", g.app.doctor.win)
}

func helpScenes(g gallery) {
	w := g.openDial("")
	g.push(status.Snapshot{Seq: 1, Connection: status.Trouble, Trouble: &status.Problem{Code: status.CodeLoginRefused}, Extension: "7101"})
	g.see("dial-trouble-help", w.win)
	g.press(w.notice.help)
	g.answered()
	g.see("help", g.app.help.win)
}

func questionScenes(g gallery) {
	w := g.askFor(question(1))
	g.see("question", w.win)
	for _, l := range []words.Label{words.SayPressedEarly, words.SayTypedOn, words.SayMouseLay} {
		w.keys.guard.note.tell(words.Text(l))
		g.see("question-"+string(l), w.win)
		w.keys.guard.note.take()
	}
	q := channel.Ask{Offer: status.Offer{ID: 2, Shown: "0 039012345678901234567890123456789012345678", Reasons: []string{
		"ambiguous_trunk_zero", "extension_dropped", "international", "link", "params_ignored", "policy", "post_dial_dropped", "premium",
	}}, More: 987, Ignored: 12}
	w = g.askFor(q)
	g.see("question-long", w.win)
	w = g.askFor(channel.Ask{Offer: question(4).Offer, Account: "Headquarters Pisa, second floor, desk 12"})
	g.see("question-account", w.win)
	if got := w.with.Text; got != words.AccountInUse("Headquarters Pisa, second floor, desk 12", false) {
		g.t.Errorf("the account is named %q", got)
	}
	w = g.askFor(channel.Ask{Offer: status.Offer{ID: 3, Shown: "0 06 1234567", Reasons: []string{"link"}, Then: ",,81234567890#,,,,*123456#", Codes: fronts}})
	g.see("question-then", w.win)
	w.beside.then.SetChecked(true)
	w.beside.code.SetSelectedIndex(1)
	g.see("question-code", w.win)
}

func colleaguesScenes(g gallery) {
	w := g.openColleagues()
	g.see("colleagues-empty", w.win)
	g.agent.phones.set("7102 free Anna Rossi", "7103 ringing Bruno Bianchi", "7104 busy "+longName, "7105 away Carla Verdi", "7106 unknown Dario Neri", "7107 free", "7108 busy")
	g.agent.phones.change(func(v *channel.ColleaguesView) {
		v.Pickup, v.Waited = "**", []string{"7104"}
		v.Changed[2].Favourite, v.Changed[0].Favourite = 1, 2
	})
	g.phoneIs("7108", status.PhoneBusy)
	g.see("colleagues", w.win)
	w.list.focus()
	press(w.list, fyne.KeyDown)
	press(w.list, fyne.KeyDown)
	g.see("colleagues-ringing", w.win)
	g.push(status.Snapshot{Seq: 15, Connection: status.Connected, Extension: "7101", Colleagues: true, Voicemail: status.Voicemail{Known: true, New: 12}})
	g.see("colleagues-messages", w.win)
	g.press(w.tell)
	g.answered()
	g.see("colleagues-told", w.win)
	w.find.SetText("nobody")
	g.see("colleagues-none", w.win)
	w.find.SetText("")
	g.agent.phones.change(func(v *channel.ColleaguesView) {
		v.Live, v.Problem = false, &status.Problem{Code: status.CodeNoPermission}
	})
	g.phoneIs("7108", status.PhoneUnknown)
	g.see("colleagues-lost", w.win)
	w.hide()
	d := g.openDial("")
	g.agent.phones.change(func(v *channel.ColleaguesView) { v.Live, v.Problem = true, nil })
	g.phoneIs("7108", status.PhoneBusy)
	g.agent.found = map[string][]channel.Suggestion{"ros": {
		{Name: "Anna Rossi", Company: "Officina Àlfa S.r.l.", Kind: "internal", Number: "7102", Favourite: 2},
		{Name: "Anna Rossi", Company: "Officina Àlfa S.r.l.", Kind: "mobile", Number: "+39 333 1234507"},
		{Name: longName, Company: longName, Kind: "internal", Number: "7104", Favourite: 1},
		{Name: "Bruno De Rossi", Kind: "internal", Number: "7103"},
	}}
	d.number.SetText("ros")
	g.answered()
	g.see("dial-found-phones", d.win)
	g.push(busyCall(20, "7104"))
	g.see("dial-busy", d.win)
	g.press(d.busy.tell)
	g.answered()
	g.see("dial-busy-told", d.win)
}

// transferScenes are what is seen of a transfer, from the entry for whom to its end.
func transferScenes(g gallery) {
	w := g.openDial("")
	seq := uint64(0)
	push := func(s call.State, name string, t call.Transfer, can call.Transferable) {
		seq++
		c := ringing("1", "0390505550123", name, s)
		c.Transfer, c.Transfers = t, can
		g.push(status.Snapshot{Seq: seq, Connection: status.Connected, Extension: "7101", Call: c})
	}
	say := func(scene string, s call.State, name string, t call.Transfer) {
		push(s, name, t, call.Transferable{Blind: true, Attended: true})
		g.see("transfer-"+scene, w.win)
	}
	for _, why := range []status.Code{status.CodeTransferRefused, status.CodeTransferContext} {
		push(call.InCall, "Mario Rossi", call.Transfer{}, call.Transferable{Why: string(why)})
		g.see("transfer-"+string(why), w.win)
	}
	say("may", call.InCall, "Mario Rossi", call.Transfer{})
	g.press(w.view.transfer)
	g.answered()
	g.see("transfer-whom", w.win)
	w.number.SetText("7102")
	g.answered()
	g.see("transfer-to", w.win)
	press(w.number, fyne.KeyEscape)
	g.answered()
	third := func(s call.TransferState, attended bool) call.Transfer {
		t := call.Transfer{Number: "7102", State: s, Attended: attended}
		if s == call.TransferFailed {
			t.Cause = call.NoAnswer
		}
		return t
	}
	for _, s := range []call.TransferState{
		call.TransferAsked, call.TransferRinging, call.TransferTalking, call.TransferRecalled, call.TransferFailed, call.TransferCancelled, call.TransferIgnored, call.TransferUnknown,
	} {
		say("attended-"+string(s), call.InCall, "Mario Rossi", third(s, true))
	}
	for _, s := range []call.TransferState{call.TransferAsked, call.TransferRinging, call.TransferDone, call.TransferFailed, call.TransferLeft} {
		say("blind-"+string(s), call.Ended, "Mario Rossi", third(s, false))
	}
	long := third(call.TransferTalking, true)
	long.Number = strings.Repeat("0123456789", 4)
	say("long", call.InCall, longName, long)
	long.State, long.Cause = call.TransferFailed, call.Unreachable
	say("long-lost", call.Ended, longName, long)
}
