package asterisktest

import (
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Version is a major version of Asterisk.
type Version int

// The versions that setup.sh makes.
const (
	V16 Version = 16
	V22 Version = 22
)

// Versions are all that there are, for tests that run on each.
var Versions = []Version{V16, V22}

func (v Version) String() string { return fmt.Sprintf("Asterisk %d", int(v)) }

// ErrNotSetUp says that setup.sh has not been run, or only by an older version
// of this package.
var ErrNotSetUp = errors.New("asterisktest: Asterisk is not set up: run ami/asterisktest/setup.sh")

//go:embed modules.txt
var modulesFile string

// folder is what setup.sh calls the version: by the list of modules, so that two checkouts
// with other lists do not take it from each other.
func folder(v Version) string {
	sum := sha256.Sum256([]byte(modulesFile))
	return fmt.Sprintf("asterisk-%d-%x", int(v), sum[:4])
}

// modules are the names in modules.txt.
func modules() []string {
	var names []string
	for line := range strings.Lines(modulesFile) {
		if name := strings.TrimSpace(line); name != "" && name[0] != '#' {
			names = append(names, name)
		}
	}
	return names
}

// root returns the folder where setup.sh put the version. It fails with
// ErrNotSetUp where that is missing or was made for other modules.
func root(v Version) (string, error) {
	cache := os.Getenv("CORNETTA_CACHE")
	if cache == "" {
		base := os.Getenv("XDG_CACHE_HOME")
		if base == "" {
			home, err := os.UserHomeDir()
			if err != nil {
				return "", fmt.Errorf("asterisktest: no place for a cache: %w", err)
			}
			base = filepath.Join(home, ".cache")
		}
		cache = filepath.Join(base, "cornetta")
	}
	dir, err := filepath.Abs(filepath.Join(cache, folder(v)))
	if err != nil {
		return "", fmt.Errorf("asterisktest: %w", err)
	}
	made, err := os.ReadFile(filepath.Join(dir, "modules.txt"))
	if err != nil || string(made) != modulesFile {
		return "", fmt.Errorf("%w (nothing usable in %s)", ErrNotSetUp, dir)
	}
	return dir, nil
}
