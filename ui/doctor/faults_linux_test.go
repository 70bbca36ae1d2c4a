package doctor

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/net/dns/dnsmessage"
	"golang.org/x/sys/unix"

	"cornetta/ami/pbxsim"
	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/internal/freeport"
	"cornetta/ui/words"
)

func TestMain(m *testing.M) {
	_ = words.Use("en")
	goleak.VerifyTestMain(named{m})
}

// named are the tests, with a name server for as long as they run.
type named struct{ *testing.M }

func (n named) Run() int {
	defer nameServer()()
	return n.M.Run()
}

// nameServer answers the questions of Go's resolver: what begins with pbx is this
// computer, with two this computer by two addresses, what begins with silent gets no
// answer, and the rest is not known.
func nameServer() (stop func()) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 512)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			host := q.Name.String()
			m.Response, m.Authoritative, m.Additionals = true, true, nil
			addrs := [][4]byte{{127, 0, 0, 1}}
			switch {
			case strings.HasPrefix(host, "silent"):
				continue
			case strings.HasPrefix(host, "two"):
				addrs = append(addrs, [4]byte{127, 0, 0, 77})
			case !strings.HasPrefix(host, "pbx"):
				m.RCode, addrs = dnsmessage.RCodeNameError, nil
			}
			for _, a := range addrs {
				if q.Type == dnsmessage.TypeA {
					m.Answers = append(m.Answers, dnsmessage.Resource{
						Header: dnsmessage.ResourceHeader{Name: q.Name, Type: q.Type, Class: q.Class, TTL: 1},
						Body:   &dnsmessage.AResource{A: a},
					})
				}
			}
			if out, err := m.Pack(); err == nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	return func() {
		_ = conn.Close()
		<-done
	}
}

// wayOfACall are the checks from the settings to the extension.
var wayOfACall = []string{
	idSettings, idPolicy, idName, idPort, idTLS, idBanner, idKeyring, idLogin, idRights, idClock, idTenant, idExtension, idDisk,
}

// site is a Cornetta and its PBX.
type site struct {
	t      *testing.T
	cfg    config.Config
	logins *dialer.Logins
	state  string
	dir    string
	raw    string // what stands in the settings file instead; "": cfg
	policy string // what an administrator has laid down; "": nothing
}

// set makes the site reach the PBX at an address, by a name.
func (s *site) set(host, addr string) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.cfg.Account.Host = host
	if s.cfg.Account.Port, err = strconv.Atoi(port); err != nil {
		s.t.Fatal(err)
	}
}

// examine has the way of a call checked.
func (s *site) examine() (Report, time.Duration) {
	s.t.Helper()
	return s.prepare()()
}

// prepare makes the site ready to be examined, on any goroutine.
func (s *site) prepare() (examination func() (Report, time.Duration)) {
	s.t.Helper()
	dir := s.dir
	if dir == "" {
		dir = s.t.TempDir()
	}
	store := config.NewStore(dir)
	keys := secret.Session(nil)
	if s.raw != "" {
		if err := os.WriteFile(store.Path(), []byte(s.raw), 0o600); err != nil {
			s.t.Fatal(err)
		}
	} else if !s.cfg.Account.IsZero() {
		if err := store.Save(s.cfg); err != nil {
			s.t.Fatal(err)
		}
	}
	cfg, err := store.Load()
	if err == nil {
		err = keys.Set(s.t.Context(), secret.Key(cfg.Account), pbxsim.Secret)
	}
	if err != nil && s.raw == "" {
		s.t.Fatal(err)
	}
	if s.policy != "" {
		at := s.t.TempDir()
		if err := os.WriteFile(filepath.Join(at, "policy.toml"), []byte(s.policy), 0o600); err != nil {
			s.t.Fatal(err)
		}
		store = store.Under(&config.Policies{At: at})
	}
	p := &patient{Options: Options{
		Version: "test", Store: store, StateDir: s.state, Keys: keys, Logins: s.logins,
		Agent: func(context.Context) (control.InsideResult, status.Snapshot, error) {
			return control.InsideResult{}, status.Snapshot{}, ipc.ErrNotRunning
		},
	}}
	checks := slices.DeleteFunc(p.checks(), func(c check) bool { return !slices.Contains(wayOfACall, c.id) })
	return func() (Report, time.Duration) {
		defer p.leave()
		began := time.Now()
		return examine(s.t.Context(), checks, nil), time.Since(began)
	}
}

