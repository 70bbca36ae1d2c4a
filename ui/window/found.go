package window

import (
	"cmp"
	"context"
	"strings"

	"fyne.io/fyne/v2/widget"

	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// maxFound is how many people are suggested.
const maxFound = 20

// newFound lists whom one may mean by what stands in the entry, each with every number.
func newFound(a *App, d *dialWindow) *picker[channel.Suggestion] {
	p := newPicker(a, d.keys, d.suggestions())
	p.HideSeparators = true
	p.box.Hide()
	return p
}

// suggestions are lists of numbers. While the keyboard is on one the line says what would
// be dialled; a click or Space puts the number into the entry, Enter dials it.
func (d *dialWindow) suggestions() pickerOf[channel.Suggestion] {
	return pickerOf[channel.Suggestion]{
		row: newTwoLineSideRow,
		draw: func(r *pickRow, s channel.Suggestion) {
			number := words.Number(s.Number.Text())
			name := words.Person(words.Clean(s.Name), words.Clean(s.Company))
			what := number // below the name
			if s.Kind != "" {
				what = words.KindAndNumber(s.Kind, number)
			}
			if s.Recent != nil {
				if what = outcomeText(*s.Recent); name != "" {
					what = words.NumberOutcome(number, what)
				}
			}
			if name == "" {
				if name = number; s.Recent == nil && s.Kind == "" {
					what = ""
				}
			}
			switch state := drawPhone(r, d.app.phones.by[s.Number.Text()].State); {
			case what == "":
				what = state
			case state != "" && s.Recent != nil:
				what = words.NumberOutcome(what, words.Now(state))
			case state != "":
				what = words.NumberOutcome(what, state)
			}
			r.main.SetText(name)
			r.small.SetText(what)
			side := ""
			switch {
			case s.Favourite > 0:
				side = cmp.Or(words.SpeedDial(s.Favourite), words.Text(words.LabelFavourite))
			case s.Recent != nil:
				side = words.When(s.Recent.At, d.app.env.Now())
			}
			r.side.SetText(side)
		},
		fits: func(s channel.Suggestion, text string) fit {
			if at := strings.Index(s.Number.Text(), text); at == 0 {
				return fitsWell
			} else if at > 0 { // behind the outside line, or a country's code
				return fitsBelow
			}
			return fitsIn(s.Name.Text(), text)
		},
		pick: d.mean,
		enter: func(s channel.Suggestion) {
			d.mean(s)
			d.dial()
		},
		came: d.seeWhom,
		left: d.preview,
	}
}

// search asks whom text may mean, and lists them unless it has changed meanwhile.
func (d *dialWindow) search(text string) {
	if text != d.searched {
		d.searched = text
		d.app.ask(askTime, func(ctx context.Context) func() {
			list, _ := channel.Call(ctx, d.app.agent, channel.Find, channel.FindParams{Text: text, N: maxFound})
			return func() {
				if d.number.Text == text {
					d.suggest(list)
					if d.bad {
						d.sayWhom()
					}
				}
			}
		})
	}
}

// suggest lists numbers, nil for none.
func (d *dialWindow) suggest(list []channel.Suggestion) {
	if len(list) == 0 {
		d.searched = ""
	}
	were := len(d.found.shown) > 0
	d.found.set(list, "")
	if were != (len(list) > 0) {
		d.arrange()
	}
}

// sayWhom says in the line that one of the list is to be picked, where what stands in
// the entry is no number but somebody's name; false where it is not.
func (d *dialWindow) sayWhom() bool {
	if !d.bad || !d.found.box.Visible() || d.given.Link != 0 {
		return false
	}
	d.sayLine(words.Text(words.SayPickWhom), widget.LowImportance)
	return true
}

// mean puts a number of the list into the entry.
func (d *dialWindow) mean(s channel.Suggestion) {
	text := s.Number.Text()
	d.whom = s
	if s.AsDialled() {
		d.meant = meant{text: text, dial: text, marked: s.Favourite > 0}
		if s.Recent != nil {
			d.meant.past = s.Recent.ID
		}
	} else {
		d.meant = meant{text: text, copied: true}
	}
	d.bad = false // until it is seen what it is
	d.fill(text)
	d.preview() // also where the same stood there
}

// seeWhom says what would be dialled for the number on which the keyboard stands.
func (d *dialWindow) seeWhom(s channel.Suggestion) {
	d.app.ask(askTime, func(ctx context.Context) func() {
		how := meant{text: s.Number.Text(), copied: !s.AsDialled(), marked: s.AsDialled() && s.Favourite > 0}
		if s.Recent != nil {
			how.past = s.Recent.ID
		}
		v := d.app.preview(ctx, how.text, how)
		return func() {
			if at, ok := d.standsOn(); !ok || at != s {
				return
			}
			switch {
			case v.Problem != nil:
				d.sayLine(words.ProblemText(v.Problem), widget.WarningImportance)
			case len(v.Choices) > 0:
				d.sayLine(severalText(v.Choices[0]), widget.MediumImportance)
			case len(v.Reasons) > 0:
				d.sayLine(words.WillDialThough(v.Shown, words.NumberReasons(v.Reasons)), widget.WarningImportance)
			default:
				d.sayLine(words.WillDial(v.Shown), widget.MediumImportance)
			}
		}
	})
}
