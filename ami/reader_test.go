package ami

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// readAll reads a stream to its end and copies what it said.
func readAll(src io.Reader) (messages [][]string, torn int, err error) {
	r := newReader(src)
	for {
		m, err := r.next()
		if err != nil {
			return messages, r.torn, err
		}
		var lines []string
		for k, v := range m.Headers {
			lines = append(lines, string(k)+": "+string(v))
		}
		messages = append(messages, lines)
	}
}

// hashed cuts a stream into reads of sizes that depend on seed.
type hashed struct {
	src  io.Reader
	seed uint32
}

func (h *hashed) Read(b []byte) (int, error) {
	h.seed = h.seed*1664525 + 1013904223
	return h.src.Read(b[:min(len(b), int(h.seed>>24)%17+1)])
}

// FuzzReader: no input makes it panic or keep more than its limits, and what
// it reads does not depend on how the input was cut.
func FuzzReader(f *testing.F) {
	f.Add([]byte(strings.Join(golden, "")), uint32(1))
	f.Add([]byte("Event: Hangup\nUniqueid: 1.1\n\n\r\n\r\nEvent: X\r\nEvent: Y\r\n\r\nResponse: Success"), uint32(2))
	f.Add([]byte("ActionID: 1\nResponse: Success\n\nEvent: OriginateResponse\nResponse: Failure\nResponse: x\n\n"), uint32(3))
	f.Add([]byte("Event: Hangup\nPrivilege: a\nPrivilege: b\n\n: x\n:\n\r\r\n\x00\n"), uint32(4))
	f.Fuzz(func(t *testing.T, data []byte, seed uint32) {
		messages, torn, err := readAll(bytes.NewReader(data))
		if !errors.Is(err, io.EOF) && !errors.Is(err, ErrMessageTooLarge) {
			t.Fatal(err)
		}
		cut, cutTorn, cutErr := readAll(&hashed{bytes.NewReader(data), seed})
		if !reflect.DeepEqual(messages, cut) || torn != cutTorn || !errors.Is(cutErr, err) {
			t.Fatalf("whole: %q %d %v\ncut:   %q %d %v", messages, torn, err, cut, cutTorn, cutErr)
		}
		for _, m := range messages {
			if len(m) == 0 || len(m) > maxLines {
				t.Fatalf("a message of %d headers", len(m))
			}
		}
		// Decoding and copying must not panic either.
		r := newReader(bytes.NewReader(data))
		for {
			m, err := r.next()
			if err != nil {
				return
			}
			_ = Decode(m)
			_ = response(m)
		}
	})
}

