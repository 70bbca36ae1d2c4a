package window

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"cornetta/ami/clean"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// colleaguesWindow shows how the phones of colleagues stand: favourites first, then those
// with a name, then the rest. What can be done with the one on which the keyboard is has a
// button.
type colleaguesWindow struct {
	app    *App
	win    fyne.Window
	keys   *keys
	find   *entry
	list   *picker[channel.Colleague]
	call   *button
	tell   *button // when they are free, or no longer
	pickup *button
	mark   *button // makes them a favourite
	inbox  *button // the messages in the own mailbox
	says   *widget.Label
	root   *fyne.Container

	at string // the number that is picked, "" for none
}

func newColleaguesWindow(a *App) *colleaguesWindow {
	c := &colleaguesWindow{app: a}
	c.keys = &keys{escape: c.hide}
	c.win = a.newWindow(words.Text(words.LabelColleagues), c.keys)
	c.find = newEntry(&keys{escape: c.hide, enter: func() { c.list.focus() }, guard: c.keys.guard})
	c.find.PlaceHolder = words.Text(words.LabelFindColleague)
	c.find.OnChanged = func(string) { c.draw() }
	c.find.down = func() { c.list.focus() }
	c.list = newPicker(a, c.keys, pickerOf[channel.Colleague]{
		note: newNote(""), empty: words.Text(words.SayAskingColleagues), none: words.Text(words.SayNoSuchColleague),
		row: newSignedRow, draw: c.drawRow, fits: fitsColleague,
		pick: c.pick, came: c.pick, enter: func(o channel.Colleague) {
			c.pick(o)
			c.dial(o.Number)
		},
	})
	c.list.HideSeparators = true
	c.list.box.Add(container.NewVBox(c.list.note))
	c.call = newYes(c.keys, words.Text(words.LabelCall), func() { c.withPicked(func(o channel.Colleague) { c.dial(o.Number) }) })
	c.call.Icon = handset
	c.tell = newButton(c.keys, words.Text(words.LabelTellWhenFree), func() { c.withPicked(c.tellWhenFree) })
	c.pickup = newButton(c.keys, words.Text(words.LabelPickUp), func() {
		c.withPicked(func(o channel.Colleague) { c.dial(a.phones.view.Pickup + o.Number) })
	})
	c.mark = newButton(c.keys, "", func() { c.withPicked(c.toggleMark) })
	c.mark.Importance = widget.LowImportance
	c.keys.mark = func() { c.withPicked(c.toggleMark) }
	c.inbox = newButton(c.keys, "", func() {
		a.ask(askTime, func(ctx context.Context) func() {
			p := channel.Do(ctx, a.agent, channel.Voicemail, ipc.None{})
			return func() { say(c.says, words.ProblemText(p), widget.DangerImportance) }
		})
	})
	c.inbox.Importance = widget.LowImportance
	c.says = newText("")
	footer := container.NewVBox(widget.NewSeparator(), container.NewHBox(c.inbox, layout.NewSpacer()), c.says,
		container.NewHBox(c.mark, c.tell, layout.NewSpacer(), c.pickup, c.call))
	c.root = container.New(layout.NewBorderLayout(c.find, footer, nil, nil), c.find, c.list.box, footer) // as Tab goes through them
	fill(c.win, c.keys, 420, c.root)
	c.win.Resize(fyne.NewSize(460, 560))
	c.draw()
	return c
}

// newSignedRow is newTwoLineSideRow with a sign in front.
func newSignedRow() *pickRow {
	return newPickRow(func(r *pickRow) fyne.CanvasObject {
		return container.NewBorder(nil, nil, indented(r.sign), container.NewCenter(r.side),
			container.New(layout.NewCustomPaddedVBoxLayout(-14), r.main, r.small))
	})
}

func (c *colleaguesWindow) drawRow(r *pickRow, o channel.Colleague) {
	state := drawPhone(r, o.State)
	name := words.Clean(o.Name)
	r.main.SetText(cmp.Or(name, o.Number))
	if name != "" {
		state = words.NumberOutcome(o.Number, state)
	}
	r.small.SetText(state)
	side := ""
	switch {
	case c.app.phones.waited(o.Number):
		side = words.Text(words.LabelTold)
	case o.Favourite > 0:
		side = words.Text(words.LabelFavourite)
	}
	r.side.SetText(side)
}

// fitsColleague says how well an extension, or a name, fits what is typed.
func fitsColleague(o channel.Colleague, text string) fit {
	if strings.HasPrefix(o.Number, text) {
		return fitsWell
	}
	return fitsIn(words.Clean(o.Name), text)
}

func (c *colleaguesWindow) show() {
	c.find.SetText("")
	say(c.says, "", widget.MediumImportance)
	c.app.phones.look(c.win, c.draw)
	c.draw()
	c.app.raise(c.win)
	c.win.Canvas().Focus(c.find)
}

func (c *colleaguesWindow) hide() { c.app.hide(c.win) }

