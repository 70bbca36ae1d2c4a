package desktop

import "context"

// Opener is what a click on a link really starts.
type Opener struct {
	Program string // the path that would be run; "": nothing is chosen
	Name    string // as people know it
	By      string // what decides so: a file, or the system
	Ours    bool   // it is Cornetta
	Gone    bool   // Program is not there, or cannot be run
	Quoted  bool   // this desktop's xdg-open takes the quotes around Program for a part of its name
	Browser bool   // no program is chosen, and the web browser is tried
}

// WouldOpen resolves what a link of the scheme ("tel", "callto") starts, in the way
// that this desktop's opener does. It may run a program, opens nothing, and blocks until
// ctx ends at the latest. It is errors.ErrUnsupported on systems it does not know.
func WouldOpen(ctx context.Context, scheme string) (Opener, error) {
	o, err := wouldOpen(ctx, scheme)
	return o, onDisk(err)
}
