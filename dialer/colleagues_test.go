package dialer

import (
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/config"
	"cornetta/dialer/phone"
	"cornetta/dialer/status"
)

// boardIs waits until somebody's phone stands so on the board.
func boardIs(t *testing.T, b *phone.Board, number string, want status.PhoneState) {
	t.Helper()
	late := time.After(30 * time.Second)
	for {
		changed := b.Changed()
		if b.State(number) == want {
			return
		}
		select {
		case <-changed:
		case <-late:
			t.Fatalf("%s is %q, not %q", number, b.State(number), want)
		}
	}
}

// look has d's board kept until leave.
func look(t *testing.T, d *Dialer) (b *phone.Board, leave func()) {
	t.Helper()
	b, leave, err := d.Look(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(leave)
	return b, leave
}

// colleaguesThrough sees the phones of a PBX that is made as pbxsim's plan says.
func colleaguesThrough(t *testing.T, addr string) {
	t.Helper()
	d := startDialer(t, accountAt(t, addr, "7101", config.SyntaxVariables), config.ConnectionOnDemand)
	b, leave := look(t, d)
	boardIs(t, b, "7102", status.PhoneFree)
	boardIs(t, b, "7104", status.PhoneAway)
	if s := b.State("7101"); s != "" {
		t.Errorf("the own phone is among the colleagues': %s", s)
	}
	if v := b.Since(0, 100); !v.Live || len(v.Changed) != len(pbxsim.Extensions)-1 {
		t.Errorf("%+v", v)
	}
	if _, err := d.Dial(t.Context(), planFor("7102")); err != nil {
		t.Fatal(err)
	}
	boardIs(t, b, "7102", status.PhoneRinging)
	if err := d.Hangup(t.Context()); err != nil {
		t.Fatal(err)
	}
	boardIs(t, b, "7102", status.PhoneFree)
	eventually(t, "the end of the call", func() bool { return !d.Snapshot().Call.Live() })
	if _, err := d.Dial(t.Context(), planFor("7105")); err != nil {
		t.Fatal(err)
	}
	boardIs(t, b, "7105", status.PhoneBusy)
	leave()
	if v := b.Since(0, 100); v.Live || len(v.Changed) > 0 {
		t.Errorf("somebody is kept: %+v", v)
	}
	if err := d.Hangup(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestColleagues(t *testing.T) {
	p := startPBX(t)
	colleaguesThrough(t, p.Addr())
}

// hints is a server with so many extensions; lists counts how often it was asked for them.
func hints(many int, lists *atomic.Int32) handler {
	return func(c net.Conn, h map[string]string) bool {
		if h["Action"] != "ExtensionStateList" {
			return false
		}
		lists.Add(1)
		accept(c, h, "EventList: start\r\n")
		var s strings.Builder
		for i := range many {
			fmt.Fprintf(&s, "Event: ExtensionStatus\r\nActionID: %s\r\nExten: %d\r\nContext: outbound\r\nHint: PJSIP/%d\r\nStatus: 0\r\nStatusText: Idle\r\n\r\n", h["ActionID"], 7101+i, 7101+i)
		}
		fmt.Fprintf(&s, "Event: ExtensionStateListComplete\r\nActionID: %s\r\nEventList: Complete\r\n\r\n", h["ActionID"])
		fmt.Fprint(c, s.String())
		return true
	}
}

func says(number, state int) string {
	return fmt.Sprintf("Event: ExtensionStatus\r\nPrivilege: call,all\r\nExten: %d\r\nContext: outbound\r\nHint: PJSIP/%d\r\nStatus: %d\r\nStatusText: x\r\n\r\n", number, number, state)
}

// TestColleaguesCost: one list while somebody looks, a session no longer than that, and
// nothing otherwise.
func TestColleaguesCost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lists atomic.Int32
		d, s := startBubble(t, config.ConnectionOnDemand, scripted(hints(20, &lists)))
		time.Sleep(time.Hour)
		if n := s.connects.Load(); n != 0 {
			t.Errorf("%d connections while nobody looks", n)
		}
		b, leave, err := d.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		boardIs(t, b, "7102", status.PhoneFree)
		_, second, err := d.Look(t.Context()) // the same board
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if l, n := lists.Load(), s.connects.Load(); l != 1 || n != 1 || d.Snapshot().Connection != status.Connected {
			t.Errorf("an hour of looking: %d lists, %d connections, %s", l, n, d.Snapshot().Connection)
		}
		leave()
		leave()
		if b.State("7102") != status.PhoneFree {
			t.Error("nothing to see for the second who looks")
		}
		second()
		if v := b.Since(0, 100); len(v.Changed) > 0 {
			t.Errorf("kept: %+v", v)
		}
		time.Sleep(idleClose + time.Second)
		if d.Snapshot().Connection != status.Ready {
			t.Errorf("the session is %s", d.Snapshot().Connection)
		}
		time.Sleep(time.Hour)
		if l, n := lists.Load(), s.connects.Load(); l != 1 || n != 1 {
			t.Errorf("nobody looks: %d lists, %d connections", l, n)
		}
	})
}

