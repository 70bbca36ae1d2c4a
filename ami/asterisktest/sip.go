package asterisktest

import (
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"
)

// answerer is a SIP phone that refuses: it answers an INVITE to sip:480@… with
// 480, and one to sip:r480@… with 180 and, a moment later, 480. A dial plan's
// Hangup makes only those answers that its causes stand for; a phone or a
// provider makes any. 302 forwards to 7103, 301 to 7105. One goroutine reads and answers.
type answerer struct {
	conn net.PacketConn
	done chan struct{} // closed when the goroutine has ended
	due  []due
}

// due is an answer that is sent later.
type due struct {
	at   time.Time
	code int
	to   net.Addr
	req  sipRequest
}

// ringsFor is how long a phone that rings first does.
const ringsFor = 400 * time.Millisecond

func startAnswerer() (*answerer, error) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := &answerer{conn: conn, done: make(chan struct{})}
	go a.serve()
	return a, nil
}

func (a *answerer) port() int { return a.conn.LocalAddr().(*net.UDPAddr).Port }

// close ends the goroutine and waits for it.
func (a *answerer) close() {
	_ = a.conn.Close()
	<-a.done
}

func (a *answerer) serve() {
	defer close(a.done)
	buf := make([]byte, 64<<10)
	for {
		var next time.Time
		if len(a.due) > 0 {
			next = a.due[0].at
		}
		_ = a.conn.SetReadDeadline(next)
		n, from, err := a.conn.ReadFrom(buf)
		now := time.Now()
		for len(a.due) > 0 && !now.Before(a.due[0].at) {
			d := a.due[0]
			a.due = a.due[1:]
			a.answer(d.to, d.req, d.code)
		}
		if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
			continue
		}
		if err != nil {
			return
		}
		if r, ok := readSIP(string(buf[:n])); ok {
			a.take(from, r, now)
		}
	}
}

func (a *answerer) take(from net.Addr, r sipRequest, now time.Time) {
	switch r.method {
	case "INVITE":
		user, rings := strings.CutPrefix(r.user, "r")
		code, err := strconv.Atoi(user)
		if err != nil || code < 300 || code > 699 {
			code = 404
		}
		if !rings {
			a.answer(from, r, code)
			return
		}
		for _, d := range a.due {
			if d.req.id == r.id {
				return // sent again
			}
		}
		a.answer(from, r, 180)
		a.due = append(a.due, due{now.Add(ringsFor), code, from, r})
	case "CANCEL":
		a.answer(from, r, 200)
		for i, d := range a.due {
			if d.req.id == r.id {
				a.due = append(a.due[:i:i], a.due[i+1:]...)
				a.answer(from, d.req, 487)
				break
			}
		}
	case "ACK":
	default:
		a.answer(from, r, 200)
	}
}

// sipRequest is what an answer repeats of its request.
type sipRequest struct {
	method, user, id string
	via              []string
	from, to, cseq   string
}

// readSIP reads a request; ok is false for an answer and for anything else.
func readSIP(text string) (r sipRequest, ok bool) {
	head, _, _ := strings.Cut(text, "\r\n\r\n")
	first, rest, _ := strings.Cut(head, "\r\n")
	line := strings.Fields(first)
	if len(line) != 3 || line[2] != "SIP/2.0" {
		return r, false
	}
	r.method = line[0]
	r.user, _, _ = strings.Cut(strings.TrimPrefix(line[1], "sip:"), "@")
	for h := range strings.SplitSeq(rest, "\r\n") {
		name, value, _ := strings.Cut(h, ":")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "via", "v":
			r.via = append(r.via, h)
		case "from", "f":
			r.from = h
		case "to", "t":
			r.to = h
		case "call-id", "i":
			r.id = strings.TrimSpace(value)
		case "cseq":
			r.cseq = h
		}
	}
	return r, true
}

func (a *answerer) answer(to net.Addr, r sipRequest, code int) {
	lines := append([]string{fmt.Sprintf("SIP/2.0 %d As asked", code)}, r.via...)
	if to := map[int]string{301: "7105", 302: "7103"}[code]; to != "" { // 7103 is busy
		lines = append(lines, "Contact: <sip:"+to+"@127.0.0.1>")
	}
	lines = append(lines, r.from, r.to+";tag=answerer", "Call-ID: "+r.id, r.cseq, "Content-Length: 0", "", "")
	_, _ = a.conn.WriteTo([]byte(strings.Join(lines, "\r\n")), to)
}
