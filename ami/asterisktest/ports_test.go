//go:build linux

package asterisktest

import (
	"crypto/rand"
	"errors"
	"net"
	"testing"
	"time"
)

// A port that somebody took in the meantime is noticed, whichever it is, so
// that Launch can choose others.
func TestPortTaken(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer udp.Close()
	tcpPort, udpPort := ln.Addr().(*net.TCPAddr).Port, udp.LocalAddr().(*net.UDPAddr).Port

	for _, v := range Versions {
		from := Start(t, v).settings.Root // skips where there is none
		for name, take := range map[string]func(*settings){
			"AMI": func(s *settings) { s.AMIPort = tcpPort },
			"TLS": func(s *settings) { s.TLSPort = tcpPort },
			"SIP": func(s *settings) { s.SIPPort = udpPort },
		} {
			t.Run(v.String()+"/"+name, func(t *testing.T) {
				p := &PBX{version: v, settings: settings{Root: from, Dir: t.TempDir(), AdminSecret: rand.Text()}}
				var err error
				if p.settings.AMIPort, p.settings.TLSPort, p.settings.SIPPort, err = freePorts(); err != nil {
					t.Fatal(err)
				}
				take(&p.settings)
				if p.cert, err = newCertificate(); err != nil {
					t.Fatal(err)
				}
				if err := p.settings.write(p.cert); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				if err := p.startLocked(); !errors.Is(err, errPortTaken) {
					t.Errorf("after %v: %v", time.Since(began), err)
				}
			})
		}
	}
}
