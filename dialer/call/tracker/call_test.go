package tracker

import (
	"slices"
	"testing"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call"
)

// The channels of a made-up call.
var (
	one   = ami.Channel{Name: "Local/7101@c2c-1;1", UniqueID: "c-1", LinkedID: "c-1"}
	two   = ami.Channel{Name: "Local/7101@c2c-1;2", UniqueID: "c-2", LinkedID: "c-1"}
	own   = ami.Channel{Name: "PJSIP/7101-1", UniqueID: "9.1", LinkedID: "c-1"}
	own2  = ami.Channel{Name: "PJSIP/7101-2", UniqueID: "9.2", LinkedID: "c-1"}
	trunk = ami.Channel{Name: "PJSIP/trunk-1", UniqueID: "9.3", LinkedID: "c-1"}
	spare = ami.Channel{Name: "PJSIP/trunk-2", UniqueID: "9.4", LinkedID: "c-1"}
	outer = ami.Channel{Name: "Local/0501@out-2;1", UniqueID: "9.5", LinkedID: "c-1"}
	inner = ami.Channel{Name: "Local/0501@out-2;2", UniqueID: "9.6", LinkedID: "c-1"}
)

func req() Request {
	return Request{
		ID: "c", ActionID: "c", ChannelID: "c-1", OtherChannelID: "c-2",
		Channel: "Local/7101@c2c", Number: "0501", Extension: "7101", RingTime: 10 * time.Second,
	}
}

// Inputs beside ami.Event.
type (
	wait   time.Duration
	cancel struct{}
	lost   struct{}
	live   []ami.ChannelStatus // after the link was lost
	missed []ami.ChannelStatus // after events were
	state  call.State          // what it must be here
)

func begin(src, dest ami.Channel) ami.Event { return ami.DialBegin{Src: src, Dest: dest} }
func rings(src, dest ami.Channel) ami.Event {
	return ami.DialState{Src: src, Dest: dest, Status: "RINGING"}
}

func end(src, dest ami.Channel, s string) ami.Event {
	return ami.DialEnd{Src: src, Dest: dest, Status: s}
}
func born(ch ami.Channel) ami.Event { return ami.Newchannel{Channel: ch} }
func gone(ch ami.Channel, cause int) ami.Event {
	return ami.HangupEvent{Channel: ch, Cause: cause}
}

func up(ch ami.Channel) ami.Event {
	ch.State = chanUp
	return ami.Newstate{Channel: ch}
}

func originated(ok bool, reason int) ami.Event {
	return ami.OriginateResponse{ActionID: "c", Success: ok, Reason: reason, UniqueID: "c-1"}
}

// asked, ringing, picked and calling are how every call begins.
var (
	asked   = []any{born(one), born(two), begin(ami.Channel{}, one), born(own), begin(two, own)}
	ringing = append(slices.Clone(asked), rings(two, own), state(call.RingingOwn))
	picked  = append(slices.Clone(ringing), end(two, own, "ANSWER"), originated(true, 4), end(ami.Channel{}, one, "ANSWER"), state(call.AnsweredOwn))
	calling = append(slices.Clone(picked), born(trunk), begin(one, trunk), rings(one, trunk), state(call.RingingFar))
)

func then(start []any, more ...any) []any { return append(slices.Clone(start), more...) }

