//go:build linux

package desktop

import (
	"strings"
	"testing"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/ui/desktoptest"
)

// A whole call in front of a real notification daemon that draws markup: one
// notification, replaced in place, and nothing the PBX says is markup.
func TestDunst(t *testing.T) {
	d := desktoptest.Start(t, desktoptest.WithoutTrayHost(), desktoptest.WithoutKeyring())
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", d.BusAddress())
	n, keys := notifier(t, patience)
	ch := make(chan status.Snapshot)
	done := make(chan struct{})
	go func() {
		defer close(done)
		Follow(t.Context(), ch, never, n)
	}()
	send := func(c call.Snapshot) desktoptest.Notification {
		t.Helper()
		ch <- status.Snapshot{Connection: status.Connected, Call: &c}
		want := noteFor(c, answered)
		got := d.WaitNotification(want.Title, func(n desktoptest.Notification) bool {
			return n.Summary == want.Title && n.Body == markup.Replace(want.Body)
		})
		// The daemon draws a moment after it answered; the pictures are for people.
		d.Wait("the notification on the screen", d.NotificationOnScreen)
		return got
	}
	ch <- status.Snapshot{Connection: status.Ready}

	first := send(at(call.Requested, ""))
	for _, s := range []call.State{call.RingingOwn, call.AnsweredOwn} {
		if got := send(at(s, "")); got.ID != first.ID || got.Replaces != first.ID {
			t.Errorf("%s: %v does not replace %v", s, got, first)
		}
	}
	d.Screenshot("calling")
	named := at(call.RingingFar, "")
	named.FarName = "<b>Anna</b> & <i>Co</i> \"x\" 'y' &amp; <a href='http://example.com'>z</a>"
	send(named)
	d.Screenshot("markup in a name")
	named.State, named.Answered, named.FarName = call.InCall, answered, clean.Foreign(strings.Repeat("Long name ", 40))
	inCall := send(named)
	d.Screenshot("long name")
	if inCall.ID != first.ID {
		t.Errorf("%v is not %v", inCall, first)
	}
	// What a middle click on it does, and "dunstctl action" too.
	if err := d.Bus().Object(notificationsName, notificationsPath).Call("org.dunstproject.cmd0.NotificationAction", 0, uint32(0)).Err; err != nil {
		t.Fatal(err)
	}
	if key := <-keys; key != "c1" {
		t.Errorf("hang up %q", key)
	}
	ended := send(at(call.Ended, ""))
	d.Screenshot("ended")
	if len(ended.Actions) != 0 || ended.Timeout != 5000 {
		t.Errorf("%v stays %d ms", ended, ended.Timeout)
	}

	refused := at(call.Failed, call.Refused)
	refused.ID, refused.Detail = "c2", "<s>Extension</s> does not exist."
	send(refused)
	d.Screenshot("refused")
	if all := d.Displayed(); len(all) != 1 {
		t.Errorf("on the screen: %v", all)
	}
	close(ch)
	<-done
}
