//go:build linux

package dialer

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cornetta/ami/asterisktest"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
	"cornetta/internal/freeport"
)

// TestScenariosOnAsterisk places the same calls on real PBXes.
func TestScenariosOnAsterisk(t *testing.T) {
	for _, v := range asterisktest.Versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			p := asterisktest.Start(t, v)
			pbx := strings.ToLower(strings.ReplaceAll(v.String(), " ", "-"))
			runs := runsFor(t, pbx, p.Addr())
			placeAll(t, runs, nil, 8)
			checkRuns(t, pbx, runs)
		})
	}
}

// TestKeyInOnAsterisk has a real PBX key in what follows the answer; the far side hangs up
// when it has heard all of it.
func TestKeyInOnAsterisk(t *testing.T) {
	for _, v := range asterisktest.Versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			p := asterisktest.Start(t, v)
			d := startDialer(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables), config.ConnectionOnDemand)
			snapshots, cancel := d.Subscribe()
			defer cancel()
			if _, err := d.Dial(t.Context(), keyed(asterisktest.KeyedFar, ","+asterisktest.KeyedDigits, true)); err != nil {
				t.Fatal(err)
			}
			late := time.After(time.Minute) // it hangs up by nothing else
			for {
				select {
				case s := <-snapshots:
					if s.Call == nil || s.Call.Live() {
						continue
					}
					if !s.Call.Success() {
						t.Errorf("%+v", s.Call)
					}
				case <-late:
					t.Errorf("the far side has not heard the digits: %+v", d.Snapshot().Call)
				}
				return
			}
		})
	}
}

