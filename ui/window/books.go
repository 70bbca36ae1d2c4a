package window

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"cornetta/ami/clean"
	"cornetta/dialer/contacts"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// booksTime is longer than a directory may take, and a keyring that asks the person.
const booksTime = 8 * time.Minute

// booksWindow lists the address books that people are read from, and adds one: what stands
// in the form is read first, and what is in it is said before anything is kept. A row that
// is picked fills the form.
type booksWindow struct {
	app    *App
	win    fyne.Window
	keys   *keys
	list   *picker[contacts.Listed]
	place  *widget.Label // where the one is that is picked
	about  *widget.Label // and how it stands
	again  *button
	remove *button

	kind    *choice
	path    *bookField
	choose  *button // goes through folders to it
	browse  *browseWindow
	address *bookField
	base    *bookField
	user    *bookField
	secret  *bookField
	conceal func()
	clear   *tick
	risk    *widget.Label // of that
	fields  []*bookField
	grid    *fyne.Container
	cert    *certView
	outcome *widget.Label
	columns *widget.Label         // of a table, what each was taken for
	helps   func(*status.Problem) // offers what the guide says
	busy    *widget.Activity
	test    *button
	add     *button
	root    *fyne.Container

	at       contacts.Listed // the one that is picked; its ID is "" for none
	removing string          // the ID of the one whose removal is asked about
	pin      string          // a certificate that the person trusts
	pinOf    string          // the address that has it
	tried    string          // what stood in the form when it could be read
	filling  bool            // it is not the person who types
	turn     int             // tells an answer from one that is no longer waited for
	cancel   context.CancelFunc
}

// bookField is a field of the form, with what is wrong with it below.
type bookField struct {
	label *widget.Label
	entry *entry
	note  *widget.Label
	cell  fyne.CanvasObject
}

func (f *bookField) text() string { return strings.TrimSpace(f.entry.Text) }

// maxPlace is how much is shown of a path or an address.
const maxPlace = 500

// bookKinds are the kinds of address books as the form offers them.
var bookKinds = []string{string(contacts.VCard), string(contacts.CSV), string(contacts.LDAP), string(contacts.CardDAV)}

// bookSigns are what they are called in the list, in every language.
var bookSigns = map[contacts.SourceType]string{contacts.VCard: "vCard", contacts.CSV: "CSV", contacts.LDAP: "LDAP", contacts.CardDAV: "CardDAV"}

