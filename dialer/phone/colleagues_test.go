package phone

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/status"
)

const tenant = "5f1d3c52-8a54-4a7e-9d5e-0c6f6a1b2c3d"

// tell is a hint as a PBX tells it: "number@context device state".
func tell(t *testing.T, line string) ami.ExtensionStatus {
	t.Helper()
	var at, device string
	var state int
	if _, err := fmt.Sscan(line, &at, &device, &state); err != nil {
		t.Fatal(line, err)
	}
	number, context, _ := strings.Cut(at, "@")
	return ami.ExtensionStatus{Exten: number, Context: context, Hint: clean.Foreign(device), Status: state}
}

func list(t *testing.T, lines ...string) (all []ami.Event) {
	t.Helper()
	for _, l := range lines {
		all = append(all, tell(t, l))
	}
	return all
}

// shown is everything on the board, by number.
func shown(b *Board) string {
	var all []string
	for _, c := range b.Since(0, MaxColleagues).Changed {
		all = append(all, c.Number+" "+string(c.State))
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

func TestWhoIsAColleague(t *testing.T) {
	for _, tc := range []struct {
		name   string
		hints  []string
		tenant string
		want   string
	}{
		{"all states, and not oneself", []string{
			"7101@a PJSIP/7101 1", "7102@a PJSIP/7102 0", "7103@a PJSIP/7103 1", "7104@a PJSIP/7104 2", "7105@a PJSIP/7105 4",
			"7106@a PJSIP/7106 8", "7107@a PJSIP/7107 9", "7108@a PJSIP/7108 16", "7109@a PJSIP/7109 17", "7110@a PJSIP/7110 -1", "7111@a PJSIP/7111 -2", "7112@a PJSIP/7112 77",
		}, "", "7102 free, 7103 busy, 7104 busy, 7105 away, 7106 ringing, 7107 ringing, 7108 busy, 7109 busy, 7110 unknown, 7111 unknown, 7112 unknown"},
		{"a context that the own extension is not in", []string{"7101@a PJSIP/7101 0", "7102@a PJSIP/7102 0", "7102@b PJSIP/b-7102 1", "7200@b PJSIP/b-7200 0"}, "", "7102 free"},
		{"the tenant's contexts, whoever else has the own number", []string{
			"7101@internal_5F1D3C528A544A7E9D5E0C6F6A1B2C3D PJSIP/x 0", "7102@internal_5F1D3C528A544A7E9D5E0C6F6A1B2C3D PJSIP/y 8", "7103@" + tenant + "-more PJSIP/z 4",
			"7101@other PJSIP/7101 0", "7102@other PJSIP/7102 0", "7109@other PJSIP/7109 0",
		}, tenant, "7102 ringing, 7103 away"},
		{"no hint of the own extension: everybody", []string{"7102@a PJSIP/7102 0", "7103@b PJSIP/7103 1"}, tenant, "7102 free, 7103 busy"},
		{"one device in two contexts", []string{"7101@a X/1 0", "7101@b X/1 0", "7102@a X/2 1", "7102@b X/2 0"}, "", "7102 free"},
		{"two devices that differ", []string{"7101@a X/1 0", "7101@b X/1 0", "7102@a X/2 1", "7102@b Y/2 0", "7103@a X/3 1", "7103@b Y/3 2"}, "", "7102 unknown, 7103 busy"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := NewBoard()
			b.Begin("7101", tc.tenant).Listed(list(t, tc.hints...))
			if got := shown(b); got != tc.want {
				t.Errorf("%s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestNobodysPhone(t *testing.T) {
	for _, tc := range []struct {
		number, device string
		want           bool
	}{
		{"7101", "PJSIP/7101", true},
		{"7101", "PJSIP/7101&Custom:DND7101,CustomPresence:7101", true},
		{"7101", "SIP/a_7101", true},
		{"_7XXX", "PJSIP/${EXTEN}", false},
		{"*217101", "Custom:DND7101", false},
		{"701", "park:701@parkedcalls", false},
		{"400", "Queue:sales", false},
		{"500", "Custom:lamp", false},
		{"7101", "", false},
		{"", "PJSIP/7101", false},
		{strings.Repeat("7", 21), "PJSIP/7", false},
		{"71٠1", "PJSIP/7101", false},
	} {
		if got := IsExtension(tc.number, tc.device); got != tc.want {
			t.Errorf("%s %s: %v", tc.number, tc.device, got)
		}
	}
}

func TestChangesInTheirOrder(t *testing.T) {
	b := NewBoard()
	if v := b.Since(0, 10); len(v.Changed) > 0 || v.Live || v.Anew {
		t.Errorf("%+v", v)
	}
	changed := b.Changed()
	w := b.Begin("7101", "")
	<-changed
	// What comes while the list is on its way is newer.
	w.Apply(tell(t, "7102@a X/2 8"))
	w.Apply(tell(t, "7109@b X/9 8"))
	if got := shown(b); got != "" {
		t.Errorf("before the list: %s", got)
	}
	w.Listed(list(t, "7101@a X/1 0", "7102@a X/2 0", "7103@a X/3 0"))
	if got := shown(b); got != "7102 ringing, 7103 free" {
		t.Error(got)
	}
	v := b.Since(0, 10)
	changed = b.Changed()
	w.Apply(tell(t, "7103@a X/3 0")) // nothing new
	w.Apply(tell(t, "7103@b X/3 1")) // of another context
	w.Apply(tell(t, "7101@a X/1 1")) // one's own
	select {
	case <-changed:
		t.Error("nothing has changed")
	default:
	}
	w.Apply(tell(t, "7103@a X/3 1"))
	w.Apply(tell(t, "7102@a X/2 1"))
	<-changed
	v = b.Since(v.Seq, 1)
	if len(v.Changed) != 1 || v.Changed[0] != (status.Colleague{Number: "7103", State: status.PhoneBusy}) || !v.More || v.Anew || !v.Live {
		t.Errorf("%+v", v)
	}
	v = b.Since(v.Seq, 1)
	if len(v.Changed) != 1 || v.Changed[0].Number != "7102" || v.More {
		t.Errorf("%+v", v)
	}
	if b.State("7102") != status.PhoneBusy || b.State("7199") != "" {
		t.Error(b.State("7102"), b.State("7199"))
	}
	// A list in which somebody is missing is told anew, and whole.
	w.Listed(list(t, "7101@a X/1 0", "7102@a X/2 1"))
	if v = b.Since(v.Seq, 10); !v.Anew || len(v.Changed) != 1 || v.Changed[0].Number != "7102" {
		t.Errorf("%+v", v)
	}
	if v = b.Since(v.Seq, 10); v.Anew || len(v.Changed) > 0 {
		t.Errorf("%+v", v)
	}
	// The session is lost: nothing is claimed any more, and its writer counts no longer.
	b.End()
	w.Apply(tell(t, "7102@a X/2 0"))
	if v = b.Since(v.Seq, 10); v.Live || len(v.Changed) != 1 || v.Changed[0].State != status.PhoneUnknown {
		t.Errorf("%+v", v)
	}
	b.Begin("7101", "").Listed(list(t, "7101@a X/1 0", "7102@a X/2 0"))
	w.Listed(nil)
	w.Fail(&status.Problem{Code: status.CodeNoList})
	if v = b.Since(v.Seq, 10); v.Anew || !v.Live || v.Problem != nil || len(v.Changed) != 1 || v.Changed[0].State != status.PhoneFree {
		t.Errorf("%+v", v)
	}
	b.Clear()
	if v = b.Since(v.Seq, 10); !v.Anew || v.Live || len(v.Changed) > 0 {
		t.Errorf("%+v", v)
	}
}

// TestAHintThatIsGone: nothing is claimed of it any more, and the list is to be asked for
// again; one that is new is there at once.
func TestAHintThatIsGone(t *testing.T) {
	b := NewBoard()
	w := b.Begin("7101", "")
	w.Listed(list(t, "7101@a X/1 0", "7102@a X/2 1"))
	for line, want := range map[string]bool{"7109@a X/9 -1": false, "7102@b X/2 -1": false, "7103@a X/3 8": false} {
		if stale := w.Apply(tell(t, line)); stale != want {
			t.Errorf("%s: %v", line, stale)
		}
	}
	if stale := w.Apply(tell(t, "7102@a X/2 -2")); !stale {
		t.Error("the list is as good as before")
	}
	if got := shown(b); got != "7102 unknown, 7103 ringing" {
		t.Error(got)
	}
}

func TestABoardHasRoomForSoMany(t *testing.T) {
	b := NewBoard()
	w := b.Begin("1", "")
	for i := range MaxColleagues + 100 {
		w.Apply(ami.ExtensionStatus{Exten: fmt.Sprint(10_000 + i), Context: "a", Hint: "X/1"})
	}
	w.Listed(nil)
	w.Listed(list(t, "1@a X/1 0"))
	for i := range MaxColleagues + 100 {
		w.Apply(ami.ExtensionStatus{Exten: fmt.Sprint(10_000 + i), Context: "a", Hint: "X/1"})
	}
	if v := b.Since(0, 2*MaxColleagues); len(v.Changed) != MaxColleagues || !v.Cut {
		t.Errorf("%d, cut %v", len(v.Changed), v.Cut)
	}
}
