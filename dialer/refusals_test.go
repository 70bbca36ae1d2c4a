package dialer

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// refuse answers the action with an error of the PBX.
func refuse(c net.Conn, h map[string]string, text string) bool {
	fmt.Fprintf(c, "Response: Error\r\nActionID: %s\r\nMessage: %s\r\n\r\n", h["ActionID"], text)
	return true
}

// TestAnErrorIsAnAnswer: whatever a PBX that answers refuses, it is not told as a
// PBX that cannot be reached.
func TestAnErrorIsAnAnswer(t *testing.T) {
	const odd, unknown, denied = "Out of cheese", "Invalid/unknown command: X. Use Action: ListCommands to show available commands.", "Permission denied"
	check := func(t *testing.T, d *Dialer, _ config.Account) error { return d.Check(t.Context()) }
	list := func(t *testing.T, _ *Dialer, a config.Account) error {
		_, err := Extensions(t.Context(), OpenLogins(""), a, pbxsim.Secret, slog.New(slog.DiscardHandler))
		return err
	}
	hangup := func(t *testing.T, d *Dialer, _ config.Account) error {
		if _, err := d.Dial(t.Context(), planFor("7102")); err != nil {
			t.Fatal(err)
		}
		return d.Hangup(t.Context())
	}
	for _, tt := range []struct {
		action, answer string
		do             func(*testing.T, *Dialer, config.Account) error
		want           status.Code
		detail         clean.Foreign
	}{
		{"Challenge", "Must specify AuthType", check, status.CodeAuthMethod, ""},
		{"Challenge", odd, check, status.CodeAuthMethod, ""},
		{"Login", "Authentication failed", check, status.CodeLoginRefused, ""},
		{"Login", odd, check, status.CodeLoginRefused, ""},
		// Dialling works where its rights are not listed.
		{"ListCommands", unknown, check, "", ""},
		{"ListCommands", odd, check, "", ""},
		{"ExtensionStateList", unknown, list, status.CodeNoList, ""},
		{"ExtensionStateList", odd, list, status.CodeNoList, ""},
		{"ExtensionStateList", denied, list, status.CodeNoPermission, ""},
		{"Hangup", denied, hangup, status.CodeNoPermission, ""},
		{"Hangup", odd, hangup, status.CodeActionRefused, odd},
		{"Hangup", "No such channel", hangup, "", ""},
	} {
		t.Run(tt.action+", "+tt.answer, func(t *testing.T) {
			s := runScript(t, func(c net.Conn, h map[string]string) bool {
				return h["Action"] == tt.action && refuse(c, h, tt.answer) || rightsHandler(c, h)
			})
			d := startDialer(t, s.account(t), config.ConnectionOnDemand)
			err := tt.do(t, d, s.account(t))
			if got := codeOf(err); got != tt.want || tt.want == "" && err != nil {
				t.Errorf("code %q (%v), want %q", got, err, tt.want)
			}
			if tt.detail != "" && ProblemOf(err, "").Detail != tt.detail {
				t.Errorf("detail %q, want %q", ProblemOf(err, "").Detail, tt.detail)
			}
			if link := d.Snapshot().Connection; tt.want == "" && link == status.Trouble {
				t.Errorf("trouble %+v", d.Snapshot().Trouble)
			}
		})
	}
}

// TestRefusedInACall: errors of the actions that follow a call end neither the
// call nor the session.
func TestRefusedInACall(t *testing.T) {
	for _, action := range []string{"Ping", "Status", "Hangup"} {
		err := &ami.ResponseError{Action: action, Message: "Out of cheese"}
		if got := ProblemOf(err, ""); got.Code != status.CodeActionRefused || got.Detail != err.Message {
			t.Errorf("%s: %+v", action, got)
		}
	}
	s := runScript(t, func(c net.Conn, h map[string]string) bool {
		switch h["Action"] {
		case "Ping", "Status":
			return refuse(c, h, "Out of cheese")
		case "Originate":
			accept(c, h, "")
			event(c, "Newchannel", "Channel: Local/7101@c2c-1;1", "Uniqueid: "+h["ChannelId"])
			event(c, "DialState", "DestChannel: Local/7101@c2c-1;1", "DestUniqueid: "+h["ChannelId"], "DialStatus: RINGING")
			return true
		}
		return rightsHandler(c, h)
	})
	d := startDialer(t, s.account(t), config.ConnectionKept)
	if _, err := d.Dial(t.Context(), planFor("7102")); err != nil {
		t.Fatal(err)
	}
	await(t, d, 5*time.Second, "ringing", func(s status.Snapshot) bool { return s.Call != nil && s.Call.State == call.RingingOwn })
	if err := d.do(t.Context(), func(l *loop, done func(error)) {
		l.askStatus(l.cur, l.cur.call.Missed)
		l.probe(l.client, pingAnswer, func() { done(nil) })
	}); err != nil {
		t.Fatal(err)
	}
	if now := d.Snapshot(); now.Call.State != call.RingingOwn || now.Connection != status.Connected {
		t.Errorf("%s, link %s", now.Call.State, now.Connection)
	}
}

