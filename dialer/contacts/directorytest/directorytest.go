//go:build linux

// Package directorytest starts real servers of address books for tests: OpenLDAP's slapd
// and Radicale, for CardDAV, alone or behind a lighttpd, as Debian has them. Each has a port and a folder of its own,
// and ends with the test, by its process id.
package directorytest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cornetta/internal/freeport"
)

// The user of all servers here.
const (
	Base   = "ou=people,dc=example,dc=test"
	Hidden = "ou=hidden,dc=example,dc=test" // where Reader may not read
	Reader = "cn=reader,dc=example,dc=test" // of LDAP
	User   = "anna"                         // of CardDAV
	Secret = "pass word, with: signs"
)

// Server is one that runs.
type Server struct {
	Addr string // host:port
	Pin  string // of its certificate, "" without
	CA   string // the file with the certificate that vouches for its own
	Dir  string // CardDAV: the folder with a folder for each address book
	cmd  *exec.Cmd
}

// Stop ends it before the test does.
func (s *Server) Stop() {
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
}

// LDAP starts a slapd that has the entries of ldif below Base.
// It speaks TLS after StartTLS, or from the beginning where secure says so; more are
// lines for its configuration, of which "no tls" has it without; those that begin with
// "global" are for the whole of it, and not for its database.
func LDAP(t testing.TB, secure bool, ldif string, more ...string) *Server {
	t.Helper()
	slapd, dir := program(t, "slapd", "/usr/sbin/slapd"), t.TempDir()
	s := &Server{Addr: freePort(t)}
	conf := `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
`
	more = slices.DeleteFunc(slices.Clone(more), func(line string) bool {
		line, ok := strings.CutPrefix(line, "global ")
		if ok {
			conf += line + "\n"
		}
		return ok
	})
	plain := len(more) > 0 && more[0] == "no tls"
	if plain {
		more = more[1:]
	} else {
		cert, key := s.certify(t, dir)
		conf += "TLSCertificateFile " + cert + "\nTLSCertificateKeyFile " + key + "\n"
	}
	data := filepath.Join(dir, "data")
	conf += `
database mdb
suffix "dc=example,dc=test"
rootdn "cn=nobody,dc=example,dc=test"
directory ` + data + `
access to attrs=userPassword by anonymous auth
access to dn.subtree="` + Hidden + `" by users disclose by * auth
access to * by users read by * auth
` + strings.Join(more, "\n") + "\n"
	write(t, filepath.Join(dir, "slapd.conf"), conf)
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "people.ldif"), `dn: dc=example,dc=test
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: `+Base+`
objectClass: organizationalUnit
ou: people

dn: `+Hidden+`
objectClass: organizationalUnit
ou: hidden

dn: `+Reader+`
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: reader
userPassword: `+Secret+`

`+ldif)
	// A copy is run: where AppArmor has rules for slapd, these are for its own folders.
	copied := filepath.Join(dir, "slapd")
	if out, err := exec.Command("cp", slapd, copied).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	add := exec.Command(copied, "-T", "add", "-q", "-f", "slapd.conf", "-l", "people.ldif")
	add.Dir = dir
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("slapadd: %v: %s", err, out)
	}
	scheme := "ldap"
	if secure {
		scheme = "ldaps"
	}
	s.start(t, dir, copied, "-d", "0", "-f", "slapd.conf", "-h", scheme+"://"+s.Addr+"/")
	return s
}

// CardDAV starts a Radicale with a folder for each address book of User's, in which
// vCards are files. It speaks TLS where secure says so.
func CardDAV(t testing.TB, secure bool, books map[string]map[string]string) *Server {
	t.Helper()
	radicale, dir := program(t, "radicale", "/usr/bin/radicale"), t.TempDir()
	s := &Server{Addr: freePort(t), Dir: filepath.Join(dir, "data", "collection-root", User)}
	for name, cards := range books {
		write(t, filepath.Join(s.Dir, name, ".Radicale.props"), `{"tag": "VADDRESSBOOK"}`)
		for file, card := range cards {
			write(t, filepath.Join(s.Dir, name, file), card)
		}
	}
	write(t, filepath.Join(dir, "users"), User+":"+Secret+"\n")
	conf := "[server]\nhosts = " + s.Addr + "\n"
	if secure {
		cert, key := s.certify(t, dir)
		conf += "ssl = True\ncertificate = " + cert + "\nkey = " + key + "\n"
	}
	conf += "[auth]\ntype = htpasswd\nhtpasswd_filename = " + filepath.Join(dir, "users") + "\nhtpasswd_encryption = plain\ndelay = 0\n" +
		"[storage]\nfilesystem_folder = " + filepath.Join(dir, "data") + "\n[web]\ntype = none\n[logging]\nlevel = warning\n"
	write(t, filepath.Join(dir, "config"), conf)
	s.start(t, dir, radicale, "--config", filepath.Join(dir, "config"))
	return s
}

