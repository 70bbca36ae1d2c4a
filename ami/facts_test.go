package ami

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"

	"cornetta/ami/clean"
)

// TestFacts is what is known of real servers, each with what shows that the
// client lives up to it. (Login's own facts are in login_test.go, the
// writer's in writer_test.go.)
func TestFacts(t *testing.T) {
	for _, f := range []struct {
		fact string
		show func(*testing.T)
	}{
		{"the banner, the login and the events may be cut anywhere", showEverySplit},
		{"events right behind the login's answer are not lost", showEventsInLoginSegment},
		{"Event wins over Response", showEventWins},
		{"LF, mixed ends, stray blank lines and lines without a colon", showLooseFraming},
		{"keys are case-insensitive, duplicates are kept in order, the first wins", showDuplicates},
		{"names are C-escaped and hostile", showNames},
		{"unknown events are skipped", showUnknownEvents},
		{"a torn message is dropped and told, the stream goes on", showTorn},
		{"a fragment before the end is discarded", showFragment},
		{"an answer counts only for an action in flight, the first one counts", showFirstAnswerWins},
		{"the event may come before the answer", showEventBeforeAnswer},
		{"refusals have names", showRefusals},
		{"Reason is 0 to 8 or unknown", showReasons},
		{"Asterisk 11 has Dial, Bridge and Rename", showAsterisk11},
		{"lists end with EventList: Complete, or with a …Complete event", showLists},
		{"Goodbye unasked is an end", showGoodbye},
		{"a message over the limits ends the connection", showLimits},
		{"half close and reset are an end", showLostConnection},
		{"a server that does not read is given up", showServerNotReading},
		{"a server that does not answer costs ActionTimeout", showSilentServer},
		{"Logoff is polite and bounded", showLogoff},
		{"the log shows names and outcomes only", showLog},
	} {
		t.Run(f.fact, f.show)
	}
}

// golden is a session: what the server says, in the parts it says it in.
var golden = []string{
	banner,
	"Response: Success\r\nActionID: t-1\r\nChallenge: 840415273\r\n\r\n",
	"Response: Success\r\nActionID: t-2\r\nMessage: Authentication accepted\r\n\r\n" +
		crlf("Event: ExtensionStatus\nPrivilege: call,all\nExten: 7101\nContext: outbound\nHint: PJSIP/7101\nStatus: 0\nStatusText: Idle\n\n"),
	crlf("Response: Success\nActionID: call-1\nMessage: Originate successfully queued\n\n" +
		"Event: Newchannel\nPrivilege: call,all\nChannel: PJSIP/7101-00000001\nChannelState: 0\nUniqueid: 1.1\nLinkedid: 1.0\n\n" +
		"Event: Newstate\nPrivilege: call,all\nChannel: PJSIP/7101-00000001\nChannelState: 5\nChannelStateDesc: Ringing\nUniqueid: 1.1\n\n" +
		"Event: OriginateResponse\nPrivilege: call,all\nActionID: call-1\nResponse: Success\nChannel: Local/7101@c2c-0;1\nReason: 4\nUniqueid: 1.0\n\n" +
		"Event: Hangup\nPrivilege: call,all\nChannel: PJSIP/7101-00000001\nUniqueid: 1.1\nCause: 16\nCause-txt: Normal Clearing\n\n"),
}

var goldenEvents = []Event{
	ExtensionStatus{"7101", "outbound", "PJSIP/7101", 0, "Idle"},
	Newchannel{Channel{Name: "PJSIP/7101-00000001", UniqueID: "1.1", LinkedID: "1.0"}},
	Newstate{Channel{Name: "PJSIP/7101-00000001", UniqueID: "1.1", State: 5, StateDesc: "Ringing"}},
	OriginateResponse{ActionID: "call-1", Success: true, Channel: "Local/7101@c2c-0;1", UniqueID: "1.0", Reason: 4},
	HangupEvent{Channel{Name: "PJSIP/7101-00000001", UniqueID: "1.1"}, 16},
}

var call1 = Originate{ActionID: "call-1", Channel: "Local/7101@c2c", Context: "from_c2c", Exten: "0390501234502"}

