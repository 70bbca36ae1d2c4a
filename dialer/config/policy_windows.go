package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"golang.org/x/sys/windows/registry"

	"cornetta/internal/durable"
)

// systemPolicy is the key of this computer's policy, and of the person's.
const systemPolicy = `Software\Policies\Cornetta`

// installerKey is what the installers write to; its value Enrolment is the path of one.
const installerKey = `Software\Cornetta`

// readGiven is what the registry says: the computer's policy, then the person's. In each
// the values of the key Locked are locked, and those of Default are defaults; a value is
// a text, a number, or for a list several texts.
func readGiven(key string) []given {
	all := enrolmentOfInstaller()
	for _, root := range []struct {
		name string
		key  registry.Key
	}{{`HKLM\`, registry.LOCAL_MACHINE}, {`HKCU\`, registry.CURRENT_USER}} {
		for _, level := range []Level{LevelLocked, LevelDefault} {
			below := key + `\` + strings.ToUpper(string(level[:1])) + string(level[1:])
			if g := readKey(root.key, below, root.name+below, level); g != nil {
				all = append(all, *g)
			}
		}
	}
	return all
}

// enrolmentOfInstaller is the enrolment whose path the installer for the whole machine was
// given, none where it was given none.
func enrolmentOfInstaller() []given {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, installerKey, registry.QUERY_VALUE)
	if err != nil {
		return nil
	}
	defer k.Close()
	path, _, err := k.GetStringValue("Enrolment")
	if err != nil || path == "" {
		return nil
	}
	data, err := durable.Read(path, maxSize)
	return []given{left(path, data, err, Login())}
}

func readKey(root registry.Key, key, name string, level Level) *given {
	g := &given{Source: name}
	k, err := registry.OpenKey(root, key, registry.QUERY_VALUE)
	if errors.Is(err, registry.ErrNotExist) {
		return nil
	}
	if err != nil {
		g.err = err
		return g
	}
	defer k.Close()
	names, err := k.ReadValueNames(maxRules + 1)
	if errors.Is(err, io.EOF) { // there are fewer
		err = nil
	}
	if len(names) > maxRules { // who knows what the rest is
		err = errors.Join(err, fmt.Errorf("more than %d values", maxRules))
	}
	for _, n := range names {
		v, wrong := valueOf(k, n)
		err = errors.Join(err, wrong)
		g.take(level, "", strings.ToLower(n), v, 0)
	}
	if g.err == nil {
		g.err = err
	}
	return g
}

// valueOf is a value as a file would have it, nil for one of a kind that no setting has.
func valueOf(k registry.Key, name string) (v any, err error) {
	n, kind, err := k.GetValue(name, nil)
	switch {
	case err != nil:
		return nil, err
	case n > maxSize:
		return nil, fmt.Errorf("more than %d bytes", maxSize)
	}
	switch kind {
	case registry.SZ, registry.EXPAND_SZ:
		v, _, err = k.GetStringValue(name)
	case registry.DWORD, registry.QWORD:
		v, _, err = k.GetIntegerValue(name)
	case registry.MULTI_SZ:
		v, _, err = k.GetStringsValue(name)
	}
	return v, err
}

// onlyAdministrators: who may write a key of the registry, Windows itself sees to.
func onlyAdministrators(fs.FileInfo) error { return nil }
