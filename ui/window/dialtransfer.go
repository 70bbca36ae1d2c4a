package window

import (
	"fyne.io/fyne/v2/widget"

	"cornetta/ui/words"
)

// pressTransfer is for the button of the call.
func (d *dialWindow) pressTransfer() {
	if d.handing {
		d.handOff()
		return
	}
	d.transferTo()
}

// transferTo has the person say to whom the call in hand goes, as they say whom to call.
func (d *dialWindow) transferTo() {
	d.handing = true
	d.view.transfer.SetText(words.Text(words.LabelCancel))
	t := d.app.snap.Call.Transfers
	showIf(d.speakFirst, t.Attended || !t.Blind)
	only := t.Attended && !t.Blind // the PBX does it in no other way
	d.speakFirst.SetChecked(only)
	if d.speakFirst.Enable(); only {
		d.speakFirst.Disable()
	}
	d.number.SetText("")
	d.preview()
	d.sayLine(words.Text(words.SayTransferWhom), widget.LowImportance)
	d.win.Canvas().Focus(d.number)
	relayout(d.root)
}

// handOff ends that.
func (d *dialWindow) handOff() {
	d.handing = false
	d.view.transfer.SetText(words.Text(words.LabelTransferTo))
	d.speakFirst.Hide()
	d.number.SetText("")
	d.preview()
	d.win.Canvas().Focus(d.number) // what had the keyboard may be hidden now
	relayout(d.root)
}
