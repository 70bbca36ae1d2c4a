package window

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// reasonLink is dialer/number's for what a link asks for.
const reasonLink = "link"

// meant is how a person chose to have a text read: as dial.
type meant struct {
	text, dial string
	remember   bool // and others like it
	copied     bool // a directory has it: it is read as what was copied is
	marked     bool // it was picked as a favourite
	past       int  // it is a call of the history, with this ID: that is made again
}

// preview asks what the text would dial and says so, unless the text has
// changed in the meantime.
func (d *dialWindow) preview() {
	text := d.number.Text
	if d.given.Text != "" && text != d.given.Text {
		d.notice.reason("") // it was about another text
	}
	if text != d.asking.text {
		d.asking.forget()
	}
	if text != d.meant.text {
		d.meant = meant{}
	}
	d.call.SetText(d.callLabel())
	if strings.TrimSpace(text) == "" {
		d.mark.Hide()
		d.bad, d.besides = false, ""
		d.beside.offer(status.Offer{}, false)
		d.suggest(nil)
		d.offer(nil)
		d.sayLine(words.Text(words.SayTypeNumber), widget.LowImportance)
		d.enable()
		return
	}
	if d.raw(text) {
		d.mark.Hide()
		d.bad = true
		d.suggest(nil)
		d.offer(d.given.Choices)
		d.sayLine(words.Text(words.SayCorrectLink), widget.WarningImportance)
		d.enable()
		return
	}
	d.bad = d.bad && d.given.Link == 0 // what it was before says nothing
	if text != d.besides {
		d.besides = text
		d.beside.offer(status.Offer{}, false)
	}
	d.search(text)
	how := d.meant
	d.app.ask(askTime, func(ctx context.Context) func() {
		v := d.app.preview(ctx, text, how)
		return func() {
			if d.number.Text != text {
				return
			}
			choices := v.Choices
			if i := slices.IndexFunc(choices, func(c status.Offer) bool { return d.meant.text == text && d.meant.dial == c.Dial() }); i >= 0 {
				v, choices = choices[i], nil
				v.Reasons = slices.DeleteFunc(slices.Clone(v.Reasons), func(r string) bool { return r == "ambiguous_line" }) // answered by picking
			}
			if text == d.given.Text && len(d.given.Choices) > 0 {
				choices = d.given.Choices // the entry's text is cut, and on one line
			}
			if d.bad = v.Problem != nil || len(choices) > 0; d.bad {
				d.asking.forget()
				d.call.SetText(d.callLabel())
			}
			d.enable()
			d.offered = text
			d.offer(choices)
			d.showMark()
			if len(choices) > 0 {
				d.sayLine(severalText(choices[0]), widget.MediumImportance)
				return
			}
			if d.bad {
				if d.sayWhom() {
					return
				}
				d.sayLine(words.ProblemText(v.Problem), widget.WarningImportance)
				return
			}
			if d.given.Link != 0 && !slices.Contains(v.Reasons, reasonLink) {
				v.Reasons = append(v.Reasons, reasonLink)
			}
			d.asking.see(text, v)
			d.beside.offer(v, d.given.Link == 0)
			place(d.root)
			d.call.SetText(d.callLabel())
			if len(v.Reasons) > 0 && d.notice.why == words.NumberReasons(v.Reasons) {
				d.notice.reason("") // once is enough
			}
			d.sayDialled()
		}
	})
}

// sayDialled says what would be dialled, with what was chosen beside it.
func (d *dialWindow) sayDialled() {
	v := d.asking.seen
	if v.ID == 0 || d.number.Text != d.asking.text {
		return
	}
	if len(v.Reasons) > 0 {
		d.sayLine(words.WillDialThough(d.beside.dialled(), words.NumberReasons(v.Reasons)), widget.WarningImportance)
		return
	}
	if d.handing {
		d.sayLine(words.WillTransfer(d.beside.dialled()), widget.MediumImportance)
		return
	}
	d.sayLine(words.WillDial(d.beside.dialled()), widget.MediumImportance)
}

func (d *dialWindow) sayLine(s string, imp widget.Importance) {
	say(d.line, s, imp)
	showIf(d.line, d.typing())
}

// preview asks what text would dial, read as how says.
func (a *App) preview(ctx context.Context, text string, how meant) status.Offer {
	var v status.Offer
	var p *status.Problem
	if how.past != 0 && how.text == text {
		v, p = channel.Call(ctx, a.agent, channel.Again, channel.PastCall{ID: how.past})
	}
	if how.past == 0 || how.text != text || p != nil && p.Code == status.CodeNoEntry { // it was taken out meanwhile
		v, p = channel.Call(ctx, a.agent, channel.Preview, channel.PreviewParams{Text: text, Copied: how.copied, Marked: how.marked && how.text == text})
	}
	if p != nil {
		v.Problem = p
	}
	return v
}
