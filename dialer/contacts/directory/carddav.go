package directory

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"cornetta/ami/clean"
	"cornetta/dialer/contacts"
	"cornetta/dialer/status"
)

// CardDAV (RFC 6352) is some questions in XML (WebDAV, RFC 4918) over HTTP. What changed is
// asked for by the state that a server was in before (RFC 6578). The questions are asked
// here because of what has to hold against hostile servers, and of what the libraries for
// it do not do: an entry that cannot be read costs the whole address book there, an answer
// is held in memory as a whole, and the host is dropped from an address that is on another
// one, to which the secret may not go.

// The bounds of what a CardDAV server may send beside those of any server.
const (
	maxRedirects  = 5
	maxHeaders    = 64 << 10
	maxElement    = 4 << 20 // bytes of what is told of one thing: a photograph is in an entry
	maxBooks      = 100
	cardsAtATime  = 100
	maxDAVAddress = 4 << 10
)

// ErrElsewhere is a server that sends to another one, which is not asked: it would get
// the secret.
type elsewhereError struct{ host string }

func (e *elsewhereError) Error() string { return "directory: the server sends to another one" }

// Problem implements status.Problematic.
func (e *elsewhereError) Problem() status.Problem {
	return status.Problem{Code: status.CodeSourceElsewhere, Detail: clean.Foreign(e.host).Line()}
}

// readCardDAV reads the address books of a user, or the one at the address.
func readCardDAV(ctx context.Context, j job) (f found, err error) {
	s, err := j.server()
	switch {
	case err != nil:
		return f, err
	case s.at.Scheme == "http" && !s.Clear:
		return f, ErrClear
	case s.at.Scheme != "https" && s.at.Scheme != "http":
		return f, ErrUnsupported
	}
	c := &dav{server: s}
	if c.secret, err = j.password(ctx); err != nil {
		return f, err
	}
	transport := &http.Transport{
		DialContext: func(context.Context, string, string) (net.Conn, error) { return s.dial(ctx, "80") },
		DialTLSContext: func(context.Context, string, string) (net.Conn, error) {
			conn, err := s.dial(ctx, "443")
			if err != nil {
				return nil, err
			}
			return s.encrypt(ctx, conn)
		},
		MaxResponseHeaderBytes: maxHeaders,
		DisableCompression:     true, // what is sent is what is counted
	}
	defer transport.CloseIdleConnections()
	c.http = transport
	if s.at.Scheme == "http" && s.User != "" {
		c.offer(ctx)
	}
	f, err = c.read(ctx, j)
	if err != nil {
		return found{}, s.cause(err)
	}
	return f, nil
}

// dav is who asks a server.
type dav struct {
	*server
	http   http.RoundTripper
	secret string
	login  digestLogin
	state  string // what the last answer called the state of what it told
}

func (c *dav) read(ctx context.Context, j job) (f found, err error) {
	books, err := c.books(ctx)
	if err != nil {
		return f, err
	}
	f.token = tokenOf(books)
	for _, b := range books {
		f.books = append(f.books, b.name)
	}
	if f.same = f.token != "" && f.token == j.before; f.same {
		return f, nil
	}
	before := readKept(j.kept, j.Source)
	f.keep = &kept{Of: keptOf(j.Source)}
	entries := 0
	for _, b := range books {
		now, err := c.book(ctx, b, before.book(b.at.Path))
		if err != nil {
			return f, err
		}
		if entries += len(now.Cards); entries > contacts.MaxPeople {
			return f, ErrLarge
		}
		f.keep.Books = append(f.keep.Books, now)
		for _, path := range slices.Sorted(maps.Keys(now.Cards)) {
			card := now.Cards[path]
			if f.all = append(f.all, card.People...); card.Bad {
				f.bad++
			}
		}
	}
	return f, nil
}

// book is an address book.
type book struct {
	at    *url.URL
	name  clean.Foreign
	token string
	syncs bool // token is one to ask by for what changed
}

// tokenOf is what all of them together are in a state of, "" where one does not say it.
func tokenOf(books []book) string {
	h := sha256.New()
	for _, b := range books {
		if b.token == "" {
			return ""
		}
		_, _ = io.WriteString(h, b.at.Path+"\x00"+b.token+"\x00")
	}
	return hex.EncodeToString(h.Sum(nil))
}

