// Package window draws Cornetta's windows with Fyne: the number entry with the
// call that goes on and the recent calls (dial.go, callview.go, recent.go), the
// question whether a link may call (confirm.go), the first-run assistant
// (assistant.go) and the settings (settings.go). The last two share the
// account's form (form.go, field.go) and its check (check.go). Whatever is picked
// from a list is picked from a picker (picker.go); tabs.go makes tabs for the keyboard;
// app.go has what all windows share, keys.go and look.go how they are handled
// and how they look, guard.go which press agrees to something, rest.go what they do when
// nothing happens.
//
// It runs in a program of its own, cornetta-ui, which the agent starts when
// the first window is wanted. It starts hidden, shows what the agent asks for,
// stays warm for a minute after the last window is hidden and then exits. It
// keeps nothing: what it shows comes as snapshots and answers over
// ui/channel, what is typed goes back the same way, and a secret is handed
// over once and forgotten. When the channel ends the program ends, so that no
// window is left that looks alive.
//
// Concurrency: widgets are only touched on Fyne's own goroutine. What the
// channel delivers is handed over with Env.Do (fyne.Do); what may take time is
// asked for by App.ask, which runs it on a goroutine that App.Close waits for
// and brings its result back with Env.Do. Snapshots are merged, so that a slow
// screen draws the newest and skips the rest.
//
// Whatever came from the PBX (names, hints, certificates, details) is shown in
// plain labels after words.Clean. All sentences are made by
// ui/words.
//
// Everything works with the keyboard: Tab goes through the fields, Enter is
// the window's main button, Esc hides it.
//
// Tests run on Fyne's test driver with a fake agent and a queue in place of
// Fyne's loop. The tests named OnAScreen start the real program on a desktop of
// ui/desktoptest, press its keys and leave screenshots. Both programs together,
// against a real PBX, are tested in cmd/cornetta.
package window
