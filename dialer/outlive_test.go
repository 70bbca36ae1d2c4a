package dialer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cornetta/ami"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/call/tracker"
	"cornetta/dialer/config"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/dialer/trail"
)

// pbxBubble is a PBX in a bubble, and the computer of somebody who calls there.
type pbxBubble struct {
	*pbxsim.PBX
	network *memoryNetwork
	account config.Account
	dir     string // of the trail
}

func newPBXBubble(t *testing.T, asterisk string, speed pbxsim.Speed) *pbxBubble {
	t.Helper()
	memory := newMemoryNetwork()
	ln := &memoryListener{incoming: make(chan net.Conn), closed: make(chan struct{})}
	p, err := pbxsim.Start(pbxsim.Options{Listener: ln, Speed: speed, Asterisk: asterisk})
	if err != nil {
		t.Fatal(err)
	}
	memory.restoreTo(ln)
	t.Cleanup(func() { _ = p.Close() })
	a := accountAt(t, "127.0.0.1:5038", "7101", config.SyntaxVariables)
	a.Timeout = config.Duration(time.Minute)
	return &pbxBubble{p, memory, a, filepath.Join(t.TempDir(), "calls")}
}

// process is a Dialer as a process has it.
type process struct {
	*Dialer
	trail *trail.Trail
	stop  func()
}