// What is told of an address, as far as it is asked for. A property that a server does
// not have is in a propstat of another status.
type response struct {
	Href     string     `xml:"DAV: href"`
	Status   string     `xml:"DAV: status"`
	Propstat []propstat `xml:"DAV: propstat"`
}

type propstat struct {
	Status string `xml:"DAV: status"`
	Prop   struct {
		Type struct {
			Collection  *struct{} `xml:"DAV: collection"`
			AddressBook *struct{} `xml:"urn:ietf:params:xml:ns:carddav addressbook"`
		} `xml:"DAV: resourcetype"`
		Principal hrefs  `xml:"DAV: current-user-principal"`
		Homes     hrefs  `xml:"urn:ietf:params:xml:ns:carddav addressbook-home-set"`
		SyncToken string `xml:"DAV: sync-token"`
		CTag      string `xml:"http://calendarserver.org/ns/ getctag"`
		Name      string `xml:"DAV: displayname"`
		ETag      string `xml:"DAV: getetag"`
		Card      string `xml:"urn:ietf:params:xml:ns:carddav address-data"`
	} `xml:"DAV: prop"`
}

type hrefs struct {
	Href []string `xml:"DAV: href"`
}

// ok is what is told of r that is so.
func (r response) ok() (p propstat) {
	for _, ps := range r.Propstat {
		if statusOf(ps.Status) == http.StatusOK {
			if p.Prop.Type.Collection == nil {
				p.Prop.Type = ps.Prop.Type
			}
			p.Prop.Principal.Href = append(p.Prop.Principal.Href, ps.Prop.Principal.Href...)
			p.Prop.Homes.Href = append(p.Prop.Homes.Href, ps.Prop.Homes.Href...)
			p.Prop.SyncToken += ps.Prop.SyncToken
			p.Prop.CTag += ps.Prop.CTag
			p.Prop.Name += ps.Prop.Name
			p.Prop.ETag += ps.Prop.ETag
			p.Prop.Card += ps.Prop.Card
		}
	}
	return p
}

// statusOf is the number in "HTTP/1.1 200 OK", 0 where there is none.
func statusOf(line string) int {
	fields := append(strings.Fields(line), "", "")
	code, _ := strconv.Atoi(fields[1])
	return code
}

const (
	xmlHead = `<?xml version="1.0" encoding="utf-8"?>`
	spaces  = ` xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav" xmlns:S="http://calendarserver.org/ns/"`
	askHome = xmlHead + `<D:propfind` + spaces + `><D:prop><D:resourcetype/><D:current-user-principal/>` +
		`<C:addressbook-home-set/><D:displayname/><D:sync-token/><S:getctag/></D:prop></D:propfind>`
	askEntries = xmlHead + `<D:propfind` + spaces + `><D:prop><D:resourcetype/><D:getetag/></D:prop></D:propfind>`
	getCards   = xmlHead + `<C:addressbook-multiget` + spaces + `><D:prop><D:getetag/><C:address-data/></D:prop>`
	gotCards   = `</C:addressbook-multiget>`
	askChanges = xmlHead + `<D:sync-collection` + spaces + `><D:sync-token>`
	andTheTags = `</D:sync-token><D:sync-level>1</D:sync-level><D:prop><D:resourcetype/><D:getetag/></D:prop></D:sync-collection>`
)

// books finds the address books: the one at the address; or those of the user that it
// tells, by its principal and that one's home; or those below it. An address without a
// path is a server's, which says where it begins (RFC 6764, 5), and so may be one that is
// of a page for people.
func (c *dav) books(ctx context.Context) (books []book, err error) {
	wellKnown := c.at.ResolveReference(&url.URL{Path: "/.well-known/carddav"})
	bare := strings.Trim(c.at.Path, "/") == ""
	if bare {
		books, err = c.booksFrom(ctx, wellKnown)
		nothing := errors.Is(err, ErrBase) || errors.Is(err, ErrRights) || errors.Is(err, ErrProtocol)
		if len(books) > 0 || err != nil && !nothing {
			return books, err
		}
	}
	books, err = c.booksFrom(ctx, c.at)
	if !bare && errors.Is(err, ErrProtocol) {
		if known, failed := c.booksFrom(ctx, wellKnown); failed == nil && len(known) > 0 {
			return known, nil
		}
	}
	if err == nil && len(books) == 0 {
		err = ErrBase
	}
	return books, err
}

