package ipc

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

// broken are what costs its sender the connection, whichever end that is.
var broken = map[string]string{
	"an empty line":         "\n",
	"no JSON":               "GET / HTTP/1.1\r\n\r\n",
	"binary":                "\x00\xff\xfe\n",
	"null":                  "null\n",
	"a string":              `"Dial"` + "\n",
	"a batch":               `[{"jsonrpc":"2.0","id":1,"method":"Hangup"},{"jsonrpc":"2.0","id":2,"method":"Hangup"}]` + "\n",
	"no version":            `{"id":1,"method":"Hangup"}` + "\n",
	"another version":       `{"jsonrpc":"1.0","id":1,"method":"Hangup"}` + "\n",
	"a version in capitals": `{"JSONRPC":"2.0","id":1,"method":"Hangup"}` + "\n",
	"an id of null":         `{"jsonrpc":"2.0","id":null,"method":"Hangup"}` + "\n",
	"an id of another type": `{"jsonrpc":"2.0","id":{},"method":"Hangup"}` + "\n",
	"an id in capitals":     `{"jsonrpc":"2.0","iD":1,"method":"Hangup"}` + "\n",
	"an Id with a capital":  `{"jsonrpc":"2.0","Id":"1","method":"Hangup","params":{}}` + "\n",
	"a Method":              `{"jsonrpc":"2.0","id":1,"Method":"Hangup"}` + "\n",
	"a key of no use":       `{"jsonrpc":"2.0","id":1,"method":"Hangup","more":1}` + "\n",
	"a method twice":        `{"jsonrpc":"2.0","id":1,"method":"Hangup","method":1}` + "\n",
	"an empty method":       `{"jsonrpc":"2.0","id":1,"method":""}` + "\n",
	"a request and answer":  `{"jsonrpc":"2.0","id":1,"method":"Hangup","result":true}` + "\n",
	"neither":               `{"jsonrpc":"2.0","id":1}` + "\n",
	"an unasked answer":     `{"jsonrpc":"2.0","id":1,"result":true}` + "\n",
	"an answer without id":  `{"jsonrpc":"2.0","error":{"code":1}}` + "\n",
	"wrong parameters":      `{"jsonrpc":"2.0","method":"cancel","params":1}` + "\n",
	"half a request":        `{"jsonrpc":"2.0","id":1,"method":"Hang`,
	"no line end":           `{"jsonrpc":"2.0","id":1,"method":"Hangup"}`,
	"a line too long":       `{"jsonrpc":"2.0","id":1,"method":"Show","params":{"text":"` + strings.Repeat("1", 4096) + `"}}` + "\n",
	"a line without end":    strings.Repeat("1", 100_000),
	"deep nesting":          strings.Repeat(`{"a":`, 800) + "\n",
	"deep parameters":       `{"jsonrpc":"2.0","params":` + strings.Repeat("[", 4000) + "\n",
}

// brokenRequests are so for a server only.
var brokenRequests = map[string]string{
	"a notification":  `{"jsonrpc":"2.0","method":"Hangup"}` + "\n",
	"a bad giving up": `{"jsonrpc":"2.0","method":"cancel","params":{"ID":1}}` + "\n",
	"nothing to give": `{"jsonrpc":"2.0","method":"cancel"}` + "\n",
}

func all(maps ...map[string]string) func(func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for _, m := range maps {
			for what, text := range m {
				if !yield(what, text) {
					return
				}
			}
		}
	}
}

func TestABrokenFrameEndsTheServer(t *testing.T) {
	for what, text := range all(broken, brokenRequests) {
		r, cw := io.Pipe()
		cr, w := io.Pipe()
		a := &fakeAgent{}
		s := Serve(t.Context(), r, w, usual, a.table)
		go func() { _, _ = io.WriteString(cw, text); _ = cw.Close() }()
		rest, _ := io.ReadAll(cr) // ends only when the server closes
		if err := s.Wait(); !errors.Is(err, ErrBadFrame) && !errors.Is(err, ErrTooLong) {
			t.Errorf("%s: Wait = %v", what, err)
		}
		if len(rest) > 0 || len(a.asked) > 0 {
			t.Errorf("%s: answered %q, asked to %q", what, rest, a.asked)
		}
	}
}

func TestABrokenFrameEndsTheClient(t *testing.T) {
	for what, text := range all(broken, map[string]string{"a request": `{"jsonrpc":"2.0","id":1,"method":"Call"}` + "\n"}) {
		r, cw := io.Pipe()
		cr, w := io.Pipe()
		ended := make(chan error, 1)
		c := NewClient(cr, cw, usual, func(err error) { ended <- err })
		go func() { _, _ = io.WriteString(w, text); _ = w.Close() }()
		_, _ = io.ReadAll(r)
		if err := <-ended; !errors.Is(err, ErrBadFrame) && !errors.Is(err, ErrTooLong) {
			t.Errorf("%s: ended with %v", what, err)
		}
		c.Close()
		if _, err := askStatus.Call(t.Context(), c, None{}); !errors.Is(err, ErrClosed) {
			t.Errorf("%s: a call afterwards: %v", what, err)
		}
	}
}

// TestTheSameRequestTwice: an id tells two requests apart as long as they wait.
func TestTheSameRequestTwice(t *testing.T) {
	r, cw := io.Pipe()
	_, w := io.Pipe() // nobody takes the answer
	s := Serve(t.Context(), r, w, usual, (&fakeAgent{during: func(ctx context.Context) { <-ctx.Done() }}).table)
	for range 2 {
		if _, err := io.WriteString(cw, `{"jsonrpc":"2.0","id":1,"method":"Hangup"}`+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Wait(); !errors.Is(err, ErrBadFrame) {
		t.Error(err)
	}
}