// pbx starts the built-in one.
func (s *site) pbx(o pbxsim.Options) *pbxsim.PBX {
	s.t.Helper()
	p, err := pbxsim.Start(o)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = p.Close() })
	s.set("pbx.example.com", p.Addr())
	return p
}

// serve accepts connections, each for one goroutine, and waits for all at the end.
func (s *site) serve(ln net.Listener, each func(net.Conn)) string {
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			conn, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer conn.Close()
				each(conn)
			})
		}
	})
	s.t.Cleanup(func() {
		_ = ln.Close()
		wg.Wait()
	})
	return ln.Addr().String()
}

func (s *site) listen() net.Listener {
	ln, err := freeport.Listen()
	if err != nil {
		s.t.Fatal(err)
	}
	return ln
}

// silent reads, and says nothing.
func silent(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// blackHole is a port that takes no connection and refuses none: its queue is full.
func (s *site) blackHole() string {
	s.t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err == nil {
		err = unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}})
	}
	if err == nil {
		err = unix.Listen(fd, 0)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = unix.Close(fd) })
	name, err := unix.Getsockname(fd)
	if err != nil {
		s.t.Fatal(err)
	}
	addr := fmt.Sprintf("127.0.0.1:%d", name.(*unix.SockaddrInet4).Port)
	for range 8 { // until one has to wait
		conn, err := net.DialTimeout("tcp", addr, 300*time.Millisecond)
		if err != nil {
			return addr
		}
		s.t.Cleanup(func() { _ = conn.Close() })
	}
	s.t.Fatal("the queue is never full")
	return ""
}

// certificate makes one for TLS, and its fingerprint.
func certificate(t *testing.T, bits int, host string, until time.Time) (tls.Certificate, string) {
	t.Helper()
	var key any
	var public any
	if bits > 0 {
		k, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		key, public = k, &k.PublicKey
	} else {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		key, public = k, &k.PublicKey
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Giovanna Bianchi"}, DNSNames: []string{host},
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, hex.EncodeToString(sum[:])
}

// secured starts a PBX over TLS whose certificate is trusted by its fingerprint.
func (s *site) secured(bits int, until time.Time) {
	s.t.Helper()
	cert, pin := certificate(s.t, bits, "pbx.example.com", until)
	s.pbx(pbxsim.Options{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}})
	s.cfg.Account.TLS, s.cfg.Account.TLSPin = true, pin
}

const year = 365 * 24 * time.Hour

