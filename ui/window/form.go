package window

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/config"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// The fields of an account, by their names in the settings file; fieldSecret
// is not in it.
const (
	fieldHost      = "host"
	fieldPort      = "port"
	fieldPin       = "tls_pin"
	fieldUsername  = "username"
	fieldSecret    = "secret"
	fieldTenant    = "tenant"
	fieldSyntax    = "syntax"
	fieldExtension = "extension"
	fieldPrefix    = "prefix"
	fieldTimeout   = "timeout"
)

// row is one field of a form: what it is called, the widget, and below it what
// is wrong or a hint.
type row struct {
	field string
	entry *entry
	note  *widget.Label
	hint  string
	shown bool // what is wrong is said as it is typed, from the first time on
	stop  func() bool
}

// form is the account as a person edits it. The assistant's first page shows
// the part that a login needs, the settings show all of it.
type form struct {
	app  *App
	keys *keys
	rows map[string]*row
	all  []*row

	tls       *tick
	syntax    *choice
	pin       *widget.Label
	forget    *button
	hasSecret bool
	account   config.Account // as it was loaded; fields that are not shown stay
	changed   func()         // something was edited
	grid      *fyne.Container
	pinRow    [2]fyne.CanvasObject
}

func newForm(a *App, k *keys) *form {
	f := &form{app: a, keys: k, rows: map[string]*row{}, changed: func() {}}
	f.tls = newTick(k, textTLS, func(bool) { f.changed() })
	f.syntax = newChoice(k, []string{textVariables, textWrapper}, func(string) { f.changed() })
	f.pin = newNote("")
	f.pin.TextStyle.Monospace = true
	f.forget = newButton(k, textForgetPin, func() { f.setPin(""); f.changed() })
	for _, name := range []string{
		fieldHost, fieldPort, fieldUsername, fieldSecret, fieldTenant, fieldExtension, fieldPrefix, fieldTimeout,
	} {
		f.addRow(name)
	}
	f.rows[fieldSecret].entry.Password = true
	f.rows[fieldHost].entry.PlaceHolder = "pbx.example.com"
	f.rows[fieldTenant].entry.PlaceHolder = "12345678-1234-1234-1234-123456789abc"
	f.rows[fieldTenant].hint = words.FieldError(fieldTenant, config.CodeInvalid).Do
	f.rows[fieldPrefix].hint = textKeepPrefix
	for _, r := range f.all {
		f.draw(r, "")
	}
	return f
}

func (f *form) addRow(name string) {
	r := &row{field: name, entry: newEntry(f.keys), note: newNote("")}
	f.rows[name] = r
	f.all = append(f.all, r)
	r.entry.OnChanged = func(string) {
		f.changed()
		f.review(r)
	}
	r.entry.left = func() {
		if r.entry.Text != "" {
			r.shown = true
			f.review(r)
		}
	}
}

// review says what is wrong with a field: at once where it was said before,
// else when the person hesitates; that it is right is taken note of at once.
func (f *form) review(r *row) {
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
	fault := f.fault(r.field)
	if fault == "" || r.shown {
		f.draw(r, fault)
		return
	}
	r.stop = f.app.env.After(hesitateTime, func() {
		f.app.env.Do(func() {
			if r.entry.Text != "" {
				r.shown = true
				f.draw(r, f.fault(r.field))
			}
		})
	})
}

func (f *form) draw(r *row, fault string) {
	before := r.note.Text
	defer func() {
		if f.grid != nil && r.note.Text != before {
			relayout(f.grid)
		}
	}()
	if fault != "" {
		p := &channel.Problem{Kind: channel.KindField, Field: r.field, Code: fault}
		if r.field == fieldSecret {
			p = &channel.Problem{Kind: channel.KindSecret, Code: fault}
		}
		say(r.note, problemText(p), widget.DangerImportance)
		return
	}
	say(r.note, r.hint, widget.LowImportance)
}

