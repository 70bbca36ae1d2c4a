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
	list  *list
	frame *panel
	entry *entry
	note  *widget.Label

	all     []country
	shown   []country
	code    string // what was chosen last; "" is not known
	inList  bool   // the keyboard is in the list
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
			if p.frame.Visible() && len(p.shown) > 0 && p.entry.Text != "" {
				p.choose(0)
			} else {
				k.enter()
			}
		},
	})
	p.entry.PlaceHolder = textUnknownCountry
	p.entry.OnChanged = func(string) { p.typed() }
	p.entry.left = p.left
	p.entry.down = func() {
		p.match(true)
		if c := fyne.CurrentApp().Driver().CanvasForObject(p.entry); c != nil && len(p.shown) > 0 {
			p.inList = true
			c.Focus(p.list)
		}
	}
	p.list = newList(&keys{escape: func() { p.set(p.code); p.focus() }},
		func() int { return len(p.shown) },
		func() fyne.CanvasObject { return newLine("") },
		func(i int, o fyne.CanvasObject) {
			if i < len(p.shown) {
				o.(*widget.Label).SetText(p.shown[i].String())
			}
		})
	p.list.left = func() { p.inList = false; p.left() }
	p.list.enter = func(i int) { p.choose(i); p.focus() }
	p.list.OnSelected = func(i int) { p.choose(i); p.focus() }
	p.frame = newPanel(minHeight(listHeight, p.list))
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

func (p *countryPick) choose(i int) {
	if i < 0 || i >= len(p.shown) {
		return
	}
	code := p.shown[i].code
	p.list.UnselectAll()
	p.set(code)
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
	if len(p.shown) == 1 {
		p.choose(0)
		return
	}
	p.bad = true
	p.draw()
}

// match shows the countries that fit, or none.
func (p *countryPick) match(open bool) {
	p.shown = nil
	if open {
		p.shown = fitting(p.all, p.entry.Text)
	}
	p.list.at = 0
	p.list.Refresh()
	p.list.ScrollToTop()
	was := p.frame.Visible()
	showIf(p.frame, len(p.shown) > 0)
	if was != p.frame.Visible() {
		p.resized()
	}
}

// fitting are the countries of which a word begins like text, all of them where
// it names one already, and those whose name begins like it first.
func fitting(all []country, text string) []country {
	text = strings.ToLower(strings.TrimSpace(text))
	var front, inside []country
	for _, c := range all {
		name := strings.ToLower(c.name)
		switch {
		case text == "" || strings.EqualFold(text, c.String()):
			return all
		case strings.HasPrefix(name, text) || strings.EqualFold(text, c.code):
			front = append(front, c)
		case strings.Contains(name, " "+text):
			inside = append(inside, c)
		}
	}
	return append(front, inside...)
}

// valid shows what is wrong, and reports whether nothing is.
func (p *countryPick) valid() bool {
	if _, ok := p.read(); !ok && len(p.shown) == 1 {
		p.choose(0)
	}
	_, ok := p.read()
	p.bad = !ok
	p.draw()
	return ok
}

func (p *countryPick) draw() {
	before := p.note.Text
	switch {
	case p.bad:
		say(p.note, words.FieldError(fieldRegion, config.CodeInvalid).String(), widget.DangerImportance)
	case strings.TrimSpace(p.entry.Text) == "":
		say(p.note, textNoCountry, widget.LowImportance)
	default:
		say(p.note, "", widget.LowImportance)
	}
	if before != p.note.Text {
		p.resized()
	}
}
