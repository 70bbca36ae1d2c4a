package ipc

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// FuzzFrame has a client write any bytes at all. The agent's side ends with it,
// asks the Handler for nothing that was not a whole request of its own line, and
// answers at most once a line, each answer within a frame.
func FuzzFrame(f *testing.F) {
	hello := `{"jsonrpc":"2.0","id":1,"method":"Hello"}` + "\n"
	for _, seed := range []string{
		hello,
		hello + `{"jsonrpc":"2.0","id":2,"method":"Show","params":{"text":"050"}}` + "\n",
		hello + `{"jsonrpc":"2.0","id":3,"method":"Link","params":{"uri":"tel:+39050"}}` + "\n" + hello,
		`{"jsonrpc":"2.0","id":4,"method":"Dial","params":{"number":"7102","follow":1}}` + "\n",
		`{"jsonrpc":"2.0","id":5,"method":"Hangup"}` + "\n" + `{"jsonrpc":"2.0","method":"cancel","params":{"ID":"5"}}` + "\n",
		`{"jsonrpc":"2.0","id":"6","method":"Status"}` + "\n" + `{"jsonrpc":"2.0","id":-7,"method":"Reload"}` + "\n",
		`{"jsonrpc":"2.0","method":"Hangup"}` + "\n",
		`[{"jsonrpc":"2.0","id":1,"method":"Hangup"},{"jsonrpc":"2.0","id":1,"method":"Hangup"}]` + "\n",
		`{"jsonrpc":"2.0","id":null,"method":"Hangup"}` + "\n",
		`{"jsonrpc":"2.0","id":1,"method":"Hangup","method":"Dial","METHOD":"Reload"}` + "\n",
		`{"jsonrpc":"1.0","id":1,"method":"rpc.cancel","params":[1]}` + "\n",
		`{"jsonrpc":"2.0","id":1,"method":"Hang`,
		strings.Repeat(`{"a":`, 800) + "\n",
		`{"jsonrpc":"2.0","id":1,"method":"Show","params":{"text":"` + strings.Repeat("\\u0000", 1000) + `"}}` + "\n",
		"\n\r\n\x00\xff\n",
	} {
		f.Add([]byte(seed))
	}
	e := usual
	e.Line = time.Minute // the client's end comes before
	f.Fuzz(func(t *testing.T, data []byte) {
		ours, theirs := pair(t)
		a := &fakeAgent{}
		var both sync.WaitGroup
		both.Go(func() { admit(t.Context(), ours, e, a.table) })
		both.Go(func() {
			_, _ = theirs.Write(data) // the agent may hang up in the middle of it
			_ = theirs.CloseWrite()
		})
		answers, _ := io.ReadAll(theirs)
		_ = theirs.Close()
		both.Wait()

		requests := map[string]int{}
		lines := 0
		for line := range bytes.Lines(data) {
			lines++
			var keys map[string]json.RawMessage // of two alike the last
			var method string
			if line[len(line)-1] == '\n' && json.Unmarshal(line, &keys) == nil && json.Unmarshal(keys["method"], &method) == nil {
				requests[strings.ToLower(method)]++
			}
		}
		for _, asked := range a.asked {
			verb, _, _ := strings.Cut(asked, " ")
			if requests[verb]--; requests[verb] < 0 {
				t.Errorf("%q makes the agent %s", data, asked)
			}
		}
		for answer := range bytes.Lines(answers) {
			var h message
			if json.Unmarshal(answer, &h) == nil && h.Method != "" {
				continue // news of a call that is followed: they come unasked
			}
			if lines--; lines < 0 || len(answer) > e.Frame || !json.Valid(answer) {
				t.Errorf("%q is answered by %q", data, answers)
				break
			}
		}
	})
}

// pair is a connection with both of its ends.
func pair(t *testing.T) (ours, theirs *net.UnixConn) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	var ends [2]*net.UnixConn
	for i, fd := range fds {
		file := os.NewFile(uintptr(fd), "")
		conn, err := net.FileConn(file)
		_ = file.Close()
		if err != nil {
			t.Fatal(err)
		}
		ends[i] = conn.(*net.UnixConn)
	}
	return ends[0], ends[1]
}
