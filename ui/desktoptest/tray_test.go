//go:build linux

package desktoptest

import (
	"context"
	"errors"
	"image/color"
	"testing"
)

// tray waits for the icon of an act.
func tray(t *testing.T, d *Desktop, name string) TrayItem {
	t.Helper()
	item, err := d.WaitTrayItem(t.Context(), func(i TrayItem) bool { return i.Title == name })
	if err != nil {
		t.Fatal(err)
	}
	return item
}

func TestTrayItemIsReadAndClicked(t *testing.T) {
	d := Start(t, WithoutKeyring(), WithoutNotifications())
	p := run(t, d, "tray phone")
	item := tray(t, d, "phone")
	if item.ToolTip != "tip of phone" || item.Status != "Active" || item.IsMenu {
		t.Errorf("item %+v", item)
	}
	if item.Icon == nil || item.Icon.NRGBAAt(11, 11) != (color.NRGBA{0x20, 0xa0, 0x40, 0xff}) {
		t.Errorf("icon %v", item.Icon)
	}

	d.ClickTray(item, 1)
	p.expect(d, "tapped", 1)
	d.Wait("the icon to be drawn", func() bool {
		return d.Pixel(d.TrayPosition(item)).G > 0x90
	})
	d.HoverTray(item)
	d.Screenshot("tooltip")

	d.OpenTrayMenu(item)
	d.Screenshot("menu")
	d.Key("Escape")

	d.PickTrayMenu(item, "Two words")
	p.expect(d, "menu Two words", 1)
	d.SendMenuClick(item, d.WaitTrayMenu(item, "Dial", func(m MenuItem) bool { return m.Label == "Dial…" }))
	p.expect(d, "menu Dial…", 1)

	menu := d.TrayMenu(item)
	if got, want := labels(menu), `["Status" (off) — "Dial…" "Hidden" (hidden) "Two words"]`; got != want {
		t.Errorf("menu %s, want %s", got, want)
	}
}

func TestEachOfSeveralIconsIsHit(t *testing.T) {
	d := Start(t, WithoutKeyring(), WithoutNotifications())
	names := []string{"middle", "aaa", "zzz"}
	programs := map[string]*program{}
	for _, name := range names {
		programs[name] = run(t, d, "tray "+name)
		tray(t, d, name)
	}
	d.Wait("three icons", func() bool { return len(d.TrayItems()) == 3 })
	d.Wait("room for three icons", func() bool {
		id, ok := d.trayWindow()
		if !ok {
			return false
		}
		r, err := d.bounds(id)
		return err == nil && r.Dx() >= 3*r.Dy()*3/4
	})
	d.Screenshot("three")
	for _, name := range names {
		d.ClickTray(tray(t, d, name), 1)
		programs[name].expect(d, "tapped", 1)
	}
	for name, p := range programs {
		if got := p.said(); got != "ready|tapped" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestTrayHostComesAndGoes(t *testing.T) {
	d := Start(t, WithoutKeyring(), WithoutNotifications(), WithoutTrayHost())
	p := run(t, d, "tray late")
	p.expect(d, "ready", 1)
	for n := range 2 {
		d.StartTrayHost()
		d.ClickTray(tray(t, d, "late"), 1)
		p.expect(d, "tapped", n+1)
		d.StopTrayHost()
		if items := d.TrayItems(); len(items) != 0 {
			t.Errorf("items without a host: %v", items)
		}
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.WaitTrayItem(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting with a cancelled context: %v", err)
	}
}
