package ipc

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// message is one line: a request (with an id), a push or a cancellation
// (without), or an answer (without a method).
type message struct {
	Version string          `json:"jsonrpc"`
	ID      json.RawMessage `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   *Error          `json:"error,omitempty"`
}

const version = "2.0"

// begins says with which characters the value of a key may begin. Arrays of
// messages are batches, many requests in one line, which we have no use for.
var begins = map[string]string{
	"jsonrpc": `"`, "method": `"`, "params": "{[", "id": `"-0123456789`, "error": "{", "result": "",
}

// parse reads a line. Keys count by their exact names, of two alike the last:
// encoding/json alone would take "ID" for "id", so that one end sees a request
// where another one sees none.
func parse(line []byte) (message, error) {
	var keys map[string]json.RawMessage
	if line[0] != '{' || json.Unmarshal(line, &keys) != nil {
		return message{}, ErrBadFrame
	}
	m := message{ID: keys["id"], Params: keys["params"], Result: keys["result"]}
	for key, value := range keys {
		with, known := begins[key]
		if !known || with != "" && strings.IndexByte(with, value[0]) < 0 {
			return message{}, ErrBadFrame
		}
	}
	for key, into := range map[string]any{"jsonrpc": &m.Version, "method": &m.Method, "error": &m.Error} {
		if value, ok := keys[key]; ok && json.Unmarshal(value, into) != nil {
			return message{}, ErrBadFrame
		}
	}
	answers := m.Result != nil || m.Error != nil
	if m.Version != version || answers == (m.Method != "") || answers && m.ID == nil {
		return message{}, ErrBadFrame
	}
	return m, nil
}

// stream is one end of a connection, cut into lines. read is for one goroutine,
// the rest for any.
type stream struct {
	r     io.Reader
	w     io.WriteCloser
	in    *bufio.Reader
	frame int
	line  time.Duration

	once sync.Once
	why  error // it ended; nil where nobody is to blame

	mu sync.Mutex // one line is written at a time
}

func newStream(r io.Reader, w io.WriteCloser, e Endpoint) *stream {
	return &stream{r: r, w: w, in: bufio.NewReaderSize(r, e.Frame), frame: e.Frame, line: e.Line}
}

// read returns the next message. Any error is final.
func (s *stream) read() (message, error) {
	// Between two lines there may be any length of time, within one there may not.
	if _, err := s.in.Peek(1); err != nil {
		return message{}, err
	}
	s.readUntil(time.Now().Add(s.line))
	line, err := s.in.ReadSlice('\n')
	s.readUntil(time.Time{})
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return message{}, ErrTooLong
	case err != nil:
		return message{}, fmt.Errorf("%w: %w", ErrBadFrame, err)
	}
	return parse(line)
}

// readUntil sets a deadline where the system lets us: not every pipe has one.
func (s *stream) readUntil(t time.Time) {
	if d, ok := s.r.(interface{ SetReadDeadline(time.Time) error }); ok {
		_ = d.SetReadDeadline(t)
	}
}

// write sends one message in one Write. What is too long is not sent; any other
// error is final, as part of a line may have gone out.
func (s *stream) write(m message) error {
	m.Version = version
	line, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("ipc: %w", err)
	}
	if len(line)+1 > s.frame {
		return ErrTooLong
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, ok := s.w.(interface{ SetWriteDeadline(time.Time) error }); ok {
		_ = d.SetWriteDeadline(time.Now().Add(s.line))
	}
	if _, err := s.w.Write(append(line, '\n')); err != nil {
		s.end(err)
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return nil
}

// end closes both directions, so that a read that waits returns, and returns
// why the stream ended. The first call decides that.
func (s *stream) end(why error) error {
	s.once.Do(func() {
		// That the other end has gone, or this one, is nobody's fault.
		if errors.Is(why, ErrBadFrame) || errors.Is(why, ErrTooLong) || errors.Is(why, os.ErrDeadlineExceeded) {
			s.why = why
		}
		_ = s.w.Close()
		if c, ok := s.r.(io.Closer); ok {
			_ = c.Close()
		}
	})
	return s.why
}
