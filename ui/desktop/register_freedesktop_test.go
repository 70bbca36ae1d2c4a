//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"cornetta/internal/durable"
)

// TestRegister: each of the two can be had alone, on an older install too, and
// no entry is both of the bus' sort and for links.
func TestRegister(t *testing.T) {
	const own, links, service = "applications/io.cornetta.Cornetta.desktop", "applications/io.cornetta.Cornetta.Links.desktop", "dbus-1/services/io.cornetta.Cornetta.service"
	for name, tc := range map[string]struct {
		want  Registration
		files []string
	}{
		"both":               {Registration{Program: "/opt/a b/cornetta", Links: true, Autostart: true}, []string{own, links, service}},
		"links":              {Registration{Program: "/opt/cornetta", Links: true}, []string{own, links, service}},
		"the start":          {Registration{Program: "/opt/cornetta", Autostart: true}, []string{own, service}},
		"neither":            {Registration{Program: "/opt/cornetta"}, nil},
		"by an alias":        {Registration{Program: "/opt/$a/cornetta", Links: true}, []string{own, links, service}},
		"start, by an alias": {Registration{Program: "/opt/$a/cornetta", Autostart: true}, []string{own, service}},
	} {
		t.Run(name, func(t *testing.T) {
			data, config := t.TempDir(), t.TempDir()
			t.Setenv("XDG_DATA_HOME", data)
			t.Setenv("XDG_CONFIG_HOME", config)
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(data, "none"))
			t.Setenv("PATH", "") // the own list has to do
			list := filepath.Join(config, "mimeapps.list")
			for path, content := range map[string]string{
				filepath.Join(data, own):     "[Desktop Entry]\nMimeType=x-scheme-handler/tel;\n" + installed + "\n",
				filepath.Join(data, service): "[D-BUS Service]\n" + installed + "\n",
				list:                         "[Default Applications]\nx-scheme-handler/tel=" + entryName + ";other.desktop\n",
			} {
				if err := replaceFile(path, []byte(content)); err != nil {
					t.Fatal(err)
				}
			}
			if r, err := Query(t.Context()); err != nil || !r.Links || r.Autostart {
				t.Errorf("the older install is %+v, %v", r, err)
			}
			if _, err := Register(tc.want); err != nil {
				t.Fatal(err)
			}
			if r, err := Query(t.Context()); err != nil || r.Links != tc.want.Links || r.Autostart != tc.want.Autostart {
				t.Errorf("it is %+v, %v", r, err)
			}
			for _, path := range []string{own, links, service} {
				content, err := os.ReadFile(filepath.Join(data, path))
				if there := err == nil; there != slices.Contains(tc.files, path) {
					t.Errorf("%s is there: %v", path, there)
				}
				text := string(content)
				if strings.Contains(text, "MimeType=x-scheme-handler") != (path == links && tc.want.Links) {
					t.Errorf("%s is for links, or is not:\n%s", path, text)
				}
				if strings.Contains(text, enrolmentType) != (path == own && slices.Contains(tc.files, own)) {
					t.Errorf("%s is for enrolments, or is not:\n%s", path, text)
				}
				if strings.Contains(text, "DBusActivatable=true") != (path == own && slices.Contains(tc.files, service)) {
					t.Errorf("%s is of the bus, or is not:\n%s", path, text)
				}
			}
			if now, _ := os.ReadFile(list); tc.want.Links && preferred(string(now), linkTypes[0]) != linksName {
				t.Errorf("preferred:\n%s", now)
			}
			before := "[Default Applications]\nx-scheme-handler/tel=other.desktop\n"
			if now, _ := os.ReadFile(list); !tc.want.Links && string(now) != before {
				t.Errorf("preferred:\n%s", now)
			}
			if _, err := Unregister(); err != nil {
				t.Fatal(err)
			}
			for _, path := range []string{own, links, service} {
				if _, err := os.Stat(filepath.Join(data, path)); err == nil {
					t.Errorf("%s is left", path)
				}
			}
			if now, _ := os.ReadFile(list); string(now) != before {
				t.Errorf("preferred:\n%s", now)
			}
		})
	}
}

