//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestForAllUsers: where a package has registered the program for all users, one user's
// registration is what they prefer and no more; it holds what they do not want, and goes
// without a trace.
func TestForAllUsers(t *testing.T) {
	const program = "/usr/bin/cornetta"
	const links, own = "data/applications/" + linksName, "data/applications/" + entryName
	const autostart, list = "config/autostart/" + entryName, "config/mimeapps.list"
	for name, tc := range map[string]struct {
		want    Registration
		without []string // what the administrator took away
		files   []string // the user's, besides what there was
		hidden  []string // those of them that take something away
		known   bool     // that the program is there for all
	}{
		"both":            {Registration{program, true, true}, nil, []string{list}, nil, true},
		"links alone":     {Registration{program, true, false}, nil, []string{list, autostart}, []string{autostart}, true},
		"the start alone": {Registration{program, false, true}, nil, []string{links}, []string{links}, true},
		"neither":         {Registration{program, false, false}, nil, []string{links, autostart}, []string{links, autostart}, true},
		"the administrator does not start it": {
			Registration{program, true, true}, []string{"autostart"}, []string{list, autostart}, nil, true,
		},
		"another program": {
			Registration{"/opt/cornetta", true, true}, nil, []string{list, links, own, autostart, "data/dbus-1/services/" + appID + ".service", "data/mime/packages/" + appID + ".xml"}, nil, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for variable, sub := range map[string]string{
				"XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "config", "XDG_DATA_DIRS": "share", "XDG_CONFIG_DIRS": "xdg",
			} {
				t.Setenv(variable, filepath.Join(dir, sub))
			}
			t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(dir, "none"))
			t.Setenv("PATH", "")
			for file, path := range map[string]string{
				"entry": "share/applications/" + entryName, "links": "share/applications/" + linksName, "autostart": "xdg/autostart/" + entryName,
			} {
				content, err := FileForAllUsers(file, program)
				if err == nil && !slices.Contains(tc.without, file) {
					err = replaceFile(filepath.Join(dir, path), content)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			users := func() (files []string) {
				for _, sub := range []string{"data", "config"} {
					_ = filepath.WalkDir(filepath.Join(dir, sub), func(path string, d fs.DirEntry, err error) error {
						if err == nil && !d.IsDir() && filepath.Ext(path) != ".png" && filepath.Ext(path) != ".svg" {
							rel, _ := filepath.Rel(dir, path)
							files = append(files, rel)
						}
						return err
					})
				}
				slices.Sort(files)
				return files
			}

			if known := ForAllUsers(tc.want.Program); known != tc.known {
				t.Errorf("that it is there for all users: %v", known)
			}
			for range 2 {
				if _, err := Register(tc.want); err != nil {
					t.Fatal(err)
				}
			}
			slices.Sort(tc.files)
			if got := users(); !slices.Equal(got, tc.files) {
				t.Errorf("the user has %q, want %q", got, tc.files)
			}
			for _, path := range tc.files {
				content, _ := os.ReadFile(filepath.Join(dir, path))
				if strings.Contains(string(content), "\nHidden=true\n") != slices.Contains(tc.hidden, path) {
					t.Errorf("%s is hidden, or is not:\n%s", path, content)
				}
			}
			if now, err := Query(t.Context()); err != nil || now.Links != tc.want.Links || now.Autostart != tc.want.Autostart {
				t.Errorf("it is %+v, %v", now, err)
			}
			// And back again.
			if _, err := Register(Registration{tc.want.Program, true, true}); err != nil {
				t.Fatal(err)
			}
			if now, err := Query(t.Context()); err != nil || !now.Links || !now.Autostart {
				t.Errorf("after all it is %+v, %v", now, err)
			}
			if _, err := Unregister(); err != nil {
				t.Fatal(err)
			}
			if got := users(); len(got) != 0 {
				t.Errorf("%q is left", got)
			}
		})
	}
}
