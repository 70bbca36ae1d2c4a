package window

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"cornetta/dialer/call"
	"cornetta/dialer/ipc"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// callView shows one call: what happens in words, a clock, the two legs (your
// phone and the other side) and a button to hang up. It is hidden while there
// is no call to show.
type callView struct {
	app    *App
	box    *panel
	title  *widget.Label
	clock  *widget.Label
	name   *widget.Label
	own    leg
	far    leg
	advice *widget.Label
	then   *widget.Label // what is to be keyed in
	copy   *button       // it
	keys   *fyne.Container
	hangup *button

	// transferTo opens the entry for whom the call goes to; nil: there is none here.
	transferTo func()
	transfer   *button
	transfers  *fyne.Container // how the transfer stands
	handOver   *button
	takeBack   *button
	moved      *widget.Label

	call     call.Snapshot
	hanging  bool // a hang-up was asked for and not answered
	stopTick func() bool
}

// leg is one line of a call: whose phone it is, by its icon, and how it
// stands, by its colour and in words.
type leg struct {
	row  *fyne.Container
	icon *widget.Icon
	text *widget.Label
	res  fyne.Resource
}

func newLeg(res fyne.Resource) leg {
	l := leg{icon: widget.NewIcon(res), text: newText(""), res: res}
	l.row = container.NewBorder(nil, nil, indented(l.icon), nil, l.text)
	return l
}

func (l *leg) set(text string, name fyne.ThemeColorName) {
	l.text.SetText(text)
	l.icon.SetResource(tint(l.res, name))
}

func newCallView(a *App, k *keys) *callView {
	v := &callView{
		app: a, title: newBold(""), clock: widget.NewLabel(""), name: newLine(""),
		own: newLeg(handset), far: newLeg(theme.AccountIcon()), advice: newText(""),
	}
	v.title.SizeName = theme.SizeNameSubHeadingText
	v.clock.SizeName = theme.SizeNameSubHeadingText
	v.clock.TextStyle.Monospace = true
	v.advice.Importance = widget.WarningImportance
	v.hangup = newButton(k, words.Text(words.LabelHangUp), v.tapHangup)
	v.hangup.Importance = widget.DangerImportance
	v.then = newText("")
	v.copy = newButton(k, words.Text(words.LabelCopyDigits), func() {
		a.fyne.Clipboard().SetContent(words.KeyedDigits(v.call.Then))
	})
	v.keys = container.NewHBox(layout.NewSpacer(), v.copy)
	v.moved = newText("")
	v.transfer = newButton(k, words.Text(words.LabelTransferTo), func() { v.transferTo() })
	v.handOver = newButton(k, words.Text(words.LabelHandOver), func() { v.endTransfer(true) })
	v.takeBack = newButton(k, words.Text(words.LabelTakeBack), func() { v.endTransfer(false) })
	v.transfers = container.NewHBox(layout.NewSpacer(), v.takeBack, v.handOver)
	v.box = newPanel(tight(
		container.NewBorder(nil, nil, nil, v.clock, v.title),
		v.name, v.own.row, v.far.row, v.then, v.keys, v.moved, v.advice, v.transfers,
		container.NewHBox(layout.NewSpacer(), v.transfer, v.hangup),
	))
	v.box.Hide()
	return v
}

