package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/config"
	"cornetta/dialer/setting"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// The fields of an account, by their names in the settings file; fieldSecret
// is not in it.
const (
	fieldHost      = "host"
	fieldPort      = "port"
	fieldTLS       = "tls"
	fieldPin       = "tls_pin"
	fieldUsername  = "username"
	fieldSecret    = "secret"
	fieldTenant    = "tenant"
	fieldSyntax    = "syntax"
	fieldExtension = "extension"
	fieldPrefix    = "prefix"
	fieldTimeout   = "timeout"

	// The settings alone show these.
	fieldLink       = "link"
	fieldLanguage   = "language"
	fieldBusNumbers = "bus_numbers"
	fieldRegion     = "region"
	fieldPlus       = "plus"
	fieldLength     = "ext_max_len"
	fieldTyped      = "typed_is"
	fieldTypedLine  = "typed_line"
	fieldHome       = "home_national"
	fieldConfirm    = "confirm"
	fieldCodes      = "link_feature_codes"
	fieldClipboard  = "clipboard"
	fieldSelection  = "selection"
	fieldCopying    = "copy_highlighted"
)

// row is one field of a form: what it is called, the widget, and below it what
// is wrong or a hint.
type row struct {
	config.Setting // but for the secret, which is none
	field          string
	entry          *entry
	note           *widget.Label
	hint           string
	usualHint      string
	shown          bool // what is wrong is said as it is typed, from the first time on
	stop           func() bool
}

func (f *form) addRow(name string) {
	r := &row{field: name, entry: newEntry(f.keys), note: newNote("")}
	r.Setting, _ = config.Described(name)
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

// text is what was typed, as Parse takes it.
func (r *row) text() string { return typedText(r.Kind, r.entry.Text) }

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

// fault is what is wrong with one field by itself, "" where nothing is.
func (f *form) fault(name string) string {
	r := f.rows[name]
	if name == fieldSecret {
		if r.entry.Text == "" && f.secretMissing {
			return string(status.CodeSecretMissing)
		}
		return ""
	}
	c := config.Config{Account: f.value()}
	if r.Kind != setting.KindText {
		if code := r.Parse(&config.Config{}, r.text()); code == config.CodeMissing || code == config.CodeInvalid {
			return code // that it is no number, what stands elsewhere does not mend
		}
	}
	return r.Check(&c)
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