func (h *pbxBubble) start(t *testing.T, a config.Account) *process {
	t.Helper()
	p := &process{trail: trail.Open(h.dir)}
	p.Dialer = New(Options{Secrets: fixedStore(pbxsim.Secret), Trail: p.trail, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	p.reach = dialWith(h.network.dial)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = p.Run(ctx)
	}()
	p.stop = func() { cancel(); <-ended; p.trail.Close() }
	t.Cleanup(p.stop)
	if err := p.SetAccount(t.Context(), a, config.ConnectionOnDemand); err != nil {
		t.Fatal(err)
	}
	return p
}

// kill ends the program as SIGKILL does: what is on the disk stays as it is.
func (h *pbxBubble) kill(t *testing.T, p *process) {
	t.Helper()
	synctest.Wait() // what is being written is there
	files := map[string][]byte{}
	for _, name := range h.files(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = data
	}
	p.stop()
	for name, data := range files {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// files are those of the calls that go on.
func (h *pbxBubble) files(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(h.dir, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func (h *pbxBubble) calls(t *testing.T, n int) {
	t.Helper()
	synctest.Wait()
	if got := h.PBX.Calls(); got != n {
		t.Fatalf("%d calls at the PBX, want %d", got, n)
	}
}

// callTo brings the call of p's own into a state, by what people do at their phones.
func (h *pbxBubble) callTo(t *testing.T, p *process, s call.State) {
	t.Helper()
	if _, err := p.Dial(t.Context(), planFor(far)); err != nil {
		t.Fatal(err)
	}
	await(t, p.Dialer, 5*time.Second, "own phone rings", inState(call.RingingOwn))
	if s == call.RingingOwn {
		return
	}
	h.PBX.Pickup("7101")
	await(t, p.Dialer, 5*time.Second, "the other side rings", inState(call.RingingFar))
	if s == call.RingingFar {
		return
	}
	h.PBX.FarAnswers()
	await(t, p.Dialer, 5*time.Second, "in call", inState(call.InCall))
	time.Sleep(2 * time.Second) // the Local channels go
}

const far = "039050123407"

// adopt has p take up what was left, and wants it to be one call.
func (p *process) adopt(t *testing.T) (trail.Record, call.Snapshot) {
	t.Helper()
	left := p.trail.Adopt(time.Now())
	if len(left) != 1 {
		t.Fatalf("%d calls were left behind", len(left))
	}
	s, err := p.Resume(t.Context(), left[0])
	if err != nil {
		t.Fatal(err)
	}
	return left[0], s
}

var flavours = []string{"11", "16", "22"}

// onThePhone is an account whose calls have no Local channel.
func (h *pbxBubble) onThePhone(asterisk string) config.Account {
	a := h.account
	ways["phone"](&a)
	if asterisk == "11" {
		a.Channel = "SIP/" + config.ExtensionMark
	}
	return a
}

// TestCallOutlivesTheProgram: killed in each state, the next one finds the call
// where it is by then, follows it, and hangs it up; other people's calls go on.
func TestCallOutlivesTheProgram(t *testing.T) {
	nothing := func(*pbxBubble) {}
	pickup := func(h *pbxBubble) { h.PBX.Pickup("7101") }
	answer := func(h *pbxBubble) { h.PBX.FarAnswers() }
	for _, asterisk := range flavours {
		for _, tc := range []struct {
			killed  call.State
			happens string // meanwhile
			do      func(*pbxBubble)
			want    call.State
		}{
			{call.RingingOwn, "nothing", nothing, call.RingingOwn},
			{call.RingingOwn, "it is picked up", pickup, call.RingingFar},
			{call.RingingFar, "nothing", nothing, call.RingingFar},
			{call.RingingFar, "it is answered", answer, call.InCall},
			{call.InCall, "nothing", nothing, call.InCall},
		} {
			outlives := func(t *testing.T, phone bool) {
				synctest.Test(t, func(t *testing.T) {
					h := newPBXBubble(t, asterisk, pbxsim.Real)
					if phone {
						h.account = h.onThePhone(asterisk)
					}
					stranger := h.account
					stranger.Extension = "7106"
					other := h.start(t, stranger)
					if _, err := other.Dial(t.Context(), planFor("7105")); err != nil {
						t.Fatal(err)
					}
					await(t, other.Dialer, time.Minute, "in call", inState(call.InCall))
					other.trail.End(other.Snapshot().Call.ID)

					p := h.start(t, h.account)
					h.callTo(t, p, tc.killed)
					h.kill(t, p)
					tc.do(h)
					time.Sleep(2 * time.Second)
					next := h.start(t, h.account)
					left, s := next.adopt(t)
					if s.ID != p.Snapshot().Call.ID || s.Number != far || !s.Requested.Equal(p.Snapshot().Call.Requested) {
						t.Errorf("another call: %+v", s)
					}
					if asterisk == "11" && tc.happens == "it is picked up" {
						// It tells of nobody who dialled whom; the next event does.
						tc.want = call.AnsweredOwn
					}
					if s.State != tc.want {
						t.Errorf("it is %s %q, want %s", s.State, s.Cause, tc.want)
					}
					if now := next.Snapshot().Call; now == nil || *now != s {
						t.Errorf("the Snapshot says %+v", now)
					}
					if _, err := next.Dial(t.Context(), planFor("7105")); !errors.Is(err, ErrInProgress) {
						t.Errorf("another call: %v", err)
					}
					if err := next.Hangup(t.Context()); err != nil {
						t.Fatal(err)
					}
					await(t, next.Dialer, 5*time.Second, "over", func(s status.Snapshot) bool { return s.Call != nil && !s.Call.Live() })
					h.calls(t, 1) // the other person's
					if n := len(h.PBX.Originates()); n != 2 {
						t.Errorf("%d Originates", n)
					}
					next.trail.End(left.ID())
					if files := h.files(t); len(files) != 0 {
						t.Errorf("left: %v", files)
					}
				})
			}
			name := fmt.Sprintf("%s/%s, %s", asterisk, tc.killed, tc.happens)
			t.Run(name, func(t *testing.T) { outlives(t, false) })
			t.Run(name+", without Local channels", func(t *testing.T) { outlives(t, true) })
		}
	}
}

// TestEndedWhileNobodyLooked: nothing is made up of a call that is over.
func TestEndedWhileNobodyLooked(t *testing.T) {
	for _, asterisk := range flavours {
		for _, state := range []call.State{call.RingingOwn, call.RingingFar, call.InCall} {
			over := func(t *testing.T, phone bool) {
				synctest.Test(t, func(t *testing.T) {
					h := newPBXBubble(t, asterisk, pbxsim.Real)
					if phone {
						h.account = h.onThePhone(asterisk)
					}
					p := h.start(t, h.account)
					h.callTo(t, p, state)
					h.kill(t, p)
					h.PBX.HangUpAll()
					time.Sleep(time.Hour)
					next := h.start(t, h.account)
					_, s := next.adopt(t)
					if s.State != call.Unknown || s.Cause != call.EndedUnseen || s.Answered.IsZero() == (state == call.InCall) {
						t.Errorf("%s %q, answered at %v", s.State, s.Cause, s.Answered)
					}
					if s.Duration(time.Now()) > time.Minute {
						t.Errorf("it lasted %v", s.Duration(time.Now()))
					}
					if c := next.Snapshot().Call; c != nil {
						t.Errorf("the Snapshot says %+v", c)
					}
					if err := next.Hangup(t.Context()); !errors.Is(err, ErrNoCall) {
						t.Errorf("hang up: %v", err)
					}
					time.Sleep(time.Minute)
					if n := h.PBX.Sessions(); n != 0 {
						t.Errorf("%d sessions stay", n)
					}
				})
			}
			t.Run(asterisk+"/"+string(state), func(t *testing.T) { over(t, false) })
			t.Run(asterisk+"/"+string(state)+", without Local channels", func(t *testing.T) { over(t, true) })
		}
	}
}

// TestFoundBeforeItsChannels: killed right behind the request, which the PBX takes
// its time for.
func TestFoundBeforeItsChannels(t *testing.T) {
	for _, asterisk := range flavours {
		t.Run(asterisk, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newPBXBubble(t, asterisk, pbxsim.Real)
				p := h.start(t, h.account)
				h.callTo(t, p, call.RingingOwn)
				h.kill(t, p)
				tr := trail.Open(h.dir)
				r := tr.Adopt(time.Now())[0]
				tr.End(r.ID())
				r.Call.State, r.Call.Legs = call.Requested, nil // as it was before the request
				if err := tr.Begin(r); err != nil {
					t.Fatal(err)
				}
				tr.Close()
				next := h.start(t, h.account)
				_, s := next.adopt(t)
				if s.State != call.RingingOwn && (asterisk != "11" || s.State != call.Requested) {
					t.Errorf("%s %q", s.State, s.Cause)
				}
				if err := next.Hangup(t.Context()); err != nil {
					t.Fatal(err)
				}
				await(t, next.Dialer, 15*time.Second, "over", func(s status.Snapshot) bool { return !s.Call.Live() })
				h.calls(t, 0)
			})
		})
	}
}

// TestPBXOutOfReachAtTheStart: the call is unknown, and found when the
// PBX is back, and hung up by whoever asked for that meanwhile.
func TestPBXOutOfReachAtTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPBXBubble(t, "22", pbxsim.Real)
		p := h.start(t, h.account)
		h.callTo(t, p, call.InCall)
		h.kill(t, p)
		incoming := h.network.incoming
		h.network.cut()
		next := h.start(t, h.account)
		_, s := next.adopt(t)
		if s.State != call.Unknown || s.Cause != call.ConnectionLost || next.Snapshot().Call == nil {
			t.Errorf("%s %q", s.State, s.Cause)
		}
		var trouble *TroubleError
		if err := next.Hangup(t.Context()); !errors.As(err, &trouble) {
			t.Errorf("hang up: %v", err)
		}
		h.network.mu.Lock()
		h.network.incoming = incoming
		h.network.mu.Unlock()
		await(t, next.Dialer, time.Minute, "in call again", inState(call.InCall))
		if err := next.Hangup(t.Context()); err != nil {
			t.Fatal(err)
		}
		await(t, next.Dialer, 5*time.Second, "ended", inState(call.Ended))
		h.calls(t, 0)
	})
}

