package agent

import (
	"context"
	"log/slog"
	"maps"
	"sync"

	"cornetta/dialer"
	"cornetta/dialer/control"
	"cornetta/dialer/status"
	"cornetta/internal/safelog"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// hotkeys are the keys that dial, each named after where its number comes from.
var hotkeys = map[string]words.Label{
	control.Clipboard: words.LabelDialClipboard,
	control.Selection: words.LabelDialSelection,
	control.Redial:    words.LabelDialRedial,
}

// runHotkeys registers the keys of the settings, again each time that these change,
// and dials when one is pressed, until ctx ends.
func (a *agent) runHotkeys(ctx context.Context) {
	pressed := make(chan string)
	keys := desktop.NewHotkeys(desktop.HotkeyOptions{
		OnPress: func(name string) {
			if a.capture.catch(name) {
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
				if _, err := a.placeCopied(ctx, control.Copied{From: name}, nil, nil); err != nil {
					a.Log.Info("a hotkey did not dial", slog.Any("key", safelog.Own(name)), slog.Any("err", dialer.ProblemOf(err, status.AttemptDial)))
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
		tried, watched := a.troubles.waiters()
		wanted, wrong := a.wantedKeys()
		if set != nil && maps.Equal(set, wanted) && len(wrong) == 0 {
			tried() // nothing to register: some desktops ask the person each time
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

// settingOf is the combination that the settings have for a hotkey.
func (a *agent) settingOf(name string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch name {
	case control.Selection:
		return a.cfg.Keys.Selection
	case control.Redial:
		return a.cfg.Keys.Redial
	}
	return a.cfg.Keys.Clipboard
}

// mayCopy is the setting copy_highlighted: whether the program may press Copy to read
// what is highlighted.
func (a *agent) mayCopy() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.cfg.Keys.CopyHighlighted
}

// wantedKeys are the combinations of the settings; wrong has the error for each that
// cannot be parsed.
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
	a.keysMayDiffer()
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// keysMayDiffer has runHotkeys compare the keys that it registered with the settings.
func (a *agent) keysMayDiffer() {
	select {
	case a.newKeys <- struct{}{}:
	default:
	}
}

// commandFor is the command for a hotkey. On desktops where a program gets no keys a
// person can bind it to one by hand.
func commandFor(name string) string { return "cornetta dial --" + name }

// keyCapture hands the presses of hotkeys to the window in which a person is choosing
// other keys, so that they do not dial.
type keyCapture struct {
	mu sync.Mutex  // guards to
	to chan string // capacity 1; nil: no window waits
}

// catch reports whether a window took the press.
func (c *keyCapture) catch(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.to == nil {
		return false
	}
	select {
	case c.to <- name:
	default: // the window has not looked at the press before
	}
	return true
}

// wait returns the hotkey that is pressed next, "" when ctx ends first. Of several
// that wait at once only the last to come gets it.
func (c *keyCapture) wait(ctx context.Context) string {
	to := make(chan string, 1)
	c.mu.Lock()
	c.to = to
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.to == to {
			c.to = nil
		}
	}()
	select {
	case name := <-to:
		return name
	case <-ctx.Done():
		return ""
	}
}