// TestBanners: a check says which versions are not supported.
func TestBanners(t *testing.T) {
	for banner, want := range map[string]status.Code{
		"Asterisk Call Manager/1.0":         status.CodeTooOld,
		"Asterisk Call Manager/1.1":         "",
		"Asterisk Call Manager/1.3":         "",
		"Asterisk Call Manager/2.2.0":       "",
		"Asterisk Call Manager/99.9":        "",
		"Asterisk Call Manager/":            "",
		"Asterisk Call Manager Proxy":       status.CodeProxy,
		"Asterisk Call Manager Proxy/1.22":  status.CodeProxy,
		"Asterisk Manager Proxy/2":          status.CodeProxy,
		"Asterisk Call Managers":            status.CodeNotAMI,
		"HTTP/1.1 400 Bad Request":          status.CodeNotAMI,
		"SSH-2.0-OpenSSH_9.2p1 Debian-2":    status.CodeNotAMI,
		"SIP/2.0 400 Bad Request":           status.CodeNotAMI,
		"* OK [CAPABILITY IMAP4rev1] ready": status.CodeNotAMI,
	} {
		t.Run(banner, func(t *testing.T) {
			ln, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer ln.Close()
			done := make(chan struct{})
			go func() {
				defer close(done)
				c, err := ln.Accept()
				if err != nil {
					return
				}
				defer c.Close()
				fmt.Fprint(c, banner+"\r\n")
				new(script).answer(c, bufio.NewScanner(c), rightsHandler)
			}()
			a := accountAt(t, ln.Addr().String(), "7101", config.SyntaxVariables)
			err = Probe(t.Context(), OpenLogins(""), a, pbxsim.Secret, slog.New(slog.DiscardHandler), func(status.Step) {})
			if got := codeOf(err); got != want || want == "" && err != nil {
				t.Errorf("code %q (%v), want %q", got, err, want)
			}
			if want == status.CodeTooOld && !errors.Is(err, ErrTooOld) {
				t.Error(err)
			}
			ln.Close()
			<-done
		})
	}
}

// TestUnansweredHangup: a PBX that leaves a Hangup unanswered is told as that: it can
// be reached, and no setting is at fault.
func TestUnansweredHangup(t *testing.T) {
	bubbleTest(t, func(t *testing.T) {
		d, _ := startBubble(t, config.ConnectionOnDemand, func(c net.Conn) {
			new(script).serve(c, func(c net.Conn, h map[string]string) bool {
				return h["Action"] == "Hangup" || noSpecialAnswer(c, h)
			})
		})
		if _, err := d.Dial(t.Context(), planFor("7102")); err != nil {
			t.Fatal(err)
		}
		err := d.Hangup(t.Context())
		if p := ProblemOf(err, status.AttemptHangUp); p == nil || p.Code != status.CodeNoReply || p.Attempt != status.AttemptHangUp {
			t.Errorf("%v is told as %+v", err, p)
		}
		if s := d.Snapshot(); s.Connection != status.Connected {
			t.Errorf("the link is %s, %+v", s.Connection, s.Trouble)
		}
	})
}

// TestProblemOf: each error is told as what it is, and one that nobody foresaw as
// itself, with what was attempted.
func TestProblemOf(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "/x", Err: syscall.EIO} // it is a net.Error, too
	for _, tt := range []struct {
		err  error
		want status.Problem
	}{
		{errors.New("out of cheese"), status.Problem{Code: status.CodeUnforeseen, Attempt: status.AttemptSave, Detail: "out of cheese"}},
		{full, status.Problem{Code: status.CodeUnforeseen, Attempt: status.AttemptSave, Detail: clean.Foreign(full.Error())}},
		{context.DeadlineExceeded, status.Problem{Code: status.CodeUnforeseen, Attempt: status.AttemptSave, Detail: "no answer in time"}},
		{fmt.Errorf("a: %w", context.Canceled), status.Problem{Code: status.CodeInterrupted, Detail: "a: context canceled"}},
		{ami.ErrBadValue, status.Problem{Code: status.CodeUnforeseen, Attempt: status.AttemptSave, Detail: clean.Foreign(ami.ErrBadValue.Error())}},
		{&ami.CertError{Fingerprint: "ab"}, status.Problem{Code: status.CodeCertInvalid, Detail: clean.Foreign((&ami.CertError{}).Error()), Cert: &status.Cert{Fingerprint: "ab"}}},
		{fmt.Errorf("a: %w", ErrNoCall), status.Problem{Code: status.CodeNoCall}},
		{&config.FieldError{Field: "host", Code: config.CodeMissing}, status.Problem{Code: status.CodeField, Field: "host", Fault: config.CodeMissing}},
		// A refusal that came from another program is the one that went there.
		{&status.Problem{Code: status.CodeActionRefused, Attempt: status.AttemptHangUp}, status.Problem{Code: status.CodeActionRefused, Attempt: status.AttemptHangUp}},
		{&TroubleError{Trouble: status.Problem{Code: status.CodeRefused}, Err: ErrNoCall}, status.Problem{Code: status.CodeRefused}},
	} {
		if diff := cmp.Diff(&tt.want, ProblemOf(tt.err, status.AttemptSave)); diff != "" {
			t.Errorf("%v: %s", tt.err, diff)
		}
	}
	if p := ProblemOf(nil, status.AttemptSave); p != nil {
		t.Errorf("nothing is %v", p)
	}
	if err := error(&status.Problem{Code: status.CodeNoCall}); !errors.Is(err, ErrNoCall) || errors.Is(err, ErrInProgress) {
		t.Error("what arrived is not the error that it was")
	}
}
