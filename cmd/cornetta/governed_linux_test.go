package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// The programs as an administrator rolls them out: under a policy in /etc/cornetta, which
// here is a folder of the test's in the mount namespace of each program, and set up by a
// file that is opened with a double click.

// governedSeat is a person whose programs see a policy.
type governedSeat struct {
	*seat
	folder, setup string
}

func newGovernedSeat(t *testing.T) *governedSeat {
	t.Helper()
	g := &governedSeat{newSeat(t), t.TempDir(), ""}
	if err := os.Chmod(g.folder, 0o755); err != nil {
		t.Fatal(err)
	}
	g.setup = fmt.Sprintf(`mount -t tmpfs none %[1]q; mkdir -p %[1]q/upper/cornetta %[1]q/work; chmod 755 %[1]q/upper
		mount -t overlay overlay -o lowerdir=/etc,upperdir=%[1]q/upper,workdir=%[1]q/work /etc; mount --bind %[2]q /etc/cornetta`, t.TempDir(), g.folder)
	return g
}

// under runs a command that sees the policy.
func (g *governedSeat) under(stdin string, args ...string) string {
	g.t.Helper()
	cmd := g.inside(g.setup, `exec "$0" "$@"`, args...)
	var out strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &out
	if err := cmd.Run(); err != nil {
		g.t.Fatalf("cornetta %s: %v\n%s", strings.Join(args, " "), err, out.String())
	}
	return out.String()
}

// says writes the policy.
func (g *governedSeat) says(policy string) {
	g.t.Helper()
	if err := os.WriteFile(filepath.Join(g.folder, "policy.toml"), []byte(policy), 0o644); err != nil {
		g.t.Fatal(err)
	}
}

// authority is one of a company's own, and a server's certificate of it.
func authority(t *testing.T, folder, name string) (pemPath string, server tls.Certificate) {
	t.Helper()
	make := func(template, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if parent == nil {
			parent, signer = template, key
		}
		der, err := x509.CreateCertificate(rand.Reader, template, parent, key.Public(), signer)
		if err != nil {
			t.Fatal(err)
		}
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		return cert, key
	}
	from, to := time.Now().Add(-time.Hour), time.Now().Add(24*time.Hour)
	ca, key := make(&x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, NotBefore: from, NotAfter: to,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, nil)
	leaf, leafKey := make(&x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "pbx"}, NotBefore: from, NotAfter: to,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}, ca, key)
	pemPath = filepath.Join(folder, name+".pem")
	if err := os.WriteFile(pemPath, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Raw}), 0o644); err != nil {
		t.Fatal(err)
	}
	return pemPath, tls.Certificate{Certificate: [][]byte{leaf.Raw, ca.Raw}, PrivateKey: leafKey}
}

// TestGoverned: a company's own authority comes with a policy, and the PBX is trusted by
// it; what the policy says next is in force on the command line, in the agent that runs,
// and in its windows.
func TestGoverned(t *testing.T) {
	g := newGovernedSeat(t)
	ours, cert := authority(t, g.folder, "ours")
	theirs, _ := authority(t, g.folder, "theirs")
	pbx, err := pbxsim.Start(pbxsim.Options{TLS: &tls.Config{Certificates: []tls.Certificate{cert}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pbx.Close() })
	policy := func(ca, more string) {
		t.Helper()
		g.says("[locked.account]\ntls = true\ntls_ca = \"/etc/cornetta/" + filepath.Base(ca) + "\"\n" + more)
	}
	policy(ours, "")
	set := accountFlags(pbx.Addr(), "7101")
	set[slices.Index(set, "off")] = "on"
	g.under(pbxsim.Secret, set...)
	if out := g.under("", "extensions"); !strings.Contains(out, "7101") {
		t.Error(out)
	}
	g.agentOn(g.inside(g.setup, `exec "$0"`))
	item := g.tray("Ready")

	// What is forbidden is refused at once, whoever asks.
	const abroad = "+44 20 7946 0018"
	if out := g.under("", "explain", abroad); strings.Contains(out, "switched off") {
		t.Error(out)
	}
	policy(ours, "[locked]\nabroad = \"never\"\n")
	if out, errs, code := g.run("", "dial", abroad); code != exitNotNumber || originated(pbx) != "" {
		t.Errorf("dialled: exit status %d\n%s%s", code, out, errs)
	}
	g.PickTrayMenu(item, words.Text(words.LabelSettings))
	w := g.Window("^" + words.Text(words.TitleSettings) + "$")
	g.Wait("the settings to have the focus", w.Focused)
	f := &firstRun{g.seat, w}
	f.waitButton()
	g.look("settings")
	g.Key("Escape")
	w.WaitGone()

	// Another authority: the PBX is trusted no more, by the agent that runs either.
	policy(theirs, "")
	g.until("the agent to trust the PBX no more", func() { g.run("", "dial", "050 123402", "--no-wait") }, func() bool {
		s := g.status()
		return s.Trouble != nil && s.Trouble.Code == status.CodeCertUnknownCA
	})
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s through a PBX that nobody vouches for", n)
	}
	policy(ours, "")
	g.until("the agent to trust the PBX again", func() { g.run("", "dial", "050 123402", "--no-wait") }, func() bool { return originated(pbx) != "" })
}

// TestEnrolmentByDoubleClick: a file that an administrator sent is opened with a double
// click; its question is answered, and what it says is in force, directories and own rules
// too. What is left to do is the password.
func TestEnrolmentByDoubleClick(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must("", "install")
	host, port, _ := net.SplitHostPort(pbx.Addr())
	file := filepath.Join(s.Home(), "Our company.cornetta-enroll")
	text := fmt.Sprintf(`enrolment = 1
for = "mrossi"
directories = "ldaps://directory.invalid/ou=people,dc=example,dc=com"
[account]
host = %q
port = %s
username = %q
tenant = %q
extension = "7101"
prefix = "0"
[numbers]
region = "IT"
own_rules = ["7xx = 050 1234 7xx"]
`, host, port, pbxsim.Username, pbxsim.Tenant)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, opener := range [][]string{{"xdg-open"}, {"gio", "open"}} {
		if out, err := s.output(opener[0], append(opener[1:], file)...); err != nil {
			t.Fatalf("%v: %v\n%s", opener, err, out)
		}
		w := s.Window("^" + words.Text(words.TitleEnrolment) + "$")
		s.Wait("the question to have the focus", w.Focused)
		s.look("asked by " + opener[0])
		if opener[0] == "xdg-open" {
			s.sayNo(w)
			if out, _, code := s.run("", "account", "show"); code != exitNoLink {
				t.Fatalf("after a no there is an account:\n%s", out)
			}
			continue
		}
		s.sayYes(w)
		w.WaitGone()
	}
	if out := s.must("", "account", "show", "--json"); !strings.Contains(out, `"host":"`+host+`"`) || !strings.Contains(out, `"extension":"7101"`) {
		t.Error(out)
	}
	if out := s.must("", "contacts", "sources", "--json"); !strings.Contains(out, `"url":"ldaps://directory.invalid"`) || !strings.Contains(out, `"given":true`) {
		t.Error(out)
	}
	if out := s.must("", "policy"); !strings.Contains(out, "7xx = 050 1234 7xx") {
		t.Error(out)
	}
	a := s.Window("^" + words.Text(words.TitleAssistant) + "$")
	s.Wait("the assistant to ask for the password", a.Focused)
	s.look("password")
	s.must("", "quit")
	s.must("", "uninstall")
}
