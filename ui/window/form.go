package window

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/config"
	"cornetta/dialer/ipc"
	"cornetta/dialer/setting"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// form is the account as a person edits it. The assistant's first page shows
// the part that a login needs, the settings show all of it.
type form struct {
	app  *App
	keys *keys
	rows map[string]*row
	all  []*row

	others  settingRows // TLS, syntax and whatever is no row above
	tls     *tick
	pin     *widget.Label
	forget  *button
	reveal  *button
	conceal func()            // the password, where it is shown
	account config.Account    // as it was loaded; fields that are not shown stay
	changed func()            // something was edited
	locked  map[string]string // where an administrator has locked what is, by its key
	grids   []*fyne.Container
	pinRow  [2]fyne.CanvasObject
	only    map[string][2]fyne.CanvasObject // what only some syntaxes have a use for: its label and its cell

	loaded        map[string]string // what load put into the fields
	secretMissing bool              // there is none for the account
	turn          int               // tells an answer about the secret from one that is no longer waited for
}

func newForm(a *App, k *keys) *form {
	f := &form{app: a, keys: k, rows: map[string]*row{}, changed: func() {}}
	f.pin = newNote("")
	f.pin.TextStyle.Monospace = true
	f.forget = newButton(k, words.Text(words.LabelForget), func() { f.setPin(""); f.changed() })
	typed := []string{fieldHost, fieldPort, fieldUsername, fieldSecret, fieldTenant, fieldChannel, fieldContext, fieldExtension, fieldPrefix, fieldTimeout}
	for _, name := range typed {
		f.addRow(name)
	}
	f.others = newSettingRows(k, "account", func() { f.arrange(); f.changed() }, append(typed, fieldPin)...)
	f.tls = f.others.row(fieldTLS).input.(*tick)
	f.reveal, f.conceal = newRevealer(f.rows[fieldSecret].entry)
	f.rows[fieldHost].entry.PlaceHolder = "pbx.example.com"
	f.rows[fieldTenant].entry.PlaceHolder = "12345678-1234-1234-1234-123456789abc"
	f.rows[fieldChannel].entry.PlaceHolder, f.rows[fieldContext].entry.PlaceHolder = config.UsualChannel, config.UsualContext
	f.rows[fieldTenant].hint = words.FieldError(fieldTenant, config.CodeInvalid).Do
	for _, name := range []string{fieldPrefix, fieldChannel, fieldContext} {
		f.rows[name].hint = words.FieldNote(name)
	}
	for _, r := range f.all {
		r.usualHint = r.hint
		f.draw(r, "")
	}
	return f
}

func (f *form) text(name string) string { return strings.TrimSpace(f.rows[name].entry.Text) }

// value is the account as it stands in the form.
func (f *form) value() config.Account {
	c := config.Config{Account: f.account}
	for _, r := range f.all {
		if text := r.text(); r.field != fieldSecret && (text != "" || r.Kind != setting.KindPeriod) {
			_ = r.Parse(&c, text)
		}
	}
	f.others.read(&c)
	a := c.Account.Normalized()
	if a.Host != f.account.Host || a.Port != f.account.Port {
		a.TLSPin = "" // it was another machine's
	}
	was, now := config.Config{Account: f.account}, config.Config{Account: a}
	for key := range f.locked { // also where something else was pasted together with a host
		if d, ok := config.Described(key); ok && d.Group == "account" {
			_ = d.Parse(&now, d.Text(&was))
		}
	}
	return now.Account
}

// spread puts what was pasted together into the fields where it belongs.
func (f *form) spread() {
	if strings.TrimSpace(f.text(fieldHost)) == "" {
		return
	}
	a := f.value()
	if a.TLS != f.tls.Checked {
		f.tls.SetChecked(a.TLS)
	}
	port := f.text(fieldPort) // which may be none
	if a.Port != 0 {
		port = strconv.Itoa(a.Port)
	}
	for name, text := range map[string]string{
		fieldHost: config.ShownHost(a.Host), fieldPort: port, fieldUsername: a.Username, fieldTenant: a.Tenant,
	} {
		if a.Takes(name) && f.text(name) != text {
			f.rows[name].entry.SetText(text)
		}
	}
}

// edit is value with the secret, where one was typed.
func (f *form) edit() channel.Edit {
	e := channel.Edit{Account: f.value()}
	if s := f.rows[fieldSecret].entry.Text; s != "" {
		e.Secret = &s
	}
	return e
}

