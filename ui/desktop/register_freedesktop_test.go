//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestRegister: each of the two can be had alone, on an older install too, and
// no entry is both of the bus' sort and for links.
func TestRegister(t *testing.T) {
	const own, links, service = "applications/io.cornetta.Cornetta.desktop", "applications/io.cornetta.Cornetta.Links.desktop", "dbus-1/services/io.cornetta.Cornetta.service"
	for name, tc := range map[string]struct {
		want  Registration
		files []string
	}{
		"both":                {Registration{Program: "/opt/a b/cornetta", Links: true, Autostart: true}, []string{own, links, service}},
		"links":               {Registration{Program: "/opt/cornetta", Links: true}, []string{own, links, service}},
		"the start":           {Registration{Program: "/opt/cornetta", Autostart: true}, []string{own, service}},
		"neither":             {Registration{Program: "/opt/cornetta"}, nil},
		"not for the bus":     {Registration{Program: "/opt/$a/cornetta", Links: true}, []string{own, links}},
		"start, not the bus'": {Registration{Program: "/opt/$a/cornetta", Autostart: true}, []string{own}},
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
				if strings.Contains(text, "MimeType=") != (path == links && tc.want.Links) {
					t.Errorf("%s is for links, or is not:\n%s", path, text)
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
