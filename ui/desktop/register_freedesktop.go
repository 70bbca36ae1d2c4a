//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cornetta/assets"
	"cornetta/internal/durable"
	"cornetta/ui/words"
)

// Cornetta has two entries. Its own is what menus, docks and portals know it by,
// and they reach it over the session bus. The links' is hidden, and starts a
// program: many a launcher that opens a link ends right after it, and with an
// entry that is activated over the bus some links were lost. Of 20 that xdg-open opened
// by gtk-launch (GTK 3.24.38) a monitor saw 13 on the bus; probably the launcher ended
// before its message was written.
const (
	appID     = "io.cornetta.Cornetta"
	entryName = appID + ".desktop"
	linksName = appID + ".Links.desktop"
	// installed marks the entries that Register wrote, and forAll those of a package.
	installed = "X-Cornetta-Installed=user"
	forAll    = "X-Cornetta-Installed=system"
)

var linkTypes = []string{"x-scheme-handler/tel", "x-scheme-handler/callto"}

// places are where a user's desktop looks.
type places struct{ config, data string }

func userPlaces() (places, error) {
	config, err := os.UserConfigDir()
	if err != nil {
		return places{}, fmt.Errorf("desktop: %w", err)
	}
	data := os.Getenv("XDG_DATA_HOME")
	if !filepath.IsAbs(data) {
		home, err := os.UserHomeDir()
		if err != nil {
			return places{}, fmt.Errorf("desktop: %w", err)
		}
		data = filepath.Join(home, ".local", "share")
	}
	return places{config, data}, nil
}

func (p places) applications() string { return filepath.Join(p.data, "applications") }
func (p places) entry() string        { return filepath.Join(p.applications(), entryName) }
func (p places) links() string        { return filepath.Join(p.applications(), linksName) }

// alias is a symbolic link to the program, for entries that cannot hold its own path.
func (p places) alias() string { return filepath.Join(p.data, "cornetta", "cornetta") }

func (p places) mime() string      { return filepath.Join(p.data, "mime", "packages", appID+".xml") }
func (p places) autostart() string { return filepath.Join(p.config, "autostart", entryName) }
func (p places) defaults() string  { return filepath.Join(p.config, "mimeapps.list") }

// icons are the files of our mark; only we use these names.
func (p places) icons() map[string][]byte {
	hicolor := filepath.Join(p.data, "icons", "hicolor")
	return map[string][]byte{
		filepath.Join(hicolor, "256x256", "apps", appID+".png"):  assets.AppIcon,
		filepath.Join(hicolor, "64x64", "apps", appID+".png"):    assets.AppIconSmall,
		filepath.Join(hicolor, "scalable", "apps", appID+".svg"): assets.AppIconSVG,
	}
}

func register(r Registration) ([]string, error) {
	p, err := userPlaces()
	if err != nil {
		return nil, err
	}
	start, err := p.startBy(r.Program)
	if err != nil {
		return nil, err
	}
	program, err := execWord(start)
	if err != nil {
		return nil, err
	}
	for _, path := range []string{p.entry(), p.links(), p.autostart(), p.service()} { // before anything is changed
		if _, err := ours(path); err != nil {
			return nil, err
		}
	}
	c := &changes{}
	all := installedForAll(r.Program)
	own := (r.Links || r.Autostart) && !all.menu
	c.icons(p, own)
	if start != r.Program && own {
		c.link(start, r.Program) // before what needs it
	} else {
		c.unalias(p)
	}
	if own {
		more := ""
		if startable(start) {
			c.write(p.service(), serviceFile(start, installed)) // before the entry that needs it
			more = "DBusActivatable=true\n"
		} else {
			c.removeOurs(p.service())
		}
		// It is not offered for links, but may have been chosen when it was.
		c.write(p.entry(), entry(program+" %u", more+forEnrolments+installed+"\n"))
		c.write(p.mime(), mimeFile())
	} else {
		c.leaveMenu(p)
	}
	switch {
	case r.Links && all.menu:
		c.removeOurs(p.links())
		c.preferLinks(p)
	case r.Links:
		c.write(p.links(), entry(program+" %u", forLinks+installed+"\n"))
		c.preferLinks(p)
	default:
		c.unlink(p)
		if all.menu {
			c.write(p.links(), hidden(program))
		}
	}
	switch {
	case r.Autostart && !(all.menu && all.autostart):
		c.write(p.autostart(), entry(program, installed+"\n"))
	case !r.Autostart && all.autostart:
		c.write(p.autostart(), hidden(program))
	default:
		c.removeOurs(p.autostart())
	}
	refresh(p)
	if len(c.errs) == 0 && r.Links && !plain(start) {
		return c.files, ErrNotEverywhere
	}
	return c.files, wrapped(errors.Join(c.errs...))
}