// TestColleaguesAfterALoss: what is not known is not claimed, and comes back by itself.
func TestColleaguesAfterALoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lists atomic.Int32
		d, s := startBubble(t, config.ConnectionOnDemand, scripted(hints(20, &lists)))
		b, leave, err := d.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
		boardIs(t, b, "7102", status.PhoneFree)
		s.closeAll()
		boardIs(t, b, "7102", status.PhoneUnknown)
		boardIs(t, b, "7102", status.PhoneFree)
		if l := lists.Load(); l != 2 {
			t.Errorf("%d lists", l)
		}
		// Another account is another PBX: nobody of the first is left.
		if err := d.SetAccount(t.Context(), config.Account{}, config.ConnectionOnDemand); err != nil {
			t.Fatal(err)
		}
		if v := b.Since(0, 100); v.Live || len(v.Changed) > 0 {
			t.Errorf("%+v", v)
		}
		if err := d.SetAccount(t.Context(), accountAt(t, "127.0.0.1:5038", "7105", config.SyntaxVariables), config.ConnectionOnDemand); err != nil {
			t.Fatal(err)
		}
		boardIs(t, b, "7101", status.PhoneFree)
		if b.State("7105") != "" {
			t.Error("the own phone is among the colleagues'")
		}
	})
}

// TestNoListOfColleagues: a PBX that has none, or does not give it to this user, says so, and
// is not asked again and again.
func TestNoListOfColleagues(t *testing.T) {
	for message, want := range map[string]status.Code{"Permission denied": status.CodeNoPermission, "Invalid/unknown command": status.CodeNoList} {
		synctest.Test(t, func(t *testing.T) {
			var lists atomic.Int32
			d, _ := startBubble(t, config.ConnectionOnDemand, scripted(func(c net.Conn, h map[string]string) bool {
				if h["Action"] != "ExtensionStateList" {
					return false
				}
				lists.Add(1)
				fmt.Fprintf(c, "Response: Error\r\nActionID: %s\r\nMessage: %s\r\n\r\n", h["ActionID"], message)
				return true
			}))
			b, leave, err := d.Look(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer leave()
			time.Sleep(time.Minute)
			if v := b.Since(0, 100); v.Problem == nil || v.Problem.Code != want || v.Live {
				t.Errorf("%s: %+v", message, v.Problem)
			}
			time.Sleep(29 * time.Minute)
			if l := lists.Load(); l > 7 {
				t.Errorf("%s: %d lists in half an hour", message, l)
			}
		})
	}
}

// TestTheDialplanIsReloaded: whose hint is gone is gone, and who is new is there, while one
// looks.
func TestTheDialplanIsReloaded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lists atomic.Int32
		before, after := hints(20, &lists), hints(1, &lists)
		d, _ := startBubble(t, config.ConnectionOnDemand, scripted(func(c net.Conn, h map[string]string) bool {
			if lists.Load() > 0 {
				return after(c, h)
			}
			if !before(c, h) {
				return false
			}
			fmt.Fprint(c, says(7999, 8), "Event: ExtensionStatus\r\nPrivilege: call,all\r\nExten: 7102\r\nContext: outbound\r\nHint: \r\nStatus: -2\r\nStatusText: Removed\r\n\r\n")
			return true
		}))
		b, leave, err := d.Look(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer leave()
		boardIs(t, b, "7999", status.PhoneRinging)
		boardIs(t, b, "7102", status.PhoneUnknown)
		boardIs(t, b, "7102", "")
		time.Sleep(time.Hour)
		if l := lists.Load(); l != 2 {
			t.Errorf("%d lists", l)
		}
	})
}

// TestColleaguesOfALargePBX: of more hints than are kept, or such with long texts, some are
// shown, and the session stays; the own extension tells which context counts, though it is
// the last.
func TestColleaguesOfALargePBX(t *testing.T) {
	const device = "PJSIP/7102-5b6c7d8e-1c2d-4e5f-8a9b-0c1d2e3f4a5b&Custom:DND7102"
	for name, tc := range map[string]struct {
		others int // of another company, before ours
		many   int
		device string
		cut    bool
	}{
		"12,000 phones": {1, 12_000, device, true},
		"large groups":  {1, 2_000, strings.Repeat("PJSIP/7102-5b6c7d8e&", 150) + "PJSIP/7103", true},
		"20,000 phones, most of which others have": {20_000, 1_000, device, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := runScript(t, func(c net.Conn, h map[string]string) bool {
				if h["Action"] != "ExtensionStateList" {
					return false
				}
				accept(c, h, "EventList: start\r\n")
				var b strings.Builder
				hint := func(number int, context, device string) {
					fmt.Fprintf(&b, "Event: ExtensionStatus\r\nActionID: %s\r\nExten: %d\r\nContext: %s\r\nHint: %s\r\nStatus: 0\r\nStatusText: Idle\r\n\r\n", h["ActionID"], number, context, device)
				}
				for i := range tc.others {
					hint(99+50_000*i, "another-company", device)
				}
				ours := "internal-" + pbxsim.Tenant
				for i := range tc.many {
					hint(10_000+i, ours, tc.device)
				}
				hint(7101, ours, "PJSIP/7101")
				fmt.Fprintf(&b, "Event: ExtensionStateListComplete\r\nActionID: %s\r\nEventList: Complete\r\n\r\n", h["ActionID"])
				fmt.Fprint(c, b.String())
				return true
			})
			d := startDialer(t, s.account(t), config.ConnectionOnDemand)
			b, _ := look(t, d)
			boardIs(t, b, "10000", status.PhoneFree)
			if v := b.Since(0, phone.MaxColleagues); v.Cut != tc.cut || len(v.Changed) < 100 || !tc.cut && len(v.Changed) != tc.many || b.State("99") != "" {
				t.Errorf("%d, cut %v, of another company %q", len(v.Changed), v.Cut, b.State("99"))
			} else {
				t.Log(len(v.Changed))
			}
			if snap := d.Snapshot(); snap.Trouble != nil || s.logins.Load() != 1 {
				t.Errorf("%v, %d logins", snap.Trouble, s.logins.Load())
			}
		})
	}
}
