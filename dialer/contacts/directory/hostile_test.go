package directory

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/contacts"
	"cornetta/dialer/status"
)

// hostileLDAP answers whatever it is asked with what answer writes, and then waits.
func hostileLDAP(t *testing.T, answer func(io.Writer)) contacts.Source {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		if _, err := conn.Read(make([]byte, 1024)); err == nil {
			answer(conn)
			_, _ = io.Copy(io.Discard, conn)
		}
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return contacts.Source{Type: contacts.LDAP, URL: "ldap://" + l.Addr().String(), Base: "dc=example", Clear: true}
}

// TestHostileLDAP: what a server may send that wishes us ill ends with an error in time.
func TestHostileLDAP(t *testing.T) {
	entry := "\x30\x29\x02\x01\x01\x64\x24\x04\x04cn=a\x30\x1c\x30\x1a\x04\x0ftelephoneNumber\x31\x07\x04\x05" + "71020"
	always := func(text string) func(io.Writer) {
		return func(w io.Writer) {
			for {
				if _, err := io.WriteString(w, text); err != nil {
					return
				}
			}
		}
	}
	once := func(text string) func(io.Writer) {
		return func(w io.Writer) { _, _ = io.WriteString(w, text) }
	}
	for what, tc := range map[string]struct {
		answer func(io.Writer)
		want   status.Code
	}{
		"nothing":           {once(""), status.CodeNoReply},
		"half a message":    {once(entry[:20]), status.CodeNoReply},
		"a web server":      {once("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), status.CodeNoReply},
		"2 GiB in one":      {once("\x30\x84\x7f\xff\xff\xff\x02\x01\x01"), status.CodeProtocol},
		"a nest":            {once(strings.Repeat("\x30\x80", 100_000)), status.CodeProtocol},
		"entries for ever":  {always(entry), status.CodeSourceLarge},
		"nothing for ever":  {always("\x30\x03\x02\x01\x63"), status.CodeSourceLarge},
		"no result in it":   {once("\x30\x05\x02\x01\x01\x65\x00"), status.CodeProtocol},
		"results of others": {once("\x30\x0c\x02\x01\x07\x65\x07\x0a\x01\x00\x04\x00\x04\x00"), status.CodeNoReply},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			_, err := Read(t.Context(), hostileLDAP(t, tc.answer), "", Access{silence: 500 * time.Millisecond, most: 256 << 10}, rules())
			if got := codeOf(err); got != tc.want {
				t.Errorf("%s, want %s (%v)", got, tc.want, err)
			}
		})
	}
}

// A referral is not followed, and a page without people is not the end.
func TestReferralsAreNotFollowed(t *testing.T) {
	var asked atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer other.Close()
	to := "ldap://" + strings.TrimPrefix(other.URL, "http://") + "/dc=example"
	source := hostileLDAP(t, func(w io.Writer) {
		_, _ = fmt.Fprintf(w, "\x30%c\x02\x01\x01\x73%c\x04%c%s", len(to)+7, len(to)+2, len(to), to)
		_, _ = io.WriteString(w, "\x30\x0c\x02\x01\x01\x65\x07\x0a\x01\x00\x04\x00\x04\x00")
	})
	if _, err := Read(t.Context(), source, "", Access{}, rules()); codeOf(err) != status.CodeSourceEmpty || asked.Load() != 0 {
		t.Errorf("%v, the other server was asked %d times", err, asked.Load())
	}
}

const davHead = `<?xml version="1.0"?><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:carddav">`

// davPage is one address with one property.
func davPage(href, prop string) string {
	return "<d:response><d:href>" + href + "</d:href><d:propstat><d:prop>" + prop + "</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"
}

const isBook = "<d:resourcetype><d:collection/><c:addressbook/></d:resourcetype>"