// openingStore is a keyring that opens in the end.
type openingStore struct {
	fixedStore
	open chan struct{}
}

func (k *openingStore) Get(ctx context.Context, key string) (string, error) {
	<-k.open
	return k.fixedStore.Get(ctx, key)
}

// TestEndsBehindTheList: what happens between the PBX's list and our listening to
// the channels on it is not lost.
func TestEndsBehindTheList(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPBXBubble(t, "22", pbxsim.Real)
		p := h.start(t, h.account)
		h.callTo(t, p, call.InCall)
		id := p.Snapshot().Call.ID + "-1"
		h.kill(t, p)
		h.PBX.HangUpAll()
		asked := 0
		next := h.start(t, config.Account{})
		next.reach = dialWith(func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go scripted(func(c net.Conn, a map[string]string) bool {
				if a["Action"] != "Status" || asked > 0 {
					return false
				}
				asked++
				accept(c, a, "EventList: start\r\n")
				event(c, "Status", "ActionID: "+a["ActionID"], "Channel: PJSIP/7101-0000000a", "ChannelState: 6", "Uniqueid: 5.1", "Linkedid: "+id)
				event(c, "StatusComplete", "ActionID: "+a["ActionID"], "EventList: Complete")
				event(c, "Hangup", "Channel: PJSIP/7101-0000000a", "Uniqueid: 5.1", "Linkedid: 9.9", "Cause: 16")
				return true
			})(server)
			return client, nil
		})
		if err := next.SetAccount(t.Context(), h.account, config.ConnectionOnDemand); err != nil {
			t.Fatal(err)
		}
		if _, s := next.adopt(t); s.State != call.InCall && s.State != call.Ended {
			t.Fatalf("%s %q", s.State, s.Cause)
		}
		await(t, next.Dialer, time.Second, "ended", inState(call.Ended))
	})
}

