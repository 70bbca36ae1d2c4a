package window

import (
	"cornetta/dialer/config"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// What the rows of the settings are called and offer.
const (
	textTLS       = "Encrypt the link (TLS)"
	textSeconds   = "seconds"
	textVariables = "Variables – the usual one"
	textWrapper   = "Wrapper – if the PBX's manual says so"

	textPlusZeros          = "becomes 00, behind the outside line"
	textPlusKeep           = "stays, without an outside line"
	textPrefixUnit         = "empty if nothing is needed"
	textLengthUnit         = "digits; they get no outside line"
	textTypedPlan          = "is read as your country's numbers are"
	textTypedKeypad        = "goes out as it is, as on your phone"
	textTypedPublic        = "is a number as on paper, and gets the outside line"
	textTypedPlanNote      = "Type a number as you read it, with the outside line or without: your country's numbering plan knows which."
	textTypedKeypadNote    = "Type the outside line yourself: the digits go out as on your desk phone."
	textTypedPublicNote    = "The outside line is put in front of all but extensions and service codes."
	textLineAsk            = "ask me"
	textLineMissing        = "the outside line is missing"
	textLineTyped          = "I typed the outside line"
	textHomeNational       = "without the country's code, as people there dial them"
	textConfirmLinks       = "about links, and what is risky"
	textConfirmAlways      = "about every call"
	textConfirmTrusted     = "only about what is risky"
	textConfirmLinksNote   = "A link is always asked about. What you type or copy is called at once, unless it may be expensive or had to be guessed."
	textConfirmAlwaysNote  = "You see every number as it is dialled, and nothing is called before you say yes."
	textConfirmTrustedNote = "A link to a plain number of your home country is called at once, also when a web page opens it by itself. Service codes, premium, emergency and foreign numbers are asked about all the same."
	textCodesConfirm       = "are asked about"
	textCodesBlock         = "are refused"

	textKeysIntro     = "These keys dial from any window. Click one of them, or press Enter on it, then press the keys you want."
	textKeysClipboard = "Dial what was copied"
	textKeysSelection = "Dial what is highlighted"
	textCopyTick      = "Copy what is highlighted, to read it"
	textCopyNote      = "The program in front gets Ctrl+Insert; then the text that was copied before is put back, without its formatting. Nothing is done while a picture or a file is copied."
	textNoKeys        = "None"
	textPressKeys     = "Press the keys…"
	textCapturing     = "Hold Ctrl, Alt or Super and press a key. Esc leaves it as it was, Delete takes it away. If nothing happens, another program has these keys."
	textKeyUnusable   = "This key cannot be used. Take a letter, a digit, F1 to F12 or the like."
	textKeysTwice     = "Both cannot have the same keys."
	textKeysInForce   = "In force."
	textKeysOff       = "Off."
	textKeysUnsaved   = "In force when you save."
)

// exampleNumber is nobody's: behind an Italian area code no subscriber's number
// begins with 1.
const exampleNumber = "050 1234567"

// severalText says what there is to pick from.
func severalText(c channel.Choice) string {
	if c.Line != "" {
		return words.NumberReasons([]string{"ambiguous_line"})
	}
	return words.Text(words.SaySeveral)
}

// lineText says how one of two ways to read a number reads it.
func lineText(c channel.Choice) string {
	if c.Line == config.LineMissing {
		return words.Text(words.LabelWithLine)
	}
	return words.Text(words.LabelHasLine)
}

// problemText is a problem's whole sentence.
func problemText(p *channel.Problem) string { return whole(problem(p)) }

// problemHere is the same for who has the settings before them.
func problemHere(p *channel.Problem) string { return whole(problem(p).Here()) }

func problem(p *channel.Problem) words.Sentence {
	switch {
	case p == nil:
		return words.Sentence{}
	case p.Kind == channel.KindTrouble:
		return words.Trouble(status.Trouble{Code: status.Code(p.Code), Detail: p.Detail})
	}
	return words.Problem(string(p.Kind), p.Code, p.Field)
}

// whole ends a sentence that is all there is.
func whole(s words.Sentence) string {
	if s.What != "" && s.Do == "" {
		return s.What + "."
	}
	return s.String()
}