func TestCall(t *testing.T) {
	sec := wait(time.Second)
	for _, tc := range []struct {
		name  string
		in    []any
		state call.State
		cause call.Cause
	}{
		{"answered and over", then(calling, end(one, trunk, "ANSWER"), state(call.InCall), gone(two, 16), gone(one, 16), state(call.InCall), gone(trunk, 16), gone(own, 16)), call.Ended, ""},
		{"answered without a ring", then(picked, born(trunk), begin(one, trunk), end(one, trunk, "ANSWER"), state(call.InCall), gone(one, 16), gone(two, 16), gone(own, 16), gone(trunk, 16)), call.Ended, ""},
		{"trunk up before its dial end", then(calling, up(trunk), state(call.InCall), end(one, trunk, "ANSWER"), gone(one, 16), gone(two, 16), gone(own, 16), gone(trunk, 16)), call.Ended, ""},
		{"a Local half that is up is nobody's answer", then(picked, begin(one, outer), born(inner), up(outer), up(inner)), call.AnsweredOwn, ""},
		{"answer through a nested Local pair", then(picked, born(outer), born(inner), begin(one, outer), begin(inner, trunk), rings(inner, trunk), state(call.RingingFar), end(inner, trunk, "ANSWER")), call.InCall, ""},
		{"busy, then a busy tone", then(calling, end(one, trunk, "BUSY"), gone(trunk, 17), state(call.RingingFar), sec), call.Failed, call.Busy},
		{"busy with no dial begin", then(picked, end(one, trunk, "BUSY"), sec), call.Failed, call.Busy},
		{"first trunk fails, second answers", then(calling, end(one, trunk, "CONGESTION"), gone(trunk, 34), begin(one, spare), sec, rings(one, spare), state(call.RingingFar), end(one, spare, "ANSWER")), call.InCall, ""},
		{"both trunks fail", then(calling, end(one, trunk, "CONGESTION"), gone(trunk, 34), begin(one, spare), end(one, spare, "CHANUNAVAIL"), gone(spare, 1), gone(one, 1)), call.Failed, call.NoSuchNumber},
		{"of two called at once one is busy", then(calling, begin(one, spare), end(one, spare, "BUSY"), gone(spare, 17), sec, state(call.RingingFar), end(one, trunk, "ANSWER")), call.InCall, ""},
		{"of two called at once one is busy, the other answers and is replaced", then(calling, begin(one, spare), end(one, spare, "BUSY"), gone(spare, 17), end(one, trunk, "ANSWER"), gone(one, 16), gone(two, 16), gone(trunk, 16), state(call.InCall), gone(own, 16)), call.Ended, ""},
		{"nobody answers", then(calling, end(one, trunk, "NOANSWER"), gone(trunk, 19), gone(one, 16)), call.Failed, call.NoAnswer},
		{"handset put down while the other side rings", then(calling, gone(own, 16), gone(two, 16), end(one, trunk, "CANCEL"), gone(one, 16), gone(trunk, 16)), call.Cancelled, ""},
		{"all events of the far end lost", then(calling, gone(own, 16), gone(two, 16), gone(one, 16), gone(trunk, 16)), call.Cancelled, ""},
		{"the dial plan calls nobody", then(picked, gone(one, 16), gone(two, 16), gone(own, 16)), call.Failed, call.NotPermitted},
		{"the dial plan knows no such number", then(picked, gone(one, 1), gone(two, 1), gone(own, 1)), call.Failed, call.NoSuchNumber},
		{"a service of the PBX answers", then(picked, wait(serviceAfter), state(call.InCall), gone(own, 16), gone(two, 16), gone(one, 16)), call.Ended, ""},
		{"a slow dial plan is no service", then(picked, wait(serviceAfter), state(call.InCall), begin(one, trunk), state(call.AnsweredOwn), rings(one, trunk), state(call.RingingFar), end(one, trunk, "BUSY"), gone(trunk, 17), gone(one, 17)), call.Failed, call.Busy},
		{"own phone busy, cause behind the response", then(asked, originated(false, 0), state(call.Requested), end(two, own, "BUSY")), call.Failed, call.OwnBusy},
		{"own phone busy, cause before the response", then(asked, end(two, own, "BUSY"), state(call.Requested), originated(false, 0)), call.Failed, call.OwnBusy},
		{"one of two own phones busy, the other answers", then(asked, begin(two, own2), end(two, own, "BUSY"), gone(own, 17), rings(two, own2), end(two, own2, "ANSWER")), call.AnsweredOwn, ""},
		{"own phone silent", then(ringing, originated(false, 3)), call.Failed, call.OwnNoAnswer},
		{"own phone not connected", then([]any{born(one), born(two)}, gone(two, 3), end(ami.Channel{}, one, "CHANUNAVAIL"), gone(one, 3), originated(false, 0)), call.Failed, call.OwnUnreachable},
		{"own phone not connected, dial end first", then([]any{born(one), born(two)}, end(ami.Channel{}, one, "CHANUNAVAIL"), state(call.Requested), gone(two, 3), gone(one, 3), originated(false, 0)), call.Failed, call.OwnUnreachable},
		{"own phone not connected, response first", then([]any{born(one), born(two)}, originated(false, 0), end(ami.Channel{}, one, "CHANUNAVAIL"), state(call.Requested), gone(two, 3), state(call.Failed), gone(one, 3)), call.Failed, call.OwnUnreachable},
		{"refused by the dial plan before a phone was dialled", then([]any{born(one), born(two)}, gone(two, 21), gone(one, 21), originated(false, 0), sec), call.Failed, call.Refused},
		{"own phone busy, cause far behind the response", then(asked, originated(false, 0), sec, sec, state(call.Requested), end(two, own, "BUSY")), call.Failed, call.OwnBusy},
		{"a reason nobody knows", then([]any{born(one), born(two)}, originated(false, -1), gone(two, 0), gone(one, 0), sec), call.Failed, call.Refused},
		{"own phone rang, then a failure without words", then(ringing, originated(false, 0), wait(behind)), call.Failed, call.OwnNoAnswer},
		{"cancelled before anything rang", then([]any{cancel{}, born(one), born(two)}, gone(one, 16), gone(two, 16), originated(false, 1)), call.Cancelled, ""},
		{"cancelled while the own phone rings", then(ringing, cancel{}, originated(false, 0)), call.Cancelled, ""},
		{"cancelled while the other side rings", then(calling, cancel{}, end(one, trunk, "CANCEL"), gone(one, 16), gone(two, 16), gone(own, 16), gone(trunk, 16)), call.Cancelled, ""},
		{"hung up in the call", then(calling, end(one, trunk, "ANSWER"), cancel{}, gone(one, 16), gone(two, 16), gone(own, 16), gone(trunk, 16)), call.Ended, ""},
		{"queued, then silence", []any{wait(20*time.Second + 1)}, call.Unknown, ""},
		{"silence, then the PBX speaks", append([]any{wait(20*time.Second + 1), state(call.Unknown)}, ringing...), call.RingingOwn, ""},
		{"picked up, and no channel was ever heard of", []any{originated(true, 4), state(call.AnsweredOwn), wait(serviceAfter)}, call.Unknown, ""},
		{"the far side rings, and no channel was ever heard of", []any{originated(true, 4), rings(one, ami.Channel{}), state(call.RingingFar), wait(silence)}, call.Unknown, ""},
		{"hung up before it was born", []any{gone(one, 16), born(one), gone(one, 16), gone(one, 16), originated(false, 1), sec}, call.Failed, call.Refused},
		{"somebody else's response", []any{ami.OriginateResponse{ActionID: "other", Success: true}}, call.Requested, ""},
		{"link lost", then(calling, lost{}), call.Unknown, call.LinkLost},
		{"link lost after the end", then(calling, end(one, trunk, "BUSY"), sec, lost{}), call.Failed, call.Busy},
		{"back, still ringing", then(calling, lost{}, live{{Channel: trunk}, {Channel: own}}), call.RingingFar, ""},
		{"back, answered meanwhile", then(calling, lost{}, live{statusUp(trunk), statusUp(own)}), call.InCall, ""},
		{"back, picked up meanwhile", then(ringing, lost{}, live{statusUp(own)}), call.AnsweredOwn, ""},
		{"back, nothing of it is left", then(calling, lost{}, live{{Channel: ami.Channel{Name: "PJSIP/x", UniqueID: "1.1", LinkedID: "1.1", State: chanUp}}}), call.Unknown, call.LinkLost},
		{"events lost, answered meanwhile", then(calling, missed{statusUp(one), statusUp(two), statusUp(trunk), statusUp(own)}), call.InCall, ""},
		{"events lost, local channels gone", then(calling, missed{statusUp(trunk), statusUp(own)}), call.InCall, ""},
		{"events lost, the end with them", then(calling, end(one, trunk, "ANSWER"), missed{}), call.Ended, ""},
		{"transferred away", then(calling, end(one, trunk, "ANSWER"), gone(one, 16), gone(two, 16), gone(own, 16)), call.Ended, ""},
		{"back from requested, the far side rings", []any{lost{}, live{{Channel: one}, {Channel: two}, {Channel: own}}, end(two, own, "ANSWER"), born(trunk), begin(one, trunk), wait(10 * time.Second), rings(one, trunk)}, call.RingingFar, ""},
		{"back, far side born unseen and talking", then(ringing, lost{}, live{statusUp(own), statusUp(trunk)}), call.InCall, ""},
		{"back, a hangup overtook the list", then(calling, lost{}, gone(trunk, 16), gone(own, 16), gone(one, 16), gone(two, 16), live{statusUp(trunk), statusUp(own)}), call.Unknown, call.LinkLost},
		{"told twice that the trunk is dialled", then(calling, end(one, trunk, "BUSY"), begin(one, trunk), gone(trunk, 17), gone(one, 17), gone(two, 17), gone(own, 17)), call.Failed, call.Busy},
		{"two own phones, one busy, one rings out", then(asked, begin(two, own2), end(two, own, "BUSY"), rings(two, own2), originated(false, 3)), call.Failed, call.OwnNoAnswer},
		{"back, over since", then(calling, end(one, trunk, "ANSWER"), lost{}, live{statusUp(trunk), statusUp(own)}, gone(trunk, 16), gone(own, 16)), call.Ended, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			c := New(req(), now)
			for i, in := range tc.in {
				switch in := in.(type) {
				case wait:
					now = now.Add(time.Duration(in))
					c.Tick(now)
				case cancel:
					c.Cancel()
				case lost:
					c.LinkLost(now)
				case live:
					c.Restore(in, now)
				case missed:
					c.Missed(in, now)
				case state:
					if got := c.Snapshot().State; got != call.State(in) {
						t.Fatalf("at step %d: %s, want %s", i, got, in)
					}
				case ami.Event:
					c.Apply(in, now)
				default:
					t.Fatalf("step %d: %T", i, in)
				}
			}
			s := c.Snapshot()
			if s.State != tc.state || s.Cause != tc.cause {
				t.Errorf("%s %q, want %s %q", s.State, s.Cause, tc.state, tc.cause)
			}
			if s.Live() == !s.Ended.IsZero() {
				t.Errorf("%s, ended at %v", s.State, s.Ended)
			}
		})
	}
}

