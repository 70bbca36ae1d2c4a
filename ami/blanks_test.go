package ami

import (
	"slices"
	"strings"
	"testing"
)

// TestBlanks: blanks around the colon and at the end of a line change nothing, and
// neither does a CR too many.
func TestBlanks(t *testing.T) {
	for _, stream := range []string{
		"Event: Hangup\r\nUniqueid: 1.1\r\nCause: 16\r\n\r\n",
		"Event : Hangup\r\nUniqueid : 1.1\r\nCause : 16\r\n\r\n",
		"Event\t:\tHangup\r\nUniqueid \t : \t1.1\r\nCause\t:16\r\n\r\n",
		"Event: Hangup \r\nUniqueid: 1.1\t\r\nCause: 16 \t \r\n\r\n",
		"Event:Hangup\r\nUniqueid:1.1\r\nCause:16\r\n\r\n",
		"Event:Hangup\nUniqueid:1.1\nCause:16\n\n",
		"Event: Hangup\r\r\nUniqueid: 1.1\r\r\nCause: 16 \r \r\n\r\r\n",
		"Event : Hangup \r\nUniqueid : 1.1 \r\nCause : 16 \r\n \t\r\n",
		" \r\n\t\r\n\r\nevent  :  Hangup\r\nUNIQUEID  :  1.1\r\ncause  :  16\r\n  \n",
	} {
		evs := eventsOf(t, stream)
		wantEvents(t, evs, HangupEvent{Channel{UniqueID: "1.1"}, 16})
	}
	// A name that only begins as another is another, with and without blanks.
	m := messageOf(t, "Event: X\r\nUniqueid2: a\r\nUniqueid 2: b\r\nUnique id: c\r\nUniqueid \r\nUniqueid : d\r\n\r\n")
	if got := m.Get("Uniqueid"); got != "d" {
		t.Errorf("%q", got)
	}
	if got := m.All("uniqueid"); !slices.Equal(got, []string{"d"}) {
		t.Errorf("%q", got)
	}
	var names []string
	for k, v := range m.Headers {
		names = append(names, string(k)+"="+string(v))
	}
	if want := []string{"Event=X", "Uniqueid2=a", "Uniqueid 2=b", "Unique id=c", "Uniqueid=d"}; !slices.Equal(names, want) {
		t.Errorf("%q", names)
	}
	r := response(messageOf(t, "Response : Success \r\nActionID\t: 7 \r\nMessage : Originate successfully queued \r\nChallenge : 123 \r\n\r\n"))
	if !r.Success || r.ActionID != "7" || r.Message != "Originate successfully queued" || r.Get("Challenge") != "123" {
		t.Errorf("%+v %q", r, r.Message.Text())
	}
}

// TestBlanksInALogin: from the banner to a list's end.
func TestBlanksInALogin(t *testing.T) {
	spoilt := func(text string) string {
		return strings.NewReplacer(": ", " : ", "\r\n", " \r\n").Replace(text)
	}
	c := dial(t, config(listen(t, func(p *peer) {
		p.send("Asterisk Call Manager/5.0.4 \r\n")
		id := p.expect("Challenge").get("ActionID")
		p.send(spoilt("Response: Success\r\nActionID: " + id + "\r\nChallenge: 123456789\r\n\r\n"))
		id = p.expect("Login").get("ActionID")
		p.send(spoilt("Response: Success\r\nActionID: " + id + "\r\n\r\n"))
		id = p.expect("Status").get("ActionID")
		p.send(spoilt("Response: Success\r\nActionID: " + id + "\r\nEventList: start\r\n\r\n" +
			"Event: Status\r\nActionID: " + id + "\r\nUniqueid: 1.1\r\n\r\n" +
			"Event: StatusComplete\r\nActionID: " + id + "\r\nEventList: Complete\r\n\r\n"))
		p.logoff()
	})))
	if c.Version() != "5.0.4" {
		t.Errorf("version %q", c.Version())
	}
	list, err := c.List(t.Context(), Status{}, nil)
	if err != nil || len(list) != 1 || list[0].(ChannelStatus).Channel.UniqueID != "1.1" {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestACRInsideALineEndsNone: a caller chooses their name, and may put one into it.
func TestACRInsideALineEndsNone(t *testing.T) {
	evs := eventsOf(t, "Event: Newchannel\r\nCallerIDName: a\rUniqueid: 9.9\r\nUniqueid: 1.1\r\n\r\n")
	if len(evs) != 1 || evs[0].(Newchannel).Channel.UniqueID != "1.1" {
		t.Errorf("%+v", evs)
	}
}

func messageOf(t *testing.T, text string) *Message {
	t.Helper()
	m, err := newReader(strings.NewReader(text)).next()
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestVersionsThatMayBeLogged: a banner may hold anything.
func TestVersionsThatMayBeLogged(t *testing.T) {
	for banner, want := range map[string]string{
		"5.0.4": "5.0.4", "1.0": "1.0", "1.1": "1.1", "11.0.0": "11.0.0", "99.9": "99.9", "7": "7",
		"0390501234": "", "Anna": "", "5.0.4-anna": "", "1.0390": "", "1.2.3.4.5": "", "": "", "5..4": "",
	} {
		got, err := newReader(strings.NewReader(bannerPrefix + banner + "\r\n")).banner()
		if err != nil || got != want {
			t.Errorf("%q: %q, %v", banner, got, err)
		}
	}
}
