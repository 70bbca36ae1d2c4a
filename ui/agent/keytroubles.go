package agent

import (
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"

	"cornetta/dialer"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/words"
)

// keyTroubles tell the person which keys do nothing and why: below the tray's
// tooltip and in the log, and once as news.
type keyTroubles struct {
	agent *agent

	mu      sync.Mutex // guards what follows
	news    keyNews
	wrong   map[string]error
	waiting []chan struct{} // closed when the keys of the settings were tried
}

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
		keys, problem := k.agent.settingOf(name), dialer.ProblemOf(k.wrong[name], status.AttemptKeys)
		line := words.KeysTrouble(keys, *problem, commandFor(name))
		lines = append(lines, line)
		if k.news.fresh(name, keys, problem.Code) {
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

// now is what the windows are told.
func (k *keyTroubles) now() map[string]channel.KeyTrouble {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make(map[string]channel.KeyTrouble, len(k.wrong))
	for name, err := range k.wrong {
		out[name] = channel.KeyTrouble{Problem: *dialer.ProblemOf(err, status.AttemptKeys), Command: commandFor(name)}
	}
	return out
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