// lock keeps the person from changing what an administrator has locked, by its key and
// with its place; load follows.
func (f *form) lock(locked map[string]string) {
	f.locked = locked
	for _, r := range f.all {
		place := locked[r.field]
		enableIf(r.entry, place == "")
		if place != "" {
			r.hint = words.LockedBy(place)
		} else {
			r.hint = r.usualHint
		}
	}
	f.forget.enable(locked[fieldPin] == "")
}

// first is the first of some fields that there is something to type in, or else the
// first of all that can be.
func (f *form) first(names ...string) fyne.Focusable {
	var open fyne.Focusable
	for _, name := range names {
		e := f.rows[name].entry
		if !e.Disabled() && e.Text == "" {
			return e
		}
		if !e.Disabled() && open == nil {
			open = e
		}
	}
	return open
}

// load fills the form and forgets a secret that was typed. Until askSecret says
// otherwise an account has one.
func (f *form) load(a config.Account) {
	if a.Port == 0 {
		a.Port = config.Default().Account.Port
	}
	if a.Timeout == 0 {
		a.Timeout = config.Default().Account.Timeout
	}
	if f.rows[fieldSecret].entry.Text != "" {
		defer f.app.sweep()
	}
	f.account, f.secretMissing = a, a.ValidateLogin() != nil
	f.turn++
	c := config.Config{Account: a, Locked: f.locked}
	c.Account.Host = config.ShownHost(a.Host)
	f.others.load(c) // TLS before the port, which it may change
	for _, r := range f.all {
		text := ""
		if r.field != fieldSecret {
			text = shownText(r.Kind, r.Text(&c))
		}
		r.entry.SetText(text)
	}
	f.arrange()
	f.setPin(a.TLSPin)
	f.conceal()
	f.rows[fieldSecret].entry.SetPlaceHolder("")
	f.rows[fieldSecret].hint = ""
	f.loaded = map[string]string{}
	for _, r := range f.all {
		if r.stop != nil {
			r.stop()
		}
		r.shown = false
		f.loaded[r.field] = r.entry.Text
		f.draw(r, "")
	}
}

// askSecret finds out whether the account has a password; none is called where
// it has not. The keyring may take its time, or ask the person first.
func (f *form) askSecret(none func()) {
	if f.account.ValidateLogin() != nil {
		return
	}
	r := f.rows[fieldSecret]
	r.entry.SetPlaceHolder(words.Text(words.SayAskingKeyring))
	turn := f.turn
	f.app.ask(checkTime, func(ctx context.Context) func() {
		v, p := channel.Call(ctx, f.app.agent, channel.Secret, ipc.None{})
		return func() {
			if f.turn != turn {
				return
			}
			f.secretMissing = v.Where == "" && p == nil
			r.entry.SetPlaceHolder("")
			switch {
			case v.Where == channel.SecretKeyring:
				r.entry.SetPlaceHolder(words.Text(words.SayInKeyring))
			case v.Where == channel.SecretSession:
				r.entry.SetPlaceHolder(words.Text(words.SayInSession))
			case p != nil:
				r.hint = words.Text(words.SayKeyringSilent)
			}
			f.draw(r, "")
			if f.secretMissing || p != nil {
				none()
			}
		}
	})
}

// kept forgets the password that was typed: it is stored.
func (f *form) kept() {
	f.secretMissing = false
	if f.rows[fieldSecret].entry.Text != "" {
		defer f.app.sweep()
	}
	f.rows[fieldSecret].entry.SetText("")
	f.rows[fieldSecret].entry.SetPlaceHolder(words.Text(words.SaySecretStored))
}

// blank reports whether nothing was typed where no account is.
func (f *form) blank() bool {
	if f.account.ValidateLogin() == nil {
		return false
	}
	for _, name := range []string{fieldHost, fieldUsername, fieldTenant, fieldExtension, fieldSecret} {
		if f.rows[name].entry.Text != f.loaded[name] {
			return false
		}
	}
	return true
}

// setPin trusts a certificate for the machine that stands in the form.
func (f *form) setPin(pin string) {
	f.account = f.value()
	f.account.TLSPin = pin
	f.pin.SetText(fingerprintText(pin))
	for _, o := range f.pinRow {
		if o != nil {
			showIf(o, pin != "")
		}
	}
}