// startBy is the path that entries start program by.
func (p places) startBy(program string) (string, error) {
	alias := p.alias()
	if !filepath.IsAbs(program) || plain(program) || !plain(alias) {
		return program, nil
	}
	info, err := os.Lstat(alias)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return alias, nil
	case err != nil:
		return "", wrapped(err)
	case info.Mode().Type() != fs.ModeSymlink:
		return "", fmt.Errorf("%w: %s", ErrForeign, alias)
	}
	return alias, nil
}

// plain reports whether a path can be in an entry without quotes. Quotes do not help:
// xdg-open (1.1.3, where it finds no desktop that it knows, as on i3,
// sway and openbox) splits Exec at blanks, and takes quotes, backslashes and
// doubled per cents for parts of the name.
func plain(path string) bool {
	return filepath.IsAbs(path) && utf8.ValidString(path) && !strings.ContainsFunc(path, func(r rune) bool {
		if r > unicode.MaxASCII {
			return !unicode.IsPrint(r)
		}
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("/._-+@:,", r)
	})
}

func unregister() ([]string, error) {
	p, err := userPlaces()
	if err != nil {
		return nil, err
	}
	c := &changes{}
	c.icons(p, false)
	c.unalias(p)
	c.leaveMenu(p)
	c.unlink(p)
	c.removeOurs(p.autostart())
	refresh(p)
	return c.files, wrapped(errors.Join(c.errs...))
}

// changes are made as far as they can be.
type changes struct {
	files []string // written, changed or removed
	errs  []error
}

func (c *changes) note(path string, changed bool, err error) {
	if err != nil {
		c.errs = append(c.errs, err)
	} else if changed {
		c.files = append(c.files, path)
	}
}

func (c *changes) write(path string, content []byte) {
	c.note(path, true, replaceFile(path, content))
}

func (c *changes) remove(path string) {
	err := os.Remove(path)
	c.note(path, err == nil, ignoring(err, fs.ErrNotExist))
}

func (c *changes) removeOurs(path string) {
	there, err := ours(path)
	if there {
		c.remove(path)
	}
	c.note(path, false, err)
}

// link has path lead to program.
func (c *changes) link(path, program string) {
	if now, err := os.Readlink(path); err == nil && now == program {
		return
	}
	err := os.MkdirAll(filepath.Dir(path), 0o755)
	fresh := path + ".new"
	if err == nil {
		_ = os.Remove(fresh) // of a try that was broken off
		err = os.Symlink(program, fresh)
	}
	if err == nil {
		err = os.Rename(fresh, path)
	}
	c.note(path, true, err)
}

// unalias takes away the link to the program, and the folder that was made for it.
func (c *changes) unalias(p places) {
	path := p.alias()
	if _, err := os.Readlink(path); err != nil {
		return // none, or nothing of ours
	}
	c.remove(path)
	_ = os.Remove(filepath.Dir(path)) // where nothing else is in it
}

func (c *changes) defaults(p places, edit func(string) string) {
	changed, err := editDefaults(p.defaults(), edit)
	c.note(p.defaults(), changed, err)
}

// preferLinks makes us the program for links. Earlier versions used the menu's entry.
func (c *changes) preferLinks(p places) {
	c.defaults(p, func(list string) string {
		return preferFor(withoutApp(list, entryName, linkTypes), linksName, linkTypes)
	})
}

// leaveMenu takes away what Cornetta is started by.
func (c *changes) leaveMenu(p places) {
	c.removeOurs(p.entry())
	c.removeOurs(p.service())
	if have, err := durable.Read(p.mime(), maxEntry); err == nil && bytes.Contains(have, []byte(enrolmentType)) {
		c.remove(p.mime())
	}
}

// unlink removes what makes us the program for links. Earlier versions used the menu's
// entry for them.
func (c *changes) unlink(p places) {
	c.removeOurs(p.links())
	c.defaults(p, func(list string) string {
		return withoutApp(withoutApp(list, linksName, linkTypes), entryName, linkTypes)
	})
}

// icons are there while anything shows them.
func (c *changes) icons(p places, wanted bool) {
	for path, content := range p.icons() {
		if wanted {
			c.write(path, content)
		} else if have, err := durable.Read(path, maxEntry); err == nil && bytes.Equal(have, content) {
			c.remove(path)
		}
	}
}

func ignoring(err, what error) error {
	if errors.Is(err, what) {
		return nil
	}
	return err
}

// query asks xdg-mime, which asks as the desktop that runs would, and as
// xdg-open does. Where there is none the person's own list has to do.
func query(ctx context.Context) (Registered, error) {
	p, err := userPlaces()
	if err != nil {
		return Registered{}, err
	}
	var r Registered
	there, err := ours(p.autostart())
	switch {
	case err != nil && !errors.Is(err, ErrForeign):
		return r, wrapped(err)
	case there || err != nil:
		r.Autostart = there && !hides(p.autostart())
	default:
		r.Autostart = startsForAll()
	}
	if hides(p.links()) {
		return r, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, "xdg-mime", "query", "default", linkTypes[0])
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	app := strings.TrimSpace(string(out))
	if err != nil {
		list, _ := durable.Read(p.defaults(), maxEntry)
		app = preferred(string(list), linkTypes[0])
	}
	switch {
	case app == linksName || app == entryName: // the second is an older install's
		r.Links = true
	case app != "":
		r.Other = p.nameOf(app)
	}
	return r, nil
}

