//go:build windows

package desktop

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// A value in the registry is the path of the program that the others were written for,
// so that later exactly these can be found again. Where an installer has made the same
// program known to all users, Register keeps only what its own user prefers.

// autostartValue starts program with its user's session.
func autostartValue(program string) value { return value{runKey, valueName, `"` + program + `"`} }

func register(r Registration) ([]string, error) {
	program, err := startable(r.Program)
	if err != nil {
		return nil, err
	}
	before := written(read(value{ownKey, programValue, ""}))
	all := installedForAll(program)
	var wanted []value
	if r.Links && !all.menu {
		wanted = linkValues(program)
	}
	switch {
	case r.Autostart && !all.autostart:
		wanted = append(wanted, autostartValue(program))
	case !r.Autostart && all.autostart:
		wanted = append(wanted, unwanted)
	}
	if (r.Links || r.Autostart) && !all.menu {
		wanted = append(append(wanted, pathValue(program)), fileValues(program)...)
	}
	for _, v := range wanted { // before anything is changed
		if have, there := lookup(v); there && have != v.data && !slices.Contains(before, value{v.key, v.name, have}) {
			return nil, fmt.Errorf("%w: %s", ErrForeign, v)
		}
	}
	if (r.Links || r.Autostart) && !all.menu {
		wanted = append(wanted, toastValues(program)...)
	}
	done, err := takeAway(before)
	if err != nil || len(wanted) == 0 {
		associationsChanged()
		return done, err
	}
	if r.Links && !all.menu {
		for _, scheme := range schemes {
			if !exists(classes + `\` + scheme) {
				wanted = append(wanted, handlerValues(scheme, program)...)
			}
		}
	}
	done = nil
	for _, v := range append([]value{{ownKey, programValue, program}}, wanted...) {
		if err := write(v); err != nil {
			return done, err
		}
		done = append(done, v.String())
	}
	associationsChanged()
	return done, nil
}

func unregister() ([]string, error) {
	values := written(read(value{ownKey, programValue, ""}))
	if self, err := ThisProgram(); err == nil {
		values = append(values, toastValues(self)...) // which it writes when it shows one
	}
	done, err := takeAway(values)
	associationsChanged()
	return done, err
}

// query asks what would open a link: what the person chose in the system's
// settings comes before what is written here.
func query(context.Context) (Registered, error) {
	program := read(value{ownKey, programValue, ""})
	if program == "" {
		program = forAllProgram()
	}
	var r Registered
	if program != "" {
		r.Autostart = read(value{runKey, valueName, ""}) == autostartValue(program).data ||
			installedForAll(program).autostart && WantedInSession()
	}
	opens := association(schemes[0], assocExecutable)
	switch {
	case opens == "" || strings.EqualFold(filepath.Base(opens), "OpenWith.exe"): // which asks the person
	case strings.EqualFold(opens, program):
		r.Links = true
	default:
		if r.Other = association(schemes[0], assocFriendlyName); r.Other == "" {
			r.Other = filepath.Base(opens)
		}
	}
	return r, nil
}

// chooseProgram opens the page of our own where there is one (Windows 11), or
// that of all programs.
func chooseProgram() error {
	page, err := windows.UTF16PtrFromString("ms-settings:defaultapps?registeredAppUser=" + valueName)
	if err != nil {
		return err
	}
	if err := windows.ShellExecute(0, nil, page, nil, nil, windows.SW_SHOWNORMAL); err != nil {
		return fmt.Errorf("desktop: the settings: %w", err)
	}
	return nil
}

// What association can be asked for.
const (
	assocExecutable   = 2
	assocFriendlyName = 4
)

// association is what Windows says of the program for a scheme, "" for none.
func association(scheme string, what uintptr) string {
	const isProtocol = 0x1000
	name, err := windows.UTF16PtrFromString(scheme)
	if err != nil {
		return ""
	}
	buf := make([]uint16, 1024)
	size := uint32(len(buf))
	failed, _, _ := windows.NewLazySystemDLL("shlwapi.dll").NewProc("AssocQueryStringW").Call(isProtocol, what,
		uintptr(unsafe.Pointer(name)), 0, uintptr(unsafe.Pointer(&buf[0])), uintptr(unsafe.Pointer(&size)))
	if failed != 0 {
		return ""
	}
	return windows.UTF16ToString(buf)
}

// written is all that may have been written for program. The class that has the
// scheme's own name is for people who have chosen nothing; it is written where
// there is none.
func written(program string) []value {
	if program == "" {
		return nil
	}
	all := append(linkValues(program), autostartValue(program), unwanted, pathValue(program))
	all = append(append(all, toastValues(program)...), fileValues(program)...)
	for _, scheme := range schemes {
		plain := handlerValues(scheme, program)
		if command := plain[len(plain)-1]; read(command) == command.data {
			all = append(all, plain...) // else another program has taken it over
		}
	}
	return append(all, value{ownKey, programValue, program})
}

// takeAway deletes those of the values that are still as they were written, and
// the keys that are empty then.
func takeAway(values []value) (done []string, err error) {
	var errs []error
	for _, v := range values {
		if have, there := lookup(v); !there || have != v.data {
			continue
		}
		if err := remove(v); err != nil {
			errs = append(errs, err)
			continue
		}
		done = append(done, v.String())
	}
	for _, v := range values {
		removeEmpty(v.key)
	}
	return done, errors.Join(errs...)
}

// startable is the path of program as it can stand in a command line; of the
// two programs that there are for Windows it is the one without a console.
func startable(program string) (string, error) {
	if !filepath.IsAbs(program) || strings.ContainsAny(program, "\"%\x00") {
		return "", fmt.Errorf("desktop: the program's path cannot stand in the registry: %q", program)
	}
	if name, ok := strings.CutSuffix(program, ".com"); ok {
		if _, err := os.Stat(name + ".exe"); err == nil {
			return name + ".exe", nil
		}
	}
	return program, nil
}

// unwanted is a user's wish not to have what starts with every session.
var unwanted = value{ownKey, wishValue, "no"}

// WantedInSession reports whether the present user wants Cornetta started with their
// session, where it is started with everybody's.
func WantedInSession() bool { return read(unwanted) != unwanted.data }

// fileForAllUsers: on Windows an installer writes values (RegistryForAllUsers).
func fileForAllUsers(string, string) ([]byte, error) { return nil, errors.ErrUnsupported }

func installedForAll(program string) forAllUsers {
	program, err := startable(program)
	if err != nil || !strings.EqualFold(program, forAllProgram()) {
		return forAllUsers{}
	}
	start, _ := lookupIn(registry.LOCAL_MACHINE, forAllValue(program))
	return forAllUsers{menu: true, autostart: strings.EqualFold(start, forAllValue(program).data)}
}

func forAllProgram() string {
	program, _ := lookupIn(registry.LOCAL_MACHINE, value{ownKey, programValue, ""})
	return program
}

// toastsAsInstalled makes the notifications the program's own. set is the library's part,
// which writes what is missing for this user; where all users have it that would hide
// what they have.
func toastsAsInstalled(set func() error) error {
	self, err := ThisProgram()
	if err != nil {
		return err
	}
	if !installedForAll(self).menu {
		for _, v := range toastValues(self) {
			if err := write(v); err != nil {
				return err
			}
		}
		return set()
	}
	err = set()
	for _, name := range []string{"DisplayName", "CustomActivator"} {
		_ = remove(value{toastKey, name, ""})
	}
	removeEmpty(toastKey)
	return err
}

func write(v value) error {
	k, _, err := registry.CreateKey(registry.CURRENT_USER, v.key, registry.SET_VALUE)
	if err != nil {
		return fmt.Errorf("desktop: %s: %w", v, err)
	}
	defer k.Close()
	if err := k.SetStringValue(v.name, v.data); err != nil {
		return fmt.Errorf("desktop: %s: %w", v, err)
	}
	return nil
}

// lookup is the data of v's name, and whether there is any.
func lookup(v value) (string, bool) { return lookupIn(registry.CURRENT_USER, v) }

func lookupIn(root registry.Key, v value) (string, bool) {
	k, err := registry.OpenKey(root, v.key, registry.QUERY_VALUE)
	if err != nil {
		return "", false
	}
	defer k.Close()
	data, _, err := k.GetStringValue(v.name)
	return data, !errors.Is(err, registry.ErrNotExist) // what is no string is somebody else's
}

func exists(key string) bool {
	k, err := registry.OpenKey(registry.CURRENT_USER, key, registry.QUERY_VALUE)
	if err != nil {
		return false
	}
	return k.Close() == nil
}

func read(v value) string {
	data, _ := lookup(v)
	return data
}

func remove(v value) error {
	k, err := registry.OpenKey(registry.CURRENT_USER, v.key, registry.SET_VALUE)
	if err == nil {
		defer k.Close()
		err = k.DeleteValue(v.name)
	}
	if err != nil {
		return fmt.Errorf("desktop: %s: %w", v, err)
	}
	return nil
}

// removeEmpty deletes key, and those above it that are empty then, up to those
// that every user has.
func removeEmpty(key string) {
	for key != runKey && key != classes && strings.Count(key, `\`) > 0 {
		k, err := registry.OpenKey(registry.CURRENT_USER, key, registry.QUERY_VALUE)
		if err != nil {
			key = key[:strings.LastIndex(key, `\`)]
			continue
		}
		info, err := k.Stat()
		k.Close()
		if err != nil || info.SubKeyCount != 0 || info.ValueCount != 0 {
			return
		}
		if registry.DeleteKey(registry.CURRENT_USER, key) != nil {
			return
		}
		key = key[:strings.LastIndex(key, `\`)]
	}
}

// associationsChanged has Windows look again.
func associationsChanged() {
	const assocChanged, idList = 0x08000000, 0
	windows.NewLazySystemDLL("shell32.dll").NewProc("SHChangeNotify").Call(assocChanged, idList, 0, 0)
}
