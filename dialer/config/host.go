package config

import (
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// names is how names with letters like ü are written for the DNS and in
// certificates. What stands between the dots is checkHost's.
var names = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.Transitional(false), idna.StrictDomainName(false))

// The schemes of what people paste: those of an AMI by what they say of TLS, and
// those of the PBX's own pages, whose port and user are not the AMI's.
var (
	amiSchemes = map[string]bool{"ami": false, "tcp": false, "amis": true, "tls": true, "ssl": true, "": false}
	webSchemes = map[string]bool{"http": true, "https": true}
)

// parts are what a host was pasted together with.
type parts struct {
	host string // in lower case, as the DNS has it
	port int    // 0: none
	user string
	tls  bool // a scheme said so; that there is none never turns TLS off
}

// splitHost takes apart what was typed or pasted for a host: a name or address,
// alone, with a port, or as an address of the AMI or of the PBX's pages. ok is
// false where it is none of these.
func splitHost(s string) (p parts, ok bool) {
	s = visible(s)
	scheme, rest, found := strings.Cut(s, "://")
	if found {
		s = rest
	} else {
		scheme, s = "", strings.TrimPrefix(s, "//")
	}
	scheme = strings.ToLower(scheme)
	tls, ami := amiSchemes[scheme]
	if !ami && !webSchemes[scheme] {
		return parts{}, false
	}
	if i := strings.IndexAny(s, "/?#"); i >= 0 {
		s = s[:i]
	}
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		user, _, more := strings.Cut(s[:i], ":") // a password has no place here
		if more && !found {
			return parts{}, false // sip:, mailto: and the like
		}
		if user, err := url.PathUnescape(user); err == nil && ami {
			p.user = user
		}
		s = s[i+1:]
	}
	host, port := splitPort(s)
	if port != "" {
		n, err := strconv.Atoi(port)
		if err != nil || strings.Trim(port, "0123456789") != "" {
			return parts{}, false
		}
		if ami {
			p.port = n
			if n == 0 {
				return parts{}, false
			}
		}
	}
	p.host, p.tls = canonicalHost(host), tls
	return p, p.host != ""
}

// splitPort tells a port from what is in front of it. An IPv6 address has one only
// in brackets.
func splitPort(s string) (host, port string) {
	if fields := strings.Fields(s); len(fields) == 2 { // as telnet wants it
		return fields[0], fields[1]
	}
	if inner, ok := strings.CutPrefix(s, "["); ok {
		address, rest, closed := strings.Cut(inner, "]")
		if port, ok := strings.CutPrefix(rest, ":"); closed && (ok || rest == "") {
			return strings.Replace(address, "%25", "%", 1), port // a zone as in an URL
		}
		return s, ""
	}
	if host, port, ok := strings.Cut(s, ":"); ok && !strings.Contains(port, ":") {
		return host, port
	}
	return s, ""
}

func canonicalHost(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) {
		if ascii, err := names.ToASCII(s); err == nil {
			s = ascii
		}
	}
	return strings.ToLower(s)
}

// ShownHost is a host as people write it: with its letters, where the DNS has
// another form for them. It is for the eye, and Normalized understands it.
func ShownHost(host string) string {
	if _, err := netip.ParseAddr(host); err == nil || !strings.Contains(host, "xn--") {
		return host
	}
	if shown, err := names.ToUnicode(host); err == nil && canonicalHost(shown) == host {
		return shown
	}
	return host
}

// visible is what a person sees of what they pasted: no space around it and no
// signs that show nothing.
func visible(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s))
}

// canonicalUUID is a UUID in the form of RFC 9562, where s is one without hyphens,
// in braces, in capitals, with other dashes or as a URN; else s, in lower case.
func canonicalUUID(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Pd, r) || r == '\u2212' {
			return '-'
		}
		return unicode.ToLower(r)
	}, visible(s))
	id := strings.TrimPrefix(s, "urn:uuid:")
	if inner, ok := strings.CutPrefix(id, "{"); ok && strings.HasSuffix(inner, "}") {
		id = strings.TrimSuffix(inner, "}")
	}
	if len(id) == 32 && only(id, hexDigit) {
		id = id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
	}
	return id
}
