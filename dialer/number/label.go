package number

import (
	"regexp"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// lazily compiles an expression when it is first used: together they take half
// a millisecond, which a program that starts has no use for.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// The words in front of and behind numbers are those of the languages that the
// people around an Italian office write, and English.
const (
	phoneWords = `telefono|telephone|téléphone|teléfono|telefone|telefon|telef|tel|tél|tlf|phone|fon|ph|mobile|mob|handy|` +
		`natel|gsm|portable|cellulare|cellulari|cell|cel|call|chiama|ring|whatsapp|numero|número|numéro|nummer|number|centralino|nr|no|n°|№|` +
		`тел|телефон|τηλ|电话|電話|手机|전화|הטלפון|טלפון|טל|هاتف|الهاتف`
	extensionWords = `extension|extn|exten|ext|xtn|xt|доб|interno|int|innen|durchwahl|dw|nst|poste|anexo|doorkiesnr|` +
		`estensione|tasto|premere|digitare|opzione|press|option|x`
	// Between the word and the digits of an extension: "int. n. 12", "Ext.: 12".
	numberSign = `[.:=]{0,2}\s*(?:n[.°]|nr\.?|no\.)?:?\s*#?\s*`
	// Words behind which digits are something else.
	otherWords = `iva|vat|cf|c\.f|iban|bic|cap|codice|fattura|ordine|order|invoice|rechnung|bestellung|ust|siret|siren|nif|cif|` +
		`pratica|protocollo|prot|rif|ref|id|isbn|ean|sku|zip|plz`
)

var (
	label     = lazily(`(?i)^(?:` + phoneWords + `)(?:[\s.:·/-]*)`)
	labelWord = lazily(`(?i)(?:^|[^\p{L}])(?:` + phoneWords + `|telefax|fax)[.:]?$`)
	plainWord = lazily(`(?:^|[^\p{L}\d])\p{L}+$`)

	extensionBehind = lazily(`(?i)[\s,;(/-]*\b(?:` + extensionWords + `)` + numberSign + `\d{1,8}\s?[#*]?\s*\)?\s*$`)
	extensionStuck  = lazily(`(?i)(?:extension|extn|exten|ext|xtn|xt|доб|int|dw|x)[.:=]?\s*\d{1,8}\s*$`) // 061234567x12
	extensionHash   = lazily(`\s+#\s*\d{1,6}\s*$|\s*#\s*\d{1,6}\s*$`)                                    // 061234567 #12
	extensionInText = lazily(`(?i)[\s,;(/-]*(?:\b(?:` + extensionWords + `)` + numberSign + `|(?:ext|xtn|xt|int|x|доб)[.:]?|#)\s*\d{1,8}\b[#*]?\)?`)

	otherBefore = lazily(`(?i)(?:^|[^\p{L}])(?:` + otherWords + `)[.:]?\s*(?:n\.?|nr\.?|no\.?|#)?[\s:]*$`)
)

// cutLabel takes "Tel.:" off the front.
func cutLabel(text string) string {
	at := label().FindStringIndex(text)
	if at == nil {
		return text
	}
	rest := text[at[1]:]
	next, _ := utf8.DecodeRuneInString(rest)
	// "nr" is none in "nrw 12", but "tel050" is a label.
	if rest != "" && (isDigit(next) || next == '+' || next == '(') {
		return rest
	}
	return text
}

// wordBefore is the word at the end of a text, as a label: "fax", "cell.".
func wordBefore(text string) string {
	text = strings.TrimRightFunc(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune(":=-–([<", r) })
	end := text
	text = strings.TrimRight(text, ".")
	start := strings.LastIndexFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && r != '.' && r != '\'' }) + 1
	if start > 0 && start < len(text) {
		_, size := utf8.DecodeRuneInString(text[start-1:])
		if size > 1 { // the sign before is longer than a byte
			start += size - 1
		}
	}
	if n := utf8.RuneCountInString(text[start:]); start >= len(text) || n > maxLabel || n == 1 && !isFax(text[start:]) {
		return ""
	}
	return strings.TrimLeft(end[start:], ".'")
}

const maxLabel = 20 // characters

var fax = lazily(`(?i)^(?:tele?)?fax|^t[ée]l[ée]cop|^f\.?$`)

// isFax reports whether a label says that nobody answers there.
func isFax(label string) bool { return fax().MatchString(label) }

// cutExtension takes an extension of the called side off the end. It stays
// with what would be dialled where hardly anything stands in front of it. A # makes
// one only behind a whole number, and on a keypad, where it is a key, only with a
// space in front.
func cutExtension(text string, keypad bool) (string, bool) {
	for _, re := range []func() *regexp.Regexp{extensionBehind, extensionStuck} {
		if at := re().FindStringIndex(text); at != nil && count(text[:at[0]]) > 2 {
			return strings.TrimSpace(text[:at[0]]), true
		}
	}
	if at := extensionHash().FindStringIndex(text); at != nil && count(text[:at[0]]) >= 7 && !strings.ContainsAny(text[:at[0]], "*#") {
		if !keypad || unicode.IsSpace(rune(text[at[0]])) {
			return strings.TrimSpace(text[:at[0]]), true
		}
	}
	return text, false
}

// cutPostDial takes pauses, and what is keyed in after them, off the end: a
// comma must not reach the PBX, which reads its own meaning into it. dropped
// is false where there was nothing but the comma of a sentence.
func cutPostDial(text string) (head string, dropped bool) {
	i := strings.IndexAny(text, ",;pPwW")
	if i < 0 || count(text[:i]) < 2 {
		return text, false
	}
	tail := text[i:]
	if strings.ContainsFunc(tail, func(r rune) bool { return !isDialSign(r) && !strings.ContainsRune(",;pPwW -", r) }) {
		return text, false // something else, and an error soon
	}
	dropped = strings.ContainsFunc(tail, isDialSign)
	if !dropped && strings.ContainsAny(tail, "pPwW") {
		return text, false // a letter, not a pause
	}
	return strings.TrimSpace(text[:i]), dropped
}