// TestReaderOneByte: one byte a read, and a source that fails at the end.
func TestReaderOneByte(t *testing.T) {
	stream := strings.Join(golden, "")
	whole, _, _ := readAll(strings.NewReader(stream))
	one, torn, err := readAll(iotest.OneByteReader(strings.NewReader(stream)))
	if len(whole) != 8 || !reflect.DeepEqual(whole, one) || torn != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("%d and %d messages, %d torn, %v", len(whole), len(one), torn, err)
	}
	if _, _, err := readAll(iotest.DataErrReader(strings.NewReader(stream))); !errors.Is(err, io.EOF) {
		t.Errorf("got %v", err)
	}
	if _, _, err := readAll(iotest.TimeoutReader(strings.NewReader(stream))); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("got %v", err)
	}
	if _, _, err := readAll(stuck{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("got %v", err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// TestRecordings decodes what Asterisk 16.28 and 22.10 sent in eight real
// calls, each a connection of its own.
func TestRecordings(t *testing.T) {
	for _, name := range []string{"calls-asterisk16.ami", "calls-asterisk22.ami"} {
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile("testdata/" + name)
			if err != nil {
				t.Fatal(err)
			}
			calls := strings.Split(string(data), "; call ")[1:]
			names := map[string]int{}
			types := map[string]int{}
			answered := 0
			var reasons []int
			for _, call := range calls {
				_, stream, _ := strings.Cut(call, "\r\n")
				r := newReader(strings.NewReader(stream))
				if v, err := r.banner(); err != nil || v == "" {
					t.Fatalf("banner: %q %v", v, err)
				}
				ids := map[string]bool{}
				for {
					m, err := r.next()
					if err != nil {
						if !errors.Is(err, io.EOF) {
							t.Fatal(err)
						}
						break
					}
					if m.Event() == nil {
						if !response(m).Success {
							t.Errorf("refused: %s", m.raw)
						}
						answered++
						continue
					}
					names[string(m.Event())]++
					ev := Decode(m)
					if ev == nil {
						continue
					}
					types[fmt.Sprintf("%T", ev)]++
					switch ev := ev.(type) {
					case Newchannel:
						if ev.Channel.Name == "" || ev.Channel.UniqueID == "" || ev.Channel.LinkedID == "" || ev.Channel.CallerIDNum == "<unknown>" {
							t.Errorf("%+v", ev)
						}
						ids[ev.Channel.UniqueID] = true
					case HangupEvent:
						if !ids[ev.Channel.UniqueID] {
							t.Errorf("%+v", ev)
						}
						delete(ids, ev.Channel.UniqueID)
					case DialBegin:
						if !ids[ev.Dest.UniqueID] || ev.DialString == "" {
							t.Errorf("%+v", ev)
						}
					case DialState:
						if !ids[ev.Dest.UniqueID] || ev.Status == "" {
							t.Errorf("%+v", ev)
						}
					case DialEnd:
						if !ids[ev.Dest.UniqueID] || ev.Status == "" {
							t.Errorf("%+v", ev)
						}
					case BridgeEnter:
						if !ids[ev.Channel.UniqueID] || ev.BridgeID == "" {
							t.Errorf("%+v", ev)
						}
					case ExtensionStatus:
						if ev.Exten == "" || ev.Hint == "" || ev.StatusText == "" {
							t.Errorf("%+v", ev)
						}
					case OriginateResponse:
						if ev.ActionID != "originate" {
							t.Errorf("%+v", ev)
						}
						reasons = append(reasons, ev.Reason)
					}
				}
				if r.torn != 0 || len(ids) != 0 {
					t.Errorf("%d torn, channels left: %v", r.torn, ids)
				}
			}
			// Counted with grep in the files.
			if len(calls) != 8 || answered != 17 {
				t.Errorf("%d calls, %d answers", len(calls), answered)
			}
			wantNames := map[string]int{
				"BridgeCreate": 6, "BridgeDestroy": 6, "BridgeEnter": 13, "BridgeLeave": 13, "DeviceStateChange": 68,
				"DialBegin": 20, "DialEnd": 19, "DialState": 14, "ExtensionStatus": 19, "Hangup": 40, "HangupRequest": 21,
				"LocalBridge": 8, "LocalOptimizationBegin": 1, "LocalOptimizationEnd": 1, "NewCallerid": 29,
				"NewConnectedLine": 38, "Newchannel": 40, "Newstate": 37, "OriginateResponse": 8, "SoftHangupRequest": 25,
			}
			if !reflect.DeepEqual(names, wantNames) {
				t.Errorf("events %v", names)
			}
			wantTypes := map[string]int{
				"ami.BridgeEnter": 13, "ami.BridgeLeave": 13, "ami.DialBegin": 20, "ami.DialEnd": 19, "ami.DialState": 14,
				"ami.ExtensionStatus": 19, "ami.HangupEvent": 40, "ami.HangupRequest": 21, "ami.Newchannel": 40, "ami.Newstate": 37, "ami.OriginateResponse": 8,
			}
			if !reflect.DeepEqual(types, wantTypes) {
				t.Errorf("types %v", types)
			}
			if fmt.Sprint(reasons) != "[4 4 3 0 0 4 4 4]" {
				t.Errorf("reasons %v", reasons)
			}
		})
	}
}

// endless repeats a text.
type endless struct {
	text []byte
	at   int
}

func (e *endless) Read(b []byte) (int, error) {
	n := copy(b, e.text[e.at:])
	e.at = (e.at + n) % len(e.text)
	return n, nil
}

// TestForeignEventsCostNoMemory holds the promise of the package comment, for
// each message of real calls.
func TestForeignEventsCostNoMemory(t *testing.T) {
	stream, messages := busy(t, 1)
	c := newClient(Config{}, nil, nil)
	c.read = newReader(&endless{text: stream})
	s := c.Subscribe(wanted(), 0)
	defer close(s.stop)
	per := testing.AllocsPerRun(100, func() {
		for range messages {
			m, err := c.read.next()
			if err == nil {
				err = c.dispatch(m)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	})
	if per != 0 {
		t.Errorf("%v allocations for %d messages", per, messages)
	}
}

// TestEventsCostTwoAllocations: the text, once, and the event.
func TestEventsCostTwoAllocations(t *testing.T) {
	stream, messages := busy(t, 1)
	r := newReader(bytes.NewReader(stream))
	typed := 0
	for range messages {
		m, err := r.next()
		if err != nil {
			t.Fatal(err)
		}
		if Decode(m) == nil {
			continue
		}
		typed++
		if per := testing.AllocsPerRun(10, func() { _ = Decode(m) }); per > 2 {
			t.Errorf("%v allocations for %s", per, m.Event())
		}
	}
	if typed == 0 {
		t.Error("no event")
	}
}
