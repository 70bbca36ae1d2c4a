package ami

import (
	"crypto/md5" //nolint:gosec // the protocol's choice
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// challenge asks for the text that is hashed together with the secret.
type challenge struct{}

func (challenge) Name() string { return "Challenge" }

func (challenge) headers(w *writer) error {
	w.add("AuthType", "MD5")
	return w.err
}

// login proves who we are: with key, the answer to a challenge, or without it
// with the secret itself.
type login struct{ username, secret, key, events string }

func (login) Name() string { return "Login" }

func (l login) headers(w *writer) error {
	w.add("Username", l.username)
	if l.key != "" {
		w.add("AuthType", "MD5")
		w.add("Key", l.key)
	} else {
		w.add("Secret", l.secret)
	}
	if !eventMask(l.events) {
		w.refuse("Events")
	}
	w.add("Events", l.events) // not "EventMask", which is the Events action's
	return w.err
}

// An Asterisk's challenge is a random number below 2³¹, cut to nine digits, in every
// version (main/manager.c, action_challenge, and the size of mansession_session's
// challenge). One in 20,000 has less than six.
const (
	shortestChallenge = 6
	longestChallenge  = 20
)

// errShort is a challenge of few digits.
var errShort = errors.New("ami: a challenge of few digits")

// checkChallenge keeps whoever stands in for the server from choosing what is hashed
// with the secret: a text, or a number for which the answers to all likely secrets are
// in a table. A number of the right length can be chosen just as well, but then a table
// for it has to be made for the purpose.
func checkChallenge(s string) error {
	switch {
	case s == "" || len(s) > longestChallenge || strings.Trim(s, "0123456789") != "":
		return fmt.Errorf("%w: %w", ErrChallenge, ErrProtocol)
	case len(s) < shortestChallenge:
		return fmt.Errorf("%w: %w: %w", ErrChallenge, ErrProtocol, errShort)
	}
	return nil
}

// challengeKey is the lower-case hex of MD5(challenge + secret)
// (main/manager.c, authenticate).
func challengeKey(challenge, secret string) string {
	sum := md5.Sum([]byte(challenge + secret)) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}
