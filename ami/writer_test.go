package ami

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEncode(t *testing.T) {
	for _, tt := range []struct {
		action Action
		want   string
	}{
		{Ping{}, "Action: Ping|ActionID: 7"},
		{SetEvents{"call,system"}, "Action: Events|ActionID: 7|EventMask: call,system"},
		{ExtensionStateList{}, "Action: ExtensionStateList|ActionID: 7"},
		{Status{}, "Action: Status|ActionID: 7"},
		{Status{"PJSIP/7101-00000001"}, "Action: Status|ActionID: 7|Channel: PJSIP/7101-00000001"},
		{Hangup{Channel: "Local/7101@c2c-00000000;2"}, "Action: Hangup|ActionID: 7|Channel: Local/7101@c2c-00000000;2"},
		{Hangup{Channel: "SIP/10.0.0.1:5060-0a", Cause: 17}, "Action: Hangup|ActionID: 7|Channel: SIP/10.0.0.1:5060-0a|Cause: 17"},
		{Hangup{UniqueID: "cornetta-1;2"}, "Action: Hangup|ActionID: 7|Channel: cornetta-1;2"},
		{ListCommands{}, "Action: ListCommands|ActionID: 7"},
		{BlindTransfer{"PJSIP/7101-00000001", "from_c2c_x", "7105"}, "Action: BlindTransfer|ActionID: 7|Channel: PJSIP/7101-00000001|Context: from_c2c_x|Exten: 7105"},
		{Redirect{"PJSIP/trunk-00000001", "from_c2c_x", "0+39"}, "Action: Redirect|ActionID: 7|Channel: PJSIP/trunk-00000001|Context: from_c2c_x|Exten: 0+39|Priority: 1"},
		{Atxfer{"PJSIP/7101-00000001", "from_c2c_x", "*9#"}, "Action: Atxfer|ActionID: 7|Channel: PJSIP/7101-00000001|Context: from_c2c_x|Exten: *9#"},
		{MailboxCount{"7101@default"}, "Action: MailboxCount|ActionID: 7|Mailbox: 7101@default"},
		{CancelAtxfer{"PJSIP/7101-00000001"}, "Action: CancelAtxfer|ActionID: 7|Channel: PJSIP/7101-00000001"},
		{challenge{}, "Action: Challenge|ActionID: 7|AuthType: MD5"},
		{logoff{}, "Action: Logoff|ActionID: 7"},
		// KalliopePBX, variable syntax.
		{
			Originate{
				Channel: "Local/7101@c2c", Context: "from_c2c", Exten: "00390501234502",
				CallerID: `"c2c: 00390501234502" <00390501234502>`, Timeout: 10 * time.Second,
				ChannelID: "cornetta-1", OtherChannelID: "cornetta-1;2",
				Variables: []Variable{{"C2C_SRC", "7101"}, {"C2C_DST", "00390501234502"}, {"__TENANT_UUID", "c0ffee00-1234-4567-89ab-0123456789ab"}},
			},
			"Action: Originate|ActionID: 7|Channel: Local/7101@c2c|Context: from_c2c|Exten: 00390501234502|Priority: 1|Async: true|" +
				`CallerID: "c2c: 00390501234502" <00390501234502>|ChannelId: cornetta-1|OtherChannelId: cornetta-1;2|Timeout: 10000|` +
				"Variable: C2C_SRC=7101|Variable: C2C_DST=00390501234502|Variable: __TENANT_UUID=c0ffee00-1234-4567-89ab-0123456789ab",
		},
		// … and wrapper syntax.
		{
			Originate{
				Channel: "Local/7101@c2c_c0ffee00-1234-4567-89ab-0123456789ab", Context: "from_c2c_c0ffee00-1234-4567-89ab-0123456789ab",
				Exten: "*9#7", CallerID: `"c2c: *9#7" <7101>`,
			},
			"Action: Originate|ActionID: 7|Channel: Local/7101@c2c_c0ffee00-1234-4567-89ab-0123456789ab|" +
				"Context: from_c2c_c0ffee00-1234-4567-89ab-0123456789ab|Exten: *9#7|Priority: 1|Async: true|" +
				`CallerID: "c2c: *9#7" <7101>`,
		},
	} {
		got, err := encode(tt.action, "7")
		if want := strings.ReplaceAll(tt.want, "|", "\r\n") + "\r\n\r\n"; err != nil || string(got) != want {
			t.Errorf("%T: %v\ngot  %q\nwant %q", tt.action, err, got, want)
		}
	}
}

func originate(change func(*Originate)) Originate {
	o := call1
	change(&o)
	return o
}

