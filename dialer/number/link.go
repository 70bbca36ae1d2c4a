package number

import (
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
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
	if first, _ := utf8.DecodeRuneInString(body); isDigit(first) || first == '+' || first == '(' {
		return schemes[scheme] // "Office:050…" is a label
	}
	return cutLabel(text) == text
}

// schemes are those of links that have digits behind the colon and are no numbers,
// or are for other programs.
var schemes = map[string]bool{
	"callto": true, "sip": true, "sips": true, "sms": true, "smsto": true, "mms": true, "skype": true,
	"xmpp": true, "http": true, "https": true, "ftp": true, "file": true, "data": true, "urn": true, "geo": true,
	"mailto": true, "javascript": true, "whatsapp": true, "facetime": true, "im": true, "news": true, "h323": true,
}

// readLink takes the number out of a tel: or callto: link, by RFC 3966 and as
// people and programs write such links. It is asked about in any case, so that
// what may be copied, a link may carry too; what it escapes is resolved once.
func (w *work) readLink(link string) (text string, params []parameter, code Code) {
	scheme, ok := schemeOf(link)
	if !ok || scheme != "tel" && scheme != "callto" {
		return "", nil, UnsupportedScheme
	}
	w.callto = scheme == "callto"
	body := link[len(scheme)+1:]
	for { // common malformations: tel://+39.../ and tel:tel:
		before := body
		if rest, ok := strings.CutPrefix(body, "//"); ok {
			body = strings.TrimRight(strings.TrimLeft(rest, "/"), "/")
		}
		if again, ok := schemeOf(body); ok && (again == "tel" || again == "callto") {
			body = body[len(again)+1:]
		}
		if body == before {
			break
		}
	}
	// The text is split before escapes are resolved, so that none of them splits it.
	parts := strings.Split(body, ";")
	for i := range parts {
		if parts[i], code = unescape(parts[i]); code != "" {
			return "", nil, code
		}
	}
	text = strings.TrimSpace(parts[0])
	if text == "" {
		return "", nil, Empty
	}
	w.step(RuleLink, strings.Join(parts, ";"))
	if params, code = parameters(parts[1:]); code != "" {
		return "", nil, code
	}
	w.step(RuleParameters, text)
	text = strings.Map(func(r rune) rune {
		if invisible(r) {
			return -1
		}
		return r
	}, text)
	w.step(RuleTrim, text)
	return text, params, ""
}

// unescape resolves %xx, once: what is still escaped then is refused.
func unescape(part string) (string, Code) {
	part, err := url.PathUnescape(part)
	if err != nil {
		return "", BadEscape
	}
	if !utf8.ValidString(part) {
		return "", NonASCII
	}
	for _, r := range part {
		switch {
		case r < ' ' || r == 0x7f:
			return "", ControlCharacter
		case turnsRound(r), unicode.IsControl(r), r == 0x2028, r == 0x2029:
			return "", NonASCII
		}
	}
	return part, ""
}

// Links of chat programs that hold a number with its country's code, most often
// without the +: https://faq.whatsapp.com (wa.me), and those of Viber, Signal and
// Telegram.
var chatLink = lazily(`(?i)^(?:https?://)?(?:wa\.me/|(?:api|web)\.whatsapp\.com/send/?\?(?:[^#\s]*&)?phone=|` +
	`signal\.me/#p/|t\.me/\+)(?:\+|%2B)?(\d{7,15})(?:[/?&#]\S*)?$` +
	`|^(?:whatsapp://send/?\?(?:[^#\s]*&)?phone=|viber://(?:chat|contact|add)/?\?(?:[^#\s]*&)?number=|tg://resolve\?phone=)(?:\+|%2B)?(\d{7,15})(?:[&#]\S*)?$`)

// readChatLink takes the number out of such a link.
func readChatLink(text string) (number string, ok bool) {
	m := chatLink().FindStringSubmatch(text)
	if m == nil {
		return "", false
	}
	return "+" + m[1] + m[2], true
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

// applyParameters applies the parameters. A link that would route the call elsewhere is never
// dialled.
func (w *work) applyParameters(n written, params []parameter) (written, Code) {
	for _, p := range params {
		switch p.name {
		case "ext":
			if count(p.value) == 0 || strings.Trim(p.value, "0123456789-.()*#") != "" {
				return written{}, BadParameter
			}
			w.ask(ReasonExtensionDropped)
			w.extensionThen(p.value)
		case "postd":
			if p.value == "" {
				return written{}, BadParameter
			}
			w.ask(ReasonPostDialDropped)
			w.andThen(p.value)
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

// context applies a phone-context: this PBX, the home country, or another domain,
// whose numbers cannot be dialled here.
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
