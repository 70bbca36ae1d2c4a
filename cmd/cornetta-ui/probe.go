package main

import (
	"fmt"
	"os"
	"runtime"

	"github.com/go-gl/glfw/v3.4/glfw"

	"cornetta/internal/display"
	"cornetta/ui/channel"
)

// probe makes an OpenGL context as Fyne does for its windows (internal/driver/glfw,
// initWindowHints), which nobody sees, and says how it went. It returns the exit status.
func probe() (code int) {
	runtime.LockOSThread()
	defer func() { // GLFW's Go side panics with the errors that it does not expect
		if r := recover(); r != nil {
			fmt.Fprintln(os.Stderr, "cornetta-ui:", r)
			code = channel.ExitNoOpenGL
		}
		if code != 0 {
			fmt.Println(version)
		}
	}()
	if err := display.Usable(); err != nil {
		fmt.Fprintln(os.Stderr, "cornetta-ui:", err)
		return channel.ExitNoDisplay
	}
	if err := glfw.Init(); err != nil {
		fmt.Fprintln(os.Stderr, "cornetta-ui:", err)
		return channel.ExitNoOpenGL
	}
	defer glfw.Terminate()
	if runtime.GOARCH == "arm" || runtime.GOARCH == "arm64" && runtime.GOOS != "darwin" {
		glfw.WindowHint(glfw.ClientAPI, glfw.OpenGLESAPI)
		glfw.WindowHint(glfw.ContextVersionMajor, 2)
		glfw.WindowHint(glfw.ContextVersionMinor, 0)
	} else {
		glfw.WindowHint(glfw.ContextVersionMajor, 2)
		glfw.WindowHint(glfw.ContextVersionMinor, 1)
	}
	glfw.WindowHint(glfw.Visible, glfw.False)
	window, err := glfw.CreateWindow(16, 16, "", nil, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, "cornetta-ui:", err)
		return channel.ExitNoOpenGL
	}
	window.MakeContextCurrent()
	fmt.Printf("%s\tOpenGL %d.%d\n", version, window.GetAttrib(glfw.ContextVersionMajor), window.GetAttrib(glfw.ContextVersionMinor))
	return 0
}
