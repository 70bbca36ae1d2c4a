//go:build linux

package window

import (
	"flag"
	"fmt"
	"image"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/desktoptest"
	"cornetta/ui/words"
)

var strayRounds = flag.Int("strays", 0, "rounds of TestStraysOnAScreen; 0: one of each of the quicker kinds")

// strays is a desktop on which a person is at work in a window of another program while
// links are opened by somebody else.
type strays struct {
	*screen
	agent  *fakeAgent
	letter *desktoptest.Window
	id     uint64
	call   image.Point // where Call is
}

// start starts xdotool, which types and clicks beside the test.
func (s *strays) start(args ...string) *exec.Cmd {
	s.t.Helper()
	cmd := s.Command("xdotool", args...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	return cmd
}

func (s *strays) end(cmd *exec.Cmd) {
	s.t.Helper()
	if err := cmd.Wait(); err != nil {
		s.t.Fatalf("xdotool: %v", err)
	}
}

// ask has a link asked about, as soon as nobody types.
func (s *strays) ask() {
	s.id++
	s.server.PushAsk(channel.Ask{Offer: status.Offer{ID: s.id, Shown: "0 0501234507", Reasons: []string{"link"}}})
}

func (s *strays) answers(yes bool) int { return s.agent.count(fmt.Sprintf("answer %d %v", s.id, yes)) }

// over sees to it that the question is answered, by Cancel where it is still open, and
// fails where it was answered by Call.
func (s *strays) over(attack string) {
	s.t.Helper()
	title := "^" + words.Text(words.TitleLink) + "$"
	s.Wait("an answer to the link, "+attack, func() bool {
		if w := s.FindWindow(title); w != nil && s.answers(true)+s.answers(false) == 0 {
			// It may lie below the other one, or be gone by now.
			_ = s.Command("xdotool", "windowactivate", strconv.Itoa(int(w.ID()))).Run()
			if w.Focused() {
				s.Key("Escape")
			}
		}
		return s.answers(true)+s.answers(false) > 0 && s.FindWindow(title) == nil
	})
	if n := s.answers(true); n != 0 {
		s.t.Errorf("%s: called", attack)
	}
	s.letter.Focus()
}

// asks waits until the question is on the screen.
func (s *strays) asks() *desktoptest.Window { return s.window(words.Text(words.TitleLink)) }

// TestStraysOnAScreen: keys and clicks that are meant for another window call nobody,
// whenever the link's window comes up between them, and who reads what it asks needs no
// second try.
func TestStraysOnAScreen(t *testing.T) {
	a := newFakeAgent()
	s := &strays{screen: newScreen(t, a), agent: a}
	s.push(status.Ready, nil, nil)
	other := s.Command("xmessage", "-title", "letter", "-buttons", "", "-geometry", "900x600+150+60", "writing a letter")
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = other.Wait() }) // the end of the test's context killed it
	s.letter = s.Window("letter")

	// Who reads, with the mouse and with the keyboard alone.
	s.ask()
	w := s.asks()
	s.call = w.Bounds().Max.Sub(image.Pt(80, 30))
	s.MoveTo(s.call.X, s.call.Y)
	s.Wait("Call to be live", func() bool { return callIsLive(s.Desktop, w) })
	s.ClickAt(s.call.X, s.call.Y, 1)
	s.Wait("the yes by the mouse", func() bool { return s.answers(true) == 1 })
	w.WaitGone()
	s.MoveTo(5, 5)
	for _, yes := range []string{"space", "Return"} {
		s.ask()
		w = s.asks()
		s.Wait("Call to be live", func() bool { return callIsLive(s.Desktop, w) })
		s.Key("Tab", yes)
		s.Wait("the yes by the keyboard", func() bool { return s.answers(true) == 1 })
		w.WaitGone()
	}
	s.letter.Focus()

	attacks := s.attacks()
	first := 0
	if *strayRounds > 0 { // so that several runs of fewer rounds are as good as one
		first = rand.IntN(len(attacks))
	}
	for n := range max(*strayRounds, len(attacks)) {
		attack := attacks[(first+n)%len(attacks)]
		if *strayRounds == 0 && attack.slow {
			continue
		}
		attack.do()
		s.over(attack.name)
		if *strayRounds > 0 {
			t.Logf("round %d: %s", n+1, attack.name)
		}
	}
	s.raises()
}

// address is what is typed into a form: with Tab and a blank in it.
const address = "Ferrari\tVia Roma 5"

type attack struct {
	name string
	slow bool
	do   func()
}

