//go:build linux

package main

import (
	"crypto/tls"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// TestCertificateChanged: another certificate than the one that was trusted stops
// everything, and is named in the tray. In Settings the person compares the new
// one, sees the old one beside it, and trusts it deliberately.
func TestCertificateChanged(t *testing.T) {
	certificate, pin := certify(t)
	_, before := certify(t)
	pbx, err := pbxsim.Start(pbxsim.Options{TLS: &tls.Config{Certificates: []tls.Certificate{certificate}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pbx.Close() })
	s := newSeat(t)
	s.must(pbxsim.Secret, append(accountFlags(pbx.Addr(), "7101"), "--tls", "on", "--tls-pin", before)...)
	s.agent()
	changed := words.Problem(status.Problem{Code: status.CodeCertChanged}).What
	f := s.openSettings(changed)
	f.look("1-settings")
	f.click(37, f.window.Bounds().Dy()-30) // Check
	f.look("2-checked")
	if n := pbx.Logins(); n != 0 || s.account().TLSPin != before {
		t.Errorf("%d logins before the yes, and the pin is %s", n, s.account().TLSPin)
	}
	f.compared(122)
	f.look("3-compared")
	f.Key("Tab", "Return") // Trust
	s.Wait("the login with the new certificate", func() bool { return pbx.Logins() == 1 })
	f.look("4-trusted")
	f.saved()
	if a := s.account(); a.TLSPin != pin {
		t.Errorf("the pin is %s, want %s", a.TLSPin, pin)
	}
	s.tray("Ready")
	s.must("", "dial", "--no-wait", "039050123407")
	s.waitState(call.InCall)
	s.must("", "hangup")
	s.waitState(call.Ended)
}