// fault is what is wrong with one field by itself, "" where nothing is: the
// rules are config's, asked with every other field as it should be.
func (f *form) fault(name string) string {
	typed := f.value()
	if name == fieldSecret {
		if f.rows[fieldSecret].entry.Text == "" && !f.hasSecret {
			return channel.SecretMissing
		}
		return ""
	}
	if name == fieldPort {
		if _, err := strconv.Atoi(f.text(fieldPort)); err != nil {
			if f.text(fieldPort) == "" {
				return config.CodeMissing
			}
			return config.CodeInvalid
		}
	}
	if name == fieldTimeout {
		if _, ok := parseSeconds(f.text(fieldTimeout)); !ok {
			return config.CodeInvalid
		}
	}
	probe := sound
	switch name {
	case fieldHost:
		probe.Host = typed.Host
	case fieldPort:
		probe.Port = typed.Port
	case fieldUsername:
		probe.Username = typed.Username
	case fieldTenant:
		probe.Tenant = typed.Tenant
	case fieldExtension:
		probe.Extension = typed.Extension
	case fieldPrefix:
		probe.Prefix = typed.Prefix
	case fieldTimeout:
		probe.Timeout = typed.Timeout
	}
	var fe *config.FieldError
	if errors.As(probe.Validate(), &fe) {
		return fe.Code
	}
	return ""
}

// sound is an account with nothing wrong in it.
var sound = config.Account{
	Host: "pbx.example.com", Port: 5038, Username: "cornetta", Extension: "7101",
	Tenant: "12345678-1234-1234-1234-123456789abc", Syntax: config.SyntaxVariables,
	Prefix: "0", Timeout: config.Duration(10 * time.Second),
}

func (f *form) text(name string) string { return strings.TrimSpace(f.rows[name].entry.Text) }

// value is the account as it stands in the form.
func (f *form) value() config.Account {
	a := f.account
	a.Host, a.Username, a.Tenant = f.text(fieldHost), f.text(fieldUsername), f.text(fieldTenant)
	a.Port, _ = strconv.Atoi(f.text(fieldPort))
	a.TLS = f.tls.Checked
	if a.Host != f.account.Host || a.Port != f.account.Port {
		a.TLSPin = "" // it was another machine's
	}
	a.Syntax = config.SyntaxVariables
	if f.syntax.Selected == textWrapper {
		a.Syntax = config.SyntaxWrapper
	}
	a.Extension, a.Prefix = f.text(fieldExtension), f.text(fieldPrefix)
	if d, ok := parseSeconds(f.text(fieldTimeout)); ok {
		a.Timeout = d
	}
	return a
}

// edit is value with the secret, where one was typed.
func (f *form) edit() channel.Edit {
	e := channel.Edit{Account: f.value()}
	if s := f.rows[fieldSecret].entry.Text; s != "" {
		e.Secret = &s
	}
	return e
}

