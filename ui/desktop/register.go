package desktop

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"cornetta/ami/clean"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// Registration is what the present user's desktop is to have of Cornetta. Where
// menus are files Cornetta is in it while either is wanted.
type Registration struct {
	Program   string // the absolute path of cornetta
	Links     bool   // the program for tel: and callto: links
	Autostart bool   // started with the session
}

// Registered is what it has now.
type Registered struct {
	Links, Autostart bool
	Other            string // the name of the program that opens the links instead, "" where none does
}

// maxEntry is far more than any file has that is looked at for what desktops know.
const maxEntry = 1 << 20

// ErrForeign is a file in the place of one of ours that Register did not write.
var ErrForeign = status.NewError(status.CodeDesktopForeign, "desktop: the file is not one that Cornetta installed")

// ErrNotEverywhere comes with a registration that was made: the program's path
// cannot be told to every program that opens links. See Register.
var ErrNotEverywhere = status.NewError(status.CodeDesktopPartly, "desktop: the path of the program is not understood by every opener of links")

// ThisProgram is the path of the running program, with no symbolic link in it, as
// a Registration takes it.
func ThisProgram() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(self)
}

// Register writes what r asks for, takes away what it does not, and returns the
// files it wrote or changed. What is installed for all users is not written once more,
// but what this one does not want of it is taken away for them. It may be repeated. It fails with ErrForeign rather
// than replace a file of somebody else's, and with errors.ErrUnsupported on
// systems it does not know. With ErrNotEverywhere all was done, but on desktops
// that xdg-open does not know links will not open with a program of this path.
func Register(r Registration) ([]string, error) {
	files, err := register(r)
	return files, onDisk(err)
}

// Unregister takes away what Register wrote, and nothing else, and returns the
// files it removed or changed.
func Unregister() ([]string, error) {
	files, err := unregister()
	return files, onDisk(err)
}

// forAllUsers is what a package has installed for all users.
type forAllUsers struct{ menu, autostart bool }

// FileForAllUsers is a file that a package installs for the program at that path: the
// "entry" of the menu, that of the "links", the "autostart" or the session bus'
// "service". It is errors.ErrUnsupported where installers write no such files.
func FileForAllUsers(name, program string) ([]byte, error) { return fileForAllUsers(name, program) }

// EnrolmentExt is how the names of files end that are opened with Cornetta, and
// enrolmentType what they are.
const (
	EnrolmentExt  = config.EnrolmentExt
	enrolmentType = "application/x-cornetta-enrolment"
)

// ForAllUsers reports whether this program is installed for all users, so that Register
// writes no more than what the present one prefers.
func ForAllUsers(program string) bool { return installedForAll(program).menu }

// ChooseProgram opens the system's settings where the person, and nobody else,
// chooses the program for links, as Windows has it. It returns at once; elsewhere
// it is errors.ErrUnsupported.
func ChooseProgram() error { return chooseProgram() }

// Query asks the desktop what it would do now. It runs a program and may take a
// second; it fails as Register does.
func Query(ctx context.Context) (Registered, error) {
	now, err := query(ctx)
	return now, onDisk(err)
}

// fileError is one of the desktop's files that cannot be read or written.
type fileError struct{ err error }

func (e *fileError) Error() string { return e.err.Error() }
func (e *fileError) Unwrap() error { return e.err }

// Problem implements status.Problematic.
func (e *fileError) Problem() status.Problem {
	return status.Problem{Code: status.CodeDesktopFailed, Detail: clean.Foreign(e.Error())}
}

func onDisk(err error) error {
	var known status.Problematic
	if errors.As(err, &known) {
		return err
	}
	if errors.As(err, new(*fs.PathError)) || errors.As(err, new(*os.LinkError)) {
		return &fileError{err}
	}
	return err
}
