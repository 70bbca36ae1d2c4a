package directory

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	ber "github.com/go-asn1-ber/asn1-ber"

	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/contacts"
	"cornetta/dialer/contacts/directorytest"
	"cornetta/dialer/status"
)

// ldapPeople are entries as inetOrgPerson, Active Directory and a phone book have them.
const ldapPeople = `dn: cn=Anna Rossi,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
cn: Anna Rossi
sn: Rossi
o: Acme S.p.A.
telephoneNumber: +39 050 123402
mobile: +39 333 1234507
homePhone: 050 123403
facsimileTelephoneNumber: 050 123409

dn: cn=neri,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
cn: neri
displayName:: Tmljb2zDsiBOZXJp
sn: Neri
telephoneNumber: 7102
telephoneNumber: 050 123404

dn: cn=Nobody,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
cn: Nobody
sn: Nobody

`

// TestLDAP reads a real slapd over TLS from the beginning and from StartTLS on, by an
// authority of one's own and by a pin.
func TestLDAP(t *testing.T) {
	var many strings.Builder
	for i := range 700 {
		many.WriteString(directorytest.Person(fmt.Sprintf("P%04d", i), fmt.Sprintf("telephoneNumber: 050 5%05d", i)))
	}
	for _, secure := range []bool{true, false} {
		s := directorytest.LDAP(t, secure, ldapPeople+many.String(), "sizelimit size.soft=500 size.hard=500 size.prtotal=unlimited")
		scheme := "ldap://"
		if secure {
			scheme = "ldaps://"
		}
		source := contacts.Source{ID: "1", Type: contacts.LDAP, URL: scheme + s.Addr, Base: directorytest.Base, User: directorytest.Reader}
		access := Access{Secret: secret(directorytest.Secret), Authorities: s.CA}
		r, err := Read(t.Context(), source, "", access, rules())
		if err != nil {
			t.Fatal(err)
		}
		if len(r.People) != 702 || r.NoNumber != 1 || r.Bad != 0 {
			t.Errorf("%d people, %d without a number, %d bad", len(r.People), r.NoNumber, r.Bad)
		}
		for _, want := range []string{
			"Anna Rossi (Acme S.p.A.) | work +39 050 123402 | mobile +39 333 1234507 | home 050 123403 | fax 050 123409",
			"Nicolò Neri | work 7102 | work 050 123404",
		} {
			if !slices.ContainsFunc(r.People, func(p contacts.Person) bool { return line(p) == want }) {
				t.Errorf("%q is not there", want)
			}
		}
		pinned := source
		pinned.Pin = s.Pin
		if _, err := Read(t.Context(), pinned, "", Access{Secret: access.Secret}, rules()); err != nil {
			t.Errorf("pinned: %v", err)
		}
		other := func(change func(*contacts.Source, *Access)) status.Code {
			s, a := source, access
			change(&s, &a)
			_, err := Read(t.Context(), s, "", a, rules())
			return codeOf(err)
		}
		for what, got := range map[status.Code]status.Code{
			status.CodeSourceLogin:   other(func(_ *contacts.Source, a *Access) { a.Secret = secret("wrong") }),
			status.CodeSecretMissing: other(func(_ *contacts.Source, a *Access) { a.Secret = nil }),
			status.CodeSourceBase:    other(func(s *contacts.Source, _ *Access) { s.Base = "ou=none,dc=example,dc=test" }),
			status.CodeCertUnknownCA: other(func(_ *contacts.Source, a *Access) { a.Authorities = "" }),
			status.CodeCertChanged:   other(func(s *contacts.Source, _ *Access) { s.Pin = strings.Repeat("ab", 32) }),
		} {
			if got != what {
				t.Errorf("secure %v: %s, want %s", secure, got, what)
			}
		}
		for base, want := range map[string]status.Code{"no dn": status.CodeSourceBase, directorytest.Hidden: status.CodeSourceRights} {
			if got := other(func(s *contacts.Source, _ *Access) { s.Base = base }); got != want {
				t.Errorf("base %q: %s", base, got)
			}
		}
		s.Stop()
		if got := other(func(*contacts.Source, *Access) {}); got != status.CodeRefused {
			t.Errorf("stopped: %s", got)
		}
	}
}