// apply shows c, or nothing where c is nil.
func (v *callView) apply(c *call.Snapshot) {
	if v.stopTick != nil {
		v.stopTick()
		v.stopTick = nil
	}
	if c == nil {
		v.box.Hide()
		return
	}
	if c.ID != v.call.ID || !c.Live() {
		v.hanging = false
	}
	v.call = *c
	v.title.SetText(words.CallTitle(*c))
	// The legs tell what goes on; of a call that is over the title says it all.
	name := words.Clean(c.FarName)
	if !c.Live() {
		name = words.NumberAndName(c.Number, c.FarName)
		v.own.row.Hide()
		v.far.row.Hide()
	} else {
		own, far := legColors(*c)
		v.own.set(words.OwnLeg(*c), own)
		v.far.set(words.FarLeg(*c), far)
		v.own.row.Show()
		v.far.row.Show()
	}
	say(v.name, name, widget.MediumImportance)
	then := words.CallThen(*c)
	say(v.then, then, widget.MediumImportance)
	showIf(v.keys, then != "" && c.Keying == call.KeyedByHand)
	advice := ""
	switch c.State {
	case call.Unknown:
		advice = words.CallBody(*c, v.app.env.Now())
	default:
		advice = words.CallAdvice(*c)
	}
	v.applyTransfer(*c, &advice)
	say(v.advice, advice, widget.WarningImportance)
	if c.Live() {
		v.hangup.Show()
		v.hangup.enable(!v.hanging)
	} else {
		v.hangup.Hide()
	}
	v.tick()
	v.box.Show()
	v.box.Refresh()
}

// tick draws the clock, and again when the next second begins. Of a call that
// is over the title tells how long it was.
func (v *callView) tick() {
	if v.call.Answered.IsZero() || !v.call.Live() {
		say(v.clock, "", widget.MediumImportance)
		return
	}
	d := v.call.Duration(v.app.env.Now())
	say(v.clock, words.Clock(d), widget.MediumImportance)
	if v.call.State != call.InCall {
		return
	}
	id := v.call.ID
	v.stopTick = v.app.env.After(time.Second-d%time.Second, func() {
		v.app.env.Do(func() {
			if v.call.ID == id && v.call.State == call.InCall && v.box.Visible() {
				v.tick()
			}
		})
	})
}

// applyTransfer shows how a transfer stands, and what can be done about it.
func (v *callView) applyTransfer(c call.Snapshot, advice *string) {
	t := c.Transfer
	pending := t.State.Pending()
	imp := widget.MediumImportance
	if t.State == call.TransferFailed || t.State == call.TransferIgnored || t.State == call.TransferUnknown {
		imp = widget.WarningImportance
	}
	say(v.moved, words.Transfer(c), imp)
	showIf(v.transfers, c.Live() && pending && t.Attended && t.State != call.TransferRecalled)
	v.handOver.enable(t.State == call.TransferTalking)
	may := v.transferTo != nil && v.transferable(&c)
	showIf(v.transfer, may)
	v.transfer.enable(c.Transfers.Why == "")
	if may && *advice == "" {
		*advice = words.NoTransfer(c.Transfers)
	}
}

// transferable reports whether somebody has answered c and it is not transferred yet.
func (v *callView) transferable(c *call.Snapshot) bool {
	return c != nil && c.State == call.InCall && !c.ByPBX && !c.Transfer.State.Pending()
}

func (v *callView) endTransfer(complete bool) {
	v.app.ask(checkTime, func(ctx context.Context) func() {
		p := channel.Do(ctx, v.app.agent, channel.EndTransfer, channel.EndTransferParams{Complete: complete})
		return func() {
			if p != nil {
				say(v.advice, words.ProblemText(p), widget.DangerImportance)
			}
		}
	})
}

func (v *callView) tapHangup() {
	if v.hanging || !v.call.Live() {
		return
	}
	v.hanging = true
	v.hangup.enable(false)
	v.app.ask(checkTime, func(ctx context.Context) func() {
		p := channel.Do(ctx, v.app.agent, channel.Hangup, ipc.None{})
		return func() {
			if p == nil || !v.call.Live() {
				return // the snapshot tells the rest
			}
			v.hanging = false
			v.hangup.enable(true)
			say(v.advice, words.ProblemText(p), widget.DangerImportance)
		}
	})
}

// legColors says how the two legs of a live call stand: not yet, ringing, up.
func legColors(c call.Snapshot) (own, far fyne.ThemeColorName) {
	const (
		off     = theme.ColorNameDisabled
		ringing = theme.ColorNameWarning
		up      = theme.ColorNameSuccess
	)
	switch c.State {
	case call.RingingOwn:
		return ringing, off
	case call.AnsweredOwn:
		return up, off
	case call.RingingFar:
		return up, ringing
	case call.InCall:
		return up, up
	}
	return off, off
}
