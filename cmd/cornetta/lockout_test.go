//go:build linux

package main

import (
	"strings"
	"sync"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/status"
)

// TestNobodyIsLockedOut: however many programs try a wrong password at one moment, for
// whichever user and under whatever name of the PBX, at most three logins are refused
// in ten minutes: what counts them, such as fail2ban, counts this computer's address.
func TestNobodyIsLockedOut(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	flags := accountFlags(pbx.Addr(), "7101")
	account := func(option, value string) []string {
		changed := append([]string(nil), flags...)
		for i, f := range changed {
			if f == option {
				changed[i+1] = value
			}
		}
		return changed
	}
	s.must("wrong", flags...)
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			args := []string{"extensions"} // which logs in as well; of those that dial only one does so at a time
			if i == 0 {
				args = []string{"dial", "7102"}
			}
			if _, errs, code := s.run("", args...); code != exitNoLink ||
				!strings.Contains(errs, "Login refused") && !strings.Contains(errs, "Too many logins were refused") {
				t.Errorf("exit status %d: %s", code, errs)
			}
		})
	}
	all.Wait()
	if n := pbx.LoginsRefused(); n != 3 {
		t.Errorf("%d logins of eight programs that began at once", n)
	}
	s.agent()
	s.tray("Too many logins were refused")
	for _, other := range [][]string{
		account("--user", "another"), account("--host", "LOCALHOST"), account("--host", "::ffff:7f00:1"), account("--host", "::ffff:127.0.0.1"),
	} {
		s.must("wrong", other...)
		s.run("", "dial", "7102")
		s.run("", "extensions")
		s.Wait("the agent to say that it waits", func() bool {
			st := s.status()
			return st.Trouble != nil && st.Trouble.Code == status.CodeLoginsHeld
		})
	}
	if n := pbx.LoginsRefused(); n != 3 {
		t.Errorf("%d logins with another user and under other names", n)
	}
	s.must("wrong", flags...)
	s.must(pbxsim.Secret, flags...) // the person changes the password of this account
	s.tray("Ready")
	if n := pbx.LoginsRefused(); n != 3 {
		t.Errorf("%d logins", n)
	}
}
