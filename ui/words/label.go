package words

// Label names a text without parts: on a button, a menu entry, a form, a window.
type Label string

const (
	LabelApp        Label = "app"
	LabelDial       Label = "dial"        // opens the dial window
	LabelDialCopied Label = "dial_copied" // dials what is on the clipboard
	LabelCall       Label = "call"        // sends the number
	LabelCallAnyway Label = "call_anyway" // the second press, after the reasons were shown
	LabelHangUp     Label = "hang_up"
	LabelCopyDigits Label = "copy_digits" // those to be keyed in
	LabelKeyThen    Label = "key_then"    // above the digits that the PBX keys in
	LabelRecent     Label = "recent"
	LabelFavourite  Label = "favourite"
	LabelFavourites Label = "favourites"
	LabelWithRecent Label = "with_recent" // and favourites
	LabelSettings   Label = "settings"
	LabelSetUp      Label = "set_up"
	LabelQuit       Label = "quit"
	LabelCancel     Label = "cancel"
	LabelSave       Label = "save"
	LabelBack       Label = "back"
	LabelNext       Label = "next"
	LabelDone       Label = "done"
	LabelCheck      Label = "check"
	LabelNoCode     Label = "no_code" // in front of the number
	LabelWithhold   Label = "withhold"

	// The doctor's.
	LabelCheckAll     Label = "check_all"
	LabelCheckAgain   Label = "check_again"
	LabelCopyAll      Label = "copy_all"
	LabelStateOK      Label = "state_ok"
	LabelStateWarning Label = "state_warning"
	LabelStateFailed  Label = "state_failed"
	LabelStateUntried Label = "state_untried"
	TitleDoctor       Label = "title_doctor"
	SayExamining      Label = "say_examining"
	SayCopied         Label = "say_copied"

	// What the desktop lists Cornetta as, and what it does.
	LabelDialer       Label = "dialer"
	LabelDialsThrough Label = "dials_through"
	LabelSearchWords  Label = "search_words" // by which menus find it, each with a semicolon

	// What the hotkeys do.
	LabelDialClipboard Label = "dial_clipboard"
	LabelDialSelection Label = "dial_selection"
)

// Translations are the label in every language, by their codes, for files that hold all
// of them.
func Translations(l Label) map[string]string {
	all := map[string]string{}
	for code, t := range tables {
		all[code] = t.label[l]
	}
	return all
}

// Text is the label in the language in use.
func Text(l Label) string {
	if s, ok := in().label[l]; ok {
		return s
	}
	return other(string(l))
}
