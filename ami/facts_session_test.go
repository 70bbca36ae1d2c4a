package ami

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"
)

// The facts of TestFacts that concern actions, answers and a connection's end.

func showFirstAnswerWins(t *testing.T) {
	cfg, sub := everything(config(listen(t, func(p *peer) {
		p.login(crlf("Response: Success\nActionID: call-1\nMessage: forged\n\nResponse: Error\n\nEvent: Hangup\nUniqueid: 1.1\n\n"))
		p.expect("Originate")
		p.send(crlf("Response: Success\nMessage: nobody's\n\nResponse: Success\nActionID: CALL-1\n\n" +
			"Response: Error\nActionID: call-1\nMessage: Extension does not exist.\n\n" +
			"Response: Success\nActionID: call-1\nMessage: Originate successfully queued\n\n"))
		p.logoff()
	})))
	c := dial(t, cfg)
	take(t, sub()) // what was slipped in before has been read
	_, err := c.Do(context.Background(), call1)
	if !errors.Is(err, ErrNoSuchExtension) || errors.Is(err, ErrNotSent) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Do(context.Background(), Ping{}); err != nil {
		t.Errorf("Ping after it: %v", err)
	}
}

func showEventBeforeAnswer(t *testing.T) {
	cfg, sub := everything(config(listen(t, func(p *peer) {
		p.login("")
		p.expect("Originate")
		p.send(crlf("Event: OriginateResponse\nActionID: call-1\nResponse: Success\nReason: 4\n\n"))
		p.expect("Ping") // the event alone was no answer
		p.send(crlf("Response: Success\nActionID: call-1\n\nResponse: Success\nActionID: t-3\nPing: Pong\n\n"))
		p.logoff()
	})))
	c := dial(t, cfg)
	answered := make(chan error, 1)
	go func() {
		_, err := c.Do(context.Background(), call1)
		answered <- err
	}()
	wantEvents(t, []Event{take(t, sub())}, OriginateResponse{ActionID: "call-1", Success: true, Reason: 4})
	select {
	case err := <-answered:
		t.Errorf("answered by the event: %v", err)
	default:
	}
	if r, err := c.Do(context.Background(), Ping{}); err != nil || r.Get("ping") != "Pong" || r.ActionID != "t-3" {
		t.Errorf("Ping: %+v %v", r, err)
	}
	if err := <-answered; err != nil {
		t.Error(err)
	}
}

func showRefusals(t *testing.T) {
	for _, tt := range []struct {
		action  Action
		message string
		want    error
	}{
		{call1, "Permission denied", ErrPermission},
		{call1, "Extension does not exist.", ErrNoSuchExtension},
		{Hangup{Channel: "PJSIP/7101-1"}, "No such channel", ErrNoSuchChannel},
		{Hangup{Channel: "PJSIP/7101-1"}, "Permission denied", ErrPermission},
	} {
		c := dial(t, config(listen(t, func(p *peer) {
			p.login("")
			r := p.request()
			p.send("Response: Error\r\nActionID: " + r.get("ActionID") + "\r\nMessage: " + tt.message + "\r\n\r\n")
			p.logoff()
		})))
		r, err := c.Do(context.Background(), tt.action)
		var refused *ResponseError
		if !errors.As(err, &refused) || refused.Message.Text() != tt.message || refused.Action != tt.action.Name() {
			t.Errorf("%s: %v", tt.message, err)
		}
		for _, e := range []error{ErrPermission, ErrNoSuchExtension, ErrNoSuchChannel, ErrNotSent} {
			if errors.Is(err, e) != (e == tt.want) {
				t.Errorf("%s: Is(%v) is %v", tt.message, e, errors.Is(err, e))
			}
		}
		if r.Success || r.Message.Text() != tt.message {
			t.Errorf("%+v", r)
		}
	}
}

func showReasons(t *testing.T) {
	for raw, want := range map[string]int{
		"0": 0, "4": 4, "8": 8, "9": -1, "-1": -1, "": -1, "x": -1, "04": -1, "999999999999999999999": -1,
	} {
		wantEvents(t, session(t, crlf("Event: OriginateResponse\nActionID: a\nResponse: Failure\nReason: "+raw+"\nUniqueid: <unknown>\n\n")),
			OriginateResponse{ActionID: "a", Reason: want})
	}
}

