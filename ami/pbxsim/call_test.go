package pbxsim

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
)

// tally checks what must hold for every call: each channel that began has
// ended, exactly one OriginateResponse, nothing left behind.
func tally(t *testing.T, p *PBX, c *client) {
	t.Helper()
	eventually(t, "the call is over", func() bool { return p.Calls() == 0 })
	c.send("Action: Ping", "ActionID: tally")
	c.answer("tally", "Success", "")
	born, gone, bridges, responses := map[string]int{}, map[string]int{}, map[string]int{}, 0
	for _, w := range c.seen {
		switch w.get("Event") {
		case "Newchannel":
			born[w.get("Uniqueid")]++
		case "Hangup":
			gone[w.get("Uniqueid")]++
		case "BridgeCreate", "BridgeDestroy":
			bridges[w.get("BridgeUniqueid")]++
		case "OriginateResponse":
			responses++
		}
	}
	for id := range born {
		if gone[id] != 1 {
			t.Errorf("channel %s was hung up %d times", id, gone[id])
		}
	}
	if len(born) == 0 || len(gone) != len(born) || responses != 1 {
		t.Errorf("%d channels began, %d ended, %d OriginateResponse", len(born), len(gone), responses)
	}
	for id, n := range bridges {
		if n != 2 {
			t.Errorf("bridge %s: created and destroyed %d times", id, n)
		}
	}
	p.do(func() {
		if len(p.channels) != 0 || p.anonymous != 0 {
			t.Errorf("%d channels live on, %d of handsets", len(p.channels), p.anonymous)
		}
		for device, state := range p.devices {
			if state != "NOT_INUSE" && state != "UNAVAILABLE" {
				t.Errorf("%s is still %s", device, state)
			}
		}
	})
}

// story is what a client needs of a call: who began to be dialled, how each
// dial ended, what was answered.
func story(seen []wire) string {
	var b strings.Builder
	short := func(name string) string {
		name, _, _ = strings.Cut(channelNumber.ReplaceAllString(name, ""), "@")
		return name
	}
	for _, w := range seen {
		switch w.get("Event") {
		case "DialBegin":
			fmt.Fprintf(&b, "dial %s\n", short(w.get("DestChannel")))
		case "DialState":
			if w.get("Channel") != "" {
				fmt.Fprintf(&b, "rings %s\n", short(w.get("DestChannel")))
			}
		case "DialEnd":
			if w.get("Channel") != "" {
				fmt.Fprintf(&b, "%s %s\n", w.get("DialStatus"), short(w.get("DestChannel")))
			}
		case "LocalOptimizationEnd":
			b.WriteString("optimised\n")
		case "Hangup":
			if strings.HasPrefix(w.get("Channel"), "PJSIP/") && !strings.Contains(w.get("Channel"), "anonymous") {
				fmt.Fprintf(&b, "end %s %s\n", short(w.get("Channel")), w.get("Cause"))
			}
		}
	}
	return b.String()
}

func TestOutcomes(t *testing.T) {
	const mine = "dial Local/7101\ndial PJSIP/7101\nrings PJSIP/7101\nANSWER PJSIP/7101\n"
	for _, tc := range []struct{ name, ext, number, want string }{
		{"far side leaves", "7101", "0391234502", mine + "dial PJSIP/trunk\nrings PJSIP/trunk\nANSWER PJSIP/trunk\noptimised\nend PJSIP/trunk 16\nend PJSIP/7101 16\n"},
		{"busy", "7101", "0391234503", mine + "dial PJSIP/trunk\nBUSY PJSIP/trunk\nend PJSIP/trunk 17\nend PJSIP/7101 16\n"},
		{"no answer", "7101", "0391234504", mine + "dial PJSIP/trunk\nrings PJSIP/trunk\nNOANSWER PJSIP/trunk\nend PJSIP/trunk 19\nend PJSIP/7101 16\n"},
		{"congestion", "7101", "0391234505", mine + "dial PJSIP/trunk\nCONGESTION PJSIP/trunk\nend PJSIP/trunk 34\nend PJSIP/7101 16\n"},
		{"no such number", "7101", "0391234506", mine + "dial PJSIP/trunk\nNOANSWER PJSIP/trunk\nend PJSIP/trunk 1\nend PJSIP/7101 16\n"},
		{"rejected", "7101", "0391234508", mine + "dial PJSIP/trunk\nNOANSWER PJSIP/trunk\nend PJSIP/trunk 21\nend PJSIP/7101 16\n"},
		{"busy colleague", "7101", "7103", mine + "dial PJSIP/7103\nBUSY PJSIP/7103\nend PJSIP/7103 17\nend PJSIP/7101 16\n"},
		{"colleague not connected", "7101", "7104", mine + "end PJSIP/7101 16\n"},
		{"limited", "7106", "0391234507", strings.ReplaceAll(mine, "7101", "7106") + "end PJSIP/7106 16\n"},
		{"limited, inside", "7106", "7103", strings.ReplaceAll(mine, "7101", "7106") + "dial PJSIP/7103\nBUSY PJSIP/7103\nend PJSIP/7103 17\nend PJSIP/7106 16\n"},
		{"own silent", "7102", "0391234507", "dial Local/7102\ndial PJSIP/7102\nrings PJSIP/7102\nCANCEL PJSIP/7102\nend PJSIP/7102 19\n"},
		{"own busy", "7103", "0391234507", "dial Local/7103\ndial PJSIP/7103\nBUSY PJSIP/7103\nend PJSIP/7103 17\n"},
		{"own not connected", "7104", "0391234507", "dial Local/7104\n"},
		{"own unknown", "7999", "0391234507", "dial Local/7999\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, Options{})
			c := login(t, p)
			c.send(variable("x", tc.ext, tc.number)...)
			c.answer("originate", "Success", "Originate successfully queued")
			c.event("Newchannel")
			tally(t, p, c)
			if got := story(c.seen); got != tc.want {
				t.Errorf("got\n%s\nwant\n%s", got, tc.want)
			}
		})
	}
}

