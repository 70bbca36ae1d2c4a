//go:build windows

package desktop

import (
	"context"
	"encoding/binary"
	"fmt"
	"runtime"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"cornetta/ui/words"
)

var (
	// The manifest has Windows take version 6 of it, which has this dialog.
	taskDialogIndirect = windows.NewLazySystemDLL("comctl32.dll").NewProc("TaskDialogIndirect")

	sendMessage         = user32.NewProc("SendMessageW")
	setWindowPos        = user32.NewProc("SetWindowPos")
	setForegroundWindow = user32.NewProc("SetForegroundWindow")
	getForegroundWindow = user32.NewProc("GetForegroundWindow")
)

// Of commctrl.h.
const (
	dialogMayBeClosed   = 0x8       // TDF_ALLOW_DIALOG_CANCELLATION
	dialogHasTimer      = 0x800     // TDF_CALLBACK_TIMER
	dialogFitsContent   = 0x1000000 // TDF_SIZE_TO_CONTENT
	dialogCreated       = 0         // TDN_CREATED
	dialogClicked       = 2         // TDN_BUTTON_CLICKED
	dialogTimer         = 4         // TDN_TIMER, five times a second
	dialogSetText       = 0x400 + 108
	dialogClick         = 0x400 + 102
	dialogEnable        = 0x400 + 111
	dialogContent       = 0 // TDE_CONTENT
	buttonCancel        = 2 // IDCANCEL, which Escape and the window's cross are, too
	firstAnswer         = 100
	informationIcon     = 0xFFFD // TD_INFORMATION_ICON
	stays, closes       = 1, 0   // S_FALSE, S_OK
	topmost             = ^uintptr(0)
	withoutMoveOrResize = 0x1 | 0x2
)

// Ask asks q in a dialog of Windows, and blocks until a person has answered it, it expires or
// ctx ends. It returns which of q.Answers was chosen, or Refused, which is all that is no such
// choice; the error is ErrNoAnswer or ErrNoQuestion. Cancel is what Enter presses; the buttons that say yes can be pressed after a wait in
// which no key and no button of the mouse was pressed, wherever it was.
func Ask(ctx context.Context, _ Options, q Question) (int, error) {
	if q.Quiet {
		return Refused, ErrNoQuestion // a dialog is in everybody's way
	}
	d := &dialog{ctx: ctx, q: q, until: time.Now().Add(q.Expire)}
	return d.show()
}

// dialog is one TaskDialog. Its fields belong to the thread that it is shown on.
type dialog struct {
	ctx    context.Context
	q      Question
	raise  <-chan struct{} // brings it to the front; nil: never
	until  time.Time       // zero: it stays
	window uintptr

	live    bool // a yes counts
	front   bool // it has the keyboard
	expired bool
	wait    time.Duration
	since   time.Time
}

// dialogs are those that are shown, by what their callback is called with: Windows gets no
// pointers of Go's.
var dialogs struct {
	mu   sync.Mutex // guards what follows
	last uintptr
	open map[uintptr]*dialog
}

var dialogCallback = sync.OnceValue(func() uintptr {
	return windows.NewCallback(func(window, what, w, _ uintptr, key uintptr) uintptr {
		dialogs.mu.Lock()
		d := dialogs.open[key]
		dialogs.mu.Unlock()
		if d == nil {
			return closes
		}
		return d.hear(window, what, w)
	})
})

