package window

import (
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/status"
)

// typeAheadTime is how far apart two letters may be that search for one row.
const typeAheadTime = time.Second

// picker is the list that something is picked from: a recent number, one of
// several numbers, an extension, a country. Up, Down, Home, End, PageUp and
// PageDown go through it, typed letters go to the next row that they fit, a
// click or Space picks and so does Enter, which may do more.
type picker[T any] struct {
	widget.List
	watched
	pickerOf[T]
	app *App
	box *fyne.Container // title and list, or what is said in its place

	head *widget.Label // the title; nil where it has none

	shown   []T
	rows    map[int]*pickRow // those that were drawn, while they are that row
	laid    int              // how many there were when it was laid out
	at      int              // the row the keyboard stands on
	has     bool             // the keyboard is in the list
	typed   string
	typedAt time.Time
}

// pickerOf is what pickers differ in.
type pickerOf[T any] struct {
	row  func() *pickRow
	draw func(r *pickRow, item T)
	fits func(item T, text string) fit // text is in lower case, without blanks around it

	pick  func(item T) // a click or Space on a row
	enter func(item T) // Enter on it; nil: the same
	came  func(item T) // the keyboard came to it; may be nil
	left  func()       // the keyboard went elsewhere; may be nil

	title string        // may be ""
	note  *widget.Label // says why there is no row; nil: nothing is said
	empty string        // where there is nothing to pick from
	none  string        // where nothing fits what was typed
}

// fit is how well something fits what was typed.
type fit int

const (
	fitsNot   fit = iota
	fitsBelow     // it is listed below those that fit well
	fitsWell
)

// fitsIn says how well name fits: by its beginning, or by that of a later word.
func fitsIn(name, text string) fit {
	name = strings.ToLower(name)
	switch {
	case strings.HasPrefix(name, text):
		return fitsWell
	case strings.Contains(name, " "+text):
		return fitsBelow
	}
	return fitsNot
}

func newPicker[T any](a *App, k *keys, of pickerOf[T]) *picker[T] {
	if of.enter == nil {
		of.enter = of.pick
	}
	p := &picker[T]{app: a, watched: watched{k}, pickerOf: of, rows: map[int]*pickRow{}}
	p.Length = func() int { return len(p.shown) }
	p.CreateItem = func() fyne.CanvasObject { return p.row() }
	p.UpdateItem = func(i int, o fyne.CanvasObject) {
		if row := o.(*pickRow); i < len(p.shown) {
			row.at, p.rows[i] = i, row
			p.draw(row, p.shown[i])
			row.ring.show(p.has && i == p.at)
		}
	}
	p.OnSelected = func(i int) {
		p.at = i
		p.UnselectAll() // it can be picked again
		p.choose(p.pick)
	}
	p.ExtendBaseWidget(p)
	p.box = container.NewStack(p)
	if p.title != "" {
		if p.note != nil {
			p.box.Add(container.NewVBox(p.note))
		}
		p.head = newBold(p.title)
		p.box = container.NewBorder(p.head, nil, nil, nil, p.box)
	}
	p.set(nil, "")
	return p
}

// set shows those of the items that text fits, all where it is empty, and puts
// the keyboard on the first one. Among those that fit equally well the order stays.
func (p *picker[T]) set(items []T, text string) {
	same := p.at == 0 && !p.has && p.GetScrollOffset() == 0
	p.at, p.typed = 0, ""
	p.fit(items, text)
	if len(p.shown) > 0 && !same {
		p.Highlight(0) // and draws them
	} else {
		p.redraw()
	}
}

// fill is set that leaves keyboard and scroll where they are.
func (p *picker[T]) fill(items []T, text string) {
	p.fit(items, text)
	p.redraw()
}

// redraw draws the rows anew where what is in them has changed. A List's own Refresh has
// every text drawn anew, also those that stay, and makes a row to measure it; so that is
// for another look.
func (p *picker[T]) redraw() {
	if size := p.Size(); len(p.shown) != p.laid && size.Height > 1 { // what scrolls is of another height
		p.laid = len(p.shown)
		p.Resize(size.SubtractWidthHeight(0, 1))
		p.Resize(size)
	} else {
		p.Resize(size)
	}
	for i, row := range p.rows {
		if row.at != i || i >= len(p.shown) {
			delete(p.rows, i)
			continue
		}
		p.UpdateItem(i, row)
	}
	if row := p.rows[0]; row != nil && row.line != nil {
		row.line.Refresh() // where only rows went
	}
}

// prepare makes the rows that there is room for, so that the first list that is shown does
// not wait for them.
func (p *picker[T]) prepare() {
	if len(p.shown) == 0 {
		p.shown = make([]T, maxRecent)
		p.Resize(p.Size())
		p.shown = nil
		p.Resize(p.Size())
	}
}

// Show implements fyne.CanvasObject. What is shown is drawn by redraw, and a list that is
// not shown is drawn with the window where that gets another look.
func (p *picker[T]) Show() { p.Hidden = false }

// Refresh implements fyne.CanvasObject.
func (p *picker[T]) Refresh() {
	clear(p.rows)
	p.List.Refresh()
}

// fit has those of the items listed that text fits. It draws nothing.
func (p *picker[T]) fit(items []T, text string) {
	p.shown = items
	if text = plain(text); text != "" {
		p.shown = nil
		for _, want := range []fit{fitsWell, fitsBelow} {
			for _, item := range items {
				if p.fits(item, text) == want {
					p.shown = append(p.shown, item)
				}
			}
		}
	}
	if p.note != nil {
		says := ""
		switch {
		case len(items) == 0:
			says = p.empty
		case len(p.shown) == 0:
			says = p.none
		}
		say(p.note, says, p.note.Importance)
	}
	showIf(p, len(p.shown) > 0)
}