// draw shows how all stand now, with the keyboard on whom it was.
func (c *colleaguesWindow) draw() {
	p := c.app.phones
	all := make([]channel.Colleague, 0, len(p.by))
	for _, o := range p.by {
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b channel.Colleague) int {
		return cmp.Or(
			cmp.Compare(last(a.Favourite == 0)*maxFavourite+a.Favourite, last(b.Favourite == 0)*maxFavourite+b.Favourite),
			cmp.Compare(last(a.Name == ""), last(b.Name == "")),
			strings.Compare(strings.ToLower(a.Name.Text()), strings.ToLower(b.Name.Text())),
			cmp.Compare(len(a.Number), len(b.Number)), strings.Compare(a.Number, b.Number),
		)
	})
	c.list.empty = words.Text(words.SayAskingColleagues)
	if p.view.Live {
		c.list.empty = words.Text(words.SayNoColleagues)
	}
	c.list.fill(all, c.find.Text)
	i := slices.IndexFunc(c.list.shown, func(o channel.Colleague) bool { return o.Number == c.at })
	switch {
	case i >= 0:
		c.list.at = i
	case len(c.list.shown) > 0:
		c.at = c.list.shown[0].Number
		c.list.move(0)
	default:
		c.at, c.list.at = "", 0
	}
	switch {
	case p.view.Problem != nil:
		say(c.says, words.ProblemText(p.view.Problem), widget.WarningImportance)
	case c.app.snap.Trouble != nil && !p.view.Live:
		say(c.says, words.Problem(*c.app.snap.Trouble).String(), widget.WarningImportance)
	case p.view.Cut && c.says.Text == "":
		say(c.says, words.Text(words.SayColleaguesCut), widget.LowImportance)
	}
	c.enable()
}

// maxFavourite is more than there are favourites.
const maxFavourite = 1000

func last(is bool) int {
	if is {
		return 1
	}
	return 0
}

// enable shows what can be done with whom the keyboard is on.
func (c *colleaguesWindow) enable() {
	o, ok := c.app.phones.by[c.at]
	waited := ok && c.app.phones.waited(o.Number)
	c.call.enable(ok)
	label := words.LabelTellWhenFree
	if waited {
		label = words.LabelTellNot
	}
	c.tell.SetText(words.Text(label))
	c.tell.enable(ok && (waited || o.State != status.PhoneFree))
	showIf(c.pickup, c.app.phones.view.Pickup != "")
	c.pickup.enable(ok && o.State == status.PhoneRinging)
	c.mark.enable(ok)
	c.mark.SetIcon(starOutline)
	if ok && o.Favourite > 0 {
		c.mark.SetIcon(star)
	}
	messages := c.app.snap.Voicemail
	c.inbox.SetText(words.Voicemail(messages))
	showIf(c.inbox, messages.Known)
	relayout(c.root)
}

func (c *colleaguesWindow) pick(o channel.Colleague) {
	if o.Number != c.at {
		c.at = o.Number
		say(c.says, "", widget.MediumImportance)
	}
	c.enable()
}

// withPicked does something with whom the keyboard is on.
func (c *colleaguesWindow) withPicked(do func(channel.Colleague)) {
	if o, ok := c.app.phones.by[c.at]; ok {
		do(o)
	}
}

// dial dials in the dial window, which asks where there is a reason.
func (c *colleaguesWindow) dial(number string) {
	c.app.showDial(channel.Show{Window: channel.WindowDial})
	c.app.dial.mean(channel.Suggestion{Number: clean.Foreign(number), Dialled: true})
	c.app.dial.dial()
}

// tellWhenFree has the person told when somebody is free, or no longer.
func (c *colleaguesWindow) tellWhenFree(o channel.Colleague) {
	off := c.app.phones.waited(o.Number)
	c.app.callLater(o.Number, true, off, cmp.Or(words.Clean(o.Name), o.Number), func(said string, imp widget.Importance) {
		say(c.says, said, imp)
		c.enable()
	})
}

// callLater has the person asked about a call later, or no longer, and says what came of it.
func (a *App) callLater(number string, free, off bool, who string, then func(said string, imp widget.Importance)) {
	a.ask(askTime, func(ctx context.Context) func() {
		r, p := channel.Call(ctx, a.agent, channel.CallLater, channel.CallLaterParams{Number: number, Free: free, Off: off})
		return func() {
			at := r.At.In(time.Local)
			switch {
			case p != nil:
				then(words.ProblemText(p), widget.DangerImportance)
			case off:
				then(words.Text(words.SayNotTold), widget.MediumImportance)
			case free:
				then(words.TellsUntil(who, at), widget.MediumImportance)
			default:
				then(words.RemindsAt(at), widget.MediumImportance)
			}
		}
	})
}

func (c *colleaguesWindow) toggleMark(o channel.Colleague) {
	c.app.ask(askTime, func(ctx context.Context) func() {
		m, p := channel.Call(ctx, c.app.agent, channel.Mark, channel.MarkParams{
			Suggestion: channel.Suggestion{Name: o.Name, Number: clean.Foreign(o.Number), Dialled: true}, Change: true,
		})
		return func() {
			switch {
			case p != nil:
				say(c.says, words.ProblemText(p), widget.DangerImportance)
			case m.Place > 0:
				say(c.says, words.Marked(m.Place), widget.MediumImportance)
			default:
				say(c.says, words.Text(words.SayUnmarked), widget.MediumImportance)
			}
			c.app.phones.again() // the places of others may be others now
			relayout(c.root)
		}
	})
}

// apply takes in how everything stands.
func (c *colleaguesWindow) apply() {
	if c.app.visible[c.win] {
		c.draw()
	}
}
