package agent

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/internal/safelog"
)

// What a PBX says here, in every place where it can say something.
const (
	canaryName   = "Serafina Canarini"
	canaryNumber = "0390876543"
	canaryHost   = "pbx.canarini.example"
	canaryWords  = canaryName + " " + canaryNumber + " " + canaryHost
	dialled      = "0501234507"
)

// canaryLog is what both a log as the programs make it and a plain one get, at debug
// level: what the types of errors keep back is not in the plain one either.
type canaryLog struct {
	mu    sync.Mutex // guards text
	text  bytes.Buffer
	plain slog.Handler
	slog.Handler
}

func newCanaryLog() *canaryLog {
	l := new(canaryLog)
	l.plain = slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug})
	l.Handler = safelog.New(l, slog.LevelDebug).Handler()
	return l
}

func (l *canaryLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *canaryLog) Handle(ctx context.Context, r slog.Record) error {
	_ = l.plain.Handle(ctx, r)
	return l.Handler.Handle(ctx, r)
}

// canaryPBX answers each action with canaries; answers has those that it refuses or
// answers in another way, by name, in which {id} stands for the ActionID and {channel}
// for the ChannelId. "!" hangs up.
func canaryPBX(t *testing.T, banner string, settings *tls.Config, answers map[string]string) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	ctx, end := context.WithCancel(context.Background())
	t.Cleanup(func() { end(); ln.Close(); wg.Wait() })
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer context.AfterFunc(ctx, func() { c.Close() })()
				defer c.Close()
				inside := c
				if settings != nil {
					inside = tls.Server(c, settings)
				}
				fmt.Fprint(inside, banner+"\r\n")
				answerWithCanaries(inside, answers)
			})
		}
	})
	return ln.Addr().String()
}

func answerWithCanaries(c net.Conn, answers map[string]string) {
	h := map[string]string{}
	for in := bufio.NewScanner(c); in.Scan(); {
		if k, v, ok := strings.Cut(in.Text(), ": "); ok {
			h[k] = v
			continue
		}
		answer, ok := answers[h["Action"]]
		if !ok {
			answer = "Response: Success\r\nActionID: {id}\r\nMessage: " + canaryWords + "\r\nChallenge: 123456789\r\nOriginate: " + canaryWords +
				"\r\nHangup: " + canaryWords + "\r\nStatus: " + canaryWords + "\r\n" + canaryName + ": " + canaryNumber + "\r\n\r\n"
		}
		if a := h["Action"]; (a == "Status" || a == "ExtensionStateList") && !ok {
			answer += "Event: " + a + "Complete\r\nActionID: {id}\r\nEventList: Complete\r\n\r\n"
		}
		if answer == "!" {
			return
		}
		if _, err := io.WriteString(c, strings.NewReplacer("{id}", h["ActionID"], "{channel}", h["ChannelId"]).Replace(answer)); err != nil {
			return
		}
		h = map[string]string{}
	}
}

// canaryEvent has a canary in every field that an event can have, but for those given.
func canaryEvent(name string, fields ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Event: %s\r\n%s\r\n", name, strings.Join(fields, "\r\n"))
	for _, f := range []string{
		"Channel", "ChannelStateDesc", "CallerIDNum", "CallerIDName", "ConnectedLineNum", "ConnectedLineName", "Language", "AccountCode",
		"Context", "Exten", "Cause-txt", "TechCause", "DialString", "DialStatus", "DestChannel", "DestCallerIDNum", "DestCallerIDName",
		"DestConnectedLineName", "DestContext", "DestExten", "Newname", "BridgeUniqueid", "Hint", "StatusText", "Uniqueid", "DestUniqueid", "Linkedid",
	} {
		fmt.Fprintf(&b, "%s: %s\r\n", f, canaryWords)
	}
	return b.String() + "\r\n"
}

func refusedWith(words string) string {
	return "Response: Error\r\nActionID: {id}\r\nMessage: " + words + "\r\n\r\n"
}

