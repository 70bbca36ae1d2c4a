package pbxsim

import (
	"strings"
	"testing"
)

// TestHangupEverywhere hangs up every channel of a call, and puts down every
// phone, in every state it can be in.
func TestHangupEverywhere(t *testing.T) {
	states := []struct {
		name, ext, number string
		reach             func(c *client)
		legs              []string // channel name beginnings and how many of those to skip
	}{
		{"own rings", "7102", "0391234507", func(c *client) {
			c.event("DialState", "Channel", "Local/7102@c2c-00000000;2")
		}, []string{"Local/7102@c2c-00000000;1", "Local/7102@c2c-00000000;2", "PJSIP/7102-00000000", "PJSIP/anonymous-00000001"}},
		{"far rings", "7101", "7102", func(c *client) {
			c.event("DialState", "DestChannel", "PJSIP/7102-00000002")
		}, []string{"Local/7101@c2c-00000000;1", "Local/7101@c2c-00000000;2", "PJSIP/7101-00000000", "PJSIP/anonymous-00000001", "PJSIP/7102-00000002", "PJSIP/anonymous-00000003"}},
		{"talk", "7101", "0391234507", func(c *client) {
			c.event("LocalOptimizationEnd")
			c.event("Hangup")
			c.event("Hangup")
		}, []string{"PJSIP/7101-00000000", "PJSIP/anonymous-00000001", "PJSIP/trunk-00000002", "PJSIP/anonymous-00000003"}},
		{"talk with Local channels", "7101/n", "0391234507", func(c *client) {
			c.event("BridgeEnter", "Channel", "PJSIP/trunk-00000002")
			c.event("BridgeEnter")
		}, []string{"Local/7101@c2c-00000000;1", "Local/7101@c2c-00000000;2", "PJSIP/7101-00000000", "PJSIP/anonymous-00000001", "PJSIP/trunk-00000002", "PJSIP/anonymous-00000003"}},
		{"echo", "7101", "800", func(c *client) {
			c.event("BridgeEnter", "Channel", "Local/7101@c2c-00000000;2")
		}, []string{"Local/7101@c2c-00000000;1", "Local/7101@c2c-00000000;2", "PJSIP/7101-00000000", "PJSIP/anonymous-00000001"}},
	}
	for _, flavour := range []string{"16", "22"} {
		for _, s := range states {
			for _, channel := range append(s.legs, "") {
				t.Run(flavour+"/"+s.name+"/"+channel, func(t *testing.T) {
					t.Parallel()
					p := start(t, Options{Asterisk: flavour})
					c := login(t, p)
					ext, keep := strings.CutSuffix(s.ext, "/n")
					lines := variable("x", ext, s.number)
					if keep {
						lines[3] += "/n"
					}
					c.send(lines...)
					s.reach(c)
					if channel == "" {
						p.HangUpAll()
					} else {
						c.send("Action: Hangup", "ActionID: h", "Channel: "+channel)
						c.answer("h", "Success", "Channel Hungup")
					}
					tally(t, p, c)
				})
			}
		}
	}
	t.Run("no such channel", func(t *testing.T) {
		c := login(t, start(t, Options{}))
		c.send("Action: Hangup", "ActionID: h", "Channel: PJSIP/7101-00000000")
		c.answer("h", "Error", "No such channel")
	})
	t.Run("regular expression", func(t *testing.T) {
		p := start(t, Options{})
		c := login(t, p)
		c.send(variable("a", "7101", "800")...)
		c.event("OriginateResponse")
		c.send(variable("b", "7105", "800")...)
		c.event("OriginateResponse", "Uniqueid", "b")
		c.send("Action: Hangup", "ActionID: h", "Channel: /^Local/")
		c.answer("h", "Success", "Channels hung up will follow")
		c.event("ChannelsHungupListComplete", "ListItems", "4")
		eventually(t, "everybody's calls are over", func() bool { return p.Calls() == 0 })
	})
}

// TestPeople drives the phones by hand.
func TestPeople(t *testing.T) {
	p := start(t, Options{})
	c := login(t, p)
	if p.Pickup("7102") || p.Decline("7102") || p.PutDown("7102") || p.FarAnswers() || p.FarDeclines() || p.FarHangsUp() {
		t.Error("something to act on before any call")
	}
	c.send(variable("x", "7102", "0391234504")...)
	c.event("DialState", "DestChannel", "PJSIP/7102-00000000")
	if p.PutDown("7102") || !p.Pickup("7102") {
		t.Error("7102 was not ringing")
	}
	c.event("DialState", "DestCallerIDNum", "0391234504")
	if !p.FarAnswers() {
		t.Error("the far side was not ringing")
	}
	c.event("LocalOptimizationEnd")
	if !p.PutDown("7102") {
		t.Error("7102 was not in a talk")
	}
	tally(t, p, c)

	decline := login(t, p)
	decline.send(variable("y", "7102", "800")...)
	decline.event("DialState", "Channel", "Local/7102@c2c-00000001;2")
	if !p.Decline("7102") {
		t.Error("7102 was not ringing")
	}
	decline.event("DialEnd", "DialStatus", "NOANSWER")
	decline.event("Hangup", "CallerIDNum", "7102", "Cause", "21")

	far := login(t, p)
	far.send(variable("z", "7101", "7102")...)
	far.event("DialState", "DestCallerIDNum", "7102", "DialStatus", "RINGING")
	if !p.FarDeclines() {
		t.Error("the far side was not ringing")
	}
	far.event("DialEnd", "DialStatus", "NOANSWER")
	tally(t, p, far)
}
