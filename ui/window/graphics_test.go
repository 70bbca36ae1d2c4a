package window

import (
	"bytes"
	"errors"
	"log"
	"testing"
)

// TestGraphics: what Fyne and GLFW say where there is no OpenGL is told from what else they
// say, and after the first window nothing of it ends the program any more.
func TestGraphics(t *testing.T) {
	t.Cleanup(func() { log.SetOutput(t.Output()) })
	for said, want := range map[string]bool{
		"  Cause: APIUnavailable: GLX: GLX extension not found":                                           true,
		"  Cause: APIUnavailable: WGL: The driver does not appear to support OpenGL":                      true,
		"  Cause: VersionUnavailable: Requested OpenGL version 2.1, got version 1.1":                      true,
		"  Cause: FormatUnavailable: WGL: Failed to find a suitable pixel format":                         true,
		"PlatformError: GLX: Failed to create context: GLXBadFBConfig":                                    true,
		"PlatformError: EGL: Failed to create window surface: the arguments are inconsistent":             true,
		"Fyne error:  failed to initialise OpenGL":                                                        true,
		"  Cause: FormatUnavailable: X11: Failed to convert selection to string":                          false,
		"PlatformError: X11: Failed to write to clipboard manager: no GLX: there":                         false,
		"PlatformError: Wayland: Failed to create a cursor":                                               false,
		"Fyne error:  window creation error":                                                              false,
		"  Cause: exec: \"dbus-launch\": executable file not found in $PATH: APIUnavailable is not meant": false,
		"panic: runtime error: invalid memory address or nil pointer dereference":                         false,
	} {
		none := 0
		g := watchGraphics(func() { none++ })
		var out bytes.Buffer
		g.out = &out
		log.Println(said)
		if got := none > 0; got != want {
			t.Errorf("%q: no OpenGL: %v", said, got)
		}
		if !bytes.HasSuffix(out.Bytes(), []byte(said+"\n")) {
			t.Errorf("%q went into the log as %q", said, out.String())
		}
		none = 0
		g.works.Store(true)
		log.Println(said)
		if none > 0 {
			t.Errorf("%q ended the program although there was a window", said)
		}
	}
}

// TestGraphicsPanic: GLFW's panic is recognised, another goes on.
func TestGraphicsPanic(t *testing.T) {
	t.Cleanup(func() { log.SetOutput(t.Output()) })
	for said, want := range map[string]bool{
		"FormatUnavailable: GLX: Failed to find a suitable GLXFBConfig": true,
		"OutOfMemory: X11": false,
	} {
		none, went := false, false
		g := watchGraphics(func() { none = true })
		g.out = &bytes.Buffer{}
		func() {
			defer func() { went = recover() != nil }()
			defer func() { g.recovered(recover()) }()
			panic(errors.New(said))
		}()
		if none != want || !went { // here none does not end the program
			t.Errorf("%q: no OpenGL: %v, went on: %v", said, none, went)
		}
	}
}
