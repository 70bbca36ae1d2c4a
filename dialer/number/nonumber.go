package number

import "strings"

// Digits that are plainly something else: dates, hours, addresses of computers,
// amounts of money, places on the earth, years.
var (
	date    = lazily(`^(?:\d{1,2}([./-])\d{1,2}[./-](?:19|20)?\d\d|(?:19|20)\d\d([./-])\d{1,2}[./-]\d{1,2})(?:\s+\d{1,2}[:.h]\d\d(?:[:.]\d\d)?)?$`)
	address = lazily(`^(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){3}$`)
	years   = lazily(`^(?:19|20)\d\d\s*[-–—/]\s*(?:(?:19|20)\d\d|\d\d)$`)
	place   = lazily(`^[-+]?\d{1,3}\.\d{3,8}[°,;\s]+[-+]?\d{1,3}\.\d{3,8}°?$`)

	// The same between other things. What stands around them is part of the match:
	// the digits before and after are what tells a date from groups of a number.
	otherInText = lazily(`(?:^|[^\d./:-])(` +
		`\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d` + // 12/05/2024
		`|\d{1,2}[./]\d{1,2}[./]\d\d` + // 12/05/24
		`|(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}` + // 2024-05-12
		`|(?:19|20)\d\d\s?[-–—]\s?(?:19|20)\d\d` + // 2020-2024
		`|[0-2]?\d(?:[.:h][0-5]\d)?\s*[-–—/]\s*[0-2]?\d[.:h][0-5]\d` + // 9.00-18.00, 9-12:30
		`|[0-2]?\d[:h][0-5]\d` + // 10:30
		`|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?` + // IBAN
		`|(?:\d{1,3}\.){3}\d{1,3}` + // an address of a computer
		`|(?:[€$£]|EUR|USD|GBP)\s?\d[\d.,]*` +
		`|\d[\d.,]*\s?(?:[€$£%]|EUR\b|euro\b|USD\b|GBP\b)` +
		`)(?:[^\d./:€$£%-]|[.:,;]?\s|[.:,;]?$)`)

	listMark = lazily(`^\(?(?:[1-9]\d?|[a-zA-Z])[.)]\s+`)
	decimal  = lazily(`^([+(]?\d[\d\s()-]{5,}\d)[.,]0{1,2}$`)
)

// isOther reports whether digits that look like a number are none.
func isOther(digits string) bool {
	digits = strings.TrimSpace(digits)
	return date().MatchString(digits) || address().MatchString(digits) || years().MatchString(digits) || place().MatchString(digits)
}

// gap stands for what was taken out of a text, so that nothing is joined over it.
const gap = '\x00'

// maskOther puts gaps in the place of what is plainly something else.
func maskOther(text string) string {
	b := []byte(text)
	for at := 0; at < len(b); {
		m := otherInText().FindSubmatchIndex(b[at:])
		if m == nil {
			break
		}
		for i := at + m[2]; i < at+m[3]; i++ {
			b[i] = gap
		}
		at += m[3]
	}
	return string(b)
}

// cutListMark takes the "1." or "a)" of a list off the front.
func cutListMark(text string) (rest string, ok bool) {
	if at := listMark().FindStringIndex(text); at != nil && count(text[at[1]:]) > 2 {
		return text[at[1]:], true
	}
	return text, false
}

// cutStars takes off the stars with which chat programs make a number bold. A code
// of the PBX may begin and end with them, but holds no whole number between.
func cutStars(text string) (inside string, ok bool) {
	inside = strings.Trim(text, "*")
	return inside, len(inside) <= len(text)-2 && text[0] == '*' && text[len(text)-1] == '*' &&
		count(inside) > enough && !strings.ContainsAny(inside, "*#")
}

// cutDecimal takes off the ".0" that a spreadsheet makes of a number.
func cutDecimal(text string) (rest string, ok bool) {
	if m := decimal().FindStringSubmatch(text); m != nil {
		return m[1], true
	}
	return text, false
}