func newBooksWindow(a *App) *booksWindow {
	b := &booksWindow{app: a}
	b.keys = &keys{escape: b.hide, enter: b.enter}
	b.win = a.newWindow(words.Text(words.TitleBooks), b.keys)
	b.list = newPicker(a, b.keys, pickerOf[contacts.Listed]{
		note: newNote(""), empty: words.Text(words.SayNoBooks),
		row: newTwoLineSideRow, draw: b.drawRow,
		fits: func(s contacts.Listed, text string) fit { return fitsIn(bookName(s.Source), text) },
		pick: func(s contacts.Listed) { b.pick(s); b.fill(s.Source) },
		came: b.pick,
	})
	b.list.HideSeparators = true
	b.list.box.Add(container.NewVBox(b.list.note))
	b.place, b.about = newText(""), newText("")
	b.place.Wrapping = fyne.TextWrapBreak // a path has no spaces
	b.again = newButton(b.keys, words.Text(words.LabelReadAgain), b.tapAgain)
	b.remove = newButton(b.keys, words.Text(words.LabelRemove), b.tapRemove)

	b.kind = newChoice(b.keys, bookKinds, words.BookKind, b.edited)
	b.path, b.address = b.field(words.Text(words.LabelPath)), b.field(words.Text(words.LabelAddress))
	b.choose = newButton(b.keys, words.Text(words.LabelChoose), b.tapChoose)
	b.path.cell = tight(container.NewBorder(nil, nil, nil, b.choose, b.path.entry), b.path.note)
	b.base, b.user, b.secret = b.field(words.Text(words.LabelBase)), b.field(words.FieldName(fieldUsername)), b.field(words.FieldName(fieldSecret))
	var reveal *button
	reveal, b.conceal = newRevealer(b.secret.entry)
	b.secret.cell = tight(container.NewBorder(nil, nil, nil, reveal, b.secret.entry), b.secret.note)
	b.clear = newTick(b.keys, words.Text(words.LabelClear), func(bool) { b.edited() })
	cells := []fyne.CanvasObject{fieldLabel(words.Text(words.LabelBookKind)), b.kind}
	for _, f := range b.fields {
		cells = append(cells, f.label, f.cell)
	}
	b.risk = newNote(words.Text(words.SayClear))
	b.grid = newGrid(append(cells, widget.NewLabel(""), tight(b.clear, b.risk))...)
	b.outcome, b.columns, b.busy = newText(""), newNote(""), widget.NewActivity()
	b.busy.Hide()
	b.cert = newCertView(a, b.keys, func(pin string) {
		b.pin, b.pinOf = pin, b.value().URL
		b.tapTest()
	})
	b.cert.tick.SetText(words.Text(words.LabelComparedBook))
	b.test = newButton(b.keys, words.Text(words.LabelTest), b.tapTest)
	b.add = newYes(b.keys, words.Text(words.LabelAdd), b.tapAdd)
	done := newButton(b.keys, words.Text(words.LabelDone), b.hide)

	b.keys.scroll = container.NewVScroll(spaced(
		newText(words.Text(words.SayBooks)),
		minHeight(150, b.list.box), tight(b.place, b.about), container.NewHBox(b.again, b.remove),
		widget.NewSeparator(), newBold(words.Text(words.LabelAddBook)), b.grid, b.cert.box))
	help, helps := newHelper(a, b.keys)
	b.helps = helps
	footer := container.NewVBox(widget.NewSeparator(),
		container.NewBorder(nil, nil, b.busy, container.NewCenter(help), tight(b.outcome, b.columns)),
		container.NewHBox(done, layout.NewSpacer(), b.test, b.add))
	b.root = container.NewBorder(nil, footer, nil, nil, b.keys.scroll)
	fill(b.win, b.keys, 520, b.root)
	b.keys.guard.tells(&note{label: b.outcome, draw: func() { relayout(b.root) }})
	b.win.SetOnDropped(func(_ fyne.Position, dropped []fyne.URI) {
		if len(dropped) == 1 {
			b.chosen(filepath.FromSlash(dropped[0].Path()))
		}
	})
	b.win.Resize(fyne.NewSize(600, 720))
	b.fill(contacts.Source{Type: contacts.VCard})
	b.pick(contacts.Listed{})
	return b
}

func (b *booksWindow) field(name string) *bookField {
	f := &bookField{label: fieldLabel(name), entry: newEntry(b.keys), note: newNote("")}
	f.entry.OnChanged = func(string) { b.edited() }
	f.cell = tight(f.entry, f.note)
	b.fields = append(b.fields, f)
	return f
}

// bookName is what a source is called in the list: a file by its name alone.
func bookName(s contacts.Source) string {
	if s.Path != "" {
		return clean.Text(filepath.Base(s.Path), clean.Detail)
	}
	return clean.Text(s.URL, clean.Detail)
}

func (b *booksWindow) drawRow(r *pickRow, s contacts.Listed) {
	r.main.SetText(bookName(s.Source))
	r.small.Importance = widget.LowImportance
	text := b.state(s)
	if s.Problem != nil { // what to do is said when it is picked
		r.small.Importance, text = widget.WarningImportance, words.Problem(*s.Problem).What
	}
	r.small.SetText(text)
	r.side.SetText(bookSigns[s.Type])
}

