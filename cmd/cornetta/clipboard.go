package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/dialer/number"
	"cornetta/ui/channel"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// copiedError is why what was copied or highlighted was not called at once.
type copiedError struct {
	number bool   // code is one of package number's, else of words' "copied"
	code   string // such as "empty"
}

func (e *copiedError) Error() string { return "cornetta: what was copied: " + e.code }

func (e *copiedError) sentence() string {
	if e.number {
		return words.NumberError(e.code).String()
	}
	return words.Problem("copied", e.code, "").String()
}

// The codes of a copiedError that is not about the number.
const (
	copiedConfirm     = "confirm" // it is a number to look at first
	copiedEmpty       = "empty"
	copiedTimeout     = "timeout"
	copiedTooLarge    = "too_large"
	copiedUnavailable = "unavailable"
	copiedWlPaste     = "wl-paste" // a program is missing
)

// readCopied reads the text in from and says what dialling it means. The Plan
// is as complete as it can be beside an error, too.
func readCopied(ctx context.Context, from string, s number.Settings) (number.Plan, error) {
	read := desktop.ReadClipboard
	if from == control.Selection {
		read = desktop.ReadSelection
	}
	text, err := read(ctx)
	if err != nil {
		return number.Plan{Source: number.Clipboard}, &copiedError{code: readCode(err)}
	}
	p := number.Parse(text, number.Clipboard, s)
	switch p.Outcome {
	case number.Dial:
		return p, nil
	case number.Confirm:
		return p, &copiedError{code: copiedConfirm}
	}
	return p, &copiedError{number: true, code: string(p.Error)}
}

func readCode(err error) string {
	switch {
	case errors.Is(err, desktop.ErrClipboardEmpty):
		return copiedEmpty
	case errors.Is(err, desktop.ErrClipboardTimeout):
		return copiedTimeout
	case errors.Is(err, desktop.ErrClipboardTooLarge):
		return copiedTooLarge
	case errors.Is(err, desktop.ErrNoClipboard) && strings.Contains(err.Error(), "wl-clipboard"):
		return copiedWlPaste
	}
	return copiedUnavailable
}

// copiedAlone is readCopied for a command line without an agent, which has no
// window to show a number in.
func copiedAlone(ctx context.Context, from string, s number.Settings) (number.Plan, error) {
	p, err := readCopied(ctx, from, s)
	var copied *copiedError
	switch {
	case errors.As(err, &copied) && copied.number:
		return p, exit(exitNotNumber, copied.sentence())
	case errors.As(err, &copied) && copied.code == copiedConfirm:
		return p, exit(exitFailed, "not called yet: it would dial "+p.Shown()+". If that is right: cornetta dial '"+p.Dial+"'")
	}
	return p, err
}

// maxShown is how many characters of a text that is no number are shown, to be
// corrected.
const maxShown = 256

// placeCopied calls what is in from. What cannot be called at once is shown in
// the dial window, with the reason.
func (a *agent) placeCopied(ctx context.Context, from string) (call.Snapshot, error) {
	go func() { // beside reading, so that it costs no time
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_ = a.dialer.Prepare(ctx)
	}()
	p, err := readCopied(ctx, from, a.numbers())
	var placed call.Snapshot
	if err == nil {
		placed, err = a.dialer.Dial(ctx, p)
	}
	if err != nil && ctx.Err() == nil {
		text := p.Dial
		if text == "" {
			text = channel.Plain(strings.ToValidUTF8(p.Input, "\ufffd"), maxShown)
		}
		a.showWindow(channel.Show{Window: channel.WindowDial, Text: text, Reason: sentence(err).msg})
	}
	return placed, err
}

// The names of the hotkeys are where their numbers come from.
var hotkeys = map[string]words.Label{
	control.Clipboard: words.LabelDialClipboard,
	control.Selection: words.LabelDialSelection,
}

// listen has the combinations of the settings dial, until ctx ends.
func (a *agent) listen(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	pressed := make(chan string)
	troubles := &keyTroubles{agent: a, wrong: map[string]error{}}
	keys := desktop.NewHotkeys(desktop.HotkeyOptions{
		OnPress: func(name string) {
			select {
			case pressed <- name:
			default: // the press before is still being worked on
			}
		},
		OnTrouble: troubles.change,
		Describe:  func(name string) string { return words.Text(hotkeys[name]) },
		Log:       a.log,
	})
	defer func() {
		if err := keys.Close(); err != nil {
			a.log.Warn("the hotkeys", slog.Any("err", err))
		}
	}()
	work.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case name := <-pressed:
				if _, err := a.placeCopied(ctx, name); err != nil {
					a.log.Info("a hotkey did not dial", slog.String("key", name), slog.Any("err", err))
				}
			}
		}
	})
	var set map[string]desktop.Combination
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.newKeys:
		}
		wanted, wrong := a.wantedKeys()
		if set != nil && maps.Equal(set, wanted) && len(wrong) == 0 {
			continue // some desktops ask the person each time
		}
		set = wanted
		maps.Copy(wrong, keys.Set(ctx, wanted))
		if ctx.Err() == nil {
			troubles.reset(wrong)
		}
	}
}

// settingOf is the combination in the settings for a name.
func (a *agent) settingOf(name string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if name == control.Selection {
		return a.cfg.Keys.Selection
	}
	return a.cfg.Keys.Clipboard
}

// wantedKeys are the combinations of the settings, and what is wrong with those
// that are none.
func (a *agent) wantedKeys() (wanted map[string]desktop.Combination, wrong map[string]error) {
	wanted, wrong = map[string]desktop.Combination{}, map[string]error{}
	for name := range hotkeys {
		c, err := desktop.ParseCombination(a.settingOf(name))
		if err != nil {
			wrong[name] = err
			continue
		}
		wanted[name] = c
	}
	return wanted, wrong
}

// keyTroubles tell the person, below the tray's tooltip and in the log, which
// keys do nothing and why.
type keyTroubles struct {
	agent *agent

	mu    sync.Mutex // guards wrong
	wrong map[string]error
}

func (k *keyTroubles) change(name string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil {
		delete(k.wrong, name)
	} else {
		k.wrong[name] = err
	}
	k.tellLocked()
}

func (k *keyTroubles) reset(wrong map[string]error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, err := range wrong {
		k.agent.log.Warn("a hotkey does not work", slog.String("key", name),
			slog.String("combination", k.agent.settingOf(name)), slog.Any("err", err))
	}
	k.wrong = wrong
	k.tellLocked()
}

func (k *keyTroubles) tellLocked() {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(k.wrong)) {
		lines = append(lines, words.KeysTrouble(k.agent.settingOf(name), keysCode(k.wrong[name]), "cornetta dial --"+name))
	}
	k.agent.tray.Hint(strings.Join(lines, "\n"))
}

// keysCode names what is wrong with a combination for words.
func keysCode(err error) string {
	for _, c := range []struct {
		err  error
		code string
	}{
		{desktop.ErrBadCombination, "bad"},
		{desktop.ErrHotkeyTaken, "taken"},
		{desktop.ErrHotkeyNoKey, "no_key"},
		{desktop.ErrHotkeyRefused, "refused"},
		{desktop.ErrNoGlobalShortcuts, "no_portal"},
		{errors.ErrUnsupported, "unsupported"},
	} {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	return "lost"
}
