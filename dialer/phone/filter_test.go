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
func wanted(t *testing.T, f ami.Filter, events ...string) (all []string) {
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
	sub := c.Subscribe(f, 0)
	close(subscribed)
	for e := range sub.C() {
		switch e := e.(type) {
		case ami.DialBegin:
			all = append(all, e.Dest.UniqueID)
		case ami.BridgeEnter:
			all = append(all, e.Channel.UniqueID)
		case ami.ExtensionStatus:
			all = append(all, e.Exten)
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
	got := wanted(t, f.Wants,
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
	if got := wanted(t, f.Wants, bridge("BridgeEnter", "PJSIP/trunk-1", "caller", "queue"), bridge("BridgeEnter", "PJSIP/7106-2", "comes", "talk")); !slices.Equal(got, []string{"comes"}) {
		t.Errorf("answered: %q", got)
	}
	f.forget("call")
	if calls, channels := f.Followed(); calls+channels > 0 {
		t.Errorf("%d calls, %d channels and bridges are kept", calls, channels)
	}
	if got := wanted(t, f.Wants, bridge("BridgeEnter", "PJSIP/7106-3", "comes", "talk"), event("Hangup", "PJSIP/7101-1", "mine", "Cause: 16\r\n")); len(got) > 0 {
		t.Errorf("over: %q", got)
	}
}

// TestFilterOfColleagues: what is nobody's phone, or of a context that does not count, is
// dropped at the parser; a hint that is gone is not.
func TestFilterOfColleagues(t *testing.T) {
	w := NewBoard().Begin("7101", "")
	hint := func(number, context, device, state string) string {
		return fmt.Sprintf("Event: ExtensionStatus\r\nExten: %s\r\nContext: %s\r\nHint: %s\r\nStatus: %s\r\n\r\n", number, context, device, state)
	}
	events := []string{
		hint("7102", "a", "PJSIP/7102", "1"), hint("7103", "b", "PJSIP/7103", "1"), hint("_7XXX", "a", "PJSIP/7", "1"), hint("*217101", "a", "Custom:DND", "1"),
		hint("7104", "a", "", "-2"), hint("7105", "a", "", "0"), hint("7106", "a", "", "-x"),
		hint("7107", strings.Repeat("a", 300), "PJSIP/7107", "1"), "Event: Hangup\r\nUniqueid: 1.1\r\n\r\n",
	}
	if got, want := wanted(t, w.Wants, events...), []string{"7102", "7103", "7104", "7107"}; !slices.Equal(got, want) {
		t.Errorf("before the list: %q, want %q", got, want)
	}
	w.Listed(list(t, "7101@a X/1 0", "7102@a X/2 0", "7103@b X/3 0"))
	if got, want := wanted(t, w.Wants, events...), []string{"7102", "7104"}; !slices.Equal(got, want) {
		t.Errorf("after it: %q, want %q", got, want)
	}
}
