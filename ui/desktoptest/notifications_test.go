//go:build linux

package desktoptest

import (
	"testing"

	"github.com/godbus/dbus/v5"
)

// notify sends a notification as a program would and returns its id.
func notify(t *testing.T, conn *dbus.Conn, replaces uint32, summary, body string, actions ...string) uint32 {
	t.Helper()
	if actions == nil {
		actions = []string{}
	}
	var id uint32
	err := conn.Object(nameNotifications, "/org/freedesktop/Notifications").Call(nameNotifications+".Notify", 0,
		"try", replaces, "", summary, body, actions, map[string]dbus.Variant{"urgency": dbus.MakeVariant(byte(1))}, int32(-1)).Store(&id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestNotificationIsShownReplacedAndAnswered(t *testing.T) {
	d := Start(t, WithoutKeyring(), WithoutTrayHost())
	conn, err := dbus.Connect(d.BusAddress())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.AddMatchSignal(dbus.WithMatchInterface(nameNotifications), dbus.WithMatchMember("ActionInvoked")); err != nil {
		t.Fatal(err)
	}
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)

	if d.NotificationOnScreen() {
		t.Error("a notification is on the screen of a fresh desktop")
	}
	id := notify(t, conn, 0, "Your phone rings", "pick it up", "hangup", "Hang up", "other", "Other")
	n := d.WaitNotification("the ringing phone", func(n Notification) bool { return n.Summary == "Your phone rings" })
	if n.ID != id || n.Replaces != 0 || n.Body != "pick it up" || n.Action("Hang up") != "hangup" || n.App != "try" {
		t.Errorf("notification %v", n)
	}
	d.Wait("the daemon to show it", d.NotificationOnScreen)

	if again := notify(t, conn, id, "In call", "", "hangup", "Hang up", "other", "Other"); again != id {
		t.Fatalf("replaced %d, got %d", id, again)
	}
	n = d.WaitNotification("the call", func(n Notification) bool { return n.Summary == "In call" })
	if n.ID != id || n.Replaces != id {
		t.Errorf("replacement %v", n)
	}
	if shown := d.Displayed(); len(shown) != 1 || shown[0].Summary != "In call" {
		t.Errorf("displayed: %v", shown)
	}
	if all := d.Notifications(); len(all) != 2 || !all[0].Closed {
		t.Errorf("history: %v", all)
	}
	if d.FocusedWindow() != nil {
		t.Error("the notification took the focus")
	}
	d.Screenshot("notification")

	d.InvokeAction(n, "hangup")
	sig := <-signals
	if len(sig.Body) != 2 || sig.Body[0] != id || sig.Body[1] != "hangup" {
		t.Errorf("the program was told %v", sig.Body)
	}

	notify(t, conn, 0, "Another", "")
	d.WaitNotification("the other one", func(n Notification) bool { return n.Summary == "Another" })
	d.CloseNotifications()
	d.Wait("the screen to be clear", func() bool { return !d.NotificationOnScreen() })
}