// TestLostWhileLooking: nobody waits for an answer that does not come.
func TestLostWhileLooking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPBXBubble(t, "22", pbxsim.Real)
		p := h.start(t, h.account)
		h.callTo(t, p, call.InCall)
		h.kill(t, p)
		h.PBX.HangUpAll()
		next := h.start(t, config.Account{})
		next.reach = dialWith(func(context.Context, string, string) (net.Conn, error) {
			client, server := net.Pipe()
			go scripted(func(c net.Conn, a map[string]string) bool {
				if a["Action"] == "Status" {
					c.Close()
				}
				return a["Action"] == "Status"
			})(server)
			return client, nil
		})
		if err := next.SetAccount(t.Context(), h.account, config.ConnectionOnDemand); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		if _, s := next.adopt(t); s.State != call.Unknown || s.Cause != call.ConnectionLost || time.Since(begun) > time.Second {
			t.Errorf("%s %q after %v", s.State, s.Cause, time.Since(begun))
		}
		time.Sleep(time.Hour)
		if n := next.Snapshot().Connection; n == status.Connected || n == status.Checking {
			t.Errorf("it is still tried: %s", n)
		}
	})
}

// TestDialRightAfterTheStart: the first thing asked of a program that starts is
// the very call that goes on, or another one. It is known of before it is dialled.
func TestDialRightAfterTheStart(t *testing.T) {
	for _, tc := range []struct {
		number string
		after  time.Duration
		same   bool
	}{
		{far, 0, true},
		{far, 10 * time.Second, false},
		{"7105", 0, false},
	} {
		t.Run(tc.number+" after "+tc.after.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newPBXBubble(t, "22", pbxsim.Real)
				p := h.start(t, h.account)
				h.callTo(t, p, call.RingingOwn)
				if tc.after > 0 {
					h.PBX.Pickup("7101")
				}
				h.kill(t, p)
				time.Sleep(tc.after)
				next := h.start(t, h.account)
				keys := &openingStore{fixedStore(pbxsim.Secret), make(chan struct{})}
				next.secrets = keys // before its first use
				left := next.trail.Adopt(time.Now())
				resumed := make(chan error, 1)
				go func() {
					_, err := next.Resume(t.Context(), left[0])
					resumed <- err
				}()
				synctest.Wait()
				if c := next.Snapshot().Call; c != nil {
					t.Errorf("told before it is known: %+v", c)
				}
				time.AfterFunc(time.Second, func() { close(keys.open) })
				s, err := next.Dial(t.Context(), planFor(tc.number))
				if tc.same && (err != nil || s.ID != left[0].ID()) || !tc.same && !errors.Is(err, ErrInProgress) {
					t.Errorf("dialled: %+v, %v", s, err)
				}
				if err := <-resumed; err != nil {
					t.Error(err)
				}
				if n := len(h.PBX.Originates()); n != 1 {
					t.Errorf("%d Originates", n)
				}
				h.PBX.HangUpAll()
			})
		})
	}
}

