package tracker

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"cornetta/ami"
)

// lister is a PBX that lists channels, and a client of it.
type lister struct {
	t      testing.TB
	client *ami.Client
	text   chan string // what it answers Status with; AID stands for the ActionID
}

func newLister(t testing.TB) *lister {
	t.Helper()
	l := &lister{t: t, text: make(chan string, 1)}
	served := make(chan struct{})
	var err error
	l.client, err = ami.Dial(t.Context(), ami.Config{
		Addr: "127.0.0.1:5038", Username: "u", Secret: "s", Auth: ami.AuthPlain, ActionTimeout: time.Minute,
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go func() {
				defer close(served)
				defer server.Close()
				l.serve(server)
			}()
			return client, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.client.Close(); <-served })
	return l
}

func (l *lister) serve(conn net.Conn) {
	fmt.Fprint(conn, "Asterisk Call Manager/11.0.0\r\n")
	action := ""
	for in := bufio.NewScanner(conn); in.Scan(); {
		if name, ok := strings.CutPrefix(in.Text(), "Action: "); ok {
			action = name
		}
		id, ok := strings.CutPrefix(in.Text(), "ActionID: ")
		if !ok {
			continue
		}
		answer := "Response: Success\r\nActionID: AID\r\n\r\n"
		if action == "Status" {
			answer += <-l.text + "Event: StatusComplete\r\nActionID: AID\r\nEventList: Complete\r\n\r\n"
		}
		go func() { _, _ = strings.NewReplacer("AID", id).WriteString(conn, answer) }()
	}
}

// list is what f lets through of a list with live, among a thousand channels of other
// people's calls.
func (l *lister) list(f *Family, live []ami.ChannelStatus) []ami.ChannelStatus {
	l.t.Helper()
	var b strings.Builder
	stranger := 0
	strangers := func() {
		for range 1000 / (len(live) + 1) {
			stranger++
			fmt.Fprintf(&b, "Event: Status\r\nActionID: AID\r\nChannel: PJSIP/7999-%x\r\nUniqueid: 9999.%d\r\nLinkedid: 9999.%d\r\nChannelState: 6\r\n\r\n", stranger, stranger, stranger)
		}
	}
	for _, s := range live {
		strangers()
		fmt.Fprintf(&b, "Event: Status\r\nActionID: AID\r\nChannel: %s\r\nUniqueid: %s\r\nLinkedid: %s\r\nChannelState: %d\r\nCallerIDName: %s\r\nSeconds: %d\r\nBridgeID: %s\r\nBridgedUniqueid: %s\r\n\r\n",
			s.Channel.Name, s.Channel.UniqueID, s.Channel.LinkedID, s.Channel.State, s.Channel.CallerIDName.Text(), s.Seconds, s.BridgeID, s.Bridged)
	}
	strangers()
	l.text <- b.String()
	events, err := l.client.List(l.t.Context(), ami.Status{}, f.Lists)
	if err != nil {
		l.t.Fatal(err)
	}
	var kept []ami.ChannelStatus
	for _, e := range events {
		s, ok := e.(ami.ChannelStatus)
		if !ok || strings.HasPrefix(s.Channel.UniqueID, "9999.") {
			l.t.Errorf("%+v of the list is kept", e)
		}
		kept = append(kept, s)
	}
	return kept
}

// TestListsKeepsTheCall: a channel that was born after the list was asked for, and of
// which an event came, is on the list as well.
func TestListsKeepsTheCall(t *testing.T) {
	l := newLister(t)
	for _, linked := range []bool{true, false} {
		c := New(req(), time.Now())
		f := c.Family()
		sub := l.client.Subscribe(f.Wants, 0)
		id := "7.1"
		link := ""
		if linked {
			link = "Linkedid: " + req().ChannelID + "\r\n"
		}
		l.text <- "Event: DialBegin\r\nUniqueid: " + req().OtherChannelID + "\r\nDestUniqueid: " + id + "\r\nDestChannel: SIP/7101-1\r\n\r\n" +
			"Event: Status\r\nActionID: AID\r\nChannel: SIP/other-1\r\nUniqueid: 8.1\r\nLinkedid: 8.1\r\n\r\n" +
			"Event: Status\r\nActionID: AID\r\nChannel: SIP/7101-1\r\nUniqueid: " + id + "\r\n" + link + "\r\n"
		events, err := l.client.List(t.Context(), ami.Status{}, f.Lists)
		if err != nil || len(events) != 1 || events[0].(ami.ChannelStatus).Channel.UniqueID != id {
			t.Errorf("linked: %v: %+v, %v", linked, events, err)
		}
		sub.Close()
	}
}

// TestFamilyIsBounded: what a Family keeps of what the PBX says is bounded, however
// long its ids and names are.
func TestFamilyIsBounded(t *testing.T) {
	l := newLister(t)
	f := New(req(), time.Now()).Family()
	sub := l.client.Subscribe(f.Wants, 0)
	go func() {
		for range sub.C() {
		}
	}()
	for i := range 30 {
		long := strings.Repeat("x", 8*maxID)
		switch {
		case i == 0:
			long = strings.Repeat("x", 60_000) // about what a line may have
		case i%2 == 0:
			long = strings.Repeat("x", maxID-20) // is kept, while there is room
		}
		var b strings.Builder
		for j := range 20 {
			n := 20*i + j
			fmt.Fprintf(&b, "Event: Newchannel\r\nUniqueid: %d%s\r\nLinkedid: %s\r\n\r\n", n, long, req().ChannelID)
			fmt.Fprintf(&b, "Event: DialBegin\r\nUniqueid: %s\r\nDestUniqueid: d%d%s\r\nDestChannel: Local/%d%s;1\r\n\r\n", req().ChannelID, n, long, n, long)
			fmt.Fprintf(&b, "Event: LocalBridge\r\nUniqueid1: %d%s\r\nUniqueid2: %d%s\r\n\r\n", n, long, n, long)
			fmt.Fprintf(&b, "Event: NewCallerid\r\nChannel: %s-%d%s;1\r\nCallerIDName: %s\r\nUniqueid: c%d%s\r\n\r\n", req().Channel, n, long, req().CallerName, n, long)
		}
		l.text <- b.String()
		if _, err := l.client.List(t.Context(), ami.Status{}, f.Lists); err != nil {
			t.Fatal(err)
		}
	}
	sub.Close()
	size := len(f.base) + len(f.notBase)
	for id := range f.ids {
		size += len(id)
	}
	for name := range f.locals {
		size += len(name)
	}
	for _, h := range f.halves {
		size += len(h[0]) + len(h[1])
	}
	if most := (2*familyCap + 2*recentPairs) * maxID; size > most {
		t.Errorf("%d bytes are kept, at most %d may be", size, most)
	}
}