// TestActiveDirectory: its attributes, in a slapd that has its schema; a referral in the
// tree, and one in place of the base, are not followed.
func TestActiveDirectory(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	far := "ldap://" + l.Addr().String() + "/dc=far"
	s := directorytest.LDAP(t, true, `dn: cn=Verdi Marco,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
objectClass: extensibleObject
cn: Verdi Marco
displayName: Marco Verdi
givenName: Marco
sn: Verdi
company: Delta
telephoneNumber: +39 050 123402
otherTelephone: 050 123405
mobile: 333 1234507
otherMobile: 347 1234508
homePhone: 050 123403
otherHomePhone: 050 123404
ipPhone: 7102
otherIpPhone: 7103
facsimileTelephoneNumber: 050 123409
otherFacsimileTelephoneNumber: 050 123408
userAccountControl: 512

dn: cn=Left,ou=people,dc=example,dc=test
objectClass: inetOrgPerson
objectClass: extensibleObject
cn: Left
sn: Left
telephoneNumber: 7104
userAccountControl: 514

dn: ou=far,ou=people,dc=example,dc=test
objectClass: referral
objectClass: extensibleObject
ou: far
ref: `+far+`

`, "global include /etc/ldap/schema/nis.schema", "global include /etc/ldap/schema/msuser.schema", "global referral ldap://"+l.Addr().String())
	source := contacts.Source{Type: contacts.LDAP, URL: "ldaps://" + s.Addr, Base: directorytest.Base, User: directorytest.Reader, Pin: s.Pin}
	read := func() (Reading, error) {
		return Read(t.Context(), source, "", Access{Secret: secret(directorytest.Secret)}, rules())
	}
	r, err := read()
	if err != nil || len(r.People) != 1 || line(r.People[0]) != "Marco Verdi (Delta) | work +39 050 123402 | work 050 123405 | mobile 333 1234507 | mobile 347 1234508"+
		" | home 050 123403 | home 050 123404 | internal 7102 | internal 7103 | fax 050 123409 | fax 050 123408" {
		t.Errorf("%q, %v", lines(r.People), err)
	}
	for _, base := range []string{"ou=far," + directorytest.Base, "dc=elsewhere"} {
		source.Base = base
		if _, err := read(); codeOf(err) != status.CodeSourceBase {
			t.Errorf("%s: %v", base, err)
		}
	}
	_ = l.(*net.TCPListener).SetDeadline(time.Now()) // who had come would be there already
	if conn, err := l.Accept(); err == nil {
		_ = conn.Close()
		t.Error("a referral was followed")
	}
}

// What a slapd says that is not set up as one wishes.
func TestLDAPRefusals(t *testing.T) {
	clear := directorytest.LDAP(t, false, ldapPeople, "no tls")
	limited := directorytest.LDAP(t, false, ldapPeople, "security simple_bind=1", "limits users size.prtotal=1")
	small := directorytest.LDAP(t, false, ldapPeople, "sizelimit 2", "limits users size.prtotal=disabled")
	known := directorytest.LDAP(t, false, ldapPeople, "global require authc")
	source := func(s *directorytest.Server) contacts.Source {
		return contacts.Source{Type: contacts.LDAP, URL: "ldap://" + s.Addr, Base: directorytest.Base, User: directorytest.Reader, Pin: s.Pin}
	}
	inClear, inClearNeedsTLS, secureNeedsNone, anonymous := source(clear), source(limited), source(limited), source(limited)
	inClear.Clear, inClearNeedsTLS.Clear = true, true
	secureNeedsNone.URL = strings.Replace(secureNeedsNone.URL, "ldap", "ldaps", 1)
	anonymous.User = ""
	nobody, misspelt, unknown := source(known), source(known), source(known)
	nobody.User, misspelt.User, unknown.User = "", "anna", "cn=anna,dc=example,dc=test"
	group := source(known)
	group.Base = "cn=reader,dc=example,dc=test"
	for _, tc := range []struct {
		what   string
		source contacts.Source
		want   status.Code
	}{
		{"no TLS", source(clear), status.CodeSourceClear},
		{"no TLS, by choice", inClear, ""},
		{"in clear, with a server that does not want it", inClearNeedsTLS, status.CodeSourceNeedsTLS},
		{"TLS where there is StartTLS", secureNeedsNone, status.CodeTLSFailed},
		{"anonymous, who may not read", anonymous, status.CodeSourceRights},
		{"more than it gives", source(limited), status.CodeSourceLimit},
		{"it cannot page, and cuts", source(small), status.CodeSourceLimit},
		{"nobody, where one has to be somebody", nobody, status.CodeSourceLogin},
		{"a user that is none", misspelt, status.CodeSourceLogin},
		{"a user that there is not", unknown, status.CodeSourceLogin},
		{"a base without people", group, status.CodeSourceEmpty},
		{"no such kind", contacts.Source{Type: contacts.LDAP, URL: "http://" + clear.Addr}, status.CodeSourceUnsupported},
		{"no such name", contacts.Source{Type: contacts.LDAP, URL: "ldaps://directory.invalid"}, status.CodeNameNotFound},
	} {
		_, err := Read(t.Context(), tc.source, "", Access{Secret: secret(directorytest.Secret)}, rules())
		if got := codeOf(err); got != tc.want {
			t.Errorf("%s: %s, want %s (%+v)", tc.what, got, tc.want, dialer.ProblemOf(err, "").Detail.Text())
		}
	}
}

