package dialer

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
)

// tearing is a PBX that tears an event of the call, so that its channels are asked
// for, and answers that with what list does: asked counts from 0.
func tearing(t *testing.T, list func(c net.Conn, h map[string]string, id string, asked int)) *Dialer {
	t.Helper()
	var id string
	asked := 0
	s := runScript(t, func(c net.Conn, h map[string]string) bool {
		switch {
		case h["Action"] == "Originate":
			id = h["ChannelId"]
			accept(c, h, "")
			event(c, "Newchannel", "Channel: Local/7101@c2c-1;1", "Uniqueid: "+id, "Linkedid: "+id)
			tear(c)
		case h["Action"] == "Status" && id != "":
			list(c, h, id, asked)
			asked++
		default:
			return false
		}
		return true
	})
	d := startDialer(t, s.account(t), config.ConnectionOnDemand)
	if _, err := d.Dial(t.Context(), planFor("7102")); err != nil {
		t.Fatal(err)
	}
	return d
}

func tear(c net.Conn) { fmt.Fprint(c, "Event: Newstate\r\nEvent: Newstate\r\n\r\n") }

// TestListBehindEvents: the list of live channels says that the call is gone, and the
// events before it, of which there are many, say why.
func TestListBehindEvents(t *testing.T) {
	d := tearing(t, func(c net.Conn, h map[string]string, id string, _ int) {
		accept(c, h, "EventList: start\r\n")
		event(c, "DialBegin", "Uniqueid: "+id, "DestUniqueid: 9.1", "DestChannel: PJSIP/x-1")
		fmt.Fprint(c, strings.Repeat("Event: Newstate\r\nUniqueid: "+id+"\r\nChannelState: 6\r\n\r\n", 10_000))
		event(c, "DialEnd", "Uniqueid: "+id, "DestUniqueid: 9.1", "DestChannel: PJSIP/x-1", "DialStatus: BUSY")
		event(c, "Hangup", "Uniqueid: 9.1", "Cause: 17")
		event(c, "Hangup", "Uniqueid: "+id, "Cause: 16")
		event(c, "StatusComplete", "ActionID: "+h["ActionID"], "EventList: Complete")
	})
	eventually(t, "over", func() bool { c := d.Snapshot().Call; return c != nil && !c.Live() })
	if c := d.Snapshot().Call; c.State != call.Failed || c.Cause != call.Busy {
		t.Errorf("%s %s", c.State, c.Cause)
	}
}

// TestTornWhileListing: the end of the call is torn while the PBX lists its channels,
// one of which it has listed already.
func TestTornWhileListing(t *testing.T) {
	rings := make(chan struct{})
	d := tearing(t, func(c net.Conn, h map[string]string, id string, asked int) {
		accept(c, h, "EventList: start\r\n")
		if asked == 0 {
			event(c, "Status", "ActionID: "+h["ActionID"], "Channel: Local/7101@c2c-1;1", "Uniqueid: "+id, "Linkedid: "+id)
			tear(c)
			event(c, "Newstate", "Uniqueid: "+id, "ChannelState: 5")
			<-rings
		}
		event(c, "StatusComplete", "ActionID: "+h["ActionID"], "EventList: Complete")
	})
	eventually(t, "rang", func() bool { c := d.Snapshot().Call; return c != nil && c.State == call.RingingOwn })
	close(rings) // what was torn is known by now
	eventually(t, "over", func() bool { c := d.Snapshot().Call; return c != nil && !c.Live() })
}
