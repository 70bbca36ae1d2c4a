// Package assets holds Cornetta's own drawings: the application's mark and one
// tray icon for each state. It is data only: nothing here runs, allocates or
// fails, and every function is safe from any goroutine.
//
// The SVG files are what is edited; render.sh makes the PNG and ICO files from
// them. The tray icons differ in shape and not only in colour, carry their own
// background so that they read on light and dark panels alike, and are drawn
// on a grid of 22 pixels, the size most panels show. The test decodes all of
// them and holds the shapes apart with the colours taken away.
package assets

import _ "embed"

// AppIcon is the application's mark as a PNG of 256 × 256 pixels.
//
//go:embed icons/256.png
var AppIcon []byte

// AppIconSmall is the same at 64 × 64, the size notifications show.
//
//go:embed icons/64.png
var AppIconSmall []byte

// AppIconSVG is the drawing both come from.
//
//go:embed cornetta.svg
var AppIconSVG []byte

// State is what a tray icon tells.
type State uint8

const (
	NotSetUp State = iota
	Checking
	Ready
	Calling
	InCall
	Trouble
	Missed // calls were missed; else as Ready
	states // how many there are
)

// Tray returns the icon for s in the format the system's tray takes: ICO on
// Windows, PNG of 44 × 44 elsewhere. The caller must not change it. A state
// that does not exist gets the icon for trouble.
func Tray(s State) []byte {
	if s >= states {
		s = Trouble
	}
	return tray[s]
}
