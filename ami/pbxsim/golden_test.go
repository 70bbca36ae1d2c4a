package pbxsim

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// recorded reads one of the recordings: the messages of each call.
func recorded(t *testing.T, file string) [][]wire {
	t.Helper()
	text, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var calls [][]wire
	var w wire
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "; call"):
			calls = append(calls, nil)
		case strings.HasPrefix(line, "Asterisk Call Manager/"):
		case line != "":
			w = append(w, line)
		case w != nil:
			calls[len(calls)-1] = append(calls[len(calls)-1], w)
			w = nil
		}
	}
	return calls
}

var (
	channelNumber = regexp.MustCompile(`-[0-9a-f]{8}`)
	trunkAddress  = regexp.MustCompile(`sip:t?(\d+)@[0-9.:]+`)
)

// plain gives channels, ids and bridges names that do not depend on the run
// and drops what is only time. Events alone are kept.
func plain(messages []wire) []wire {
	ids, bridges, anonymous := map[string]string{}, map[string]string{}, map[string]string{}
	label := func(name string) string {
		if strings.HasPrefix(name, "PJSIP/anonymous-") {
			if anonymous[name] == "" {
				anonymous[name] = "handset" + strconv.Itoa(len(anonymous)+1)
			}
			return anonymous[name]
		}
		return channelNumber.ReplaceAllString(name, "")
	}
	var out []wire
	for _, m := range messages {
		if m.get("Event") == "" {
			continue
		}
		if m.get("Event") == "Newchannel" {
			ids[m.get("Uniqueid")] = label(m.get("Channel"))
		}
		var w wire
		for _, line := range m {
			k, v, _ := strings.Cut(line, ":")
			v = strings.TrimPrefix(v, " ")
			switch low := strings.ToLower(k); {
			case k == "Timestamp" || k == "Id":
				continue
			case k == "BridgeUniqueid":
				if bridges[v] == "" {
					bridges[v] = "bridge" + strconv.Itoa(len(bridges)+1)
				}
				v = bridges[v]
			case strings.HasSuffix(low, "uniqueid"), strings.HasSuffix(low, "linkedid"):
				if ids[v] == "" {
					v = "stranger " + v
				} else {
					v = "id of " + ids[v]
				}
			case strings.HasSuffix(k, "Channel"):
				v = label(v)
			case k == "DialString":
				v = trunkAddress.ReplaceAllString(v, "sip:$1")
			}
			w = append(w, k+": "+v)
		}
		out = append(out, w)
	}
	return out
}

// asText makes the messages comparable whatever their order.
func asText(messages []wire) []string {
	var all []string
	for _, w := range messages {
		all = append(all, strings.Join(w, "\n"))
	}
	slices.Sort(all)
	return all
}

// orderOf is the story of one channel: the events in which it acts, in order.
// Devices and hints are reported by other threads, OriginateResponse as well;
// their places vary from call to call.
func orderOf(messages []wire) map[string][]string {
	stories := map[string][]string{}
	for _, m := range messages {
		who := m.get("Channel")
		switch m.get("Event") {
		case "OriginateResponse", "DeviceStateChange", "ExtensionStatus":
			continue
		}
		if who == "" {
			who = m.get("DestChannel")
		}
		if who != "" {
			stories[who] = append(stories[who], m.get("Event")+" "+m.get("ChannelStateDesc")+" "+m.get("DialStatus"))
		}
	}
	return stories
}

// TestRecordings makes the recorded calls on a PBX of each flavour. Every
// event must be there with every header in its place, none may be added, and
// each channel must tell its story in the recorded order.
func TestRecordings(t *testing.T) {
	for _, flavour := range []string{"16", "22"} {
		calls := recorded(t, "calls-asterisk"+flavour+".ami")
		if len(calls) != 8 {
			t.Fatalf("%d calls recorded", len(calls))
		}
		for i, want := range calls {
			t.Run(fmt.Sprintf("asterisk%s/call%d", flavour, i), func(t *testing.T) {
				t.Parallel()
				p := start(t, Options{Asterisk: flavour})
				// As the recorded PBX had them.
				p.SetName("7102", "Bruno <b>Neri</b>")
				p.SetName("7103", "")
				c := login(t, p)
				id := fmt.Sprintf("cornetta-example-%d", i)
				switch i {
				case 0:
					c.send(variable(id, "7101", "039050123402")...)
				case 1:
					c.send(wrapper(id, "7101", "039050123403")...)
				case 2:
					c.send(variable(id, "7102", "039050123402", "Timeout: 200")...)
				case 3:
					c.send(variable(id, "7104", "039050123402")...)
				case 4:
					c.send(wrapper(id, "7103", "039050123402")...)
				case 5:
					c.send(variable(id, "7101", "039050123406")...)
				case 6:
					c.send(variable(id, "7101", "039050123408")...)
				case 7:
					c.send(variable(id, "7101", "7102")...)
					c.event("DialState", "DestCallerIDNum", "7102", "DialStatus", "RINGING")
					c.send("Action: Hangup", "ActionID: hangup", "Channel: Local/7101@c2c-00000000;1")
					c.answer("hangup", "Success", "Channel Hungup")
				}
				hangups := 0
				for _, m := range want {
					if m.get("Event") == "Hangup" {
						hangups++
					}
				}
				for range hangups {
					c.event("Hangup")
				}
				eventually(t, "the call is over", func() bool { return p.Calls() == 0 })
				c.send("Action: Ping", "ActionID: end")
				c.answer("end", "Success", "")

				want, got := plain(want), plain(c.seen)
				if d := cmp.Diff(asText(want), asText(got)); d != "" {
					t.Errorf("events (- recorded, + here):\n%s", d)
				}
				if d := cmp.Diff(orderOf(want), orderOf(got)); d != "" {
					t.Errorf("order (- recorded, + here):\n%s", d)
				}
			})
		}
	}
}
