package window

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// TestTheKeyboardReachesEverything goes through every window with Tab, as it stands in
// each state: what can be clicked can be reached, in the order in which it stands on the
// screen, and Shift+Tab leads back the same way.
func TestTheKeyboardReachesEverything(t *testing.T) {
	walk(t, false, false, func(d *desk, name string, w fyne.Window) {
		c := w.Canvas()
		had := c.Focused()
		c.Unfocus()
		places := map[fyne.Focusable]spot{}
		for _, s := range spots(w) {
			f, focusable := s.CanvasObject.(fyne.Focusable)
			if off, ok := s.CanvasObject.(fyne.Disableable); ok && off.Disabled() {
				continue
			}
			if focusable {
				places[f] = s
			} else if clicks(s) {
				t.Errorf("%s: a %T at %.0f,%.0f can be clicked, and no key gets there", name, s.CanvasObject, s.at.X, s.at.Y)
			}
		}
		var order []fyne.Focusable
		for c.FocusNext(); c.Focused() != nil && !slices.Contains(order, c.Focused()); c.FocusNext() {
			order = append(order, c.Focused())
		}
		for f, s := range places {
			if !slices.Contains(order, f) {
				t.Errorf("%s: Tab does not lead to the %s", name, said(s))
			}
		}
		var back []fyne.Focusable
		c.Unfocus()
		for range order {
			c.FocusPrevious()
			back = append(back, c.Focused())
		}
		slices.Reverse(back)
		// Wherever it began; but where the question about a certificate comes up it cannot be
		// answered for a moment.
		i := max(0, slices.Index(back, order[0]))
		if back = append(slices.Clone(back[i:]), back[:i]...); !slices.Equal(order, back) && !slices.Contains([]string{"assistant-2-certificate-live", "settings-account-long", "settings-not-saved", "books-certificate"}, name) {
			t.Errorf("%s: Shift+Tab goes another way", name)
		}
		for i := 1; i < len(order); i++ {
			a, b := places[order[i-1]], places[order[i]]
			if a.CanvasObject == nil || b.CanvasObject == nil {
				t.Errorf("%s: the keyboard is on what is not seen: %T, %T", name, order[i-1], order[i])
				continue
			}
			if !follows(a, b, false) && !follows(a, b, true) {
				t.Errorf("%s: Tab leads from the %s to the %s", name, said(a), said(b))
			}
		}
		c.Focus(had)
	})
}

// clicks reports whether something is there to be clicked, and nothing but that.
func clicks(s spot) bool {
	switch kind := fmt.Sprintf("%T", s.CanvasObject); {
	case kind == "*window.ground":
		return false
	case strings.HasSuffix(kind, ".tabButton"), strings.HasSuffix(kind, ".scrollBarArea"): // tabBar, and the keys of what scrolls, do the same
		return false
	case s.in != nil && !strings.HasSuffix(kind, "passwordRevealer"): // a part of what has a key
		return false
	}
	_, tap := s.CanvasObject.(fyne.Tappable)
	_, mouse := s.CanvasObject.(desktop.Mouseable)
	return tap || mouse
}

func said(s spot) string {
	what := ""
	switch o := s.CanvasObject.(type) {
	case *button:
		what = o.Text
	case *keyField:
		what = o.Text
	case *tick:
		what = o.Text
	case *choice:
		what = o.Selected
	case *entry:
		what = o.Text + o.PlaceHolder
	}
	return fmt.Sprintf("%T %q at %.0f,%.0f", s.CanvasObject, what, s.at.X, s.at.Y)
}

// follows reports whether b comes after a for somebody who reads: on the right of it in
// the same line, or below it. Where what is seen counts, what is scrolled out of sight is
// at the end of that.
func follows(a, b spot, seen bool) bool {
	ends := func(s spot) (top, end float32) {
		within := func(y float32) float32 {
			if seen {
				y = max(s.from.Y, min(y, s.to.Y))
			}
			return y
		}
		return within(s.at.Y), within(s.at.Y + s.Size().Height)
	}
	topA, endA := ends(a)
	topB, endB := ends(b)
	if shared := min(endA, endB) - max(topA, topB); shared > min(endA-topA, endB-topB)/2 {
		return b.at.X > a.at.X
	}
	return topB > topA
}

// TestFocusIsSeen: whatever has the keyboard looks different from what it looks without,
// by 3:1, along its edges or in a line of its own, dark and light.
func TestFocusIsSeen(t *testing.T) {
	for _, dark := range []bool{false, true} {
		done := map[string]bool{}
		walk(t, dark, false, func(d *desk, name string, w fyne.Window) {
			c := w.Canvas()
			had := c.Focused()
			for _, s := range spots(w) {
				f, ok := s.CanvasObject.(fyne.Focusable)
				if off, is := s.CanvasObject.(fyne.Disableable); !ok || is && off.Disabled() {
					continue
				}
				// Of each kind one is enough.
				kind := fmt.Sprintf("%T", f)
				if b, ok := f.(*button); ok {
					kind += fmt.Sprint(b.Importance)
				}
				if done[kind] {
					continue
				}
				done[kind] = true
				c.Focus(f)
				c.Unfocus() // what it has to say when it is left is said
				without := picture(t, w, 1)
				c.Focus(f)
				with := picture(t, w, 1)
				c.Unfocus()
				for _, now := range spots(w) {
					if now.CanvasObject != s.CanvasObject {
						continue
					}
					from, to := now.bounds()
					if _, n := most(without, with, pixels(with, 1, from, to), lineContrast); n < int(min(now.Size().Width, 60)) {
						t.Errorf("dark %v, %s: %d pixels tell that the keyboard is on the %s", dark, name, n, said(now))
					}
				}
			}
			c.Focus(had)
		})
		for _, kind := range []string{"*window.entry", "*window.button0", "*window.button1", "*window.button3", "*window.tick", "*window.choice", "*window.tabBar", "*window.keyField"} {
			if !done[kind] {
				t.Errorf("no %s was looked at", kind)
			}
		}
		if !slices.ContainsFunc(keysOf(done), func(kind string) bool { return strings.HasPrefix(kind, "*window.picker[") }) {
			t.Error("no list was looked at")
		}
	}
}

func keysOf(m map[string]bool) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

// TestFocusIsScrolledTo: in a window that is small the keyboard never is where nothing is
// seen of it.
func TestFocusIsScrolledTo(t *testing.T) {
	d := newDesk(t)
	s := d.openSettings()
	for section := range sections {
		s.turn(section)
		for range 3 {
			s.win.Resize(s.win.Content().MinSize())
		}
		c := s.win.Canvas()
		for range 40 {
			c.FocusNext()
			for _, spot := range spots(s.win) {
				if spot.CanvasObject != c.Focused().(fyne.CanvasObject) {
					continue
				}
				if from, to := spot.bounds(); from.Y < spot.from.Y-1 || to.Y > spot.to.Y+1 {
					t.Errorf("section %d: the keyboard is on the %s, which is seen from %.0f to %.0f", section, said(spot), spot.from.Y, spot.to.Y)
				}
			}
		}
	}
}
