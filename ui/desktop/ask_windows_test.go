//go:build windows

package desktop

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"

	"cornetta/ui/words"
)

var (
	findWindow      = user32.NewProc("FindWindowW")
	enumChildren    = user32.NewProc("EnumChildWindows")
	getWindowText   = user32.NewProc("GetWindowTextW")
	getClassName    = user32.NewProc("GetClassNameW")
	isWindowEnabled = user32.NewProc("IsWindowEnabled")
	postMessage     = user32.NewProc("PostMessageW")
)

// seen is what stands in a dialog: the texts, and the buttons with whether they can be pressed.
type seen struct {
	window  uintptr
	texts   []string
	buttons []string
	live    []bool
}

var seeChild = windows.NewCallback(func(child uintptr, to *seen) uintptr {
	text := func(proc *windows.LazyProc) string {
		buf := make([]uint16, 2048)
		proc.Call(child, uintptr(unsafe.Pointer(&buf[0])), uintptr(len(buf)))
		return windows.UTF16ToString(buf)
	}
	switch said := text(getWindowText); {
	case said == "":
	case strings.EqualFold(text(getClassName), "Button"):
		live, _, _ := isWindowEnabled.Call(child)
		to.buttons, to.live = append(to.buttons, said), append(to.live, live != 0)
	default:
		to.texts = append(to.texts, said)
	}
	return 1
})

// see returns what stands in the dialog that is open, nil for none.
func see() *seen {
	title := utf16Pointer(words.Text(words.LabelApp))
	class := utf16Pointer("#32770")
	s := &seen{}
	s.window, _, _ = findWindow.Call(uintptr(unsafe.Pointer(class)), uintptr(unsafe.Pointer(title)))
	if s.window == 0 {
		return nil
	}
	enumChildren.Call(s.window, seeChild, uintptr(unsafe.Pointer(s)))
	return s
}

// await waits for a dialog for which ok holds.
func await(t *testing.T, what string, ok func(*seen) bool) *seen {
	t.Helper()
	var last *seen
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if last = see(); last != nil && ok(last) {
			return last
		}
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s; there is %+v", what, last)
		}
	}
}

func (s *seen) says(text string) bool {
	return slices.ContainsFunc(s.texts, func(t string) bool { return strings.Contains(t, text) })
}

// press presses a button in the way that the dialog itself does, live or not.
func (s *seen) press(id uintptr) { postMessage.Call(s.window, dialogClick, id, 0) }

// TestAskDialog: what the dialog says, and the answer that each thing is which may become of it.
func TestAskDialog(t *testing.T) {
	const wait = 700 * time.Millisecond
	ready := func(s *seen) bool { return s.live[0] }
	one := func(id uintptr) func(*testing.T, context.CancelFunc, chan string) {
		return func(t *testing.T, _ context.CancelFunc, _ chan string) {
			await(t, "the wait to end", ready).press(id)
		}
	}
	for _, tc := range []struct {
		name    string
		answers []string
		wait    time.Duration
		expire  time.Duration
		do      func(t *testing.T, end context.CancelFunc, changes chan string)
		want    int
		err     error
	}{
		{name: "yes", do: one(firstAnswer)},
		{name: "the third of five", answers: []string{"Call 1", "Call 2", "Call 3", "Call 4", "Call 5"}, do: one(firstAnswer + 2), want: 2},
		{name: "no", do: one(buttonCancel), want: Refused},
		{name: "too early", wait: wait, do: func(t *testing.T, end context.CancelFunc, _ chan string) {
			s := await(t, "the dialog", func(*seen) bool { return true })
			if slices.Contains(s.live[:len(s.live)-1], true) || !s.live[len(s.live)-1] {
				t.Errorf("at first %q are live: %v", s.buttons, s.live)
			}
			s.press(firstAnswer)
			await(t, "the wait to end", ready).press(buttonCancel)
		}, want: Refused},
		{name: "closed", do: func(t *testing.T, _ context.CancelFunc, _ chan string) {
			const wmClose = 0x10
			postMessage.Call(await(t, "the dialog", ready).window, wmClose, 0, 0)
		}, want: Refused},
		{name: "nobody answers", expire: time.Second, do: func(*testing.T, context.CancelFunc, chan string) {}, want: Refused, err: ErrNoAnswer},
		{name: "Cornetta ends", do: func(t *testing.T, end context.CancelFunc, _ chan string) {
			await(t, "the dialog", ready)
			end()
		}, want: Refused, err: context.Canceled},
		{name: "another body", do: func(t *testing.T, _ context.CancelFunc, changes chan string) {
			await(t, "the dialog", ready)
			changes <- "1 more link"
			s := await(t, "the other body", func(s *seen) bool { return s.says("1 more link") })
			if !s.live[0] || s.says("0 050 123") {
				t.Errorf("after it was changed: %+v", s)
			}
			s.press(firstAnswer)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			ctx, end := context.WithCancel(t.Context())
			defer end()
			q := Question{
				Title: "Call this number?", Body: "0 050 123 & more", Answers: tc.answers, No: "Cancel", Wait: tc.wait, LongWait: tc.wait,
				Expire: time.Hour, Changes: make(chan string, 1),
			}
			if q.Answers == nil {
				q.Answers = []string{"Call 0050123"}
			}
			if tc.expire != 0 {
				q.Expire = tc.expire
			}
			changes := make(chan string, 1)
			q.Changes = changes
			shown, over := make(chan struct{}), make(chan struct{})
			q.Shown = func() { close(shown) }
			var got int
			var err error
			go func() {
				defer close(over)
				got, err = Ask(ctx, Options{}, q)
			}()
			select {
			case <-shown:
			case <-over:
				t.Fatalf("not shown: %d, %v", got, err)
			}
			if tc.expire == 0 {
				s := await(t, "the dialog", func(s *seen) bool { return len(s.buttons) > len(q.Answers) })
				if !slices.Equal(s.buttons, append(slices.Clone(q.Answers), "Cancel")) || !s.says(q.Title) || !s.says("0 050 123 & more") {
					t.Errorf("it has %+v", s)
				}
			}
			tc.do(t, end, changes)
			<-over
			if got != tc.want || !errors.Is(err, tc.err) {
				t.Errorf("the answer is %d, %v; want %d, %v", got, err, tc.want, tc.err)
			}
		})
	}
	if _, err := Ask(t.Context(), Options{}, Question{Quiet: true}); !errors.Is(err, ErrNoQuestion) {
		t.Errorf("a question that may wait: %v", err)
	}
}

// TestInformDialog: one dialog tells, with the newest text.
func TestInformDialog(t *testing.T) {
	over := make(chan error, 1)
	go func() { over <- Inform(t.Context(), Options{}, "There are no windows", "All else works.") }()
	await(t, "the dialog", func(s *seen) bool { return s.says("There are no windows") && s.says("All else works.") })
	if err := Inform(t.Context(), Options{}, "There are no windows", "Install a driver."); err != nil {
		t.Error(err)
	}
	s := await(t, "the newer text", func(s *seen) bool { return s.says("Install a driver.") })
	s.press(buttonCancel)
	if err := <-over; err != nil {
		t.Error(err)
	}
}
