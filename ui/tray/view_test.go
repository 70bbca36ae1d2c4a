package tray

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cornetta/assets"
	"cornetta/dialer/call"
	"cornetta/dialer/history"
	"cornetta/dialer/status"
)

var noon = time.Date(2025, 3, 4, 12, 0, 0, 0, time.UTC)

// table writes a view as a person sees it: the icon, the tooltip, and the menu,
// hidden lines left out, disabled ones in brackets.
func table(v view) string {
	icons := map[assets.State]string{
		assets.NotSetUp: "not set up", assets.Checking: "checking", assets.Ready: "ready",
		assets.Calling: "calling", assets.InCall: "in call", assets.Trouble: "trouble",
	}
	s := icons[v.icon] + " | " + v.tooltip + " |"
	for i, group := range groups {
		if i > 0 {
			s += " ——"
		}
		for _, e := range group {
			switch it := v.items[e]; {
			case it.hidden, e == EntryRedial: // its line is in redial
			case it.enabled:
				s += " " + it.title
			default:
				s += " [" + it.title + "]"
			}
		}
	}
	return s
}

func TestView(t *testing.T) {
	of := func(s call.State) *call.Snapshot {
		return &call.Snapshot{ID: "c1", Number: "0039012", Extension: "7101", State: s, FarName: "EVIL", Detail: "EVIL", Answered: noon.Add(-63 * time.Second)}
	}
	snap := func(l status.Connection, c *call.Snapshot) status.Snapshot {
		return status.Snapshot{Connection: l, Extension: "7101", Call: c}
	}
	trouble := snap(status.Trouble, nil)
	trouble.Trouble = &status.Problem{Code: status.CodeLoginRefused, Detail: "EVIL"}
	one := []history.Entry{{Number: "201", State: call.Ended}}
	for _, c := range []struct {
		s      status.Snapshot
		recent []history.Entry
		want   string
	}{
		{status.Snapshot{Connection: status.NotSetUp}, nil, "not set up | Cornetta: Not set up yet | [Not set up yet] —— Dial… Dial clipboard —— [Recent] History… Next call not in the history —— Set up… Quit"},
		{snap(status.NoSecret, nil), one, "not set up | Cornetta: The password is needed | [The password is needed] —— Dial… Dial clipboard —— Recent History… Next call not in the history —— Settings… Quit"},
		{snap(status.Unchecked, nil), nil, "checking | Cornetta: Not checked yet — extension 7101 | [Not checked yet — extension 7101] —— Dial… Dial clipboard —— [Recent] History… Next call not in the history —— Settings… Quit"},
		{snap(status.Checking, nil), nil, "checking | Cornetta: Checking the PBX… | [Checking the PBX…] —— Dial… Dial clipboard —— [Recent] History… Next call not in the history —— Settings… Quit"},
		{snap(status.Ready, nil), nil, "ready | Cornetta: Ready — extension 7101 | [Ready — extension 7101] —— Dial… Dial clipboard —— [Recent] History… Next call not in the history —— Settings… Quit"},
		{snap(status.Connected, of(call.Ended)), one, "ready | Cornetta: Ready — extension 7101 | [Ready — extension 7101] —— Dial… Dial clipboard —— Recent History… Next call not in the history —— Settings… Quit"},
		{trouble, nil, "trouble | Cornetta: Login refused | [Login refused] —— Dial… Dial clipboard —— [Recent] History… Next call not in the history —— Settings… Quit"},
		{snap("new_state", nil), nil, "trouble | Cornetta: Unexpected: new state | [Unexpected: new state] —— Dial… Dial clipboard —— [Recent] History… Next call not in the history —— Settings… Quit"},
		{snap(status.Connected, of(call.Requested)), nil, "calling | Cornetta: Calling your phone — 0039012 | [Calling your phone — 0039012] —— Dial… Dial clipboard Hang up —— [Recent] History… Next call not in the history —— Settings… Quit"},
		{snap(status.Connected, of(call.RingingOwn)), nil, "calling | Cornetta: Your phone rings — 0039012 | [Your phone rings — 0039012] —— Dial… Dial clipboard Hang up —— [Recent] History… Next call not in the history —— Settings… Quit"},
		{snap(status.Connected, of(call.AnsweredOwn)), nil, "calling | Cornetta: Calling — 0039012 | [Calling — 0039012] —— Dial… Dial clipboard Hang up —— [Recent] History… Next call not in the history —— Settings… Quit"},
		{snap(status.Connected, of(call.RingingFar)), nil, "calling | Cornetta: Ringing at the other side — 0039012 | [Ringing at the other side — 0039012] —— Dial… Dial clipboard Hang up —— [Recent] History… Next call not in the history —— Settings… Quit"},
		{snap(status.Connected, of(call.InCall)), nil, "in call | Cornetta: In call since 11:58 — 0039012 | [In call since 11:58 — 0039012] —— Dial… Dial clipboard Hang up —— [Recent] History… Next call not in the history —— Settings… Quit"},
		{snap(status.Trouble, of(call.InCall)), nil, "in call | Cornetta: In call since 11:58 — 0039012 | [In call since 11:58 — 0039012] —— Dial… Dial clipboard Hang up —— [Recent] History… Next call not in the history —— Settings… Quit"},
		{snap(status.Ready, of(call.Failed)), nil, "ready | Cornetta: Ready — extension 7101 | [Ready — extension 7101] —— Dial… Dial clipboard —— [Recent] History… Next call not in the history —— Settings… Quit"},
		{snap(status.Ready, of(call.Cancelled)), nil, "ready | Cornetta: Ready — extension 7101 | [Ready — extension 7101] —— Dial… Dial clipboard —— [Recent] History… Next call not in the history —— Settings… Quit"},
		{snap(status.Ready, of(call.Unknown)), nil, "ready | Cornetta: Ready — extension 7101 | [Ready — extension 7101] —— Dial… Dial clipboard —— [Recent] History… Next call not in the history —— Settings… Quit"},
	} {
		if !tooltipIsOurs { // others can read it, too
			c.want = strings.Replace(c.want, " — 0039012 |", " |", 1)
			c.want = strings.Replace(c.want, "In call since 11:58 |", "In call |", 1)
		}
		got := table(viewOf(c.s, c.recent, noon))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%+v:\n%s", c.s, diff)
		}
		if strings.Contains(got, "EVIL") {
			t.Errorf("text of the PBX is shown: %s", got)
		}
	}
}