// setTLS has the machine that stands in the form reached over TLS.
func (f *form) setTLS(port int) {
	f.tls.SetChecked(true) // before the port, which it may change
	f.rows[fieldPort].entry.SetText(strconv.Itoa(port))
}

// login is the part of the form that a login needs.
func (f *form) login() []fyne.CanvasObject {
	cells := []fyne.CanvasObject{
		fieldLabel(words.FieldName(fieldHost)),
		tight(container.NewBorder(nil, nil, nil,
			container.NewHBox(fieldLabel(words.FieldName(fieldPort)), minWidth(86, f.rows[fieldPort].entry)),
			f.rows[fieldHost].entry), f.rows[fieldHost].note, f.rows[fieldPort].note),
		widget.NewLabel(""), f.others.cell(fieldTLS),
		fieldLabel(words.FieldName(fieldUsername)), f.cell(fieldUsername),
		fieldLabel(words.FieldName(fieldSecret)),
		tight(container.NewBorder(nil, nil, nil, f.reveal, f.rows[fieldSecret].entry), f.rows[fieldSecret].note),
	}
	f.only = map[string][2]fyne.CanvasObject{}
	only := func(name string) {
		o := [2]fyne.CanvasObject{fieldLabel(words.FieldName(name)), f.cell(name)}
		f.only[name] = o
		cells = append(cells, o[:]...)
	}
	only(fieldTenant)
	cells = append(cells, fieldLabel(words.FieldName(fieldSyntax)), f.others.cell(fieldSyntax))
	only(fieldChannel)
	only(fieldContext)
	f.arrange()
	return cells
}

// syntax is the form of the request that is chosen.
func (f *form) syntax() config.Syntax {
	return config.Syntax(f.others.row(fieldSyntax).text())
}

// arrange shows what the chosen syntax has a use for.
func (f *form) arrange() {
	if f.only == nil {
		return
	}
	a := config.Account{Syntax: f.syntax()}
	for name, o := range f.only {
		showIf(o[0], a.Takes(name))
		showIf(o[1], a.Takes(name))
	}
	for _, grid := range f.grids {
		relayout(grid)
	}
}

// narrow is cell for a short field, with its unit behind it.
func (f *form) narrow(name string) fyne.CanvasObject {
	r := f.rows[name]
	return tight(narrow(r.entry, words.FieldUnit(name)), r.note)
}

// rest is what the assistant asks for on later pages or not at all, but for the
// outside line, which stands with the numbers.
func (f *form) rest() []fyne.CanvasObject {
	f.pinRow = [2]fyne.CanvasObject{
		fieldLabel(words.FieldName(fieldPin)),
		container.NewBorder(nil, nil, nil, container.NewVBox(f.forget), f.pin),
	}
	return append([]fyne.CanvasObject{
		fieldLabel(words.FieldName(fieldExtension)), f.narrow(fieldExtension),
		fieldLabel(words.FieldName(fieldTimeout)), f.narrow(fieldTimeout),
		f.pinRow[0], f.pinRow[1],
	}, f.others.cells()...)
}

// cell is a field with its note below.
func (f *form) cell(name string) fyne.CanvasObject {
	return tight(f.rows[name].entry, f.rows[name].note)
}

// lay makes the form's grid of some of its fields.
func (f *form) lay(objects ...fyne.CanvasObject) *fyne.Container {
	grid := newGrid(objects...)
	f.lays(grid)
	return grid
}

// lays says that a grid holds fields of the form.
func (f *form) lays(grid *fyne.Container) { f.grids = append(f.grids, grid) }

func newGrid(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewFormLayout(), objects...)
}

func fieldLabel(s string) *widget.Label { return widget.NewLabel(s) }

// fingerprintText groups a fingerprint the way other programs show it.
func fingerprintText(pin string) string {
	pin = strings.ToUpper(strings.ReplaceAll(words.Clean(pin), ":", ""))
	var parts []string
	for len(pin) > 2 {
		parts, pin = append(parts, pin[:2]), pin[2:]
	}
	parts = append(parts, pin)
	var lines []string // which have room beside the widest label
	for line := range slices.Chunk(parts, 8) {
		lines = append(lines, strings.Join(line, ":"))
	}
	return strings.Join(lines, ":\n")
}
