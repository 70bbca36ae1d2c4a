package pbxsim

import (
	"bytes"
	"crypto/tls"
	"errors"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	authLimit   = 50               // sessions not yet logged in; one more gets no banner
	authTimeout = 30 * time.Second // to log in
	drainTime   = time.Second      // to write what is queued before a close
)

// session is one AMI connection. run is its reader and owner; it starts the
// writer and waits for it.
type session struct {
	p    *PBX
	conn net.Conn      // TLS or plain
	raw  net.Conn      // the socket below
	wake chan struct{} // something to write, or the end
	quit chan struct{} // closed when the writer is to finish the queue and go

	// Guarded by PBX.mu.
	authenticated bool
	events        bool     // the call class is wanted
	held          bool     // a synchronous Originate is in progress
	queue         [][]byte // messages not yet written

	challenge string // the reader's own
}

// admit counts a new session in, unless too many are waiting for their login.
func (p *PBX) admit(s *session) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	waiting := 0
	for other := range p.sessions {
		if !other.authenticated {
			waiting++
		}
	}
	select {
	case <-p.done:
		return false
	default:
	}
	if waiting >= authLimit {
		return false
	}
	p.sessions[s] = struct{}{}
	return true
}

func (p *PBX) banner() string {
	return "Asterisk Call Manager/" + p.features.banner + "\r\n"
}

// run reads actions until the connection ends.
func (s *session) run() {
	p := s.p
	var writer sync.WaitGroup
	defer func() {
		p.do(func() { delete(p.sessions, s) })
		close(s.quit)
		writer.Wait()
		_ = s.conn.Close()
	}()
	_ = s.conn.SetDeadline(time.Now().Add(authTimeout))
	if t, ok := s.conn.(*tls.Conn); ok && t.Handshake() != nil {
		return
	}
	p.do(func() { s.queueLocked([]byte(p.banner())) })
	writer.Go(s.write)
	f := &framer{r: s.conn}
	for {
		m, err := f.read()
		if err != nil {
			return
		}
		if !s.act(m) {
			return
		}
	}
}

// queueLocked hands text to the writer. p.mu is held.
func (s *session) queueLocked(text []byte) {
	s.queue = append(s.queue, text)
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// write is the writer. A reader that takes nothing for slowRead is dropped in
// the middle of whatever was being written, as Asterisk does.
func (s *session) write() {
	last := false
	for {
		var batch [][]byte
		s.p.do(func() {
			if !s.held || last {
				batch, s.queue = s.queue, nil
			}
		})
		if len(batch) > 0 {
			if err := s.send(bytes.Join(batch, nil), last); err != nil {
				_ = s.raw.Close() // the reader sees it
				return
			}
			continue
		}
		if last {
			return
		}
		select {
		case <-s.wake:
		case <-s.quit:
			last = true
		}
	}
}

func (s *session) send(text []byte, last bool) error {
	patience := s.p.pace.slowRead
	if last {
		patience = drainTime
	}
	for stuck := false; len(text) > 0; {
		_ = s.conn.SetWriteDeadline(time.Now().Add(patience))
		n, err := s.conn.Write(text)
		text = text[n:]
		if err != nil && (n == 0 && stuck || !errors.Is(err, os.ErrDeadlineExceeded)) {
			return err
		}
		// On a busy machine the deadline may pass before the write was tried at
		// all: only the second time is it the reader who takes nothing.
		stuck = n == 0
	}
	return nil
}

// reply is one answer, with the ActionID as it came.
func (s *session) reply(m *message, response, text string, more ...string) {
	b := new(bytes.Buffer)
	put(b, "Response", response)
	if id := m.get("ActionID"); id != "" {
		put(b, "ActionID", id)
	}
	if text != "" {
		put(b, "Message", text)
	}
	for i := 0; i+1 < len(more); i += 2 {
		put(b, more[i], more[i+1])
	}
	b.WriteString("\r\n")
	s.p.do(func() { s.queueLocked(b.Bytes()) })
}

func (s *session) ack(m *message, text string)    { s.reply(m, "Success", text) }
func (s *session) refuse(m *message, text string) { s.reply(m, "Error", text) }

// act obeys one message and tells whether the session goes on.
func (s *session) act(m *message) bool {
	switch {
	case m.tooMany:
		s.refuse(m, "Too many lines in message or allocation failure")
		return true
	case m.tooLong:
		s.refuse(m, "Failed to parse message: line too long")
		return true
	}
	name := m.get("Action")
	if name == "" {
		s.refuse(m, "Missing action in request")
		return true
	}
	key := strings.ToLower(name)
	loggedIn := locked(s.p, func() bool { return s.authenticated })
	switch key {
	case "login":
		return s.login(m, loggedIn)
	case "challenge":
		s.giveChallenge(m)
		return true
	case "logoff":
		s.reply(m, "Goodbye", "Thanks for all the fish.")
		return false
	}
	if !loggedIn {
		s.refuse(m, "Permission denied")
		return true
	}
	if locked(s.p, func() bool { return s.p.deniedLocked(key) }) {
		s.refuse(m, "Permission denied")
		return true
	}
	if handle, ok := actions[key]; ok && !(!s.p.features.lists && newIn13[key]) {
		handle(s, m)
		return true
	}
	if forbidden[key] {
		s.refuse(m, "Permission denied")
		return true
	}
	s.refuse(m, "Invalid/unknown command: "+name+". Use Action: ListCommands to show available commands.")
	return true
}