// What a program other than the panel gets to see names no number.
func TestViewForOthers(t *testing.T) {
	const number = "0039012"
	s := status.Snapshot{Connection: status.Connected, Call: &call.Snapshot{ID: "c1", Number: number, Answered: noon}}
	for _, state := range []call.State{call.Requested, call.RingingOwn, call.AnsweredOwn, call.RingingFar, call.InCall} {
		s.Call.State = state
		v := viewOf(s, []history.Entry{{Number: number, State: call.Ended}}, noon)
		v.copied, v.items[EntryClipboard] = copiedOf(status.Offer{ID: 1, Shown: number})
		for _, it := range v.items {
			if strings.Contains(it.toOthers, "39012") {
				t.Errorf("%s: %s", state, it.toOthers)
			}
		}
		if r := v.redial; len(r) != 1 || r[0].dial != number || strings.Contains(r[0].toOthers, "39012") || r[0].toOthers == "" {
			t.Errorf("%s: the last number is %+v", state, r)
		}
		if v.items[EntryRecent].toOthers != "" || v.recent[0].toOthers != "" {
			t.Errorf("%s: others get a list", state)
		}
		if v.items[EntryStatus].toOthers == "" || v.items[EntryClipboard].toOthers == "" {
			t.Errorf("%s: others get no menu", state)
		}
	}
}

func TestRecentView(t *testing.T) {
	var recent []history.Entry
	for i := range 14 {
		recent = append(recent, history.Entry{Number: fmt.Sprint(200 + i), State: call.Ended})
	}
	recent[1].State, recent[1].Cause = call.Failed, call.Busy
	v := viewOf(status.Snapshot{Connection: status.Ready}, recent, noon)
	if len(v.recent) != recentMax {
		t.Fatalf("%d lines", len(v.recent))
	}
	want := []number{{title: "200", dial: "200"}, {title: "201 — Busy", dial: "201"}, {title: "202", dial: "202"}}
	for i, n := range want {
		if v.recent[i] != n {
			t.Errorf("line %d is %v, want %v", i, v.recent[i], n)
		}
	}
}

// A line that names a number names its offer; one that does not promises nothing.
func TestTheLineForWhatWasCopied(t *testing.T) {
	premium := []string{"premium"}
	long := strings.Repeat("5", OfferRoom+1)
	for _, tc := range []struct {
		offer   status.Offer
		named   uint64
		title   string
		enabled bool
	}{
		{status.Offer{}, 0, "Dial clipboard", true},
		{status.Offer{ID: 1, Shown: "0 050 123407"}, 1, "Dial clipboard: 0 050 123407", true},
		{status.Offer{ID: 1, Shown: long}, 0, "Dial clipboard", true},
		{status.Offer{ID: 1, Shown: "899 1", Reasons: premium}, 1, "Dial clipboard: 899 1…", true},
		{status.Offer{ID: 1, Shown: long, Reasons: premium}, 0, "Dial clipboard…", true},
		{status.Offer{ID: 1, Shown: "1", Choices: make([]status.Offer, 2)}, 0, "Dial clipboard…", true},
		{status.Offer{Problem: &status.Problem{Code: status.CodeNotNumber}, Choices: make([]status.Offer, 2)}, 0, "Dial clipboard…", true},
		{status.Offer{Problem: &status.Problem{Code: status.CodeNotNumber}}, 0, "Dial clipboard", false},
		{status.Offer{Problem: &status.Problem{Code: status.CodeCopiedEmpty}}, 0, "Dial clipboard", false},
		{status.Offer{Problem: &status.Problem{Code: status.CodeCopiedTimeout}}, 0, "Dial clipboard…", true},
	} {
		if named, line := copiedOf(tc.offer); named != tc.named || line != (item{title: tc.title, toOthers: "Dial clipboard", enabled: tc.enabled}) {
			t.Errorf("%+v: %+v, names %d", tc.offer, line, named)
		}
	}
}