func showLists(t *testing.T) {
	cfg, sub := everything(config(listen(t, func(p *peer) {
		p.login("")
		p.expect("ExtensionStateList")
		p.send(crlf("Event: ExtensionStatus\nExten: 1\nStatus: 0\n\n" + // an event beside the list
			"Response: Success\nActionID: t-3\nEventList: start\nMessage: Extension Statuses will follow\n\n" +
			"Response: Error\nActionID: t-3\nMessage: a second answer\n\n" +
			"Event: ExtensionStatus\nActionID: t-3\nExten: 7101\nContext: outbound\nHint: PJSIP/7101\nStatus: 8\nStatusText: Ringing\n\n" +
			"Event: Hangup\nUniqueid: 5.5\n\n" +
			"Event: ExtensionStatus\nActionID: t-3\nExten: 7102\nStatus: -1\nStatusText: Unknown\n\n" +
			"Event: ExtensionStateListComplete\nActionID: t-3\nEventList: Complete\nListItems: 2\n\n"))
		s := p.expect("Status")
		if s.get("Channel") != "" {
			t.Errorf("%q", s)
		}
		p.send(crlf("Response: Success\nActionID: t-4\nMessage: Channel status will follow\n\n" + // as of Asterisk 11
			"Event: Status\nPrivilege: Call\nChannel: SIP/7101-1\nChannelState: 6\nUniqueid: 1.1\nExtension: 7102\nSeconds: 7\nBridgeID: b\nActionID: t-4\n\n" +
			"Event: Status\nPrivilege: Call\nChannel: SIP/7102-1\nAccount: \nState: Ringing\nBridgedChannel: SIP/7101-1\nBridgedUniqueid: 1.1\nUniqueid: 1.2\nActionID: t-4\n\n" + // without a dialplan
			"Event: StatusComplete\nActionID: t-4\nItems: 1\n\n"))
		p.expect("Status")
		p.send(crlf("Response: Error\nActionID: t-5\nMessage: No such channel\n\n"))
		p.logoff()
	})))
	c := dial(t, cfg)
	items, err := c.List(context.Background(), ExtensionStateList{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantEvents(t, items, ExtensionStatus{"7101", "outbound", "PJSIP/7101", 8, "Ringing"}, ExtensionStatus{Exten: "7102", Status: -1, StatusText: "Unknown"})
	wantEvents(t, []Event{take(t, sub()), take(t, sub())}, ExtensionStatus{Exten: "1"}, hangup("5.5"))
	items, err = c.List(context.Background(), Status{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	wantEvents(t, items, ChannelStatus{Channel{Name: "SIP/7101-1", UniqueID: "1.1", State: 6, Exten: "7102"}, 7, "b", "", ""},
		ChannelStatus{Channel: Channel{Name: "SIP/7102-1", UniqueID: "1.2", State: 5, StateDesc: "Ringing"}, Bridged: "1.1"})
	if _, err := c.List(context.Background(), Status{Channel: "PJSIP/gone-1"}, nil); !errors.Is(err, ErrNoSuchChannel) {
		t.Errorf("got %v", err)
	}
}

func showGoodbye(t *testing.T) {
	c := dial(t, config(listen(t, func(p *peer) {
		p.login("Response: Goodbye\r\nMessage: Thanks for all the fish.\r\n\r\n")
		_, _ = io.Copy(io.Discard, p.in)
	})))
	if err := ended(t, c); !errors.Is(err, ErrGoodbye) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Do(context.Background(), Ping{}); !errors.Is(err, ErrGoodbye) || !errors.Is(err, ErrNotSent) {
		t.Errorf("Do after it: %v", err)
	}
}

func showLimits(t *testing.T) {
	for name, part := range map[string]string{
		"a line":         strings.Repeat("x", 8192),
		"a line of keys": "X: " + strings.Repeat("x", 8192),
		"a message":      "no colon " + strings.Repeat("x", 8192) + "\r\n",
		"headers":        "X: y\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, config(listen(t, func(p *peer) {
				p.login("Event: Newstate\r\n")
				for {
					if _, err := io.WriteString(p.conn, part); err != nil {
						return
					}
				}
			})))
			if err := ended(t, c); !errors.Is(err, ErrMessageTooLarge) {
				t.Errorf("got %v", err)
			}
			if n := len(c.read.buf); n > maxBuffer {
				t.Errorf("the buffer has %d bytes", n)
			}
		})
	}
	c := dial(t, config(listen(t, func(p *peer) {
		p.login("Event: Newstate\r\n" + strings.Repeat("X: y\r\n", maxLines) + "\r\n")
		_, _ = io.Copy(io.Discard, p.in)
	})))
	if err := ended(t, c); !errors.Is(err, ErrMessageTooLarge) {
		t.Errorf("a header too many: %v", err)
	}
	// What is just within them is read, and the buffer shrinks afterwards.
	fits := "Event: Newstate\r\nCallerIDName: " + strings.Repeat("x", maxLine-len("CallerIDName: ")) + "\r\n" +
		strings.Repeat("X: "+strings.Repeat("y", 900)+"\r\n", maxLines-3) + "Uniqueid: 1.1\r\n\r\n"
	got := session(t, fits+strings.Repeat("Event: Hangup\r\nUniqueid: 9.9\r\n\r\n", 2000))
	if len(got) != 2001 || got[0].(Newstate).Channel.UniqueID != "1.1" {
		t.Errorf("got %d events", len(got))
	}
}