func (c *dav) booksFrom(ctx context.Context, at *url.URL) ([]book, error) {
	var homes []*url.URL
	for range 2 { // the address, and the principal that it tells
		all, base, err := c.propfind(ctx, at, "0", askHome)
		if err != nil || len(all) == 0 {
			return nil, err
		}
		p := all[0].ok().Prop
		if p.Type.AddressBook != nil {
			return []book{bookAt(base, all[0])}, nil
		}
		if homes, err = resolve(base, p.Homes.Href); err != nil {
			return nil, err
		}
		if len(homes) > 0 {
			break
		}
		principals, err := resolve(base, p.Principal.Href)
		if err != nil {
			return nil, err
		}
		if len(principals) == 0 {
			homes = []*url.URL{base} // there may be some below it
			break
		}
		at = principals[0]
	}
	var books []book
	for _, home := range homes {
		all, base, err := c.propfind(ctx, home, "1", askHome)
		if err != nil {
			return nil, err
		}
		for _, r := range all {
			if r.ok().Prop.Type.AddressBook == nil {
				continue
			}
			at, err := resolve(base, []string{r.Href})
			if err != nil {
				return nil, err
			}
			if len(at) == 0 {
				return nil, ErrProtocol
			}
			if books = append(books, bookAt(at[0], r)); len(books) > maxBooks {
				return nil, ErrLarge
			}
		}
	}
	return books, nil
}

// bookAt is the address book at an address, by what is told of it.
func bookAt(at *url.URL, r response) book {
	p := r.ok().Prop
	name := cmp.Or(strings.TrimSpace(p.Name), path.Base(at.Path))
	return book{at, clean.Foreign(name).Line(), short(cmp.Or(p.SyncToken, p.CTag)), p.SyncToken != ""}
}

// short is the name of a state that is kept; "" for one that is too long.
func short(token string) string {
	if len(token) > maxDAVAddress {
		return ""
	}
	return strings.TrimSpace(token)
}

// resolve is where addresses are that a page at base names.
func resolve(base *url.URL, hrefs []string) (all []*url.URL, err error) {
	for _, h := range hrefs {
		if h = strings.TrimSpace(h); h == "" {
			continue
		}
		u, err := url.Parse(h)
		if err != nil || len(h) > maxDAVAddress {
			return nil, ErrProtocol
		}
		all = append(all, base.ResolveReference(u))
	}
	return all, nil
}

// book brings what was kept of an address book up to date. Where the server does not say
// what changed since then, it is asked which entries there are, and those are fetched that
// are not as they were.
func (c *dav) book(ctx context.Context, b book, before keptBook) (keptBook, error) {
	now := keptBook{Path: b.at.Path, Token: b.token, Cards: map[string]keptCard{}}
	var fetch []*url.URL
	changed, gone, state, err := c.changes(ctx, b, before.Token)
	switch {
	case err == nil && state != "":
		now.Token = state
		maps.Copy(now.Cards, before.Cards)
		for _, u := range gone {
			delete(now.Cards, u.Path)
		}
		fetch = changed
	case err != nil && (ctx.Err() != nil || c.cause(nil) != nil || errors.Is(err, ErrLogin)):
		return now, err
	default: // it is no longer known, or too much has changed since then
		if fetch, err = c.entries(ctx, b.at, func(u *url.URL, tag string) bool {
			card, ok := before.Cards[u.Path]
			if ok = ok && card.ETag == tag; ok {
				now.Cards[u.Path] = card
			}
			return ok
		}); err != nil {
			return now, err
		}
	}
	return now, c.fetch(ctx, b.at, fetch, now.Cards)
}

