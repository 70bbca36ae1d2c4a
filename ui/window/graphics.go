package window

import (
	"io"
	"log"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
)

// graphics finds out that there is no OpenGL for Fyne to draw with. Fyne returns no error
// of it: it writes into the log what GLFW said, and then ends the program with exit status
// 1, panics, or has a window that never comes up, as the case may be. So its log is read
// until the first window is on the screen.
type graphics struct {
	out  io.Writer
	none func() // ends the program

	works atomic.Bool // a window is on the screen
}

// unusable is how the log line or the panic begins, behind the time and Fyne's own words.
// In GLFW's names of errors (https://www.glfw.org/docs/3.4/group__errors.html) the first two
// are about OpenGL alone, the others also about windows and the clipboard: there the words
// behind them say which part of GLFW it was.
var unusable = regexp.MustCompile(`(^|\s)((API|Version)Unavailable: |(FormatUnavailable|PlatformError): (GLX|EGL|WGL|OSMesa|NSGL): )|failed to initialise OpenGL`)

// watchGraphics calls none, which must end the program, where the log says that there is no
// OpenGL.
func watchGraphics(none func()) *graphics {
	g := &graphics{out: os.Stderr, none: none}
	log.SetOutput(g)
	return g
}

// Write implements io.Writer, for package log.
func (g *graphics) Write(line []byte) (int, error) {
	n, err := g.out.Write(line)
	if !g.works.Load() && unusable.Match(line) {
		g.none()
	}
	return n, err
}

// recovered is called, deferred, with what recover returned: GLFW's Go side panics with
// the errors that it does not expect.
func (g *graphics) recovered(r any) {
	if err, ok := r.(error); ok && !g.works.Load() && unusable.MatchString(err.Error()) {
		_, _ = io.WriteString(g.out, strings.TrimSpace(err.Error())+"\n")
		g.none()
	}
	if r != nil {
		panic(r)
	}
}