func showLostConnection(t *testing.T) {
	for name, script := range map[string]func(*peer){
		"half close": func(p *peer) {
			_ = p.conn.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, p.in)
		},
		"reset after Originate": func(p *peer) {
			p.expect("Originate")
			_ = p.conn.(*net.TCPConn).SetLinger(0)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := dial(t, config(listen(t, func(p *peer) {
				p.login("")
				script(p)
			})))
			if name == "half close" {
				if err := ended(t, c); !errors.Is(err, io.EOF) {
					t.Errorf("got %v", err)
				}
				return
			}
			_, err := c.Do(context.Background(), call1)
			if !errors.Is(err, errReset) && !errors.Is(err, io.EOF) || errors.Is(err, ErrNotSent) { // wine may make an end of a reset
				t.Errorf("got %v", err)
			}
		})
	}
}

func showServerNotReading(t *testing.T) {
	stop := make(chan struct{})
	addr := listen(t, func(p *peer) {
		_ = p.conn.(*net.TCPConn).SetReadBuffer(4096)
		p.login("")
		<-stop
	})
	t.Cleanup(func() { close(stop) }) // runs before the wait for the server
	cfg := config(addr)
	cfg.WriteTimeout = 200 * time.Millisecond
	cfg.ActionTimeout = patience
	cfg.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, addr)
		if err == nil {
			err = conn.(*net.TCPConn).SetWriteBuffer(4096)
		}
		return conn, err
	}
	c := dial(t, cfg)
	big := call1
	big.ActionID = ""
	for range 90 {
		big.Variables = append(big.Variables, Variable{"V", strings.Repeat("x", 900)})
	}
	results := make(chan error)
	const many = 100
	for range many {
		go func() {
			_, err := c.Do(context.Background(), big)
			results <- err
		}()
	}
	for range many {
		if err := <-results; !errors.Is(err, ErrWriteTimeout) {
			t.Fatalf("got %v", err)
		}
	}
	if err := ended(t, c); !errors.Is(err, ErrWriteTimeout) {
		t.Errorf("ended with %v", err)
	}
}

func showSilentServer(t *testing.T) {
	cfg := config(listen(t, func(p *peer) {
		p.login("")
		p.expect("Originate")
		p.logoff() // answers the Ping
	}))
	cfg.ActionTimeout = 100 * time.Millisecond
	c := dial(t, cfg)
	if _, err := c.Do(context.Background(), call1); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrNotSent) {
		t.Errorf("got %v", err)
	}
	if len(c.pending) != 0 {
		t.Errorf("%d actions are still in flight", len(c.pending))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.Do(ctx, call1); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrNotSent) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Do(context.Background(), Ping{}); err != nil {
		t.Errorf("the link is not usable any more: %v", err)
	}
}

func showLogoff(t *testing.T) {
	said := make(chan request, 1)
	c := dial(t, config(listen(t, func(p *peer) {
		p.login("")
		said <- p.expect("Logoff")
		_, _ = io.Copy(io.Discard, p.in) // and no Goodbye
	})))
	begin := time.Now()
	done := make(chan error)
	for range 2 {
		go func() { done <- c.Close() }()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if took := time.Since(begin); took < 900*time.Millisecond || took > patience/2 {
		t.Errorf("Close took %v", took)
	}
	<-said
	if err := ended(t, c); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Do(context.Background(), Ping{}); !errors.Is(err, ErrClosed) || !errors.Is(err, ErrNotSent) {
		t.Errorf("Do after it: %v", err)
	}
	if _, open := <-c.Subscribe(nil, 1).C(); open {
		t.Error("a subscription to a closed client has events")
	}
}

func showLog(t *testing.T) {
	var log logText
	cfg, sub := everything(config(listen(t, playGolden)))
	cfg.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	c := dial(t, cfg)
	if _, err := c.Do(context.Background(), call1); err != nil {
		t.Fatal(err)
	}
	take(t, sub())
	c.Close()
	text := log.String()
	for _, bad := range []string{"s3cret", "0390501234502", "7101", "Key", "cornetta"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in the log:\n%s", bad, text)
		}
	}
	if !strings.Contains(text, "action=Originate success=true") {
		t.Errorf("the log misses the action:\n%s", text)
	}
}