// TestCardDAV reads the address books of a real Radicale, from where they are found by
// themselves and from the address of one; a second time only when something changed.
func TestCardDAV(t *testing.T) {
	work := map[string]string{
		"a.vcf": directorytest.Card("a", "FN:Anna Rossi\nN:Rossi;Anna;;;\nORG:Acme S.p.A.\nTEL;TYPE=WORK:+39 050 123402\nitem1.TEL:333 1234507\nitem1.X-ABLabel:_$!<Mobile>!$_"),
		"b.vcf": directorytest.Card("b", "FN:Nobody\nN:Nobody;;;;"),
	}
	for i := range 120 {
		work[fmt.Sprintf("p%d.vcf", i)] = directorytest.Card(fmt.Sprint("p", i), fmt.Sprintf("FN:P & %d\nN:P;;;;\nTEL:050 5%05d", i, i))
	}
	s := directorytest.CardDAV(t, true, map[string]map[string]string{
		"work": work, "friends & more": {"c.vcf": directorytest.Card("c", "FN:Zoë Bianchi\nN:Bianchi;Zoë;;;\nTEL;TYPE=HOME:050 123403")},
	})
	access := Access{Secret: secret(directorytest.Secret), Authorities: s.CA}
	source := contacts.Source{ID: "1", Type: contacts.CardDAV, URL: "https://" + s.Addr, User: directorytest.User}
	var token string
	for path, want := range map[string]int{"": 122, "/": 122, "/anna/": 122, "/anna/work/": 121, "/anna/friends%20&%20more/": 1} {
		at := source
		at.URL += path
		r, err := Read(t.Context(), at, "", access, rules())
		if err != nil {
			t.Errorf("%q: %v", path, err)
			continue
		}
		if len(r.People) != want || r.Bad != 0 || r.Token == "" {
			t.Errorf("%q: %d people, %d bad, token %q", path, len(r.People), r.Bad, r.Token)
		}
		if path == "" {
			if !slices.Equal(r.Books, []clean.Foreign{"anna/friends & more", "anna/work"}) {
				t.Errorf("the books: %q", texts(r.Books))
			}
			if token = r.Token; r.NoNumber != 1 || !slices.ContainsFunc(r.People, func(p contacts.Person) bool {
				return line(p) == "Anna Rossi (Acme S.p.A.) | work +39 050 123402 | mobile 333 1234507"
			}) {
				t.Errorf("%d without a number; Anna is not right", r.NoNumber)
			}
		}
	}
	if r, err := Read(t.Context(), source, token, access, rules()); err != nil || !r.Same || len(r.People) != 0 {
		t.Errorf("the same: %v, %d people, %v", r.Same, len(r.People), err)
	}
	put(t, s, access, "work/d.vcf", directorytest.Card("d", "FN:Ugo\nN:Ugo;;;;\nTEL:7103"))
	if r, err := Read(t.Context(), source, token, access, rules()); err != nil || r.Same || len(r.People) != 123 {
		t.Errorf("changed: %v, %d people, %v", r.Same, len(r.People), err)
	}
	for _, tc := range []struct {
		change func(*contacts.Source, *Access)
		want   status.Code
	}{
		{func(_ *contacts.Source, a *Access) { a.Secret = secret("wrong") }, status.CodeSourceLogin},
		{func(s *contacts.Source, _ *Access) { s.User = "ugo" }, status.CodeSourceLogin},
		{func(s *contacts.Source, _ *Access) { s.URL += "/ugo/" }, status.CodeSourceRights},
		{func(s *contacts.Source, _ *Access) { s.User = "" }, status.CodeSourceLogin},
		{func(_ *contacts.Source, a *Access) { a.Authorities = "" }, status.CodeCertUnknownCA},
		{func(s *contacts.Source, _ *Access) { s.URL = strings.Replace(s.URL, "https", "http", 1) }, status.CodeSourceClear},
		{func(s *contacts.Source, _ *Access) { s.URL = strings.Replace(s.URL, "https", "ldap", 1) }, status.CodeSourceUnsupported},
	} {
		s, a := source, access
		tc.change(&s, &a)
		if _, err := Read(t.Context(), s, "", a, rules()); codeOf(err) != tc.want {
			t.Errorf("%s, want %s (%v)", codeOf(err), tc.want, err)
		}
	}
	s.Stop()
	if _, err := Read(t.Context(), source, "", access, rules()); codeOf(err) != status.CodeRefused {
		t.Errorf("stopped: %v", err)
	}
}