func statusUp(ch ami.Channel) ami.ChannelStatus {
	ch.State = chanUp
	return ami.ChannelStatus{Channel: ch}
}

// TestChannelsToHangUp: the far side is named only where nothing else is
// left, and after the Local pair has vanished the own phone is.
func TestChannelsToHangUp(t *testing.T) {
	now := time.Unix(0, 0)
	for _, tc := range []struct {
		name string
		in   []any
		want []string
	}{
		{"nothing yet", nil, nil},
		{"own phone rings", ringing, []string{one.Name, own.Name, two.Name}},
		{"other side rings", calling, []string{one.Name, own.Name, two.Name}},
		{"local channels gone", then(calling, end(one, trunk, "ANSWER"), gone(one, 16), gone(two, 16)), []string{own.Name}},
		{"own phone gone too: transferred", then(calling, end(one, trunk, "ANSWER"), gone(one, 16), gone(two, 16), gone(own, 16)), nil},
	} {
		c := New(req(), now)
		for _, in := range tc.in {
			if e, ok := in.(ami.Event); ok {
				c.Apply(e, now)
			}
		}
		if got := c.Channels(); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, got, tc.want)
		}
	}
}

// TestTalkingTime counts from the answer to the end, and not while nobody has
// answered.
func TestTalkingTime(t *testing.T) {
	start := time.Unix(1000, 0)
	c := New(req(), start)
	for _, in := range calling {
		if e, ok := in.(ami.Event); ok {
			c.Apply(e, start.Add(time.Second))
		}
	}
	if d := c.Snapshot().Duration(start.Add(time.Minute)); d != 0 {
		t.Errorf("talking for %v before the answer", d)
	}
	c.Apply(end(one, trunk, "ANSWER"), start.Add(10*time.Second))
	if d := c.Snapshot().Duration(start.Add(15 * time.Second)); d != 5*time.Second {
		t.Errorf("talking for %v, want 5s", d)
	}
	for _, ch := range []ami.Channel{one, two, own, trunk} {
		c.Apply(gone(ch, 16), start.Add(93*time.Second))
	}
	if d := c.Snapshot().Duration(start.Add(time.Hour)); d != 83*time.Second {
		t.Errorf("talked for %v, want 83s", d)
	}
}

// TestNoMoreChannelsThanACallHas: a PBX that never ends anything does not
// make the program grow.
func TestNoMoreChannelsThanACallHas(t *testing.T) {
	c := New(req(), time.Unix(0, 0))
	for i := range 100_000 {
		ch := ami.Channel{Name: "PJSIP/x", UniqueID: time.Duration(i).String(), LinkedID: "c-1"}
		c.Apply(born(ch), time.Unix(0, 0))
	}
	if n := len(c.legs); n > familyCap {
		t.Errorf("%d channels kept", n)
	}
}