// TestHostileCardDAV is the same of a web server.
func TestHostileCardDAV(t *testing.T) {
	var toldOthers atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { toldOthers.Add(1) }))
	t.Cleanup(other.Close)
	multistatus := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusMultiStatus)
			_, _ = io.WriteString(w, text)
		}
	}
	always := func(head, text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusMultiStatus)
			_, _ = io.WriteString(w, head)
			for {
				if _, err := io.WriteString(w, text); err != nil {
					return
				}
			}
		}
	}
	says := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	kilobyte := strings.Repeat("x", 1024)
	t.Cleanup(func() {
		if n := toldOthers.Load(); n != 0 {
			t.Errorf("another server was asked %d times", n)
		}
	})
	for what, tc := range map[string]struct {
		handler http.HandlerFunc
		want    status.Code
	}{
		"silence":           {func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body); <-r.Context().Done() }, status.CodeNoReply},
		"a page for people": {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") }, status.CodeProtocol},
		"other XML":         {multistatus("<html></html>"), status.CodeProtocol},
		"half of it":        {multistatus(davHead + "<d:response>"), status.CodeProtocol},
		"nothing there":     {says(http.StatusNotFound), status.CodeSourceBase},
		"not permitted":     {says(http.StatusForbidden), status.CodeSourceRights},
		"not now":           {says(http.StatusServiceUnavailable), status.CodeNoReply},
		"not all":           {multistatus(davHead + "<d:response><d:href>/</d:href><d:status>HTTP/1.1 507 Insufficient Storage</d:status></d:response></d:multistatus>"), status.CodeSourceLimit},
		"one text for ever": {always(davHead+"<d:response><d:href>", kilobyte), status.CodeSourceLarge},
		"a nest":            {always(davHead, "<"+kilobyte+">"), status.CodeSourceLarge},
		"things for ever":   {always(davHead, davPage("/x", "<d:getetag>1</d:getetag>")), status.CodeSourceLarge},
		"an endless header": {func(w http.ResponseWriter, _ *http.Request) {
			for i := range 100 {
				w.Header().Set(fmt.Sprint("X-", i), kilobyte)
			}
		}, status.CodeProtocol},
		"in a circle": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path+"x", http.StatusFound) }, status.CodeProtocol},
		"to another server": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		}, status.CodeSourceElsewhere},
		"home is elsewhere": {multistatus(davHead + davPage("/", "<c:addressbook-home-set><d:href>"+other.URL+"/</d:href></c:addressbook-home-set>") + "</d:multistatus>"), status.CodeSourceElsewhere},
		"a book elsewhere":  {multistatus(davHead + davPage("/", "") + davPage(other.URL+"/b", isBook) + "</d:multistatus>"), status.CodeSourceElsewhere},
		"to a file": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", "file:///etc/passwd")
			w.WriteHeader(302)
		}, status.CodeSourceElsewhere},
		"books without end":   {multistatus(davHead + davPage("/", "") + strings.Repeat(davPage("/b", isBook), 101) + "</d:multistatus>"), status.CodeSourceLarge},
		"a link that is none": {multistatus(davHead + davPage("/", "<d:current-user-principal><d:href>:%</d:href></d:current-user-principal>") + "</d:multistatus>"), status.CodeProtocol},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := httptest.NewServer(tc.handler)
			defer s.Close()
			source := contacts.Source{Type: contacts.CardDAV, URL: s.URL + "/", User: "anna", Clear: true}
			_, err := Read(t.Context(), source, "", Access{Secret: secret("x"), silence: 500 * time.Millisecond, most: 6 << 20}, rules())
			if got := codeOf(err); got != tc.want {
				t.Errorf("%s, want %s (%v)", got, tc.want, err)
			}
		})
	}
}

