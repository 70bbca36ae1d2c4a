//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"cornetta/ami/clean"
	"cornetta/internal/durable"
)

// wouldOpen follows xdg-open (xdg-utils 1.1.3 and later), which leaves it to the desktop
// where it knows that, and these to the lists of the specification "Association between
// MIME types and applications"; elsewhere it asks xdg-mime and runs the entry by itself.
func wouldOpen(ctx context.Context, scheme string) (Opener, error) {
	p, err := userPlaces()
	if err != nil {
		return Opener{}, err
	}
	mime := "x-scheme-handler/" + scheme
	name, err := p.asked(ctx, mime)
	if err != nil {
		return Opener{}, err
	}
	by := "xdg-mime"
	if name == "" {
		name, by = p.listed(mime)
	}
	o := Opener{By: by}
	if name == "" {
		o.Browser = true // xdg-open's last resort, in every of its modes
		return o, nil
	}
	entry, path := p.entryOf(name)
	if path == "" {
		o.Program, o.Name, o.Gone = name, name, true
		return o, nil
	}
	o.Name = clean.Text(p.nameOf(name), clean.Name)
	word, quoted := firstWord(entry["Exec"])
	o.Program = word
	full, err := exec.LookPath(word)
	o.Gone = err != nil
	if !o.Gone {
		o.Program = full
		if !filepath.IsAbs(full) {
			o.Program, _ = filepath.Abs(full)
		}
	}
	o.Ours = slices.Contains([]string{linksName, entryName}, name) || isThisProgram(o.Program)
	o.Quoted = quoted && generic()
	return o, nil
}

// asked is the entry that the desktop's own means name, "" where there are none. They
// are bounded: xdg-mime asks programs of the desktop, which may hang.
func (p places) asked(ctx context.Context, mime string) (string, error) {
	limited, cancel := context.WithTimeout(ctx, openerPatience)
	defer cancel()
	var out head
	cmd := exec.CommandContext(limited, "xdg-mime", "query", "default", mime)
	cmd.Stdout = &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it starts others
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 100 * time.Millisecond
	err := cmd.Run()
	if limited.Err() != nil {
		return "", fmt.Errorf("desktop: xdg-mime: %w", limited.Err())
	}
	name, _, _ := strings.Cut(strings.TrimSpace(out.kept.String()), "\n")
	if err != nil || strings.ContainsRune(name, '/') {
		return "", nil
	}
	return name, nil
}

// openerPatience is how long xdg-mime may take: it is a script that starts others, and
// takes a second on a busy machine.
const openerPatience = 10 * time.Second

// listed is the first entry that the lists of preferred programs name for a type and
// that is there, in the order of the specification.
func (p places) listed(mime string) (name, by string) {
	var lists []string
	desktops := strings.FieldsFunc(strings.ToLower(os.Getenv("XDG_CURRENT_DESKTOP")), func(r rune) bool { return r == ':' })
	in := func(dir string) {
		for _, d := range desktops {
			lists = append(lists, filepath.Join(dir, d+"-mimeapps.list"))
		}
		lists = append(lists, filepath.Join(dir, "mimeapps.list"))
	}
	in(p.config)
	for _, dir := range sharedDirs("XDG_CONFIG_DIRS", "/etc/xdg") {
		in(dir)
	}
	in(p.applications())
	for _, dir := range sharedDirs("XDG_DATA_DIRS", "/usr/local/share:/usr/share") {
		in(filepath.Join(dir, "applications"))
	}
	for _, list := range lists {
		text, err := readSmall(list)
		if err != nil {
			continue
		}
		if name := p.firstOf(appsFor(text, mime)); name != "" {
			return name, list
		}
	}
	// Where nothing was chosen, what offers itself.
	for _, dir := range append([]string{p.data}, sharedDirs("XDG_DATA_DIRS", "/usr/local/share:/usr/share")...) {
		cache := filepath.Join(dir, "applications", "mimeinfo.cache")
		text, err := readSmall(cache)
		if err != nil {
			continue
		}
		for line := range strings.Lines(text) {
			if apps, ok := strings.CutPrefix(strings.TrimSpace(line), mime+"="); ok {
				if name := p.firstOf(apps); name != "" {
					return name, cache
				}
			}
		}
	}
	return "", ""
}

// firstOf is the first of apps that is there.
func (p places) firstOf(apps string) string {
	for name := range strings.SplitSeq(apps, ";") {
		if name = strings.TrimSpace(name); name == "" || strings.ContainsRune(name, '/') {
			continue
		}
		if _, path := p.entryOf(name); path != "" {
			return name
		}
	}
	return ""
}

// appsFor is the value of mime among the preferred programs of a list.
func appsFor(list, mime string) string {
	value := ""
	changeDefault(list, mime, func(apps string, there bool) (string, bool) {
		value = apps
		return apps, there
	})
	return value
}

// entryOf reads the entry of that name, "" where there is none or it is hidden.
func (p places) entryOf(name string) (keys map[string]string, path string) {
	for _, dir := range append([]string{p.data}, sharedDirs("XDG_DATA_DIRS", "/usr/local/share:/usr/share")...) {
		path := filepath.Join(dir, "applications", filepath.Base(name))
		text, err := readSmall(path)
		if err != nil {
			continue
		}
		keys := mainKeys(text)
		if keys["Hidden"] == "true" {
			return nil, ""
		}
		return keys, path
	}
	return nil, ""
}

// mainKeys are the keys of an entry's first group.
func mainKeys(entry string) map[string]string {
	keys, in := map[string]string{}, false
	for line := range strings.Lines(entry) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			if in {
				break
			}
			in = line == "[Desktop Entry]"
			continue
		}
		if key, value, ok := strings.Cut(line, "="); in && ok {
			keys[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return keys
}

// firstWord is the program of an Exec key, and whether it stands in quotes.
func firstWord(exec string) (word string, quoted bool) {
	exec = strings.ReplaceAll(exec, `\\`, `\`) // as each string of an entry
	if rest, ok := strings.CutPrefix(exec, `"`); ok {
		var b strings.Builder
		for i := 0; i < len(rest) && rest[i] != '"'; i++ {
			if rest[i] == '\\' && i+1 < len(rest) {
				i++
			}
			b.WriteByte(rest[i])
		}
		return strings.ReplaceAll(b.String(), "%%", "%"), true
	}
	word, _, _ = strings.Cut(exec, " ")
	return word, false
}

// generic reports whether xdg-open would find no desktop that it knows, and read the
// entry itself.
func generic() bool {
	if os.Getenv("KDE_FULL_SESSION") != "" || os.Getenv("GNOME_DESKTOP_SESSION_ID") != "" || os.Getenv("MATE_DESKTOP_SESSION_ID") != "" {
		return false
	}
	known := []string{"gnome", "kde", "xfce", "lxde", "lxqt", "mate", "cinnamon", "x-cinnamon", "enlightenment", "deepin", "ukui", "gnome-classic", "gnome-flashback"}
	for d := range strings.SplitSeq(strings.ToLower(os.Getenv("XDG_CURRENT_DESKTOP")+":"+os.Getenv("DESKTOP_SESSION")), ":") {
		if slices.Contains(known, d) {
			return false
		}
	}
	return true
}

func isThisProgram(path string) bool {
	self, err := ThisProgram()
	if err != nil {
		return false
	}
	real, err := filepath.EvalSymlinks(path)
	return err == nil && real == self
}

// readSmall reads a file that anybody may have written.
func readSmall(path string) (string, error) {
	f, err := durable.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxEntry))
	return string(text), err
}
