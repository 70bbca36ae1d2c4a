package directory

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"cornetta/dialer/contacts"
	"cornetta/dialer/contacts/directorytest"
	"cornetta/dialer/status"
)

// asked writes down what a server is asked.
type asked struct {
	mu      sync.Mutex // guards what follows
	reports int        // of what changed
	lists   int        // of an address book
	cards   []string   // entries
	refused int        // of the reports
}

func (a *asked) handler(to http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		a.mu.Lock()
		text := string(body)
		sync := strings.Contains(text, "<D:sync-collection")
		switch {
		case sync:
			a.reports++
		case r.Method == "REPORT":
			for _, href := range strings.Split(text, "<D:href>")[1:] {
				href, _, _ = strings.Cut(href, "<")
				a.cards = append(a.cards, href[strings.LastIndex(href, "/")+1:])
			}
		case text == askEntries:
			a.lists++
		}
		a.mu.Unlock()
		recorded := httptest.NewRecorder()
		to.ServeHTTP(recorded, r)
		if sync && recorded.Code/100 == 4 {
			a.mu.Lock()
			a.refused++
			a.mu.Unlock()
		}
		for k, v := range recorded.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(recorded.Body.Bytes())
	})
}

// take says what was asked since the last time.
func (a *asked) take() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	slices.Sort(a.cards)
	said := fmt.Sprintf("%d reports, %d refused, %d lists, %d entries", a.reports, a.refused, a.lists, len(a.cards))
	if len(a.cards) < 4 {
		said += " " + strings.Join(a.cards, " ")
	}
	a.reports, a.refused, a.lists, a.cards = 0, 0, 0, nil
	return strings.TrimSpace(said)
}

// TestOnlyWhatChangedIsFetched: of a real Radicale, by its sync token; where it knows
// that no longer, by the entries' tags.
func TestOnlyWhatChangedIsFetched(t *testing.T) {
	work := map[string]string{}
	card := func(name, number string) string {
		return directorytest.Card(name, "FN:"+name+"\nN:"+name+";;;;\nTEL:"+number)
	}
	for i := range 30 {
		work[fmt.Sprintf("p%02d.vcf", i)] = card(fmt.Sprintf("P%02d", i), fmt.Sprint(7100+i))
	}
	radicale := directorytest.CardDAV(t, false, map[string]map[string]string{"work": work, "home": {"h.vcf": card("Home", "7200")}})
	at, err := url.Parse("http://" + radicale.Addr)
	if err != nil {
		t.Fatal(err)
	}
	var seen asked
	proxy := httptest.NewServer(seen.handler(httputil.NewSingleHostReverseProxy(at)))
	defer proxy.Close()
	change := func(method, path, text string) {
		t.Helper()
		req, err := http.NewRequest(method, "http://"+radicale.Addr+"/anna/"+path, strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth(directorytest.User, directorytest.Secret)
		req.Header.Set("Content-Type", "text/vcard")
		answer, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
		if err != nil || answer.StatusCode/100 != 2 {
			t.Fatalf("%v, %v", answer, err)
		}
		_ = answer.Body.Close()
	}

	dir := t.TempDir()
	s := Store{
		Index: filepath.Join(dir, "people"), Sources: contacts.OpenSources(filepath.Join(dir, "contacts.json")),
		Now: time.Now, Access: Access{Secret: secret(directorytest.Secret)},
	}
	if err := s.Sources.Add(contacts.Source{Type: contacts.CardDAV, URL: proxy.URL, User: directorytest.User, Clear: true}); err != nil {
		t.Fatal(err)
	}
	book := contacts.Open(s.Index)
	refresh := func(what, want string, people int, knows ...string) {
		t.Helper()
		states, err := s.Refresh(t.Context(), "", rules())
		if err != nil || states[0].Problem != nil {
			t.Fatalf("%s: %v, %+v", what, err, states)
		}
		if got := seen.take(); got != want {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
		if states[0].People != people {
			t.Errorf("%s: %d people, want %d", what, states[0].People, people)
		}
		for i := 0; i < len(knows); i += 2 {
			if got := book.Who(knows[i], rules()); got.Text() != knows[i+1] {
				t.Errorf("%s: %s is %q, want %q", what, knows[i], got.Text(), knows[i+1])
			}
		}
	}
	refresh("first", "0 reports, 0 refused, 2 lists, 31 entries", 31, "7105", "P05", "7200", "Home")
	refresh("nothing changed", "0 reports, 0 refused, 0 lists, 0 entries", 31)

	change("PUT", "work/new.vcf", card("New", "7300"))
	change("PUT", "work/p05.vcf", strings.Replace(card("Changed", "7301"), "UID:Changed", "UID:P05", 1))
	change("DELETE", "work/p06.vcf", "")
	refresh("by the token", "1 reports, 0 refused, 0 lists, 2 entries new.vcf p05.vcf", 31, "7300", "New", "7301", "Changed", "7105", "", "7106", "", "7200", "Home")

	// The server forgets what was before.
	change("PUT", "work/newer.vcf", card("Newer", "7302"))
	if err := os.RemoveAll(filepath.Join(radicale.Dir, "work", ".Radicale.cache")); err != nil {
		t.Fatal(err)
	}
	refresh("the token is refused", "1 reports, 1 refused, 1 lists, 1 entries newer.vcf", 32, "7302", "Newer", "7301", "Changed", "7106", "")
	change("DELETE", "work/newer.vcf", "")
	refresh("and counts again", "1 reports, 0 refused, 0 lists, 0 entries", 31, "7302", "")

	// What is kept may be gone, or damaged, or another source's.
	kept := s.kept("1")
	for what, spoil := range map[string]func() error{
		"gone":      func() error { return os.Remove(kept) },
		"damaged":   func() error { return os.WriteFile(kept, []byte(`{"of":"`), 0o600) },
		"another's": func() error { return os.WriteFile(kept, []byte(`{"of":"ugo@https://example.com"}`), 0o600) },
	} {
		if err := spoil(); err != nil {
			t.Fatal(err)
		}
		change("PUT", "work/new.vcf", card("New", "73"+fmt.Sprint(10+len(what)))) // or nothing were read
		refresh(what, "0 reports, 0 refused, 2 lists, 31 entries", 31, "7301", "Changed")
	}
	change("DELETE", "home/h.vcf", "")
	s.Access.Secret = secret("wrong")
	if states, err := s.Refresh(t.Context(), "", rules()); err != nil || states[0].Problem.Code != status.CodeSourceLogin || book.Who("7200", rules()) != "Home" {
		t.Errorf("%+v, %v", states, err)
	}
	seen.take()
	s.Access.Secret = secret(directorytest.Secret)
	refresh("and then", "1 reports, 0 refused, 0 lists, 0 entries", 30, "7200", "")

	if err := s.Sources.Remove("1"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Refresh(t.Context(), None, rules()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(kept); !os.IsNotExist(err) {
		t.Errorf("what was kept of it stays: %v", err)
	}
}