// TestRealDigest: a real lighttpd that takes nothing but a digest of the password, in front of a
// real Radicale.
func TestRealDigest(t *testing.T) {
	for _, algorithm := range []string{"MD5", "SHA-256"} {
		s := directorytest.Digest(t, algorithm, map[string]map[string]string{"work": {
			"a.vcf": directorytest.Card("a", "FN:Anna\nN:Anna;;;;\nTEL:7102"), "b.vcf": directorytest.Card("b", "FN:Zoë\nN:Zoë;;;;\nTEL:7103"),
		}})
		source := contacts.Source{Type: contacts.CardDAV, URL: "http://" + s.Addr, User: directorytest.User, Clear: true}
		if r, err := Read(t.Context(), source, "", Access{Secret: secret(directorytest.Secret)}, rules()); err != nil || len(r.People) != 2 {
			t.Errorf("%s: %q, %v", algorithm, lines(r.People), err)
		}
		if _, err := Read(t.Context(), source, "", Access{Secret: secret("wrong")}, rules()); codeOf(err) != status.CodeSourceLogin {
			t.Errorf("%s, another password: %v", algorithm, err)
		}
	}
}

func texts(all []clean.Foreign) (s []string) {
	for _, f := range all {
		s = append(s, f.Text())
	}
	return s
}

