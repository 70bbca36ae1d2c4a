package window

import (
	"slices"
	"strings"

	"cornetta/dialer/config"
	"cornetta/ui/words"
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// country is a home country as people know it.
type country struct{ code, name string }

func (c country) String() string { return c.name + " (" + c.code + ")" }

// countries puts names to codes, in the order of the names.
func countries(codes []string) []country {
	var out []country
	for _, code := range codes {
		c := country{code, words.Country(code)}
		if c.name == "" {
			c.name = code
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b country) int { return strings.Compare(a.name, b.name) })
	return out
}

// countryPick is an entry that takes a country by name or code, with a list
// below it of those that fit what was typed. Empty is "not known".
type countryPick struct {
	app   *App
	box   *fyne.Container
	list  *picker[country]
	frame *panel
	entry *entry
	note  *widget.Label

	all     []country
	code    string // what was chosen last; "" is not known
	inList  bool   // the keyboard is in the list
	locked  string // where an administrator has locked it, "" where nobody has
	bad     bool   // what stands in the entry is no country
	setting bool   // the text is changed by the program
	changed func()
	resized func() // it needs another height
}

// listHeight is of three countries; more are scrolled to.
const listHeight = 132

func newCountryPick(a *App, k *keys) *countryPick {
	p := &countryPick{app: a, note: newNote(""), changed: func() {}, resized: func() {}}
	p.entry = newEntry(&keys{
		escape: func() {
			if p.frame.Visible() {
				p.set(p.code)
			} else {
				k.escape()
			}
		},
		enter: func() {
			if p.frame.Visible() && p.entry.Text != "" {
				p.choose(p.list.shown[0])
			} else {
				k.enter()
			}
		},
		turn:  k.turn,
		guard: k.guard,
	})
	p.entry.PlaceHolder = words.Text(words.LabelUnknownCountry)
	p.entry.OnChanged = func(string) { p.typed() }
	p.entry.left = p.left
	p.entry.down = func() {
		p.match(true)
		p.inList = len(p.list.shown) > 0
		p.list.focus()
	}
	p.list = newPicker(a, &keys{escape: func() { p.set(p.code); p.focus() }, guard: k.guard}, pickerOf[country]{
		row:  newPlainRow,
		draw: func(r *pickRow, c country) { r.main.SetText(c.String()) },
		fits: func(c country, text string) fit {
			if strings.EqualFold(text, c.code) {
				return fitsWell
			}
			return fitsIn(c.name, text)
		},
		pick: func(c country) { p.choose(c); p.focus() },
		left: func() { p.inList = false; p.left() },
	})
	p.frame = newPanel(minHeight(listHeight, p.list.box))
	p.frame.Hide()
	p.box = tight(p.entry, p.frame, p.note)
	return p
}

func (p *countryPick) focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(p.entry); c != nil {
		c.Focus(p.entry)
	}
}

// set shows a country that was chosen elsewhere.
func (p *countryPick) set(code string) {
	p.code, p.bad = code, false
	text := ""
	for _, c := range p.all {
		if c.code == code {
			text = c.String()
		}
	}
	if code != "" && text == "" {
		text = code
	}
	p.setting = true
	p.entry.SetText(text)
	p.setting = false
	p.match(false)
	p.draw()
}

func (p *countryPick) choose(c country) {
	p.set(c.code)
	p.changed()
}

// typed takes what stands in the entry: a country when it is one, the one that
// was chosen before while it may become one.
func (p *countryPick) typed() {
	if p.setting {
		return
	}
	code, ok := p.read()
	if ok {
		p.code = code
	}
	p.bad = false
	p.match(!ok)
	p.draw()
	p.changed()
}

// read is the country that the text names; empty is none that is known.
func (p *countryPick) read() (code string, ok bool) {
	text := strings.TrimSpace(p.entry.Text)
	if text == "" {
		return "", true
	}
	for _, c := range p.all {
		if strings.EqualFold(text, c.code) || strings.EqualFold(text, c.name) || strings.EqualFold(text, c.String()) {
			return c.code, true
		}
	}
	return "", false
}

// left settles what was typed, where it can mean one country alone.
func (p *countryPick) left() {
	if p.inList {
		return
	}
	if _, ok := p.read(); ok {
		p.set(p.code)
		return
	}
	if len(p.list.shown) == 1 {
		p.choose(p.list.shown[0])
		return
	}
	p.bad = true
	p.draw()
}

// match shows the countries that fit, all where the text names one, or none.
func (p *countryPick) match(open bool) {
	text, items := p.entry.Text, p.all
	if slices.ContainsFunc(p.all, func(c country) bool { return plain(text) == plain(c.String()) }) {
		text = ""
	}
	if !open {
		items = nil
	}
	p.list.set(items, text)
	was := p.frame.Visible()
	showIf(p.frame, len(p.list.shown) > 0)
	if was != p.frame.Visible() {
		p.resized()
	}
}

// valid shows what is wrong, and reports whether nothing is.
func (p *countryPick) valid() bool {
	if _, ok := p.read(); !ok && len(p.list.shown) == 1 {
		p.choose(p.list.shown[0])
	}
	_, ok := p.read()
	p.bad = !ok
	p.draw()
	return ok
}

// lock keeps the person from choosing another one, as settingRow's does.
func (p *countryPick) lock(place string) {
	p.locked = place
	enableIf(p.entry, place == "")
	p.draw()
}

func (p *countryPick) draw() {
	before := p.note.Text
	switch {
	case p.locked != "":
		say(p.note, words.LockedBy(p.locked), widget.LowImportance)
	case p.bad:
		say(p.note, words.FieldError(fieldRegion, config.CodeInvalid).String(), widget.DangerImportance)
	case strings.TrimSpace(p.entry.Text) == "":
		say(p.note, words.Text(words.SayNoCountry), widget.LowImportance)
	default:
		say(p.note, "", widget.LowImportance)
	}
	if before != p.note.Text {
		p.resized()
	}
}