// load fills the form and forgets a secret that was typed.
func (f *form) load(v channel.AccountView) {
	a := v.Account
	if a.Port == 0 {
		a.Port = config.Default().Account.Port
	}
	if a.Timeout == 0 {
		a.Timeout = config.Default().Account.Timeout
	}
	f.account, f.hasSecret = a, v.HasSecret
	for name, text := range map[string]string{
		fieldHost: a.Host, fieldPort: strconv.Itoa(a.Port), fieldUsername: a.Username, fieldSecret: "",
		fieldTenant: a.Tenant, fieldExtension: a.Extension, fieldPrefix: a.Prefix,
		fieldTimeout: strconv.FormatFloat(time.Duration(a.Timeout).Seconds(), 'f', -1, 64),
	} {
		f.rows[name].entry.SetText(text)
	}
	f.tls.SetChecked(a.TLS)
	f.syntax.SetSelected(textVariables)
	if a.Syntax == config.SyntaxWrapper {
		f.syntax.SetSelected(textWrapper)
	}
	f.setPin(a.TLSPin)
	secret := f.rows[fieldSecret].entry
	secret.SetPlaceHolder("")
	if f.hasSecret {
		secret.SetPlaceHolder(textKeepSecret)
	}
	for _, r := range f.all {
		if r.stop != nil {
			r.stop()
		}
		r.shown = false
		f.draw(r, "")
	}
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

// check shows everything that is wrong with the named fields and focuses the
// first of them. It reports whether nothing is.
func (f *form) check(win fyne.Window, names ...string) bool {
	var first *row
	for _, name := range names {
		r := f.rows[name]
		fault := f.fault(name)
		r.shown = true
		f.draw(r, fault)
		if fault != "" && first == nil {
			first = r
		}
	}
	if first != nil {
		win.Canvas().Focus(first.entry)
	}
	return first == nil
}

// point shows a problem at its field, if the form has it.
func (f *form) point(win fyne.Window, p *channel.Problem) bool {
	name := p.Field
	if p.Kind == channel.KindSecret {
		name = fieldSecret
	}
	r, ok := f.rows[name]
	if !ok || (p.Kind != channel.KindField && p.Kind != channel.KindSecret) {
		return false
	}
	r.shown = true
	f.draw(r, p.Code)
	win.Canvas().Focus(r.entry)
	return true
}

// login is the part of the form that a login needs.
func (f *form) login() []fyne.CanvasObject {
	return []fyne.CanvasObject{
		fieldLabel(words.FieldName(fieldHost)),
		tight(container.NewBorder(nil, nil, nil,
			container.NewHBox(fieldLabel(words.FieldName(fieldPort)), minWidth(86, f.rows[fieldPort].entry)),
			f.rows[fieldHost].entry), f.rows[fieldHost].note, f.rows[fieldPort].note),
		widget.NewLabel(""), f.tls,
		fieldLabel(words.FieldName(fieldUsername)), f.cell(fieldUsername),
		fieldLabel(words.FieldName(fieldSecret)), f.cell(fieldSecret),
		fieldLabel(words.FieldName(fieldTenant)), f.cell(fieldTenant),
		fieldLabel(words.FieldName(fieldSyntax)), f.syntax,
	}
}

// rest is what the assistant asks for on later pages or not at all.
func (f *form) rest() []fyne.CanvasObject {
	narrow := func(name string, unit string) fyne.CanvasObject {
		r := f.rows[name]
		box := container.NewHBox(minWidth(110, r.entry))
		if unit != "" {
			box.Add(widget.NewLabel(unit))
		}
		return tight(box, r.note)
	}
	f.pinRow = [2]fyne.CanvasObject{
		fieldLabel(words.FieldName(fieldPin)),
		container.NewBorder(nil, nil, nil, container.NewVBox(f.forget), f.pin),
	}
	return []fyne.CanvasObject{
		fieldLabel(words.FieldName(fieldExtension)), narrow(fieldExtension, ""),
		fieldLabel(words.FieldName(fieldPrefix)), narrow(fieldPrefix, ""),
		fieldLabel(words.FieldName(fieldTimeout)), narrow(fieldTimeout, textSeconds),
		f.pinRow[0], f.pinRow[1],
	}
}

// cell is a field with its note below.
func (f *form) cell(name string) fyne.CanvasObject {
	return tight(f.rows[name].entry, f.rows[name].note)
}

// lay makes the form's grid of some of its fields.
func (f *form) lay(objects ...fyne.CanvasObject) *fyne.Container {
	f.grid = newGrid(objects...)
	return f.grid
}

func newGrid(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewFormLayout(), objects...)
}

func fieldLabel(s string) *widget.Label { return widget.NewLabel(s) }

// parseSeconds reads "10", "2.5" or "10s".
func parseSeconds(s string) (config.Duration, bool) {
	s = strings.Replace(s, ",", ".", 1)
	n, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(s, "s")), 64)
	if err != nil || n <= 0 || n > 3600 {
		return 0, false
	}
	return config.Duration(n * float64(time.Second)), true
}

// fingerprintText groups a fingerprint the way other programs show it.
func fingerprintText(pin string) string {
	pin = strings.ToUpper(strings.ReplaceAll(words.Clean(pin), ":", ""))
	var parts []string
	for len(pin) > 2 {
		parts, pin = append(parts, pin[:2]), pin[2:]
	}
	parts = append(parts, pin)
	if len(parts) != 32 {
		return strings.Join(parts, ":")
	}
	return strings.Join(parts[:16], ":") + ":\n" + strings.Join(parts[16:], ":")
}
