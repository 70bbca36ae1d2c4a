package agent

import (
	"testing"
	"time"
)

// TestLinkLimiter plays scripts: "link" arrives, "no" and "yes" answer what is shown,
// "failed" and "done" end a yes, a duration passes. Behind the colon is what is
// on the screen then: its id, what it says of further links and of muted ones. A
// trusted one is "called" without being shown; "hung up" refuses that call.
// "unread" cannot be read, and is "left".
func TestLinkLimiter(t *testing.T) {
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
		"calls by other ways count": {
			{"called", [3]int{}},
			{"unasked", [3]int{}},
			{"unasked", [3]int{}},
			{"not trusted", [3]int{2, 0, 0}}, // the keys dialled two
			{"no", [3]int{}},
			{"30s", [3]int{}},
			{"unasked", [3]int{}},
			{"unasked", [3]int{}},
			{"few", [3]int{}},
			{"unasked", [3]int{}},
			{"many", [3]int{}},
			{"30s", [3]int{}},
			{"few", [3]int{}},
			{"not trusted", [3]int{3, 0, 0}}, // three in the last half minute
			{"no", [3]int{}},
			{"30s", [3]int{}},
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
			var l linkLimiter
			now := time.Unix(1_800_000_000, 0)
			for i, s := range script {
				switch s.do {
				case "link":
					if fresh := l.arrive(now); fresh != (s.want[0] != 0 && s.want[1] == 0) {
						t.Errorf("step %d: to be shown: %v", i, fresh)
					}
				case "no", "muting no":
					if muted := l.refuse(l.shown, now); muted != (s.do == "muting no") {
						t.Errorf("step %d: muted: %v", i, muted)
					}
				case "yes":
					if !l.agree(l.shown) {
						t.Errorf("step %d: the yes does not count", i)
					}
				case "yes again":
					if l.agree(l.shown) {
						t.Errorf("step %d: a second yes counts", i)
					}
				case "late yes":
					if l.agree(1) {
						t.Errorf("step %d: a yes to what is gone counts", i)
					}
				case "late no":
					l.refuse(1, now)
				case "failed", "done":
					l.done(l.shown, s.do == "done", now)
				case "called", "not called", "not trusted":
					if !l.arrive(now) || l.trust(l.shown, now) != (s.do != "not trusted") {
						t.Errorf("step %d: trusted, or not", i)
					}
					if s.do != "not trusted" {
						l.done(l.shown, s.do == "called", now)
					}
				case "unasked":
					l.unasked(now)
				case "few", "many":
					if many := l.many(now); many != (s.do == "many") {
						t.Errorf("step %d: many: %v", i, many)
					}
				case "hung up", "muting hang-up":
					if muted := l.refuseCall(now); muted != (s.do == "muting hang-up") {
						t.Errorf("step %d: muted: %v", i, muted)
					}
				case "unread":
					was, most := l.unread, l.unreads.within(now) == maxUnread
					if shown := l.arriveUnread(now); shown != (was == 0 && !most && l.shown == 0 && !now.Before(l.until)) {
						t.Errorf("step %d: shown: %v", i, shown)
					}
				case "left", "nothing left":
					if left := l.leaveUnread(l.unread); left != (s.do == "left") {
						t.Errorf("step %d: left: %v", i, left)
					}
				case "gone":
					l.abandon(l.shown)
				default:
					d, err := time.ParseDuration(s.do)
					if err != nil {
						t.Fatal(err)
					}
					now = now.Add(d)
				}
				got := [3]int{int(l.shown)}
				if l.shown != 0 {
					got[1], got[2] = l.more, l.skipped
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
func TestLinkLimiterUnderFire(t *testing.T) {
	for _, tc := range []struct {
		unread, refusing bool
		windows          int
	}{{false, false, 1}, {false, true, maxRefusals}, {true, false, 1}, {true, true, maxUnread}} {
		var l linkLimiter
		now := time.Unix(1_800_000_000, 0)
		windows := 0
		for range 1000 {
			arrive := l.arrive
			if tc.unread {
				arrive = l.arriveUnread
			}
			if arrive(now) {
				windows++
			}
			if tc.refusing {
				l.refuse(l.shown, now)
				l.leaveUnread(l.unread)
			}
			now = now.Add(10 * time.Millisecond)
		}
		if windows != tc.windows || l.more+l.ignored+l.unreadMore+windows != 1000 {
			t.Errorf("%+v: %d windows, %d, %d and %d dropped", tc, windows, l.more, l.ignored, l.unreadMore)
		}
	}
}
