package dialer

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// following collects the states of the calls that come in.
type following struct {
	t         *testing.T
	d         *Dialer
	snapshots <-chan status.Snapshot
	states    States
	news      []call.Snapshot
}

// followPhone starts a Dialer that follows the calls that come in at the account's extension.
func followPhone(t *testing.T, a config.Account) *following {
	t.Helper()
	d := startDialer(t, a, config.ConnectionKept)
	if err := d.SetIncoming(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	if err := d.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	f := &following{t: t, d: d}
	var cancel func()
	f.snapshots, cancel = d.Subscribe()
	t.Cleanup(cancel)
	f.listens()
	return f
}

// listens waits until the Dialer has asked which calls there are.
func (f *following) listens() {
	f.t.Helper()
	for late := time.Now().Add(time.Minute); ; {
		ready := false
		if err := f.d.do(f.t.Context(), func(l *loop, done func(error)) {
			ready = l.in.sub != nil && !l.in.asked
			done(nil)
		}); err != nil {
			f.t.Fatal(err)
		}
		if ready {
			return
		}
		if time.Now().After(late) {
			f.t.Fatal("nobody listens")
		}
	}
}

// next is the next state of a call that comes in.
func (f *following) next() call.Snapshot {
	f.t.Helper()
	late := time.After(time.Minute)
	for len(f.news) == 0 {
		select {
		case s := <-f.snapshots:
			for _, c := range f.states.Next(s) {
				if c.State.Incoming() {
					f.news = append(f.news, c)
				}
			}
		case <-late:
			f.t.Fatalf("no news; %+v", f.d.Snapshot())
		}
	}
	c := f.news[0]
	f.news = f.news[1:]
	return c
}

// goes wants these states of one call, and returns the last.
func (f *following) goes(want ...call.State) (c call.Snapshot) {
	f.t.Helper()
	var states []call.State
	for range want {
		next := f.next()
		if c.ID != "" && next.ID != c.ID {
			f.t.Errorf("of two calls: %s, %s", c.ID, next.ID)
		}
		c = next
		states = append(states, c.State)
	}
	if !slices.Equal(states, want) {
		f.t.Fatalf("states %v, want %v", states, want)
	}
	return c
}

// calls waits until the one call that comes in is from that number.
func (f *following) calls(number string) {
	f.t.Helper()
	for late := time.Now().Add(time.Minute); ; {
		in := f.d.Snapshot().Incoming
		if len(in) == 1 && in[0].Number == number {
			return
		}
		if time.Now().After(late) {
			f.t.Fatalf("from nobody else: %+v", in)
		}
	}
}

// forgotten waits until nothing is followed, neither by the loop nor at the parser.
func (f *following) forgotten() {
	f.t.Helper()
	for late := time.Now().Add(time.Minute); ; {
		left := ""
		if err := f.d.do(f.t.Context(), func(l *loop, done func(error)) {
			if l.in.filter != nil {
				if calls, channels := l.in.filter.Followed(); calls+channels > 0 {
					left = fmt.Sprintf("%d calls, %d channels at the parser", calls, channels)
				}
			}
			if n := len(l.in.calls.Calls()); n > 0 {
				left += fmt.Sprintf(" %d calls", n)
			}
			done(nil)
		}); err != nil {
			f.t.Fatal(err)
		}
		if left == "" {
			return
		}
		if time.Now().After(late) {
			f.t.Fatal("still followed: " + left)
		}
	}
}

const (
	inRinging, inAnswered, inElsewhere = call.InRinging, call.InAnswered, call.InElsewhere
	inMissed, inEnded                  = call.InMissed, call.InEnded
)

// TestIncoming: what comes in at 7101, at every version of Asterisk.
func TestIncoming(t *testing.T) {
	for _, tt := range []struct {
		name   string
		do     func(p *pbxsim.PBX, a *pbxsim.Arrival)
		want   []call.State
		called string // exten that was called; "" for 7101
		told   string // of it
		cause  call.Cause
		linked bool // it takes a Linkedid to be known
	}{
		{name: "answered here", do: func(_ *pbxsim.PBX, a *pbxsim.Arrival) { a.Ring("7101", ""); a.Answer("7101") }, want: []call.State{inRinging, inAnswered, inEnded}},
		{name: "the caller gives up", do: func(_ *pbxsim.PBX, a *pbxsim.Arrival) { a.Ring("7101", "") }, want: []call.State{inRinging, inMissed}},
		{name: "answered by my second phone", do: func(_ *pbxsim.PBX, a *pbxsim.Arrival) { a.Ring("7101", ""); a.Ring("7101_2", ""); a.Answer("7101_2") }, want: []call.State{inRinging, inAnswered, inEnded}},
		{name: "a group, and a colleague answers", called: "600", told: "600", do: func(_ *pbxsim.PBX, a *pbxsim.Arrival) { a.Ring("7105", ""); a.Ring("7101", ""); a.Answer("7105") }, want: []call.State{inRinging, inElsewhere}},
		{name: "a group, and I answer", called: "600", told: "600", do: func(_ *pbxsim.PBX, a *pbxsim.Arrival) { a.Ring("7105", ""); a.Ring("7101", ""); a.Answer("7101") }, want: []call.State{inRinging, inAnswered, inEnded}},
		{name: "a queue with Local channels, and a colleague answers", called: "620", told: "620", linked: true, do: func(_ *pbxsim.PBX, a *pbxsim.Arrival) {
			a.Ring("7105", "from-queue")
			a.Ring("7101", "from-queue")
			a.Answer("7105")
		}, want: []call.State{inRinging, inElsewhere}},
		{name: "a queue with Local channels, and I answer", called: "620", told: "620", linked: true, do: func(_ *pbxsim.PBX, a *pbxsim.Arrival) {
			a.Ring("7105", "from-queue")
			a.Ring("7101", "from-queue")
			a.Answer("7101")
		}, want: []call.State{inRinging, inAnswered, inEnded}},
		{name: "a colleague picks up", do: func(_ *pbxsim.PBX, a *pbxsim.Arrival) { a.Ring("7101", ""); a.Take("7105") }, want: []call.State{inRinging, inElsewhere}},
		{name: "I decline", do: func(_ *pbxsim.PBX, a *pbxsim.Arrival) { a.Ring("7101", ""); a.Decline("7101") }, want: []call.State{inRinging, inMissed}, cause: call.OwnDeclined, linked: true},
		{name: "one of my phones declines", do: func(_ *pbxsim.PBX, a *pbxsim.Arrival) {
			a.Ring("7101", "")
			a.Ring("7101_2", "")
			a.Decline("7101")
		}, want: []call.State{inRinging, inMissed}, linked: true},
		{name: "I decline, and a colleague answers", called: "600", told: "600", do: func(_ *pbxsim.PBX, a *pbxsim.Arrival) {
			a.Ring("7105", "")
			a.Ring("7101", "")
			a.Decline("7101")
			a.Answer("7105")
		}, want: []call.State{inRinging, inElsewhere}, linked: true},
		{name: "a group that I am in twice, and the caller gives up", called: "600", told: "600", do: func(_ *pbxsim.PBX, a *pbxsim.Arrival) { a.Ring("7101", ""); a.Ring("7101", "") }, want: []call.State{inRinging, inMissed}},
		{name: "a group that I am in twice, and I answer", called: "600", told: "600", do: func(_ *pbxsim.PBX, a *pbxsim.Arrival) { a.Ring("7101", ""); a.Ring("7101", ""); a.Answer("7101") }, want: []call.State{inRinging, inAnswered, inEnded}},
		{name: "my phone is busy", do: func(p *pbxsim.PBX, a *pbxsim.Arrival) { p.SetPhone("7101", pbxsim.Busy); a.Ring("7101", "") }, want: []call.State{inMissed}, cause: call.OwnBusy, linked: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, version := range pbxsim.Flavours() {
				t.Run(version, func(t *testing.T) {
					t.Parallel()
					if tt.linked && slices.Contains([]string{"1.6.2", "11", "12.1", "12.2", "13.4"}, version) {
						return // those tell less: what is told of them is in the row before
					}
					p := startVersion(t, version)
					f := followPhone(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables))
					exten := tt.called
					if exten == "" {
						exten = "7101"
					}
					a := p.CallIn("0390501234502", "Ditta Verdi", exten)
					tt.do(p, a)
					end := tt.want[len(tt.want)-1]
					var c call.Snapshot
					for i, want := range tt.want {
						if i == len(tt.want)-1 && (end == inEnded || end == inMissed) {
							a.End()
						}
						c = f.goes(want)
					}
					if c.Number != "0390501234502" || c.FarName != "Ditta Verdi" || c.Extension != "7101" || c.Cause != tt.cause {
						t.Errorf("%+v", c)
					}
					if told := version != "1.6.2" && version != "11"; told && c.Called != tt.told {
						t.Errorf("called first: %q, want %q", c.Called, tt.told)
					}
					if end == inEnded && c.Answered.IsZero() {
						t.Error("no time of the answer")
					}
					if end == inElsewhere {
						a.End()
					}
					f.forgotten()
				})
			}
		})
	}
}

