package channel

import (
	"bytes"
	"context"
	"io"
	"sync"
	"testing"

	"cornetta/dialer/status"
)

func TestTheAgentsEndIsTheWindowsEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	s, _, rec := line(ctx, &fakeAgent{})
	cancel()
	if err := <-rec.gone; err != nil {
		t.Errorf("Gone(%v)", err)
	}
	if err := s.Wait(); err != nil {
		t.Errorf("Wait = %v", err)
	}
}

func TestTheWindowsEndIsToldToTheAgent(t *testing.T) {
	released := make(chan struct{})
	a := &fakeAgent{check: func(ctx context.Context, report func(CheckStep)) *status.Problem {
		report(CheckStep{Step: status.StepResolve, State: StepRunning})
		<-ctx.Done()
		close(released)
		return nil
	}}
	s, c, rec := line(t.Context(), a)
	var wg sync.WaitGroup
	wg.Go(func() { c.CheckAccount(context.Background(), 1, Edit{}) })
	eventually(t, func() bool {
		rec.mu.Lock()
		defer rec.mu.Unlock()
		return len(rec.steps) == 1
	})
	c.Close()
	if err := s.Wait(); err != nil {
		t.Errorf("Wait = %v", err)
	}
	<-released
	wg.Wait()
}

func TestPlain(t *testing.T) {
	tests := []struct {
		in    string
		limit int
		want  string
	}{
		{"", 5, ""},
		{"Rossi", 5, "Rossi"},
		{"Rossini", 5, "Ross…"},
		{"  a \t\n b  ", 9, "a b"},
		{"a\u202eb\u200fc\x00\x1b[31m", 20, "abc[31m"},
		{"abcd efgh", 6, "abcd…"},
		{"abcd efgh", 5, "abcd…"},
		{"\xffx", 5, "\ufffdx"},
		{"e\u0301\u0301\u0301\u0301", 9, "e\u0301\u0301"},
		{"a\u2028b", 9, "a b"},
	}
	for _, tt := range tests {
		if got := Plain(tt.in, tt.limit); got != tt.want {
			t.Errorf("Plain(%q, %d) = %q, want %q", tt.in, tt.limit, got, tt.want)
		}
	}
}

func FuzzServer(f *testing.F) {
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"Extensions","params":{"List":1,"Offset":-1}}` + "\n"))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"Recent","params":{"N":-5}}` + "\n"))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"Save","params":{"secret":"a","account":{}}}` + "\n"))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"CheckAccount","params":{"Check":1}}` + "\n" + `{"jsonrpc":"2.0","method":"cancel","params":{"ID":"1"}}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a := &fakeAgent{check: func(context.Context, func(CheckStep)) *status.Problem { return nil }}
		s := Serve(t.Context(), bytes.NewReader(data), nopCloser{io.Discard}, a)
		_ = s.Wait() // must end and must not panic
	})
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