// faults are what may be wrong on the way of a call, each with the one hop that has to
// be named.
var faults = []struct {
	name  string
	make  func(s *site)
	hop   string
	state status.FindingState
	says  string
}{
	{"settings damaged", func(s *site) { s.raw = "version = 2\n[account]\nhost = 'pbx" }, idSettings, status.FindingFailed, "damaged"},
	{"settings of a later version", func(s *site) { s.raw = "version = 99\n" }, idSettings, status.FindingFailed, ""},
	{"not set up", func(s *site) { s.cfg.Account = config.Account{} }, idSettings, status.FindingFailed, "not set up"},
	{"policy damaged", func(s *site) { s.pbx(pbxsim.Options{}); s.policy = "[locked.numbers]\nprefix = '0" }, idPolicy, status.FindingFailed, "policy"},
	{"policy of settings that do not exist", func(s *site) { s.pbx(pbxsim.Options{}); s.policy = "[locked]\nnosuch = 'x'\n" }, idPolicy, status.FindingWarning, "nosuch"},
	{"no extension", func(s *site) { s.cfg.Account.Extension = "" }, idSettings, status.FindingFailed, "xtension"},

	{"name unknown", func(s *site) { s.set("nosuch.example.com", s.cfg.Account.Host+":1") }, idName, status.FindingFailed, "name is not known"},
	{"name server silent", func(s *site) { s.set("silent.example.com", "x:1") }, idName, status.FindingFailed, "No name server answered"},

	{"port closed", func(s *site) {
		ln := s.listen()
		s.set("pbx.example.com", ln.Addr().String())
		_ = ln.Close()
	}, idPort, status.FindingFailed, "Nothing answers on the PBX's port: 127.0.0.1:"},
	{"black hole", func(s *site) { s.set("pbx.example.com", s.blackHole()) }, idPort, status.FindingFailed, "cannot be reached: 127.0.0.1:"},
	{"one of two addresses closed", func(s *site) {
		p := s.pbx(pbxsim.Options{})
		s.set("two.example.com", p.Addr())
	}, idPort, status.FindingWarning, "Not open: 127.0.0.77:"},

	{"TLS expected, spoken in clear", func(s *site) {
		s.pbx(pbxsim.Options{})
		s.cfg.Account.TLS = true
	}, idTLS, status.FindingFailed, "does not speak TLS"},
	{"clear expected, TLS spoken", func(s *site) {
		s.secured(0, time.Now().Add(year))
		s.cfg.Account.TLS, s.cfg.Account.TLSPin = false, ""
	}, idTLS, status.FindingFailed, "speaks TLS, which is switched off"},
	{"TLS never answered", func(s *site) {
		s.set("pbx.example.com", s.serve(s.listen(), silent))
		s.cfg.Account.TLS = true
	}, idTLS, status.FindingFailed, "does not answer TLS"},
	{"certificate of nobody", func(s *site) {
		s.secured(0, time.Now().Add(year))
		s.cfg.Account.TLSPin = ""
	}, idTLS, status.FindingFailed, "certificate is its own"},
	{"certificate expired", func(s *site) {
		s.secured(0, time.Now().Add(-time.Hour))
		s.cfg.Account.TLSPin = ""
	}, idTLS, status.FindingFailed, ""},
	{"trusted certificate expired", func(s *site) { s.secured(0, time.Now().Add(-time.Hour)) }, idTLS, status.FindingWarning, "although it expired"},
	{"certificate about to expire", func(s *site) { s.secured(0, time.Now().Add(5*24*time.Hour)) }, idTLS, status.FindingWarning, "only 4 days"},
	{"certificate changed", func(s *site) {
		s.secured(0, time.Now().Add(year))
		s.cfg.Account.TLSPin = strings.Repeat("0", 64)
	}, idTLS, status.FindingFailed, "has changed"},
	{"certificate weak", func(s *site) { s.secured(1024, time.Now().Add(year)) }, idTLS, status.FindingFailed, ""},

	{"a web server", func(s *site) {
		ln := s.listen()
		server := &http.Server{ReadHeaderTimeout: time.Minute}
		var wg sync.WaitGroup
		wg.Go(func() { _ = server.Serve(ln) })
		s.t.Cleanup(func() { _ = server.Close(); wg.Wait() })
		s.set("pbx.example.com", ln.Addr().String())
	}, idBanner, status.FindingFailed, "says nothing"},
	{"a mail server", func(s *site) {
		s.set("pbx.example.com", s.serve(s.listen(), func(c net.Conn) {
			_, _ = io.WriteString(c, "220 mail.example.com ESMTP\r\n")
			silent(c)
		}))
	}, idBanner, status.FindingFailed, "not an AMI"},
	{"AMI silent", func(s *site) { s.set("pbx.example.com", s.serve(s.listen(), silent)) }, idBanner, status.FindingFailed, "says nothing"},
	{"AMI takes no more", func(s *site) { s.set("pbx.example.com", s.serve(s.listen(), func(net.Conn) {})) }, idBanner, status.FindingFailed, "no more logins"},

	{"login never answered", func(s *site) {
		s.set("pbx.example.com", s.serve(s.listen(), func(c net.Conn) {
			_, _ = io.WriteString(c, "Asterisk Call Manager/5.0.4\r\n")
			silent(c)
		}))
	}, idLogin, status.FindingFailed, "did not answer the login"},
	{"wrong password", func(s *site) { s.pbx(pbxsim.Options{Secret: "another"}) }, idLogin, status.FindingFailed, "refuses the login"},
	{"silent after the login", func(s *site) { s.set("pbx.example.com", s.serve(s.listen(), silentAfterLogin)) }, idLogin, status.FindingFailed, "falls silent"},

	{"right missing", func(s *site) { s.pbx(pbxsim.Options{}).Grant("Originate", false) }, idRights, status.FindingFailed, "may not: Originate"},
	{"too many rights", func(s *site) { s.pbx(pbxsim.Options{}).Grant("Command", true) }, idRights, status.FindingWarning, "more than is good: Command"},
	{"clock ahead", func(s *site) { s.pbx(pbxsim.Options{}).SetClock(10 * time.Minute) }, idClock, status.FindingWarning, "10 min ahead"},
	{"clock behind", func(s *site) { s.pbx(pbxsim.Options{}).SetClock(-72 * time.Hour) }, idClock, status.FindingWarning, "72 h behind"},
	{"tenant wrong", func(s *site) {
		s.pbx(pbxsim.Options{})
		s.cfg.Account.Syntax = config.SyntaxWrapper
		s.cfg.Account.Tenant = "00000000-8a54-4a7e-9d5e-0c6f6a1b2c3d"
	}, idTenant, status.FindingFailed, "no context c2c_00000000"},
	{"extension unknown", func(s *site) {
		s.pbx(pbxsim.Options{})
		s.cfg.Account.Extension = "7199"
	}, idExtension, status.FindingFailed, "not among the extensions"},
	{"phone not connected", func(s *site) {
		s.pbx(pbxsim.Options{})
		s.cfg.Account.Extension = "7104"
	}, idExtension, status.FindingFailed, "not connected"},

	{"disk full", func(s *site) {
		s.pbx(pbxsim.Options{})
		s.state = s.smallDisk()
	}, idDisk, status.FindingFailed, "no room"},
}