func startVersion(t *testing.T, version string) *pbxsim.PBX {
	t.Helper()
	p, err := pbxsim.Start(pbxsim.Options{Asterisk: version})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	return p
}

// TestIncomingWaits: the phone has stopped ringing and the caller is somewhere else, such as
// in a queue: missed, until it rings again or a colleague answers.
func TestIncomingWaits(t *testing.T) {
	p := startVersion(t, "22")
	f := followPhone(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables))
	a := p.CallIn("0390501234502", "", "620")
	a.Ring("7101", "from-queue")
	a.Stop()
	f.goes(inRinging, inMissed)
	a.Ring("7101", "from-queue")
	f.goes(inRinging)
	a.Stop()
	f.goes(inMissed)
	a.Ring("7105", "from-queue")
	a.Answer("7105")
	f.goes(inElsewhere)
	f.forgotten()
	a.End()
}

// TestIncomingTwo: a second call while one is in hand is told beside it, and each has its own
// end.
func TestIncomingTwo(t *testing.T) {
	p := startVersion(t, "22")
	f := followPhone(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables))
	talks := p.CallIn("0390501234502", "", "7101")
	talks.Ring("7101", "")
	talks.Answer("7101")
	first := f.goes(inRinging, inAnswered)
	waits := p.CallIn("0390501234507", "", "7101")
	waits.Ring("7101", "")
	waits.End()
	if second := f.goes(inRinging, inMissed); second.ID == first.ID || second.Number != "0390501234507" {
		t.Errorf("%+v", second)
	}
	talks.End()
	if c := f.goes(inEnded); c.ID != first.ID || c.Number != "0390501234502" {
		t.Errorf("%+v", c)
	}
	f.forgotten()
}