// nameOf is how people know an entry.
func (p places) nameOf(entry string) string {
	for _, dir := range append([]string{p.data}, sharedDirs("XDG_DATA_DIRS", "/usr/local/share:/usr/share")...) {
		content, err := durable.Read(filepath.Join(dir, "applications", filepath.Base(entry)), maxEntry)
		if err != nil {
			continue
		}
		for _, key := range []string{"Name[" + words.Language() + "]=", "Name="} {
			for line := range strings.Lines(string(content)) {
				if name, ok := strings.CutPrefix(line, key); ok {
					return strings.TrimSpace(name)
				}
			}
		}
	}
	return strings.TrimSuffix(entry, ".desktop")
}

func wrapped(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("desktop: %w", err)
}

// ours reports whether path is an entry that Register wrote; a file that it
// did not write is an error.
func ours(path string) (bool, error) {
	content, err := durable.Read(path, maxEntry)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case !bytes.Contains(content, []byte("\n"+installed+"\n")):
		return false, fmt.Errorf("%w: %s", ErrForeign, path)
	}
	return true, nil
}

func entry(command, more string) []byte {
	return []byte(`[Desktop Entry]
Type=Application
Version=1.0
Name=Cornetta
` + inEach("GenericName", words.LabelDialer) + inEach("Comment", words.LabelDialsThrough) + `Exec=` + command + `
Icon=` + appID + `
Terminal=false
StartupNotify=false
Categories=Network;Telephony;
` + inEach("Keywords", words.LabelSearchWords) + more)
}

// inEach is a key of an entry in every language, of which the one that names none is
// English. The desktop picks.
func inEach(key string, l words.Label) string {
	texts := words.Translations(l)
	lines := key + "=" + texts["en"] + "\n"
	for _, code := range words.Languages() {
		if code != "en" {
			lines += key + "[" + code + "]=" + texts[code] + "\n"
		}
	}
	return lines
}

// forEnrolments is what makes an entry that of the files with an enrolment.
const forEnrolments = "MimeType=" + enrolmentType + ";\n"

// mimeFile tells desktops of that kind of files.
func mimeFile() []byte {
	texts := words.Translations(words.LabelEnrolmentFile)
	comments := "    <comment>" + texts["en"] + "</comment>\n"
	for _, code := range words.Languages() {
		if code != "en" {
			comments += `    <comment xml:lang="` + code + `">` + texts[code] + "</comment>\n"
		}
	}
	return []byte(`<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="` + enrolmentType + `">
` + comments + `    <sub-class-of type="application/toml"/>
    <sub-class-of type="text/plain"/>
    <glob pattern="*` + EnrolmentExt + `"/>
  </mime-type>
</mime-info>
`)
}

// forLinks is what makes an entry that of the links.
var forLinks = "NoDisplay=true\nMimeType=" + strings.Join(linkTypes, ";") + ";\n"

// hidden is an entry in place of one that is installed for all users, which this user
// does not want.
func hidden(program string) []byte { return entry(program, "Hidden=true\n"+installed+"\n") }

// execWord writes a path the way the Exec key wants it: as it is where it can be,
// else quoted, then escaped as every string of an entry is.
func execWord(path string) (string, error) {
	if plain(path) {
		return path, nil
	}
	if !filepath.IsAbs(path) || strings.ContainsAny(path, "\n\r\t=") {
		return "", fmt.Errorf("desktop: the program's path cannot stand in a desktop entry: %q", path)
	}
	quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`, `%`, `%%`).Replace(path)
	return strings.ReplaceAll(`"`+quoted+`"`, `\`, `\\`), nil
}

// editDefaults changes the person's list of preferred programs, which may be a
// link into somewhere else.
func editDefaults(path string, edit func(string) string) (bool, error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	old, err := durable.Read(path, maxEntry)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	now := edit(string(old))
	switch {
	case now == string(old):
		return false, nil
	case now == "":
		return true, os.Remove(path)
	}
	return true, replaceFile(path, []byte(now))
}

// replaceFile writes a file whole or not at all, with the permissions that it has.
func replaceFile(path string, content []byte) error {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(path); err == nil {
		mode = info.Mode().Perm()
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return durable.Swap(path, content, mode)
}

// refresh has the desktop's caches made anew where there are such programs;
// without them the desktop finds out by itself.
func refresh(p places) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := os.Stat(p.applications()); err == nil {
		_ = exec.CommandContext(ctx, "update-desktop-database", p.applications()).Run()
	}
	if mime := filepath.Dir(filepath.Dir(p.mime())); filepath.IsAbs(mime) {
		if _, err := os.Stat(mime); err == nil {
			_ = exec.CommandContext(ctx, "update-mime-database", mime).Run()
		}
	}
	rereadServices(ctx)
}

func chooseProgram() error { return errors.ErrUnsupported }