// smallDisk is a folder on a disk with less room than the doctor tries.
func (s *site) smallDisk() string {
	dir := s.t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=16k"); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// silentAfterLogin is an AMI that takes every login, and then says nothing more.
func silentAfterLogin(conn net.Conn) {
	_, _ = io.WriteString(conn, "Asterisk Call Manager/5.0.4\r\n")
	lines := bufio.NewScanner(conn)
	action, id := "", ""
	for lines.Scan() {
		line := lines.Text()
		if v, ok := strings.CutPrefix(line, "Action: "); ok {
			action = v
		}
		if v, ok := strings.CutPrefix(line, "ActionID: "); ok {
			id = v
		}
		if line != "" {
			continue
		}
		switch action {
		case "Challenge":
			fmt.Fprintf(conn, "Response: Success\r\nActionID: %s\r\nChallenge: 123456789\r\n\r\n", id)
		case "Login":
			fmt.Fprintf(conn, "Response: Success\r\nActionID: %s\r\nMessage: Authentication accepted\r\n\r\n", id)
		case "Logoff":
			return
		}
	}
}

func newSite(t *testing.T) *site {
	t.Helper()
	cfg := config.Default()
	cfg.Account = config.Account{
		Host: "pbx.example.com", Port: 5038, Username: pbxsim.Username, Extension: "7101",
		Tenant: pbxsim.Tenant, Syntax: config.SyntaxVariables, Prefix: "0", Timeout: config.Duration(10 * time.Second),
	}
	return &site{t: t, cfg: cfg, logins: dialer.OpenLogins("")}
}

// TestFaults: of each fault the one hop is named that broke, none before it and none
// after it, and that takes no longer than it may.
func TestFaults(t *testing.T) {
	type result struct {
		Report
		took time.Duration
	}
	results := make([]result, len(faults))
	var wg sync.WaitGroup
	for i, f := range faults {
		if f.name == "disk full" && os.Geteuid() != 0 && os.Getenv("CI") == "" {
			continue // only root can make a disk
		}
		s := newSite(t)
		f.make(s)
		examination := s.prepare()
		run := func() { results[i].Report, results[i].took = examination() }
		if slices.Contains(hanging, f.name) {
			wg.Go(run) // all of them at once: they cost nothing but time
		} else {
			run()
		}
	}
	wg.Wait()
	var table []string
	for i, f := range faults {
		r := results[i]
		var named []string
		for _, found := range r.All {
			if found.ID == idKeyring || found.State == status.FindingOK || found.State == status.FindingUntried {
				continue // the keyring is memory here
			}
			named = append(named, found.ID)
			if found.ID == f.hop && (found.State != f.state || !strings.Contains(found.Seen, f.says)) {
				t.Errorf("%s: %s, says %q, want %s, %q", f.name, found.State, found.Seen, f.state, f.says)
			}
			if found.Do == "" {
				t.Errorf("%s: %s: nothing to do about %q", f.name, found.ID, found.Seen)
			}
			table = append(table, fmt.Sprintf("%02d  %-30s %-10s %-8s %6.2f s  %s", i+1, f.name, found.ID, found.State, r.took.Seconds(), found.Seen))
		}
		if r.All != nil && !slices.Equal(named, []string{f.hop}) {
			t.Errorf("%s: named %q, want %q: %+v", f.name, named, f.hop, r.All)
		}
		if r.OK || r.All != nil && r.Worst() == status.FindingOK {
			t.Errorf("%s: all is well", f.name)
		}
	}
	t.Logf("each fault, what was named, and the time it took:\n%s", strings.Join(table, "\n"))
}

// hanging are the faults that take as long as is waited for them.
var hanging = []string{
	"name server silent", "black hole", "clear expected, TLS spoken", "TLS never answered", "a web server", "AMI silent",
	"login never answered", "silent after the login",
}

// TestHealthy: where nothing is wrong nothing is named, in clear and by TLS.
func TestHealthy(t *testing.T) {
	for name, tls := range map[string]bool{"clear": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			if tls {
				s.secured(0, time.Now().Add(year))
			} else {
				s.pbx(pbxsim.Options{})
			}
			r, _ := s.examine()
			for _, f := range r.All {
				if f.State != status.FindingOK && f.ID != idKeyring {
					t.Errorf("%s: %s, %q", f.ID, f.State, f.Seen)
				}
			}
			if len(r.Checks) != len(wayOfACall) {
				t.Errorf("%d checks", len(r.Checks))
			}
		})
	}
}