// state says how reading a source went.
func (b *booksWindow) state(s contacts.Listed) string {
	switch now := b.app.env.Now(); {
	case s.Problem != nil:
		return words.FailingHere(*s.Problem, s.Since, now)
	case s.Read.IsZero():
		return words.Text(words.SayNotReadYet)
	default:
		return words.Read(s.People, s.NoNumber, s.Bad, s.Read, now)
	}
}

func (b *booksWindow) show() {
	if !b.app.visible[b.win] {
		b.fill(contacts.Source{Type: contacts.VCard})
		b.keys.scroll.ScrollToTop()
		b.load("")
	}
	b.app.raise(b.win)
	b.win.Canvas().Focus(b.kind)
}

func (b *booksWindow) hide() {
	if b.browse != nil && b.app.visible[b.browse.win] {
		b.browse.hide()
	}
	b.stop()
	b.fill(contacts.Source{Type: contacts.VCard}) // a secret does not stay behind in a hidden window
	b.app.hide(b.win)
}

// stop gives up what is being read.
func (b *booksWindow) stop() {
	b.turn++
	if b.cancel != nil {
		b.cancel()
		b.cancel = nil
	}
	b.busy.Stop()
	b.busy.Hide()
}

// load lists what there is, with the keyboard on the one with that id.
func (b *booksWindow) load(id string) {
	b.app.ask(askTime, func(ctx context.Context) func() {
		all, p := channel.Call(ctx, b.app.agent, channel.Sources, ipc.None{})
		return func() {
			if p != nil {
				b.say(words.ProblemHere(p), widget.DangerImportance)
				return
			}
			b.list.set(all, "")
			picked := contacts.Listed{}
			for i, s := range all {
				if s.ID == id || i == 0 {
					picked, b.list.at = s, i
				}
			}
			b.list.Highlight(b.list.at)
			b.pick(picked)
		}
	})
}

// pick tells of a source, and what can be done with it.
func (b *booksWindow) pick(s contacts.Listed) {
	if s.ID != b.at.ID && b.removing != "" {
		b.removing = ""
		b.say("", widget.MediumImportance)
	}
	b.at = s
	about := ""
	if s.ID != "" {
		about = b.state(s)
	}
	if s.Given {
		about += "\n" + words.Text(words.SayBookGiven)
	}
	say(b.place, clean.Text(strings.TrimSpace(s.Where()+" "+s.Base), maxPlace), widget.MediumImportance)
	say(b.about, about, widget.MediumImportance)
	b.enable()
}

// enable says what can be pressed.
func (b *booksWindow) enable() {
	idle := b.cancel == nil
	b.again.enable(idle && b.at.ID != "")
	b.remove.enable(idle && b.at.ID != "" && !b.at.Given)
	b.test.enable(idle)
	b.add.enable(idle && b.tried != "" && b.tried == b.stands())
	relayout(b.root)
}

// fill puts a source into the form; its secret is the one that is kept, unless another is
// typed.
func (b *booksWindow) fill(s contacts.Source) {
	if b.secret.entry.Text != "" {
		defer b.app.sweep()
	}
	b.filling = true
	b.kind.pick(string(s.Type))
	b.path.entry.SetText(s.Path)
	b.address.entry.SetText(s.URL)
	b.base.entry.SetText(s.Base)
	b.user.entry.SetText(s.User)
	b.secret.entry.SetText("")
	b.conceal()
	b.clear.SetChecked(s.Clear)
	b.pin, b.pinOf = s.Pin, s.URL
	b.filling = false
	b.tried = ""
	b.edited()
}

// tapChoose goes through folders, from where the file in the form is.
func (b *booksWindow) tapChoose() {
	if b.browse == nil {
		b.browse = newBrowseWindow(b.app)
	}
	b.browse.show(b.value().Path, func(path string) {
		b.chosen(path)
		b.app.raise(b.win)
		b.win.Canvas().Focus(b.test)
	})
}