// Digest starts a Radicale, and before it a lighttpd that wants a digest of the secret, by
// an algorithm such as "SHA-256". Radicale, which knows no digests, is told the secret in
// between.
func Digest(t testing.TB, algorithm string, books map[string]map[string]string) *Server {
	t.Helper()
	lighttpd, dir := program(t, "lighttpd", "/usr/sbin/lighttpd"), t.TempDir()
	behind := CardDAV(t, false, books)
	to := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: behind.Addr})
	between := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.SetBasicAuth(User, Secret)
		to.ServeHTTP(w, r)
	}))
	t.Cleanup(between.Close)
	s := &Server{Addr: freePort(t), Dir: behind.Dir}
	host, port, _ := net.SplitHostPort(s.Addr)
	_, portBehind, _ := net.SplitHostPort(between.Listener.Addr().String())
	const realm = "Address books"
	login := []byte(User + ":" + realm + ":" + Secret)
	known := fmt.Sprintf("%x", sha256.Sum256(login))
	if algorithm == "MD5" {
		known = fmt.Sprintf("%x", md5.Sum(login))
	}
	write(t, filepath.Join(dir, "users"), User+":"+realm+":"+known+"\n")
	write(t, filepath.Join(dir, "lighttpd.conf"), fmt.Sprintf(`server.document-root = %q
server.bind = %q
server.port = %s
server.modules = ("mod_auth", "mod_authn_file", "mod_proxy")
auth.backend = "htdigest"
auth.backend.htdigest.userfile = %q
auth.require = ("/" => ("method" => "digest", "realm" => %q, "require" => "valid-user", "algorithm" => %q))
proxy.server = ("/" => (("host" => "127.0.0.1", "port" => %s)))
`, dir, host, port, filepath.Join(dir, "users"), realm, algorithm, portBehind))
	s.start(t, dir, lighttpd, "-D", "-f", "lighttpd.conf")
	return s
}

// start runs a server until the test ends, and returns when it listens.
func (s *Server) start(t testing.TB, dir, program string, args ...string) {
	t.Helper()
	var said bytes.Buffer
	s.cmd = exec.Command(program, args...)
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = dir, &said, &said
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", s.Addr)
		if err == nil {
			_ = conn.Close()
			return
		}
		if time.Now().After(deadline) || syscall.Kill(s.cmd.Process.Pid, 0) != nil {
			t.Fatalf("%s does not listen: %v: %s", program, err, said.Bytes())
		}
	}
}

// certify makes a certificate for the server by an authority of its own.
func (s *Server) certify(t testing.TB, dir string) (cert, key string) {
	t.Helper()
	host, _, _ := net.SplitHostPort(s.Addr)
	make := func(of, by *x509.Certificate, byKey *ecdsa.PrivateKey) (*ecdsa.PrivateKey, []byte) {
		own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if byKey == nil {
			byKey = own
		}
		der, err := x509.CreateCertificate(rand.Reader, of, by, &own.PublicKey, byKey)
		if err != nil {
			t.Fatal(err)
		}
		return own, der
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: host}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		IPAddresses: []net.IP{net.ParseIP(host)},
	}
	caKey, caDER := make(ca, ca, nil)
	leafKey, leafDER := make(leaf, ca, caKey)
	keyDER, err := x509.MarshalPKCS8PrivateKey(leafKey)
	if err != nil {
		t.Fatal(err)
	}
	s.CA, cert, key = filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{
		s.CA: {Type: "CERTIFICATE", Bytes: caDER}, cert: {Type: "CERTIFICATE", Bytes: leafDER}, key: {Type: "PRIVATE KEY", Bytes: keyDER},
	} {
		write(t, path, string(pem.EncodeToMemory(block)))
	}
	sum := sha256.Sum256(leafDER)
	s.Pin = hex.EncodeToString(sum[:])
	return cert, key
}

// Person is an entry of LDAP with lines such as "mobile: 333 1234502".
func Person(cn, lines string) string {
	return fmt.Sprintf("dn: cn=%s,%s\nobjectClass: inetOrgPerson\ncn: %s\nsn: %s\n%s\n\n", cn, Base, cn, cn, strings.TrimSpace(lines))
}

// Card is a vCard.
func Card(uid, lines string) string {
	return strings.ReplaceAll("BEGIN:VCARD\nVERSION:3.0\nUID:"+uid+"\n"+strings.TrimSpace(lines)+"\nEND:VCARD\n", "\n", "\r\n")
}

func program(t testing.TB, name, path string) string {
	t.Helper()
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is not installed", name)
		}
		t.Skipf("%s is not installed: make deps-test", name)
	}
	return path
}

func freePort(t testing.TB) string {
	t.Helper()
	port, err := freeport.TCP()
	if err != nil {
		t.Fatal(err)
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