// attacks are what a person may be doing elsewhere, each with the question at some
// moment of it.
func (s *strays) attacks() []attack {
	var all []attack
	some := func(most time.Duration) time.Duration { return rand.N(most) }
	typing := func(text string, rate int, first bool) attack {
		between := time.Second / time.Duration(rate)
		return attack{fmt.Sprintf("%q at %d keys a second", text, rate), rate != 5 || !first || text != address, func() {
			typed := func() *exec.Cmd {
				return s.start("type", "--delay", strconv.Itoa(int(between.Milliseconds())), "--", text)
			}
			if first { // the link comes while somebody types
				cmd := typed()
				time.Sleep(some(3 * between)) // when it comes is the attack
				s.ask()
				s.end(cmd)
				return
			}
			s.ask() // somebody types when it has just come
			time.Sleep(some(800 * time.Millisecond))
			s.end(typed())
		}}
	}
	for _, rate := range []int{12, 5, 2} {
		for _, text := range []string{address, "ab\t \t \tc\r", "\t \t \t ", "\r\t\r\t "} {
			for _, first := range []bool{true, false} {
				all = append(all, typing(text, rate, first))
			}
		}
	}
	keys := func(first bool, delay int, names ...string) attack {
		return attack{strings.Join(names, " "), true, func() {
			cmd := s.start(append([]string{"key", "--delay", strconv.Itoa(delay), "--"}, names...)...)
			time.Sleep(some(time.Duration(3*delay) * time.Millisecond))
			s.ask()
			s.end(cmd)
		}}
	}
	for _, delay := range []int{80, 200, 500} {
		all = append(all, keys(true, delay, "shift+Tab", "space", "Right", "Return", "shift+Tab", "Down", "Return"))
	}
	clicks := func(n, every int) attack {
		return attack{fmt.Sprintf("a click every %d ms", every), every != 100, func() {
			s.MoveTo(s.call.X, s.call.Y)
			cmd := s.start("click", "--repeat", strconv.Itoa(n), "--delay", strconv.Itoa(every), "1")
			time.Sleep(some(time.Second))
			s.ask()
			s.end(cmd)
			s.MoveTo(5, 5)
		}}
	}
	// The same, later than the question: that waits for quietTime after the movement, and
	// where it is slow to come up the clicks come first.
	late := func(name string, n, every int, slow bool) attack {
		return attack{name, slow, func() {
			s.MoveTo(5, 5)
			s.letter.Focus()
			cmd := s.start("mousemove", strconv.Itoa(s.call.X), strconv.Itoa(s.call.Y),
				"sleep", fmt.Sprintf("%.2f", (quietTime+some(time.Second)).Seconds()),
				"click", "--repeat", strconv.Itoa(n), "--delay", strconv.Itoa(every), "1")
			s.Wait("the mouse to be where Call comes up", func() bool {
				where := s.Command("xdotool", "getmouselocation")
				where.Stdout = nil // not into a log
				out, err := where.Output()
				return err == nil && strings.Contains(string(out), fmt.Sprintf("x:%d y:%d ", s.call.X, s.call.Y))
			})
			s.ask()
			s.end(cmd)
			s.MoveTo(5, 5)
		}}
	}
	for _, every := range []int{50, 100, 150, 200, 250, 400} {
		n := 3000 / every
		if *strayRounds == 0 {
			n = 12
		}
		all = append(all, clicks(n, every), late(fmt.Sprintf("a click every %d ms, later", every), n, every, every != 100))
	}
	// A slow rhythm, and one of a hand that shakes a little.
	for _, every := range []int{2000, 3000, 4000} {
		all = append(all, late(fmt.Sprintf("a click every %d ms, later", every), 3, every, true))
	}
	for _, every := range []int{300, 900, 1700} {
		all = append(all, attack{fmt.Sprintf("a click every %d ms, each elsewhere by a little", every), true, func() {
			s.MoveTo(s.call.X, s.call.Y)
			var args []string
			for n := range 5 {
				by := strconv.Itoa(4 - 8*(n%2))
				args = append(args, "click", "1", "sleep", fmt.Sprintf("%.2f", float64(every)/1000), "mousemove_relative", "--", by, by)
			}
			cmd := s.start(args...)
			time.Sleep(some(time.Second))
			s.ask()
			s.end(cmd)
			s.MoveTo(5, 5)
		}})
	}
	all = append(all, attack{"the wheel, and then a click", true, func() {
		s.MoveTo(s.call.X, s.call.Y)
		cmd := s.start("click", "--repeat", "20", "--delay", "60", "5", "sleep", "1.5", "click", "1")
		time.Sleep(some(time.Second))
		s.ask()
		s.end(cmd)
		s.MoveTo(5, 5)
	}})
	// The question comes while somebody thinks of what to type next.
	for _, rate := range []int{12, 5, 2} {
		for _, text := range []string{"\t Via Roma", " 5\tRoma", "\tx\t \tc\r"} {
			all = append(all, attack{fmt.Sprintf("%q at %d keys a second, after a pause", text, rate), true, func() {
				s.end(s.start("type", "--delay", "80", "--", "Ferrari"))
				s.ask()
				time.Sleep(time.Second + some(2*time.Second)) // of thinking
				s.end(s.start("type", "--delay", strconv.Itoa(1000/rate), "--", text))
			}})
		}
	}
	held := func(key string) attack {
		return attack{key + " is held down", true, func() {
			s.end(s.start("keydown", key))
			s.ask()
			time.Sleep(some(2 * time.Second))
			s.end(s.start("keyup", key))
		}}
	}
	for _, key := range []string{"Return", "space", "Tab"} {
		all = append(all, held(key))
	}
	all = append(all, attack{"a button that was pressed before", true, func() {
		s.MoveTo(s.call.X, s.call.Y)
		s.end(s.start("mousedown", "1"))
		s.ask()
		s.asks()
		time.Sleep(longAfter + callAfter)
		s.end(s.start("mouseup", "1"))
		s.MoveTo(5, 5)
	}}, late("a double click", 2, 80, true))
	return all
}

