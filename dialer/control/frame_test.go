//go:build unix

package control

import (
	"net"
	"path/filepath"
	"testing"
	"time"
)

// TestMembersByOtherNames: a client that writes what only looks like a request,
// and is gone at once, ends its connection and not the agent. Each is tried a
// few times: what jrpc2 did depended on which of its goroutines came first.
func TestMembersByOtherNames(t *testing.T) {
	l := defaultLimits
	l.arrive = time.Minute // the client's end comes before
	for _, line := range []string{
		`{"jsonrpc":"2.0","ID":1,"method":"Hangup"}`,
		`{"jsonrpc":"2.0","Id":"1","method":"Hangup","params":{}}`,
		`{"jsonrpc":"2.0","id":1,"Method":"Hangup"}`,
		`{"jsonrpc":"2.0","id":1,"method":"Hangup","more":1}`,
		`{"JSONRPC":"2.0","id":1,"method":"Hangup"}`,
		`{"jsonrpc":"1.0","id":1,"method":"Hangup"}`,
		`{"id":1,"method":"Hangup"}`,
	} {
		a := &fakeAgent{}
		for range 20 {
			ln, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
			if err != nil {
				t.Fatal(err)
			}
			client, err := net.Dial("unix", ln.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			conn, err := ln.Accept()
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				serve(t.Context(), conn, a, l)
			}()
			_, err = client.Write([]byte(line + "\n"))
			if client.Close(); err != nil {
				t.Fatal(err)
			}
			<-ended
			_ = ln.Close()
		}
		if len(a.asked) > 0 {
			t.Errorf("%s makes the agent %q", line, a.asked)
		}
	}
}
