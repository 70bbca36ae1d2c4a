package agent

import (
	"testing"
	"time"

	"cornetta/dialer/call"
)

// TestGate plays scripts: "link" arrives, "no" and "yes" answer what is shown,
// "failed" and "done" end a yes, a duration passes. Behind the colon is what is
// on the screen then: its id, what it says of further links and of muted ones. A
// trusted one is "called" without being shown; "hung up" refuses that call.
// "unread" cannot be read, and is "left".
func TestGate(t *testing.T) {
	type step struct {
		do   string
		want [3]int // id (0: nothing), more, skipped
	}
	for name, script := range map[string][]step{
		"one at a time": {
			{"link", [3]int{1, 0, 0}},
			{"link", [3]int{1, 1, 0}},
			{"link", [3]int{1, 2, 0}},
			{"no", [3]int{}},
			{"link", [3]int{2, 0, 0}}, // nothing was queued, and the count is new
		},
		"a yes frees the way": {
			{"link", [3]int{1, 0, 0}},
			{"yes", [3]int{1, 0, 0}},
			{"link", [3]int{1, 1, 0}},
			{"done", [3]int{}},
			{"link", [3]int{2, 0, 0}},
		},
		"a yes is one try, and to give up after it is no refusal": {
			{"link", [3]int{1, 0, 0}},
			{"yes", [3]int{1, 0, 0}},
			{"yes again", [3]int{1, 0, 0}},
			{"failed", [3]int{1, 0, 0}},
			{"no", [3]int{}},
			{"link", [3]int{2, 0, 0}},
			{"no", [3]int{}},
			{"link", [3]int{3, 0, 0}},
			{"no", [3]int{}},
			{"link", [3]int{4, 0, 0}},
		},
		"three refusals mute for a minute": {
			{"link", [3]int{1, 0, 0}},
			{"no", [3]int{}},
			{"10s", [3]int{}},
			{"link", [3]int{2, 0, 0}},
			{"no", [3]int{}},
			{"10s", [3]int{}},
			{"link", [3]int{3, 0, 0}},
			{"muting no", [3]int{}},
			{"link", [3]int{}},
			{"59s", [3]int{}},
			{"link", [3]int{}},
			{"1s", [3]int{}},
			{"link", [3]int{4, 0, 2}},
			{"link", [3]int{4, 1, 2}},
			{"no", [3]int{}},
			{"link", [3]int{5, 0, 0}},
			{"no", [3]int{}},
			{"link", [3]int{6, 0, 0}},
			{"muting no", [3]int{}},
			{"link", [3]int{}},
		},
		"three refusals in more than a minute do not": {
			{"link", [3]int{1, 0, 0}},
			{"no", [3]int{}},
			{"30s", [3]int{}},
			{"link", [3]int{2, 0, 0}},
			{"no", [3]int{}},
			{"30s", [3]int{}},
			{"link", [3]int{3, 0, 0}},
			{"no", [3]int{}},
			{"link", [3]int{4, 0, 0}},
		},
		"a window that is gone blocks nothing": {
			{"link", [3]int{1, 0, 0}},
			{"gone", [3]int{}},
			{"late yes", [3]int{}},
			{"late no", [3]int{}},
			{"link", [3]int{2, 0, 0}},
			{"late yes", [3]int{2, 0, 0}}, // to the first one
			{"late no", [3]int{2, 0, 0}},
		},
		"what cannot be read is no refusal, and in nobody's way": {
			{"unread", [3]int{}},
			{"left", [3]int{}},
			{"unread", [3]int{}},
			{"left", [3]int{}},
			{"unread", [3]int{}},
			{"left", [3]int{}},
			{"link", [3]int{4, 0, 0}},
			{"no", [3]int{}},
			{"unread", [3]int{}}, // a fourth within a minute raises no window
			{"nothing left", [3]int{}},
			{"link", [3]int{5, 0, 0}},
			{"no", [3]int{}},
			{"1m", [3]int{}},
			{"unread", [3]int{}},
			{"left", [3]int{}},
		},
		"nor while it is shown": {
			{"unread", [3]int{}},
			{"unread", [3]int{}},
			{"link", [3]int{2, 0, 0}},
			{"unread", [3]int{2, 1, 0}}, // beside a question it is counted there
			{"no", [3]int{}},
			{"left", [3]int{}},
			{"nothing left", [3]int{}},
		},
		"muted are all of them": {
			{"link", [3]int{1, 0, 0}},
			{"no", [3]int{}},
			{"link", [3]int{2, 0, 0}},
			{"no", [3]int{}},
			{"link", [3]int{3, 0, 0}},
			{"muting no", [3]int{}},
			{"unread", [3]int{}},
			{"nothing left", [3]int{}},
			{"1m", [3]int{}},
			{"link", [3]int{4, 0, 1}},
		},
		"three are trusted within a minute": {
			{"called", [3]int{}},
			{"called", [3]int{}},
			{"20s", [3]int{}},
			{"called", [3]int{}},
			{"not trusted", [3]int{4, 0, 0}},
			{"no", [3]int{}},
			{"40s", [3]int{}},
			{"called", [3]int{}},
			{"called", [3]int{}},
			{"not trusted", [3]int{7, 0, 0}},
		},
		"what is trusted and not called is no call": {
			{"not called", [3]int{1, 0, 0}},
			{"no", [3]int{}},
			{"called", [3]int{}},
			{"called", [3]int{}},
			{"called", [3]int{}},
			{"not trusted", [3]int{5, 0, 0}},
			{"yes", [3]int{5, 0, 0}},
			{"done", [3]int{}}, // somebody said yes to it: it does not count
			{"20s", [3]int{}},
			{"not trusted", [3]int{6, 0, 0}},
			{"no", [3]int{}},
			{"40s", [3]int{}},
			{"called", [3]int{}},
			{"called", [3]int{}},
			{"called", [3]int{}},
		},
		"to hang up is to refuse": {
			{"called", [3]int{}},
			{"hung up", [3]int{}},
			{"link", [3]int{2, 0, 0}},
			{"no", [3]int{}},
			{"called", [3]int{}},
			{"muting hang-up", [3]int{}},
			{"link", [3]int{}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var g gate
			now := time.Unix(1_800_000_000, 0)
			for i, s := range script {
				switch s.do {
				case "link":
					if fresh := g.arrive(now); fresh != (s.want[0] != 0 && s.want[1] == 0) {
						t.Errorf("step %d: to be shown: %v", i, fresh)
					}
				case "no", "muting no":
					if muted := g.refuse(g.shown, now); muted != (s.do == "muting no") {
						t.Errorf("step %d: muted: %v", i, muted)
					}
				case "yes":
					if !g.agree(g.shown) {
						t.Errorf("step %d: the yes does not count", i)
					}
				case "yes again":
					if g.agree(g.shown) {
						t.Errorf("step %d: a second yes counts", i)
					}
				case "late yes":
					if g.agree(1) {
						t.Errorf("step %d: a yes to what is gone counts", i)
					}
				case "late no":
					g.refuse(1, now)
				case "failed", "done":
					g.done(g.shown, s.do == "done", now)
				case "called", "not called", "not trusted":
					if !g.arrive(now) || g.trust(g.shown, now) != (s.do != "not trusted") {
						t.Errorf("step %d: trusted, or not", i)
					}
					if s.do != "not trusted" {
						g.done(g.shown, s.do == "called", now)
					}
				case "hung up", "muting hang-up":
					if muted := g.refuseCall(now); muted != (s.do == "muting hang-up") {
						t.Errorf("step %d: muted: %v", i, muted)
					}
				case "unread":
					was, most := g.unread, g.unreads.within(now) == maxUnread
					if shown := g.arriveUnread(now); shown != (was == 0 && !most && g.shown == 0 && !now.Before(g.until)) {
						t.Errorf("step %d: shown: %v", i, shown)
					}
				case "left", "nothing left":
					if left := g.leaveUnread(g.unread); left != (s.do == "left") {
						t.Errorf("step %d: left: %v", i, left)
					}
				case "gone":
					g.abandon(g.shown)
				default:
					d, err := time.ParseDuration(s.do)
					if err != nil {
						t.Fatal(err)
					}
					now = now.Add(d)
				}
				got := [3]int{int(g.shown)}
				if g.shown != 0 {
					got[1], got[2] = g.more, g.skipped
				}
				if got != s.want {
					t.Fatalf("step %d, %s: %v, want %v", i, s.do, got, s.want)
				}
			}
		})
	}
}

