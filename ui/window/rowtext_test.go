package window

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetest "fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// A text of a row is where a label would have it, as large, in its colour, and cut about
// where that would cut it.
func TestRowTextIsALabel(t *testing.T) {
	newDesk(t)
	line := func(w fyne.Widget) *canvas.Text { return fynetest.WidgetRenderer(w).Objects()[0].(*canvas.Text) }
	for _, text := range []string{"", "a", "Azienda Elettronica Superiore S.r.l.", "abcdefghijklmnopqrstuvwxyzabcdefgh"} {
		for _, cut := range []bool{false, true} {
			for _, size := range []fyne.ThemeSizeName{theme.SizeNameText, theme.SizeNameCaptionText} {
				for width := float32(60); width < 320; width += 13 {
					l := &widget.Label{Text: text, SizeName: size, Importance: widget.LowImportance}
					if cut {
						l.Truncation = fyne.TextTruncateEllipsis
					}
					r := newRowText(cut)
					r.SizeName, r.Importance = size, widget.LowImportance
					r.SetText(text)
					fynetest.WidgetRenderer(l) // has to be there before its size is
					for _, o := range []fyne.CanvasObject{l, r} {
						o.Resize(fyne.NewSize(width, o.MinSize().Height))
					}
					is, want := line(r), line(fynetest.WidgetRenderer(l).Objects()[0].(fyne.Widget))
					if r.MinSize() != l.MinSize() {
						t.Fatalf("%q, %v wide: at least %v, a label %v", text, width, r.MinSize(), l.MinSize())
					}
					// A label rounds: it may have a letter less, or a space that sticks out.
					if len(is.Text)-len(want.Text) > 1 || len(want.Text)-len(is.Text) > 1 || is.MinSize().Width > width-16 && cut || is.TextSize != want.TextSize || is.Color != want.Color || is.Position() != want.Position() {
						t.Fatalf("%q, %v wide: %+v, a label %+v", text, width, *is, *want)
					}
				}
			}
		}
	}
}

// Where other rows are listed none is made, and those that stay are left alone.
func TestWhatStaysInAListIsNotDrawnAnew(t *testing.T) {
	d := newDesk(t)
	p, _, _ := newWordPicker(d, "one", "two", "three")
	one, two, made, row := p.rows[0], p.rows[1], 0, p.row
	p.row = func() *pickRow { made++; return row() }
	if len(p.rows) != 3 {
		t.Fatalf("%d rows", len(p.rows))
	}
	one.main.line.Text = "drawn"
	p.set([]string{"one", "2"}, "")
	if made != 0 || p.rows[0] != one || p.rows[1] != two || len(p.rows) != 2 {
		t.Errorf("%d rows were made, of %d", made, len(p.rows))
	}
	if one.main.line.Text != "drawn" || two.main.line.Text != "2" {
		t.Errorf("%q and %q were drawn", one.main.line.Text, two.main.line.Text)
	}
	p.set(nil, "")
	p.set([]string{"three", "two", "one"}, "")
	if made != 0 || len(p.rows) != 3 || p.rows[0].main.Text != "three" || !p.Visible() {
		t.Errorf("%d rows were made, of %d; the first is %q", made, len(p.rows), p.rows[0].main.Text)
	}
}

// A list that became longer than there is room for scrolls.
func TestALongerListScrolls(t *testing.T) {
	d := newDesk(t)
	p, _, _ := newWordPicker(d, "one")
	p.set([]string{"1", "2", "3", "4", "5", "6", "7", "8", "9"}, "")
	if p.ScrollToBottom(); p.GetScrollOffset() == 0 {
		t.Error("it does not")
	}
}