// raises: an Enter that comes with the dial window dials nothing old, and one that
// comes after a moment does.
func (s *strays) raises() {
	s.t.Helper()
	a, title := s.agent, words.Text(words.LabelApp)
	dial := func(text string) *desktoptest.Window {
		s.server.Show(channel.Show{Window: channel.WindowDial, Text: text})
		return s.Window("^" + title + "$")
	}
	live := func(w *desktoptest.Window) {
		s.Wait("Call to be live", func() bool {
			return hasAccent(s.Desktop, image.Rectangle{
				w.Bounds().Min.Add(image.Pt(w.Bounds().Dx()-120, 0)), w.Bounds().Min.Add(image.Pt(w.Bounds().Dx(), 120)),
			})
		})
	}
	w := dial("7102")
	live(w)
	s.Key("Escape")
	w.WaitGone()
	s.letter.Focus()
	s.end(s.start("keydown", "Return"))
	dial("")
	time.Sleep(longAfter) // it repeats
	s.end(s.start("keyup", "Return"))
	s.Key("Escape")
	w.WaitGone()
	if n := a.count("dial 7102"); n != 0 {
		s.t.Fatalf("an Enter that is held down dials %d times", n)
	}
	s.letter.Focus()
	cmd := s.start("key", "--repeat", "6", "--delay", "70", "Return")
	dial("")
	s.end(cmd)
	if n := a.count("dial 7102"); n != 0 {
		s.t.Fatalf("Enter while the window comes up dials %d times", n)
	}
	live(w)
	s.Key("Escape")
	w.WaitGone()
	dial("")
	live(w)
	s.Key("Return")
	s.Wait("the call", func() bool { return a.count("dial 7102") == 1 })
	s.Key("Escape")
	w.WaitGone()

	// Half a yes goes with the window.
	dial("899123456")
	live(w)
	s.key("Return", "Escape")
	w.WaitGone()
	dial("")
	live(w)
	s.key("Return")
	if n := a.count("dial 899123456 as 899123456"); n != 0 {
		s.t.Errorf("one Enter dials %d times", n)
	}
	s.Wait("the second Enter", func() bool {
		s.key("Return") // not within repeatTime of the first
		return a.count("dial 899123456 as 899123456") == 1
	})
}

// hasAccent sees a button that can be pressed by its colour.
func hasAccent(d *desktoptest.Desktop, in image.Rectangle) bool { return accents(d, in) > 800 }

// accents counts what has the colour of what can be pressed, or was chosen.
func accents(d *desktoptest.Desktop, in image.Rectangle) int {
	img := d.Screen()
	n := 0
	for y := in.Min.Y; y < in.Max.Y; y++ {
		for x := in.Min.X; x < in.Max.X; x++ {
			if c := img.RGBAAt(x, y); int(c.B)-int(c.R) > 60 {
				n++
			}
		}
	}
	return n
}
