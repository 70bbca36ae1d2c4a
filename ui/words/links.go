package words

// LinksMuted tells that links are not asked about for a while, because several
// were refused.
func LinksMuted() Sentence {
	return Sentence{What: phraseMuted.with(), Do: phraseMutedWhy.with()}
}
