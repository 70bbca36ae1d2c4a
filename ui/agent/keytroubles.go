package agent

import (
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"

	"cornetta/dialer"
	"cornetta/dialer/status"
	"cornetta/internal/safelog"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// keyTroubles are the hotkeys that do nothing, and why. The person is told below the
// tray's tooltip as long as it is so, and once as news; the log has it, too.
type keyTroubles struct {
	agent *agent

	mu      sync.Mutex // guards what follows
	news    keyNews
	wrong   map[string]error // by the hotkey's name
	waiting []chan struct{}  // closed when the keys of the settings were tried
}

// change notes what is wrong with one hotkey from now on, nil: nothing.
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

// reset replaces all that was known by wrong. watched says that a person has these
// settings before them and sees it there: it is no news to them.
func (k *keyTroubles) reset(wrong map[string]error, watched bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, err := range wrong {
		k.agent.Log.Warn("a hotkey does not work", slog.Any("key", safelog.Own(name)),
			slog.Any("combination", safelog.Own(k.agent.settingOf(name))), slog.Any("err", err))
	}
	k.wrong = wrong
	k.tellLocked(watched)
}

// tellLocked tells what is wrong now. It is called with mu held.
func (k *keyTroubles) tellLocked(watched bool) {
	var lines, fresh []string
	for _, name := range slices.Sorted(maps.Keys(k.wrong)) {
		keys, problem := k.agent.settingOf(name), dialer.ProblemOf(k.wrong[name], status.AttemptKeys)
		line := words.KeysTrouble(keys, *problem, commandFor(name)).String()
		lines = append(lines, line)
		if k.news.fresh(name, keys, problem.Code) {
			fresh = append(fresh, line)
		}
	}
	k.agent.hints.keysChanged(strings.Join(lines, "\n"))
	if k.news.open != strings.Join(lines, "\n") {
		k.news.open = "" // what it says is no longer so
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

// takeNews returns what the dial window has to say about keys, once: the person counts
// as told then.
func (k *keyTroubles) takeNews() string {
	k.mu.Lock()
	defer k.mu.Unlock()
	open := k.news.open
	if k.news.open = ""; open != "" {
		k.news.save()
	}
	return open
}

// forWindows is what the Settings window shows beside the keys.
func (k *keyTroubles) forWindows() map[string]channel.KeyTrouble {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make(map[string]channel.KeyTrouble, len(k.wrong))
	for name, err := range k.wrong {
		out[name] = channel.KeyTrouble{Problem: *dialer.ProblemOf(err, status.AttemptKeys), Command: commandFor(name)}
	}
	return out
}

// wait returns a channel that is closed when the keys that are in the settings now
// were tried.
func (k *keyTroubles) wait() <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	done := make(chan struct{})
	k.waiting = append(k.waiting, done)
	return done
}

// waiters takes those who wait; it is called before the settings are read, and tried
// when their keys were tried. watched reports whether anybody waits.
func (k *keyTroubles) waiters() (tried func(), watched bool) {
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