// TestTheLastLoginIsNotRisked: the doctor's logins count like all, and it leaves one.
func TestTheLastLoginIsNotRisked(t *testing.T) {
	s := newSite(t)
	p := s.pbx(pbxsim.Options{Secret: "another"})
	for i, want := range []string{"refuses the login", "refuses the login", "refused 2 of the 3", "refused 2 of the 3"} {
		s.dir = filepath.Join(t.TempDir(), strconv.Itoa(i))
		r, _ := s.examine()
		at := slices.IndexFunc(r.All, func(f status.Finding) bool { return f.ID == idLogin })
		if f := r.All[at]; f.State != status.FindingFailed || !strings.Contains(f.Seen, want) {
			t.Errorf("time %d: %s, %q, want %q", i+1, f.State, f.Seen, want)
		}
	}
	if n := p.LoginsRefused(); n != 2 {
		t.Errorf("%d logins were refused, want 2", n)
	}
	// The agent takes the third.
	cfg := s.cfg.Account
	_, err := dialer.Enter(t.Context(), s.logins, cfg, "wrong", []string{"127.0.0.1"}, nil)
	if code := dialer.ProblemOf(err, status.AttemptConnect).Code; code != status.CodeLoginRefused {
		t.Errorf("the third: %v", err)
	}
	r, _ := s.examine()
	at := slices.IndexFunc(r.All, func(f status.Finding) bool { return f.ID == idLogin })
	if f := r.All[at]; !strings.Contains(f.Seen, "Too many logins") {
		t.Errorf("held: %q", f.Seen)
	}
}