// TestIncomingMany: of more calls at a time than a phone shows some are told, no more are
// followed, and none when they are over.
func TestIncomingMany(t *testing.T) {
	const most = 8
	p := startVersion(t, "22")
	f := followPhone(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables))
	var all []*pbxsim.Arrival
	for i := range 3 * most {
		a := p.CallIn(fmt.Sprintf("03905012345%02d", i), "", "7101")
		a.Ring("7101", "")
		all = append(all, a)
	}
	for range most {
		f.goes(inRinging)
	}
	if err := f.d.do(t.Context(), func(l *loop, done func(error)) {
		if calls, channels := l.in.filter.Followed(); calls != most || channels != 2*most || len(l.in.calls.Calls()) != most {
			t.Errorf("%d calls and %d channels at the parser, %d calls", calls, channels, len(l.in.calls.Calls()))
		}
		done(nil)
	}); err != nil {
		t.Fatal(err)
	}
	for _, a := range all {
		a.End()
	}
	for range most {
		f.goes(inMissed)
	}
	f.forgotten()
}

// TestNotIncoming: neither our own requests nor what is no call of the extension's.
func TestNotIncoming(t *testing.T) {
	for _, version := range pbxsim.Flavours() {
		for _, way := range []string{"variables", "wrapper", "plain", "phone"} {
			t.Run(version+", "+way, func(t *testing.T) {
				t.Parallel()
				p := startVersion(t, version)
				account := accountAt(t, p.Addr(), "7101", config.SyntaxVariables)
				ways[way](&account)
				if slices.Contains(like11, "pbxsim-"+version) {
					account.Channel = strings.Replace(account.Channel, "PJSIP/", "SIP/", 1)
				}
				f := followPhone(t, account)
				// A colleague's, a phone that begins with the same digits, and one that is not there.
				for _, ext := range []string{"7105", "71011"} {
					other := p.CallIn("0390501234507", "Altri", ext)
					other.Ring(ext, "")
					other.Answer(ext)
					other.End()
				}
				p.SetPhone("7101", pbxsim.NotConnected)
				gone := p.CallIn("0390501234507", "Altri", "7101")
				gone.Ring("7101", "")
				gone.End()
				p.SetPhone("7101", pbxsim.Answers)
				snapshots, cancel := f.d.Subscribe()
				placed, err := f.d.Dial(t.Context(), planFor("039050123402"))
				if err != nil {
					t.Fatal(err)
				}
				updates := make(chan call.Snapshot, 100)
				Follow(t.Context(), snapshots, cancel, placed, updates)
				a := p.CallIn("0390501234502", "", "7101")
				a.Ring("7101", "")
				a.End()
				if c := f.goes(inRinging, inMissed); c.Number != "0390501234502" {
					t.Errorf("%+v", c)
				}
				f.forgotten()
			})
		}
	}
}

