package window

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
)

// ring is a line around a widget that has the keyboard. Fyne's own widgets show that by
// a shade, which many people cannot see, and on a button in the accent's colour nobody.
// Without the keyboard it may be the thin line that bounds the widget.
type ring struct {
	of    fyne.Widget
	inner fyne.WidgetRenderer
	line  *canvas.Rectangle
	on    bool

	colour func() fyne.ThemeColorName // with the keyboard; nil: the accent's
	edge   func() fyne.ThemeColorName // without it, "" for no line; nil: none
	inset  float32                    // from the edge, with the keyboard
	fit    bool                       // around what is in the widget, however wide that is
}

const ringWidth = 2

// around is the renderer of the widget, with the ring on top of it.
func (r *ring) around(of fyne.Widget, inner fyne.WidgetRenderer) fyne.WidgetRenderer {
	r.of, r.inner, r.line = of, inner, canvas.NewRectangle(color.Transparent)
	r.draw()
	return &ringed{inner, r}
}

func (r *ring) show(on bool) {
	if r.on == on && !on {
		return
	}
	r.on = on
	if r.of == nil {
		return
	}
	r.draw()
	if on {
		reveal(r.of)
	}
}

func (r *ring) draw() {
	name, width := fyne.ThemeColorName(""), float32(1)
	switch {
	case r.on:
		name, width = theme.ColorNamePrimary, ringWidth
		if r.colour != nil {
			name = r.colour()
		}
	case r.edge != nil:
		name = r.edge()
	}
	r.line.StrokeColor = color.Transparent
	if name != "" {
		r.line.StrokeColor = theme.ColorForWidget(name, r.of)
	}
	r.line.StrokeWidth = width
	r.line.CornerRadius = theme.CurrentForWidget(r.of).Size(theme.SizeNameInputRadius)
	r.place(r.of.Size())
	r.line.Refresh()
}

// place draws the line inside the widget: half of it lies on either side of the place.
func (r *ring) place(size fyne.Size) {
	if r.fit {
		size.Width = min(size.Width, r.inner.MinSize().Width)
	}
	w := r.line.StrokeWidth
	if r.on {
		w += 2 * r.inset
	}
	r.line.Move(fyne.NewSquareOffsetPos(w / 2))
	r.line.Resize(size.Subtract(fyne.NewSquareSize(w + 0.5)).Max(fyne.Size{})) // as Fyne's own, lest it be cut off where that is rounded
}

type ringed struct {
	fyne.WidgetRenderer
	ring *ring
}

func (r *ringed) Layout(size fyne.Size) {
	r.WidgetRenderer.Layout(size)
	r.ring.place(size)
}

func (r *ringed) Objects() []fyne.CanvasObject {
	return append(append([]fyne.CanvasObject(nil), r.WidgetRenderer.Objects()...), r.ring.line)
}

func (r *ringed) Refresh() {
	r.WidgetRenderer.Refresh()
	r.ring.draw()
}

// reveal scrolls to o, where that is in something that scrolls and is not seen whole:
// Fyne does not follow the keyboard.
func reveal(o fyne.CanvasObject) {
	d := fyne.CurrentApp().Driver()
	c := d.CanvasForObject(o)
	if c == nil {
		return
	}
	for _, s := range scrollsAround(c.Content(), o) {
		const margin = 8
		top := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(s).Y - margin
		below := top + o.Size().Height + 2*margin - s.Size().Height
		by := float32(0)
		switch {
		case top < 0:
			by = top
		case below > 0:
			by = min(below, top)
		}
		if by != 0 {
			s.ScrollToOffset(s.Offset.AddXY(0, by))
		}
	}
}

// scrollsAround are the scrolled parts of a window that o is in, the outermost first.
func scrollsAround(within, o fyne.CanvasObject) (scrolls []*container.Scroll) {
	search(within, o, func(s *container.Scroll) { scrolls = append([]*container.Scroll{s}, scrolls...) })
	return scrolls
}

// search looks for o in all that the windows are put together of, and tells on the way
// back of what scrolls.
func search(within, o fyne.CanvasObject, found func(*container.Scroll)) bool {
	var parts []fyne.CanvasObject
	switch w := within.(type) {
	case *fyne.Container:
		parts = w.Objects
	case *container.Scroll:
		parts = []fyne.CanvasObject{w.Content}
	case *container.ThemeOverride:
		parts = []fyne.CanvasObject{w.Content}
	case *container.AppTabs:
		parts = []fyne.CanvasObject{w.Selected().Content}
	case *panel:
		parts = []fyne.CanvasObject{w.content}
	}
	for _, part := range parts {
		if part == o || search(part, o, found) {
			if s, ok := within.(*container.Scroll); ok {
				found(s)
			}
			return true
		}
	}
	return false
}