// TestRefused is what must never reach a header, with the harm it would do.
func TestRefused(t *testing.T) {
	long := func(n int) string { return strings.Repeat("x", n) }
	tests := map[string]Action{
		"another action in the number":    originate(func(o *Originate) { o.Exten = "1\r\nAction: Command" }),
		"LF in the channel":               originate(func(o *Originate) { o.Channel = "Local/7101@c2c\nApplication: System" }),
		"a second channel":                originate(func(o *Originate) { o.Channel = "PJSIP/7101&PJSIP/7102" }),
		"no channel":                      originate(func(o *Originate) { o.Channel = "" }),
		"no context":                      originate(func(o *Originate) { o.Context = "" }),
		"no number":                       originate(func(o *Originate) { o.Exten = "" }),
		"a function in the context":       originate(func(o *Originate) { o.Context = "${SHELL(id)}" }),
		"a space in the number":           originate(func(o *Originate) { o.Exten = "0390 1" }),
		"a letter of another script":      originate(func(o *Originate) { o.Exten = "٣" }),
		"a channel of 256 bytes":          originate(func(o *Originate) { o.Channel = "Local/" + long(250) }),
		"a caller of 256 bytes":           originate(func(o *Originate) { o.CallerID = `"` + long(250) + `" <1>` }),
		"a quote in the caller's name":    originate(func(o *Originate) { o.CallerID = `"a" <1>" <2>` }),
		"an escape in the caller's name":  originate(func(o *Originate) { o.CallerID = `"a\" <1>` }),
		"a function in the name":          originate(func(o *Originate) { o.CallerID = `"${X}" <1>` }),
		"NUL in the name":                 originate(func(o *Originate) { o.CallerID = "\"a\x00\" <1>" }),
		"invalid UTF-8 in the name":       originate(func(o *Originate) { o.CallerID = "\"a\xff\" <1>" }),
		"an unclosed number":              originate(func(o *Originate) { o.CallerID = `"a" <1` }),
		"a name without a number":         originate(func(o *Originate) { o.CallerID = `"a"` }),
		"a name beside a bare number":     originate(func(o *Originate) { o.CallerID = `"a" 1` }),
		"a second variable":               originate(func(o *Originate) { o.Variables = []Variable{{"A", "1,EVIL=2"}} }),
		"a function as a variable's name": originate(func(o *Originate) { o.Variables = []Variable{{"SHELL(id)", "1"}} }),
		"no name of a variable":           originate(func(o *Originate) { o.Variables = []Variable{{"", "1"}} }),
		"= in a variable's name":          originate(func(o *Originate) { o.Variables = []Variable{{"A=B", "1"}} }),
		"a line over 1,000 bytes":         originate(func(o *Originate) { o.Variables = []Variable{{"A", long(1000)}} }),
		"more than 100 headers":           originate(func(o *Originate) { o.Variables = slices.Repeat([]Variable{{"A", "1"}}, 100) }),
		"a comma in the ChannelID":        originate(func(o *Originate) { o.ChannelID = "a,b" }),
		"a space in the OtherChannelID":   originate(func(o *Originate) { o.OtherChannelID = "a b" }),
		"a negative timeout":              originate(func(o *Originate) { o.Timeout = -time.Second }),
		"a timeout below a millisecond":   originate(func(o *Originate) { o.Timeout = time.Microsecond }),
		"every channel":                   Hangup{Channel: "/.*/"},
		"every channel, anchored":         Hangup{Channel: "/^PJSIP/"},
		"an expression inside":            Hangup{Channel: "PJSIP/(7101|7102)"},
		"no channel to hang up":           Hangup{},
		"not a channel's name":            Hangup{Channel: "7101"},
		"a name without a technology":     Hangup{Channel: "7101/"[:4] + "x"},
		"an expression as an id":          Hangup{UniqueID: "/.*/"},
		"a space in an id":                Hangup{UniqueID: "1.1 2.2"},
		"not a technology":                Hangup{Channel: "*/7101-1"},
		"LF in the name":                  Hangup{Channel: "PJSIP/7101-1\nCause: 1"},
		"a cause beyond Q.850":            Hangup{Channel: "PJSIP/7101-1", Cause: 128},
		"a negative cause":                Hangup{Channel: "PJSIP/7101-1", Cause: -1},
		"an expression in Status":         Status{"/x/"},
		"every channel, transferred":      BlindTransfer{"/.*/", "c", "1"},
		"no channel to transfer":          BlindTransfer{"", "c", "1"},
		"another action in the third":     BlindTransfer{"PJSIP/7101-1", "c", "1\r\nAction: Command"},
		"a function as a third side":      BlindTransfer{"PJSIP/7101-1", "c", "${SHELL(id)}"},
		"a context with a comma":          BlindTransfer{"PJSIP/7101-1", "c,s,1", "1"},
		"no third side":                   BlindTransfer{"PJSIP/7101-1", "c", ""},
		"every channel, redirected":       Redirect{"/.*/", "c", "1"},
		"a context of its own":            Redirect{"PJSIP/7101-1", "c\nExtraChannel: PJSIP/7102-1", "1"},
		"a second channel, redirected":    Redirect{"PJSIP/7101-1&PJSIP/7102-1", "c", "1"},
		"a letter that is keyed in":       Atxfer{"PJSIP/7101-1", "c", "12a"},
		"a plus that is keyed in":         Atxfer{"PJSIP/7101-1", "c", "+39"},
		"nothing that is keyed in":        Atxfer{"PJSIP/7101-1", "c", ""},
		"every channel, consulted":        Atxfer{"/.*/", "c", "1"},
		"every channel, taken back":       CancelAtxfer{"/.*/"},
		"two mailboxes":                   MailboxCount{"7101,7102"},
		"another action in a mailbox":     MailboxCount{"7101\r\nAction: Command"},
		"no mailbox":                      MailboxCount{""},
		"an unknown class (means off)":    SetEvents{"calls"},
		"no class":                        SetEvents{""},
		"two masks":                       SetEvents{"call\r\nAction: x"},
		"LF in the secret":                login{username: "a", secret: "b\nc", events: "off"},
		"CR in the username":              login{username: "a\r", secret: "b", events: "off"},
	}
	for name, action := range tests {
		b, err := encode(action, "7")
		if !errors.Is(err, ErrBadValue) || b != nil {
			t.Errorf("%s: got %q, %v", name, b, err)
		}
	}
	for _, id := range []string{"", long(64), "a b", "a\r\nb", "ü"} {
		if b, err := encode(Ping{}, id); !errors.Is(err, ErrBadValue) {
			t.Errorf("ActionID %q: got %q, %v", id, b, err)
		}
	}
	if _, err := encode(Ping{}, long(63)); err != nil {
		t.Errorf("an ActionID of 63 bytes: %v", err)
	}
}