func plain(text string) string { return strings.ToLower(strings.TrimSpace(text)) }

// focus puts the keyboard into the list, where there is something in it.
func (p *picker[T]) focus() bool {
	c := fyne.CurrentApp().Driver().CanvasForObject(p)
	if c == nil || len(p.shown) == 0 {
		return false
	}
	c.Focus(p)
	return true
}

// choose does something with the row that the keyboard stands on.
func (p *picker[T]) choose(do func(T)) {
	if p.at < len(p.shown) {
		do(p.shown[p.at])
	}
}

// move puts the keyboard on a row, or on the nearest one there is.
func (p *picker[T]) move(to int) {
	p.at = max(0, min(to, len(p.shown)-1))
	p.Highlight(p.at)
	p.tell()
}

// tell tells of the row on which the keyboard stands.
func (p *picker[T]) tell() {
	if p.came != nil {
		p.choose(p.came)
	}
}

// page is how many rows are seen at once.
func (p *picker[T]) page() int {
	return max(1, int(p.Size().Height/(p.row().MinSize().Height+p.Theme().Size(theme.SizeNamePadding))))
}

// TypedKey implements fyne.Focusable. Space is left to TypedRune: what a key
// types comes after the key, and would go to whatever has the keyboard by then.
func (p *picker[T]) TypedKey(ev *fyne.KeyEvent) {
	switch ev.Name {
	case fyne.KeyUp:
		p.move(p.at - 1)
	case fyne.KeyDown:
		p.move(p.at + 1)
	case fyne.KeyPageUp:
		p.move(p.at - p.page())
	case fyne.KeyPageDown:
		p.move(p.at + p.page())
	case fyne.KeyHome:
		p.move(0)
	case fyne.KeyEnd:
		p.move(len(p.shown) - 1)
	case fyne.KeyReturn, fyne.KeyEnter:
		p.keys.guard.press(ev.Name, func() { p.choose(p.enter) })
	case fyne.KeyEscape:
		p.keys.handle(ev.Name)
	}
}

// TypedRune implements fyne.Focusable.
func (p *picker[T]) TypedRune(r rune) {
	if unicode.IsSpace(r) {
		if p.keys.guard.live {
			p.choose(p.pick)
		}
		return
	}
	now, first := p.app.env.Now(), string(unicode.ToLower(r))
	if now.Sub(p.typedAt) > typeAheadTime {
		p.typed = ""
	}
	p.typed, p.typedAt = p.typed+first, now
	switch {
	case p.typed == first:
		p.search(first, p.at+1)
	case p.search(p.typed, p.at):
	case strings.Trim(p.typed, first) == "": // one key again and again: the next one
		p.search(first, p.at+1)
	}
}

// search goes to the row that fits best, looking from one on and round to it.
func (p *picker[T]) search(text string, from int) bool {
	for _, want := range []fit{fitsWell, fitsBelow} {
		for i := range p.shown {
			if row := (from + i) % len(p.shown); p.fits(p.shown[row], text) == want {
				p.move(row)
				return true
			}
		}
	}
	return false
}

// FocusGained implements fyne.Focusable.
func (p *picker[T]) FocusGained() {
	p.has = true
	p.List.FocusGained()
	p.keys.guard.gained(p)
	p.tell()
}

// FocusLost implements fyne.Focusable.
func (p *picker[T]) FocusLost() {
	p.has = false
	p.List.FocusLost()
	p.keys.guard.lostIt(p)
	if p.left != nil {
		p.left()
	}
}

// pickRow is one row of a picker. Which of the texts it has depends on its kind.
type pickRow struct {
	widget.BaseWidget
	ring
	main, small, side *rowText
	at                int               // which of the list's it was last
	sign              *widget.Icon      // how a colleague's phone stands; hidden where it is none
	phone             status.PhoneState // it, as it is drawn
	content           fyne.CanvasObject
}

func (r *pickRow) CreateRenderer() fyne.WidgetRenderer {
	return r.ring.around(r, widget.NewSimpleRenderer(r.content))
}

func newPickRow(content func(r *pickRow) fyne.CanvasObject) *pickRow {
	r := &pickRow{
		main: newRowText(true), small: newRowText(true), side: newRowText(false),
		sign: widget.NewIcon(nil),
	}
	r.sign.Hide()
	for _, l := range []*rowText{r.small, r.side} {
		l.SizeName, l.Importance = theme.SizeNameCaptionText, widget.LowImportance
	}
	r.content = content(r)
	r.ExtendBaseWidget(r)
	return r
}

// newPlainRow is one line.
func newPlainRow() *pickRow {
	return newPickRow(func(r *pickRow) fyne.CanvasObject { return r.main })
}

// newTwoLineRow has the small line below the main one.
func newTwoLineRow() *pickRow {
	return newPickRow(func(r *pickRow) fyne.CanvasObject {
		return container.New(layout.NewCustomPaddedVBoxLayout(-14), r.main, r.small)
	})
}

// newTwoLineSideRow has a note on the right of them.
func newTwoLineSideRow() *pickRow {
	return newPickRow(func(r *pickRow) fyne.CanvasObject {
		return container.NewBorder(nil, nil, nil, container.NewHBox(container.NewCenter(r.sign), container.NewCenter(r.side)),
			container.New(layout.NewCustomPaddedVBoxLayout(-14), r.main, r.small))
	})
}

// newColumnsRow has the three side by side, the main one in bold.
func newColumnsRow() *pickRow {
	return newPickRow(func(r *pickRow) fyne.CanvasObject {
		r.main.TextStyle.Bold = true
		r.side.Cut = true
		return container.NewBorder(nil, nil, minWidth(110, r.main), minWidth(120, r.side), r.small)
	})
}