// changes are the entries that were changed and those that went since an address book was
// in a state, and the state that it is in; "" where nothing can be asked.
func (c *dav) changes(ctx context.Context, b book, since string) (changed, gone []*url.URL, state string, err error) {
	if since == "" || !b.syncs || since == b.token {
		if since != "" && since == b.token {
			state = since // in another one nothing is the same
		}
		return nil, nil, state, nil
	}
	var body strings.Builder
	body.WriteString(askChanges)
	_ = xml.EscapeText(&body, []byte(since))
	body.WriteString(andTheTags)
	_, err = c.ask(ctx, "REPORT", b.at, "0", body.String(), func(base *url.URL, e response) error {
		u, isEntry, err := entryIn(base, b.at, e)
		switch {
		case err != nil || !isEntry:
		case statusOf(e.Status) == http.StatusNotFound:
			gone = append(gone, u)
		default:
			changed = append(changed, u)
		}
		if err == nil && len(changed)+len(gone) > contacts.MaxPeople {
			err = ErrLarge
		}
		return err
	})
	return changed, gone, short(c.state), err
}

// entries are those of an address book that there are, without those that are known.
func (c *dav) entries(ctx context.Context, at *url.URL, known func(u *url.URL, tag string) bool) (all []*url.URL, err error) {
	count := 0
	_, err = c.ask(ctx, "PROPFIND", at, "1", askEntries, func(base *url.URL, e response) error {
		u, isEntry, err := entryIn(base, at, e)
		tag := e.ok().Prop.ETag
		if err != nil || !isEntry || tag == "" {
			return err
		}
		if count++; count > contacts.MaxPeople {
			return ErrLarge
		}
		if !known(u, tag) {
			all = append(all, u)
		}
		return nil
	})
	return all, err
}

// entryIn is where an entry of the address book at an address is; false where it is that
// one, or another collection.
func entryIn(base, at *url.URL, e response) (*url.URL, bool, error) {
	u, err := resolve(base, []string{e.Href})
	if err != nil || len(u) == 0 {
		return nil, false, err
	}
	return u[0], e.ok().Prop.Type.Collection == nil && strings.TrimSuffix(u[0].Path, "/") != strings.TrimSuffix(at.Path, "/"), nil
}

