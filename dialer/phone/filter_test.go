package phone

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"cornetta/ami"
)

// wanted are the channels of the events that a Filter lets through, when a PBX sends events.
func wanted(t *testing.T, f *Filter, events ...string) (all []string) {
	t.Helper()
	served, subscribed := make(chan struct{}), make(chan struct{})
	c, err := ami.Dial(t.Context(), ami.Config{
		Addr: "127.0.0.1:5038", Username: "u", Secret: "s", Auth: ami.AuthPlain, Events: "call",
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				defer close(served)
				defer server.Close()
				fmt.Fprint(server, "Asterisk Call Manager/11.0.0\r\n")
				for in := bufio.NewScanner(server); in.Scan(); {
					if id, ok := strings.CutPrefix(in.Text(), "ActionID: "); ok {
						go func() { // its blank line is still to be read
							fmt.Fprintf(server, "Response: Success\r\nActionID: %s\r\n\r\n", id)
							<-subscribed
							fmt.Fprint(server, strings.Join(events, ""))
							_ = server.Close()
						}()
					}
				}
			}()
			return client, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	sub := c.Subscribe(f.Wants, 0)
	close(subscribed)
	for e := range sub.C() {
		switch e := e.(type) {
		case ami.DialBegin:
			all = append(all, e.Dest.UniqueID)
		case ami.BridgeEnter:
			all = append(all, e.Channel.UniqueID)
		case ami.HangupEvent:
			all = append(all, e.Channel.UniqueID)
		}
	}
	<-served
	return all
}

// TestFilterOfBridges: whoever comes to where the phone talks is wanted, while it talks there;
// nobody is who comes to where only the caller waits, as in a queue's conference.
func TestFilterOfBridges(t *testing.T) {
	event := func(name, channel, id, more string) string {
		return fmt.Sprintf("Event: %s\r\nChannel: %s\r\nUniqueid: %s\r\n%s\r\n", name, channel, id, more)
	}
	bridge := func(name, channel, id, in string) string {
		return event(name, channel, id, "Linkedid: "+id+"\r\nBridgeUniqueid: "+in+"\r\n")
	}
	f := NewFilter(Own{Extension: "7101", Channel: "Local/7101@c2c", ClickToCall: true})
	got := wanted(t, f,
		event("DialBegin", "PJSIP/trunk-1", "caller", "Linkedid: call\r\nDestChannel: PJSIP/7101-1\r\nDestUniqueid: mine\r\nDestLinkedid: call\r\n"),
		bridge("BridgeEnter", "PJSIP/trunk-1", "caller", "queue"), bridge("BridgeEnter", "PJSIP/7105-1", "waits too", "queue"),
		bridge("BridgeEnter", "PJSIP/7101-1", "mine", "talk"), bridge("BridgeEnter", "PJSIP/7106-1", "comes", "talk"),
		bridge("BridgeEnter", "PJSIP/7107-1", "elsewhere", "other"),
		bridge("BridgeLeave", "PJSIP/7101-1", "mine", "talk"), bridge("BridgeEnter", "PJSIP/7108-1", "comes later", "talk"),
		bridge("BridgeEnter", "PJSIP/7101-1", "mine", "talk"),
	)
	if want := []string{"mine", "caller", "mine", "comes", "mine"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	f.forget("call", "mine") // it has answered
	if got := wanted(t, f, bridge("BridgeEnter", "PJSIP/trunk-1", "caller", "queue"), bridge("BridgeEnter", "PJSIP/7106-2", "comes", "talk")); !slices.Equal(got, []string{"comes"}) {
		t.Errorf("answered: %q", got)
	}
	f.forget("call")
	if calls, channels := f.Followed(); calls+channels > 0 {
		t.Errorf("%d calls, %d channels and bridges are kept", calls, channels)
	}
	if got := wanted(t, f, bridge("BridgeEnter", "PJSIP/7106-3", "comes", "talk"), event("Hangup", "PJSIP/7101-1", "mine", "Cause: 16\r\n")); len(got) > 0 {
		t.Errorf("over: %q", got)
	}
}
