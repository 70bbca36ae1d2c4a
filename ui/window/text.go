package window

import (
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// What stands only on the windows. Sentences about calls, numbers, troubles
// and fields are made by ui/words.
const (
	titleDial      = "Cornetta"
	titleSettings  = "Cornetta – Settings"
	titleAssistant = "Set up Cornetta"

	titleConfirm = "Cornetta – A link"

	textAskCall     = "Call this number?"
	textNoCall      = "This cannot be called"
	textFromLink    = "It comes from a link, such as one on a web page or in a message."
	textOutsideLine = "%s is the outside line. It is dialled with the rest, without a space."
	textClose       = "Close"
	textMoreOne     = "1 more link asked for a call meanwhile. It was dropped."
	textMore        = "%d more links asked for calls meanwhile. They were dropped."
	textWereMuted   = "Links were muted for a minute, because you refused three."
	textIgnoredOne  = "1 was dropped."
	textIgnored     = "%d were dropped."

	textCorrectLink = "Correct the number, then press Enter. As the link has it nothing is dialled."
	textTypeNumber  = "Type a number and press Enter. Your phone rings first."
	textNumberHere  = "Number to call"
	textNoRecent    = "The numbers you call will be listed here."
	textSetUpFirst  = "Tell Cornetta about your PBX, then you can call."
	textPickOne     = "Which number?"
	textSeveral     = "Pick the number to call below, or type it."
	textToday       = "Today"
	textYesterday   = "Yesterday"
	textDateLayout  = "2 Jan 2006"
	textClockLayout = "15:04"

	textKeepSecret   = "Leave empty to keep the one that is stored"
	textForgetPin    = "Forget it"
	textStepOf       = "Step %d of %d"
	textCheckAgain   = "Try again"
	textChecking     = "Trying your PBX…"
	textCheckOK      = "Everything works."
	textTrust        = "Trust this certificate"
	textTrustHere    = "Compare its fingerprint with the one the PBX shows. If they are the same you can trust it here."
	textInSettings   = " in Settings" // as ui/words has it in its sentences
	textCompared     = "I have compared the fingerprint with the PBX's"
	textCertOf       = "Certificate of"
	textCertBy       = "Issued by"
	textCertValid    = "Valid"
	textFingerprint  = "SHA-256 fingerprint"
	textPinnedBefore = "Trusted until now"
	textSaved        = "Saved."

	textAskingKeyring = "Asking the keyring…"
	textInKeyring     = "In the keyring; leave empty to keep it"
	textInSession     = "Kept until you quit; leave empty to keep it"
	textKeyringSilent = "The keyring did not answer. Unlock it, or type the password."
	textSavedKeys     = "Saved, but not all keys work."

	textSectionAccount = "Account"
	textSectionNumbers = "Numbers"
	textSectionKeys    = "Keys"
	textSectionStart   = "Links & start"

	textUnknownCountry = "Not known"
	textNoCountry      = "Without a home country no number is known to be abroad or expensive, and every link is asked about."
	textWithLine       = "with the outside line put in front"
	textHasLine        = "the outside line is in front already"

	textTyped        = "typed"
	textCopied       = "copied"
	textLink         = "a link"
	textAsTyped      = "as you type it"
	textAsCopied     = "as it was copied"
	textAsLink       = "as the link has it"
	textTryIt        = "Try a number"
	textTryHint      = "Type or paste any text: here you see what would be dialled, and why, with the settings above. Nothing is called."
	textAskedFirst   = "You are asked first."
	textCalledAtOnce = "Called at once."
	textFound        = "found in the text"

	textKeysIntro     = "These keys dial from any window. Click one of them, or press Enter on it, then press the keys you want."
	textKeysClipboard = "Dial what was copied"
	textKeysSelection = "Dial what is highlighted"
	textNoKeys        = "None"
	textPressKeys     = "Press the keys…"
	textCapturing     = "Hold Ctrl, Alt or Super and press a key. Esc leaves it as it was, Delete takes it away. If nothing happens, another program has these keys."
	textKeyUnusable   = "This key cannot be used. Take a letter, a digit, F1 to F12 or the like."
	textKeysTwice     = "Both cannot have the same keys."
	textKeysInForce   = "In force."
	textKeysOff       = "Off."
	textKeysUnsaved   = "In force when you save."

	textLinksTick     = "Open telephone links with Cornetta"
	textLinksOurs     = "tel: and callto: links open with Cornetta now."
	textLinksOther    = "They open with “%s” now."
	textLinksNobody   = "Nothing opens them now."
	textAutostartTick = "Start Cornetta with the session"
	textAutostartNote = "It waits in the tray from the time you log in."
	textAskingDesktop = "Asking the desktop…"

	headAccount = "Your PBX"
	bodyAccount = "Whoever looks after the PBX knows these. In KalliopePBX they are in the AMI panel."
	headTest    = "Does it work?"
	bodyTest    = "Cornetta logs in once and looks whether it may place calls."
	headPick    = "Your extension"
	bodyPick    = "This is the phone that rings first when you call."
	headPrefix  = "Outside line"
	bodyPrefix  = "What do you dial before an outside number? You type numbers as you read them, with it or without it."
	headDone    = "All set"
	bodyDone    = "Cornetta waits in the tray. Click its icon, type a number, press Enter, and your phone rings."

	textAskingList = "Asking the PBX for its extensions…"
	textPick       = "Pick yours, or type it."
	textNoList     = "The PBX gave no list. Type your extension."
	textNoMatch    = "None in the list begins like this. You can go on if it is right."
	textAway       = "This phone is not connected to the PBX just now."
	textExample    = "For example, %s is dialled as"
	textTestCall   = "Make a test call"
	bodyTestCall   = "If you like, call the PBX's echo service (800) now. You should hear yourself."
	textSaveFinish = "Save"

	textFree     = "free"
	textInUse    = "in use"
	textBusy     = "busy"
	textNotThere = "not connected"
	textRings    = "rings"
	textOnHold   = "on hold"
)

// exampleNumber is nobody's: behind an Italian area code no subscriber's number
// begins with 1.
const exampleNumber = "050 1234567"

// severalText says what there is to pick from.
func severalText(c channel.Choice) string {
	if c.Line != "" {
		return words.NumberReasons([]string{"ambiguous_line"})
	}
	return textSeveral
}

// lineText says how one of two ways to read a number reads it.
func lineText(c channel.Choice) string {
	if c.Line == number.LineMissing {
		return textWithLine
	}
	return textHasLine
}

// problemText is a problem's whole sentence.
func problemText(p *channel.Problem) string {
	if p == nil {
		return ""
	}
	s := words.Problem(string(p.Kind), p.Code, p.Field)
	if p.Kind == channel.KindTrouble {
		s = words.Trouble(status.Trouble{Code: status.Code(p.Code), Detail: p.Detail})
	}
	if s.Do == "" {
		return s.What + "."
	}
	return s.String()
}
