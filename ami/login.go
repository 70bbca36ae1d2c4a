package ami

import (
	"crypto/md5" //nolint:gosec // the protocol's choice
	"encoding/hex"
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

// challengeKey is the lower-case hex of MD5(challenge + secret)
// (main/manager.c, authenticate).
func challengeKey(challenge, secret string) string {
	sum := md5.Sum([]byte(challenge + secret)) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}
