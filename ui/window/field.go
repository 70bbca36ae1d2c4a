package window

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/config"
	"cornetta/dialer/status"
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

	// The settings alone show these.
	fieldLink      = "link"
	fieldRegion    = "region"
	fieldPlus      = "plus"
	fieldLength    = "ext_max_len"
	fieldTyped     = "typed_is"
	fieldTypedLine = "typed_line"
	fieldHome      = "home_national"
	fieldConfirm   = "confirm"
	fieldCodes     = "link_feature_codes"
	fieldClipboard = "clipboard"
	fieldSelection = "selection"
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
			if r.field == fieldHost || r.field == fieldTenant {
				f.spread()
			}
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
		if r.note.Text == before {
			return
		}
		for _, grid := range f.grids {
			relayout(grid)
		}
	}()
	if fault != "" {
		p := status.Problem{Code: status.CodeField, Field: r.field, Fault: fault}
		if r.field == fieldSecret {
			p = status.Problem{Code: status.Code(fault)}
		}
		say(r.note, words.ProblemText(&p), widget.DangerImportance)
		return
	}
	say(r.note, r.hint, widget.LowImportance)
}

// fault is what is wrong with one field by itself, "" where nothing is: the
// rules are config's, asked with every other field as it should be.
func (f *form) fault(name string) string {
	typed := f.value()
	if name == fieldSecret {
		if f.rows[fieldSecret].entry.Text == "" && f.secretMissing {
			return string(status.CodeSecretMissing)
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

// check shows everything that is wrong with the named fields and focuses the
// first of them. It reports whether nothing is.
func (f *form) check(win fyne.Window, names ...string) bool {
	first := f.faulty(names...)
	if first != nil {
		win.Canvas().Focus(first)
	}
	return first == nil
}

// faulty shows everything that is wrong with the named fields and returns the
// first of them, nil for none.
func (f *form) faulty(names ...string) fyne.Focusable {
	f.spread()
	var first fyne.Focusable
	for _, name := range names {
		r := f.rows[name]
		fault := f.fault(name)
		r.shown = true
		f.draw(r, fault)
		if fault != "" && first == nil {
			first = r.entry
		}
	}
	return first
}

// point shows a problem at its field and returns that, nil where the form has
// none for it.
func (f *form) point(p *status.Problem) fyne.Focusable {
	name, fault := p.Field, p.Fault
	switch p.Code {
	case status.CodeField:
	case status.CodeSecretMissing, status.CodeSecretBad, status.CodeKeyring:
		name, fault = fieldSecret, string(p.Code)
	default:
		return nil
	}
	r, ok := f.rows[name]
	if !ok {
		return nil
	}
	r.shown = true
	f.draw(r, fault)
	return r.entry
}

// parseSeconds reads "10", "2.5" or "10s".
func parseSeconds(s string) (config.Duration, bool) {
	s = strings.Replace(s, ",", ".", 1)
	n, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(s, "s")), 64)
	if err != nil || n <= 0 || n > 3600 {
		return 0, false
	}
	return config.Duration(n * float64(time.Second)), true
}
