package dialer

import (
	"fmt"
	"net"
	"slices"
	"testing"
	"testing/synctest"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
)

// TestAnswerAndEndTogether: the answer to the Originate and the end of the connection
// arrive at the same moment, so that either may be handled first. What is told is the
// same: the states go forwards, each is told once, and the answer counts.
func TestAnswerAndEndTogether(t *testing.T) {
	const rounds = 40 // which comes first is decided by chance
	for _, tt := range []struct {
		name   string
		answer func(conn net.Conn, h map[string]string)
		listed bool // the call is found again
		placed call.State
		then   []call.State
	}{
		{"queued", func(c net.Conn, h map[string]string) { accept(c, h, "") }, false, call.Requested, []call.State{call.Unknown}},
		{"queued, and found again", func(c net.Conn, h map[string]string) { accept(c, h, "") }, true, call.Requested, []call.State{call.Unknown, call.RingingOwn}},
		{"nothing", func(net.Conn, map[string]string) {}, false, call.Unknown, nil},
		{"nothing, and found again", func(net.Conn, map[string]string) {}, true, call.Unknown, []call.State{call.RingingOwn}},
		{"half an answer", func(c net.Conn, h map[string]string) { fmt.Fprint(c, "Response: Success\r\nActionID: "+h["ActionID"]) }, false, call.Unknown, nil},
		{"refused", func(c net.Conn, h map[string]string) { refuse(c, h, "no") }, false, call.Failed, nil},
		{"queued, and failed", func(c net.Conn, h map[string]string) {
			accept(c, h, "")
			event(c, "OriginateResponse", "ActionID: "+h["ActionID"], "Response: Failure", "Reason: 3")
		}, false, call.Requested, []call.State{call.Failed}},
		{"failed, and queued", func(c net.Conn, h map[string]string) {
			event(c, "OriginateResponse", "ActionID: "+h["ActionID"], "Response: Failure", "Reason: 3")
			accept(c, h, "")
		}, false, call.Requested, []call.State{call.Failed}},
		{"queued, and rings", func(c net.Conn, h map[string]string) {
			accept(c, h, "")
			event(c, "Newchannel", "Channel: Local/7101@c2c-1;1", "Uniqueid: "+h["ChannelId"])
			event(c, "Newstate", "Channel: Local/7101@c2c-1;1", "Uniqueid: "+h["ChannelId"], "ChannelState: 5")
		}, false, call.Requested, []call.State{call.RingingOwn, call.Unknown}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for range rounds {
				synctest.Test(t, func(t *testing.T) {
					asked, answer := make(chan struct{}), make(chan struct{})
					id := ""
					d, _ := startBubble(t, config.ConnectionOnDemand, func(c net.Conn) {
						c = newBufferedConn(c)
						defer c.Close()
						scripted(func(c net.Conn, h map[string]string) bool {
							switch {
							case h["Action"] == "Originate":
								id = h["ChannelId"]
								close(asked)
								<-answer
								tt.answer(c, h)
								c.Close()
								return true
							case h["Action"] == "Status" && tt.listed:
								accept(c, h, "EventList: start\r\n")
								event(c, "Status", "ActionID: "+h["ActionID"], "Channel: Local/7101@c2c-1;1", "ChannelState: 5", "Uniqueid: "+id)
								event(c, "Status", "ActionID: "+h["ActionID"], "Channel: PJSIP/7101-1", "ChannelState: 5", "Uniqueid: 1.1", "Linkedid: "+id)
								event(c, "StatusComplete", "ActionID: "+h["ActionID"], "EventList: Complete")
								return true
							}
							return false
						})(c)
					})
					snapshots, cancel := d.Subscribe()
					var placed call.Snapshot
					dialled := make(chan error)
					go func() {
						var err error
						placed, err = d.Dial(t.Context(), planFor("7102"))
						dialled <- err
					}()
					<-asked
					// The loop does something else while both arrive.
					release := make(chan struct{})
					held := make(chan error)
					go func() {
						held <- d.do(t.Context(), func(_ *loop, done func(error)) { <-release; done(nil) })
					}()
					synctest.Wait()
					close(answer)
					synctest.Wait()
					close(release)
					if err := <-held; err != nil {
						t.Fatal(err)
					}
					if err := <-dialled; err != nil {
						t.Fatal(err)
					}
					if placed.State != tt.placed {
						t.Errorf("placed as %s, want %s", placed.State, tt.placed)
					}
					updates := make(chan call.Snapshot)
					go Follow(t.Context(), snapshots, cancel, placed, updates)
					var got []call.State
					for s := range updates {
						got = append(got, s.State)
						if len(got) == len(tt.then) && s.Live() {
							break // it rings on
						}
					}
					if !slices.Equal(got, tt.then) {
						t.Errorf("after %s: %v, want %v", placed.State, got, tt.then)
					}
				})
				if t.Failed() {
					return
				}
			}
		})
	}
}

// TestSecondRequestHearsNothingOld: who asks for the same number again gets the call as
// it stands, and after that no state of before.
func TestSecondRequestHearsNothingOld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := startBubble(t, config.ConnectionOnDemand, scripted(func(c net.Conn, h map[string]string) bool {
			if h["Action"] != "Originate" {
				return false
			}
			accept(c, h, "")
			event(c, "Newchannel", "Channel: Local/7101@c2c-1;1", "Uniqueid: "+h["ChannelId"])
			event(c, "Newstate", "Channel: Local/7101@c2c-1;1", "Uniqueid: "+h["ChannelId"], "ChannelState: 5")
			return true
		}))
		snapshots, cancel := d.Subscribe() // of the second, which is slow
		if _, err := d.Dial(t.Context(), planFor("7102")); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		placed, err := d.Dial(t.Context(), planFor("7102"))
		if err != nil || placed.State != call.RingingOwn {
			t.Fatalf("%s, %v", placed.State, err)
		}
		updates := make(chan call.Snapshot)
		go Follow(t.Context(), snapshots, cancel, placed, updates)
		synctest.Wait()
		select {
		case s := <-updates:
			t.Errorf("%s after %s", s.State, placed.State)
		default:
		}
	})
}
