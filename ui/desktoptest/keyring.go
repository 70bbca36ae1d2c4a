//go:build linux

package desktoptest

import (
	"os/exec"
	"strings"

	"github.com/godbus/dbus/v5"
)

// loginCollection is the keyring that programs store in unless told otherwise.
const loginCollection = dbus.ObjectPath("/org/freedesktop/secrets/collection/login")

func (d *Desktop) startKeyring() {
	d.tb.Helper()
	cmd := exec.Command("gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets")
	cmd.Env, cmd.Dir = d.Env(), d.Home()
	cmd.Stdin = strings.NewReader(KeyringPassword)
	if _, err := d.procs.start("gnome-keyring-daemon", cmd); err != nil {
		d.tb.Fatalf("desktoptest: starting gnome-keyring-daemon: %v", err)
	}
}

// awaitKeyring returns when the keyring's login collection is open, or is locked where a
// test wants that.
func (d *Desktop) awaitKeyring() {
	d.tb.Helper()
	d.waitName(nameSecrets)
	// The name comes before the collection is unlocked.
	d.Wait("the keyring to open", func() bool {
		locked, err := d.keyringLocked()
		return err == nil && !locked
	})
	if d.opts.locked {
		d.LockKeyring()
	}
}

// LockKeyring locks the keyring, as an idle desktop may at any moment.
func (d *Desktop) LockKeyring() {
	d.tb.Helper()
	var locked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	err := d.bus.Object(nameSecrets, "/org/freedesktop/secrets").
		Call("org.freedesktop.Secret.Service.Lock", 0, []dbus.ObjectPath{loginCollection}).Store(&locked, &prompt)
	if err != nil {
		d.tb.Fatalf("desktoptest: locking the keyring: %v", err)
	}
	d.Wait("the keyring to lock", func() bool {
		locked, err := d.keyringLocked()
		return err == nil && locked
	})
}

// keyringLocked asks the secret service.
func (d *Desktop) keyringLocked() (bool, error) {
	v, err := d.bus.Object(nameSecrets, loginCollection).GetProperty("org.freedesktop.Secret.Collection.Locked")
	if err != nil {
		return false, err
	}
	locked, ok := v.Value().(bool)
	if !ok {
		return false, errUnexpected("Locked", v)
	}
	return locked, nil
}
