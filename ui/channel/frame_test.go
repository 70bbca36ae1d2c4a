package channel

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"cornetta/dialer/status"
)

var brokenFrames = map[string]string{
	"no JSON":         "hello\n",
	"empty line":      "\n",
	"batch":           `[{"jsonrpc":"2.0","id":1,"method":"hangup"}]` + "\n",
	"no version":      `{"id":1,"method":"hangup"}` + "\n",
	"key in capitals": `{"jsonrpc":"2.0","ID":1,"method":"hangup"}` + "\n",
	"a key of no use": `{"jsonrpc":"2.0","id":1,"method":"hangup","x":1}` + "\n",
	"asks, answers":   `{"jsonrpc":"2.0","id":1,"method":"hangup","result":{}}` + "\n",
	"wrong params":    `{"jsonrpc":"2.0","method":"cancel","params":1}` + "\n",
	"neither":         `{"jsonrpc":"2.0","id":1}` + "\n",
	"other version":   `{"jsonrpc":"1.0","id":1,"method":"hangup"}` + "\n",
	"null":            "null\n",
	"deep":            strings.Repeat("[", 60000) + "\n",
	"deep object":     `{"jsonrpc":"2.0","params":` + strings.Repeat("[", 60000) + "\n",
	"too long":        `{"jsonrpc":"2.0","method":"` + strings.Repeat("a", MaxFrame) + `"}` + "\n",
	"endless":         strings.Repeat("a", 3*MaxFrame),
	"cut short":       `{"jsonrpc":"2.0","id":1,"me`,
	"invalid UTF-8":   "\xff\xfe\n",
}

func TestABrokenFrameEndsTheServer(t *testing.T) {
	for name, text := range brokenFrames {
		t.Run(name, func(t *testing.T) {
			ar, cw := io.Pipe()
			cr, aw := io.Pipe()
			s := Serve(t.Context(), ar, aw, &fakeAgent{})
			go func() { _, _ = io.WriteString(cw, text); _ = cw.Close() }()
			rest, _ := io.ReadAll(cr) // ends only when the server closes
			if err := s.Wait(); !errors.Is(err, ErrBadFrame) && !errors.Is(err, ErrFrameTooLong) {
				t.Errorf("Wait = %v", err)
			}
			if len(rest) != 0 {
				t.Errorf("answered %q", rest)
			}
		})
	}
}

func TestABrokenFrameEndsTheClient(t *testing.T) {
	for name, text := range brokenFrames {
		t.Run(name, func(t *testing.T) {
			ar, cw := io.Pipe()
			cr, aw := io.Pipe()
			rec := newRecorder()
			c := Connect(cr, cw, rec)
			go func() { _, _ = io.WriteString(aw, text); _ = aw.Close() }()
			_, _ = io.ReadAll(ar)
			if err := <-rec.gone; !errors.Is(err, ErrBadFrame) && !errors.Is(err, ErrFrameTooLong) {
				t.Errorf("Gone(%v)", err)
			}
			_ = c.Close()
			if p := c.Dial(t.Context(), "1"); p == nil || p.Code != status.CodeUnforeseen {
				t.Errorf("Dial on a closed channel = %v", p)
			}
		})
	}
}

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
	if err := c.Close(); err != nil {
		t.Errorf("Close = %v", err)
	}
	if err := s.Wait(); err != nil {
		t.Errorf("Wait = %v", err)
	}
	<-released
	wg.Wait()
}

// A window that never reads must not hold up the agent.
func TestPushingAndClosingNeverBlock(t *testing.T) {
	ar, _ := io.Pipe()
	_, aw := io.Pipe()
	s := Serve(t.Context(), ar, aw, &fakeAgent{})
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for i := range 100 {
			s.PushSnapshot(status.Snapshot{Seq: uint64(i)})
			s.Show(Show{Window: WindowDial})
		}
		_ = s.Close()
	}()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("blocked")
	}
}

func TestAnAnswerThatDoesNotFitIsAnError(t *testing.T) {
	ar, cw := io.Pipe()
	cr, aw := io.Pipe()
	s := Serve(t.Context(), ar, aw, hugeAgent{&fakeAgent{}})
	defer s.Close()
	c := Connect(cr, cw, newRecorder())
	if v := c.Preview(t.Context(), "1"); v.Problem == nil || v.Problem.Code != status.CodeUnforeseen {
		t.Errorf("Preview = %.80v", v)
	}
}

type hugeAgent struct{ *fakeAgent }

func (hugeAgent) Preview(context.Context, string) Preview {
	return Preview{Dial: strings.Repeat("1", 2*MaxFrame)}
}

// A wrong parameter may be a secret in the wrong place.
func TestAnErrorNeverQuotesAParameter(t *testing.T) {
	ar, cw := io.Pipe()
	cr, aw := io.Pipe()
	s := Serve(t.Context(), ar, aw, &fakeAgent{})
	defer s.Close()
	go func() {
		_, _ = io.WriteString(cw, `{"jsonrpc":"2.0","id":1,"method":"save_account","params":{"account":"hunter2","secret":"hunter2"}}`+"\n")
	}()
	buf := make([]byte, 4096)
	n, err := cr.Read(buf)
	if err != nil || !bytes.Contains(buf[:n], []byte(`"error"`)) || bytes.Contains(buf[:n], []byte("hunter2")) {
		t.Errorf("answer %q, %v", buf[:n], err)
	}
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
	for _, text := range brokenFrames {
		f.Add([]byte(text))
	}
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"extensions","params":{"List":1,"Offset":-1}}` + "\n"))
	f.Add([]byte(`{"jsonrpc":"2.0","id":1,"method":"recent","params":{"N":-5}}` + "\n"))
	f.Add([]byte(`{"jsonrpc":"2.0","method":"cancel","params":{"ID":"1"}}` + "\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		a := &fakeAgent{check: func(context.Context, func(CheckStep)) *status.Problem { return nil }}
		s := Serve(t.Context(), bytes.NewReader(data), nopCloser{io.Discard}, a)
		_ = s.Wait() // must end and must not panic
	})
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }
