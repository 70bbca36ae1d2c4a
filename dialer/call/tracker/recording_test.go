package tracker

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"cornetta/ami"
	"cornetta/dialer/call"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorded are the calls of testdata, as their comment lines describe them.
var recorded = []struct {
	what   string
	ext    string
	number string
	ctx    string
	states []call.State
	cause  call.Cause
}{
	{"far side answers, local channels optimised away", "7101", "039050123402", "c2c", []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar, call.InCall, call.Ended}, ""},
	{"far side busy", "7101", "039050123403", "c2c_T", []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn, call.Failed}, call.Busy},
	{"own phone silent", "7102", "039050123402", "c2c", []call.State{call.Requested, call.RingingOwn, call.Failed}, call.OwnNoAnswer},
	{"own phone not registered", "7104", "039050123402", "c2c", []call.State{call.Requested, call.Failed}, call.OwnUnreachable},
	{"own phone busy", "7103", "039050123402", "c2c_T", []call.State{call.Requested, call.Failed}, call.OwnBusy},
	{"no such number", "7101", "039050123406", "c2c", []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn, call.Failed}, call.NoSuchNumber},
	{"far side rejects", "7101", "039050123408", "c2c", []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn, call.Failed}, call.Rejected},
	{"hung up while the colleague rings", "7101", "7102", "c2c", []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar, call.Cancelled}, ""},
}

const tenant = "5f1d3c52-8a54-4a7e-9d5e-0c6f6a1b2c3d"

func recordedRequest(i int) Request {
	r := recorded[i]
	id := fmt.Sprintf("cornetta-example-%d", i)
	return Request{
		ID: id, ActionID: "originate", ChannelID: id, OtherChannelID: id + ";2",
		Channel: "Local/" + r.ext + "@" + strings.ReplaceAll(r.ctx, "T", tenant),
		Number:  r.number, CallerName: CallerNames + r.number, Extension: r.ext, RingTime: 10 * time.Second,
	}
}

// TestRecordings feeds real calls through the real client, so that what the
// family lets through is part of what is tested.
func TestRecordings(t *testing.T) {
	for _, version := range []string{"16", "22"} {
		calls := readRecording(t, "testdata/calls-asterisk"+version+".ami")
		if len(calls) != len(recorded) {
			t.Fatalf("%d calls recorded, want %d", len(calls), len(recorded))
		}
		for i, r := range recorded {
			events := replay(t, calls[i], NewFamily(recordedRequest(i)))
			t.Run(version+"/"+r.what, func(t *testing.T) { checkStates(t, i, events) })
			t.Run(version+"/"+r.what+", every event twice", func(t *testing.T) {
				var twice []ami.Event
				for _, e := range events {
					twice = append(twice, e, e)
				}
				checkStates(t, i, twice)
			})
			t.Run(version+"/"+r.what+", originate response late", func(t *testing.T) {
				checkStates(t, i, later[ami.OriginateResponse](events, 4))
			})
			t.Run(version+"/"+r.what+", dial end late", func(t *testing.T) {
				checkStates(t, i, later[ami.DialEnd](events, 2))
			})
		}
	}
}

// later moves each event of type E behind the next n.
func later[E ami.Event](events []ami.Event, n int) []ami.Event {
	out := slices.Clone(events)
	for i := len(out) - 1; i >= 0; i-- {
		if _, ok := out[i].(E); !ok {
			continue
		}
		for j := i; j < min(i+n, len(out)-1); j++ {
			out[j], out[j+1] = out[j+1], out[j]
		}
	}
	return out
}

func checkStates(t *testing.T, i int, events []ami.Event) {
	t.Helper()
	r := recorded[i]
	now := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	c := New(recordedRequest(i), now)
	if i == 7 {
		c.Cancel() // the recording holds the Hangup action
	}
	states := []call.State{c.Snapshot().State}
	note := func() {
		if s := c.Snapshot().State; s != states[len(states)-1] {
			states = append(states, s)
		}
	}
	for _, e := range events {
		now = now.Add(10 * time.Millisecond)
		c.Apply(e, now)
		note()
	}
	c.Tick(now.Add(time.Minute))
	note()
	if !slices.Equal(states, r.states) || c.Snapshot().Cause != r.cause {
		t.Errorf("states %v cause %q, want %v %q", states, c.Snapshot().Cause, r.states, r.cause)
	}
	if !c.Over() {
		t.Errorf("not over: %v live", c.Channels())
	}
}

