//go:build linux

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
	"github.com/jezek/xgb/xtest"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/status"
)

// BenchmarkPress measures what a person waits for who copied a number and
// presses the keys: until the last byte of the Originate is at the PBX. Warm is
// with a session that is open, cold from nothing, with TLS and the challenge.
// Far is cold through a network of 20 ms a round trip.
func BenchmarkPress(b *testing.B) {
	const roundTrip = 20 * time.Millisecond
	for _, bc := range []struct {
		name string
		cold bool
		trip time.Duration
	}{{"warm", false, 0}, {"cold", true, 0}, {"far", true, roundTrip}} {
		b.Run(bc.name, func(b *testing.B) {
			certificate, pin := certify(b)
			pbx, err := pbxsim.Start(pbxsim.Options{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}})
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = pbx.Close() })
			addr := pbx.Addr()
			if bc.trip > 0 {
				addr = carry(b, addr, road{trip: bc.trip})
			}
			s := benchSeat(b, addr, "--tls", "on", "--tls-pin", pin)
			press := keyboard(b, s.Display())
			rests := status.Ready
			if !bc.cold {
				s.keep()
				rests = status.Connected
			}
			var agent *child
			begin := func() {
				agent = s.start(programs + "/cornetta")
				s.tray("Ready")
				s.waitLink(rests) // by then it has the keys, which the next line tries to take
				s.waitGrabbed()
				// A session that was opened to check is gone before the press.
				s.Wait("the PBX to be as quiet", func() bool { return (pbx.Sessions() == 0) == bc.cold })
			}
			var took durations
			for i := range *benchTimes {
				// After some calls of one minute the next is asked about.
				again := bc.cold || i%maxUnasked == 0
				if again && i > 0 {
					agent.end()
				}
				if again {
					begin()
				}
				s.Copy(fmt.Sprintf("050 1%05d03", i)) // it is busy, which ends the call
				before := len(pbx.Originates())
				began := press()
				s.Wait("the Originate", func() bool { return len(pbx.Originates()) > before })
				took = append(took, pbx.Originates()[before].At.Sub(began))
				s.waitOver()
			}
			agent.end()
			took.report(b, bc.name)
			if bc.trip > 0 {
				b.ReportMetric(float64(took.median())/float64(bc.trip), "round-trips")
			}
		})
	}
}

// keyboard returns a function that presses Ctrl+Alt+G, and says when the last
// key went down.
func keyboard(b *testing.B, display string) (press func() time.Time) {
	b.Helper()
	return keysOf(b, display, 0xffe3, 0xffe9, 'g') // Control_L, Alt_L and the default's letter
}

// keysOf returns a function that presses keys together, and says when the last one went
// down: xdotool would be a program to start first.
func keysOf(b *testing.B, display string, syms ...xproto.Keysym) (press func() time.Time) {
	b.Helper()
	x, err := xgb.NewConnDisplay(display)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(x.Close)
	if err := xtest.Init(x); err != nil {
		b.Fatal(err)
	}
	setup := xproto.Setup(x)
	first := setup.MinKeycode
	table, err := xproto.GetKeyboardMapping(x, first, byte(setup.MaxKeycode-first+1)).Reply()
	if err != nil {
		b.Fatal(err)
	}
	code := func(sym xproto.Keysym) byte {
		for i, s := range table.Keysyms {
			if s == sym {
				return byte(first) + byte(i/int(table.KeysymsPerKeycode))
			}
		}
		b.Fatalf("no key %#x", sym)
		return 0
	}
	var keys []byte
	for _, sym := range syms {
		keys = append(keys, code(sym))
	}
	send := func(kind, key byte) {
		if err := xtest.FakeInputChecked(x, kind, key, 0, setup.DefaultScreen(x).Root, 0, 0, 0).Check(); err != nil {
			b.Fatal(err)
		}
	}
	return func() (began time.Time) {
		for _, k := range keys {
			began = time.Now()
			send(xproto.KeyPress, k)
		}
		for i := range keys {
			send(xproto.KeyRelease, keys[len(keys)-1-i])
		}
		return began
	}
}

// certify makes a certificate for the loopback, and its fingerprint.
func certify(b testing.TB) (tls.Certificate, string) {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	like := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, like, like, key.Public(), key)
	if err != nil {
		b.Fatal(err)
	}
	sum := sha256.Sum256(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, hex.EncodeToString(sum[:])
}
