//go:build windows

package desktop

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// userValues are all values of the present user's registry below Software.
func userValues(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	var walk func(path string)
	walk = func(path string) {
		k, err := registry.OpenKey(registry.CURRENT_USER, path, registry.READ)
		if err != nil {
			t.Fatal(path, err)
		}
		defer k.Close()
		all[path+`\`] = "(key)"
		names, err := k.ReadValueNames(-1)
		if err != nil {
			t.Fatal(path, err)
		}
		for _, name := range names {
			if data, _, err := k.GetStringValue(name); err == nil {
				all[path+`\`+name] = data
			} else {
				n, kind, _ := k.GetValue(name, nil)
				all[path+`\`+name] = fmt.Sprint(kind, n)
			}
		}
		keys, err := k.ReadSubKeyNames(-1)
		if err != nil {
			t.Fatal(path, err)
		}
		for _, key := range keys {
			walk(path + `\` + key)
		}
	}
	walk("Software")
	delete(all, classes+`\`) // which wine makes only when it is needed
	return all
}

// added are the values that after has and before has not.
func added(before, after map[string]string) map[string]string {
	more := map[string]string{}
	for path, data := range after {
		if before[path] != data && data != "(key)" {
			more[path] = data
		}
	}
	return more
}

func setValue(t *testing.T, key, name, data string) {
	t.Helper()
	if err := write(value{key, name, data}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = remove(value{key, name, data})
		removeEmpty(key)
	})
}

const (
	telCommand = classes + `\tel\shell\open\command`
	here       = `C:\Program Files\Cornetta\cornetta.exe`
	elsewhere  = `D:\Cornetta è\cornetta.exe`
)

// program is a file of that name, because Windows looks whether there is one.
func program(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	return path
}

// merge shows the user's own classes to who asks for all, as Windows always
// does. Wine's programs see the machine's alone.
func merge(t *testing.T) {
	t.Helper()
	if windows.NewLazySystemDLL("ntdll.dll").NewProc("wine_get_version").Find() != nil {
		return
	}
	for _, scheme := range schemes {
		for _, v := range handlerValues(scheme, "") {
			_ = registry.DeleteKey(registry.LOCAL_MACHINE, v.key)
			if data, there := lookup(v); there {
				k, _, err := registry.CreateKey(registry.LOCAL_MACHINE, v.key, registry.SET_VALUE)
				if err != nil {
					t.Fatal(err)
				}
				if err := errors.Join(k.SetStringValue(v.name, data), k.Close()); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func must(t *testing.T, r Registration) {
	t.Helper()
	if _, err := Register(r); err != nil {
		t.Fatal(err)
	}
}

func TestRegisterWithWindows(t *testing.T) {
	before := userValues(t)
	must(t, Registration{Program: elsewhere, Links: true, Autostart: true})
	must(t, Registration{Program: here, Links: true, Autostart: true}) // it was moved
	must(t, Registration{Program: here, Links: true, Autostart: true})
	want := map[string]string{
		`Software\Cornetta\Program`:                                            here,
		`Software\Microsoft\Windows\CurrentVersion\App Paths\cornetta.exe\`:    here,
		`Software\Classes\AppUserModelId\io.cornetta.Cornetta\DisplayName`:     "Cornetta",
		`Software\Classes\AppUserModelId\io.cornetta.Cornetta\IconUri`:         `C:\Program Files\Cornetta\cornetta.png`,
		`Software\Classes\AppUserModelId\io.cornetta.Cornetta\CustomActivator`: toastClass,
		`Software\Cornetta\Capabilities\ApplicationName`:                       "Cornetta",
		`Software\Cornetta\Capabilities\ApplicationDescription`:                "Dial through the phone on your desk",
		`Software\Cornetta\Capabilities\ApplicationIcon`:                       `"` + here + `",0`,
		`Software\Cornetta\Capabilities\URLAssociations\tel`:                   "Cornetta.tel",
		`Software\Cornetta\Capabilities\URLAssociations\callto`:                "Cornetta.callto",
		`Software\RegisteredApplications\Cornetta`:                             `Software\Cornetta\Capabilities`,
		`Software\Microsoft\Windows\CurrentVersion\Run\Cornetta`:               `"` + here + `"`,
		`Software\Classes\Cornetta.tel\DefaultIcon\`:                           `"` + here + `",0`,
		`Software\Classes\Cornetta.callto\DefaultIcon\`:                        `"` + here + `",0`,
		`Software\Classes\Cornetta.tel\shell\open\command\`:                    `"` + here + `" "%1"`,
		`Software\Classes\Cornetta.callto\shell\open\command\`:                 `"` + here + `" "%1"`,
		`Software\Classes\tel\shell\open\command\`:                             `"` + here + `" "%1"`,
		`Software\Classes\callto\shell\open\command\`:                          `"` + here + `" "%1"`,
		`Software\Classes\Cornetta.tel\`:                                       "URL:Telephone",
		`Software\Classes\Cornetta.callto\`:                                    "URL:Telephone",
		`Software\Classes\tel\`:                                                "URL:Telephone",
		`Software\Classes\callto\`:                                             "URL:Telephone",
		`Software\Classes\Cornetta.tel\URL Protocol`:                           "",
		`Software\Classes\Cornetta.callto\URL Protocol`:                        "",
		`Software\Classes\tel\URL Protocol`:                                    "",
		`Software\Classes\callto\URL Protocol`:                                 "",
		`Software\Classes\.cornetta-enroll\`:                                   "Cornetta.enrolment",
		`Software\Classes\Cornetta.enrolment\`:                                 "Cornetta enrolment",
		`Software\Classes\Cornetta.enrolment\DefaultIcon\`:                     `"` + here + `",0`,
		`Software\Classes\Cornetta.enrolment\shell\open\command\`:              `"` + here + `" "%1"`,
	}
	after := userValues(t)
	got := added(before, after)
	for path, data := range want {
		if have, ok := after[path]; !ok || have != data {
			t.Errorf("%s is %q, want %q", path, have, data)
		}
		delete(got, path)
	}
	if len(got) > 0 {
		t.Errorf("also written: %v", got)
	}
	done, err := Unregister()
	if err != nil || len(done) != len(want) {
		t.Errorf("%d values taken away of %d, %v", len(done), len(want), err)
	}
	if diff := cmp.Diff(before, userValues(t)); diff != "" {
		t.Error(diff)
	}
	if done, err := Unregister(); len(done) != 0 || err != nil {
		t.Errorf("again: %v, %v", done, err)
	}
}

// TestRegisterParts: links and autostart are switched each by itself.
func TestRegisterParts(t *testing.T) {
	t.Cleanup(func() { _, _ = Unregister() })
	here := program(t, "cornetta.exe")
	before := userValues(t)
	for _, links := range []bool{true, false} {
		for _, autostart := range []bool{true, false} {
			must(t, Registration{Program: here, Links: links, Autostart: autostart})
			after := userValues(t)
			_, starts := after[runKey+`\Cornetta`]
			_, handles := after[capabilities+`\URLAssociations\tel`]
			if starts != autostart || handles != links {
				t.Errorf("links %v, autostart %v: %v, %v", links, autostart, handles, starts)
			}
			merge(t)
			r, err := Query(t.Context())
			if err != nil || r.Autostart != autostart || r.Links != links {
				t.Errorf("links %v, autostart %v: %+v, %v", links, autostart, r, err)
			}
		}
	}
	if diff := cmp.Diff(before, userValues(t)); diff != "" {
		t.Error(diff)
	}
}

// TestRegisterBesideOthers: what another program wrote is neither replaced nor
// taken away.
func TestRegisterBesideOthers(t *testing.T) {
	t.Cleanup(func() { _, _ = Unregister() })
	theirs := program(t, "softphone.exe")
	setValue(t, classes+`\tel`, "", "URL:Softphone")
	setValue(t, classes+`\tel`, "URL Protocol", "")
	setValue(t, telCommand, "", `"`+theirs+`" "%1"`)
	setValue(t, runKey, "Softphone", theirs)
	before := userValues(t)
	must(t, Registration{Program: here, Links: true, Autostart: true})
	merge(t)
	if r, err := Query(t.Context()); err != nil || r.Links || !strings.HasPrefix(r.Other, "softphone") {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := Unregister(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(before, userValues(t)); diff != "" {
		t.Error(diff)
	}

	// One that took the class over after us keeps all of it.
	must(t, Registration{Program: here, Links: true})
	setValue(t, classes+`\callto\shell\open\command`, "", theirs)
	if _, err := Unregister(); err != nil {
		t.Error(err)
	}
	if _, there := lookup(value{classes + `\callto`, "URL Protocol", ""}); !there {
		t.Error("another program's class is in pieces")
	}
	for _, name := range []string{"", "URL Protocol"} {
		_ = remove(value{classes + `\callto`, name, ""})
	}

	// And a place of ours that somebody else has is left alone.
	setValue(t, runKey, "Cornetta", "something else")
	before = userValues(t)
	if _, err := Register(Registration{Program: here, Links: true, Autostart: true}); !errors.Is(err, ErrForeign) {
		t.Error(err)
	}
	if _, err := Unregister(); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(before, userValues(t)); diff != "" {
		t.Error(diff)
	}
}

// TestRegisterTheOneWithoutAConsole: what is started by Windows is not the
// program for the command line.
func TestRegisterTheOneWithoutAConsole(t *testing.T) {
	t.Cleanup(func() { _, _ = Unregister() })
	dir := t.TempDir()
	for _, name := range []string{"cornetta.com", "cornetta.exe"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	must(t, Registration{Program: filepath.Join(dir, "cornetta.com"), Autostart: true})
	if got, _ := lookup(value{runKey, "Cornetta", ""}); got != `"`+filepath.Join(dir, "cornetta.exe")+`"` {
		t.Errorf("started with the session: %s", got)
	}
	for _, program := range []string{"cornetta.exe", `C:\a"b\cornetta.exe`, `C:\%1\cornetta.exe`} {
		if _, err := Register(Registration{Program: program, Autostart: true}); err == nil {
			t.Errorf("%q was taken", program)
		}
	}
}
