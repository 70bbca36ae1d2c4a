package window

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// What everybody can read, and see the bounds of (WCAG 2.2, 1.4.3 and 1.4.11).
const (
	textContrast = 4.5
	lineContrast = 3
)

// linear is how much light a value of a colour is.
var linear = func() (table [256]float64) {
	for v := range table {
		f := float64(v) / 255
		table[v] = math.Pow((f+0.055)/1.055, 2.4)
		if f <= 0.04045 {
			table[v] = f / 12.92
		}
	}
	return table
}()

// luminance and contrast are those of WCAG.
func luminance(c color.NRGBA) float64 {
	return 0.2126*linear[c.R] + 0.7152*linear[c.G] + 0.0722*linear[c.B]
}

func contrast(a, b color.NRGBA) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// most is by how much two pictures differ where they differ most, of the pixels in r,
// and at how many pixels they do so by least or more.
func most(a, b *image.NRGBA, r image.Rectangle, least float64) (contrastOf float64, pixels int) {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if p, q := a.NRGBAAt(x, y), b.NRGBAAt(x, y); p != q {
				v := contrast(p, q)
				contrastOf = max(contrastOf, v)
				if v >= least {
					pixels++
				}
			}
		}
	}
	return contrastOf, pixels
}

// TestContrast measures, on the windows as they are drawn, dark and light, how much texts
// and icons differ from what is behind them, and the bounds of what can be used from what
// is around it; also where the mouse is on something, and of what cannot be used. With -args -render it
// does so in every state.
func TestContrast(t *testing.T) {
	for _, dark := range []bool{false, true} {
		t.Run(map[bool]string{false: "light", true: "dark"}[dark], func(t *testing.T) {
			seen := map[string]bool{}
			walk(t, dark, false, func(d *desk, name string, w fyne.Window) {
				if slices.Contains(alike, name) && !*render {
					return
				}
				readable(t, name, w, seen)
				if !slices.Contains(hoveredIn, name) {
					return
				}
				hovered := hover(w)
				readable(t, name+", mouse on all", w, seen)
				for _, h := range hovered {
					h.MouseOut()
				}
			})
		})
	}
}

// TestContrastOfSelectedText is TestContrast for what is selected in an entry.
func TestContrastOfSelectedText(t *testing.T) {
	for _, dark := range []bool{false, true} {
		d := newDesk(t)
		d.app.fyne.Settings().SetTheme(newVariant(dark))
		w := d.openDial("0390505550123")
		if w.number.SelectedText() == "" || w.win.Canvas().Focused() != fyne.Focusable(w.number) {
			t.Fatal("nothing is selected")
		}
		readable(t, fmt.Sprintf("dark %v, selected", dark), w.win, map[string]bool{})
	}
}

// In alike are states with nothing in them that the others have not; drawing each takes
// half a second. The mouse is on things in those of hoveredIn.
var (
	alike = []string{
		"dial-empty", "dial-link", "dial-trouble-long", "dial-call-long", "assistant-1", "assistant-2-unknown", "assistant-2-certificate",
		"assistant-3", "assistant-4", "assistant-5", "settings-numbers", "settings-numbers-nowhere", "settings-numbers-wrong",
		"settings-account-long", "settings-account-wrong", "settings-not-saved", "question",
	}
	hoveredIn = []string{"dial-several", "assistant-2-certificate-live", "settings-account", "settings-keys"}
)

// hover has the mouse be on everything.
func hover(w fyne.Window) (on []desktop.Hoverable) {
	for _, s := range spots(w) {
		if h, ok := s.CanvasObject.(desktop.Hoverable); ok {
			if b, ok := h.(*button); ok {
				b.Button.MouseIn(&desktop.MouseEvent{}) // the guard has no say in this
			} else {
				h.MouseIn(&desktop.MouseEvent{})
			}
			on = append(on, h)
		}
	}
	return on
}

// readable finds what differs too little from what is behind it.
func readable(t *testing.T, name string, w fyne.Window, seen map[string]bool) {
	t.Helper()
	const scale = 2 // at which a letter has its own colour somewhere
	all := spots(w)
	before := picture(t, w, scale)
	hidden := func(is bool) {
		for _, s := range all {
			switch o := s.CanvasObject.(type) {
			case *canvas.Text:
				o.Hidden = is
			case *canvas.Image:
				o.Hidden = is
			}
		}
	}
	hidden(true)
	without := picture(t, w, scale)
	hidden(false)
	complain := func(s spot, what string, is, want float64) {
		if key := fmt.Sprintf("%s %.2f", what, is); is < want && !seen[key] {
			seen[key] = true
			t.Errorf("%s: %s at %.0f,%.0f has a contrast of %.2f, not %.1f", name, what, s.at.X, s.at.Y, is, want)
		}
	}
	for _, s := range all {
		if s.layer < len(w.Canvas().Overlays().List()) {
			continue // something lies over it
		}
		from, to := s.bounds()
		from, to = fyne.NewPos(max(from.X, s.from.X), max(from.Y, s.from.Y)), fyne.NewPos(min(to.X, s.to.X), min(to.Y, s.to.Y))
		if to.X <= from.X || to.Y-from.Y < s.Size().Height-1 {
			continue // scrolled away, or about to be
		}
		r := pixels(before, scale, from, to)
		switch o := s.CanvasObject.(type) {
		case *canvas.Text:
			if is, _ := most(before, without, r, 0); o.Text != "" && is > 0 {
				complain(s, fmt.Sprintf("%q", o.Text), is, textContrast)
			}
		case *canvas.Image:
			if is, _ := most(before, without, r, 0); is > 0 {
				complain(s, "an icon", is, lineContrast)
			}
		case *entry, *choice, *button, *keyField:
			if k, ok := s.CanvasObject.(*keyField); ok && k.Disabled() {
				continue
			}
			if b, ok := s.CanvasObject.(*button); ok && (b.Disabled() || b.Importance == widget.LowImportance) {
				continue
			}
			complain(s, fmt.Sprintf("the left edge of a %T", o), edge(without, r), lineContrast)
		}
	}
}

// edge is by how much a line or a ground at the left end of r differs from what is beside it.
func edge(img *image.NRGBA, r image.Rectangle) (is float64) {
	y, x := (r.Min.Y+r.Max.Y)/2, r.Min.X-3
	outside := img.NRGBAAt(max(x, 0), y)
	for ; x < r.Min.X+6; x++ {
		is = max(is, contrast(outside, img.NRGBAAt(max(x, 0), y)))
	}
	return is
}