// TestIncomingConnectionLost: what became of a call while nobody listened is found out, or
// not claimed.
func TestIncomingConnectionLost(t *testing.T) {
	for _, tt := range []struct {
		name  string
		do    func(a *pbxsim.Arrival)
		mean  func(a *pbxsim.Arrival) // meanwhile
		then  func(a *pbxsim.Arrival)
		want  []call.State
		cause call.Cause
	}{
		{"rings on", func(*pbxsim.Arrival) {}, func(*pbxsim.Arrival) {}, func(a *pbxsim.Arrival) { a.End() }, []call.State{inRinging, inMissed}, ""},
		{"rings on and is answered", func(*pbxsim.Arrival) {}, func(*pbxsim.Arrival) {}, func(a *pbxsim.Arrival) { a.Answer("7101"); a.End() }, []call.State{inRinging, inAnswered, inEnded}, ""},
		{"answered meanwhile", func(*pbxsim.Arrival) {}, func(a *pbxsim.Arrival) { a.Answer("7101") }, func(a *pbxsim.Arrival) { a.End() }, []call.State{inRinging, inAnswered, inEnded}, ""},
		{"talks on", func(a *pbxsim.Arrival) { a.Answer("7101") }, func(*pbxsim.Arrival) {}, func(a *pbxsim.Arrival) { a.End() }, []call.State{inRinging, inAnswered, inEnded}, ""},
		{"over meanwhile", func(*pbxsim.Arrival) {}, func(a *pbxsim.Arrival) { a.End() }, func(*pbxsim.Arrival) {}, []call.State{inRinging, inEnded}, call.EndedUnseen},
		{"hung up meanwhile", func(a *pbxsim.Arrival) { a.Answer("7101") }, func(a *pbxsim.Arrival) { a.End() }, func(*pbxsim.Arrival) {}, []call.State{inRinging, inAnswered, inEnded}, call.EndedUnseen},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := startVersion(t, "16")
			f := followPhone(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables))
			a := p.CallIn("0390501234502", "", "7101")
			a.Ring("7101", "")
			tt.do(a)
			var before []call.State
			for c := f.next(); ; c = f.next() {
				before = append(before, c.State)
				if c.State == inAnswered || tt.want[1] != inAnswered || tt.name != "talks on" && tt.name != "hung up meanwhile" {
					break
				}
			}
			n := p.Logins()
			p.DropSessions()
			tt.mean(a)
			for late := time.Now().Add(time.Minute); p.Logins() == n && time.Now().Before(late); time.Sleep(time.Millisecond) {
			}
			f.listens()
			tt.then(a)
			var c call.Snapshot
			for len(before) < len(tt.want) {
				c = f.next()
				before = append(before, c.State)
			}
			if !slices.Equal(before, tt.want) || c.Cause != tt.cause {
				t.Errorf("%v %q, want %v %q", before, c.Cause, tt.want, tt.cause)
			}
			f.forgotten()
		})
	}
}

// TestIncomingAfterRestart: a program that starts finds the calls that are there, rings and
// talks, and none that its phone has made.
func TestIncomingAfterRestart(t *testing.T) {
	p := startVersion(t, "22")
	account := accountAt(t, p.Addr(), "7101", config.SyntaxVariables)
	talks := p.CallIn("0390501234507", "", "7101")
	talks.Ring("7101", "")
	talks.Answer("7101")
	rings := p.CallIn("0390501234502", "", "7101")
	rings.Ring("7101", "")
	f := followPhone(t, account)
	found := map[string]call.State{}
	for range 2 {
		c := f.next()
		found[c.Number] = c.State
	}
	if found["0390501234507"] != inAnswered || found["0390501234502"] != inRinging {
		t.Fatalf("%v", found)
	}
	talks.End()
	if c := f.goes(inEnded); c.Number != "0390501234507" {
		t.Errorf("%+v", c)
	}
	rings.End()
	if c := f.goes(inMissed); c.Number != "0390501234502" {
		t.Errorf("%+v", c)
	}
	f.forgotten()
}
