//go:build linux

package asterisktest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
)

func TestRights(t *testing.T) {
	onEach(t, func(t *testing.T, p *PBX) {
		s := asKalliopeUser(t, p)
		for action, allowed := range map[string]bool{
			"Ping": true, "Events": true, "Status": true,
			"Command": false, "CoreShowChannels": false, "PJSIPShowEndpoints": false, "Filter": false,
		} {
			m, err := s.do(action, "Command: core show version", "EventMask: call", "Operation: Add", "Filter: x")
			if err != nil {
				t.Fatal(err)
			}
			if denied := m.get("Message") == "Permission denied"; denied == allowed {
				t.Errorf("%s: %v", action, m)
			}
		}
		_, err := openSession(p.Addr(), p.Username(), "wrong", "off", time.Now().Add(10*time.Second))
		if !errors.Is(err, errLogin) {
			t.Errorf("a wrong secret: %v", err)
		}
	})
}

func TestExtensionStateList(t *testing.T) {
	var want []string
	for _, e := range pbxsim.Extensions {
		state := "Idle"
		if e.Phone == pbxsim.NotConnected {
			state = "Unavailable"
		}
		want = append(want, e.Number+"@outbound PJSIP/"+e.Number+" "+state)
	}
	onEach(t, func(t *testing.T, p *PBX) {
		s := asKalliopeUser(t, p)
		id, err := s.send("ExtensionStateList")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for {
			m, err := s.read()
			if err != nil {
				t.Fatal(err)
			}
			if m.get("ActionID") != id {
				continue
			}
			if m.get("Event") == "ExtensionStateListComplete" {
				break
			}
			if m.get("Event") == "ExtensionStatus" {
				got = append(got, m.get("Exten")+"@"+m.get("Context")+" "+m.get("Hint")+" "+m.get("StatusText"))
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestTLS(t *testing.T) {
	onEach(t, func(t *testing.T, p *PBX) {
		roots := x509.NewCertPool()
		if !roots.AppendCertsFromPEM(p.CertPEM()) {
			t.Fatal("CertPEM is no certificate")
		}
		conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", p.TLSAddr(), &tls.Config{RootCAs: roots})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		banner := make([]byte, len("Asterisk Call Manager/"))
		if _, err := io.ReadFull(conn, banner); err != nil || string(banner) != "Asterisk Call Manager/" {
			t.Errorf("banner %q, %v", banner, err)
		}
	})
}

func TestRestart(t *testing.T) {
	onEach(t, func(t *testing.T, p *PBX) {
		s := asKalliopeUser(t, p)
		addr, pid := p.Addr(), p.PID()
		if err := p.Kill(); err != nil {
			t.Fatal(err)
		}
		if _, err := s.do("Ping"); err == nil {
			t.Error("a killed PBX answers")
		}
		if err := p.Restart(); err != nil {
			t.Fatal(err)
		}
		if p.Addr() != addr || p.PID() == pid {
			t.Errorf("restarted at %s (was %s), process %d (was %d)", p.Addr(), addr, p.PID(), pid)
		}
		asKalliopeUser(t, p)
	})
}

func TestPause(t *testing.T) {
	onEach(t, func(t *testing.T, p *PBX) {
		s := asKalliopeUser(t, p)
		if err := p.Pause(); err != nil {
			t.Fatal(err)
		}
		if err := s.conn.SetDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.do("Ping"); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("while paused: %v", err)
		}
		if err := errors.Join(p.Resume(), s.conn.SetDeadline(time.Now().Add(10*time.Second))); err != nil {
			t.Fatal(err)
		}
		if _, err := s.do("Ping"); err != nil {
			t.Errorf("when resumed: %v", err)
		}
	})
}

// Everything listens on the loopback, and every module is there.
func TestHousekeeping(t *testing.T) {
	onEach(t, func(t *testing.T, p *PBX) {
		ctx := context.Background()
		out, err := p.CLI(ctx, "core show settings")
		version := regexp.MustCompile(`(?m)^ *Version: +` + strconv.Itoa(int(p.Version())) + `\.`)
		if err != nil || !version.MatchString(out) {
			t.Errorf("not version %d: %v\n%s", p.Version(), err, out)
		}
		out, err = p.CLI(ctx, "module show")
		if err != nil {
			t.Fatal(err)
		}
		running := 0
		for line := range strings.Lines(out) {
			if strings.Contains(line, ".so ") && strings.Contains(line, " Running ") {
				running++
			}
		}
		if running != len(modules()) {
			t.Errorf("%d modules run of %d:\n%s", running, len(modules()), out)
		}
		// In a call, because voice has ports of its own.
		s := asKalliopeUser(t, p)
		c := mustDial(t, s, variables, "7101", "039050123407", func(c *call) bool { return c.outlived })
		for _, bad := range listenersElsewhere(t, p.PID()) {
			t.Errorf("listens on %s", bad)
		}
		hangUp(t, s, c, "7101", strings.Fields(c.names())[0])
		if err := p.Reload(ctx); err != nil {
			t.Error(err)
		}
		if used, err := p.CPU(); err != nil || used <= 0 || used > 20*time.Second {
			t.Errorf("CPU %v, %v", used, err)
		}
		log, err := os.ReadFile(filepath.Join(p.Dir(), "log", logFile))
		if err != nil || bytes.Contains(log, []byte("ERROR")) || bytes.Contains(log, []byte("WARNING")) {
			t.Errorf("%v; log:\n%s", err, log)
		}
	})
}

// listenersElsewhere returns the local addresses, as the kernel's hex, of the
// process's sockets that are bound to something else than 127.0.0.1. One UDP
// socket of each family is let through: PJSIP's DNS client has them, cannot be
// told not to, and never sends, as no name is ever looked up.
func listenersElsewhere(t *testing.T, pid int) []string {
	t.Helper()
	fds, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	mine := map[string]bool{}
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil {
			if inode, ok := strings.CutPrefix(to, "socket:["); ok {
				mine[strings.TrimSuffix(inode, "]")] = true
			}
		}
	}
	var elsewhere []string
	found := 0
	resolver := map[string]bool{"udp": true, "udp6": true}
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
		text, err := os.ReadFile("/proc/net/" + table)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			f := strings.Fields(line)
			if len(f) < 10 || !mine[f[9]] {
				continue
			}
			found++
			switch {
			case strings.HasPrefix(f[1], "0100007F:"):
			case resolver[table]:
				resolver[table] = false
			default:
				elsewhere = append(elsewhere, table+" "+f[1])
			}
		}
	}
	if found < 7 {
		t.Errorf("found %d sockets of Asterisk, want AMI, TLS, SIP and four of RTP at least", found)
	}
	return elsewhere
}

// TestTLSGuide does what the administrator's guide says of TLS, to the letter but for the
// paths, the owner of the key and the port.
func TestTLSGuide(t *testing.T) {
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	p := Start(t, V22)
	guide, err := os.ReadFile("../../docs/en/administrator.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(guide), "\n### TLS for the AMI, step by step\n")
	section = strings.ReplaceAll(section, "/etc/asterisk", filepath.Join(p.Dir(), "etc"))
	block := func(kind string) string {
		_, code, _ := strings.Cut(section, "\n```"+kind+"\n")
		code, _, _ = strings.Cut(code, "\n```\n")
		return code + "\n"
	}
	commands := regexp.MustCompile(`(?m)^chown.*\n`).ReplaceAllString(block("sh"), "")
	conf, _ := strings.CutPrefix(block("ini"), "[general]\n")
	out, err := exec.CommandContext(t.Context(), "sh", "-ec", commands).CombinedOutput()
	_, fingerprint, found := strings.Cut(string(out), "ingerprint=")
	if err != nil || !found {
		t.Fatalf("%v: %s", err, out)
	}
	fingerprint = strings.ToLower(strings.ReplaceAll(strings.TrimSpace(fingerprint), ":", ""))

	path := filepath.Join(p.Dir(), "etc", "manager.conf")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	general, users, _ := strings.Cut(string(text), "\n\n") // of the users' the guide says nothing
	kept := regexp.MustCompile(`(?m)^(port|webenabled) = .*$`).FindAllString(general, -1)
	settings := strings.Replace(conf, "0.0.0.0:5039", p.TLSAddr(), 1)
	if !strings.Contains(settings, p.TLSAddr()) {
		t.Fatalf("the guide has no tlsbindaddr:\n%s", settings)
	}
	text = []byte("[general]\n" + settings + strings.Join(kept, "\n") + "\n\n" + users)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := p.CLI(t.Context(), "manager reload"); err != nil {
		t.Fatal(err)
	}
	conn, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", p.TLSAddr(), &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	leaf := conn.ConnectionState().PeerCertificates[0]
	if sum := sha256.Sum256(leaf.Raw); hex.EncodeToString(sum[:]) != fingerprint {
		t.Errorf("it shows another certificate than the guide's, %s", leaf.Subject)
	}
	if err := leaf.VerifyHostname("pbx.example.com"); err != nil {
		t.Error(err)
	}
	if shown, err := p.CLI(t.Context(), "manager show settings"); err != nil || !regexp.MustCompile(`TLS Enable: *Yes`).MatchString(shown) {
		t.Errorf("%v: %s", err, shown)
	}
}