// chosen takes a file or folder that was picked, or let go over the window. A folder is one
// of vCards.
func (b *booksWindow) chosen(path string) {
	b.fill(contacts.Source{Type: cmp.Or(bookExt(path), contacts.VCard), Path: path})
}

// edited shows what a kind has a use for.
func (b *booksWindow) edited() {
	if b.filling || b.root == nil {
		return
	}
	kind := contacts.SourceType(b.kind.code())
	file := kind == contacts.VCard || kind == contacts.CSV
	for _, f := range b.fields {
		on := !file
		switch f {
		case b.path:
			on = file
		case b.base:
			on = kind == contacts.LDAP
		}
		showIf(f.label, on)
		showIf(f.cell, on)
		say(f.note, "", widget.LowImportance)
	}
	showIf(b.clear, !file)
	showIf(b.risk, !file)
	if file {
		say(b.path.note, words.Text(words.SayDropIt), widget.LowImportance)
	}
	if kind == contacts.LDAP {
		say(b.base.note, words.Text(words.SayBaseNeeded), widget.LowImportance)
	}
	b.address.entry.SetPlaceHolder(map[contacts.SourceType]string{contacts.LDAP: "ldaps://pbx.example.com", contacts.CardDAV: "https://cloud.example.com"}[kind])
	b.cert.hide()
	b.say("", widget.MediumImportance)
	relayout(b.grid)
	b.enable()
}

// value is what stands in the form.
func (b *booksWindow) value() contacts.Source {
	kind := contacts.SourceType(b.kind.code())
	if kind == contacts.VCard || kind == contacts.CSV {
		return contacts.Source{Type: kind, Path: pathIn(b.path.entry.Text)}
	}
	s, err := contacts.ParseAddress(kind, b.address.text())
	if err != nil {
		return contacts.Source{Type: kind}
	}
	s.ID, s.User, s.Clear = "", b.user.text(), b.clear.Checked
	if kind == contacts.LDAP && b.base.text() != "" {
		s.Base = b.base.text()
	}
	if b.pinOf == s.URL && s.Pin == "" {
		s.Pin = b.pin
	}
	return s
}

// stands tells what stands in the form from anything else that could.
func (b *booksWindow) stands() string {
	s := b.value()
	return fmt.Sprintf("%+q", []any{s, b.secret.entry.Text})
}

// pathIn is a path as people have it: from a terminal, a file manager or a browser.
func pathIn(text string) string {
	text = strings.Trim(strings.TrimSpace(text), `"'`)
	if u, err := url.Parse(text); err == nil && u.Scheme == "file" {
		text = u.Path
		if runtime.GOOS == "windows" {
			text = strings.TrimPrefix(text, "/")
		}
	}
	if home, err := os.UserHomeDir(); err == nil && (text == "~" || strings.HasPrefix(text, "~/")) {
		text = home + text[1:]
	}
	return filepath.FromSlash(text)
}

// wrong says what has to be given, and leads there; false where nothing has.
func (b *booksWindow) wrong() bool {
	s := b.value()
	secret := b.secret.entry.Text != ""
	for _, c := range []struct {
		f   *bookField
		bad bool
		why string
	}{
		{b.path, b.path.cell.Visible() && !filepath.IsAbs(s.Path), words.Text(words.SayWholePath)},
		{b.address, b.address.cell.Visible() && s.URL == "", words.ProblemHere(&status.Problem{Code: status.CodeSourceUnsupported})},
		{b.base, s.Type == contacts.LDAP && s.URL != "" && s.Base == "", words.Text(words.SayBaseNeeded)},
		{b.user, s.URL != "" && secret && s.User == "", words.Text(words.SayUserNeeded)},
	} {
		if c.bad {
			say(c.f.note, c.why, widget.DangerImportance)
			relayout(b.grid)
			b.win.Canvas().Focus(c.f.entry)
			return true
		}
	}
	return false
}

