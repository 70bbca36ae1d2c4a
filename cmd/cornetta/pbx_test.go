package main

import (
	"encoding/json"
	"net"
	"strings"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
)

func startPBX(t testing.TB) *pbxsim.PBX {
	t.Helper()
	p, err := pbxsim.Start(pbxsim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

func accountFlags(addr, ext string) []string {
	host, port, _ := net.SplitHostPort(addr)
	return []string{
		"account", "set", "--host", host, "--port", port, "--tls", "off", "--user", pbxsim.Username,
		"--extension", ext, "--tenant", pbxsim.Tenant, "--syntax", "variables", "--prefix", "0",
		"--timeout", "10s", "--secret-stdin",
	}
}

// originated are the numbers that the PBX was asked to call.
func originated(p *pbxsim.PBX) string {
	var all []string
	for _, o := range p.Originates() {
		all = append(all, o.Get("Exten"))
	}
	return strings.Join(all, " ")
}

// statesOf reads what `dial --json` printed.
func statesOf(t testing.TB, out string) string {
	t.Helper()
	var states []string
	for line := range strings.Lines(out) {
		var l struct {
			At     time.Time
			State  string
			Number string
			Cause  string
			Talked float64 `json:"duration_s"`
		}
		d := json.NewDecoder(strings.NewReader(line))
		if err := d.Decode(&l); err != nil || l.At.IsZero() || l.Number == "" {
			t.Fatalf("not a line of the promised form: %q %v", line, err)
		}
		if l.Cause != "" {
			l.State += "(" + l.Cause + ")"
		}
		states = append(states, l.State)
	}
	return strings.Join(states, " ")
}
