package window

import (
	"image"
	"math"
	"reflect"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/software"
	fynetest "fyne.io/fyne/v2/test"
)

// spot is something in a window: where it is, and what of that is seen.
type spot struct {
	fyne.CanvasObject
	at       fyne.Position
	from, to fyne.Position
	layer    int            // 0 the window, then what lies over it
	in       fyne.Focusable // of which it is a part, or itself
	rows     bool           // in a column that scrolls
}

// bounds is all of it, seen or not.
func (s spot) bounds() (from, to fyne.Position) {
	return s.at, s.at.AddXY(s.Size().Components())
}

// spots are all that is visible in w, in the order in which the keyboard goes through it.
func spots(w fyne.Window) (all []spot) {
	c := w.Canvas()
	var walk func(o fyne.CanvasObject, in spot)
	walk = func(o fyne.CanvasObject, in spot) {
		if !o.Visible() {
			return
		}
		s := in
		s.CanvasObject, s.at = o, in.at.Add(o.Position())
		kind := reflect.TypeOf(o).String()
		if strings.HasSuffix(kind, "Scroll") || strings.HasSuffix(kind, "Clip") {
			s.from = fyne.NewPos(max(s.from.X, s.at.X), max(s.from.Y, s.at.Y))
			s.to = fyne.NewPos(min(s.to.X, s.at.X+o.Size().Width), min(s.to.Y, s.at.Y+o.Size().Height))
			s.rows = s.rows || s.in == nil
		}
		if f, ok := o.(fyne.Focusable); ok {
			s.in = f
			s.rows = s.rows || strings.Contains(kind, "picker")
		}
		all = append(all, s)
		switch o := o.(type) {
		case *fyne.Container:
			if o.Layout != nil { // the rows of a list are laid out only when they are drawn
				o.Layout.Layout(o.Objects, o.Size())
			}
			for _, part := range o.Objects {
				walk(part, s)
			}
		case fyne.Widget:
			for _, part := range fynetest.WidgetRenderer(o).Objects() {
				walk(part, s)
			}
		}
	}
	whole := spot{to: fyne.NewPos(c.Size().Components())}
	walk(c.Content(), whole)
	for i, o := range c.Overlays().List() {
		whole.layer = i + 1
		walk(o, whole)
	}
	return all
}

// picture is w as it is drawn, at a scale.
func picture(t *testing.T, w fyne.Window, scale float32) *image.NRGBA {
	t.Helper()
	spots(w) // lays out what is new, and then what that has pushed aside
	spots(w)
	c := w.Canvas().(software.WindowlessCanvas)
	size := c.Size()
	c.SetScale(scale)
	defer c.SetScale(1)
	img := c.Capture().(*image.NRGBA)
	if c.Size() != size {
		t.Errorf("%v at %v, %v else", c.Size(), scale, size)
	}
	return img
}

// pixels are those of img between two places of the window.
func pixels(img *image.NRGBA, scale float32, from, to fyne.Position) image.Rectangle {
	px := func(v float32) int { return int(math.Round(float64(v * scale))) }
	return image.Rect(px(from.X), px(from.Y), px(to.X), px(to.Y)).Intersect(img.Bounds())
}
