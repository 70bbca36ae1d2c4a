//go:build linux

package main

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// BenchmarkNotify measures how long after the PBX's event was on the wire the
// desktop is told that the own phone rings. Flood is the same among 20,000
// events of other people's calls a second.
func BenchmarkNotify(b *testing.B) {
	for _, name := range []string{"quiet", "flood"} {
		b.Run(name, func(b *testing.B) {
			pbx := startPBX(b)
			rang := make(chan time.Time, 1)
			r := road{passed: func(message []byte, at time.Time) {
				if bytes.Contains(message, []byte("Event: Newstate\r\n")) &&
					bytes.Contains(message, []byte("Channel: PJSIP/7102-")) &&
					bytes.Contains(message, []byte("ChannelState: 5\r\n")) {
					rang <- at
				}
			}}
			if name == "flood" {
				r.crowd = strangers(200) // a hundred times a second
			}
			s := benchSeat(b, carry(b, pbx.Addr(), r), "--extension", "7102") // nobody picks it up, so that it rings for a while
			s.keep()
			agent := s.start(programs + "/cornetta")
			defer agent.end()
			s.waitLink(status.Connected)
			told := overhear(b, s.Desktop, "type='method_call',interface='org.freedesktop.Notifications',member='Notify'")
			var took durations
			for i := range 5 * *benchTimes {
				s.callOnce(fmt.Sprintf("01%05d03", i))
				at := <-rang
				for {
					h := next(b, told, "Notify")
					if title, _ := h.msg.Body[3].(string); title == words.CallTitle(call.Snapshot{State: call.RingingOwn}) {
						took = append(took, h.at.Sub(at))
						break
					}
				}
				s.waitLink(status.Connected)
				time.Sleep(50 * time.Millisecond) // the daemon draws how it ended: nobody calls again before that
			}
			took.report(b, name)
		})
	}
}

// BenchmarkIncoming is BenchmarkNotify for calls that come in.
func BenchmarkIncoming(b *testing.B) {
	for _, name := range []string{"quiet", "flood"} {
		b.Run(name, func(b *testing.B) {
			pbx := startPBX(b)
			rang := make(chan time.Time, 1)
			r := road{passed: func(message []byte, at time.Time) {
				if bytes.Contains(message, []byte("Event: Newstate\r\n")) &&
					bytes.Contains(message, []byte("Channel: PJSIP/7102-")) &&
					bytes.Contains(message, []byte("ChannelState: 5\r\n")) {
					rang <- at
				}
			}}
			if name == "flood" {
				r.crowd = strangers(200) // a hundred times a second
			}
			s := benchSeat(b, carry(b, pbx.Addr(), r), "--extension", "7102", "--incoming", "on")
			agent := s.start(programs + "/cornetta")
			defer agent.end()
			s.waitLink(status.Connected)
			told := overhear(b, s.Desktop, "type='method_call',interface='org.freedesktop.Notifications',member='Notify'")
			var took durations
			for i := range 5 * *benchTimes {
				a := pbx.CallIn(fmt.Sprintf("050%07d", i), "", "7102")
				a.Ring("7102", "")
				at := <-rang
				for {
					h := next(b, told, "Notify")
					if title, _ := h.msg.Body[3].(string); title == words.CallTitle(call.Snapshot{State: call.InRinging}) {
						took = append(took, h.at.Sub(at))
						break
					}
				}
				a.Answer("7102")
				a.End()
				time.Sleep(50 * time.Millisecond) // the daemon draws how it ended
			}
			took.report(b, name)
		})
	}
}

// strangers are n events of calls that are not ours.
func strangers(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, "Event: Newstate\r\nPrivilege: call,all\r\nChannel: PJSIP/7201-%08x\r\nChannelState: 6\r\n"+
			"ChannelStateDesc: Up\r\nCallerIDNum: 7201\r\nCallerIDName: Gina Blu\r\nConnectedLineNum: 7202\r\n"+
			"ConnectedLineName: Ivo Viola\r\nLanguage: en\r\nAccountCode: \r\nContext: outbound\r\nExten: 7202\r\n"+
			"Priority: 1\r\nUniqueid: 1700000000.%d\r\nLinkedid: 1700000000.%d\r\n\r\n", i, i, i)
	}
	return b.Bytes()
}
