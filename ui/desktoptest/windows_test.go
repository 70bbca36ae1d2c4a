//go:build linux

package desktoptest

import (
	"image"
	"testing"
)

func TestWindowGetsWhatAPersonDoes(t *testing.T) {
	d := Start(t, WithoutKeyring(), WithoutNotifications(), WithoutTrayHost())
	if w := d.FocusedWindow(); w != nil {
		t.Errorf("%v has the focus on an empty desktop", w)
	}
	p := run(t, d, "window", "one")
	w := d.Window("Try me: one")
	d.Wait("the focus of the new window", w.Focused)
	if got := w.Bounds().Size(); got != image.Pt(300, 200) {
		t.Errorf("size %v", got)
	}

	d.Type("0+*#a")
	for _, key := range []string{"key 0x30", "key 0x2b", "key 0x2a", "key 0x23", "key 0x61"} {
		p.expect(d, key, 1)
	}
	d.Key("Return", "Escape")
	p.expect(d, "key 0xff0d", 1)
	p.expect(d, "key 0xff1b", 1)
	w.Click(30, 40)
	p.expect(d, "button 1 at 30,40", 1)
	d.Screenshot("window")

	run(t, d, "window", "two")
	two := d.Window("Try me: two")
	d.Wait("the focus of the second window", two.Focused)
	if w.Focused() {
		t.Error("both windows have the focus")
	}
	w.Focus()
	if got := d.FocusedWindow(); got.ID() != w.ID() {
		t.Errorf("focused: %v, want %v", got, w)
	}

	w.Close()
	p.expect(d, "close", 1)
	w.WaitGone()
	if d.FindWindow("Try me: one") != nil {
		t.Error("the closed window is still found")
	}
	d.Wait("the focus to go on", two.Focused)
}
