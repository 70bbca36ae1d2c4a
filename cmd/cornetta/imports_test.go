//go:build !windows

package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestImportsGoOneWay holds the rule of the layout: cmd → ui → dialer → ami.
// Nothing below ui knows a screen, and the agent has no C in it. (It needs the
// go command, which wine does not have.)
func TestImportsGoOneWay(t *testing.T) {
	const fyne, tray = "fyne.io/fyne/v2", "fyne.io/systray"
	for _, tc := range []struct {
		from   string
		banned []string
	}{
		{"cornetta/ami", []string{fyne, tray, "cornetta/dialer", "cornetta/ui", "cornetta/cmd"}},
		{"cornetta/ami/pbxsim", []string{fyne, tray, "cornetta/dialer", "cornetta/ui", "testing"}},
		{"cornetta/dialer/...", []string{fyne, tray, "cornetta/ui", "cornetta/cmd", "cornetta/ami/pbxsim"}},
		{"cornetta/ui/tray", []string{fyne, "cornetta/cmd", "cornetta/ami/pbxsim"}},
		{"cornetta/ui/desktop", []string{fyne, "cornetta/cmd", "cornetta/ami/pbxsim"}},
		{"cornetta/ui/agent", []string{fyne, "cornetta/cmd", "cornetta/ui/window", "cornetta/ami/pbxsim"}},
		{"cornetta/ui/consent", []string{fyne, tray, "cornetta/cmd", "cornetta/ami/pbxsim"}},
		{"cornetta/ui/channel", []string{fyne, tray}},
		{"cornetta/ui/words", []string{fyne, tray}},
		{"cornetta/ui/window", []string{"cornetta/cmd", "cornetta/ami/pbxsim"}},
		// Not "testing" itself: xgb brings it along, with helpers for its own tests.
		{"cornetta/cmd/cornetta", []string{fyne, "github.com/nyaruka/phonenumbers", "cornetta/ui/desktoptest", "cornetta/ami/asterisktest"}},
		{"cornetta/cmd/cornetta-fleet", []string{fyne, tray, "cornetta/ui", "cornetta/ami/pbxsim", "cornetta/ami/asterisktest", "testing"}},
		{"cornetta/cmd/cornetta-ui", []string{"cornetta/ami", "cornetta/ui/tray"}},
	} {
		for dep := range deps(t, "linux", tc.from) {
			if dep == "cornetta/ami/clean" { // which every door uses
				continue
			}
			for _, banned := range tc.banned {
				if dep == banned || strings.HasPrefix(dep, banned+"/") {
					t.Errorf("%s depends on %s", tc.from, dep)
				}
			}
		}
	}
	for _, system := range []string{"linux", "windows"} {
		for _, from := range []string{"cornetta/cmd/cornetta", "cornetta/ui/agent"} {
			for dep, kind := range deps(t, system, from) {
				if kind == "cgo" {
					t.Errorf("%s for %s has C in it, by %s", from, system, dep)
				}
			}
		}
	}
}

// TestWindowsOnlyShow: of the agent's side cornetta-ui contains the words in
// which it speaks, and nothing of what decides, dials or keeps a secret.
func TestWindowsOnlyShow(t *testing.T) {
	words := map[string]bool{
		"cornetta/dialer/status": true, "cornetta/dialer/call": true,
		"cornetta/dialer/config": true, "cornetta/dialer/setting": true, "cornetta/dialer/history": true,
		"cornetta/dialer/ipc":       true,                                           // how they are spoken
		"cornetta/dialer/contacts":  true,                                           // whose folding of names history has
		"cornetta/dialer/hook":      true,                                           // whose settings are in config
		"cornetta/internal/durable": true,                                           // config and history bring it along
		"cornetta/dialer/number":    true, "cornetta/dialer/number/numbering": true, // the assistant shows what a prefix does
	}
	for dep := range deps(t, "linux", "cornetta/cmd/cornetta-ui") {
		if strings.HasPrefix(dep+"/", "cornetta/dialer/") && !words[dep] {
			t.Errorf("cornetta-ui depends on %s", dep)
		}
	}
}

// TestEveryPackageLooksForLeaks: the tests of each package end with goleak.
func TestEveryPackageLooksForLeaks(t *testing.T) {
	cmd := exec.Command("go", "list", "-f",
		"{{.ImportPath}} {{len .TestGoFiles}}{{len .XTestGoFiles}} {{join .TestImports \" \"}} {{join .XTestImports \" \"}}", "cornetta/...")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	tested := 0
	for line := range strings.Lines(string(out)) {
		f := strings.Fields(line)
		if f[1] == "00" {
			continue
		}
		tested++
		if !slices.Contains(f[2:], "go.uber.org/goleak") {
			t.Errorf("the tests of %s do not use goleak", f[0])
		}
	}
	if tested < 10 {
		t.Fatalf("only %d packages have tests", tested)
	}
}

// deps are all packages that the pattern's packages import, tests apart, with
// "cgo" for those outside the standard library that contain C.
func deps(t *testing.T, system, pattern string) map[string]string {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-f",
		`{{.ImportPath}} {{if .Standard}}std{{else if or .CgoFiles .CXXFiles}}cgo{{else}}go{{end}}`, pattern)
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=1")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, kind, _ := strings.Cut(strings.TrimSpace(line), " ")
		all[path] = kind
	}
	if len(all) < 10 {
		t.Fatalf("only %d packages below %s", len(all), pattern)
	}
	return all
}
