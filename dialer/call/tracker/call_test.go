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
	taker = ami.Channel{Name: "PJSIP/7105-7", UniqueID: "8.1", LinkedID: "8.1"}
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
	asking struct{}            // for that list
	state  call.State          // what it must be here
	told   call.Cause          // the same
	ending struct{}            // the PBX hangs up what is left
)

// over ends the channels as a dialplan that is through does: Local;1 first.
var over = ending{}

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

// nestedOwn and nestedFar have a phone behind a Local pair of the dialplan.
var (
	nestedOwn = []any{born(one), born(two), begin(ami.Channel{}, one), born(outer), born(inner), begin(two, outer), born(own2), begin(inner, own2), rings(inner, own2), rings(two, outer), state(call.RingingOwn)}
	nestedFar = append(slices.Clone(picked), born(outer), born(inner), begin(one, outer), born(trunk), begin(inner, trunk), rings(inner, trunk), rings(one, outer), state(call.RingingFar))
)

// bridgedOwn is picked on a PBX that tells of bridges.
var bridgedOwn = append(slices.Clone(picked), enters(own, "a"), enters(two, "a"))

func enters(ch ami.Channel, room string) ami.Event {
	return ami.BridgeEnter{Channel: ch, BridgeID: room}
}

func leaves(ch ami.Channel, room string) ami.Event {
	return ami.BridgeLeave{Channel: ch, BridgeID: room}
}

// plays is what the PBX plays by itself: told of Local;2, which nobody called.
func plays(what string) ami.Event { return ami.DialState{Dest: two, Status: what} }

