package window

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"cornetta/ami/clean"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// standsOn is the number in a list on which the keyboard stands; false where it stands
// elsewhere.
func (d *dialWindow) standsOn() (s channel.Suggestion, ok bool) {
	for _, list := range []*picker[channel.Suggestion]{d.found, d.recent} {
		if d.win.Canvas().Focused() == fyne.Focusable(list) && list.at < len(list.shown) {
			return list.shown[list.at], true
		}
	}
	return s, false
}

// inEntry is the number in the entry; false where there is none that could be called.
func (d *dialWindow) inEntry() (p channel.MarkParams, ok bool) {
	text := strings.TrimSpace(d.number.Text)
	if text == "" || d.bad || d.live || d.given.Link != 0 || d.raw(text) {
		return p, false
	}
	if d.whom.Number.Text() == d.number.Text && d.meant.text == d.number.Text { // picked from a list
		return channel.MarkParams{Suggestion: d.whom}, true
	}
	p.Number, p.Typed = clean.Foreign(text), !d.meant.copied || d.meant.text != d.number.Text
	return p, true
}

// showMark shows whether the number in the entry is a favourite.
func (d *dialWindow) showMark() {
	p, ok := d.inEntry()
	if !ok {
		d.mark.Hide()
		return
	}
	text := d.number.Text
	d.app.ask(askTime, func(ctx context.Context) func() {
		m, problem := channel.Call(ctx, d.app.agent, channel.Mark, p)
		return func() {
			if d.number.Text != text {
				return
			}
			d.drawMark(m.Place)
			showIf(d.mark, problem == nil && !d.bad && !d.live)
			place(d.root)
		}
	})
}

func (d *dialWindow) drawMark(place int) {
	d.mark.SetIcon(starOutline)
	if place > 0 {
		d.mark.SetIcon(star)
	}
}

// toggleMark makes the number that the keyboard is on in a list, or that stands in the
// entry, a favourite, or no longer one.
func (d *dialWindow) toggleMark() {
	p, ok := d.inEntry()
	s, listed := d.standsOn()
	if listed {
		p, ok = channel.MarkParams{Suggestion: s}, true
	}
	if !ok {
		return
	}
	p.Change = true
	text := d.number.Text
	d.app.ask(askTime, func(ctx context.Context) func() {
		m, problem := channel.Call(ctx, d.app.agent, channel.Mark, p)
		return func() {
			said, imp := words.Text(words.SayUnmarked), widget.MediumImportance
			switch {
			case problem != nil:
				said, imp = words.ProblemText(problem), widget.DangerImportance
			case m.Place > 0:
				said = words.Marked(m.Place)
			}
			if d.number.Text == text {
				d.sayLine(said, imp)
				if problem == nil && !listed {
					d.drawMark(m.Place)
				}
				if d.found.box.Visible() {
					d.findAgain(text)
				}
			}
			d.loadRecent()
		}
	})
}

// findAgain lists whom text may mean anew.
func (d *dialWindow) findAgain(text string) {
	d.app.ask(askTime, func(ctx context.Context) func() {
		list, _ := channel.Call(ctx, d.app.agent, channel.Find, channel.FindParams{Text: text, N: maxFound})
		return func() {
			if d.number.Text == text && len(list) > 0 {
				again(d.found, list)
			}
		}
	})
}

// again shows a list anew, with the keyboard on the number on which it was.
func again(p *picker[channel.Suggestion], list []channel.Suggestion) {
	var on channel.Suggestion
	if p.at < len(p.shown) {
		on = p.shown[p.at]
	}
	p.set(list, "")
	if i := slices.IndexFunc(p.shown, func(s channel.Suggestion) bool { return s.Number == on.Number }); i > 0 && p.has {
		p.at = i
		p.Highlight(i)
		p.Refresh()
	}
}

// speedDial calls the favourite at a place, as it was last shown.
func (d *dialWindow) speedDial(place int) {
	if d.live || d.dialling {
		return
	}
	i := slices.IndexFunc(d.recent.shown, func(s channel.Suggestion) bool { return s.Favourite == place })
	if i < 0 {
		d.sayLine(words.NoFavouriteAt(place), widget.LowImportance)
		return
	}
	d.mean(d.recent.shown[i])
	d.dial()
}