// readRecording splits a file into its calls, without what was sent before
// the Originate was answered.
func readRecording(t testing.TB, file string) [][]byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var calls [][]byte
	for _, part := range bytes.Split(data, []byte("; call "))[1:] {
		_, events, ok := bytes.Cut(part, []byte("Originate successfully queued\r\n\r\n"))
		if !ok {
			t.Fatal("no answer to the Originate in the recording")
		}
		calls = append(calls, events)
	}
	return calls
}

// replay serves stream to a client behind a login, and returns the events
// that the family wants.
func replay(t testing.TB, stream []byte, f *Family) []ami.Event {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	start := make(chan struct{})
	served := make(chan struct{})
	go func() {
		defer close(served)
		conn, err := ln.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		fmt.Fprint(conn, "Asterisk Call Manager/11.0.0\r\n")
		in := bufio.NewReader(conn)
		for {
			line, err := in.ReadString('\n')
			if err != nil {
				return
			}
			if id, ok := strings.CutPrefix(strings.TrimSpace(line), "ActionID: "); ok {
				fmt.Fprintf(conn, "Response: Success\r\nActionID: %s\r\n\r\n", id)
				break
			}
		}
		<-start
		_, _ = conn.Write(stream)
	}()
	c, err := ami.Dial(t.Context(), ami.Config{
		Addr: ln.Addr().String(), Username: "u", Secret: "s", Auth: ami.AuthPlain, Events: "call",
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sub := c.Subscribe(f.Wants, 0)
	close(start)
	var events []ami.Event
	for e := range sub.C() {
		events = append(events, e)
	}
	<-served
	if len(events) == 0 {
		t.Fatal("the family wanted nothing")
	}
	return events
}

// TestFamilyFindsWhatWasBornUnseen: the link comes back when both phones talk,
// and nothing of them was ever heard. Their Hangups must not pass by.
func TestFamilyFindsWhatWasBornUnseen(t *testing.T) {
	for _, version := range []string{"16", "22"} {
		stream := readRecording(t, "testdata/calls-asterisk"+version+".ami")[0]
		talking := bytes.LastIndex(stream, []byte("Event: LocalOptimizationEnd"))
		if talking < 0 {
			t.Fatal("no optimisation in the recording")
		}
		c := New(recordedRequest(0), time.Unix(0, 0))
		var over []string
		for _, e := range replay(t, stream[talking:], c.Family()) {
			if h, ok := e.(ami.HangupEvent); ok && strings.HasPrefix(h.Channel.Name, "PJSIP/") {
				over = append(over, h.Channel.Name)
			}
		}
		slices.Sort(over)
		if len(over) != 2 || !strings.HasPrefix(over[0], "PJSIP/7101-") || !strings.HasPrefix(over[1], "PJSIP/trunk-") {
			t.Errorf("Asterisk %s: hung up, as the family tells: %q", version, over)
		}
	}
}

// TestFamilyForgetsOthers: nothing of the handsets' own channels, which stand
// for other people's calls in the recordings, passes.
func TestFamilyForgetsOthers(t *testing.T) {
	calls := readRecording(t, "testdata/calls-asterisk22.ami")
	for i := range recorded {
		for _, e := range replay(t, calls[i], NewFamily(recordedRequest(i))) {
			if n := nameOf(e); strings.HasPrefix(n, "PJSIP/anonymous") {
				t.Errorf("call %d: %T of %s passed", i, e, n)
			}
		}
	}
}

func nameOf(e ami.Event) string {
	switch e := e.(type) {
	case ami.Newchannel:
		return e.Channel.Name
	case ami.Newstate:
		return e.Channel.Name
	case ami.HangupEvent:
		return e.Channel.Name
	}
	return ""
}
