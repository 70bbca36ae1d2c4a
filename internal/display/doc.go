// Package display finds out whether there is a display to show windows on: the
// library that draws them panics where there is none. It has no goroutines; the whole
// is tried in cmd/cornetta, by programs that are started without one.
package display

import "errors"

// ErrNone says that there is no display, or that it takes no connection.
var ErrNone = errors.New("no display")