func bridged(ch ami.Channel, room string) ami.ChannelStatus {
	s := statusUp(ch)
	s.BridgeID = room
	return s
}

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
		{"a trunk that is up is no answer before its dial end", then(calling, up(trunk), state(call.RingingFar), end(one, trunk, "ANSWER"), gone(one, 16), gone(two, 16), gone(own, 16), gone(trunk, 16)), call.Ended, ""},
		{"a Local half that is up is nobody's answer", then(picked, begin(one, outer), born(inner), up(outer), up(inner)), call.AnsweredOwn, ""},
		{"answer through a nested Local pair", then(picked, born(outer), born(inner), begin(one, outer), begin(inner, trunk), rings(inner, trunk), state(call.RingingFar), end(inner, trunk, "ANSWER"), state(call.RingingFar), end(one, outer, "ANSWER")), call.InCall, ""},
		{"busy, then a busy tone", then(calling, end(one, trunk, "BUSY"), gone(trunk, 17), state(call.RingingFar), sec, state(call.AnsweredOwn), told(call.Busy), end(ami.Channel{}, two, "BUSY"), wait(time.Minute), told(call.Busy), over), call.Failed, call.Busy},
		{"busy with no dial begin", then(picked, end(one, trunk, "BUSY"), sec, over), call.Failed, call.Busy},
		{"first trunk fails, second answers", then(calling, end(one, trunk, "CONGESTION"), gone(trunk, 34), begin(one, spare), sec, rings(one, spare), state(call.RingingFar), end(one, spare, "ANSWER")), call.InCall, ""},
		{"both trunks fail", then(calling, end(one, trunk, "CONGESTION"), gone(trunk, 34), begin(one, spare), end(one, spare, "CHANUNAVAIL"), gone(spare, 1), over), call.Failed, call.NoSuchNumber},
		{"of two called at once one is busy", then(calling, begin(one, spare), end(one, spare, "BUSY"), gone(spare, 17), sec, state(call.RingingFar), end(one, trunk, "ANSWER")), call.InCall, ""},
		{"of two called at once one is busy, the other answers and is replaced", then(calling, begin(one, spare), end(one, spare, "BUSY"), gone(spare, 17), end(one, trunk, "ANSWER"), gone(one, 16), gone(two, 16), gone(trunk, 16), state(call.InCall), gone(own, 16)), call.Ended, ""},
		{"nobody answers", then(calling, end(one, trunk, "NOANSWER"), gone(trunk, 19), gone(one, 16), state(call.RingingFar), over), call.Failed, call.NoAnswer},
		{"handset put down while the other side rings", then(calling, gone(own, 16), gone(two, 16), end(one, trunk, "CANCEL"), gone(one, 16), gone(trunk, 16)), call.Cancelled, ""},
		{"all events of the far end lost", then(calling, gone(own, 16), gone(two, 16), gone(one, 16), gone(trunk, 16)), call.Cancelled, ""},
		{"the dial plan calls nobody", then(picked, gone(one, 16), gone(two, 16), gone(own, 16)), call.Failed, call.NotPermitted},
		{"the dial plan knows no such number", then(picked, gone(one, 1), gone(two, 1), gone(own, 1)), call.Failed, call.NoSuchNumber},
		{"a service of the PBX answers", then(picked, wait(serviceAfter), state(call.InCall), gone(own, 16), gone(two, 16), gone(one, 16)), call.Ended, ""},
		{"a slow dial plan is no service", then(picked, wait(serviceAfter), state(call.InCall), begin(one, trunk), state(call.AnsweredOwn), rings(one, trunk), state(call.RingingFar), end(one, trunk, "BUSY"), gone(trunk, 17), over), call.Failed, call.Busy},
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
		{"own phone rang, then a failure without words", then(ringing, originated(false, 0), wait(responseGrace)), call.Failed, call.OwnNoAnswer},
		{"cancelled before anything rang", then([]any{cancel{}, born(one), born(two)}, gone(one, 16), gone(two, 16), originated(false, 1)), call.Cancelled, ""},
		{"cancelled while the own phone rings", then(ringing, cancel{}, originated(false, 0)), call.Cancelled, ""},
		{"cancelled while the other side rings", then(calling, cancel{}, end(one, trunk, "CANCEL"), gone(one, 16), gone(two, 16), gone(own, 16), gone(trunk, 16)), call.Cancelled, ""},
		{"hung up in the call", then(calling, end(one, trunk, "ANSWER"), cancel{}, gone(one, 16), gone(two, 16), gone(own, 16), gone(trunk, 16)), call.Ended, ""},
		{"queued, then silence", []any{wait(20*time.Second + 1)}, call.Unknown, ""},
		{"silence, then the PBX speaks", append([]any{wait(20*time.Second + 1), state(call.Unknown)}, ringing...), call.RingingOwn, ""},
		{"picked up, and no channel was ever heard of", []any{originated(true, 4), state(call.AnsweredOwn), wait(serviceAfter)}, call.Unknown, ""},
		{"the far side rings, and no channel was ever heard of", []any{originated(true, 4), rings(one, ami.Channel{}), state(call.RingingFar), wait(answerGrace)}, call.Unknown, ""},
		{"hung up before it was born", []any{gone(one, 16), born(one), gone(one, 16), gone(one, 16), originated(false, 1), sec}, call.Failed, call.Refused},
		{"somebody else's response", []any{ami.OriginateResponse{ActionID: "other", Success: true}}, call.Requested, ""},
		{"link lost", then(calling, lost{}), call.Unknown, call.ConnectionLost},
		{"link lost after the end", then(calling, end(one, trunk, "BUSY"), sec, over, lost{}), call.Failed, call.Busy},
		{"back, still ringing", then(calling, lost{}, live{{Channel: trunk}, {Channel: own}}), call.RingingFar, ""},
		{"back, answered meanwhile", then(calling, lost{}, live{statusUp(trunk), statusUp(own)}), call.InCall, ""},
		{"back, picked up meanwhile", then(ringing, lost{}, live{statusUp(own)}), call.AnsweredOwn, ""},
		{"back, nothing of it is left", then(calling, lost{}, live{{Channel: ami.Channel{Name: "PJSIP/x", UniqueID: "1.1", LinkedID: "1.1", State: chanUp}}}), call.Unknown, call.ConnectionLost},
		{"events lost, answered meanwhile", then(calling, missed{statusUp(one), statusUp(two), statusUp(trunk), statusUp(own)}), call.InCall, ""},
		{"events lost, local channels gone", then(calling, missed{statusUp(trunk), statusUp(own)}), call.InCall, ""},
		{"events lost, the end with them", then(calling, end(one, trunk, "ANSWER"), missed{}), call.Ended, ""},
		{"transferred away", then(calling, end(one, trunk, "ANSWER"), gone(one, 16), gone(two, 16), gone(own, 16)), call.Ended, ""},
		{"back from requested, the far side rings", []any{lost{}, live{{Channel: one}, {Channel: two}, {Channel: own}}, end(two, own, "ANSWER"), born(trunk), begin(one, trunk), wait(10 * time.Second), rings(one, trunk)}, call.RingingFar, ""},
		{"back, far side born unseen and talking", then(ringing, lost{}, live{statusUp(own), statusUp(trunk)}), call.InCall, ""},
		{"back, a hangup overtook the list", then(calling, lost{}, gone(trunk, 16), gone(own, 16), gone(one, 16), gone(two, 16), live{statusUp(trunk), statusUp(own)}), call.Unknown, call.ConnectionLost},
		{"told twice that the trunk is dialled", then(calling, end(one, trunk, "BUSY"), begin(one, trunk), gone(trunk, 17), gone(one, 17), gone(two, 17), gone(own, 17)), call.Failed, call.Busy},
		{"two own phones, one busy, one rings out", then(asked, begin(two, own2), end(two, own, "BUSY"), rings(two, own2), originated(false, 3)), call.Failed, call.OwnNoAnswer},
		{"two own phones, silent and busy, as the dialplan gives it on", then(asked, begin(two, own2), rings(two, own), end(two, own2, "BUSY"), gone(own2, 17), originated(false, 0), state(call.RingingOwn), end(two, own, "NOANSWER"), end(ami.Channel{}, one, "BUSY"), gone(own, 0), state(call.Failed)), call.Failed, call.OwnNoAnswer},
		{"two own phones, silent and busy, the other's cause on the silent one", then(asked, begin(two, own2), rings(two, own), end(two, own2, "BUSY"), gone(own2, 17), end(ami.Channel{}, one, "BUSY"), gone(own, 17), state(call.RingingOwn), end(two, own, "CANCEL"), originated(false, 0)), call.Failed, call.OwnNoAnswer},
		{"the same, and its dial end is lost", then(asked, begin(two, own2), rings(two, own), end(two, own2, "BUSY"), gone(own2, 17), originated(false, 0), gone(own, 17), gone(two, 17), gone(one, 17), sec), call.Failed, call.OwnNoAnswer},
		{"two own phones, one declines, one is busy", then(asked, begin(two, own2), end(two, own, "BUSY"), gone(own, 17), end(two, own2, "NOANSWER"), gone(own2, 21), originated(false, 0)), call.Failed, call.OwnDeclined},
		{"two own phones, busy, and the other not connected", then(asked, begin(two, own2), end(two, own2, "NOANSWER"), gone(own2, 18), originated(false, 0), end(two, own, "BUSY")), call.Failed, call.OwnBusy},
		{"own phone busy, then another is called, which answers", then(asked, end(two, own, "BUSY"), gone(own, 17), begin(two, own2), rings(two, own2), end(two, own2, "ANSWER")), call.AnsweredOwn, ""},
		{"own phone never rang until its time was over", then(asked, originated(false, 3), state(call.Requested), end(two, own, "CANCEL"), gone(own, 19)), call.Failed, call.OwnUnreachable},
		{"own phone not to be disturbed", then(asked, end(two, own, "NOANSWER"), gone(own, 19), originated(false, 0)), call.Failed, call.OwnDoNotDisturb},
		{"own phone gives up late with the same cause", then(asked, wait(5*time.Second), end(two, own, "NOANSWER"), gone(own, 19), originated(false, 0)), call.Failed, call.OwnUnreachable},
		{"the dialplan says busy for the own phone", then([]any{born(one), born(two)}, originated(false, 5), end(ami.Channel{}, one, "BUSY"), state(call.Failed), gone(one, 0), gone(two, 17)), call.Failed, call.OwnDoNotDisturb},
		{"the PBX says busy before its phone's events come", then([]any{born(one), born(two)}, originated(false, 5), born(own), begin(two, own), end(two, own, "BUSY"), end(ami.Channel{}, one, "BUSY")), call.Failed, call.OwnBusy},
		{"a mailbox answers, told before the phone has given up", then(ringing, originated(true, 4), end(two, own, "NOANSWER"), told(call.OwnElsewhere)), call.AnsweredOwn, call.OwnElsewhere},
		{"a colleague picks up", then(ringing, born(taker), end(two, taker, "ANSWER"), told(call.OwnElsewhere), gone(own, 26), originated(true, 4), begin(one, trunk), end(one, trunk, "ANSWER"), state(call.InCall), told(call.OwnElsewhere), gone(one, 16), gone(two, 16), state(call.InCall), gone(trunk, 16), gone(taker, 16)), call.Ended, call.OwnElsewhere},
		{"a colleague picks up, the phone gone first", then(ringing, gone(own, 26), originated(true, 4), told(call.OwnElsewhere), end(two, taker, "ANSWER"), begin(one, trunk), end(one, trunk, "BUSY"), gone(trunk, 17), gone(one, 16), gone(two, 16), gone(taker, 16)), call.Failed, call.OwnElsewhere},
		{"a mailbox answers for the own phone", then(asked, end(two, own, "BUSY"), gone(own, 17), originated(true, 4), end(ami.Channel{}, one, "ANSWER"), begin(one, trunk), rings(one, trunk), state(call.RingingFar)), call.RingingFar, call.OwnElsewhere},
		{"own phone picked up and not confirmed", then(nestedOwn, up(own2), state(call.RingingOwn), end(inner, own2, "CONTINUE"), gone(own2, 16), gone(inner, 16), end(two, outer, "NOANSWER"), gone(outer, 16), originated(false, 0)), call.Failed, call.OwnNotConfirmed},
		{"own phone picked up, its time over before it is confirmed", then(nestedOwn, up(own2), originated(false, 3)), call.Failed, call.OwnNotConfirmed},
		{"own phone picked up and confirmed", then(nestedOwn, up(own2), end(inner, own2, "ANSWER"), end(two, outer, "ANSWER"), state(call.RingingOwn), end(ami.Channel{}, one, "ANSWER")), call.AnsweredOwn, ""},
		{"the same, with the inner dial told first", then([]any{born(one), born(two), born(outer), born(inner), born(own2), begin(inner, own2), rings(inner, own2), up(own2), begin(two, outer), rings(two, outer)}, state(call.RingingOwn), originated(false, 3)), call.Failed, call.OwnNotConfirmed},
		{"far side picked up and not confirmed", then(nestedFar, up(trunk), state(call.RingingFar), end(inner, trunk, "CONTINUE"), gone(trunk, 16), end(one, outer, "NOANSWER"), over), call.Failed, call.NoAnswer},
		{"far side confirmed, its dial end lost", then(nestedFar, up(trunk), enters(trunk, "a"), enters(inner, "a"), state(call.RingingFar), enters(outer, "b"), enters(one, "b")), call.InCall, ""},
		{"FollowMe of the far side, confirmed", then(bridgedOwn, born(outer), born(inner), begin(one, outer), rings(one, outer), born(trunk), begin(inner, trunk), end(inner, trunk, "ANSWER"), end(one, outer, "ANSWER"), enters(trunk, "b"), enters(inner, "b"), state(call.RingingFar), wait(10*time.Second), state(call.RingingFar), enters(outer, "c"), enters(one, "c")), call.InCall, ""},
		{"FollowMe of the far side, not confirmed", then(bridgedOwn, born(outer), born(inner), begin(one, outer), rings(one, outer), end(one, outer, "ANSWER"), gone(outer, 16), gone(inner, 16), over), call.Failed, call.NoAnswer},
		{"FollowMe of the own side, not confirmed", then(nestedOwn, up(own2), end(inner, own2, "ANSWER"), end(two, outer, "ANSWER"), state(call.RingingOwn), gone(own2, 16), gone(inner, 16), gone(outer, 16), originated(false, 0)), call.Failed, call.OwnNotConfirmed},
		{"a queue that plays something to its member first", then(bridgedOwn, born(trunk), begin(one, trunk), rings(one, trunk), end(one, trunk, "ANSWER"), wait(2*time.Second), state(call.RingingFar), enters(trunk, "c"), enters(one, "c"), state(call.InCall), gone(one, 16), gone(two, 16), gone(own, 16), gone(trunk, 16)), call.Ended, ""},
		{"voice in the own bridge is nobody's answer", then(calling, enters(own, "a"), enters(two, "a")), call.RingingFar, ""},
		{"phones of the far side silent and busy", then(calling, begin(one, spare), end(one, spare, "BUSY"), gone(spare, 17), end(one, trunk, "NOANSWER"), gone(one, 17), gone(trunk, 0), over), call.Failed, call.NoAnswer},
		{"a phone that forwards, to one that is busy", then(bridgedOwn, born(trunk), begin(one, trunk), born(outer), born(inner), begin(one, outer), end(one, trunk, "CANCEL"), gone(trunk, 16), born(spare), begin(inner, spare), end(inner, spare, "BUSY"), gone(spare, 17), end(one, outer, "BUSY"), over), call.Failed, call.Busy},
		{"busy, then the mailbox", then(calling, end(one, trunk, "BUSY"), gone(trunk, 17), sec, told(call.Busy), sec, sec, state(call.InCall), told(""), wait(time.Minute), cancel{}, over), call.Ended, ""},
		{"busy, hung up by us", then(calling, end(one, trunk, "BUSY"), gone(trunk, 17), sec, cancel{}, over), call.Failed, call.Busy},
		{"rings, an announcement, and the second trunk answers", then(calling, end(one, trunk, "NOANSWER"), gone(trunk, 38), sec, state(call.AnsweredOwn), told(call.Network), plays("PROGRESS"), wait(10*time.Second), state(call.AnsweredOwn), begin(one, spare), told(""), rings(one, spare), state(call.RingingFar), end(one, spare, "ANSWER")), call.InCall, ""},
		{"the mailbox, and after it somebody", then(calling, end(one, trunk, "BUSY"), gone(trunk, 17), sec, wait(2*time.Second), state(call.InCall), begin(one, spare), state(call.AnsweredOwn), rings(one, spare), end(one, spare, "ANSWER"), over), call.Ended, ""},
		{"an announcement: no such number", then(picked, plays("PROGRESS"), wait(10*time.Second), state(call.AnsweredOwn), gone(one, 1), gone(two, 1), gone(own, 1)), call.Ended, call.NoSuchNumber},
		{"an announcement, put down in it", then(picked, enters(own, "a"), enters(two, "a"), plays("PROGRESS"), leaves(own, "a"), leaves(two, "a"), gone(own, 16), gone(two, 16), gone(one, 1)), call.Ended, ""},
		{"a service, then no such number", then(picked, wait(serviceAfter), state(call.InCall), gone(one, 1), gone(two, 1), gone(own, 1)), call.Ended, call.NoSuchNumber},
		{"the dialplan says busy and calls nobody", then(picked, end(ami.Channel{}, two, "BUSY"), told(call.Busy), wait(10*time.Second), gone(one, 0), gone(two, 16), gone(own, 16)), call.Ended, call.Busy},
		{"the dialplan says congestion and calls nobody", then(picked, end(ami.Channel{}, two, "CONGESTION"), wait(10*time.Second), over), call.Ended, call.Network},
		{"put down before anybody is called", then(picked, enters(own, "a"), enters(two, "a"), sec, leaves(own, "a"), leaves(two, "a"), gone(own, 16), gone(one, 16), gone(two, 16)), call.Cancelled, ""},
		{"the dial plan ends, and the own phone's end is told first", then(picked, enters(own, "a"), enters(two, "a"), leaves(two, "a"), leaves(own, "a"), gone(own, 16), gone(one, 16), gone(two, 16)), call.Failed, call.NotPermitted},
		{"no such number, and the own phone's end is told before", then(calling, enters(own, "a"), enters(two, "a"), leaves(own, "a"), gone(own, 16), end(one, trunk, "NOANSWER"), gone(trunk, 1), over), call.Failed, call.NoSuchNumber},
		{"put down while the other side rings, in one bridge", then(calling, enters(own, "a"), enters(two, "a"), leaves(own, "a"), gone(own, 16), end(one, trunk, "CANCEL"), gone(trunk, 16), over), call.Cancelled, ""},
		{"put down while trunk one's failure is announced", then(calling, enters(own, "a"), enters(two, "a"), end(one, trunk, "CONGESTION"), gone(trunk, 34), sec, leaves(own, "a"), gone(own, 16), over), call.Failed, call.Network},
		{"back, picked up but not confirmed", then(nestedFar, lost{}, live{bridged(one, ""), bridged(two, "x"), bridged(own, "x"), bridged(trunk, "")}), call.RingingFar, ""},
		{"back, busy since before", then(calling, end(one, trunk, "BUSY"), sec, lost{}, live{bridged(one, ""), bridged(two, "x"), bridged(own, "x")}), call.AnsweredOwn, call.Busy},
		{"back, the far side failed unseen", then(calling, lost{}, live{bridged(one, ""), bridged(two, "x"), bridged(own, "x")}, state(call.RingingFar), gone(one, 1), gone(two, 1), gone(own, 1)), call.Unknown, call.ConnectionLost},
		{"somebody is called while the PBX makes the list", then(picked, asking{}, begin(one, trunk), rings(one, trunk), missed{statusUp(one), statusUp(two), statusUp(own)}, end(one, trunk, "ANSWER")), call.InCall, ""},
		{"events lost while the far side rang, and all is gone", then(calling, missed{}), call.Unknown, call.ConnectionLost},
		{"hung up by us, and the PBX knows nothing of it any more", then(calling, cancel{}, missed{}), call.Cancelled, ""},
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
					c.ConnectionLost(now)
				case live:
					c.Restore(in, now)
				case asking:
					c.Asking()
				case missed:
					if _, asked := tc.in[max(0, i-3)].(asking); !asked {
						c.Asking()
					}
					c.Missed(in, now)
				case state:
					if got := c.Snapshot().State; got != call.State(in) {
						t.Fatalf("at step %d: %s, want %s", i, got, in)
					}
				case told:
					if got := c.Snapshot().Cause; got != call.Cause(in) {
						t.Fatalf("at step %d: cause %q, want %q", i, got, in)
					}
				case ending:
					for _, ch := range []ami.Channel{one, two, own, own2, taker, trunk, spare, outer, inner} {
						c.Apply(gone(ch, 16), now)
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

// TestToldAfterTheLinkWasLost: busy, and the link is lost before that is told.
func TestToldAfterTheLinkWasLost(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := New(req(), now)
	for _, in := range then(calling, end(one, trunk, "BUSY"), gone(trunk, 17)) {
		if e, ok := in.(ami.Event); ok {
			c.Apply(e, now)
		}
	}
	c.ConnectionLost(now)
	list := []ami.ChannelStatus{statusUp(one), statusUp(two), statusUp(own)}
	for i := range list {
		list[i].Channel.LinkedID = one.UniqueID
	}
	c.Restore(list, now)
	c.Tick(now.Add(grace))
	if s := c.Snapshot(); s.State != call.AnsweredOwn || s.Cause != call.Busy {
		t.Errorf("%s %q", s.State, s.Cause)
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
