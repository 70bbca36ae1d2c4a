package number

import (
	"net/url"
	"strings"
	"unicode"
)

// readLink reads a tel: link by RFC 3966, or a callto: one, strictly: a link is
// what a web page chose, and nothing of it is guessed. Parameters are refused
// for now, because some of them change the number.
func (p *Plan) readLink(link string) (digits, Code) {
	link = strings.TrimSpace(link)
	if link == "" {
		return digits{}, Empty
	}
	scheme, ok := schemeOf(link)
	if !ok || scheme != "tel" && scheme != "callto" {
		return digits{}, UnsupportedScheme
	}
	body := link[len(scheme)+1:]
	if strings.HasPrefix(body, "//") { // a common malformation: tel://+39.../
		body = strings.TrimSuffix(body[2:], "/")
	}
	body, err := url.PathUnescape(body) // once; what is still escaped then is refused
	if err != nil {
		return digits{}, BadEscape
	}
	for _, r := range body {
		switch {
		case r < ' ' || r == 0x7f:
			return digits{}, ControlCharacter
		case r > unicode.MaxASCII: // and bytes that are no UTF-8
			return digits{}, NonASCII
		}
	}
	if strings.TrimSpace(body) == "" {
		return digits{}, Empty
	}
	if _, params, ok := strings.Cut(body, ";"); ok {
		for name := range strings.SplitSeq(params, ";") {
			if name, _, _ := strings.Cut(name, "="); strings.EqualFold(name, "phone-context") {
				return digits{}, UnknownPhoneContext
			}
		}
		return digits{}, BadParameter
	}
	p.step(RuleLink, link, body)
	n, code := p.strip(body, func(r rune) bool { return strings.ContainsRune("-.() ", r) })
	if code == Letters && scheme == "callto" {
		code = NotANumber // a name on another network
	}
	n.public = true
	return n, code
}
