package asterisktest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// errLogin is a server that speaks AMI and refuses the account.
var errLogin = errors.New("asterisktest: the login was refused")

// session is the least AMI client there can be: it sends one action and reads
// until its answer. It does not use package ami on purpose: what is tested
// must not be what starts the test. Not safe for several goroutines.
type session struct {
	conn net.Conn
	in   *bufio.Reader
	last int // number of the last ActionID
}

// fields is one message: its lines, cut at the first ": ".
type fields [][2]string

// get returns the first value of the key, or "".
func (f fields) get(key string) string {
	for _, kv := range f {
		if strings.EqualFold(kv[0], key) {
			return kv[1]
		}
	}
	return ""
}

// openSession connects and logs in; events is Login's Events header. The
// deadline holds for the whole session until it is set anew.
func openSession(addr, username, secret, events string, deadline time.Time) (*session, error) {
	conn, err := (&net.Dialer{Deadline: deadline}).Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	s := &session{conn: conn, in: bufio.NewReader(conn)}
	if err := s.login(username, secret, events, deadline); err != nil {
		conn.Close()
		return nil, err
	}
	return s, nil
}

func (s *session) login(username, secret, events string, deadline time.Time) error {
	if err := s.conn.SetDeadline(deadline); err != nil {
		return err
	}
	banner, err := s.in.ReadString('\n')
	if err != nil {
		return err
	}
	if !strings.HasPrefix(banner, "Asterisk Call Manager/") {
		return fmt.Errorf("asterisktest: not an AMI: it says %.40q", banner)
	}
	answer, err := s.do("Login", "Username: "+username, "Secret: "+secret, "Events: "+events)
	if err != nil {
		return err
	}
	if answer.get("Response") != "Success" {
		return errLogin
	}
	return nil
}

// send writes the action and returns its ActionID.
func (s *session) send(action string, headers ...string) (string, error) {
	s.last++
	id := fmt.Sprintf("asterisktest-%d", s.last)
	lines := append([]string{"Action: " + action, "ActionID: " + id}, headers...)
	_, err := s.conn.Write([]byte(strings.Join(lines, "\r\n") + "\r\n\r\n"))
	return id, err
}

// do sends the action and returns its answer; events in between are dropped.
func (s *session) do(action string, headers ...string) (fields, error) {
	id, err := s.send(action, headers...)
	if err != nil {
		return nil, err
	}
	for {
		m, err := s.read()
		if err != nil {
			return nil, fmt.Errorf("asterisktest: no answer to %s: %w", action, err)
		}
		if m.get("Event") == "" && m.get("ActionID") == id {
			return m, nil
		}
	}
}

// read returns the next message.
func (s *session) read() (fields, error) {
	var m fields
	for {
		line, err := s.in.ReadString('\n')
		if err != nil {
			return nil, err
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			if len(m) > 0 {
				return m, nil
			}
			continue
		}
		key, value, _ := strings.Cut(line, ":")
		m = append(m, [2]string{key, strings.TrimPrefix(value, " ")})
	}
}

// command runs a command of Asterisk's console and returns what it prints.
func (s *session) command(line string) (string, error) {
	answer, err := s.do("Command", "Command: "+line)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, kv := range answer {
		if kv[0] == "Output" {
			out.WriteString(kv[1] + "\n")
		}
	}
	if answer.get("Response") != "Success" {
		return out.String(), fmt.Errorf("asterisktest: %q: %s", line, answer.get("Message"))
	}
	return out.String(), nil
}

func (s *session) close() { s.conn.Close() }
