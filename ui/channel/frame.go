package channel

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// MaxFrame is the longest line either end sends or reads, line end included.
const MaxFrame = 64 << 10

// writeTimeout is how long the other end may take to make room for a frame,
// where the operating system lets us ask.
const writeTimeout = 5 * time.Second

var (
	// ErrFrameTooLong: a line of more than MaxFrame bytes.
	ErrFrameTooLong = errors.New("channel: frame too long")
	// ErrBadFrame: a line that is no JSON-RPC 2.0 object, or has no end.
	ErrBadFrame = errors.New("channel: broken frame")
)

// frames cuts a byte stream into lines that hold one JSON-RPC object each. It
// is the transport of both ends; after the first error it is over.
type frames struct {
	br *bufio.Reader
	r  io.Reader
	w  io.WriteCloser

	once sync.Once
	err  error // of closing
}

func newFrames(r io.Reader, w io.WriteCloser) *frames {
	return &frames{br: bufio.NewReaderSize(r, MaxFrame), r: r, w: w}
}

// Recv reads one frame. At the end of the stream it returns io.EOF.
func (f *frames) Recv() ([]byte, error) {
	line, err := f.br.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, ErrFrameTooLong
	case err == io.EOF && len(line) > 0:
		return nil, fmt.Errorf("%w: no line end", ErrBadFrame)
	case err != nil:
		return nil, err
	}
	if !sound(line) {
		return nil, ErrBadFrame
	}
	return append([]byte(nil), line[:len(line)-1]...), nil
}

// sound tells whether jrpc2 will take line for a message. It would answer what is
// none and go on reading; here both ends are ours, so nonsense means that one of
// them is broken. And jrpc2 1.3.6 falls over a notification with a fault that is
// still queued when the channel ends (nextRequest in its server.go).
//
// Keys count by their exact names, as in jrpc2; encoding/json alone would take
// "ID" for "id", too.
func sound(line []byte) bool {
	var keys map[string]json.RawMessage
	if line[0] != '{' || json.Unmarshal(line, &keys) != nil {
		return false
	}
	begins := map[string]string{
		"jsonrpc": `"`, "method": `"`, "params": "{[", "id": `"-0123456789`, "error": "{", "result": "",
	}
	for key, value := range keys {
		with, known := begins[key]
		if !known || with != "" && strings.IndexByte(with, value[0]) < 0 {
			return false
		}
	}
	_, asks := keys["method"]
	_, failed := keys["error"]
	_, answers := keys["result"]
	return string(keys["jsonrpc"]) == `"2.0"` && asks != (failed || answers)
}

// Send writes one frame in one Write.
func (f *frames) Send(msg []byte) error {
	if len(msg)+1 > MaxFrame {
		return ErrFrameTooLong
	}
	if d, ok := f.w.(interface{ SetWriteDeadline(time.Time) error }); ok {
		_ = d.SetWriteDeadline(time.Now().Add(writeTimeout)) // not every file can
	}
	if _, err := f.w.Write(append(msg[:len(msg):len(msg)], '\n')); err != nil {
		// Half a frame may be out; nothing sensible can follow it.
		_ = f.Close()
		return err
	}
	return nil
}

// Close ends both directions, so that a Recv that waits returns.
func (f *frames) Close() error {
	f.once.Do(func() {
		f.err = f.w.Close()
		if c, ok := f.r.(io.Closer); ok {
			f.err = errors.Join(f.err, c.Close())
		}
	})
	return f.err
}
