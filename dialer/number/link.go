package number

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// maxParameters is far more than any link needs.
const maxParameters = 8

// schemeOf finds the scheme of an URI: a word of letters and digits and a colon
// right after it, at the very front.
func schemeOf(text string) (string, bool) {
	scheme, _, ok := strings.Cut(text, ":")
	if !ok || scheme == "" {
		return "", false
	}
	for i, r := range scheme {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || !isDigit(r) && !strings.ContainsRune("+-.", r)) {
			return "", false
		}
	}
	return strings.ToLower(scheme), true
}

// isURI tells a link that was typed or copied from a label: people put a space
// behind "Tel:", and write numbers behind it as they do everywhere.
func isURI(text string) bool {
	scheme, ok := schemeOf(text)
	if !ok {
		return false
	}
	body := text[len(scheme)+1:]
	switch {
	case strings.HasPrefix(body, "//"):
		return true
	case strings.ContainsFunc(body, unicode.IsSpace): // never in an URI, often in a number
		return false
	case scheme == "tel":
		return !strings.Contains(body, "/")
	}
	return cutLabel(text) == text
}

// readLink reads a tel: link by RFC 3966, or a callto: one, strictly: a link is
// what a web page chose, and nothing of it is guessed.
func (w *work) readLink(link string) (written, Code) {
	scheme, ok := schemeOf(link)
	if !ok || scheme != "tel" && scheme != "callto" {
		return written{}, UnsupportedScheme
	}
	body := link[len(scheme)+1:]
	if strings.HasPrefix(body, "//") { // a common malformation: tel://+39.../
		body = strings.TrimSuffix(body[2:], "/")
	}
	// The parts are what the signs between them say before escapes are resolved.
	parts := strings.Split(body, ";")
	for i := range parts {
		var code Code
		if parts[i], code = unescape(parts[i]); code != "" {
			return written{}, code
		}
	}
	text := strings.TrimSpace(parts[0])
	if text == "" {
		return written{}, Empty
	}
	w.step(RuleLink, strings.Join(parts, ";"))
	params, code := parameters(parts[1:])
	if code != "" {
		return written{}, code
	}
	w.step(RuleParameters, text)
	if head, dropped := cutPostDial(text); dropped {
		text = head
		w.ask(ReasonPostDialDropped)
		w.step(RulePostDial, text)
	}
	n, code := w.strip(text, func(r rune) bool { return strings.ContainsRune("-.() ", r) })
	if code == Letters && scheme == "callto" {
		code = NotANumber // a name on another network
	}
	if code != "" {
		return written{}, code
	}
	n.public = true
	return w.obey(n, params)
}

// unescape resolves %xx, once: what is still escaped then is refused.
func unescape(part string) (string, Code) {
	part, err := url.PathUnescape(part)
	if err != nil {
		return "", BadEscape
	}
	for _, r := range part {
		switch {
		case r < ' ' || r == 0x7f:
			return "", ControlCharacter
		case r > unicode.MaxASCII: // and bytes that are no UTF-8
			return "", NonASCII
		}
	}
	return part, ""
}

// parameter is one of a link's. Names are in lower case.
type parameter struct{ name, value string }

// parameters takes a link's parameters apart. A name may come once; one that
// begins with "m-" must be understood, and none is.
func parameters(parts []string) ([]parameter, Code) {
	if len(parts) > maxParameters {
		return nil, BadParameter
	}
	var out []parameter
	seen := make(map[string]bool)
	for _, part := range parts {
		name, value, _ := strings.Cut(part, "=")
		name = strings.ToLower(name)
		word := strings.TrimFunc(name, func(r rune) bool { return r == '-' || isDigit(r) || r >= 'a' && r <= 'z' })
		if name == "" || word != "" || seen[name] || strings.HasPrefix(name, "m-") {
			return nil, BadParameter
		}
		seen[name] = true
		out = append(out, parameter{name, value})
	}
	return out, ""
}

// obey does what the parameters ask for. What routes the call elsewhere is
// never dialled.
func (w *work) obey(n written, params []parameter) (written, Code) {
	for _, p := range params {
		switch p.name {
		case "ext":
			if count(p.value) == 0 || strings.Trim(p.value, "0123456789-.()*#") != "" {
				return written{}, BadParameter
			}
			w.ask(ReasonExtensionDropped)
		case "postd":
			if p.value == "" {
				return written{}, BadParameter
			}
			w.ask(ReasonPostDialDropped)
		case "phone-context":
			if n.plus { // a global number needs none
				w.ask(ReasonParamsIgnored)
				continue
			}
			var code Code
			if n, code = w.context(n, p.value); code != "" {
				return written{}, code
			}
		default:
			w.ask(ReasonParamsIgnored)
		}
	}
	return n, ""
}

// context places a number: in this PBX, in the home country, or elsewhere,
// where nobody here knows how to reach it.
func (w *work) context(n written, context string) (written, Code) {
	if context == "" {
		return written{}, BadParameter
	}
	for _, own := range w.s.LocalContexts {
		if strings.EqualFold(context, own) {
			n.local = true
			return n, ""
		}
	}
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune("-.()", r) {
			return -1
		}
		return r
	}, context)
	home := strconv.Itoa(w.home.code())
	if home == "0" || digits != "+"+home {
		return written{}, UnknownPhoneContext
	}
	if n.isCode() {
		return written{}, InvalidCharacter
	}
	if w.home.emergency(n.text) {
		return n, ""
	}
	national := n.text
	if r := w.home.inland(n.text); r.code == w.home.code() {
		national = r.national
	}
	n.plus, n.text, n.zero = true, home+national, 0
	w.step(RuleContext, "+"+n.text)
	return n, ""
}
