package window

import (
	"time"
	"unsafe"

	"fyne.io/fyne/v2"
	"golang.org/x/sys/windows"
)

var getCursorPos = windows.NewLazySystemDLL("user32.dll").NewProc("GetCursorPos")

// watchInput returns what tells where the pointer is. A window comes up at once.
func watchInput() (idle func() time.Duration, pointer func() fyne.Position, end func()) {
	return nil, func() fyne.Position {
		var at struct{ x, y int32 }
		if ok, _, _ := getCursorPos.Call(uintptr(unsafe.Pointer(&at))); ok == 0 {
			return fyne.Position{}
		}
		return fyne.NewPos(float32(at.x), float32(at.y))
	}, func() {}
}
