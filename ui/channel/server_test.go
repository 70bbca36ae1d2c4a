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

func FuzzServer(f *testing.F) {
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"Extensions","params":{"List":1,"Offset":-1}}` + "\n"))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"DialOffer","params":{"ID":-5}}` + "\n"))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"SaveEdit","params":{"secret":"a","account":{}}}` + "\n"))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"CheckAccount","params":{"Check":1}}` + "\n" + `{"jsonrpc":"2.0","method":"cancel","params":{"ID":"1"}}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a := &fakeAgent{check: func(context.Context, func(CheckStep)) *status.Problem { return nil }}
		s := Serve(t.Context(), bytes.NewReader(data), nopCloser{io.Discard}, a.table)
		_ = s.Wait() // must end and must not panic
	})
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
