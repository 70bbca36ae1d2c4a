//go:build linux

// Package soak lets Dialers work for a long time while everything around them
// goes wrong, and looks for what does not show in a single call: a call that
// nobody asked for, one that never ends, and memory, goroutines and descriptors
// that are not given back. It has nothing but this test.
//
// A user has a Dialer, a PBX and a proxy between them that can disturb the
// connection. The users work at the same time: pbxsim in its flavours, in clear
// and encrypted, and a real Asterisk 22. Calls to which nothing happens alternate
// with calls to which people and faults happen; a number is never called twice,
// so that each Originate at a PBX can be compared with who asked for it. Every
// minute all users pause, each PBX is started again, and what the process holds is
// measured: it must be the same each time.
//
//	make soak MINUTES=60
//
// In the ordinary tests it takes twenty seconds and leaves out the faults that
// last long. The seed that it prints gives the same people and faults again,
// not the same order of what runs beside each other.
package soak

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"math/big"
	mathrand "math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cornetta/ami/asterisktest"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/config"
)

var (
	soakFor = flag.Duration("soak", 20*time.Second, "how long to soak")
	seed    = flag.Uint64("seed", 0, "of the random numbers; 0: another one each time")
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	// longRun is from when on the heap is judged; before, its line says nothing.
	longRun = 10 * time.Minute

	// simUsers is how many users have a PBX that is built in. A call takes a
	// second, most of it waiting.
	simUsers = 20

	// maxSlope is how much the heap may grow in an hour, in bytes, twice the
	// line's standard error taken off. The users make more than a hundred thousand
	// calls in an hour, so it is less than a byte a call, and no trace of a call is
	// as small; what grows by time alone would have to go on for months.
	maxSlope = 100 << 10
)

func TestSoak(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it takes as long as it is told")
	}
	if *seed == 0 {
		*seed = mathrand.Uint64()
	}
	say := func(format string, args ...any) { fmt.Fprintf(t.Output(), format+"\n", args...) }
	say("seed %d, for %v", *seed, *soakFor)
	b := newTally(*seed)
	users := newUsers(t, b)
	defer func() {
		for _, d := range users {
			d.end()
		}
	}()

	begun := time.Now()
	period := min(time.Minute, *soakFor/4)
	var samples []sample
	for time.Since(begun) < *soakFor {
		ctx, cancel := context.WithTimeout(context.Background(), period)
		all(users, func(d *user) { d.work(ctx) })
		cancel()
		all(users, func(d *user) { d.rest() })
		var first *sample
		if len(samples) > 0 {
			first = &samples[0]
		}
		var s sample
		for range 5 { // a session may have ended that was taken for a live one
			all(users, func(d *user) { d.connect() })
			s = measure(begun, first)
			if !slices.ContainsFunc(users, func(d *user) bool { return d.proxy.live() == 0 }) {
				break
			}
		}
		samples = append(samples, s)
		line := s.String()
		if perHour, stderr, ok := slope(samples); ok {
			line += fmt.Sprintf("  slope %+.0f ± %.0f KiB/h", perHour/1024, stderr/1024)
		}
		say("%s  %s", line, b.calls())
		for _, wrong := range b.newFaults() {
			say("WRONG: %s", wrong)
		}
		if first != nil && s.moreThan(*first) {
			t.Errorf("after %v: %d goroutines and %d descriptors, %d and %d at the first rest\n%s",
				s.at.Round(time.Second), s.goroutines, s.descriptors, first.goroutines, first.descriptors, goroutines())
			break
		}
	}
	say("%s", b.table())
	for _, wrong := range b.verdict() {
		t.Error(wrong)
	}
	if b.asked == 0 || b.sent == 0 {
		t.Error("nobody called")
	}
	if *soakFor < longRun {
		return
	}
	if perHour, stderr, ok := slope(samples); ok && perHour-2*stderr > maxSlope {
		t.Errorf("the heap grows by %.0f ± %.0f KiB an hour", perHour/1024, stderr/1024)
	}
}

// all does something at all users at once.
func all(users []*user, f func(*user)) {
	var wg sync.WaitGroup
	for _, d := range users {
		wg.Go(func() { f(d) })
	}
	wg.Wait()
}

func newUsers(t *testing.T, b *tally) []*user {
	t.Helper()
	pair, pin := certificate(t)
	encrypted := &tls.Config{Certificates: []tls.Certificate{pair}}
	var users []*user
	for i := range simUsers {
		d := &user{mode: config.ConnectionOnDemand}
		d.account.Syntax = config.SyntaxVariables
		if i%2 == 1 {
			d.mode = config.ConnectionKept
		}
		if i%3 == 0 {
			d.account.Syntax = config.SyntaxWrapper
		}
		var secured *tls.Config
		if i%5 == 4 {
			secured, d.account.TLS, d.account.TLSPin = encrypted, true, pin
		}
		flavours := pbxsim.Flavours()
		flavour := flavours[len(flavours)-1-i%len(flavours)]
		d.name = fmt.Sprintf("user %d (%s, %s)", i, flavour, d.mode)
		var err error
		if d.pbx, err = startSim(flavour, secured); err != nil {
			t.Fatal(err)
		}
		users = append(users, d)
	}
	switch a, err := asterisktest.Launch(t.TempDir(), asterisktest.V22); {
	case errors.Is(err, asterisktest.ErrNotSetUp) && os.Getenv("CI") == "":
		t.Logf("without a real Asterisk: %v", err)
	case err != nil:
		t.Fatal(err)
	default:
		d := &user{name: "Asterisk 22", pbx: &asteriskPBX{a}, mode: config.ConnectionOnDemand}
		d.account.Syntax = config.SyntaxVariables
		users = append(users, d)
	}
	for i, d := range users {
		var err error
		if d.proxy, err = newProxy(d.account.TLS); err != nil {
			t.Fatal(err)
		}
		d.rng, d.tally, d.brief = mathrand.New(mathrand.NewPCG(*seed, uint64(i+1))), b, *soakFor < longRun
		if err := d.begin(); err != nil {
			t.Fatal(err)
		}
	}
	return users
}

// certificate is a self-signed one, and what to pin.
func certificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(240 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, strings.ToLower(hex.EncodeToString(sum[:]))
}
