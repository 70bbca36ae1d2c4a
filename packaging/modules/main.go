// Command modules keeps the table of the modules that Cornetta and its tools are built
// with, modules.txt: which version, which was the newest when somebody last looked, and,
// where the two differ, why. `make outdated` runs it: it asks the module proxy, writes
// the table anew, and fails where a module is behind and nobody has said why.
//
// Its tests are what CI runs. They ask nobody: they compare the table with go.mod and
// tools.mod, so that a module can be neither changed nor left behind without a look
// and a reason, and nothing fails only because somebody published a version.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// Run in the root of the tree.
const tablePath = "packaging/modules/modules.txt"

var modFiles = []string{"go.mod", "tools.mod"}

// module is a line of the table.
type module struct {
	file, path      string
	version, newest string
	why             string // "" where the version is the newest
}

func (m module) key() string { return m.file + " " + m.path }

func main() {
	table, err := read(tablePath)
	if err == nil {
		table, err = look(table)
	}
	if err == nil {
		err = write(tablePath, table)
	}
	if err == nil {
		err = report(os.Stdout, table)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "modules:", err)
		os.Exit(1)
	}
}

// look returns the table as it is now; the reasons are those of old. Of a module that the
// proxy does not know (-e) the newest version is the one that is required.
func look(old map[string]module) (map[string]module, error) {
	now := map[string]module{}
	for _, file := range modFiles {
		required, err := requirements(file)
		if err != nil {
			return nil, err
		}
		paths := slices.Sorted(maps.Keys(required))
		cmd := exec.Command("go", append([]string{"list", "-modfile=" + file, "-mod=readonly", "-e", "-m", "-u", "-json=Path,Version,Update"}, paths...)...)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("go list -m -u: %w", err)
		}
		for in := json.NewDecoder(bytes.NewReader(out)); ; {
			var m struct {
				Path, Version string
				Update        *struct{ Version string }
			}
			if err := in.Decode(&m); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return nil, err
			}
			line := module{file: file, path: m.Path, version: m.Version, newest: m.Version}
			if m.Update != nil {
				line.newest = m.Update.Version
				line.why = old[line.key()].why
			}
			now[line.key()] = line
		}
	}
	return now, nil
}

var required = regexp.MustCompile(`(?m)^(?:require )?[ \t]*([^\s/]+\.[^\s/]+/\S+|[^\s/]+\.[^\s/]+) (v\S+)`)

// requirements are the modules that a go.mod names, with their versions.
func requirements(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	for _, m := range required.FindAllStringSubmatch(string(text), -1) {
		all[m[1]] = m[2]
	}
	return all, nil
}

// read reads the table; one that is not there is empty.
func read(path string) (map[string]module, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	table := map[string]module{}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") || strings.TrimSpace(line) == "" {
			continue
		}
		part := strings.SplitN(strings.TrimSpace(line), " ", 5)
		if len(part) < 4 {
			return nil, fmt.Errorf("%s: %q is no line of the table", path, line)
		}
		m := module{file: part[0], path: part[1], version: part[2], newest: part[3]}
		if len(part) == 5 {
			m.why = part[4]
		}
		table[m.key()] = m
	}
	return table, nil
}

func write(path string, table map[string]module) error {
	text := "# Written by `make outdated`, but for the reasons: file, module, version, the newest\n" +
		"# one that was seen, and why it is another. Of the newest ones nothing has to be said.\n"
	for _, m := range sorted(table) {
		text += strings.TrimSpace(m.key()+" "+m.version+" "+m.newest+" "+m.why) + "\n"
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

func sorted(table map[string]module) []module {
	return slices.SortedFunc(maps.Values(table), func(a, b module) int {
		return cmp.Or(strings.Compare(a.file, b.file), strings.Compare(a.path, b.path))
	})
}

// report prints what is behind.
func report(w io.Writer, table map[string]module) error {
	unexplained := 0
	for _, m := range sorted(table) {
		switch {
		case m.version == m.newest:
			continue
		case m.why == "":
			unexplained++
		}
		fmt.Fprintf(w, "%s: %s %s, newest %s: %s\n", m.file, m.path, m.version, m.newest, cmp.Or(m.why, "?"))
	}
	if unexplained > 0 {
		return fmt.Errorf("%d are behind and %s does not say why: raise them, or say it there", unexplained, tablePath)
	}
	return nil
}
