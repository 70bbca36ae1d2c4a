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
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/number"
	"cornetta/ui/channel"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// copiedError is why what was copied or highlighted could not be read.
type copiedError struct{ code string }

func (e *copiedError) Error() string { return "cornetta: what was copied: " + e.code }

func (e *copiedError) sentence() string { return words.Problem("copied", e.code, "").String() }

const (
	copiedEmpty       = "empty"
	copiedTimeout     = "timeout"
	copiedTooLarge    = "too_large"
	copiedUnavailable = "unavailable"
	copiedWlPaste     = "wl-paste" // a program is missing
)

// planCopied reads the text in from and says what dialling it means under the
// account, as plan does for what was typed. The Plan is as complete as it can be
// beside an error, too. Consent to what was copied a moment ago is none to what
// was copied since.
func planCopied(ctx context.Context, from, consent string, a config.Account) (number.Plan, error) {
	read := desktop.ReadClipboard
	if from == control.Selection {
		read = desktop.ReadSelection
	}
	text, err := read(ctx)
	if err != nil {
		return number.Plan{Source: number.Clipboard}, &copiedError{readCode(err)}
	}
	return planOf(text, number.Clipboard, consent, numbersOf(a))
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

// maxShown is how many characters of a text that is no number are shown, to be
// corrected.
const maxShown = 256

// placeCopied calls what c says. What cannot be called is shown in the dial
// window, with the reason; so is what a person has to agree to or to pick, unless
// the caller sees to that.
func (a *agent) placeCopied(ctx context.Context, c control.Copied) (call.Snapshot, error) {
	go func() { // beside reading, so that it costs no time
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_ = a.dialer.Prepare(ctx)
	}()
	p, err := planCopied(ctx, c.From, c.Consent, a.account())
	var placed call.Snapshot
	if err == nil {
		placed, err = a.dialer.Dial(ctx, p)
	}
	var ask *confirmError
	var several *severalError
	show := channel.Show{Window: channel.WindowDial, Text: p.Dial}
	switch {
	case err == nil || ctx.Err() != nil:
		return placed, err
	case errors.As(err, &ask):
		if c.Asks {
			return placed, err
		}
		show.Reason = words.NumberReasons(ask.reasons)
	case errors.As(err, &several):
		if c.Picks {
			return placed, err
		}
		show.Choices = offered(several.choices)
	default:
		show.Reason = sentence(err).msg
	}
	if p.Dial == "" {
		show.Text = channel.Plain(strings.ToValidUTF8(p.Input, "\ufffd"), maxShown)
	}
	a.showWindow(show)
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
				if _, err := a.placeCopied(ctx, control.Copied{From: name}); err != nil {
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
