//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"

	"cornetta/internal/durable"
)

// A package installs for all users what Register writes for one. Where that is so,
// Register keeps only what its user prefers: an entry that is hidden takes away, for
// them, one of the same name that is there for all.

// fileForAllUsers is a file of a package.
func fileForAllUsers(name, program string) ([]byte, error) {
	if !plain(program) {
		return nil, fmt.Errorf("desktop: not everything that opens links understands the path %q", program)
	}
	switch name {
	case "entry":
		return entry(program+" %u", "DBusActivatable=true\n"+forEnrolments+forAll+"\n"), nil
	case "links":
		return entry(program+" %u", forLinks+forAll+"\n"), nil
	case "autostart":
		// As the session bus starts it: it is not everybody's wish to see a window.
		return entry(program+" activated", "NoDisplay=true\n"+forAll+"\n"), nil
	case "service":
		return serviceFile(program, forAll), nil
	case "mime":
		return mimeFile(), nil
	}
	return nil, fmt.Errorf("desktop: no file is called %q", name)
}

// installedForAll is what there is of this very program: another one, as of a build of
// one's own, is registered beside it.
func installedForAll(program string) forAllUsers {
	all := forAllUsers{autostart: startsForAll()}
	for _, dir := range sharedDirs("XDG_DATA_DIRS", "/usr/local/share:/usr/share") {
		content, err := durable.Read(filepath.Join(dir, "applications", linksName), maxEntry)
		if err == nil {
			all.menu = isForAll(content) && bytes.Contains(content, []byte("\nExec="+program+" %u\n"))
			break
		}
	}
	return all
}

// startsForAll reports whether each session starts Cornetta.
func startsForAll() bool {
	for _, dir := range sharedDirs("XDG_CONFIG_DIRS", "/etc/xdg") {
		content, err := durable.Read(filepath.Join(dir, "autostart", entryName), maxEntry)
		if err == nil {
			return isForAll(content) && !isHidden(content)
		}
	}
	return false
}

func isForAll(entry []byte) bool { return bytes.Contains(entry, []byte("\n"+forAll+"\n")) }
func isHidden(entry []byte) bool { return bytes.Contains(entry, []byte("\nHidden=true\n")) }

// hides reports whether path is one of our entries, that takes away another.
func hides(path string) bool {
	content, err := durable.Read(path, maxEntry)
	return err == nil && bytes.Contains(content, []byte("\n"+installed+"\n")) && isHidden(content)
}

// sharedDirs are the folders that a variable names, the most important first.
func sharedDirs(variable, usual string) []string {
	return filepath.SplitList(cmp.Or(os.Getenv(variable), usual))
}
