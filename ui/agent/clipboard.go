package agent

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// errCopiedSince says that something else is on the clipboard than was shown.
var errCopiedSince = &consent.CopiedError{Code: consent.CopiedSince}

// shownText is a text of somebody else's as it is put into a field, to be corrected.
func shownText(text string) string { return clean.Text(text, clean.Detail) }

// placeCopied calls what c says. What cannot be called is shown in the dial
// window, with the reason; so is what a person has to agree to or to pick, unless
// the caller sees to that. said is what somebody was told that this would dial,
// "" where they were told nothing: nothing else is dialled then.
func (a *agent) placeCopied(ctx context.Context, c control.Copied, said string) (call.Snapshot, error) {
	go func() { // beside reading, so that it costs no time
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_ = a.dialer.Prepare(ctx)
	}()
	r := a.rules() // of now, not of when the text was read
	p, err := consent.PlanCopied(ctx, c.From, c.Consent, a.mayCopy(), r.numbers)
	if err == nil && said != "" && p.Dial != said {
		err = errCopiedSince
	}
	var placed call.Snapshot
	if err == nil {
		placed, err = a.dialer.DialIn(ctx, r.epoch, p)
	}
	var ask *consent.ConfirmError
	var several *consent.SeveralError
	show := channel.Show{Window: channel.WindowDial, Text: p.Dial}
	switch {
	case err == nil || ctx.Err() != nil:
		return placed, err
	case errors.As(err, &ask):
		if c.Asks {
			return placed, err
		}
		show.Reason = words.NumberReasons(ask.Reasons)
	case errors.As(err, &several):
		if c.Picks {
			return placed, err
		}
		show.Choices = offered(several.Choices)
	default:
		show.Reason = Sentence(err)
	}
	if p.Dial == "" {
		show.Text = shownText(p.Input)
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
	keys := desktop.NewHotkeys(desktop.HotkeyOptions{
		OnPress: func(name string) {
			if a.diverted.take(name) {
				return
			}
			select {
			case pressed <- name:
			default: // the press before is still being worked on
			}
		},
		OnTrouble: a.troubles.change,
		Describe:  func(name string) string { return words.Text(hotkeys[name]) },
		Log:       a.Log,
	})
	defer func() {
		if err := keys.Close(); err != nil {
			a.Log.Warn("the hotkeys", slog.Any("err", err))
		}
	}()
	work.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case name := <-pressed:
				if _, err := a.placeCopied(ctx, control.Copied{From: name}, ""); err != nil {
					a.Log.Info("a hotkey did not dial", slog.String("key", name), slog.Any("err", err))
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
		tried, watched := a.troubles.awaited()
		wanted, wrong := a.wantedKeys()
		if set != nil && maps.Equal(set, wanted) && len(wrong) == 0 {
			tried() // some desktops ask the person each time
			continue
		}
		set = wanted
		maps.Copy(wrong, keys.Set(ctx, wanted))
		if ctx.Err() == nil {
			a.troubles.reset(wrong, watched)
		}
		tried()
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

func (a *agent) mayCopy() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cfg.Keys.CopyHighlighted
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

// keyTroubles tell the person which keys do nothing and why: below the tray's
// tooltip and in the log, and once as news.
type keyTroubles struct {
	agent *agent

	mu      sync.Mutex // guards what follows
	news    keyNews
	wrong   map[string]error
	waiting []chan struct{} // closed when the keys of the settings were tried
}

// wait returns what is closed when the keys that the settings hold now were
// tried.
func (k *keyTroubles) wait() <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	done := make(chan struct{})
	k.waiting = append(k.waiting, done)
	return done
}

// awaited is called before the settings are looked at, what it returns when they
// were tried. watched: somebody waits to see what comes of it.
func (k *keyTroubles) awaited() (tried func(), watched bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	waiting := k.waiting
	k.waiting = nil
	return func() {
		for _, done := range waiting {
			close(done)
		}
	}, len(waiting) > 0
}

// keysTried blocks until the keys of the settings are in force or were refused,
// or ctx ends.
func (a *agent) keysTried(ctx context.Context) {
	done := a.troubles.wait()
	a.tellKeys()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// tellKeys says that there may be other keys in the settings.
func (a *agent) tellKeys() {
	select {
	case a.newKeys <- struct{}{}:
	default:
	}
}

// diversion takes the presses of keys for a window in which others are chosen.
type diversion struct {
	mu sync.Mutex  // guards to
	to chan string // capacity 1; nil: the presses dial
}

// take reports whether a press was for a window.
func (d *diversion) take(name string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.to == nil {
		return false
	}
	select {
	case d.to <- name:
	default: // the one before is not looked at yet
	}
	return true
}

// await returns the name of the next press, "" when ctx ends first. The newest
// of several gets it.
func (d *diversion) await(ctx context.Context) string {
	to := make(chan string, 1)
	d.mu.Lock()
	d.to = to
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.to == to {
			d.to = nil
		}
	}()
	select {
	case name := <-to:
		return name
	case <-ctx.Done():
		return ""
	}
}

// commandFor is what a key can be bound to where programs get none.
func commandFor(name string) string { return "cornetta dial --" + name }

func (k *keyTroubles) change(name string, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil {
		delete(k.wrong, name)
	} else {
		k.wrong[name] = err
	}
	k.tellLocked(false)
}

// reset puts wrong in the place of what was known. watched: somebody sees it.
func (k *keyTroubles) reset(wrong map[string]error, watched bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, err := range wrong {
		k.agent.Log.Warn("a hotkey does not work", slog.String("key", name),
			slog.String("combination", k.agent.settingOf(name)), slog.Any("err", err))
	}
	k.wrong = wrong
	k.tellLocked(watched)
}

func (k *keyTroubles) tellLocked(watched bool) {
	var lines, fresh []string
	for _, name := range slices.Sorted(maps.Keys(k.wrong)) {
		keys, code := k.agent.settingOf(name), keysCode(k.wrong[name])
		line := words.KeysTrouble(keys, code, commandFor(name)).String()
		lines = append(lines, line)
		if k.news.fresh(name, keys, code) {
			fresh = append(fresh, line)
		}
	}
	k.agent.tray.Hint(strings.Join(lines, "\n"))
	if k.news.open != strings.Join(lines, "\n") {
		k.news.open = "" // it is another, or none any more
	}
	switch {
	case len(fresh) == 0:
	case watched:
		k.news.save()
	default:
		k.news.open = strings.Join(fresh, "\n")
		if k.agent.notices.show("keys", words.KeysNews(k.news.open)) {
			k.news.save()
		}
	}
}

// unsaid is what the dial window has yet to say about keys; it says it now.
func (k *keyTroubles) unsaid() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	open := k.news.open
	if k.news.open = ""; open != "" {
		k.news.save()
	}
	return open
}

// keysCode names what is wrong with a combination for words.
func keysCode(err error) string {
	for _, c := range []struct {
		err  error
		code string
	}{
		{desktop.ErrBadCombination, channel.KeysBad},
		{desktop.ErrHotkeyTaken, channel.KeysTaken},
		{desktop.ErrHotkeyNoKey, channel.KeysNoKey},
		{desktop.ErrHotkeyRefused, channel.KeysRefused},
		{desktop.ErrNoGlobalShortcuts, channel.KeysNoPortal},
		{errors.ErrUnsupported, channel.KeysUnsupported},
	} {
		if errors.Is(err, c.err) {
			return c.code
		}
	}
	return channel.KeysLost
}
