//go:build linux

package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cornetta/ami/pbxsim"
)

// filesOf are the files below the folders, with what is in them.
func filesOf(t *testing.T, dirs ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() || d.Name() == "mimeinfo.cache" { // a cache of all entries
				return err
			}
			if strings.Contains(path, "/mime/") && !strings.Contains(path, "/mime/packages/") { // made of all packages
				return nil
			}
			content, err := os.ReadFile(path)
			all[path] = string(content)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// output runs another program on the desktop.
func (s *seat) output(name string, args ...string) (string, error) {
	var out bytes.Buffer
	cmd := s.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// TestInstall: a link that another program opens is asked about, and what was
// installed can be taken away without a trace.
func TestInstall(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	applications := filepath.Join(s.DataHome(), "applications")
	for path, content := range map[string]string{
		filepath.Join(applications, "other.desktop"):       "[Desktop Entry]\nType=Application\nName=Other\nExec=false %u\nMimeType=x-scheme-handler/tel;\n",
		filepath.Join(s.ConfigHome(), "mimeapps.list"):     "[Default Applications]\nx-scheme-handler/tel=other.desktop\n",
		filepath.Join(s.ConfigHome(), "autostart", "mine"): "mine",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trees := []string{filepath.Join(s.ConfigHome(), "autostart"), s.DataHome()}
	list := filepath.Join(s.ConfigHome(), "mimeapps.list")
	before := filesOf(t, append(trees, list)...)

	// An older install, whose one entry was that of the links.
	own := filepath.Join(applications, busName+".desktop")
	older := "[Desktop Entry]\nType=Application\nName=Cornetta\nExec=false %u\nMimeType=x-scheme-handler/tel;x-scheme-handler/callto;\nX-Cornetta-Installed=user\n"
	for path, content := range map[string]string{
		own:  older,
		list: "[Default Applications]\nx-scheme-handler/callto=" + busName + ".desktop;\nx-scheme-handler/tel=" + busName + ".desktop;other.desktop\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	wrote := s.must("", "install")
	s.must("", "install") // again
	after := filesOf(t, append(trees, list)...)
	for path := range after {
		if _, there := before[path]; there || !strings.HasSuffix(path, ".desktop") {
			continue
		}
		if out, err := s.output("desktop-file-validate", path); err != nil || len(out) != 0 {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
	}
	for path := range after {
		if after[path] != before[path] && !strings.Contains(wrote, "wrote "+path+"\n") {
			t.Errorf("install does not say that it wrote %s:\n%s", path, wrote)
		}
	}
	if got, want := after[list], "[Default Applications]\nx-scheme-handler/callto="+busName+".Links.desktop;\nx-scheme-handler/tel="+busName+".Links.desktop;other.desktop\n"; got != want {
		t.Errorf("preferred:\n%s\nwant:\n%s", got, want)
	}
	if len(after) != len(before)+8 {
		t.Errorf("%d files before, %d after", len(before), len(after))
	}

	s.agent()
	s.tray("Ready")
	s.Wait("the agent on the bus", func() bool { return s.onBus() != 0 })
	for _, link := range []string{"tel:+390501234507", "callto:+390501234507"} {
		if out, err := s.output("xdg-open", link); err != nil {
			t.Fatalf("xdg-open %s: %v\n%s", link, err, out)
		}
		w := s.Window(confirmTitle)
		s.Wait("the window that asks to have the focus", w.Focused)
		s.look("asked")
		s.Key("Escape")
		w.WaitGone()
	}
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}

	s.must("", "uninstall")
	s.must("", "uninstall")
	if diff := cmp.Diff(before, filesOf(t, append(trees, list)...)); diff != "" {
		t.Error(diff)
	}

	// A file of somebody else's is left alone.
	if err := os.WriteFile(own, []byte("[Desktop Entry]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"install", "uninstall"} {
		if _, errs, code := s.run("", command); code != exitFailed || !strings.Contains(errs, own) {
			t.Errorf("%s: exit status %d: %s", command, code, errs)
		}
	}
	if got, _ := os.ReadFile(own); string(got) != "[Desktop Entry]\n" {
		t.Errorf("it became %q", got)
	}
}

// TestInstallAnywhere: whatever the folder is called that Cornetta is in, the
// desktop's openers hand links over, also xdg-open where it knows no desktop.
func TestInstallAnywhere(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	dir, told := overheard(t)
	s.agentOn(s.Command(filepath.Join(dir, "cornetta")))
	s.tray("Ready")
	s.link("tel:+390501234507") // is asked about, and those below are counted beside it
	root, links := t.TempDir(), 0
	for i, folder := range []string{"plain", "a blank", "büro", "100%", `"quoted" $HOME`, "it's `id` (1) & [2]; a=b", `back\slash`} {
		program := filepath.Join(root, folder, "cornetta")
		if err := os.MkdirAll(filepath.Dir(program), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Link(filepath.Join(programs, "cornetta"), program); err != nil {
			t.Fatal(err)
		}
		if out, err := s.output(program, "install"); err != nil {
			t.Fatalf("%s: %v\n%s", folder, err, out)
		}
		for _, open := range [][]string{
			{"env", "XDG_CURRENT_DESKTOP=", "DESKTOP_SESSION=", "xdg-open"},
			{"gio", "open"},
			{"exo-open"},
		} {
			if i > 2 && open[0] == "exo-open" {
				continue // reads entries as gio does
			}
			if out, err := s.output(open[0], append(open[1:], "tel:+390501234507")...); err != nil {
				t.Errorf("%s, %s: %v\n%s", folder, open, err, out)
				continue
			}
			links++
			counted := regexp.MustCompile(fmt.Sprintf(`"more":%d\b`, links))
			s.Wait(fmt.Sprintf("the link of %q, by %s", folder, open), func() bool {
				all, _ := os.ReadFile(told)
				return counted.Match(all)
			})
		}
	}
	s.must("", "uninstall")
	if n := originated(pbx); n != "" {
		t.Errorf("dialled %s", n)
	}
}