// TestCallOfAnotherAccount is told, and neither looked for nor hung up.
func TestCallOfAnotherAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPBXBubble(t, "22", pbxsim.Real)
		p := h.start(t, h.account)
		h.callTo(t, p, call.InCall)
		h.kill(t, p)
		other := h.account
		other.Username = "another"
		next := h.start(t, other)
		_, s := next.adopt(t)
		if s.State != call.Unknown || s.Cause != call.OtherAccount || next.Snapshot().Call == nil {
			t.Errorf("%s %q", s.State, s.Cause)
		}
		if err := next.Hangup(t.Context()); !errors.Is(err, ErrNoCall) {
			t.Errorf("hang up: %v", err)
		}
		time.Sleep(time.Hour)
		if n := h.PBX.LoginsRefused(); n != 0 {
			t.Errorf("%d logins", n)
		}
		h.calls(t, 1)
		h.PBX.HangUpAll()
	})
}

// TestHeldLoginsHoldTheSearch: a call that was left behind does not get round the
// limit of refused logins.
func TestHeldLoginsHoldTheSearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPBXBubble(t, "22", pbxsim.Real)
		p := h.start(t, h.account)
		h.callTo(t, p, call.InCall)
		h.kill(t, p)
		logins := OpenLogins("")
		for range maxRefused {
			a, err := logins.begin(t.Context(), pbxAt(h.account.Username, strconv.Itoa(h.account.Port), h.account.Host), true)
			if err != nil {
				t.Fatal(err)
			}
			a.end(ami.ErrAuthFailed, true)
		}
		next := h.start(t, config.Account{})
		next.logins = logins
		if err := next.SetAccount(t.Context(), h.account, config.ConnectionOnDemand); err != nil {
			t.Fatal(err)
		}
		before := h.PBX.Logins()
		_, s := next.adopt(t)
		if s.State != call.Unknown || h.PBX.Logins() != before {
			t.Errorf("%s %q, %d logins", s.State, s.Cause, h.PBX.Logins()-before)
		}
		h.PBX.HangUpAll()
	})
}

