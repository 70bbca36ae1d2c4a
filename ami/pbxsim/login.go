package pbxsim

import (
	"crypto/md5" // #nosec G501 -- the protocol's own challenge
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
	"time"
)

// giveChallenge begins an MD5 login.
func (s *session) giveChallenge(m *message) {
	if !strings.EqualFold(m.get("AuthType"), "MD5") {
		s.refuse(m, "Must specify AuthType")
		return
	}
	n, _ := rand.Int(rand.Reader, big.NewInt(1<<31)) // never fails
	s.challenge = fmt.Sprintf("%.9s", n.String())    // what fits its buffer
	s.reply(m, "Success", "", "Challenge", s.challenge)
}

// login checks who is there. A wrong login is answered late, then closed.
func (s *session) login(m *message, already bool) bool {
	p := s.p
	if already {
		s.ack(m, "Already authenticated")
		return true
	}
	username, secret := p.account()
	ok := strings.EqualFold(m.get("Username"), username)
	if strings.EqualFold(m.get("AuthType"), "MD5") {
		sum := md5.Sum([]byte(s.challenge + secret)) // #nosec G401
		ok = ok && s.challenge != "" && same(m.get("Key"), hex.EncodeToString(sum[:]))
	} else {
		ok = ok && same(m.get("Secret"), secret)
	}
	if !ok {
		p.do(func() { p.refused++ })
		p.log.Info("pbxsim: login refused")
		t := time.NewTimer(p.pace.authFail)
		defer t.Stop()
		select {
		case <-t.C:
		case <-p.done:
		}
		s.refuse(m, "Authentication failed")
		return false
	}
	_ = s.conn.SetReadDeadline(time.Time{})
	p.do(func() {
		p.logins++
		s.authenticated = true
		s.events = eventMask(m.get("Events"))
	})
	p.log.Info("pbxsim: login")
	s.ack(m, "Authentication accepted")
	return true
}

func (p *PBX) account() (username, secret string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.username, p.secret
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// eventMask tells whether a mask lets the call class through, which is all
// this account may read. A name nobody knows counts as nothing.
func eventMask(mask string) bool {
	mask = strings.ToLower(mask)
	switch mask {
	case "", "on", "yes", "true", "y", "t", "1", "all":
		return true
	}
	for class := range strings.SplitSeq(mask, ",") {
		switch strings.TrimSpace(class) {
		case "call", "all", "on":
			return true
		}
	}
	return false
}