// TestRegisterBy: the entries name the program itself, or an alias of it where its
// path would need quotes, which xdg-open does not read; with quotes only where not
// even the alias can do without, and that is said.
func TestRegisterBy(t *testing.T) {
	for _, tc := range []struct {
		data, program string
		exec          string // of the links' entry; "ALIAS": by the alias; "": it cannot be
	}{
		{"data", "/opt/cornetta/cornetta", "/opt/cornetta/cornetta %u"},
		{"data", "/home/jürgen/bin_1.2~x/cornetta", "ALIAS"},
		{"data", "/home/jürgen/büro-1.2+x@y/cornetta", "/home/jürgen/büro-1.2+x@y/cornetta %u"},
		{"data", "/opt/a b/cornetta", "ALIAS"},
		{"data", "/opt/a\u00a0b/cornetta", "ALIAS"},
		{"data", "/opt/100%/cornetta", "ALIAS"},
		{"data", "/opt/%u/cornetta", "ALIAS"},
		{"data", `/opt/"a"/cornetta`, "ALIAS"},
		{"data", "/opt/$HOME/cornetta", "ALIAS"},
		{"data", "/opt/`id`/cornetta", "ALIAS"},
		{"data", `/opt/a\b/cornetta`, "ALIAS"},
		{"data", "/opt/a=b/cornetta", "ALIAS"},
		{"data", "/opt/it's (1) & [2]; <3>|*?#/cornetta", "ALIAS"},
		{"data", "/opt/a\nb/cornetta", "ALIAS"},
		{"data", "/opt/\xff/cornetta", "ALIAS"},
		{"d ata", "/opt/cornetta", "/opt/cornetta %u"},
		{"d ata", "/opt/a b/cornetta", `"/opt/a b/cornetta" %u`},
		{"d ata", "/opt/$a/cornetta", `"/opt/\\$a/cornetta" %u`},
		{"d ata", "/opt/a=b/cornetta", ""},
		{"data", "cornetta", ""},
	} {
		data, config := filepath.Join(t.TempDir(), tc.data), t.TempDir()
		t.Setenv("XDG_DATA_HOME", data)
		t.Setenv("XDG_CONFIG_HOME", config)
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(data, "none"))
		t.Setenv("PATH", "")
		alias := filepath.Join(data, "cornetta", "cornetta")
		files, err := Register(Registration{Program: tc.program, Links: true, Autostart: true})
		quoted := strings.HasPrefix(tc.exec, `"`)
		switch {
		case tc.exec == "" && err == nil || tc.exec != "" && !quoted && err != nil || quoted && !errors.Is(err, ErrNotEverywhere):
			t.Errorf("%s: %v", tc.program, err)
		}
		if tc.exec == "" {
			if len(files) != 0 {
				t.Errorf("%s: it cannot be, and %s was written", tc.program, files)
			}
			continue
		}
		want, target := strings.ReplaceAll(tc.exec, "ALIAS", alias+" %u"), ""
		if tc.exec == "ALIAS" {
			target = tc.program
		}
		if got, _ := os.Readlink(alias); got != target {
			t.Errorf("%s: the alias leads to %q", tc.program, got)
		}
		if slices.Contains(files, alias) != (target != "") {
			t.Errorf("%s: wrote %s", tc.program, files)
		}
		for path, exec := range map[string]string{
			filepath.Join(data, "applications", linksName): want,
			filepath.Join(data, "applications", entryName): want,
			filepath.Join(config, "autostart", entryName):  strings.TrimSuffix(want, " %u"),
		} {
			content, err := os.ReadFile(path)
			if err != nil || !strings.Contains(string(content), "\nExec="+exec+"\n") {
				t.Errorf("%s: %s: %v\n%s", tc.program, path, err, content)
			}
		}
		// Put where it needs none, or taken away, nothing of the alias is left.
		if _, err := Register(Registration{Program: "/opt/cornetta", Links: true}); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(filepath.Dir(alias)); err == nil {
			t.Errorf("%s: the alias is left", tc.program)
		}
		_, _ = Register(Registration{Program: tc.program, Links: true})
		if _, err := Unregister(); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(filepath.Dir(alias)); err == nil {
			t.Errorf("%s: the alias is left", tc.program)
		}
	}
}

// What somebody else has in the alias' place is left alone.
func TestRegisterByForeign(t *testing.T) {
	data := t.TempDir()
	t.Setenv("XDG_DATA_HOME", data)
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(data, "none"))
	alias := filepath.Join(data, "cornetta", "cornetta")
	if err := replaceFile(alias, []byte("mine")); err != nil {
		t.Fatal(err)
	}
	if files, err := Register(Registration{Program: "/opt/a b/cornetta", Links: true}); !errors.Is(err, ErrForeign) || len(files) != 0 {
		t.Errorf("wrote %s: %v", files, err)
	}
	if _, err := Unregister(); err != nil {
		t.Error(err)
	}
	if got, _ := os.ReadFile(alias); string(got) != "mine" {
		t.Errorf("it became %q", got)
	}
}

// TestEntrySpeaksEveryLanguage: the desktop picks its own, whatever was spoken when
// the entry was written.
func TestEntrySpeaksEveryLanguage(t *testing.T) {
	text := string(entry("cornetta", ""))
	for _, line := range []string{
		"GenericName=Telephone dialer\n", "GenericName[it]=Chiamate dal telefono fisso\n",
		"Comment=Dial through", "Comment[it]=Chiama dal computer", "Keywords=call;", "Keywords[it]=chiamata;",
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("no %q in\n%s", line, text)
		}
	}
}

// A pipe in the place of an entry, or of the person's list of preferred programs, holds up
// nobody.
func TestNoEntryIsWaitedFor(t *testing.T) {
	path := filepath.Join(t.TempDir(), entryName)
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if is, err := ours(path); is || !errors.Is(err, durable.ErrNotFile) {
			t.Errorf("ours: %v, %v", is, err)
		}
		if hides(path) {
			t.Error("it hides another")
		}
		if _, err := editDefaults(path, func(string) string { return "x" }); !errors.Is(err, durable.ErrNotFile) {
			t.Errorf("it is edited: %v", err)
		}
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("it waits")
	}
}
