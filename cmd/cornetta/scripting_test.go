//go:build linux

package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
)

// TestScriptingPage runs the examples of the page for scripts, one after the other, as
// they stand there. What stands below one is what it prints, with … for anything; how
// long a call took and which port there is are left out.
func TestScriptingPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "en", "scripting.md"))
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(startPBX(t).Addr())
	if err != nil {
		t.Fatal(err)
	}
	s := newSeat(t)
	varies := regexp.MustCompile(`"(duration_s|port)":[-0-9.e]+`)
	blocks := regexp.MustCompile("(?ms)^```(sh|json|text)\n(.*?)^```$").FindAllStringSubmatch(string(page), -1)
	ran := 0
	for i, b := range blocks {
		if b[1] != "sh" {
			continue
		}
		ran++
		cmd := s.Command("sh", "-ec", b[2])
		var out, errs bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		cmd.Env = append(cmd.Env, "PATH="+programs+":"+os.Getenv("PATH"), "HOST="+host, "PORT="+port,
			"USERNAME="+pbxsim.Username, "PASSWORD="+pbxsim.Secret, "TENANT="+pbxsim.Tenant)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Wait(); err != nil {
			t.Fatalf("%s%v\n%s%s", b[2], err, out.String(), errs.String())
		}
		if i+1 == len(blocks) || blocks[i+1][1] == "sh" {
			continue
		}
		same := func(s string) string { return varies.ReplaceAllString(s, `"$1":0`) }
		want := strings.ReplaceAll(regexp.QuoteMeta(same(blocks[i+1][2])), "…", "(?s:.*?)")
		if got := same(out.String()); !regexp.MustCompile("^" + want + "$").MatchString(got) {
			t.Errorf("%sprints\n%sthe page has\n%s", b[2], got, blocks[i+1][2])
		}
	}
	if ran < 8 {
		t.Errorf("only %d examples were run", ran)
	}
}