// show shows the dialog and blocks until it is closed.
func (d *dialog) show() (int, error) {
	if err := taskDialogIndirect.Find(); err != nil {
		return Refused, fmt.Errorf("%w: %w", ErrNoQuestion, err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	dialogs.mu.Lock()
	if dialogs.open == nil {
		dialogs.open = map[uintptr]*dialog{}
	}
	dialogs.last++
	key := dialogs.last
	dialogs.open[key] = d
	dialogs.mu.Unlock()
	defer func() {
		dialogs.mu.Lock()
		defer dialogs.mu.Unlock()
		delete(dialogs.open, key)
	}()
	c := d.describe(key)
	var button int32
	result, _, _ := taskDialogIndirect.Call(uintptr(unsafe.Pointer(&c.bytes[0])), uintptr(unsafe.Pointer(&button)), 0, 0)
	runtime.KeepAlive(c)
	if int32(result) < 0 {
		return Refused, fmt.Errorf("%w: %w", ErrNoQuestion, syscall.Errno(result))
	}
	if err := d.ctx.Err(); err != nil {
		return Refused, err
	}
	if d.expired {
		return Refused, ErrNoAnswer
	}
	if i := int(button) - firstAnswer; i >= 0 && i < len(d.q.Answers) {
		return i, nil
	}
	return Refused, nil
}

// taskDialog is a TASKDIALOGCONFIG and what it points to.
type taskDialog struct {
	bytes []byte
	keep  []any
}

// The structures have no gaps (pshpack1.h), which Go's have.
func (d *dialog) describe(key uintptr) *taskDialog {
	c := &taskDialog{}
	buttons := &taskDialog{}
	n := 0
	button := func(id uint32, label string) {
		buttons.number(id)
		buttons.text(label)
		n++
	}
	for i, answer := range d.q.Answers {
		button(uint32(firstAnswer+i), answer)
	}
	button(buttonCancel, d.q.No)
	icon := uintptr(0)
	if len(d.q.Answers) == 0 {
		icon = informationIcon
	}
	c.number(0) // the size, below
	c.pointer(0)
	c.pointer(0)
	c.number(dialogMayBeClosed | dialogHasTimer | dialogFitsContent)
	c.number(0) // no buttons but ours
	c.text(words.Text(words.LabelApp))
	c.pointer(icon)
	c.text(d.q.Title)
	c.text(d.q.Body)
	c.number(uint32(n))
	c.pointer(uintptr(unsafe.Pointer(&buttons.bytes[0])))
	c.number(buttonCancel)
	c.number(0) // no choices beside the buttons
	c.pointer(0)
	c.number(0)
	for range 6 { // no box to tick, no footer
		c.pointer(0)
	}
	c.pointer(dialogCallback())
	c.pointer(key)
	c.number(0) // as wide as it likes
	binary.LittleEndian.PutUint32(c.bytes, uint32(len(c.bytes)))
	c.keep = append(c.keep, buttons)
	return c
}

func (c *taskDialog) number(n uint32) { c.bytes = binary.LittleEndian.AppendUint32(c.bytes, n) }

func (c *taskDialog) pointer(p uintptr) {
	if unsafe.Sizeof(p) == 4 {
		c.number(uint32(p))
		return
	}
	c.bytes = binary.LittleEndian.AppendUint64(c.bytes, uint64(p))
}

func (c *taskDialog) text(s string) {
	p := utf16Pointer(s)
	c.keep = append(c.keep, p)
	c.pointer(uintptr(unsafe.Pointer(p)))
}

// utf16Pointer is s up to a NUL, which no text of ours has.
func utf16Pointer(s string) *uint16 {
	p, err := windows.UTF16PtrFromString(s)
	if err != nil {
		return new(uint16)
	}
	return p
}

// hear is what the dialog tells; the return value says whether a click closes it.
func (d *dialog) hear(window, what, w uintptr) uintptr {
	switch what {
	case dialogCreated:
		d.window = window
		d.begin(d.q.Wait)
		pressed() // what was pressed before is not counted
		d.toFront()
		if d.q.Shown != nil {
			d.q.Shown()
		}
	case dialogTimer:
		d.look()
	case dialogClicked:
		if w >= firstAnswer && !d.live {
			return stays
		}
	}
	return closes
}

// toFront shows the dialog above all others. Windows decides whether it gets the keyboard.
func (d *dialog) toFront() {
	setWindowPos.Call(d.window, topmost, 0, 0, 0, 0, withoutMoveOrResize)
	setForegroundWindow.Call(d.window)
}

// begin begins the wait.
func (d *dialog) begin(wait time.Duration) {
	d.live, d.wait, d.since = false, wait, time.Now()
	d.enable(0)
}

func (d *dialog) enable(yes uintptr) {
	for i := range d.q.Answers {
		sendMessage.Call(d.window, dialogEnable, uintptr(firstAnswer+i), yes)
	}
}

// look is what is done from time to time.
func (d *dialog) look() {
	d.expired = !d.until.IsZero() && time.Now().After(d.until)
	if d.expired || d.ctx.Err() != nil {
		sendMessage.Call(d.window, dialogClick, buttonCancel, 0)
		return
	}
	select {
	case body := <-d.q.Changes:
		text := utf16Pointer(body)
		sendMessage.Call(d.window, dialogSetText, dialogContent, uintptr(unsafe.Pointer(text)))
		runtime.KeepAlive(text)
	case <-d.raise:
		d.toFront()
	default:
	}
	front, _, _ := getForegroundWindow.Call()
	some, foreign := pressed()
	switch {
	case some && !d.live, foreign && d.front:
		d.begin(d.q.LongWait)
	case front == d.window && !d.front && d.live: // it got the keyboard back
		d.begin(d.q.Wait)
	case !d.live && time.Since(d.since) >= d.wait:
		d.live = true
		d.enable(1)
	}
	d.front = front == d.window
}

// pressed reports whether any key or button of the mouse is down, or was since the last call;
// foreign is one that means nothing in a dialog: a letter, a digit or a sign.
func pressed() (some, foreign bool) {
	for key := uintptr(1); key < 255; key++ {
		state, _, _ := getAsyncKeyState.Call(key)
		if state&(keyIsDown|1) == 0 {
			continue
		}
		some = true
		foreign = foreign || key >= '0' && key <= 'Z' || key >= 0x60 && key <= 0x6F || key >= 0xBA && key <= 0xE2
	}
	return some, foreign
}

// informed is the dialog of Inform, where one is open.
var informed struct {
	mu     sync.Mutex // guards what follows
	open   bool
	text   chan string
	raised chan struct{}
}

// Inform shows a dialog with a title and a text, and returns once it is closed or ctx ends.
// Where it is open already it comes to the front with the new text, and Inform returns at once.
func Inform(ctx context.Context, _ Options, title, text string) error {
	i := &informed
	i.mu.Lock()
	if i.open {
		defer i.mu.Unlock()
		select {
		case <-i.text: // an older one
		default:
		}
		i.text <- text
		select {
		case i.raised <- struct{}{}:
		default:
		}
		return nil
	}
	i.open, i.text, i.raised = true, make(chan string, 1), make(chan struct{}, 1)
	d := &dialog{ctx: ctx, raise: i.raised, q: Question{
		Title: title, Body: text, No: words.Text(words.LabelDone), Changes: i.text,
	}}
	i.mu.Unlock()
	defer func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.open = false
	}()
	_, err := d.show()
	return err
}