func TestTenant(t *testing.T) {
	p := start(t, Options{})
	without := func(lines []string, prefix string) []string {
		var out []string
		for _, l := range lines {
			if !strings.HasPrefix(l, prefix) {
				out = append(out, l)
			}
		}
		return out
	}
	fails := func(name string, lines []string) {
		c := login(t, p)
		c.send(lines...)
		c.answer("originate", "Success", queued)
		w := c.event("OriginateResponse")
		if w.get("Response") != "Failure" || w.get("Reason") != "0" {
			t.Errorf("%s: %v", name, w)
		}
		tally(t, p, c)
	}
	full := variable("t", "7101", "800")
	fails("no tenant", without(full, "Variable: __TENANT"))
	fails("wrong tenant", append(without(full, "Variable: __TENANT"), "Variable: __TENANT_UUID=00000000"))
	fails("no source", without(full, "Variable: C2C_SRC"))
	fails("other destination", append(without(full, "Variable: C2C_DST"), "Variable: C2C_DST=801"))
	fails("mixed syntaxes", append(without(full, "Channel:"), "Channel: Local/7101@c2c_"+Tenant))

	c := login(t, p)
	for name, lines := range map[string][]string{
		"wrong wrapper":  append(without(full, "Context"), "Context: from_c2c_x"),
		"wrong context":  append(without(full, "Context"), "Context: internal"),
		"no such number": variable("t", "7101", "7998"),
		"emergency":      variable("t", "7101", "112"),
		"no prefix":      variable("t", "7101", "3912345"),
		"too short":      variable("t", "7101", "0118"),
		"feature code":   variable("t", "7101", "*9"),
	} {
		c.send(lines...)
		w := c.until("answer", func(w wire) bool { return w.get("ActionID") == "originate" })
		if w.get("Response") != "Error" || w.get("Message") != "Extension does not exist." {
			t.Errorf("%s: %v", name, w)
		}
	}
	if n := len(p.Originates()); n != 12 {
		t.Errorf("%d originates noted", n)
	}
	first := p.Originates()[0]
	if first.Get("exten") != "800" || first.Variables()["C2C_SRC"] != "7101" || first.Answer != queued {
		t.Errorf("noted %+v", first)
	}
}

func TestVariableInjection(t *testing.T) {
	o := Originate{Headers: []Header{
		{"Variable", `A=1,EVIL=2`}, {"variable", `B="x,y"`}, {"VARIABLE", `C=x\,y`}, {"Variable", "D"},
	}}
	want := map[string]string{"A": "1", "EVIL": "2", "B": "x,y", "C": "x,y", "D": ""}
	got := o.Variables()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestIds(t *testing.T) {
	p := start(t, Options{})
	c := login(t, p)
	c.send(variable("one", "7101", "800", "OtherChannelId: two")...)
	c.event("Newchannel", "Uniqueid", "one", "ChannelState", "0")
	c.event("Newchannel", "Uniqueid", "two", "Linkedid", "one")
	c.event("OriginateResponse", "Uniqueid", "one")
	c.send(variable("two", "7101", "800", "ActionID: x")...)
	c.answer("originate", "Error", "Uniqueid already in use")
	c.send(variable(strings.Repeat("i", 150), "7101", "800")...)
	c.answer("originate", "Error", "Uniqueid length exceeds maximum of 149")
}

func TestScripted(t *testing.T) {
	p := start(t, Options{})
	c := login(t, p)
	p.Refuse("Out of order")
	c.send(variable("x", "7101", "800")...)
	c.answer("originate", "Error", "Out of order")
	p.Silence()
	c.send(variable("x", "7101", "800")...)
	c.answer("originate", "Success", queued)
	if p.Calls() != 0 {
		t.Error("a silent Originate made a call")
	}
	p.SetPhone("7101", NotConnected)
	c.event("ExtensionStatus", "Exten", "7101", "Status", "4")
	c.send(variable("x", "7101", "800")...)
	c.event("OriginateResponse", "Reason", "0")
	if n := len(p.Originates()); n != 3 {
		t.Errorf("%d originates", n)
	}
}

func TestHostileName(t *testing.T) {
	p := start(t, Options{})
	p.SetName("7105", "Dell'Orto \"x\"\r\nEvent: Hangup\r\n\r\n\x1b[31m<b>?")
	c := login(t, p)
	c.send(variable("x", "7101", "7105")...)
	w := c.event("DialBegin", "DestChannel", "PJSIP/7105-00000002")
	want := `Dell\'Orto \"x\"\r\nEvent: Hangup\r\n\r\n` + "\x1b" + `[31m<b>\?`
	if got := w.get("DestCallerIDName"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p.HangUpAll()
	tally(t, p, c)
}

// TestLogShowsNoNumber: the log names a number by its last three digits and
// never holds the secret.
func TestLogShowsNoNumber(t *testing.T) {
	var text lockedBuffer
	p := start(t, Options{Log: slog.New(slog.NewTextHandler(&text, nil))})
	c := login(t, p)
	c.send(variable("x", "7101", "0391234503")...)
	c.event("Newchannel")
	tally(t, p, c)
	got := text.String()
	if !strings.Contains(got, "503") || strings.Contains(got, "4503") || strings.Contains(got, Secret) {
		t.Errorf("log:\n%s", got)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
