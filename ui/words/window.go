package words

import (
	"time"

	"cornetta/ami/clean"
)

// What stands on the windows alone. A name that begins with Say is of whole
// sentences, the others are headings, buttons and the like.
const (
	// Headings: of windows, of the assistant's pages, of the settings' sections.
	TitleSettings       Label = "title_settings"
	TitleAssistant      Label = "title_assistant"
	TitleLink           Label = "title_link"
	HeadAccount         Label = "head_account"
	HeadTest            Label = "head_test"
	HeadPick            Label = "head_pick"
	HeadPrefix          Label = "head_prefix"
	HeadDone            Label = "head_done"
	LabelSectionAccount Label = "section_account"
	LabelSectionNumbers Label = "section_numbers"
	LabelSectionKeys    Label = "section_keys"
	LabelSectionStart   Label = "section_start"
	LabelSectionHooks   Label = "section_hooks"
	LabelTry            Label = "try"
	SayHooks            Label = "say_hooks"
	SayHooksHow         Label = "say_hooks_how"
	SayHookTried        Label = "say_hook_tried"
	LabelPickOne        Label = "pick_one"
	TitleHelp           Label = "title_help"
	LabelHelp           Label = "help" // shows what the guide says of a problem

	// The window in which a number is typed, and the question about a link.
	LabelNumberHere Label = "number_here"
	SayTypeNumber   Label = "say_type_number"
	SayCorrectLink  Label = "say_correct_link"
	SaySeveral      Label = "say_several"
	LabelWithLine   Label = "with_line"
	LabelHasLine    Label = "has_line"
	SaySetUpFirst   Label = "say_set_up_first"
	SayNoRecent     Label = "say_no_recent"
	SayCallThis     Label = "say_call_this"
	SayFromLink     Label = "say_from_link"
	SayPressedEarly Label = "say_pressed_early"
	SayTypedOn      Label = "say_typed_on"
	SayMouseLay     Label = "say_mouse_lay"

	SayPinLocked Label = "say_pin_locked"

	// The assistant.
	SayAccount    Label = "say_account"
	SayTest       Label = "say_test"
	SayPick       Label = "say_pick"
	SayPrefix     Label = "say_prefix"
	SayDone       Label = "say_done"
	LabelTestCall Label = "test_call"
	SayTestCall   Label = "say_test_call"
	SayAskingList Label = "say_asking_list"
	SayPickYours  Label = "say_pick_yours"
	SayNoList     Label = "say_no_list"
	SayNoMatch    Label = "say_no_match"
	SayAway       Label = "say_away"

	// How an extension's phone is.
	LabelFree     Label = "free"
	LabelInUse    Label = "in_use"
	LabelBusy     Label = "busy"
	LabelNotThere Label = "not_there"
	LabelRings    Label = "rings"
	LabelOnHold   Label = "on_hold"

	// The check of an account, and the question about a certificate.
	LabelTryAgain     Label = "try_again"
	SayChecking       Label = "say_checking"
	SayCheckOK        Label = "say_check_ok"
	LabelTrust        Label = "trust"
	SayTrustHere      Label = "say_trust_here"
	SayOffersTLS      Label = "say_offers_tls"
	LabelUseTLS       Label = "use_tls"
	LabelCompared     Label = "compared"
	LabelCertOf       Label = "cert_of"
	LabelCertValid    Label = "cert_valid"
	LabelFingerprint  Label = "fingerprint"
	LabelPinnedBefore Label = "pinned_before"
	LabelForget       Label = "forget"

	// The settings.
	SaySaved            Label = "say_saved"
	SaySavedKeys        Label = "say_saved_keys"
	SaySecretStored     Label = "say_secret_stored"
	SayAskingKeyring    Label = "say_asking_keyring"
	SayInKeyring        Label = "say_in_keyring"
	SayInSession        Label = "say_in_session"
	SayKeyringSilent    Label = "say_keyring_silent"
	LabelUnknownCountry Label = "unknown_country"
	SayNoCountry        Label = "say_no_country"
	LabelOpenLinks      Label = "open_links"
	SayLinksOurs        Label = "say_links_ours"
	SayLinksNobody      Label = "say_links_nobody"
	LabelAutostart      Label = "autostart"
	SayAutostart        Label = "say_autostart"
	SayAskingDesktop    Label = "say_asking_desktop"

	// The keys.
	SayKeys                  Label = "say_keys"
	LabelDialCopiedKeys      Label = "dial_copied_keys"
	LabelDialHighlightedKeys Label = "dial_highlighted_keys"
	LabelNoKeys              Label = "no_keys"
	LabelPressKeys           Label = "press_keys"
	SayCapturing             Label = "say_capturing"
	SayKeyUnusable           Label = "say_key_unusable"
	SayKeysTwice             Label = "say_keys_twice"
	SayKeysInForce           Label = "say_keys_in_force"
	SayKeysOff               Label = "say_keys_off"
	SayKeysUnsaved           Label = "say_keys_unsaved"

	// The place where a number is tried: where it comes from, and what becomes of it.
	LabelTryIt      Label = "try_it"
	SayTryIt        Label = "say_try_it"
	LabelTyped      Label = "typed"
	LabelCopied     Label = "copied"
	LabelLink       Label = "link"
	SayAsTyped      Label = "say_as_typed"
	SayAsCopied     Label = "say_as_copied"
	SayAsLink       Label = "say_as_link"
	SayAskedFirst   Label = "say_asked_first"
	SayCalledAtOnce Label = "say_called_at_once"
	SayFound        Label = "say_found"
)

// OutsideLine says what the digits are that stand apart in front of a number.
func OutsideLine(line string) string { return phraseOutsideLine.with(Number(line)) }

// WillDialThough is WillDial with the reasons why it is asked about first, which
// are NumberReasons'.
func WillDialThough(dial, reasons string) string {
	return phraseWillDialThough.with(WillDial(dial), reasons)
}

// LinksWereMuted tells of n links that were dropped while links were muted.
func LinksWereMuted(n int) string { return phraseWereMuted.with(pluralDropped.of(n)) }

// LinksMeanwhile tells of n links that were dropped because of the one that is
// asked about.
func LinksMeanwhile(n int) string { return pluralMeanwhile.of(n) }

// LinksOpenWith names the program that opens links now.
func LinksOpenWith(program string) string { return phraseLinksOther.with(Clean(program)) }

// StepOf counts the pages of the assistant.
func StepOf(n, all int) string { return phraseStepOf.with(n, all) }

// Example stands above what a number is dialled as.
func Example(number string) string { return phraseExample.with(Number(number)) }

// NumberAndName is who was called, where one of them may be missing or both the same.
func NumberAndName(number string, foreign clean.Foreign) string {
	number, name := Number(number), Clean(foreign)
	if name == "" || name == number {
		return number
	}
	return phraseNumberAndName.with(number, name)
}

// When tells a moment in now's time zone: the time of day today and yesterday, the
// day before that.
func When(at, now time.Time) string {
	at = at.In(now.Location())
	day := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, now.Location())
	}
	switch today := day(now); {
	case day(at).Equal(today):
		return phraseToday.with(at.Format(in().clock))
	case day(at).Equal(today.AddDate(0, 0, -1)):
		return phraseYesterday.with(at.Format(in().clock))
	}
	return in().date(at)
}

// Days is from one day to another, "" where one is not known.
func Days(from, to time.Time) string {
	if from.IsZero() || to.IsZero() {
		return ""
	}
	return phraseDays.with(in().date(from), in().date(to))
}