// TestDiscovery: from the address of a server, or of a page for people there, to all
// address books of the user, also where it sends from one place to another.
func TestDiscovery(t *testing.T) {
	var s *httptest.Server
	var known atomic.Value // where the well-known place is
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/carddav", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, known.Load().(string), http.StatusMovedPermanently)
	})
	page := func(path, prop string, more ...string) {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			if user, word, _ := r.BasicAuth(); user != "anna" || word != "x" {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			w.WriteHeader(http.StatusMultiStatus)
			_, _ = io.WriteString(w, davHead+davPage(path, prop)+strings.Join(more, "")+"</d:multistatus>")
		})
	}
	page("/dav/", "<d:current-user-principal><d:href>/dav/p/anna/</d:href></d:current-user-principal>")
	page("/dav/p/anna/", "<c:addressbook-home-set><d:href>/dav/h/anna/</d:href><d:href>/dav/shared/</d:href></c:addressbook-home-set>")
	named := func(name string) string { return isBook + "<d:displayname>" + name + "</d:displayname>" }
	page("/dav/h/anna/", "<d:resourcetype><d:collection/></d:resourcetype>",
		davPage("/dav/h/anna/one/", named("One &amp; all")), davPage("/dav/h/anna/calendar/", "<d:resourcetype><d:collection/></d:resourcetype>"))
	page("/dav/shared/", "", davPage("/dav/shared/two/", named("")))
	mux.HandleFunc("/apps/", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") })
	page("/dav/h/anna/one/", isBook)
	page("/dav/shared/two/", isBook)
	s = httptest.NewTLSServer(mux)
	defer s.Close()
	for _, tc := range []struct {
		path, known string
		want        status.Code
	}{
		{"", "/dav/", ""},
		{"/", s.URL + "/dav/", ""},
		{"/apps/contacts/All", "/dav/", ""}, // what a browser shows
		{"/dav/p/anna/", "", ""},
		{"", strings.Replace(s.URL, "https", "http", 1) + "/dav/", status.CodeSourceElsewhere},
		{"", "https://localhost" + s.URL[strings.LastIndex(s.URL, ":"):] + "/dav/", status.CodeSourceElsewhere},
		{"", "https://127.0.0.1/dav/", status.CodeSourceElsewhere},
	} {
		known.Store(tc.known)
		source := contacts.Source{Type: contacts.CardDAV, URL: s.URL + tc.path, User: "anna", Pin: fmt.Sprintf("%x", sha256.Sum256(s.Certificate().Raw))}
		r, err := Read(t.Context(), source, "", Access{Secret: secret("x")}, rules())
		if codeOf(err) != tc.want || err == nil && !slices.Equal(r.Books, []clean.Foreign{"One & all", "two"}) {
			t.Errorf("%q, which sends to %q: %v, %d books", tc.path, tc.known, err, len(r.Books))
		}
	}
	for a, b := range map[string]string{"https://x": "https://x:443", "http://x:80": "http://x"} {
		one, _ := url.Parse(a)
		other, _ := url.Parse(b)
		if portOf(one) != portOf(other) {
			t.Errorf("%s is not %s", a, b)
		}
	}
}

// TestBadCards: an entry that cannot be read costs that one.
func TestBadCards(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusMultiStatus)
		body, _ := io.ReadAll(r.Body)
		switch {
		case r.Method == "REPORT":
			card := func(text string) string { return "<c:address-data>" + text + "</c:address-data>" }
			_, _ = io.WriteString(w, davHead+davPage("/b/1", card("BEGIN:VCARD\nFN:A\nTEL:7102\nEND:VCARD\n"))+davPage("/b/2", card("nonsense"))+
				davPage("/b/3", card("BEGIN:VCARD\nFN:B\nTEL:7103\n"))+davPage("/b/4", "")+
				"<d:response><d:href>/b/5</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response></d:multistatus>")
		case strings.Contains(string(body), "principal"):
			_, _ = io.WriteString(w, davHead+davPage("/b/", isBook)+"</d:multistatus>")
		default:
			page := davHead + davPage("/b/", isBook)
			for i := range 6 { // of the last one it says nothing any more
				page += davPage(fmt.Sprint("/b/", i+1), "<d:getetag>1</d:getetag>")
			}
			_, _ = io.WriteString(w, page+"</d:multistatus>")
		}
	}))
	defer s.Close()
	r, err := Read(t.Context(), contacts.Source{Type: contacts.CardDAV, URL: s.URL + "/b/", Clear: true}, "", Access{}, rules())
	if err != nil || len(r.People) != 1 || r.Bad != 4 {
		t.Errorf("%d people, %d bad, %v", len(r.People), r.Bad, err)
	}
}

func secret(text string) func(context.Context, contacts.Source) (string, error) {
	return func(context.Context, contacts.Source) (string, error) { return text, nil }
}

func codeOf(err error) status.Code {
	if err == nil {
		return ""
	}
	return dialer.ProblemOf(err, status.AttemptContacts).Code
}
