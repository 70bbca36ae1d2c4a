package dialer

import (
	"context"
	"time"

	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

// keyringPause is how long a keyring that gave no password is not asked again,
// unless a person wants to dial.
const keyringPause = 10 * time.Minute

// keyringPrompt notes that the keyring asks a person for its password, or no longer
// does.
func (l *loop) keyringPrompt(open bool) {
	l.keyringPrompts = open
	if open {
		l.set(status.Trouble, &status.Problem{Code: status.CodeKeyringAsks})
		return
	}
	l.promptAnswered, l.openingAt = l.instant(), time.Now()
	l.set(status.Checking, nil)
}

// awaitKeyring checks the account again when a keyring that gave no password opens:
// somebody may unlock it later, or for another program.
func (l *loop) awaitKeyring() {
	keyring, ok := l.secrets.(secret.Awaiter)
	if !ok || l.awaitingKeyring {
		return
	}
	l.awaitingKeyring = true
	l.async(func(ctx context.Context) func(*loop) {
		err := keyring.AwaitOpen(ctx)
		return func(l *loop) {
			l.awaitingKeyring = false
			if err != nil || !l.addHint() {
				return
			}
			l.keyringFailedAt = time.Time{}
			if !l.opening && l.trouble != nil && l.trouble.Code == status.CodeKeyring {
				l.check(false, func(error) {})
			}
		}
	})
}

// keyringRests reports whether the keyring is not to be asked for now: it may have
// shown a prompt that a person cancelled or that is still open. Only a wish to dial
// asks it again before keyringPause is over.
func (l *loop) keyringRests() bool {
	return !l.keyringFailedAt.IsZero() && time.Since(l.keyringFailedAt) < keyringPause
}
