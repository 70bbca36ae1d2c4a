package words

import (
	"time"

	"cornetta/dialer/status"
)

// The codes of the PBX, and its mailbox.
const (
	LabelCodes            Label = "codes"
	LabelForwardTo        Label = "forward_to"
	LabelForwardEnd       Label = "forward_end"
	LabelDisturb          Label = "disturb"
	LabelDisturbEnd       Label = "disturb_end"
	LabelNoMessages       Label = "no_messages"
	LabelVoicemailTo      Label = "voicemail_to"
	LabelMessagesNotKnown Label = "messages_not_known"
)

// Voicemail is how many new messages there are.
func Voicemail(v status.Voicemail) string {
	switch {
	case !v.Known:
		return Text(LabelMessagesNotKnown)
	case v.New == 0:
		return Text(LabelNoMessages)
	}
	return pluralMessages.of(v.New)
}

// SetFromHere is a code's line after it was dialled, which is all that is known: the PBX
// does not tell how it stands, and a phone can change it.
func SetFromHere(l Label, at time.Time) string {
	return phraseSetFromHere.with(Text(l), at.Format(in().clock))
}