// fetch reads entries into all, some at a time.
func (c *dav) fetch(ctx context.Context, at *url.URL, entries []*url.URL, all map[string]keptCard) error {
	for some := range slices.Chunk(entries, cardsAtATime) {
		var body strings.Builder
		body.WriteString(getCards)
		for _, u := range some {
			body.WriteString("<D:href>")
			_ = xml.EscapeText(&body, []byte(u.EscapedPath()))
			body.WriteString("</D:href>")
			all[u.Path] = keptCard{Bad: true} // until it has come
		}
		body.WriteString(gotCards)
		_, err := c.ask(ctx, "REPORT", at, "1", body.String(), func(base *url.URL, e response) error {
			u, isEntry, err := entryIn(base, at, e)
			if err != nil || !isEntry {
				return err
			}
			if card, asked := all[u.Path]; !asked || card.ETag != "" { // nobody asked for it, or it came before
				return nil
			}
			if statusOf(e.Status) == http.StatusNotFound { // it went since it was listed
				delete(all, u.Path)
				return nil
			}
			all[u.Path], err = cardIn(ctx, e)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// cardIn is the vCard of one entry.
func cardIn(ctx context.Context, e response) (keptCard, error) {
	p := e.ok().Prop
	r := cards{left: maxElement, most: contacts.MaxNumbers}
	err := r.read(ctx, strings.NewReader(p.Card))
	if errors.Is(err, ErrLarge) {
		return keptCard{ETag: p.ETag, Bad: true}, nil
	}
	return keptCard{p.ETag, r.all, r.bad > 0 || len(r.all)+r.groups == 0}, err
}

// propfind are the properties that body asks for, and where the answer came from.
func (c *dav) propfind(ctx context.Context, at *url.URL, depth, body string) (all []response, base *url.URL, err error) {
	base, err = c.ask(ctx, "PROPFIND", at, depth, body, func(_ *url.URL, r response) error {
		if len(all) >= 10*maxBooks {
			return ErrLarge
		}
		all = append(all, r)
		return nil
	})
	return all, base, err
}

// ask sends a question and calls each with all that is told. It goes where the server
// sends it, but to no other one.
func (c *dav) ask(ctx context.Context, method string, at *url.URL, depth, body string, each func(*url.URL, response) error) (*url.URL, error) {
	for range maxRedirects {
		next, err := c.askOnce(ctx, method, at, depth, body, each)
		if err != nil || next == nil {
			return at, err
		}
		at = next
	}
	return nil, ErrProtocol
}

// portOf is the port of an address, or the usual one.
func portOf(at *url.URL) string {
	return cmp.Or(at.Port(), map[string]string{"http": "80", "https": "443"}[at.Scheme])
}

// askOnce returns where the server sends to, nil where it has answered.
func (c *dav) askOnce(ctx context.Context, method string, at *url.URL, depth, body string, each func(*url.URL, response) error) (next *url.URL, err error) {
	if at.Scheme != c.at.Scheme || !strings.EqualFold(at.Hostname(), c.at.Hostname()) || portOf(at) != portOf(c.at) {
		return nil, &elsewhereError{at.Scheme + "://" + at.Host}
	}
	// What stands before an @ in an address is no user to log in as.
	to := &url.URL{Scheme: at.Scheme, Host: c.at.Host, Path: at.Path, RawPath: at.RawPath, RawQuery: at.RawQuery}
	req, err := http.NewRequestWithContext(ctx, method, to.String(), strings.NewReader(body))
	if err != nil {
		return nil, ErrProtocol
	}
	req.Header.Set("Content-Type", "application/xml; charset=utf-8")
	req.Header.Set("Depth", depth)
	if c.User != "" && !c.login.sign(req, c.User, c.secret, body) {
		req.SetBasicAuth(c.User, c.secret)
	}
	answer, err := c.http.RoundTrip(req)
	if err != nil {
		return nil, c.broken(err)
	}
	defer answer.Body.Close()
	switch code := answer.StatusCode; code {
	case http.StatusMultiStatus:
		return nil, c.multistatus(to, answer.Body, each)
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		where, err := resolve(to, []string{answer.Header.Get("Location")})
		if err != nil || len(where) == 0 {
			return nil, ErrProtocol
		}
		return where[0], nil
	case http.StatusUnauthorized:
		if c.User != "" && c.login.challenged(answer.Header) {
			return at, nil // asked once more, as it wants it
		}
		return nil, ErrLogin
	case http.StatusProxyAuthRequired:
		return nil, ErrLogin
	case http.StatusForbidden:
		return nil, ErrRights
	case http.StatusNotFound, http.StatusGone:
		return nil, ErrBase
	case http.StatusInsufficientStorage, http.StatusRequestEntityTooLarge:
		return nil, ErrLimit
	case http.StatusTooManyRequests:
		return nil, ErrSilent
	default:
		if code >= 500 && code != http.StatusNotImplemented {
			return nil, ErrSilent
		}
		return nil, ErrProtocol
	}
}

// multistatus reads what is told of each address, one at a time.
func (c *dav) multistatus(base *url.URL, body io.Reader, each func(*url.URL, response) error) error {
	limited := &io.LimitedReader{R: body}
	in := xml.NewDecoder(limited)
	started := false
	c.state = ""
	for {
		limited.N = maxElement
		token, err := in.Token()
		if errors.Is(err, io.EOF) && started && limited.N > 0 {
			return nil
		}
		if err != nil {
			return c.notXML(err, limited)
		}
		start, ok := token.(xml.StartElement)
		switch {
		case !ok:
		case !started && start.Name != xml.Name{Space: "DAV:", Local: "multistatus"}:
			return ErrProtocol
		case !started:
			started = true
		case start.Name == xml.Name{Space: "DAV:", Local: "response"}:
			var r response
			if err := in.DecodeElement(&r, &start); err != nil {
				return c.notXML(err, limited)
			}
			if statusOf(r.Status) == http.StatusInsufficientStorage { // there were more (RFC 6352, 8.6.2)
				return ErrLimit
			}
			if err := each(base, r); err != nil {
				return err
			}
		case start.Name == xml.Name{Space: "DAV:", Local: "sync-token"}:
			if err := in.DecodeElement(&c.state, &start); err != nil {
				return c.notXML(err, limited)
			}
		default:
			if err := in.Skip(); err != nil {
				return c.notXML(err, limited)
			}
		}
	}
}

// notXML is an answer that ended or made no sense.
func (c *dav) notXML(err error, limited *io.LimitedReader) error {
	if limited.N <= 0 {
		return ErrLarge
	}
	return c.broken(err)
}
