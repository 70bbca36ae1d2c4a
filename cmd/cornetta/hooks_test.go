//go:build linux

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
)

// set changes lines of the settings file, by their keys.
func (s *seat) set(values map[string]string) {
	s.t.Helper()
	path := filepath.Join(s.ConfigHome(), "cornetta", "config.toml")
	data, err := os.ReadFile(path)
	if err != nil {
		s.t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	for key, value := range values {
		found := false
		for i, line := range lines {
			if strings.HasPrefix(line, key+" = ") {
				lines[i], found = key+" = "+value, true
			}
		}
		if !found {
			s.t.Fatalf("the settings have no %s:\n%s", key, data)
		}
	}
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// TestHooks: of a call on the PBX the person's browser shows the page, and a program gets
// the call; one that fails is told once.
func TestHooks(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	dir := t.TempDir()
	pages, calls := filepath.Join(dir, "pages"), filepath.Join(dir, "calls")
	script := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	browser := script("browser", fmt.Sprintf(`printf '%%s\n' "$1" >> '%s'`, pages))
	log := script("log call", fmt.Sprintf(`{ printf '%%s ' "$*"; cat; } >> '%s'`, calls))
	apps := filepath.Join(s.DataHome(), "applications")
	if err := os.MkdirAll(apps, 0o700); err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{
		filepath.Join(apps, "browser.desktop"):         "[Desktop Entry]\nType=Application\nName=Browser\nExec=" + browser + " %u\nMimeType=x-scheme-handler/https;x-scheme-handler/http;\n",
		filepath.Join(s.ConfigHome(), "mimeapps.list"): "[Default Applications]\nx-scheme-handler/https=browser.desktop\nx-scheme-handler/http=browser.desktop\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.set(map[string]string{
		"hooks":          "true",
		"region":         "'IT'",
		"on_ringing_own": "'https://crm.example/search?phone={international}&by={extension}'",
		"on_ended":       fmt.Sprintf(`'"%s" --from cornetta "two words"'`, log),
		"on_failed":      "'/none/log-call'",
	})
	s.agent()
	s.tray("Ready")
	s.must("", "dial", "3331234502")
	read := func(path string) string { data, _ := os.ReadFile(path); return string(data) }
	const page = "https://crm.example/search?phone=%2B393331234502&by=7101\n"
	s.Wait("the page", func() bool { return read(pages) == page })
	var input string
	s.Wait("the program", func() bool {
		args, rest, ok := strings.Cut(read(calls), "{")
		input = "{" + rest
		return ok && args == "--from cornetta two words " && strings.HasSuffix(input, "\n")
	})
	var c map[string]any
	if err := json.Unmarshal([]byte(input), &c); err != nil || c["state"] != "ended" || c["number"] != "03331234502" || c["international"] != "+393331234502" || c["duration_s"] == nil {
		t.Errorf("%s: %v", input, err)
	}

	for range 2 {
		s.run("", "dial", "3331234503")
	}
	n := s.told("An action for a call failed")
	if !strings.Contains(n.Body, "no such file") {
		t.Errorf("%q", n.Body)
	}
	s.Wait("both pages", func() bool { return strings.Count(read(pages), "\n") == 3 })
	told := 0
	for _, n := range s.Notifications() {
		if strings.Contains(n.Summary, "An action for a call") {
			told++
		}
	}
	if told != 1 {
		t.Errorf("it was told %d times", told)
	}
}