// TestProbeAndExtensionsOnAsterisk: what the assistant asks of a PBX.
func TestProbeAndExtensionsOnAsterisk(t *testing.T) {
	for _, v := range asterisktest.Versions {
		t.Run(v.String(), func(t *testing.T) {
			p := asterisktest.Start(t, v)
			clear := accountAt(t, p.Addr(), "7101", config.SyntaxVariables)
			encrypted := accountAt(t, p.TLSAddr(), "7101", config.SyntaxVariables)
			encrypted.TLS = true
			pinned, changed := encrypted, encrypted
			pinned.TLSPin = p.Fingerprint()
			changed.TLSPin = strings.Repeat("ab", 32)
			company, strangers := encrypted, encrypted // as a policy has it
			company.TLS13, company.TLSCA = true, filepath.Join(t.TempDir(), "company.pem")
			if err := os.WriteFile(company.TLSCA, p.CertPEM(), 0o600); err != nil {
				t.Fatal(err)
			}
			strangers.TLSCA = pemOf(t, issue(t, nil, nil))
			onPlain := clear
			onPlain.TLS = true
			closed := clear
			var err error
			if closed.Port, err = freeport.TCP(); err != nil {
				t.Fatal(err)
			}
			noName := clear
			noName.Host = "no-such-host.invalid"
			stranger := clear
			stranger.Username = "nobody"
			for _, tc := range []struct {
				name   string
				a      config.Account
				secret string
				passed string // the steps that go well
				code   status.Code
			}{
				{"in clear", clear, pbxsim.Secret, "resolve connect banner login rights", ""},
				{"pinned certificate", pinned, pbxsim.Secret, "resolve connect tls banner login rights", ""},
				{"own authorities and TLS 1.3", company, pbxsim.Secret, "resolve connect tls banner login rights", ""},
				{"another's authorities", strangers, pbxsim.Secret, "resolve connect", status.CodeCertSelf},
				{"unknown certificate", encrypted, pbxsim.Secret, "resolve connect", status.CodeCertSelf},
				{"another certificate than pinned", changed, pbxsim.Secret, "resolve connect", status.CodeCertChanged},
				{"TLS on the port in clear", onPlain, pbxsim.Secret, "resolve connect", status.CodeNotTLS},
				{"wrong password", clear, "wrong", "resolve connect banner", status.CodeLoginRefused},
				{"unknown user", stranger, pbxsim.Secret, "resolve connect banner", status.CodeLoginRefused},
				{"closed port", closed, pbxsim.Secret, "resolve", status.CodeRefused},
				{"unknown name", noName, pbxsim.Secret, "", status.CodeNameNotFound},
			} {
				t.Run(tc.name, func(t *testing.T) {
					var passed []string
					err := Probe(t.Context(), OpenLogins(""), tc.a, tc.secret, slog.New(slog.DiscardHandler), func(s status.Step) {
						passed = append(passed, string(s))
					})
					var trouble *TroubleError
					var code status.Code
					if errors.As(err, &trouble) {
						code = trouble.Trouble.Code
					}
					if got := strings.Join(passed, " "); got != tc.passed || code != tc.code {
						t.Errorf("passed %q, trouble %q (%v)\nwant   %q, %q", got, code, err, tc.passed, tc.code)
					}
					if c := trouble; c != nil && c.Trouble.Cert != nil && c.Trouble.Cert.Fingerprint != p.Fingerprint() {
						t.Errorf("fingerprint %s, want %s", c.Trouble.Cert.Fingerprint, p.Fingerprint())
					}
				})
			}
			list, err := Extensions(t.Context(), OpenLogins(""), clear, pbxsim.Secret, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range pbxsim.Extensions {
				if !slices.ContainsFunc(list, func(e status.Extension) bool { return e.Number == x.Number && e.Hint.Text() == "PJSIP/"+x.Number }) {
					t.Errorf("extension %s is not in the list %+v", x.Number, list)
				}
			}
		})
	}
}

// TestVoicemailOnAsterisk: a message that somebody leaves in a mailbox of a real PBX is a new
// one, and an old one when it was heard; a mailbox that is not there is empty.
func TestVoicemailOnAsterisk(t *testing.T) {
	for _, v := range asterisktest.Versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			p := asterisktest.Start(t, v)
			a := accountAt(t, p.Addr(), "7101", config.SyntaxVariables)
			a.Mailbox = asterisktest.Mailbox
			d := startDialer(t, a, config.ConnectionOnDemand)
			holds := func(fresh, old int) {
				t.Helper()
				want := status.Voicemail{Set: true, Known: true, New: fresh, Old: old}
				for late := time.Now().Add(time.Minute); d.Snapshot().Voicemail != want; {
					if err := d.CountVoicemail(t.Context()); err != nil {
						t.Fatal(err)
					}
					if time.Now().After(late) {
						t.Fatalf("%+v, want %+v\n%s", d.Snapshot().Voicemail, want, p.LogTail())
					}
				}
			}
			holds(0, 0)
			for n := range 2 {
				if err := p.LeaveMessage(t.Context()); err != nil {
					t.Fatal(err)
				}
				holds(n+1, 0)
			}
			if err := p.HearMessages(t.Context()); err != nil {
				t.Fatal(err)
			}
			holds(1, 1)
			// Counted after a call, too: that may have been to the mailbox.
			if err := p.HearMessages(t.Context()); err != nil {
				t.Fatal(err)
			}
			untilIdle(t, p)
			if _, err := d.Dial(t.Context(), planFor("7103")); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the count after the call", func() bool {
				return d.Snapshot().Voicemail == status.Voicemail{Set: true, Known: true, Old: 2}
			})
			for _, none := range []string{"7199@office", "7101@default", "7101"} {
				a.Mailbox = none
				if err := d.SetAccount(t.Context(), a, config.ConnectionOnDemand); err != nil {
					t.Fatal(err)
				}
				holds(0, 0)
			}
		})
	}
}

// TestColleaguesOnAsterisk sees the phones of a real PBX, which also has hints that are no
// colleague's: another company's, patterns, parking places and states of the dialplan's own.
func TestColleaguesOnAsterisk(t *testing.T) {
	for _, v := range asterisktest.Versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			p := asterisktest.Start(t, v)
			plan, err := os.OpenFile(filepath.Join(p.Dir(), "etc", "extensions.conf"), os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			_, err = plan.WriteString(`
[neighbours]
exten => 7102,hint,PJSIP/7104
exten => 7290,hint,PJSIP/7105

[outbound](+)
exten => _79XX,hint,PJSIP/${EXTEN}
exten => 790,hint,Custom:lamp
exten => 791,hint,park:791@parkedcalls
exten => *797105,hint,Custom:DND7105
`)
			if err = errors.Join(err, plan.Close()); err == nil {
				err = p.Reload(t.Context())
			}
			if err != nil {
				t.Fatal(err)
			}
			colleaguesThrough(t, p.Addr())
		})
	}
}
