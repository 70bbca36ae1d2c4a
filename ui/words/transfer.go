package words

import (
	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// What stands on the buttons of a transfer.
const (
	LabelTransferTo    Label = "transfer_to" // opens the entry for whom
	LabelTransfer      Label = "transfer"
	LabelSpeakFirst    Label = "speak_first"
	LabelHandOver      Label = "hand_over"
	LabelTakeBack      Label = "take_back"
	SayTransferWhom    Label = "say_transfer_whom"
	SayOneTransfer     Label = "say_one_transfer"
	TitleTransferLost  Label = "title_transfer_lost"
	TitleTransferred   Label = "title_transferred"
	TitleTransferTalks Label = "title_transfer_talks"
)

// Transfer says how the transfer of a call stands, "" where there was none. It is whole
// sentences.
func Transfer(c call.Snapshot) string {
	t := c.Transfer
	third, other := Number(t.Number), NumberAndName(c.Number, c.FarName)
	switch t.State {
	case call.TransferAsked:
		return phraseTransferAsked.with(third)
	case call.TransferRinging:
		if t.Attended {
			return phraseTransferRingsYou.with(third, other)
		}
		return phraseTransferRings.with(third, other)
	case call.TransferTalking:
		return phraseTransferTalking.with(third, other)
	case call.TransferRecalled:
		return phraseTransferRecalled.with(third, other)
	case call.TransferDone:
		return phraseTransferDone.with(third, other)
	case call.TransferFailed:
		if c.Lost() {
			return phraseTransferLost.with(third, other, Cause(t.Cause).What)
		}
		return phraseTransferFailed.with(third, other, Cause(t.Cause).What)
	case call.TransferCancelled:
		return phraseTransferCancelled.with(third, other)
	case call.TransferLeft:
		return phraseTransferLeft.with(third, other)
	case call.TransferIgnored:
		return phraseTransferIgnored.with(third, other)
	case call.TransferUnknown:
		return phraseTransferUnknown.with(third, other)
	}
	return ""
}

// WillTransfer says to whom the call in hand goes by the next press.
func WillTransfer(dial string) string { return phraseWillTransfer.with(Number(dial)) }

// NoTransfer says why the PBX lets a call be transferred in no way, "" where it does or
// nobody knows.
func NoTransfer(t call.Transferable) string {
	if t.Why == "" {
		return ""
	}
	return Problem(status.Problem{Code: status.Code(t.Why)}).String()
}

// transferTitle is the title of a call in whose place that of its transfer is news.
func transferTitle(c call.Snapshot) string {
	switch {
	case c.Lost():
		return Text(TitleTransferLost)
	case c.Live() && c.Transfer.State == call.TransferTalking:
		return Text(TitleTransferTalks)
	case c.Live() && c.Transfer.State == call.TransferRecalled:
		return in().title[call.RingingOwn]
	}
	return ""
}