// TestAccountChangedInACall: the call is followed to its end, by the account that
// it was placed with, and then the new one is in force.
func TestAccountChangedInACall(t *testing.T) {
	for name, change := range map[string]func(*config.Account){
		"another extension": func(a *config.Account) { a.Extension = "7105" },
		"another PBX":       func(a *config.Account) { a.Host = "127.0.0.2" },
		"removed":           func(a *config.Account) { *a = config.Account{} },
	} {
		for _, end := range []string{"hung up", "hangs up", "killed"} {
			t.Run(name+"/"+end, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := newPBXBubble(t, "22", pbxsim.Real)
					p := h.start(t, h.account)
					h.callTo(t, p, call.InCall)
					logins := h.PBX.Logins()
					changed := h.account
					change(&changed)
					if err := p.SetAccount(t.Context(), changed, config.ConnectionOnDemand); err != nil {
						t.Fatal(err)
					}
					checked := p.Check(t.Context())
					if (checked == nil) != (name != "removed") {
						t.Errorf("checked: %v", checked)
					}
					if name == "another PBX" {
						logins++
					}
					time.Sleep(time.Minute)
					s := p.Snapshot()
					if s.Call == nil || s.Call.State != call.InCall || s.Extension != "7101" || h.PBX.Logins() != logins {
						t.Fatalf("%+v, %d more logins", s, h.PBX.Logins()-logins)
					}
					if _, err := p.Dial(t.Context(), planFor("7102")); !errors.Is(err, ErrInProgress) {
						t.Errorf("another call: %v", err)
					}
					switch end {
					case "hung up":
						if err := p.Hangup(t.Context()); err != nil {
							t.Fatal(err)
						}
					case "hangs up":
						h.PBX.FarHangsUp()
					case "killed":
						h.kill(t, p)
						next := h.start(t, changed)
						_, s := next.adopt(t)
						follows := secret.Key(changed) == secret.Key(h.account)
						if s.Live() != follows || !follows && s.Cause != call.OtherAccount {
							t.Errorf("%s %q", s.State, s.Cause)
						}
						h.PBX.HangUpAll()
						return
					}
					await(t, p.Dialer, 5*time.Second, "the other account", func(s status.Snapshot) bool {
						return s.Extension == changed.Extension && s.Call != nil && s.Call.State == call.Ended
					})
					if want := status.Ready; name != "removed" {
						await(t, p.Dialer, 5*time.Second, "checked", linkIs(want))
					}
					h.calls(t, 0)
				})
			})
		}
	}
}

// TestAccountChangedInALostCall: the old account is given up with the
// call.
func TestAccountChangedInALostCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPBXBubble(t, "22", pbxsim.Real)
		p := h.start(t, h.account)
		h.callTo(t, p, call.InCall)
		h.PBX.SetSecret("another") // it does not come back
		if err := p.SetAccount(t.Context(), config.Account{}, config.ConnectionOnDemand); err != nil {
			t.Fatal(err)
		}
		h.PBX.DropSessions()
		await(t, p.Dialer, 10*time.Second, "no account", linkIs(status.NotSetUp))
		h.PBX.HangUpAll()
	})
}

// TestTrailIsShort: a call is written when its state changes, not at each event;
// nothing secret and no name is in it, and a call that was never sent leaves
// nothing that could be taken for one.
func TestTrailIsShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPBXBubble(t, "22", pbxsim.Real)
		h.PBX.SetName("7105", "Ada Lovelace")
		p := h.start(t, h.account)
		h.callTo(t, p, call.InCall)
		synctest.Wait()
		data, err := os.ReadFile(h.files(t)[0])
		if err != nil {
			t.Fatal(err)
		}
		var file struct{ Call []byte }
		if err := json.Unmarshal(data, &file); err != nil || len(file.Call) == 0 {
			t.Fatal(err)
		}
		for _, word := range []string{pbxsim.Secret, "Ada"} {
			if strings.Contains(string(data)+string(file.Call), word) {
				t.Errorf("%q is on the disk", word)
			}
		}
		if len(data) > 4<<10 {
			t.Errorf("%d bytes", len(data))
		}
		before, err := os.Stat(h.files(t)[0])
		if err != nil {
			t.Fatal(err)
		}
		h.PBX.Noise(100)
		time.Sleep(time.Minute)
		h.PBX.Noise(0)
		after, err := os.Stat(h.files(t)[0])
		if err != nil || !os.SameFile(before, after) {
			t.Error("it is written although nothing moved", err)
		}
		h.PBX.HangUpAll()
		await(t, p.Dialer, 5*time.Second, "ended", inState(call.Ended))
	})
}

