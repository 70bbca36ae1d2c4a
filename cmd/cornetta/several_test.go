//go:build linux

package main

import (
	"bytes"
	"image"
	"image/color"
	"io"
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/ui/desktoptest"
)

// signature is what people copy from the end of a letter: three numbers, one of
// them to be asked about first, among other lines.
const signature = "Ada Lovelace\r\nTel. 050 123402, fax (050) 123403\r\nservice: 899 123402\n"

// TestHotkeySeveralNumbers: the dial window lists them, the keyboard picks one,
// and it is dialled as any other.
func TestHotkeySeveralNumbers(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	s.agent()
	s.tray("Ready")
	s.waitGrabbed()
	s.Copy(signature)
	s.Key("ctrl+alt+g")
	w := s.Window("^Cornetta$")
	s.Wait("the dial window to have the focus", w.Focused)
	s.drawn(w)
	s.look("1-several")
	s.Key("Down", "Down")
	picked := func() bool {
		b := w.Bounds()
		return s.lit(image.Rect(b.Max.X-125, b.Min.Y+5, b.Max.X-10, b.Min.Y+120))
	}
	s.until("one to be picked", func() { s.Key("Return") }, picked)
	s.entry("0050123403")
	if n := originated(pbx); n != "" {
		t.Fatalf("picking dialled %s", n)
	}
	s.Copy(signature) // entry copied its own text over it
	s.Key("ctrl+alt+g")
	s.look("2-again")
	s.Key("Down")
	s.until("another to be picked", func() { s.Key("Return") }, picked)
	s.entry("0899123402")
	s.look("3-picked")
	s.callLive(w)
	s.Key("Return")
	s.look("4-asked")
	if n := originated(pbx); n != "" {
		t.Fatalf("a premium number was dialled unasked: %s", n)
	}
	s.until("the call", func() { s.Key("Return") }, func() bool { return originated(pbx) != "" })
	if n := originated(pbx); n != "0899123402" {
		t.Errorf("dialled %s", n)
	}

	// A text that is pasted is offered, too.
	s.told("Ended")
	s.Copy(strings.ReplaceAll(signature, "\r\n", " "))
	s.Key("ctrl+a", "ctrl+v")
	s.look("5-pasted")
	s.Key("Down", "Return")
	s.entry("0050123402")
	s.Key("Return")
	s.Wait("the second call", func() bool { return originated(pbx) == "0899123402 0050123402" })
}

// drawn waits until there is more in a window than its background.
func (s *seat) drawn(w *desktoptest.Window) {
	s.t.Helper()
	in := w.Bounds().Inset(4)
	s.Wait(w.String()+" to be drawn", func() bool {
		img, colours := s.Part(in), map[color.RGBA]bool{}
		for y := in.Min.Y; y < in.Max.Y; y += 3 {
			for x := in.Min.X; x < in.Max.X; x++ {
				colours[img.RGBAAt(x, y)] = true
			}
		}
		return len(colours) > 8
	})
}

// atTerminal runs a command of the command line at a terminal, with answer typed
// when question is on it.
func (s *seat) atTerminal(question, answer string, args ...string) (screen string, code int) {
	s.t.Helper()
	command := s.cornetta(args...)
	cmd := s.Command("script", "-qefc", "'"+strings.Join(command.Args, "' '")+"'", "/dev/null")
	in, err := cmd.StdinPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	cmd.Stdout = nil
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	var seen bytes.Buffer
	buf := make([]byte, 1024)
	for answered := false; ; {
		n, err := out.Read(buf)
		seen.Write(buf[:n])
		if !answered && strings.Contains(seen.String(), question) {
			answered = true
			_, _ = io.WriteString(in, answer+"\n")
		}
		if err != nil {
			break
		}
	}
	_ = cmd.Wait()
	return seen.String(), cmd.ProcessState.ExitCode()
}

// TestDialSeveralCopied is the command line, by itself and through the agent.
func TestDialSeveralCopied(t *testing.T) {
	pbx := startPBX(t)
	s := newSeat(t)
	s.must(pbxsim.Secret, accountFlags(pbx.Addr(), "7101")...)
	want := ""
	for _, through := range []string{"alone", "agent"} {
		t.Run(through, func(t *testing.T) {
			if through == "agent" {
				s.agent()
				s.tray("Ready")
			}
			s.Copy(signature)
			for _, args := range [][]string{{"--clipboard"}, {"--clipboard", "--yes"}, {"--", signature}} {
				_, errs, code := s.run("", append([]string{"dial"}, args...)...)
				if code != exitNotNumber || !strings.Contains(errs, "0 050 123402, 0 899 123 402, 0 050 123403") {
					t.Errorf("dial %q: exit status %d: %s", args, code, errs)
				}
				if through == "agent" && args[0] == "--clipboard" {
					w := s.Window("^Cornetta$") // whoever pressed a key that runs this sees the list
					s.Wait("the list to have the focus", w.Focused)
					s.Key("Escape")
					w.WaitGone()
				}
			}
			for _, answer := range []string{"", "0", "4", "y", "0050123402"} {
				if screen, code := s.atTerminal("[1-3]", answer, "dial", "--clipboard"); code != exitNotNumber {
					t.Errorf("answer %q: exit status %d: %s", answer, code, screen)
				}
			}
			if n := originated(pbx); n != strings.TrimSpace(want) {
				t.Fatalf("dialled %s", n)
			}
			for answer, args := range map[string][]string{
				"3": {"dial", "--no-wait", "--clipboard"},
				"2": {"dial", "--no-wait", "--", signature},
			} {
				screen, code := s.atTerminal("[1-3]", answer, args...)
				if code != exitOK || !strings.Contains(screen, "premium number") {
					t.Errorf("%q: exit status %d: %s", args, code, screen)
				}
				want += map[string]string{"3": "0050123403 ", "2": "0899123402 "}[answer]
				if n := originated(pbx); n != strings.TrimSpace(want) {
					t.Errorf("%q: dialled %q, want %q", args, n, want)
				}
				s.Wait("the PBX to be idle", func() bool { return pbx.Calls() == 0 })
				s.Wait("the agent to know", func() bool { c := s.status().Call; return c == nil || !c.Live() })
			}
			if through == "agent" && len(s.Windows()) > 0 {
				t.Errorf("windows beside the terminal: %q", s.Titles())
			}
		})
	}
}