// canaryCert is a certificate that is full of them.
func canaryCert(t *testing.T, change func(*x509.Certificate)) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		Subject:  pkix.Name{CommonName: canaryName, Organization: []string{canaryNumber}},
		DNSNames: []string{canaryHost}, EmailAddresses: []string{"serafina@canarini.example"},
	}
	change(c)
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// TestNothingForeignInTheLog runs the agent against PBXs that have a name, a whole
// number or a host in whatever they say, through every kind of trouble, and finds none
// of it in the log at its most talkative. That is so by type (clean.Foreign, the errors
// of ami, package safelog), and this is the proof.
func TestNothingForeignInTheLog(t *testing.T) {
	const ami = "Asterisk Call Manager/5.0.4"
	queued := "Response: Success\r\nActionID: {id}\r\nMessage: " + canaryWords + "\r\n\r\n"
	ours := queued + canaryEvent("Newchannel", "Channel: Local/7101@c2c-1;1", "Uniqueid: {channel}")
	originate := func(follows ...string) map[string]string {
		return map[string]string{"Originate": ours + strings.Join(follows, "")}
	}
	failure := canaryEvent("OriginateResponse", "ActionID: {id}", "Response: Failure", "Reason: 0")
	for _, tt := range []struct {
		name    string
		banner  string
		tls     func(t *testing.T) *tls.Config // nil: in clear
		usesTLS bool                           // though the PBX does not
		answers map[string]string
	}{
		{name: "no AMI", banner: "HTTP/1.1 200 " + canaryWords},
		{name: "a banner with a name", banner: "Asterisk Call Manager/" + canaryName},
		{name: "a banner with a number", banner: "Asterisk Call Manager/" + canaryNumber},
		{name: "a proxy", banner: "Asterisk Call Manager Proxy/" + canaryWords},
		{name: "no challenge", banner: ami, answers: map[string]string{"Challenge": refusedWith(canaryWords)}},
		{name: "a bad challenge", banner: ami, answers: map[string]string{"Challenge": "Response: Success\r\nActionID: {id}\r\nChallenge: " + canaryWords + "\r\n\r\n"}},
		{name: "login refused", banner: ami, answers: map[string]string{"Login": refusedWith("Authentication failed for " + canaryWords)}},
		{name: "logged in already", banner: ami, answers: map[string]string{"Login": refusedWith("Login Already In Use")}},
		{name: "login closed", banner: ami, answers: map[string]string{"Login": "!"}},
		{name: "login with a goodbye", banner: ami, answers: map[string]string{"Login": "Response: Goodbye\r\nMessage: " + canaryWords + "\r\n\r\n"}},
		{name: "an odd answer to the login", banner: ami, answers: map[string]string{"Login": "Response: " + canaryWords + "\r\nActionID: {id}\r\n\r\n"}},
		{name: "no rights", banner: ami, answers: map[string]string{"ListCommands": "Response: Success\r\nActionID: {id}\r\n" + canaryName + ": " + canaryNumber + "\r\n\r\n"}},
		{name: "rights refused", banner: ami, answers: map[string]string{"ListCommands": refusedWith(canaryWords)}},
		{name: "refused", banner: ami, answers: map[string]string{"Originate": refusedWith(canaryWords)}},
		{name: "not permitted", banner: ami, answers: map[string]string{"Originate": refusedWith("Permission denied: " + canaryWords)}},
		{name: "no such extension", banner: ami, answers: map[string]string{"Originate": refusedWith("Extension does not exist: " + canaryWords)}},
		{name: "closed in the call", banner: ami, answers: map[string]string{"Originate": "!"}},
		{name: "hangup refused", banner: ami, answers: map[string]string{"Originate": ours, "Hangup": refusedWith(canaryWords)}},
		{name: "status refused", banner: ami, answers: map[string]string{"Originate": ours + "Event: " + canaryName + "\r\nEvent: Newstate\r\n\r\n", "Status": refusedWith(canaryWords)}},
		{name: "a status list", banner: ami, answers: map[string]string{"Originate": ours + "Event: Newstate\r\nEvent: Newstate\r\n\r\n", "Status": queued +
			canaryEvent("Status", "ActionID: {id}") + canaryEvent(canaryName, "ActionID: {id}") + "Event: StatusComplete\r\nActionID: {id}\r\nEventList: Cancelled\r\nMessage: " + canaryWords + "\r\n\r\n"}},
		{name: "goodbye", banner: ami, answers: originate("Response: Goodbye\r\nMessage: " + canaryWords + "\r\n\r\n")},
		{name: "a message too large", banner: ami, answers: originate("Event: " + strings.Repeat(canaryWords, 2000) + "\r\n")},
		{name: "too much", banner: ami, answers: originate("Event: X\r\n" + strings.Repeat(canaryName+": "+canaryNumber+"\r\n", 1025))},
		{name: "own phone failed", banner: ami, answers: originate(
			canaryEvent("DialBegin", "Uniqueid: {channel}", "DestUniqueid: 7.1", "DestChannel: PJSIP/7101-1"),
			canaryEvent("DialEnd", "Uniqueid: {channel}", "DestUniqueid: 7.1", "DialStatus: "+canaryWords),
			canaryEvent("Hangup", "Uniqueid: {channel}", "Cause: 21"), failure)},
		{name: "every event", banner: ami, answers: originate(
			canaryEvent("NewCallerid", "Uniqueid: {channel}"), canaryEvent("Newstate", "Uniqueid: {channel}", "ChannelState: 5"), canaryEvent("Rename", "Uniqueid: {channel}"),
			canaryEvent("DialBegin", "Uniqueid: {channel}"), canaryEvent("DialState", "Uniqueid: {channel}", "DialStatus: RINGING"),
			canaryEvent("BridgeEnter", "Uniqueid: {channel}"), canaryEvent("BridgeLeave", "Uniqueid: {channel}"), canaryEvent("Bridge", "Uniqueid1: {channel}"),
			canaryEvent("LocalBridge"), canaryEvent("ExtensionStatus"), canaryEvent("Status"), canaryEvent(canaryName),
			canaryEvent("DialEnd", "Uniqueid: {channel}"), canaryEvent("Hangup", "Uniqueid: {channel}"), failure)},
		{name: "in clear on the TLS port", banner: canaryWords, usesTLS: true},
		{name: "TLS, self-signed", banner: ami, tls: func(t *testing.T) *tls.Config { return canaryCert(t, func(*x509.Certificate) {}) }},
		{name: "TLS, of another issuer", banner: ami, tls: func(t *testing.T) *tls.Config {
			return canaryCert(t, func(c *x509.Certificate) { c.Issuer = pkix.Name{CommonName: canaryWords} })
		}},
		{name: "TLS, expired", banner: ami, tls: func(t *testing.T) *tls.Config {
			return canaryCert(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
		}},
		{name: "TLS, an odd certificate", banner: ami, tls: func(t *testing.T) *tls.Config {
			return canaryCert(t, func(c *x509.Certificate) { c.EmailAddresses = []string{canaryNumber}; c.IsCA = true })
		}},
		{name: "TLS, damaged", banner: ami, tls: func(t *testing.T) *tls.Config {
			c := canaryCert(t, func(*x509.Certificate) {})
			der := c.Certificates[0].Certificate[0]
			copy(der[bytes.Index(der, []byte(canaryHost)):], "\xff\xfe") // x509 quotes a name that is none
			return c
		}},
		{name: "TLS for nobody", banner: ami, tls: func(*testing.T) *tls.Config {
			return &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return nil, io.EOF }}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var settings *tls.Config
			if tt.tls != nil {
				settings = tt.tls(t)
			}
			log := newCanaryLog()
			s := startAgentAt(t, canaryPBX(t, tt.banner, settings, tt.answers), slog.New(log), func(cfg *config.Config) {
				cfg.Account.TLS = settings != nil || tt.usesTLS
			})
			c := s.client()
			told := func(what string) status.Snapshot {
				v, err := control.Status.Call(s.ctx, c, ipc.None{})
				if err != nil {
					t.Fatalf("%s: %v", what, err)
				}
				return v
			}
			_, err := c.Dial(s.ctx, dialled, false, true)
			if _, tells := tt.answers["Originate"]; tells && err == nil {
				s.wait("what the PBX says", func() bool {
					v := told("the call").Call
					return v != nil && (!v.Live() || strings.Contains(v.FarName.Text(), "Canarini") || tt.answers["Hangup"] != "" || tt.answers["Status"] != "")
				})
			}
			hangup := s.agent.dialer.Hangup(s.ctx)
			// Whatever error comes of a PBX, somebody may log it as it is.
			account := s.agent.account()
			_, list := dialer.Extensions(s.ctx, dialer.OpenLogins(""), account, pbxsim.Secret, slog.New(log))
			for _, err := range []error{
				err, hangup, list, s.agent.dialer.Check(s.ctx),
				dialer.Probe(s.ctx, dialer.OpenLogins(""), account, pbxsim.Secret, slog.New(log), func(status.Step) {}),
			} {
				slog.New(log).Warn("an error", slog.Any("err", err), slog.Any("problem", dialer.ProblemOf(err, status.AttemptDial)))
			}
			_, _ = control.Reload.Call(s.ctx, c, ipc.None{})
			_ = told("the end")
			s.end()
			select {
			case err := <-s.over:
				if err != nil {
					t.Error(err)
				}
			case <-s.ctx.Done():
				t.Fatal("the agent does not end")
			}
			text := log.text.String()
			for _, part := range []string{"erafina", "anarini", canaryNumber, "876543", "example", dialled} {
				if i := strings.Index(text, part); i >= 0 {
					t.Errorf("%q is in the log: …%s…", part, text[max(0, i-300):min(len(text), i+100)])
				}
			}
			if text == "" {
				t.Error("nothing was logged at all")
			}
		})
	}
}
