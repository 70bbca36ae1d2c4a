package dialer

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
)

// TestFoundByStatusAlone: on Asterisk 12.2 to 13.4 the connection is lost before any
// event of the call. There Status has a Linkedid, and the events have none.
func TestFoundByStatusAlone(t *testing.T) {
	var id string
	var lists atomic.Int32
	talk := func(c net.Conn, h map[string]string) {
		accept(c, h, "")
		for i, name := range []string{"SIP/7101-1", "SIP/trunk-1"} {
			event(c, "Status", "ActionID: "+h["ActionID"], "Channel: "+name, "ChannelState: 6", fmt.Sprintf("Uniqueid: 9.%d", i), "Linkedid: "+id, "BridgeID: b")
		}
		event(c, "StatusComplete", "ActionID: "+h["ActionID"], "Items: 2")
	}
	s := runScript(t, func(c net.Conn, h map[string]string) bool {
		switch h["Action"] {
		case "Originate":
			id = h["ChannelId"]
			c.Close()
			return true
		case "Status":
			talk(c, h)
			if lists.Add(1) == 2 {
				event(c, "Hangup", "Channel: SIP/trunk-1", "Uniqueid: 9.1", "Cause: 16")
				event(c, "Hangup", "Channel: SIP/7101-1", "Uniqueid: 9.0", "Cause: 16")
			}
			return true
		}
		return rightsHandler(c, h)
	})
	d := startDialer(t, s.account(t), config.ConnectionOnDemand)
	snapshots, cancel := d.Subscribe()
	defer cancel()
	if _, err := d.Dial(t.Context(), planFor("7102")); err != nil {
		t.Fatal(err)
	}
	// Lost, found while both phones talk to each other, and over.
	for _, want := range []call.State{call.Requested, call.Unknown, call.InCall, call.Ended} {
		for deadline := time.After(10 * time.Second); ; {
			select {
			case s := <-snapshots:
				if s.Call == nil || s.Call.State != want {
					continue
				}
			case <-deadline:
				t.Fatalf("never %s", want)
			}
			break
		}
	}
	eventually(t, "asked twice", func() bool { return lists.Load() == 2 })
}

// barrier is a listener that nobody gets through while it is locked.
type barrier struct {
	net.Listener
	sync.Mutex
}

func (g *barrier) Accept() (net.Conn, error) {
	c, err := g.Listener.Accept()
	g.Lock()
	defer g.Unlock()
	return c, err
}

// TestAnsweredWithoutConnection: both phones are picked up while nobody listens, and
// the Local pair is gone. What Status tells of that differs from version to version.
func TestAnsweredWithoutConnection(t *testing.T) {
	for _, flavour := range pbxsim.Flavours() {
		t.Run(flavour, func(t *testing.T) {
			t.Parallel()
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			way := &barrier{Listener: ln}
			p, err := pbxsim.Start(pbxsim.Options{Asterisk: flavour, Listener: way})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			d := startDialer(t, accountAt(t, p.Addr(), "7102", config.SyntaxVariables), config.ConnectionOnDemand)
			if _, err := d.Dial(t.Context(), planFor("039050123407")); err != nil {
				t.Fatal(err)
			}
			until(t, d, "ringing", inState(call.RingingOwn))
			way.Lock()
			p.DropSessions()
			if !p.Pickup("7102") {
				t.Error("does not ring")
			}
			eventually(t, "talking without the Local pair", func() bool { return p.Locals() == 0 })
			way.Unlock()
			until(t, d, "in call", inState(call.InCall))
			p.FarHangsUp()
			until(t, d, "ended", inState(call.Ended))
		})
	}
}
