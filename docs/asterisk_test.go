//go:build linux

package docs

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cornetta/ami/asterisktest"
	"cornetta/ami/pbxsim"
	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

// TestAsteriskPage puts the blocks of the Asterisk page into a real Asterisk, as they
// stand there but for the secret and the address range, and calls through them. What is
// in front of them and behind them is a PBX as a person has it: phones, hints and a
// context that the phones dial in.
func TestAsteriskPage(t *testing.T) {
	page := read(t, "en/asterisk.md")
	user := block(t, page, "A user for Cornetta")
	hint := block(t, page, "A list of extensions")
	echo := block(t, page, "An echo service")
	for _, v := range asterisktest.Versions {
		for _, kind := range []struct{ heading, context string }{
			{"Contexts for a plain Asterisk", "internal"},
			{"Contexts for FreePBX", "from-internal"},
		} {
			t.Run(v.String()+"/"+kind.context, func(t *testing.T) {
				t.Parallel()
				p := asterisktest.Start(t, v)
				change := func(file string, how func(string) string) {
					t.Helper()
					path := filepath.Join(p.Dir(), "etc", file)
					text, err := os.ReadFile(path)
					if err != nil {
						t.Fatal(err)
					}
					if err := os.WriteFile(path, []byte(how(string(text))), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				change("manager.conf", func(s string) string {
					return s + "\n" + swap(t, user, "REPLACE-BY-20-RANDOM-CHARACTERS", "a-test's", "192.0.2.0/255.255.255.0", "127.0.0.1/255.255.255.255")
				})
				change("extensions.conf", func(s string) string {
					s = contextOf(t, s, "c2c").ReplaceAllString(s, "")
					s = contextOf(t, s, "from_c2c").ReplaceAllString(s, "")
					s = contextOf(t, s, "internal").ReplaceAllString(s, "")
					s = swap(t, s, "exten => 7101,hint,PJSIP/7101\n", "", "exten => 800,1,Answer\n same => n,Echo\n same => n,Hangup\n", "")
					// The other side is called only for who says truly who they are.
					return s + fmt.Sprintf("\n[%s]\n%s\nexten => _0XXXX!,1,GotoIf($[\"${CALLERID(num)}\" = \"7101\"]?outbound,${EXTEN},1)\n same => n,Hangup(21)\n\n%s\n%s",
						kind.context, echo, block(t, page, kind.heading), hint)
				})
				if err := p.Restart(); err != nil {
					t.Fatal(err)
				}

				host, port, err := net.SplitHostPort(p.Addr())
				if err != nil {
					t.Fatal(err)
				}
				a := config.Default().Account
				a.Host, a.Username, a.Tenant, a.Extension = host, "cornetta", pbxsim.Tenant, "7101"
				if a.Port, err = strconv.Atoi(port); err != nil {
					t.Fatal(err)
				}
				list, err := dialer.Extensions(t.Context(), dialer.OpenLogins(""), a, "a-test's", nil)
				if err != nil || !slices.ContainsFunc(list, func(e status.Extension) bool { return e.Number == "7101" }) {
					t.Errorf("the extensions: %v, %v", list, err)
				}
				for _, n := range []string{"050 123407", "800"} {
					callThrough(t, a, "a-test's", n)
				}
				// With the syntax for such a PBX none of these contexts is needed.
				a.Syntax, a.Tenant, a.Channel, a.Context = config.SyntaxPlain, "", "PJSIP/"+config.ExtensionMark, kind.context
				callThrough(t, a, "a-test's", "050 123407")
			})
		}
	}
}

// callThrough places a call that has to be answered, and hangs it up.
func callThrough(t *testing.T, a config.Account, password, text string) {
	t.Helper()
	keys := secret.Memory()
	if err := keys.Set(t.Context(), secret.Key(a), password); err != nil {
		t.Fatal(err)
	}
	d := dialer.New(dialer.Options{Secrets: keys})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = d.Run(t.Context())
	}()
	t.Cleanup(func() { <-done })
	if err := d.SetAccount(t.Context(), a, config.ConnectionOnDemand); err != nil {
		t.Fatal(err)
	}
	rules := number.DefaultSettings()
	rules.Prefix = a.Prefix
	snapshots, cancel := d.Subscribe()
	placed, err := d.Dial(t.Context(), number.Parse(text, number.Typed, rules))
	if err != nil {
		cancel()
		t.Fatalf("%s: %v", text, err)
	}
	updates := make(chan call.Snapshot)
	go dialer.Follow(t.Context(), snapshots, cancel, placed, updates)
	var states []call.State
	for s := range updates {
		if states = append(states, s.State); s.State == call.InCall {
			if err := d.Hangup(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !slices.Contains(states, call.InCall) || states[len(states)-1] != call.Ended {
		t.Errorf("%s went through %v: %+v", text, states, d.Snapshot().Call)
	}
}

// contextOf matches a context with its lines.
func contextOf(t *testing.T, conf, name string) *regexp.Regexp {
	t.Helper()
	re := regexp.MustCompile(`(?m)^\[` + regexp.QuoteMeta(name) + `\]\n(?:[^\[\n].*\n|\n)*`)
	if !re.MatchString(conf) {
		t.Fatalf("no context %s in\n%s", name, conf)
	}
	return re
}

// swap replaces each old by the new behind it, all of which have to be there.
func swap(t *testing.T, s string, oldAndNew ...string) string {
	t.Helper()
	for i := 0; i < len(oldAndNew); i += 2 {
		if !strings.Contains(s, oldAndNew[i]) {
			t.Fatalf("no %q in\n%s", oldAndNew[i], s)
		}
		s = strings.ReplaceAll(s, oldAndNew[i], oldAndNew[i+1])
	}
	return s
}
