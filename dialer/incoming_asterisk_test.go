//go:build linux

package dialer

import (
	"context"
	"strings"
	"testing"
	"time"

	"cornetta/ami/asterisktest"
	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
)

// untilIdle waits until all channels are gone: who starts next would find them.
func untilIdle(t *testing.T, p *asterisktest.PBX) {
	t.Helper()
	for ; ; time.Sleep(20 * time.Millisecond) { // each look is a login
		list, err := p.CLI(t.Context(), "core show channels concise")
		if err != nil {
			t.Fatal(err)
		}
		if strings.TrimSpace(list) == "" {
			return
		}
	}
}

// TestIncomingOnAsterisk: calls from outside, over SIP, that come in on real PBXes at phones
// that ring, answer and are busy.
func TestIncomingOnAsterisk(t *testing.T) {
	for _, v := range asterisktest.Versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			p := asterisktest.Start(t, v)
			for _, tt := range []struct {
				name, own, exten string
				hangUp           string // a device, after the last state but one
				want             []call.State
				called           string
				cause            call.Cause
				anonymous        bool
				// do is what happens before the last state; number is who calls until then.
				do     func(ctx context.Context, p *asterisktest.PBX) error
				number string
				// at begins it, once somebody has called.
				at func(ctx context.Context, p *asterisktest.PBX) error
			}{
				{name: "answered here, the caller hangs up", own: "7101", exten: "7101", hangUp: "PJSIP/trunk", want: []call.State{inRinging, inAnswered, inEnded}},
				{name: "answered here, hung up here", own: "7101", exten: "7101", hangUp: "PJSIP/7101", want: []call.State{inRinging, inAnswered, inEnded}},
				{name: "the caller gives up", own: "7102", exten: "7102", hangUp: "PJSIP/trunk", want: []call.State{inRinging, inMissed}},
				{name: "my phone is busy", own: "7103", exten: "7103", want: []call.State{inMissed}, cause: call.OwnBusy},
				{name: "a group, and a colleague answers", own: "7102", exten: "600", called: "600", want: []call.State{inRinging, inElsewhere}},
				{name: "a group, and I answer", own: "7101", exten: "600", called: "600", hangUp: "PJSIP/trunk", want: []call.State{inRinging, inAnswered, inEnded}},
				{name: "a group of Local channels, and a colleague answers", own: "7102", exten: "601", called: "601", want: []call.State{inRinging, inElsewhere}},
				{name: "a group of Local channels, and I answer", own: "7101", exten: "601", called: "601", hangUp: "PJSIP/trunk", want: []call.State{inRinging, inAnswered, inEnded}},
				{name: "a queue, and a colleague answers", own: "7102", exten: "602", called: "602", want: []call.State{inRinging, inElsewhere}},
				{name: "a queue with a Local channel, and I answer", own: "7101", exten: "602", called: "602", hangUp: "PJSIP/7101", want: []call.State{inRinging, inAnswered, inEnded}},
				{name: "a Local channel that stays", own: "7101", exten: "603", called: "603", hangUp: "PJSIP/trunk", want: []call.State{inRinging, inAnswered, inEnded}},
				{name: "a mailbox answers", own: "7102", exten: "604", called: "604", want: []call.State{inRinging, inMissed}},
				{name: "a colleague picks up", own: "7102", exten: "605", called: "605", want: []call.State{inRinging, inElsewhere}},
				{name: "forwarded after no answer", own: "7102", exten: "606", called: "606", want: []call.State{inRinging, inElsewhere}},
				{name: "a group, one of which is forwarded", own: "7102", exten: "607", called: "607", want: []call.State{inRinging, inElsewhere}},
				{name: "a colleague hands over, at once", own: "7101", exten: "7105", hangUp: "PJSIP/trunk", want: []call.State{inRinging, inAnswered, inEnded}, at: func(ctx context.Context, p *asterisktest.PBX) error {
					return p.HandOver(ctx, "PJSIP/7105", "7101", false)
				}},
				{name: "a colleague hands over, after a word", own: "7101", exten: "7105", number: "7105", hangUp: "PJSIP/trunk", want: []call.State{inRinging, inAnswered, inEnded}, at: func(ctx context.Context, p *asterisktest.PBX) error {
					return p.HandOver(ctx, "PJSIP/7105", "7101", true)
				}, do: func(ctx context.Context, p *asterisktest.PBX) error { return p.HangUp(ctx, "PJSIP/7105") }},
				{name: "my phone forwards when it has rung", own: "8301", exten: "8301", want: []call.State{inRinging, inElsewhere}},
				{name: "my phone forwards at once", own: "9301", exten: "9301", want: nil},
				{name: "my phone refuses when it has rung", own: "8603", exten: "8603", want: []call.State{inRinging, inMissed}},
				{name: "my phone takes no calls", own: "9480", exten: "9480", want: []call.State{inMissed}, cause: call.OwnDoNotDisturb},
				{name: "the caller has no number", own: "7101", exten: "609", called: "609", anonymous: true, hangUp: "PJSIP/trunk", want: []call.State{inRinging, inAnswered, inEnded}},
				{name: "my phone says busy by itself", own: "9486", exten: "9486", want: []call.State{inMissed}, cause: call.OwnBusy},
			} {
				t.Run(tt.name, func(t *testing.T) {
					f := followPhone(t, accountAt(t, p.Addr(), tt.own, config.SyntaxVariables))
					if err := p.CallIn(t.Context(), tt.exten); err != nil {
						t.Fatal(err)
					}
					if tt.at != nil {
						if err := tt.at(t.Context(), p); err != nil {
							t.Fatal(err)
						}
					}
					if len(tt.want) == 0 { // nothing rings here
						if err := p.Speaks(t.Context(), "PJSIP/7105"); err != nil { // whom it was forwarded to
							t.Fatal(err)
						}
						if err := p.HangUp(t.Context(), "PJSIP/trunk"); err != nil {
							t.Fatal(err)
						}
						untilIdle(t, p)
						f.forgotten()
						if len(f.d.Snapshot().Incoming) > 0 || len(f.news) > 0 {
							t.Errorf("%+v", f.d.Snapshot())
						}
						return
					}
					last := len(tt.want) - 1
					if tt.hangUp != "" {
						c := f.goes(tt.want[:last]...)
						if tt.number != "" && c.Number != tt.number {
							t.Errorf("%+v", c)
						}
						if tt.do != nil {
							if err := tt.do(t.Context(), p); err != nil {
								t.Fatal(err)
							}
							f.calls("0390501234502")
						}
						if err := p.HangUp(t.Context(), tt.hangUp); err != nil {
							t.Fatal(err)
						}
						tt.want = tt.want[last:]
					}
					c := f.goes(tt.want...)
					number, name := "0390501234502", clean.Foreign("Ditta Verdi")
					if tt.anonymous {
						number, name = "", ""
					}
					if c.Number != number || c.FarName != name || c.Extension != tt.own || c.Cause != tt.cause || c.Called != tt.called {
						t.Errorf("%+v", c)
					}
					if err := p.HangUp(t.Context(), "PJSIP/trunk"); err != nil {
						t.Fatal(err)
					}
					f.forgotten()
					untilIdle(t, p)
				})
			}
		})
	}
}