func (b *booksWindow) say(text string, imp widget.Importance) {
	say(b.outcome, text, imp)
	say(b.columns, "", widget.LowImportance)
	b.helps(nil)
	relayout(b.root)
}

// enter adds what could be read, and else reads it.
func (b *booksWindow) enter() {
	if b.add.Disabled() {
		b.tapTest()
	} else {
		b.tapAdd()
	}
}

func (b *booksWindow) tapTest() {
	b.read(channel.TrySource, func(r contacts.Tried) {
		b.tried = b.stands()
		b.say(words.TestedHere(r.People, r.NoNumber, r.Bad), widget.SuccessImportance)
		var all []string
		for _, c := range r.Columns {
			all = append(all, words.Column(words.Clean(c.Name), string(c.Is), string(c.Kind)))
		}
		if len(r.Books) > 0 {
			all = append(all, words.BooksRead(r.Books))
		}
		say(b.columns, strings.Join(all, ", "), widget.LowImportance)
	})
}

func (b *booksWindow) tapAdd() {
	b.read(channel.AddSource, func(r contacts.Tried) {
		b.fill(contacts.Source{Type: contacts.SourceType(b.kind.code())})
		b.say(words.AddedBook(r.People), widget.SuccessImportance)
		b.load("")
	})
}

// read has what stands in the form read.
func (b *booksWindow) read(m ipc.Method[channel.SourceParams, contacts.Tried], then func(contacts.Tried)) {
	if b.cancel != nil || b.wrong() {
		return
	}
	p := channel.SourceParams{Source: b.value()}
	if s := b.secret.entry.Text; s != "" && p.URL != "" {
		p.Secret = &s
	}
	b.cert.hide()
	b.do(func(ctx context.Context) (func(), *status.Problem) {
		r, problem := channel.Call(ctx, b.app.agent, m, p)
		return func() { then(r) }, problem
	})
}

// do has something done that takes its time, and then shows that, or what went wrong.
func (b *booksWindow) do(work func(context.Context) (func(), *status.Problem)) {
	b.say(words.Text(words.SayReading), widget.MediumImportance)
	b.busy.Show()
	b.busy.Start()
	b.turn++
	turn := b.turn
	b.cancel = b.app.ask(booksTime, func(ctx context.Context) func() {
		then, p := work(ctx)
		return func() {
			if b.turn != turn {
				return
			}
			b.stop()
			if p == nil {
				then()
			} else {
				b.failed(p)
			}
			b.enable()
		}
	})
	b.enable()
}

// failed says what went wrong; a certificate can be trusted here.
func (b *booksWindow) failed(p *status.Problem) {
	b.say(words.ProblemHere(p), widget.DangerImportance)
	if b.helps(p); p.Cert != nil && p.Cert.Fingerprint != "" && p.Code != status.CodeCertWeakKey {
		b.helps(nil) // what there is to do is asked here
		b.cert.show(*p.Cert)
		b.keys.scroll.ScrollToBottom()
	}
}

func (b *booksWindow) tapAgain() {
	id := b.at.ID
	b.do(func(ctx context.Context) (func(), *status.Problem) {
		p := channel.Do(ctx, b.app.agent, channel.RefreshSource, channel.SourceID{ID: id})
		return func() {
			b.say("", widget.MediumImportance)
			b.load(id)
		}, p
	})
}

// tapRemove takes one out of the list, at the second press.
func (b *booksWindow) tapRemove() {
	id := b.at.ID
	if b.removing != id {
		b.removing = id
		b.say(words.RemoveBook(bookName(b.at.Source)), widget.WarningImportance)
		return
	}
	b.removing = ""
	b.do(func(ctx context.Context) (func(), *status.Problem) {
		p := channel.Do(ctx, b.app.agent, channel.RemoveSource, channel.SourceID{ID: id})
		return func() {
			b.say("", widget.MediumImportance)
			b.load("")
		}, p
	})
}
