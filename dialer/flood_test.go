//go:build !windows

package dialer

import (
	"bytes"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// floodFor is how long each flood lasts; go test ./dialer -run Flood -flood 60s is the
// long form. Floods are as fast as the machine can make them.
var floodFor = flag.Duration("flood", 250*time.Millisecond, "how long a PBX floods")

// floodLimit is how much the heap may grow through it, after a collection.
const floodLimit = 8 << 20

// flood writes what next makes until floodFor has passed or the connection ends.
func flood(c net.Conn, next func(i int) string) {
	var b bytes.Buffer
	for i, began := 0, time.Now(); time.Since(began) < *floodFor; {
		for b.Len() < 64<<10 {
			b.WriteString(next(i))
			i++
		}
		if _, err := c.Write(b.Bytes()); err != nil {
			return
		}
		b.Reset()
	}
}

// message is an event with that many lines of filler, of 60 kB each.
func message(name string, filler int, headers ...string) string {
	return "Event: " + name + "\r\n" + strings.Join(headers, "\r\n") + "\r\n" +
		strings.Repeat("Filler: "+strings.Repeat("x", 60_000)+"\r\n", filler) + "\r\n"
}

// TestFloodInACall: whatever the PBX sends without end while a call goes on, memory is
// bounded, and the call is followed to its end.
func TestFloodInACall(t *testing.T) {
	long := strings.Repeat("y", 60_000)
	for _, tt := range []struct {
		name string
		list bool // sent as the answer to Status, which torn events bring about
		next func(id, action string, i int) string
	}{
		{"a list of channels", true, func(_, action string, i int) string {
			return message("Status", 0, "ActionID: "+action, fmt.Sprintf("Channel: PJSIP/7201-%d", i), fmt.Sprintf("Uniqueid: 9.%d", i), fmt.Sprintf("Linkedid: 9.%d", i))
		}},
		{"a list of channels without a Linkedid", true, func(_, action string, i int) string {
			return message("Status", 0, "ActionID: "+action, fmt.Sprintf("Channel: SIP/7201-%d", i), fmt.Sprintf("Uniqueid: 9.%d", i))
		}},
		{"a list of large items", true, func(_, action string, i int) string {
			return message("Status", 15, "ActionID: "+action, fmt.Sprintf("Uniqueid: 9.%d", i))
		}},
		{"a list of things that are no channels", true, func(_, action string, i int) string {
			return message("CoreShowChannel", 0, "ActionID: "+action, fmt.Sprintf("Uniqueid: 9.%d", i))
		}},
		{"large new channels of the call", false, func(id, _ string, i int) string {
			return message("Newchannel", 15, fmt.Sprintf("Channel: PJSIP/7201-%d", i), fmt.Sprintf("Uniqueid: 9.%d", i), "Linkedid: "+id)
		}},
		{"new channels of the call", false, func(id, _ string, i int) string {
			return message("Newchannel", 0, fmt.Sprintf("Channel: PJSIP/7101-%d", i), fmt.Sprintf("Uniqueid: 9.%d", i), "Linkedid: "+id)
		}},
		{"new channels with long names", false, func(id, _ string, i int) string {
			return message("Newchannel", 0, fmt.Sprintf("Channel: PJSIP/%d%s", i, long), fmt.Sprintf("Uniqueid: 9.%d%s", i, long), "Linkedid: "+id)
		}},
		{"a chain of dials", false, func(id, _ string, i int) string {
			from := id
			if i > 0 {
				from = fmt.Sprintf("9.%d", i-1)
			}
			return message("DialBegin", 0, "Uniqueid: "+from, fmt.Sprintf("DestUniqueid: 9.%d", i), fmt.Sprintf("DestChannel: Local/%d@x-1;1", i))
		}},
		{"names of the other side", false, func(id, _ string, i int) string {
			return message("DialBegin", 0, "Uniqueid: "+id, fmt.Sprintf("DestUniqueid: 9.%d", i), fmt.Sprintf("DestChannel: PJSIP/%d", i), fmt.Sprintf("DestCallerIDName: Anna %d %s", i, long))
		}},
		{"dials that fail", false, func(id, _ string, i int) string {
			return message("DialEnd", 0, "Uniqueid: "+id, fmt.Sprintf("DestUniqueid: 9.%d", i), fmt.Sprintf("DestChannel: PJSIP/%d", i), "DialStatus: "+long)
		}},
		{"renames", false, func(id, _ string, i int) string {
			return message("Rename", 15, "Uniqueid: "+id, fmt.Sprintf("Newname: Local/7101@c2c-%d;1", i))
		}},
		{"pairs of Local channels", false, func(_, _ string, i int) string {
			return message("LocalBridge", 0, fmt.Sprintf("Uniqueid1: 9.%d%s", i, long), fmt.Sprintf("Uniqueid2: 8.%d%s", i, long))
		}},
		{"bridges", false, func(id, _ string, i int) string {
			return message("BridgeEnter", 0, "Uniqueid: "+id, fmt.Sprintf("BridgeUniqueid: b%d%s", i, long))
		}},
		{"hangups", false, func(_, _ string, i int) string {
			return message("Hangup", 0, fmt.Sprintf("Uniqueid: 9.%d", i), "Linkedid: 9.1")
		}},
		{"torn messages", false, func(string, string, int) string { return "Event: Newchannel\r\nUniqueid: 1\r\n" }},
		{"answers that nobody waits for", false, func(_, _ string, i int) string {
			return fmt.Sprintf("Response: Error\r\nActionID: x%d\r\nMessage: %s\r\n\r\n", i, long)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var flooded atomic.Int32
			over := func(c net.Conn, id string) {
				fmt.Fprint(c, "\r\n")
				event(c, "DialEnd", "Uniqueid: "+id, "DestUniqueid: 9.0", "DialStatus: BUSY")
				event(c, "OriginateResponse", "ActionID: "+strings.TrimSuffix(id, "-1"), "Response: Failure", "Reason: 3")
				for i := range 300 { // as many as a call can have
					event(c, "Hangup", fmt.Sprintf("Uniqueid: 9.%d", i), "Cause: 16")
				}
				event(c, "Hangup", "Uniqueid: "+id, "Cause: 16")
			}
			var channel atomic.Value
			s := runScript(t, func(c net.Conn, h map[string]string) bool {
				switch h["Action"] {
				case "Originate":
					id := h["ChannelId"]
					channel.Store(id)
					accept(c, h, "")
					event(c, "Newchannel", "Channel: Local/7101@c2c-1;1", "Uniqueid: "+id, "Linkedid: "+id)
					if tt.list { // torn, so that a list is asked for
						fmt.Fprint(c, "Event: Newstate\r\nEvent: Newstate\r\n\r\n")
						return true
					}
					flood(c, func(i int) string { return tt.next(id, "", i) })
					flooded.Add(1)
					over(c, id)
					return true
				case "Status":
					if !tt.list || flooded.Load() > 0 {
						return false
					}
					accept(c, h, "EventList: start\r\n")
					id := channel.Load().(string)
					flood(c, func(i int) string {
						if i == 10 { // our own is on it as well
							return message("Status", 0, "ActionID: "+h["ActionID"], "Channel: Local/7101@c2c-1;1", "Uniqueid: "+id, "Linkedid: "+id)
						}
						return tt.next(id, h["ActionID"], i)
					})
					flooded.Add(1)
					over(c, id)
					return true
				}
				return false
			})
			d := startDialer(t, s.account(t), config.ConnectionOnDemand)
			before := heap()
			if _, err := d.Dial(t.Context(), planFor("7102")); err != nil {
				t.Fatal(err)
			}
			late := time.After(*floodFor + 20*time.Second)
			snapshots, cancel := d.Subscribe()
			defer cancel()
			for done := false; !done; {
				select {
				case <-time.After(10 * time.Millisecond):
					snap := d.Snapshot()
					done = flooded.Load() > 0 && snap.Call != nil && !snap.Call.Live()
				case snap := <-snapshots:
					if snap.Call != nil && len(snap.Call.FarName)+len(snap.Call.Detail) > 1<<10 {
						t.Fatalf("a text of %d bytes is shown", len(snap.Call.FarName)+len(snap.Call.Detail))
					}
					done = flooded.Load() > 0 && snap.Call != nil && !snap.Call.Live()
				case <-late:
					t.Fatalf("the call is %+v", d.Snapshot().Call)
				}
			}
			if grew := heap() - before; grew > floodLimit {
				t.Errorf("the heap grew by %d", grew)
			}
			if snap := d.Snapshot(); snap.Call.State == call.Unknown || snap.Trouble != nil || s.logins.Load() != 1 {
				t.Errorf("%s, trouble %v, %d logins", snap.Call.State, snap.Trouble, s.logins.Load())
			}
		})
	}
}

// TestFloodOfExtensions: a list of extensions that has no end is an error with a name.
func TestFloodOfExtensions(t *testing.T) {
	for name, next := range map[string]func(i int) string{
		"extensions":       func(i int) string { return fmt.Sprintf("Exten: %d\r\nHint: PJSIP/%d\r\nStatus: 0", i, i) },
		"large extensions": func(i int) string { return fmt.Sprintf("Exten: %d\r\nHint: PJSIP/%s", i, strings.Repeat("x", 60_000)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := runScript(t, func(c net.Conn, h map[string]string) bool {
				if h["Action"] != "ExtensionStateList" {
					return false
				}
				accept(c, h, "EventList: start\r\n")
				for i := 0; ; i++ {
					if _, err := fmt.Fprintf(c, "Event: ExtensionStatus\r\nActionID: %s\r\n%s\r\n\r\n", h["ActionID"], next(i)); err != nil {
						return true
					}
				}
			})
			before := heap()
			list, err := Extensions(t.Context(), OpenLogins(""), s.account(t), pbxsim.Secret, slog.New(slog.DiscardHandler))
			if codeOf(err) != status.CodeTooMuch || list != nil {
				t.Errorf("%d extensions, %v", len(list), err)
			}
			if grew := heap() - before; grew > floodLimit {
				t.Errorf("the heap grew by %d", grew)
			}
		})
	}
}

// TestTwentyThousandExtensions: a large PBX is no attack.
func TestTwentyThousandExtensions(t *testing.T) {
	const many = 20_000
	s := runScript(t, func(c net.Conn, h map[string]string) bool {
		if h["Action"] != "ExtensionStateList" {
			return false
		}
		accept(c, h, "EventList: start\r\n")
		var b strings.Builder
		for i := range many {
			fmt.Fprintf(&b, "Event: ExtensionStatus\r\nActionID: %s\r\nExten: %d\r\nContext: 5b6c7d8e_internal\r\nHint: PJSIP/%d-5b6c7d8e&Custom:DND%d\r\nStatus: 0\r\nStatusText: Idle\r\n\r\n", h["ActionID"], 10_000+i, 10_000+i, 10_000+i)
			fmt.Fprintf(&b, "Event: ExtensionStatus\r\nActionID: %s\r\nExten: *21*%d\r\nHint: Custom:x\r\n\r\n", h["ActionID"], i)
		}
		fmt.Fprintf(&b, "Event: ExtensionStateListComplete\r\nActionID: %s\r\nEventList: Complete\r\n\r\n", h["ActionID"])
		fmt.Fprint(c, b.String())
		return true
	})
	list, err := Extensions(t.Context(), OpenLogins(""), s.account(t), pbxsim.Secret, slog.New(slog.DiscardHandler))
	if err != nil || len(list) != many {
		t.Errorf("%d extensions, %v", len(list), err)
	}
}

// TestFloodOfStates: hints that change without end cost no memory, no more lists and no
// session; the last state counts.
func TestFloodOfStates(t *testing.T) {
	var lists, flooded atomic.Int32
	list := hints(1000, &lists)
	s := runScript(t, func(c net.Conn, h map[string]string) bool {
		if !list(c, h) {
			return false
		}
		if lists.Load() == 1 {
			flood(c, func(i int) string { return says(7102+i%900, []int{0, 1, 8}[i%3]) })
			flooded.Add(1)
		}
		fmt.Fprint(c, says(7102, 4))
		return true
	})
	d := startDialer(t, s.account(t), config.ConnectionOnDemand)
	before := heap()
	b, _ := look(t, d)
	eventually(t, "flooded", func() bool { return flooded.Load() > 0 })
	boardIs(t, b, "7102", status.PhoneAway)
	if grew := heap() - before; grew > floodLimit {
		t.Errorf("the heap grew by %d", grew)
	}
	if l, n := lists.Load(), s.logins.Load(); l > 2 || n != 1 {
		t.Errorf("%d lists, %d logins", l, n)
	}
}
