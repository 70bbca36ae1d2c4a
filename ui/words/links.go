package words

// LinkWaits tells why the assistant opened when a link was clicked.
func LinkWaits() string { return phraseLinkWaits.with() }

// LinkUnread tells that a link cannot be called as it is: code is why,
// dialer/number's. more others were dropped for the same.
func LinkUnread(code string, more int) string {
	s := phraseUnread.with(NumberError(code).String())
	if more > 0 {
		s += "\n" + pluralUnread.of(more)
	}
	return s
}

// LinksMuted tells that links are not asked about for a while, because several
// were refused.
func LinksMuted() Sentence {
	return Sentence{What: phraseMuted.with(), Do: phraseMutedWhy.with()}
}

// ChooseProgram tells that Cornetta can open links and has not been chosen to.
func ChooseProgram() string { return phraseChoose.with() }
