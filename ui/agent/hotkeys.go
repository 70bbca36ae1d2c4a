package agent

import (
	"context"
	"log/slog"
	"maps"
	"sync"

	"cornetta/dialer/control"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// The names of the hotkeys are where their numbers come from.
var hotkeys = map[string]words.Label{
	control.Clipboard: words.LabelDialClipboard,
	control.Selection: words.LabelDialSelection,
}

// listen has the combinations of the settings dial, until ctx ends.
func (a *agent) listen(ctx context.Context) {
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
	a.tasks.Go(func(ctx context.Context) {
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

// commandFor is what a key can be bound to where programs get none.
func commandFor(name string) string { return "cornetta dial --" + name }

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
