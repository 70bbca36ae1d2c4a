//go:build linux

package main

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"cornetta/ami/asterisktest"
	"cornetta/ami/pbxsim"
)

// desks is how many people are enrolled; the first two call.
const desks = 50

// TestRollOut: one file of an administrator's for each of many people, who are asked for
// the password and nothing else: all of them can log in at a real Asterisk, over TLS with
// its certificate, and dial, although all come from one address.
func TestRollOut(t *testing.T) {
	pbx := asterisktest.Start(t, asterisktest.V22)
	s := newSeat(t)
	dir := t.TempDir()
	host, port, _ := net.SplitHostPort(pbx.TLSAddr())
	enrolment := fmt.Sprintf(`enrolment = 1

[account]
host = %q
port = %s
tls = true
tls_pin = %q
username = %q
tenant = %q
prefix = %q
`, host, port, pbx.Fingerprint(), pbxsim.Username, pbxsim.Tenant, pbxsim.OutboundPrefix)

	began := time.Now()
	person := func(n int) error {
		home := filepath.Join(dir, fmt.Sprint("desk", n))
		extension := fmt.Sprint(7101 + n%2)
		file := filepath.Join(home, "you.cornetta-enroll")
		text := enrolment + fmt.Sprintf("extension = %q\n\n[numbers]\nregion = \"IT\"\n", extension)
		if err := os.MkdirAll(home, 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return err
		}
		run := func(stdin string, args ...string) (string, error) {
			cmd := s.cornetta(args...)
			cmd.Env = append(cmd.Env, "XDG_CONFIG_HOME="+filepath.Join(home, "config"), "XDG_STATE_HOME="+filepath.Join(home, "state"))
			var out bytes.Buffer
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &out
			if err := cmd.Run(); err != nil {
				return "", fmt.Errorf("desk %d: cornetta %s: %w\n%s", n, strings.Join(args, " "), err, &out)
			}
			return out.String(), nil
		}
		if n%2 == 0 {
			if _, err := run(text, "account", "enroll", "-", "--yes"); err != nil {
				return err
			}
		}
		if _, err := run(pbxsim.Secret+"\n", "account", "enroll", file, "--yes", "--secret-stdin"); err != nil {
			return err
		}
		if out, err := run("", "extensions"); err != nil || !strings.Contains(out, extension) { // a login
			return fmt.Errorf("desk %d: %s%w", n, out, err)
		}
		if n < 2 {
			if _, err := run("", "dial", pbxsim.EchoService, "--no-wait"); err != nil {
				return err
			}
			if _, err := run("", "hangup"); err != nil {
				return err
			}
		}
		return nil
	}
	var wg sync.WaitGroup
	next := make(chan int)
	for range 4 {
		wg.Go(func() {
			for n := range next {
				if err := person(n); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := range desks {
		next <- n
	}
	close(next)
	wg.Wait()
	t.Logf("%d people in %v", desks, time.Since(began).Round(100*time.Millisecond))
}
