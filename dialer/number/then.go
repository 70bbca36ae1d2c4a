package number

import "strings"

// maxThen is more than a number of a conference with its PIN.
const maxThen = 40

// pause stands in Plan.Then for a moment in which nothing is keyed in. Phones wait two
// seconds.
const pause = ','

// andThen notes what stands behind the number. Signs that are not keyed in are left out,
// and whatever links and phones have for a pause, or for waiting, is a pause. What is
// longer than anybody keys in is only dropped: a part of it would be wrong.
func (w *work) andThen(text string) {
	text = strings.Map(func(r rune) rune {
		switch {
		case isDialSign(r):
			return r
		case strings.ContainsRune(",;pPwW", r):
			return pause
		}
		return -1
	}, text)
	text = strings.TrimRight(w.Then+text, string(pause))
	if strings.Trim(text, string(pause)) != "" && len(text) <= maxThen {
		w.Then = text
	}
}

// behind notes what follows a number in a text.
func (w *work) behind(h hit) {
	if h.extension != "" {
		w.ask(ReasonExtensionDropped)
		w.extensionThen(h.extension)
	}
	if h.code != "" {
		w.ask(ReasonPostDialDropped)
		w.andThen(h.code)
	}
}

// extensionThen is andThen for an extension of the called side, with the word in front of
// it: somebody or something answers first.
func (w *work) extensionThen(text string) {
	if from := strings.IndexAny(text, "0123456789"); from >= 0 {
		w.andThen(string(pause) + strings.Map(func(r rune) rune {
			if isDialSign(r) {
				return r
			}
			return -1
		}, text[from:]))
	}
}
