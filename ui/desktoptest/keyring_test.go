//go:build linux

package desktoptest

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// secretTool makes a command that uses the keyring as any program does.
func secretTool(t *testing.T, d *Desktop, args ...string) (*exec.Cmd, *bytes.Buffer) {
	t.Helper()
	if _, err := exec.LookPath("secret-tool"); err != nil {
		requireOrSkip(t, "secret-tool (package libsecret-tools)")
	}
	cmd := d.Command("secret-tool", args...)
	out := &bytes.Buffer{}
	cmd.Stdout, cmd.Stderr = out, out
	return cmd, out
}

func TestKeyringKeepsASecret(t *testing.T) {
	d := Start(t, WithoutNotifications(), WithoutTrayHost())
	store, out := secretTool(t, d, "store", "--label=try", "what", "this")
	store.Stdin = strings.NewReader("s3cret")
	if err := store.Run(); err != nil {
		t.Fatalf("store: %v\n%s", err, out)
	}
	lookup, out := secretTool(t, d, "lookup", "what", "this")
	if err := lookup.Run(); err != nil || out.String() != "s3cret" {
		t.Errorf("lookup: %q, %v", out, err)
	}
}

func TestLockedKeyringAsksForItsPassword(t *testing.T) {
	d := Start(t, WithoutNotifications(), WithoutTrayHost(), LockedKeyring())
	store, out := secretTool(t, d, "store", "--label=try", "what", "this")
	store.Stdin = strings.NewReader("s3cret")
	if err := store.Start(); err != nil {
		t.Fatal(err)
	}
	d.Window(".*")
	d.Wait("the prompt", func() bool { return d.FocusedWindow() != nil })
	if locked, err := d.keyringLocked(); err != nil || !locked {
		t.Errorf("locked: %v, %v", locked, err)
	}
	d.Screenshot("prompt")
	d.Type(KeyringPassword)
	d.Key("Return")
	if err := store.Wait(); err != nil {
		t.Errorf("store: %v\n%s", err, out)
	}
	if locked, err := d.keyringLocked(); err != nil || locked {
		t.Errorf("locked after the password: %v, %v", locked, err)
	}
}

func TestWithoutKeyringThereIsAnErrorAtOnce(t *testing.T) {
	d := Start(t, WithoutKeyring(), WithoutNotifications(), WithoutTrayHost())
	lookup, out := secretTool(t, d, "lookup", "what", "this")
	if err := lookup.Run(); err == nil {
		t.Errorf("lookup found %q in no keyring", out)
	}
}