func playGolden(p *peer) {
	p.send(golden[0])
	p.expect("Challenge")
	p.send(golden[1])
	p.expect("Login")
	p.send(golden[2])
	p.expect("Originate")
	p.send(golden[3])
	p.logoff()
}

// cutConn lets no Read reach across the byte at cut, or one byte at a time
// when cut is 0: the segments a network could make, without its leisure.
type cutConn struct {
	net.Conn
	cut, read int
}

func (c *cutConn) Read(b []byte) (int, error) {
	if c.cut == 0 {
		b = b[:1]
	} else if left := c.cut - c.read; 0 < left && left < len(b) {
		b = b[:left]
	}
	n, err := c.Conn.Read(b)
	c.read += n
	return n, err
}

func showEverySplit(t *testing.T) {
	total := len(strings.Join(golden, ""))
	for cut := range total {
		cfg, sub := everything(config(listen(t, playGolden)))
		cfg.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, addr)
			return &cutConn{Conn: conn, cut: cut}, err
		}
		c := dial(t, cfg)
		if r, err := c.Do(context.Background(), call1); err != nil || r.Message != "Originate successfully queued" {
			t.Fatalf("cut at %d: %v %v", cut, r, err)
		}
		var got []Event
		for range goldenEvents {
			got = append(got, take(t, sub()))
		}
		if !reflect.DeepEqual(got, goldenEvents) {
			t.Fatalf("cut at %d: %v", cut, got)
		}
		c.Close()
	}
}

// session logs in, lets the server send text and close, and returns every
// event up to the end.
func session(t *testing.T, text string) []Event {
	t.Helper()
	cfg, sub := everything(config(listen(t, func(p *peer) { p.login(text) })))
	c := dial(t, cfg)
	events := rest(t, sub())
	if err := ended(t, c); !errors.Is(err, io.EOF) {
		t.Errorf("ended with %v", err)
	}
	return events
}

