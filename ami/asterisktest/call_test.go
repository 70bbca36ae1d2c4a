//go:build linux

package asterisktest

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"cornetta/ami/pbxsim"
)

// asKalliopeUser logs in with the rights that a KalliopePBX gives.
func asKalliopeUser(t *testing.T, p *PBX) *session {
	t.Helper()
	s, err := openSession(p.Addr(), p.Username(), p.Secret(), "call", time.Now().Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		// Asterisk up to 22.10 can forget to send the last event until the
		// session is heard of again.
		again := time.NewTicker(2 * time.Second)
		defer again.Stop()
		for {
			select {
			case <-stop:
				return
			case <-again.C:
				if _, err := s.conn.Write([]byte("Action: Ping\r\n\r\n")); err != nil {
					return
				}
			}
		}
	}()
	t.Cleanup(func() {
		s.close()
		close(stop)
		<-done
	})
	return s
}

// The two ways to ask a KalliopePBX for a call.
const (
	variables = "variables"
	wrapper   = "wrapper"
)

// originate returns the headers of a click-to-call.
func originate(syntax, ext, number, id string, timeout time.Duration) []string {
	headers := []string{
		"Async: true", "Priority: 1", "Exten: " + number, "ChannelId: " + id,
		fmt.Sprintf("Timeout: %d", timeout.Milliseconds()),
	}
	if syntax == wrapper {
		return append(headers, "Channel: Local/"+ext+"@c2c_"+pbxsim.Tenant, "Context: from_c2c_"+pbxsim.Tenant,
			fmt.Sprintf("CallerID: \"c2c: %s\" <%s>", number, ext))
	}
	return append(headers, "Channel: Local/"+ext+"@c2c", "Context: from_c2c",
		fmt.Sprintf("CallerID: \"c2c: %s\" <%s>", number, number),
		"Variable: C2C_SRC="+ext, "Variable: C2C_DST="+number, "Variable: __TENANT_UUID="+pbxsim.Tenant)
}

// call is what the events said about one call.
type call struct {
	id       string
	live     map[string]string // Uniqueid → Channel
	seen     []string          // channels, in order of their birth
	dialEnd  map[string]string // "own", "far" → DialStatus
	cause    map[string]string // "own", "far" → Hangup's Cause
	response string            // OriginateResponse: "Success 4"
	outlived bool              // the Local channels went while others stayed
	answered bool              // the far side, that is
}

func newCall() *call {
	return &call{
		id: "cornetta-" + rand.Text(), live: map[string]string{},
		dialEnd: map[string]string{}, cause: map[string]string{},
	}
}

// leg tells whose phone the channel is: PJSIP/<ext>-… is "own", any other
// PJSIP channel "far", a Local one neither.
func leg(channel, ext string) string {
	switch {
	case strings.HasPrefix(channel, "PJSIP/"+ext+"-"):
		return "own"
	case strings.HasPrefix(channel, "PJSIP/"):
		return "far"
	}
	return ""
}

// note takes one event in.
func (c *call) note(m fields, ext string) {
	switch m.get("Event") {
	case "Newchannel":
		if m.get("Linkedid") == c.id {
			c.live[m.get("Uniqueid")] = m.get("Channel")
			c.seen = append(c.seen, m.get("Channel"))
		}
	case "DialEnd":
		if m.get("DestLinkedid") == c.id {
			who := leg(m.get("DestChannel"), ext)
			c.dialEnd[who] = m.get("DialStatus")
			c.answered = c.answered || who == "far" && m.get("DialStatus") == "ANSWER"
		}
	case "OriginateResponse":
		if m.get("Uniqueid") == c.id {
			c.response = m.get("Response") + " " + m.get("Reason")
		}
	case "Hangup":
		if name, ours := c.live[m.get("Uniqueid")]; ours {
			delete(c.live, m.get("Uniqueid"))
			c.cause[leg(name, ext)] = m.get("Cause")
			c.outlived = c.outlived || c.answered && len(c.live) == 2 && !strings.Contains(c.names(), "Local/")
		}
	}
}

