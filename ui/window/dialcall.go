package window

import (
	"context"
	"strings"

	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// dial asks for the call once: until it is refused, shows up in a snapshot or
// settleTime has passed, pressing again does nothing.
func (d *dialWindow) dial() {
	text := strings.TrimSpace(d.number.Text)
	if text == "" || !d.typing() || d.dialling {
		return
	}
	if d.choice.box.Visible() && d.offered == d.number.Text { // which one comes first
		d.choice.focus()
		return
	}
	if d.raw(text) || d.given.Link != 0 && d.bad {
		return
	}
	if d.sayWhom() { // it is a name: who is meant comes first
		d.found.focus()
		return
	}
	if d.given.Link != 0 && d.number.Text != d.asking.text {
		d.asking.await(d.number.Text, d.app.env.Now()) // what a link led to is seen first
	}
	may := d.asking.press(d.number.Text, d.app.env.Now())
	d.call.SetText(d.callLabel())
	if !may {
		return
	}
	var seen status.Offer // nothing yet, where the text is newer
	if d.asking.text == d.number.Text {
		seen = d.asking.seen
	}
	remember := d.meant.remember && d.meant.text == text
	how := meant{}
	if d.meant.text == d.number.Text {
		how = d.meant
	}
	wish := d.beside.wish()
	d.dialling = true
	d.enable()
	if c := d.app.snap.Call; c != nil {
		d.before = c.ID
	}
	handing, first := d.handing, d.speakFirst.Checked
	d.app.ask(checkTime, func(ctx context.Context) func() {
		p := d.app.callOffer(ctx, text, seen, how, func(id uint64) *status.Problem {
			if handing {
				return channel.Do(ctx, d.app.agent, channel.Transfer, channel.TransferParams{ID: id, Attended: first})
			}
			return channel.Do(ctx, d.app.agent, channel.Dial, channel.DialParams{ID: id, Remember: remember, Wish: wish})
		})
		return func() {
			d.asking.forget()
			// What would be dialled now is seen first.
			if p != nil && (p.Code == status.CodeConfirm || p.Code == status.CodeAccountChanged) {
				d.settled()
				if d.app.visible[d.win] { // else there is nobody to see it
					d.asking.await(d.number.Text, d.app.env.Now())
				}
				d.preview()
				return
			}
			d.call.SetText(d.callLabel())
			if p != nil {
				d.settled()
				d.sayLine(words.ProblemText(p), widget.DangerImportance)
				if p.Code == status.CodeNotNumber || p.Code == status.CodeForbidden || p.Code == status.CodeSeveral { // and what there is to pick from
					d.preview()
				}
				return
			}
			d.given.Link = 0
			d.leaveLink(func() {})
			if handing {
				d.settled()
				d.handOff()
				return
			}
			if d.dialling {
				d.stop = d.app.env.After(settleTime, func() { d.app.env.Do(d.settled) })
			}
		}
	})
}

// callOffer calls do with the id of what was seen of a text, and nothing else whatever was
// changed since. Whoever types faster than that can be seen gets a call for the text that
// stands there, where it needs no question.
func (a *App) callOffer(ctx context.Context, text string, seen status.Offer, how meant, do func(id uint64) *status.Problem) *status.Problem {
	if seen.ID == 0 {
		seen = a.preview(ctx, text, how)
		switch {
		case len(seen.Choices) > 0:
			return &status.Problem{Code: status.CodeSeveral}
		case seen.Problem != nil:
			return seen.Problem
		case len(seen.Reasons) > 0:
			return &status.Problem{Code: status.CodeConfirm}
		}
	}
	return do(seen.ID)
}

// settled ends the time in which a second Enter is the same call.
func (d *dialWindow) settled() {
	if d.stop != nil {
		d.stop()
		d.stop = nil
	}
	d.dialling = false
	d.enable()
}

// callLabel is the button's.
func (d *dialWindow) callLabel() string {
	if d.handing && !d.asking.armed {
		return words.Text(words.LabelTransfer)
	}
	return d.asking.label()
}
