//go:build windows

package main

import (
	"encoding/json"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/status"
)

// TestDoctorOnWindows: the way of a call is in order, and what Windows has none of is not
// looked for.
func TestDoctorOnWindows(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret+"\r\n", accountFlags(pbx.Addr(), "7101")...)
	out, errs, code := s.run("", "doctor", "--json")
	var d struct{ Checks []status.Finding }
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		t.Fatalf("exit status %d, %v\n%s%s", code, err, out, errs)
	}
	states := map[string]status.FindingState{}
	for _, f := range d.Checks {
		states[f.ID] = f.State
		t.Logf("%-14s %-8s %5d ms  %s", f.ID, f.State, f.TookMS, f.Seen)
	}
	for _, id := range []string{"settings", "name", "port", "tls", "banner", "keyring", "login", "rights", "clock", "tenant", "extension", "tray", "notifications", "others", "disk"} {
		if states[id] != status.FindingOK {
			t.Errorf("%s: %q", id, states[id])
		}
	}
	if states["agent"] != status.FindingWarning {
		t.Errorf("agent: %q", states["agent"])
	}
	for _, id := range []string{"session_bus", "display"} {
		if states[id] != "" {
			t.Errorf("there is a check %s", id)
		}
	}
}