// TestParkedOnAsterisk: whoever was parked and comes back to the phone, because nobody has
// fetched them, calls it: those who had called, and those who were called from here.
func TestParkedOnAsterisk(t *testing.T) {
	for _, v := range asterisktest.Versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			p := asterisktest.Start(t, v)
			a := accountAt(t, p.Addr(), "7101", config.SyntaxVariables)
			a.TransferContext = "incoming"
			f := followPhone(t, a)
			comesBack := func(number, gone string) {
				t.Helper()
				if c := f.goes(inRinging, inAnswered); c.Number != number {
					t.Errorf("%+v, want %s", c, number)
				}
				if err := p.HangUp(t.Context(), gone); err != nil {
					t.Fatal(err)
				}
				f.goes(inEnded)
				f.forgotten()
				untilIdle(t, p)
			}
			if err := p.CallIn(t.Context(), "7101"); err != nil {
				t.Fatal(err)
			}
			f.goes(inRinging, inAnswered)
			if err := p.HandOver(t.Context(), "PJSIP/7101", asterisktest.ParkExtension, false); err != nil {
				t.Fatal(err)
			}
			f.goes(inEnded)
			comesBack("0390501234502", "PJSIP/7101")

			if _, err := f.d.Dial(t.Context(), planFor(firstSide)); err != nil {
				t.Fatal(err)
			}
			// Whoever is parked comes back to the channel that has parked them: not to the Local
			// one that goes in a moment.
			eventually(t, "the own phone in the call", func() (direct bool) {
				_ = f.d.do(t.Context(), func(l *loop, done func(error)) {
					direct = strings.HasPrefix(l.cur.call.Leaver(), "PJSIP/") && l.cur.call.Snapshot().State == call.InCall
					done(nil)
				})
				return direct
			})
			if err := f.d.Transfer(t.Context(), planFor(asterisktest.ParkExtension), false); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the end of the transfer", func() bool { return !f.d.Snapshot().Call.Transfer.State.Pending() })
			if s := f.d.Snapshot().Call; s.Transfer.State != done || s.State != call.Ended {
				t.Errorf("%+v", s)
			}
			comesBack(firstSide, "PJSIP/7101")
		})
	}
}
