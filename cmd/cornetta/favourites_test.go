//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/draw"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/ui/desktoptest"
)

// TestFavouriteIsCalled: a favourite that the command line added is called from the tray's
// menu; one that was marked in the dial window is there beside it, and is called by its
// keys; one that was removed is gone.
func TestFavouriteIsCalled(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	path := filepath.Join(t.TempDir(), "book.vcf")
	if err := os.WriteFile(path, []byte(book), 0o600); err != nil {
		t.Fatal(err)
	}
	s.must("", "contacts", "add", "--vcard", path)
	s.must("", "contacts", "favourite", "add", "7106", "Ugo", "Verdi")
	var log strings.Builder
	agent := s.cornetta()
	agent.Stderr = &log
	s.agentOn(agent)
	item := s.tray("Ready")
	line := func(label string) desktoptest.MenuItem {
		t.Helper()
		var found desktoptest.MenuItem
		s.WaitTrayMenu(item, label+" under Favourites", func(m desktoptest.MenuItem) bool {
			for _, i := range m.Items {
				if m.Label == "Favourites" && m.Visible && i.Label == label && i.Visible {
					found = i
					return true
				}
			}
			return false
		})
		return found
	}
	called := func(number string) {
		t.Helper()
		s.waitState(call.InCall)
		if c := s.status().Call; c.Number != number {
			t.Errorf("it called %q, not %q", c.Number, number)
		}
		s.must("", "hangup")
		s.waitState(call.Ended)
	}
	s.SendMenuClick(item, line("Ugo Verdi"))
	called("7106")

	s.ClickTray(item, 1)
	w := s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.drawn(w)
	s.look("1-open")
	list := w.Bounds()
	list.Min.Y = list.Max.Y - list.Dy()/2 - list.Dy()/4
	seen := func() *image.RGBA {
		out := image.NewRGBA(list)
		draw.Draw(out, list, s.Screen(), list.Min, draw.Src)
		return out
	}
	before := seen()
	s.Type("dluca 050")
	s.Wait("whom it may be", func() bool { return !bytes.Equal(seen().Pix, before.Pix) })
	s.look("1-found")
	s.Key("Down")
	s.look("1-picked")
	s.Key("ctrl+d")
	s.Wait("the favourite", func() bool { return len(favouritesOf(s)) == 2 })
	s.look("2-marked")
	if f := favouritesOf(s)[1]; f.Name != "Zoë D'Łuca" || f.Kind != "work" || f.Number != "+39 050 123407" || f.Dial != "0050123407" {
		t.Errorf("%+v", f)
	}
	s.Key("Escape")
	w.WaitGone()
	s.ClickTray(item, 1)
	w = s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.look("3-favourites")
	last := s.status().Call.ID
	s.until("the call", func() { s.Key("ctrl+2") }, func() bool { return s.status().Call.ID != last })
	called("0050123407")
	s.Key("Escape")
	w.WaitGone()

	s.must("", "contacts", "favourite", "remove", "1")
	s.OpenTrayMenu(item)
	line("Zoë D'Łuca, work")
	s.look("4-menu")
	s.Key("Escape")
	if all := favouritesOf(s); len(all) != 1 || all[0].Place != 1 || all[0].Name != "Zoë D'Łuca" {
		t.Errorf("%+v", all)
	}
	if strings.Contains(log.String(), "Zo") || strings.Contains(log.String(), "123407") || strings.Contains(log.String(), "Verdi") {
		t.Errorf("the log:\n%s", log.String())
	}
}

func favouritesOf(s *seat) (all []favouriteJSON) {
	s.t.Helper()
	if err := json.Unmarshal([]byte(s.must("", "contacts", "favourite", "--json")), &all); err != nil {
		s.t.Fatal(err)
	}
	return all
}

// What the command says, and its exit status.
func TestFavouriteCommands(t *testing.T) {
	s := newSeat(t)
	for _, c := range []struct {
		args string
		code int
		want string
	}{
		{"", exitOK, "There are no favourites. 'cornetta contacts favourite add' adds one, and so does Ctrl+D in the dial window.\n"},
		{"list --json", exitOK, "[]\n"},
		{"add 7102 Ugo Verdi", exitOK, ""},
		{"add 0501234567", exitOK, ""},
		{"add --place 1 7103", exitOK, ""},
		{"add call-me", exitNotNumber, ""},
		{"add", exitUsage, ""},
		{"add --place 21 7104", exitUsage, ""},
		{"add --place=-1 7104", exitUsage, ""},
		{"remove 4", exitFailed, ""},
		{"remove 0", exitFailed, ""},
		{"", exitOK, " 1  7103                \n 2  7102                Ugo Verdi\n 3  00501234567         \n"},
		{"remove 1", exitOK, ""},
		{"list", exitOK, " 1  7102                Ugo Verdi\n 2  00501234567         \n"},
	} {
		out, errs, code := s.run("", append([]string{"contacts", "favourite"}, strings.Fields(c.args)...)...)
		if code != c.code || out != c.want {
			t.Errorf("%q: exit status %d, %q, %q", c.args, code, out, errs)
		}
	}
}
