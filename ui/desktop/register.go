package desktop

import "errors"

// Registration is Cornetta in the present user's desktop: in the menu, as the
// program for tel: and callto: links, and started with the session.
type Registration struct {
	Program   string // the absolute path of cornetta
	Autostart bool   // start with the session
}

// ErrForeign is a file in the place of one of ours that Register did not write.
var ErrForeign = errors.New("desktop: the file is not one that Cornetta installed")

// Register writes what r asks for and returns the files it wrote or changed.
// It may be repeated. It fails with ErrForeign rather than replace a file of
// somebody else's, and with errors.ErrUnsupported on systems it does not know.
func Register(r Registration) ([]string, error) { return register(r) }

// Unregister takes away what Register wrote, and nothing else, and returns the
// files it removed or changed.
func Unregister() ([]string, error) { return unregister() }