// put stores an entry as another program would.
func put(t *testing.T, s *directorytest.Server, a Access, path, card string) {
	t.Helper()
	j := job{Source: contacts.Source{Type: contacts.CardDAV, URL: "https://" + s.Addr, User: directorytest.User}, Access: a}
	srv, err := j.server()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := srv.dial(t.Context(), "443")
	if err == nil {
		conn, err = srv.encrypt(t.Context(), conn)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	req, err := http.NewRequest(http.MethodPut, j.URL+"/anna/"+path, strings.NewReader(card))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(directorytest.User, directorytest.Secret)
	req.Header.Set("Content-Type", "text/vcard")
	if err := req.Write(conn); err != nil {
		t.Fatal(err)
	}
	if answer, err := http.ReadResponse(bufio.NewReader(conn), req); err != nil || answer.StatusCode/100 != 2 {
		t.Fatalf("%v, %v", answer, err)
	}
}

// spoilt stands before an LDAP server and lets its first messages through; then it does
// what is said, in the middle of the next one.
func spoilt(t *testing.T, addr string, messages int, then func(conn net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		client, err := l.Accept()
		if err != nil {
			return
		}
		defer client.Close()
		server, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		defer server.Close()
		asked := make(chan struct{})
		go func() {
			defer close(asked)
			_, _ = io.Copy(server, client)
		}()
		for n := 0; ; n++ {
			p, err := ber.ReadPacket(server)
			if err != nil {
				break
			}
			text := p.Bytes()
			if n == messages {
				_, _ = client.Write(text[:len(text)/2])
				then(client)
				break
			}
			if _, err := client.Write(text); err != nil {
				break
			}
		}
		_ = server.Close()
		<-asked
	}()
	t.Cleanup(func() { _ = l.Close(); <-done })
	return l.Addr().String()
}

// TestLDAPStops: a real slapd that hangs, or is gone, at each of its answers: to the login,
// among the entries, at the end of a page, in the next one. It is told as what it is, and
// nothing is taken for all that there is.
func TestLDAPStops(t *testing.T) {
	var many strings.Builder
	for i := range pageSize + 10 {
		many.WriteString(directorytest.Person(fmt.Sprintf("P%04d", i), fmt.Sprintf("telephoneNumber: 050 5%05d", i)))
	}
	s := directorytest.LDAP(t, false, many.String(), "no tls", "sizelimit unlimited")
	for step, messages := range map[string]int{"the login": 0, "the first": 1, "the second": 2, "the page's end": pageSize + 1, "the second page": pageSize + 2, "the end": pageSize + 12} {
		for what, c := range map[string]struct {
			then func(net.Conn)
			want status.Code
		}{
			"hangs":    {func(conn net.Conn) { _, _ = io.Copy(io.Discard, onlyReader{conn}) }, status.CodeNoReply},
			"ends":     {func(conn net.Conn) { _ = conn.Close() }, status.CodeProtocol},
			"is reset": {func(conn net.Conn) { _ = conn.(*net.TCPConn).SetLinger(0); _ = conn.Close() }, status.CodeUnreachable},
			"rubbish":  {func(conn net.Conn) { _, _ = conn.Write(make([]byte, 4096)); _ = conn.Close() }, status.CodeProtocol},
		} {
			t.Run(step+" "+what, func(t *testing.T) {
				t.Parallel()
				source := contacts.Source{Type: contacts.LDAP, URL: "ldap://" + spoilt(t, s.Addr, messages, c.then), Base: directorytest.Base, User: directorytest.Reader, Clear: true}
				r, err := Read(t.Context(), source, "", Access{Secret: secret(directorytest.Secret), silence: time.Second}, rules())
				if got := codeOf(err); got != c.want || len(r.People) > 0 {
					t.Errorf("%s, want %s, and %d people (%v)", got, c.want, len(r.People), err)
				}
			})
		}
	}
}

type onlyReader struct{ io.Reader }

// TestCardDAVStops: the same of a real Radicale: at each of its answers it hangs, is gone,
// is busy, or no longer lets one in. What was read before stays.
func TestCardDAVStops(t *testing.T) {
	s := directorytest.CardDAV(t, false, map[string]map[string]string{
		"work": {"a.vcf": directorytest.Card("a", "FN:Anna\nN:Anna;;;;\nTEL:7102")}, "home": {"b.vcf": directorytest.Card("b", "FN:Ugo\nN:Ugo;;;;\nTEL:7103")},
	})
	at, err := url.Parse("http://" + s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	says := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(code)
		}
	}
	const usual = 12 // more questions than there are
	for what, c := range map[string]struct {
		then http.HandlerFunc
		want []status.Code // "" is that it goes on otherwise
	}{
		"":                  {nil, []status.Code{""}},
		"hangs":             {func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body); <-r.Context().Done() }, []status.Code{status.CodeNoReply}},
		"ends":              {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, []status.Code{status.CodeUnreachable}},
		"too many requests": {says(http.StatusTooManyRequests), []status.Code{status.CodeNoReply}},
		"unavailable":       {says(http.StatusServiceUnavailable), []status.Code{status.CodeNoReply}},
		"not you any more":  {says(http.StatusUnauthorized), []status.Code{status.CodeSourceLogin}},
		"not permitted":     {says(http.StatusForbidden), []status.Code{status.CodeSourceRights, ""}},
		"a portal's page":   {func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>log in") }, []status.Code{status.CodeProtocol, ""}},
	} {
		silence := 20 * time.Second // of a slow computer's server
		if what == "hangs" {
			silence = 3 * time.Second
		}
		for step := range usual {
			t.Run(fmt.Sprint(what, step), func(t *testing.T) {
				t.Parallel()
				var n atomic.Int32
				proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if int(n.Add(1)) == step+1 && c.then != nil {
						c.then(w, r)
						return
					}
					httputil.NewSingleHostReverseProxy(at).ServeHTTP(w, r)
				}))
				source := contacts.Source{Type: contacts.CardDAV, URL: proxy.URL, User: directorytest.User, Clear: true}
				r, err := Read(t.Context(), source, "", Access{Secret: secret(directorytest.Secret), silence: silence}, rules())
				proxy.CloseClientConnections()
				proxy.Close()
				if c.then == nil {
					if err != nil || len(r.People) != 2 || n.Load() >= usual {
						t.Fatalf("%d questions, %d people, %v", n.Load(), len(r.People), err)
					}
					return
				}
				if int(n.Load()) <= step {
					return
				}
				// What is asked before the password is told, for a digest, may come to nothing.
				if got := codeOf(err); !slices.Contains(c.want, got) && (step > 0 || got != "") || got == "" != (len(r.People) == 2) {
					t.Errorf("question %d %s: %q, want %q, and %d people (%v)", step, what, got, c.want, len(r.People), err)
				}
			})
		}
	}
}