// A page that opens a thousand links in ten seconds gets one window; one that
// is refused as fast as it asks gets three in the first minute, and so does one
// whose links cannot be read.
func TestGateUnderFire(t *testing.T) {
	for _, tc := range []struct {
		unread, refusing bool
		windows          int
	}{{false, false, 1}, {false, true, maxRefusals}, {true, false, 1}, {true, true, maxUnread}} {
		var g gate
		now := time.Unix(1_800_000_000, 0)
		windows := 0
		for range 1000 {
			arrive := g.arrive
			if tc.unread {
				arrive = g.arriveUnread
			}
			if arrive(now) {
				windows++
			}
			if tc.refusing {
				g.refuse(g.shown, now)
				g.leaveUnread(g.unread)
			}
			now = now.Add(10 * time.Millisecond)
		}
		if windows != tc.windows || g.more+g.ignored+g.unreadMore+windows != 1000 {
			t.Errorf("%+v: %d windows, %d, %d and %d dropped", tc, windows, g.more, g.ignored, g.unreadMore)
		}
	}
}

func TestLinkOf(t *testing.T) {
	for _, tc := range []struct {
		args []string
		link bool
	}{
		{[]string{"tel:+390501234507"}, true},
		{[]string{"TEL:--yes"}, true},
		{[]string{"CallTo:dial"}, true},
		{[]string{"callto://+39050"}, true},
		{[]string{"tel:"}, true},
		{[]string{"tel"}, false},
		{[]string{" tel:1"}, false},
		{[]string{"--tel:1"}, false},
		{[]string{"telnet:1"}, false},
		{[]string{"dial", "tel:1"}, false},
		{[]string{"tel:1", "tel:2"}, false},
		{nil, false},
	} {
		if _, link := LinkOf(tc.args); link != tc.link {
			t.Errorf("%q is a link: %v", tc.args, link)
		}
	}
}

