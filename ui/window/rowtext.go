package window

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// rowText is one line in a row of a list, as a Label draws it. A Label shapes its text five
// times to find out how much of it fits, and is two more objects that every frame goes
// through; a list that follows what is typed has twenty of them.
type rowText struct {
	widget.BaseWidget
	Text       string
	TextStyle  fyne.TextStyle
	SizeName   fyne.ThemeSizeName
	Importance widget.Importance
	Cut        bool // what does not fit ends in "…"

	line *canvas.Text
	min  fyne.Size
	drew widget.Importance
}

func newRowText(cut bool) *rowText {
	t := &rowText{Cut: cut, SizeName: theme.SizeNameText, line: &canvas.Text{}}
	t.ExtendBaseWidget(t)
	return t
}

// SetText does nothing where text and importance are what is drawn: a list sets the texts
// of all its rows whenever one has changed.
func (t *rowText) SetText(text string) {
	if text != t.Text || t.Importance != t.drew {
		t.Text = text
		t.Refresh()
	}
}

func (t *rowText) CreateRenderer() fyne.WidgetRenderer {
	r := &rowTextRenderer{t}
	t.draw()
	return r
}

// colour is a Label's.
func (t *rowText) colour() fyne.ThemeColorName {
	switch t.Importance {
	case widget.LowImportance:
		return theme.ColorNameDisabled
	case widget.WarningImportance:
		return theme.ColorNameWarning
	case widget.DangerImportance:
		return theme.ColorNameError
	}
	return theme.ColorNameForeground
}

// draw has the line show the text, in the colours and sizes of now.
func (t *rowText) draw() {
	th := t.Theme()
	t.line.Color = th.Color(t.colour(), fyne.CurrentApp().Settings().ThemeVariant())
	t.line.TextSize, t.line.TextStyle = th.Size(t.SizeName), t.TextStyle
	t.drew = t.Importance
	t.fit()
	t.line.Refresh()
}

// fit has the line show as much of the text as there is room for.
func (t *rowText) fit() {
	pad := t.Theme().Size(theme.SizeNameInnerPadding)
	whole := fyne.MeasureText(t.Text, t.line.TextSize, t.TextStyle)
	t.line.Text = t.Text
	if room := t.Size().Width - 2*pad; t.Cut && room > 0 && whole.Width > room {
		t.line.Text = t.begin(room)
	}
	t.min = whole.Add(fyne.NewSquareSize(2 * pad))
	if t.Cut {
		size := t.Theme().Size(theme.SizeNameText)
		t.min.Width = fyne.MeasureText("M", size, fyne.TextStyle{}).Width + fyne.MeasureText("…", size, fyne.TextStyle{}).Width
	}
	t.line.Move(fyne.NewSquareOffsetPos(pad))
	t.line.Resize(t.line.MinSize())
}

// begin is as much of the text as has room beside an ellipsis.
func (t *rowText) begin(room float32) string {
	all := []rune(t.Text)
	fits, tooLong := 0, len(all)
	for tooLong-fits > 1 {
		half := (fits + tooLong) / 2
		if fyne.MeasureText(string(all[:half])+"…", t.line.TextSize, t.TextStyle).Width <= room {
			fits = half
		} else {
			tooLong = half
		}
	}
	return string(all[:fits]) + "…"
}

type rowTextRenderer struct{ t *rowText }

func (r *rowTextRenderer) Layout(fyne.Size) {
	if shown := r.t.line.Text; r.t.Cut {
		if r.t.fit(); r.t.line.Text != shown {
			r.t.line.Refresh()
		}
	}
}

func (r *rowTextRenderer) MinSize() fyne.Size           { return r.t.min }
func (r *rowTextRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.t.line} }
func (r *rowTextRenderer) Refresh()                     { r.t.draw() }
func (r *rowTextRenderer) Destroy()                     {}
