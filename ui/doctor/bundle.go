package doctor

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"cornetta/dialer/config"
	"cornetta/dialer/setting"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// Bundle is what is handed to somebody who helps: what was found, and what it takes to
// understand that.
type Bundle struct {
	Version  string
	Report   Report
	Settings config.Config // as far as they could be read
	Log      []string      // the last lines of the agent's
	At       time.Time
}

// Write writes b as a zip, and returns the names of what is in it. There are host names
// and addresses of the PBX in it, which is what most faults are about; no secret, no name
// of a person, and of numbers the last three digits.
func (b Bundle) Write(w io.Writer) ([]string, error) {
	hide := newHider(b.Settings)
	report := b.Report
	report.Checks = slices.Clone(report.Checks)
	var text strings.Builder
	for _, f := range report.All {
		text.WriteString(words.Finding(hide.finding(f)) + "\n")
	}
	for i, f := range report.Checks {
		report.Checks[i] = hide.finding(f)
	}
	found, err := json.MarshalIndent(report, "", "  ")
	if err != nil {
		return nil, err
	}
	var logged strings.Builder
	for _, line := range b.Log {
		logged.WriteString(hide.text(line) + "\n")
	}
	files := []struct{ name, content string }{
		{"versions.txt", fmt.Sprintf("%s\ncornetta %s\n%s\n%s\n", b.At.UTC().Format(time.RFC3339), b.Version, system(), session())},
		{"checks.txt", text.String()},
		{"checks.json", string(found) + "\n"},
		{"settings.txt", hide.settings(b.Settings)},
		{"log.txt", logged.String()},
	}
	z := zip.NewWriter(w)
	var names []string
	for _, f := range files {
		in, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: b.At})
		if err == nil {
			_, err = io.WriteString(in, f.content)
		}
		if err != nil {
			return nil, err
		}
		names = append(names, f.name)
	}
	return names, z.Close()
}

// hider takes out of a text what is nobody's business.
type hider struct{ known *strings.Replacer }

func newHider(cfg config.Config) hider {
	var pairs []string
	add := func(what, instead string) {
		if len(what) > 1 {
			pairs = append(pairs, what, instead)
		}
	}
	home, err := os.UserHomeDir()
	if err == nil {
		add(home, "~")
		add(filepath.ToSlash(home), "~")
	}
	for _, a := range cfg.Accounts() {
		add(a.Tenant, ending(a.Tenant, 4))
		add(a.Extension, ending(a.Extension, 3))
		if len(a.Username) > 2 && a.Username != "cornetta" { // which stands in every other word, as shorter ones do
			add(a.Username, "…")
		}
	}
	if u, err := user.Current(); err == nil {
		for _, name := range []string{u.Name, u.Username} {
			if len(name) > 3 && name != "root" {
				add(name, "…")
			}
		}
	}
	if name, err := os.Hostname(); err == nil && len(name) > 3 && name != "localhost" {
		add(name, "…")
	}
	return hider{strings.NewReplacer(pairs...)}
}

// ending are the last n characters.
func ending(s string, n int) string {
	if len(s) <= n {
		return "…"
	}
	return "…" + s[len(s)-n:]
}

// aNumber is what may be a telephone number: six digits or more, as people group them.
var aNumber = regexp.MustCompile(`\+?[0-9](?:[ ()./-]?[0-9]){5,}`)

// aDate and an address are none.
var notNumbers = regexp.MustCompile(`^([0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,3}(\.[0-9]{1,3}){3})`)

func (h hider) text(s string) string {
	return aNumber.ReplaceAllStringFunc(h.known.Replace(s), func(n string) string {
		if notNumbers.MatchString(n) {
			return n
		}
		return ending(n, 3)
	})
}

func (h hider) finding(f status.Finding) status.Finding {
	if f.ID == idVersions { // they look like numbers
		f.Seen, f.Do = h.known.Replace(f.Seen), h.known.Replace(f.Do)
		return f
	}
	f.Seen, f.Do = h.text(f.Seen), h.text(f.Do)
	return f
}

// settings are all that there are, by their names in the settings file.
func (h hider) settings(cfg config.Config) string {
	var out strings.Builder
	var all []config.Setting
	for _, group := range []string{"", "account", "numbers", "keys", "codes", "phone", "colleagues", "history", "hooks"} {
		all = append(all, config.Settings(group)...)
	}
	h.list(&out, "", cfg, all)
	for i, other := range cfg.Others {
		h.list(&out, fmt.Sprintf("others.%d.", i+1), cfg.With(other), all)
	}
	return out.String()
}

// asWhom is as whom a directory is read.
var asWhom = regexp.MustCompile(`://[^/\s]*@`)

func (h hider) list(out io.Writer, before string, cfg config.Config, all []config.Setting) {
	for _, s := range all {
		if before != "" && !s.Belongs() {
			continue
		}
		value := s.Text(&cfg)
		switch s.Key {
		case "username", "account_codes": // which have the names of customers
			value = map[bool]string{true: "…"}[value != ""]
		case "directories":
			value = h.text(asWhom.ReplaceAllString(value, "://…@"))
		case "mailbox":
			if box, context, in := strings.Cut(value, "@"); in {
				value = ending(box, 3) + "@" + context
			} else if box != "" {
				value = ending(box, 3)
			}
		case "tls_pin", "host", "timeout":
		case "tenant":
			value = ending(value, 4)
		case "extension":
			value = ending(value, 3)
		default:
			if s.Group == "hooks" && s.Kind == setting.KindText && value != "" {
				value = "…" // an address may have a secret in it
			}
			value = h.text(value)
		}
		fmt.Fprintf(out, "%s%s = %q\n", before, strings.TrimPrefix(s.Group+"."+s.Key, "."), value)
	}
}
