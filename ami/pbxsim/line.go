package pbxsim

import (
	"bytes"
	"io"
)

const (
	inputBuffer = 1024 // a line and its end must fit: 1,022 bytes and CRLF
	maxHeaders  = 128  // lines in one message
)

// message is one action as read from the wire.
type message struct {
	headers []Header
	tooLong bool // a line did not fit
	tooMany bool // more than maxHeaders lines
}

func (m *message) get(name string) string { return headerValue(m.headers, name) }

// framer cuts the client's bytes into messages exactly as Asterisk's get_input
// does. When 1,024 bytes hold no LF all of them are thrown away and what follows is
// read as if a line began there. So a line of 1,023 bytes ends its message early:
// its CR is thrown away with the buffer and the LF that follows is a blank line. The
// rest of the message then counts as a message of its own, which is an injection if
// somebody else chose the bytes.
type framer struct {
	r   io.Reader
	buf [inputBuffer]byte
	n   int
}

// read returns the next message. It blocks until there is a whole one.
func (f *framer) read() (*message, error) {
	m := new(message)
	for {
		line, ok := f.line()
		if !ok {
			if f.n == len(f.buf) {
				f.n, m.tooLong = 0, true
			}
			got, err := f.r.Read(f.buf[f.n:])
			f.n += got
			if got == 0 && err != nil {
				return nil, err
			}
			continue
		}
		switch {
		case line == "" && len(m.headers) == 0 && !m.tooLong:
			// A stray blank line; Asterisk answers it, which no client wants.
		case line == "":
			return m, nil
		case len(m.headers) >= maxHeaders:
			m.tooMany = true
		default:
			name, value, _ := bytes.Cut([]byte(line), []byte(":"))
			m.headers = append(m.headers, Header{
				Name:  string(bytes.TrimSpace(name)),
				Value: string(bytes.TrimLeft(value, " \t")),
			})
		}
	}
}

// line takes one line out of the buffer.
func (f *framer) line() (string, bool) {
	i := bytes.IndexByte(f.buf[:f.n], '\n')
	if i < 0 {
		return "", false
	}
	end := i
	if end > 0 && f.buf[end-1] == '\r' {
		end--
	}
	line := string(f.buf[:end])
	f.n = copy(f.buf[:], f.buf[i+1:f.n])
	return line, true
}