func TestKeptLink(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	var k keptLink
	if uri, _ := k.take(now); uri != "" {
		t.Errorf("there is %s", uri)
	}
	k.keep("a", true, now)
	k.keep("b", true, now.Add(keepTime-1))
	if uri, more := k.take(now.Add(keepTime - 1)); uri != "a" || more != 1 {
		t.Errorf("kept %q and dropped %d", uri, more)
	}
	if uri, _ := k.take(now); uri != "" {
		t.Errorf("%s twice", uri)
	}
	k.keep("a", true, now)
	k.keep("b", true, now.Add(keepTime))
	if uri, more := k.take(now.Add(keepTime)); uri != "b" || more != 0 {
		t.Errorf("kept %q and dropped %d after a while", uri, more)
	}
	k.keep("bad", false, now)
	k.keep("worse", false, now)
	k.keep("good", true, now)
	k.keep("better", true, now)
	if uri, more := k.take(now); uri != "good" || more != 3 {
		t.Errorf("kept %q and dropped %d: one that can be read comes first", uri, more)
	}
	k.keep("a", true, now)
	if uri, _ := k.take(now.Add(keepTime)); uri != "" {
		t.Errorf("%s is asked about long after it was clicked", uri)
	}
}

// How a call that a link placed unasked ended says whether it was refused.
func TestUnaskedIsRefused(t *testing.T) {
	for _, c := range []struct {
		state call.State
		cause call.Cause
		want  int
	}{
		{call.Cancelled, "", 1},
		{call.Failed, call.OwnDeclined, 1},
		{call.Failed, call.OwnNoAnswer, 0}, // nobody was there
		{call.Failed, call.Busy, 0},
		{call.Ended, "", 0},
		{call.RingingOwn, "", 0},
	} {
		a := &agent{}
		a.links.unasked = "c1"
		a.unaskedEnded(&call.Snapshot{ID: "c2", State: call.Cancelled}) // another call
		a.unaskedEnded(&call.Snapshot{ID: "c1", State: c.state, Cause: c.cause})
		if n := a.links.gate.refused.within(time.Now()); n != c.want {
			t.Errorf("%s %s: %d refusals, want %d", c.state, c.cause, n, c.want)
		}
	}
}