// TestNothingKept: one can call though the disk cannot be written.
func TestNothingKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPBXBubble(t, "22", pbxsim.Real)
		if err := os.WriteFile(h.dir, nil, 0o600); err != nil { // no directory can be there
			t.Fatal(err)
		}
		p := h.start(t, h.account)
		h.callTo(t, p, call.InCall)
		if err := p.Hangup(t.Context()); err != nil {
			t.Fatal(err)
		}
		await(t, p.Dialer, 5*time.Second, "ended", inState(call.Ended))
	})
}

// TestMemoIsKeptBeforeTheRequest: what the PBX has heard of is on the disk.
func TestMemoIsKeptBeforeTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newPBXBubble(t, "22", pbxsim.Real)
		for cut := 1; cut < 40; cut++ {
			h.network.cutAfter(cut)
			p := h.start(t, h.account)
			go func() { _, _ = p.Dial(t.Context(), planFor(far)) }()
			time.Sleep(100 * time.Millisecond)
			sent := len(h.network.sent())
			files := h.files(t)
			if len(files) < sent {
				t.Fatalf("cut at %d: %d requests, %d files", cut, sent, len(files))
			}
			h.kill(t, p)
			h.network.disarm()
			for _, r := range trail.Open(h.dir).Adopt(time.Now()) {
				if r.Call.Request.Number != far || r.Call.Request.Channel == "" {
					t.Errorf("%+v", r)
				}
				_ = tracker.Recall(r.Call)
			}
			for _, name := range files {
				_ = os.Remove(name)
			}
			h.PBX.HangUpAll()
			time.Sleep(time.Second)
		}
	})
}

// TestRenamesWithoutEnd: what a PBX changes again and again costs the disk little, and
// how it stands in the end is kept all the same.
func TestRenamesWithoutEnd(t *testing.T) {
	const often, between = 3000, 10 * time.Millisecond
	synctest.Test(t, func(t *testing.T) {
		h := newPBXBubble(t, "22", pbxsim.Real)
		p := h.start(t, h.account)
		h.callTo(t, p, call.InCall)
		saved := func() string {
			data, err := os.ReadFile(h.files(t)[0])
			if err != nil {
				t.Fatal(err)
			}
			return string(data)
		}
		synctest.Wait()
		var id string // of a channel of the call
		_ = p.do(t.Context(), func(l *loop, done func(error)) {
			id = l.record(l.cur).Call.Legs[0].ID
			done(nil)
		})
		h.network.mu.Lock()
		var pbx net.Conn
		for c := range h.network.conns {
			pbx = c
		}
		h.network.mu.Unlock()
		writes, last := 0, saved()
		for n := range often {
			_ = pbx.SetWriteDeadline(time.Time{}) // the PBX sets its own
			_, err := fmt.Fprintf(pbx, "Event: Rename\r\nUniqueid: %s\r\nChannel: x\r\nNewname: PJSIP/7101-%08x\r\n\r\n", id, n)
			if err != nil {
				t.Fatal(n, err)
			}
			time.Sleep(between)
			synctest.Wait()
			if now := saved(); now != last {
				writes, last = writes+1, now
			}
		}
		if most := savesAtOnce + int(often*between/saveEvery) + 1; writes > most || writes < 10 {
			t.Errorf("%d writes, %d at most", writes, most)
		}
		time.Sleep(2 * saveEvery)
		want := fmt.Sprintf("PJSIP/7101-%08x", often-1)
		h.kill(t, p)
		tr := trail.Open(h.dir)
		defer tr.Close()
		left := tr.Adopt(time.Now())
		if len(left) != 1 || !slices.ContainsFunc(left[0].Call.Legs, func(l tracker.MemoLeg) bool { return l.Name == want }) {
			t.Errorf("the last name is not kept: %+v", left)
		}
	})
}