// names are the channels that live, sorted, in one string.
func (c *call) names() string {
	var names []string
	for _, n := range c.live {
		names = append(names, n)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// over reports whether all has been said about the call.
func (c *call) over() bool { return c.response != "" && len(c.seen) > 0 && len(c.live) == 0 }

// dial asks for the call and follows it until stop says so.
func dial(s *session, syntax, ext, number string, timeout time.Duration, stop func(*call) bool) (*call, error) {
	c := newCall()
	id, err := s.send("Originate", originate(syntax, ext, number, c.id, timeout)...)
	if err != nil {
		return nil, err
	}
	for answered := false; !answered || !stop(c); {
		m, err := s.read()
		if err != nil {
			return nil, fmt.Errorf("%w; so far %+v", err, c)
		}
		if m.get("Event") == "" && m.get("ActionID") == id {
			answered = true
			if m.get("Response") != "Success" {
				return nil, fmt.Errorf("Originate: %v", m)
			}
		}
		c.note(m, ext)
	}
	return c, nil
}

// mustDial is dial for tests with one call.
func mustDial(t *testing.T, s *session, syntax, ext, number string, stop func(*call) bool) *call {
	t.Helper()
	c, err := dial(s, syntax, ext, number, 10*time.Second, stop)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCalls(t *testing.T) {
	const patience = 10 * time.Second
	tests := []struct {
		name, ext, number string
		timeout           time.Duration
		response          string
		own, far          string // DialStatus; "": no such leg
		farCause          string
		optimised         bool
	}{
		{"answered", "7101", "039050123402", patience, "Success 4", "ANSWER", "ANSWER", "16", true},
		{"long name", "7105", "039050123402", patience, "Success 4", "ANSWER", "ANSWER", "16", true},
		{"own silent", "7102", "039050123402", time.Second, "Failure 3", "CANCEL", "", "", false},
		{"own busy", "7103", "039050123402", patience, "Failure 0", "BUSY", "", "", false},
		{"own not connected", "7104", "039050123402", patience, "Failure 0", "", "", "", false},
		{"far busy", "7101", "039050123403", patience, "Success 4", "ANSWER", "BUSY", "17", false},
		{"far silent", "7101", "039050123404", patience, "Success 4", "ANSWER", "NOANSWER", "", false},
		{"far congested", "7101", "039050123405", patience, "Success 4", "ANSWER", "CONGESTION", "34", false},
		{"far unknown", "7101", "039050123406", patience, "Success 4", "ANSWER", "NOANSWER", "1", false},
		{"far rejects", "7101", "039050123408", patience, "Success 4", "ANSWER", "NOANSWER", "21", false},
		{"inside busy", "7101", "7103", patience, "Success 4", "ANSWER", "BUSY", "17", false},
		{"inside not connected", "7101", "7104", patience, "Success 4", "ANSWER", "", "", false},
		{"limited, outside", "7106", "039050123402", patience, "Success 4", "ANSWER", "", "", false},
		{"limited, inside", "7106", "7103", patience, "Success 4", "ANSWER", "BUSY", "17", false},
	}
	onEach(t, func(t *testing.T, p *PBX) {
		// All calls at once would make Asterisk late; one after the other takes
		// a minute.
		type key struct{ name, syntax string }
		var mu sync.Mutex
		calls, failed := map[key]*call{}, map[key]error{}
		var group errgroup.Group
		group.SetLimit(8)
		for _, tt := range tests {
			for _, syntax := range []string{variables, wrapper} {
				s := asKalliopeUser(t, p)
				group.Go(func() error {
					c, err := dial(s, syntax, tt.ext, tt.number, tt.timeout, (*call).over)
					mu.Lock()
					defer mu.Unlock()
					calls[key{tt.name, syntax}], failed[key{tt.name, syntax}] = c, err
					return nil
				})
			}
		}
		if err := group.Wait(); err != nil {
			t.Fatal(err)
		}
		for _, tt := range tests {
			for _, syntax := range []string{variables, wrapper} {
				t.Run(tt.name+"/"+syntax, func(t *testing.T) {
					c, err := calls[key{tt.name, syntax}], failed[key{tt.name, syntax}]
					if err != nil {
						t.Fatal(err)
					}
					if c.response != tt.response {
						t.Errorf("OriginateResponse %s, want %s", c.response, tt.response)
					}
					if c.dialEnd["own"] != tt.own || c.dialEnd["far"] != tt.far {
						t.Errorf("DialEnd own %q, far %q; want %q, %q", c.dialEnd["own"], c.dialEnd["far"], tt.own, tt.far)
					}
					if tt.farCause != "" && c.cause["far"] != tt.farCause {
						t.Errorf("far side's Cause %s, want %s", c.cause["far"], tt.farCause)
					}
					if c.outlived != tt.optimised {
						t.Errorf("local channels optimised away: %v, want %v", c.outlived, tt.optimised)
					}
					if t.Failed() {
						t.Logf("%+v", c)
					}
				})
			}
		}
	})
}

// A call that stays is hung up by the client, on the channels that are left.
func TestHangup(t *testing.T) {
	onEach(t, func(t *testing.T, p *PBX) {
		s := asKalliopeUser(t, p)
		c := mustDial(t, s, variables, "7101", "039050123407", func(c *call) bool { return c.outlived })
		if got := c.names(); !strings.HasPrefix(got, "PJSIP/7101-") || !strings.Contains(got, " PJSIP/trunk-") {
			t.Errorf("what is left of the call: %s", got)
		}
		hangUp(t, s, c, "7101", strings.Fields(c.names())[0])
	})
}

// The echo service answers by itself: there is no far leg.
func TestEchoService(t *testing.T) {
	onEach(t, func(t *testing.T, p *PBX) {
		s := asKalliopeUser(t, p)
		c := mustDial(t, s, wrapper, "7101", pbxsim.EchoService, func(c *call) bool { return c.response != "" })
		if c.response != "Success 4" || len(c.live) != 3 {
			t.Errorf("OriginateResponse %s, channels %s", c.response, c.names())
		}
		for name := range strings.FieldsSeq(c.names()) {
			if strings.HasSuffix(name, ";1") {
				hangUp(t, s, c, "7101", name)
			}
		}
		if !c.over() || c.dialEnd["far"] != "" {
			t.Errorf("after the hang-up: channels %q, far DialEnd %q", c.names(), c.dialEnd["far"])
		}
	})
}

// hangUp ends the call by one of its channels and follows it to its end.
func hangUp(t *testing.T, s *session, c *call, ext, channel string) {
	t.Helper()
	id, err := s.send("Hangup", "Channel: "+channel)
	if err != nil {
		t.Fatal(err)
	}
	for answered := false; !answered || !c.over(); {
		m, err := s.read()
		if err != nil {
			t.Fatalf("%v; still there: %s", err, c.names())
		}
		if m.get("Event") == "" && m.get("ActionID") == id {
			answered = true
			if m.get("Response") != "Success" {
				t.Fatalf("Hangup: %v", m)
			}
		}
		c.note(m, ext)
	}
}

// What the dial plan does not route, or who does not say the right tenant.
func TestRefusals(t *testing.T) {
	onEach(t, func(t *testing.T, p *PBX) {
		for _, number := range []string{"12345", "*9", "0123", "0+3905012345", "7999"} {
			for _, syntax := range []string{variables, wrapper} {
				s := asKalliopeUser(t, p)
				m, err := s.do("Originate", originate(syntax, "7101", number, "cornetta-"+rand.Text(), time.Second)...)
				if err != nil {
					t.Fatal(err)
				}
				if m.get("Response") != "Error" || m.get("Message") != "Extension does not exist." {
					t.Errorf("%s, %s: %v", number, syntax, m)
				}
			}
		}
		s := asKalliopeUser(t, p)
		c := newCall()
		headers := originate(variables, "7101", "039050123402", c.id, time.Second)
		headers[len(headers)-1] = "Variable: __TENANT_UUID=00000000-0000-0000-0000-000000000000"
		if _, err := s.send("Originate", headers...); err != nil {
			t.Fatal(err)
		}
		for !c.over() {
			m, err := s.read()
			if err != nil {
				t.Fatalf("%v; so far %+v", err, c)
			}
			c.note(m, "7101")
		}
		if c.response != "Failure 0" || len(c.seen) != 2 {
			t.Errorf("other tenant: OriginateResponse %s, channels %v", c.response, c.seen)
		}
	})
}
