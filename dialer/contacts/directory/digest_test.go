package directory

import (
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"cornetta/dialer/contacts"
	"cornetta/dialer/status"
)

var digestPart = regexp.MustCompile(`(\w+)=(?:"([^"]*)"|([^,]*))`)

// oneBook serves an address book with one entry.
func oneBook(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusMultiStatus)
	body, _ := io.ReadAll(r.Body)
	switch {
	case r.Method == "REPORT":
		_, _ = io.WriteString(w, davHead+davPage("/b/1", "<d:getetag>1</d:getetag><c:address-data>BEGIN:VCARD\nFN:A\nTEL:7102\nEND:VCARD\n</c:address-data>")+"</d:multistatus>")
	case strings.Contains(string(body), "principal"):
		_, _ = io.WriteString(w, davHead+davPage("/b/", isBook+"<d:displayname>The book</d:displayname>")+"</d:multistatus>")
	default:
		_, _ = io.WriteString(w, davHead+davPage("/b/", isBook)+davPage("/b/1", "<d:getetag>1</d:getetag>")+"</d:multistatus>")
	}
}

// TestDigest: a server that takes nothing else gets a digest (RFC 7616), and one that
// takes it gets no secret in clear.
func TestDigest(t *testing.T) {
	hash := func(sha bool, parts ...string) string {
		text := []byte(strings.Join(parts, ":"))
		if sha {
			sum := sha256.Sum256(text)
			return hex.EncodeToString(sum[:])
		}
		sum := md5.Sum(text)
		return hex.EncodeToString(sum[:])
	}
	for challenge, want := range map[string]status.Code{
		`Digest realm="here: there", nonce="N", qop="auth", algorithm=MD5`:               "",
		`Digest realm="here: there", nonce="N"`:                                          "", // RFC 2069, without qop
		`Digest realm="here: there", nonce="N", qop="auth-int, auth", algorithm=SHA-256`: "",
		`Basic realm="x", Digest realm="here: there", nonce="N", qop="auth", opaque="o"`: "",
		`Digest realm="here: there", nonce="N", qop="auth", algorithm=RIPEMD`:            status.CodeSourceLogin,
		`Negotiate`:                 status.CodeSourceLogin,
		`Digest `:                   status.CodeSourceLogin,
		`Digest nonce="`:            status.CodeSourceLogin,
		`Digest nonce=N,stale=true`: status.CodeProtocol, // for ever
	} {
		for _, clear := range []bool{true, false} {
			var basic, questions atomic.Int32
			handler := func(w http.ResponseWriter, r *http.Request) {
				questions.Add(1)
				said := r.Header.Get("Authorization")
				if strings.HasPrefix(said, "Basic") {
					basic.Add(1)
				}
				p := map[string]string{}
				for _, m := range digestPart.FindAllStringSubmatch(said, -1) {
					p[m[1]] = m[2] + m[3]
				}
				sha := strings.Contains(challenge, "SHA-256")
				a1, a2 := hash(sha, "anna", "here: there", "pass: word"), hash(sha, r.Method, r.URL.RequestURI())
				right := hash(sha, a1, "N", a2)
				if strings.Contains(challenge, "qop") {
					right = hash(sha, a1, "N", p["nc"], p["cnonce"], "auth", a2)
				}
				if p["username"] != "anna" || p["uri"] != r.URL.RequestURI() || p["nonce"] != "N" || p["response"] != right ||
					strings.Contains(challenge, "opaque") != (p["opaque"] == "o") || strings.Contains(challenge, "RIPEMD") || strings.Contains(challenge, "stale") {
					w.Header().Set("WWW-Authenticate", challenge)
					w.WriteHeader(http.StatusUnauthorized)
					return
				}
				oneBook(w, r)
			}
			s := httptest.NewUnstartedServer(http.HandlerFunc(handler))
			source := contacts.Source{Type: contacts.CardDAV, User: "anna", Clear: clear}
			if clear {
				s.Start()
			} else {
				s.StartTLS()
				source.Pin = fmt.Sprintf("%x", sha256.Sum256(s.Certificate().Raw))
			}
			source.URL = s.URL + "/b/"
			r, err := Read(t.Context(), source, "", Access{Secret: secret("pass: word")}, rules())
			s.Close()
			if codeOf(err) != want || want == "" && len(r.People) != 1 {
				t.Errorf("%s: %v, %d people, after %d questions", challenge, err, len(r.People), questions.Load())
			}
			if n := basic.Load(); want == "" && (clear && n != 0 || !clear && n != 1) {
				t.Errorf("%s, in clear %v: the secret itself was sent %d times", challenge, clear, n)
			}
		}
	}
}

// A challenge that became too old is answered anew.
func TestDigestGrowsOld(t *testing.T) {
	var questions atomic.Int32
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := questions.Add(1)
		if nonce := fmt.Sprintf(`nonce="%d"`, n/3); !strings.Contains(r.Header.Get("Authorization"), nonce) {
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Digest realm="x", qop="auth", stale=%v, nonce="%d"`, n > 1, (n+1)/3))
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		oneBook(w, r)
	}))
	defer s.Close()
	r, err := Read(t.Context(), contacts.Source{Type: contacts.CardDAV, URL: s.URL + "/b/", User: "anna", Clear: true}, "", Access{Secret: secret("x")}, rules())
	if err != nil || len(r.People) != 1 {
		t.Errorf("%d people, %v, after %d questions", len(r.People), err, questions.Load())
	}
}