func wantEvents(t *testing.T, got []Event, want ...Event) {
	t.Helper()
	if len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func hangup(id string) HangupEvent { return HangupEvent{Channel: Channel{UniqueID: id}} }

func showEventsInLoginSegment(t *testing.T) {
	var text strings.Builder
	var want []Event
	for i := range 1000 { // more than one buffer of them
		fmt.Fprintf(&text, "Event: Hangup\r\nUniqueid: 1.%d\r\n\r\n", i)
		want = append(want, hangup(fmt.Sprintf("1.%d", i)))
	}
	wantEvents(t, session(t, text.String()), want...)
}

func showEventWins(t *testing.T) {
	cfg, sub := everything(config(listen(t, func(p *peer) {
		p.login("")
		p.expect("Originate")
		p.send(crlf("Event: OriginateResponse\nActionID: call-1\nResponse: Failure\nReason: 3\n\n" +
			"Response: Success\nActionID: call-1\n\n"))
		p.logoff()
	})))
	c := dial(t, cfg)
	if _, err := c.Do(context.Background(), call1); err != nil {
		t.Errorf("the event was taken for the answer: %v", err)
	}
	wantEvents(t, []Event{take(t, sub())}, OriginateResponse{ActionID: "call-1", Reason: 3})
}

func showLooseFraming(t *testing.T) {
	wantEvents(t, session(t, "\r\n\r\n\n"+
		"Event: Hangup\nUniqueid: 1.1\n\n"+
		"\r\nEvent: Hangup\r\nUniqueid: 1.2\n\r\n\r\n\r\n"+
		"no colon here\r\nEvent: Hangup\r\nneither here\r\n: no key\r\nUniqueid:1.3\r\n\n"+
		"only this\r\n\r\n"+
		"Key: of no message\r\n\r\n"+
		"Event: Hangup\r\nUniqueid:   1.4\r\n\r\n"+
		"ActionID: a\r\nEvent: OriginateResponse\r\nReason: 0\r\n\r\n"),
		hangup("1.1"), hangup("1.2"), hangup("1.3"), hangup("1.4"), OriginateResponse{ActionID: "a"})
}

func showDuplicates(t *testing.T) {
	wantEvents(t, session(t, crlf("Event: Hangup\nUniqueid: 1.1\nUniqueID: 2.2\nUNIQUEID: 3.3\n\n"+
		"eVENT: Hangup\nUNIQUEID: 4.4\n\n")), hangup("1.1"), hangup("4.4"))

	m, err := newReader(strings.NewReader("Event: X\nOutput: one\nother: \noUTPUT: two\nOutput: \n\n")).next()
	if err != nil {
		t.Fatal(err)
	}
	if all := m.All("output"); !reflect.DeepEqual(all, []string{"one", "two", ""}) {
		t.Errorf("All: %q", all)
	}
	if m.Get("OUTPUT") != "one" || m.Bytes("Other") == nil || m.Bytes("absent") != nil || m.length() != 5 {
		t.Errorf("Get %q, Bytes %v and %v", m.Get("OUTPUT"), m.Bytes("Other"), m.Bytes("absent"))
	}
}

func showNames(t *testing.T) {
	for raw, want := range map[string]clean.Foreign{
		`Ada Rossi`:                "Ada Rossi",
		`<unknown>`:                "",
		`\"Ada\" \\ O\'Hara\?`:     `"Ada" \ O'Hara?`,
		`line\nline\r\t`:           "line line",
		`trailing \`:               `trailing \`,
		`not an escape \x \0`:      `not an escape \x \0`,
		"a\x00b\x1b]0;pwn\ac\b":    "ab]0;pwnc",
		"Niccol\xe8":               "Niccol\uFFFD",
		"Niccolò \u0085":           "Niccolò",
		"<b>Bank</b>":              "<b>Bank</b>",
		strings.Repeat("é", 30000): clean.Foreign(strings.Repeat("é", 63) + "…"),
	} {
		wantEvents(t, session(t, "Event: Newstate\r\nCallerIDName: "+raw+"\r\nConnectedLineName: "+raw+"\r\n\r\n"),
			Newstate{Channel{CallerIDName: want, ConnectedLineName: want}})
	}
}

func showUnknownEvents(t *testing.T) {
	wantEvents(t, session(t, crlf("Event: VarSet\nVariable: x\nValue: y\n\nEvent: \n\nEvent: FullyBooted\n\n"+
		"Event: Hangup\nUniqueid: 1.1\n\nEvent: hangup\nUniqueid: 1.2\n\nEvent: Dial\nSubEvent: Odd\n\n")), hangup("1.1"))
}

func showTorn(t *testing.T) {
	const after = "Event: Hangup\r\nUniqueid: 9.9\r\n\r\n"
	const whole = "Event: OriginateResponse\r\nPrivilege: call,all\r\nActionID: a\r\nResponse: Failure\r\nReason: 5\r\n\r\n"
	for _, tt := range []struct {
		name, text string
		want       []Event
	}{
		{"an event in an event", "Event: Hangup\r\nUniqueid: 1.1\r\nChann\r\n" + after, []Event{Lost{1}, hangup("9.9")}},
		{"an answer in an event", "Event: Hangup\r\nUniqueid: 1.1\r\nResponse: Success\r\nActionID: x\r\n\r\n" + after, []Event{Lost{1}, hangup("9.9")}},
		{"an event in an answer", "Response: Success\r\nActionID: x\r\n" + after, []Event{Lost{1}, hangup("9.9")}},
		{"twice", "Event: Hangup\r\nUniqueid: 1.1\r\nEvent: Newchannel\r\n" + after, []Event{Lost{2}, hangup("9.9")}},
		{"the tail of an event, then an event", "Uniqueid: 1.1\r\nCause: 16\r\n" + after, []Event{Lost{1}, hangup("9.9")}},
		{"glued in mid-line", "Event: Hangup\r\nPrivilege: call,all\r\nUniqEvent: Hangup\r\nPrivilege: call,all\r\nUniqueid: 1.1\r\n\r\n" + after, []Event{Lost{2}, hangup("9.9")}},
		{"an OriginateResponse is whole", whole + after, []Event{OriginateResponse{ActionID: "a", Reason: 5}, hangup("9.9")}},
		{"an OriginateResponse torn after its Response", strings.TrimSuffix(whole, "Reason: 5\r\n\r\n") + "Response: Success\r\nActionID: b\r\n\r\n" + after, []Event{Lost{1}, hangup("9.9")}},
		{"an OriginateResponse torn before its Response", "Event: OriginateResponse\r\nPrivilege: call,all\r\nActionID: a\r\nResponse: Success\r\nActionID: b\r\n\r\n" + after, []Event{Lost{2}, hangup("9.9")}},
		{"a ChallengeResponseFailed is whole", "Event: ChallengeResponseFailed\r\nResponse: x\r\n\r\n" + after, []Event{hangup("9.9")}},
	} {
		t.Run(tt.name, func(t *testing.T) { wantEvents(t, session(t, tt.text), tt.want...) })
	}
}

func showFragment(t *testing.T) {
	wantEvents(t, session(t, "Event: Hangup\r\nUniqueid: 1.1\r\n\r\nEvent: Hangup\r\nUniqueid: 2.2\r\n"), hangup("1.1"))
	wantEvents(t, session(t, "Event: Hangup\r\nUniqueid: 1.1\r\n\r\nEvent: Hangup\r\nUniq"), hangup("1.1"))
}

// The texts are those of app_dial.c, channel.c and manager.c of Asterisk 11.
func showAsterisk11(t *testing.T) {
	pair := LocalBridge{
		Channel{Name: "Local/7101@c2c-1f3a;1", UniqueID: "1.1"}, Channel{Name: "Local/7101@c2c-1f3a;2", UniqueID: "1.2"},
	}
	wantEvents(t, session(t, crlf(`Event: Dial
Privilege: call,all
SubEvent: Begin
Channel: Local/7101@c2c-1f3a;2
Destination: SIP/7101-00000001
CallerIDNum: 0390
CallerIDName: c2c: 0390
ConnectedLineNum: <unknown>
ConnectedLineName: <unknown>
UniqueID: 1.2
DestUniqueID: 1.3
Dialstring: 7101

Event: Dial
Privilege: call,all
SubEvent: End
Channel: Local/7101@c2c-1f3a;2
UniqueID: 1.2
DialStatus: ANSWER

Event: Bridge
Privilege: call,all
Bridgestate: Link
Bridgetype: core
Channel1: SIP/7101-00000001
Channel2: SIP/trunk-00000002
Uniqueid1: 1.3
Uniqueid2: 1.4
CallerID1: 7101
CallerID2: 0390

Event: Rename
Privilege: call,all
Channel: SIP/7101-00000001
Newname: SIP/7101-00000001<MASQ>
Uniqueid: 1.3

Event: LocalBridge
Privilege: call,all
Channel1: Local/7101@c2c-1f3a;1
Channel2: Local/7101@c2c-1f3a;2
Uniqueid1: 1.1
Uniqueid2: 1.2
Context: c2c
Exten: 7101
LocalOptimization: Yes

Event: LocalBridge
Privilege: call,all
LocalOneChannel: Local/7101@c2c-1f3a;1
LocalOneUniqueid: 1.1
LocalTwoChannel: Local/7101@c2c-1f3a;2
LocalTwoUniqueid: 1.2
LocalOptimization: Yes

Event: LocalBridge
Privilege: call,all
LocalOneUniqueid: 1.1
LocalOneLinkedid: 1.1
LocalTwoUniqueid: 1.2
LocalTwoLinkedid: 1.1

`)), DialBegin{
		Src:        Channel{Name: "Local/7101@c2c-1f3a;2", UniqueID: "1.2", CallerIDNum: "0390", CallerIDName: "c2c: 0390"},
		Dest:       Channel{Name: "SIP/7101-00000001", UniqueID: "1.3"},
		DialString: "7101",
	}, DialEnd{Src: Channel{Name: "Local/7101@c2c-1f3a;2", UniqueID: "1.2"}, Status: "ANSWER"},
		Bridge{
			Channel{Name: "SIP/7101-00000001", UniqueID: "1.3", CallerIDNum: "7101"},
			Channel{Name: "SIP/trunk-00000002", UniqueID: "1.4", CallerIDNum: "0390"},
			"Link",
		},
		Rename{Channel{Name: "SIP/7101-00000001", UniqueID: "1.3"}, "SIP/7101-00000001<MASQ>"},
		pair, pair) // as of 11, and of 12 to 13.4; where there is a Linkedid nobody needs it
}
