package dialer

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// TestWrongServerIsLeftAlone: what is no AMI, or not in the way that the account says,
// is tried again by a kept connection after half a minute at least, and within a minute
// of its becoming one.
func TestWrongServerIsLeftAlone(t *testing.T) {
	says := func(text string) func(net.Conn) {
		return func(c net.Conn) {
			fmt.Fprint(c, text)
			_, _ = io.Copy(io.Discard, c)
		}
	}
	plain := func(serve func(net.Conn)) func(*testing.T) func(net.Conn) {
		return func(*testing.T) func(net.Conn) { return serve }
	}
	const http = "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>0390876543</html>"
	for _, tt := range []struct {
		name  string
		tls   bool
		serve func(*testing.T) func(net.Conn)
		want  status.Code
	}{
		{"HTTP", false, plain(says(http)), status.CodeNotAMI},
		{"HTTP that hangs up", false, plain(func(c net.Conn) { fmt.Fprint(c, http) }), status.CodeNotAMI},
		{"HTTP that waits for a request", false, plain(says("")), status.CodeNotAMI},
		{"SSH", false, plain(says("SSH-2.0-OpenSSH_9.6\r\n")), status.CodeNotAMI},
		{"SMTP", false, plain(says("220 mail.example.com ESMTP Postfix\r\n")), status.CodeNotAMI},
		{"SMTP that hangs up", false, plain(func(c net.Conn) { fmt.Fprint(c, "554 no\r\n") }), status.CodeNotAMI},
		{"FTP", false, plain(says("220 (vsFTPd 3.0.5)\r\n")), status.CodeNotAMI},
		{"MySQL", false, plain(says("J\x00\x00\x00\x0a8.0.36\x00")), status.CodeNotAMI},
		{"echo", false, plain(func(c net.Conn) { _, _ = io.Copy(c, c) }), status.CodeNotAMI},
		{"noise", false, plain(says(strings.Repeat("\x00\xff\x15\x03", 1000))), status.CodeNotAMI},
		{"an endless line", false, plain(says(strings.Repeat("A", 1<<20))), status.CodeNotAMI},
		{"a proxy of AMIs", false, plain(says("Asterisk Call Manager Proxy/1.22\r\n")), status.CodeProxy},
		{"TLS where clear was chosen", false, func(t *testing.T) func(net.Conn) {
			cert := selfSigned(t)
			return func(c net.Conn) {
				_ = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}}).Handshake()
			}
		}, status.CodeNotAMI},
		{"a TLS alert where clear was chosen", false, plain(says("\x15\x03\x01\x00\x02\x02\x28")), status.CodeNotAMI},
		{"an AMI in clear where TLS was chosen", true, plain(says("Asterisk Call Manager/5.0.4\r\n")), status.CodeNotTLS},
		{"HTTP where TLS was chosen", true, plain(says(http)), status.CodeNotTLS},
		{"SSH where TLS was chosen", true, plain(says("SSH-2.0-OpenSSH_9.6\r\n")), status.CodeNotTLS},
		{"old TLS", true, func(t *testing.T) func(net.Conn) {
			cert := selfSigned(t)
			return func(c net.Conn) {
				_ = tls.Server(c, &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}).Handshake()
			}
		}, status.CodeTLSVersion},
		{"a broken challenge", false, plain(scripted(func(c net.Conn, h map[string]string) bool {
			if h["Action"] == "Challenge" {
				accept(c, h, "Challenge: a b\x1b\r\n")
			}
			return h["Action"] == "Challenge"
		})), status.CodeChallenge},
		{"an endless answer to the login", false, plain(scripted(func(c net.Conn, h map[string]string) bool {
			if h["Action"] == "Login" {
				fmt.Fprint(c, strings.Repeat("Variable: x\r\n", 2000))
			}
			return h["Action"] == "Login"
		})), status.CodeTooMuch},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex // guards times
				var times []time.Time
				var right atomic.Bool
				wrong := tt.serve(t)
				s := new(bubble)
				d := newBubble(t, s, Options{}, func(c net.Conn) {
					mu.Lock()
					times = append(times, time.Now())
					mu.Unlock()
					c = newBufferedConn(c)
					defer c.Close()
					if right.Load() {
						scripted(noSpecialAnswer)(c)
						return
					}
					wrong(c)
				})
				a := accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables)
				a.TLS = tt.tls
				if err := d.SetAccount(t.Context(), a, config.ConnectionKept); err != nil {
					t.Fatal(err)
				}
				await(t, d, 30*time.Second, "trouble", troubleIs(tt.want))
				time.Sleep(10 * time.Minute)
				mu.Lock()
				for i := 1; i < len(times); i++ {
					if pause := times[i].Sub(times[i-1]); pause < retryWrong || pause > time.Minute {
						t.Errorf("tried again after %v", pause)
					}
				}
				least, most := 10, 21
				if tt.want == status.CodeTooMuch { // each may have been a refused login
					least, most = maxRefused, maxRefused
				}
				if n := len(times); n < least || n > most {
					t.Errorf("%d connections in ten minutes", n)
				}
				mu.Unlock()
				right.Store(true)
				if !tt.tls {
					await(t, d, time.Minute+10*time.Second, "connected", linkIs(status.Connected))
				}
			})
		})
	}
}
