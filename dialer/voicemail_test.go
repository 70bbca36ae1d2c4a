package dialer

import (
	"testing"
	"testing/synctest"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/status"
)

// TestVoicemail: the messages are counted where somebody asks, and once after each call; a
// PBX that does not say leaves them unknown.
func TestVoicemail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPBXBubble(t, "22", pbxsim.Fast)
		h.SetMessages("7101@office", 2, 3)
		a := h.account
		d := h.start(t, a)
		if err := d.CountVoicemail(t.Context()); err != nil || d.Snapshot().Voicemail.Known {
			t.Errorf("without a mailbox: %v, %+v", err, d.Snapshot().Voicemail)
		}
		a.Mailbox = "7101@office"
		if err := d.SetAccount(t.Context(), a, "on-demand"); err != nil {
			t.Fatal(err)
		}
		expect := func(what string, want status.Voicemail) {
			t.Helper()
			synctest.Wait()
			if got := d.Snapshot().Voicemail; got != want {
				t.Errorf("%s: %+v, want %+v", what, got, want)
			}
		}
		expect("before anybody asks", status.Voicemail{Set: true})
		if err := d.CountVoicemail(t.Context()); err != nil {
			t.Fatal(err)
		}
		expect("asked", status.Voicemail{Set: true, Known: true, New: 2, Old: 3})
		h.SetMessages("7101@office", 0, 5)
		if _, err := d.Dial(t.Context(), planFor("039050123402")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Second)
		expect("after a call", status.Voicemail{Set: true, Known: true, Old: 5})
		h.Grant("MailboxCount", false)
		if err := d.CountVoicemail(t.Context()); err == nil {
			t.Error("a refusal is no error")
		}
		expect("refused", status.Voicemail{Set: true})
		h.Grant("MailboxCount", true)
		if err := d.SetAccount(t.Context(), a, "kept"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		expect("the link is kept, and nobody asked", status.Voicemail{Set: true, Known: true, Old: 5})
		if err := d.SetAccount(t.Context(), h.account, "on-demand"); err != nil {
			t.Fatal(err)
		}
		expect("without a mailbox again", status.Voicemail{})
	})
}