// TestRefusedIsNotSent: a refused action leaves the connection as it was, and
// says that nothing was sent.
func TestRefusedIsNotSent(t *testing.T) {
	c := dial(t, config(listen(t, func(p *peer) {
		p.login("")
		p.expect("Ping")
		p.send("Response: Success\r\nActionID: t-4\r\n\r\n")
		p.logoff()
	})))
	if _, err := c.Do(context.Background(), Hangup{Channel: "/x/"}); !errors.Is(err, ErrBadValue) || !errors.Is(err, ErrNotSent) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Do(context.Background(), Ping{}); err != nil {
		t.Error(err)
	}
}

// TestActionIDInUse: of two Originates with one ActionID only one goes out.
func TestActionIDInUse(t *testing.T) {
	first := make(chan struct{})
	c := dial(t, config(listen(t, func(p *peer) {
		p.login("")
		p.expect("Originate")
		close(first)
		p.expect("Ping")
		p.send("Response: Success\r\nActionID: call-1\r\n\r\nResponse: Success\r\nActionID: t-3\r\n\r\n")
		p.logoff()
	})))
	answered := make(chan error, 1)
	go func() {
		_, err := c.Do(context.Background(), call1)
		answered <- err
	}()
	<-first
	if _, err := c.Do(context.Background(), call1); !errors.Is(err, ErrBadValue) || !errors.Is(err, ErrNotSent) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Do(context.Background(), Ping{}); err != nil {
		t.Error(err)
	}
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

// TestLongestLine: the longest header that is let through stays one header at
// Asterisk, whose buffer holds 1,022 bytes of a line (main/manager.c,
// get_input). One byte more is refused here, not sent and cut there.
func TestLongestLine(t *testing.T) {
	const key = "Username: "
	fits := login{username: strings.Repeat("u", maxLineOut-len(key)), secret: "s", events: "off"}
	b, err := encode(fits, "7")
	if err != nil {
		t.Fatal(err)
	}
	got := asterisk(b)
	if len(got) != 1 || len(got[0]) != 5 || got[0][2] != key+fits.username {
		t.Errorf("Asterisk would see %d messages: %.80q", len(got), got)
	}
	fits.username += "u"
	if _, err := encode(fits, "7"); !errors.Is(err, ErrBadValue) {
		t.Errorf("got %v", err)
	}
	// The model below does what was measured: 1,023 bytes make two messages.
	if n := len(asterisk([]byte("Action: " + strings.Repeat("x", 1015) + "\r\n\r\n"))); n != 2 {
		t.Errorf("the model makes %d of a line that is too long", n)
	}
}

// asterisk takes bytes apart as get_input and do_message of main/manager.c do:
// lines end in CRLF or LF, a full buffer ends a line too and the message with
// it, and more than 128 headers end a message.
func asterisk(b []byte) [][]string {
	var messages [][]string
	var headers []string
	end := func() {
		if len(headers) > 0 {
			messages = append(messages, headers)
			headers = nil
		}
	}
	for len(b) > 0 {
		i := bytes.IndexByte(b, '\n')
		switch {
		case i < 0 || len(bytes.TrimSuffix(b[:i], []byte("\r"))) > 1022:
			n := min(1022, len(b))
			headers = append(headers, string(b[:n]))
			b = b[n:]
			end()
		default:
			line := string(bytes.TrimSuffix(b[:i], []byte("\r")))
			b = b[i+1:]
			if line == "" {
				end()
			} else {
				headers = append(headers, line)
			}
		}
		if len(headers) >= 128 {
			end()
		}
	}
	end()
	return messages
}

// FuzzEncode: whatever the values are, an action that is not refused reads
// back as exactly the headers that were meant, in Asterisk's eyes and ours.
func FuzzEncode(f *testing.F) {
	f.Add("call-1", "Local/7101@c2c", "from_c2c", "0390501234502", `"c2c: 0390" <0390>`, "C2C_DST", "0390", 0)
	f.Add("a", "x\r\nAction: Command", "c", "1,2", `"a" <1>`, "A", "1,EVIL=2", 16)
	f.Add("a", "/.*/", "${x}", "\x00", "\n", "SHELL(id)", "\\", -1)
	f.Fuzz(func(t *testing.T, id, channel, where, exten, caller, name, value string, n int) {
		type intended struct {
			action Action
			lines  []string
		}
		orig := Originate{
			Channel: channel, Context: where, Exten: exten, CallerID: caller, ChannelID: value, OtherChannelID: name,
			Timeout: time.Duration(n), Variables: []Variable{{name, value}, {"X", exten}},
		}
		o := []string{"Channel: " + channel, "Context: " + where, "Exten: " + exten, "Priority: 1", "Async: true"}
		for _, l := range [][2]string{{"CallerID", caller}, {"ChannelId", value}, {"OtherChannelId", name}} {
			if l[1] != "" {
				o = append(o, l[0]+": "+l[1])
			}
		}
		if n != 0 {
			o = append(o, fmt.Sprintf("Timeout: %d", time.Duration(n).Milliseconds()))
		}
		o = append(o, "Variable: "+name+"="+value, "Variable: X="+exten)
		hang := []string{"Channel: " + channel}
		if n != 0 {
			hang = append(hang, fmt.Sprintf("Cause: %d", n))
		}
		status := []string{"Channel: " + channel}
		if channel == "" {
			status = nil
		}
		for _, in := range []intended{
			{orig, o},
			{Hangup{Channel: channel, Cause: n}, hang},
			{Hangup{UniqueID: channel, Cause: n}, hang},
			{Status{channel}, status},
			{SetEvents{value}, []string{"EventMask: " + value}},
			{login{username: name, secret: value, events: "off"}, []string{"Username: " + name, "Secret: " + value, "Events: off"}},
		} {
			b, err := encode(in.action, id)
			if err != nil {
				if !errors.Is(err, ErrBadValue) {
					t.Fatal(err)
				}
				continue
			}
			want := append([]string{"Action: " + in.action.Name(), "ActionID: " + id}, in.lines...)
			if got := asterisk(b); len(got) != 1 || !reflect.DeepEqual(got[0], want) {
				t.Fatalf("%T: Asterisk sees %q\nwant %q", in.action, got, want)
			}
			for _, line := range want {
				if len(line) > maxLineOut || strings.ContainsAny(line, "\r\n\x00") {
					t.Fatalf("sent %q", line)
				}
			}
			r := newReader(bytes.NewReader(b))
			m, err := r.next()
			if err != nil || m.length() != len(want) {
				t.Fatalf("we see %d headers (%v), want %d", m.length(), err, len(want))
			}
			if h, ok := in.action.(Hangup); ok && strings.IndexByte(h.Channel+h.UniqueID, '/') == 0 || strings.ContainsAny(h.Channel+h.UniqueID, `\^$|()[]{}?`) {
				t.Fatalf("an expression went through: %q", h.Channel)
			}
		}
	})
}
