package pbxsim

import "slices"

// Transfers are pretended where Asterisk has them (12 and later) and the Local channels
// have gone, as they have a moment after the answer. What is sent is what 16.28 and 22.10
// send, but for the events of which package ami knows nothing.

// transfer is what an action asks of a call.
type transfer struct {
	exten    string
	attended bool
	cancel   bool
}

func (s *session) blindTransfer(m *message) { s.transferBy(m, transfer{exten: m.get("Exten")}) }
func (s *session) redirect(m *message)      { s.transferBy(m, transfer{exten: m.get("Exten")}) }
func (s *session) atxfer(m *message) {
	s.transferBy(m, transfer{exten: m.get("Exten"), attended: true})
}

func (s *session) cancelAtxfer(m *message) { s.transferBy(m, transfer{attended: true, cancel: true}) }

func (s *session) transferBy(m *message, t transfer) {
	p, action, name := s.p, m.get("Action"), m.get("Channel")
	var ch *channel
	allowed, known := true, true
	p.do(func() {
		if may, said := p.granted[action]; said {
			allowed = may
		}
		ch = p.channelLocked(name)
		known = t.cancel || p.routed(t.exten)
		if allowed && ch != nil && ch.call == nil {
			p.moved = append(p.moved, Moved{Action: action, Channel: name, Exten: t.exten})
		}
		if allowed && ch != nil && ch.call != nil {
			moved := Moved{Action: action, Channel: name, Exten: t.exten}
			if ch.device != p.anonymousDevice() {
				moved.Of = ch.call.req.ext
			}
			p.moved = append(p.moved, moved)
		}
	})
	switch {
	case !allowed:
		s.refuse(m, "Permission denied")
	case name == "" && action == "Redirect":
		s.refuse(m, "Channel not specified")
	case name == "":
		s.refuse(m, "No channel specified")
	case ch == nil:
		s.refuse(m, "Channel specified does not exist")
	case t.attended && p.features.eventsOf11, t.attended && locked(p, func() bool { return p.noAtxfer }):
		s.refuse(m, "No attended transfer feature code found")
	case ch.call == nil, !known:
		s.refuse(m, action+" failed")
	default:
		ch.call.signal(signal{what: transferred, ch: ch, to: t})
		s.ack(m, action+" successfully queued")
	}
}

// Moved is an action that was to transfer a call.
type Moved struct {
	Action, Channel string
	Of              string // the extension for which the call of that channel was asked for; "" for any other channel
	Exten           string
}

// Moves are those that have come, oldest first.
func (p *PBX) Moves() []Moved {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.moved)
}

// NoAtxfer has the PBX have no code for attended transfers.
func (p *PBX) NoAtxfer() { p.do(func() { p.noAtxfer = true }) }

// handOver transfers the call; it reports whether the talk goes on.
func (c *liveCall) handOver(t transfer) bool {
	p := c.p
	if c.inner != nil && !c.req.direct { // the Local channels are still there
		p.do(c.optimiseLocked)
	}
	if t.attended {
		return c.consult(t.exten)
	}
	p.do(func() {
		own := c.own.ch
		p.leaveLocked(own)
		p.leaveLocked(c.far.ch)
		p.hangupRequestLocked(true, own, causeClearing, 0)
		p.hangupLocked(own, causeClearing, 0)
		p.releaseLocked(c.own, causeClearing)
		c.far.ch.exten, c.far.ch.priority = t.exten, 1
	})
	third, how := c.callThird(c.far.ch, t.exten, nil)
	if how == thirdOver {
		return false
	}
	if how == thirdAnswers && third != nil {
		p.do(func() {
			c.outer = p.newBridgeLocked()
			p.enterLocked(c.outer, third.ch, nil)
			p.enterLocked(c.outer, c.far.ch, nil)
		})
	}
	if how == thirdAnswers { // and they speak until somebody hangs up
		c.wait(-1)
	}
	p.do(func() { c.endLegsLocked(third, c.far) })
	return false
}

// endLegsLocked hangs legs up.
func (c *liveCall) endLegsLocked(legs ...*leg) {
	for _, l := range legs {
		if l == nil || l.ch.gone {
			continue
		}
		c.p.leaveLocked(l.ch)
		c.p.hangupLocked(l.ch, causeClearing, 0)
		c.p.releaseLocked(l, causeClearing)
	}
}

// thirdHow is what became of calling the third side.
type thirdHow int

const (
	thirdAnswers thirdHow = iota // a leg, or with none a service of the PBX
	thirdFails
	thirdCancelled
	thirdOver // the PBX ends
)

// callThird has from dial a number. on is who may take it back; nil: whoever hangs up ends it.
func (c *liveCall) callThird(from *channel, number string, on *channel) (*leg, thirdHow) {
	p := c.p
	if number == EchoService {
		return nil, thirdAnswers
	}
	does, outside := FarOf(number)
	var third *leg
	after, answers, cause := p.pace.farRings, true, causeBusy
	rings, busyPhone := true, false
	p.do(func() {
		if outside {
			third = c.trunkLegLocked(from, number)
			third.suffix = number[len(number)-2:]
			c.beginLegLocked(from, third, false)
			return
		}
		e := p.extensionLocked(number)
		if e == nil || e.Phone == NotConnected {
			return
		}
		third = p.phoneLocked(c, e, from)
		rings, busyPhone = e.Phone != Busy, e.Phone == Busy
		if e.Phone == Silent {
			after, answers = -1, false
		}
		c.beginLegLocked(from, third, busyPhone)
	})
	if third == nil {
		return nil, thirdFails
	}
	if outside {
		refusals := map[FarSide]int{FarBusy: causeBusy, FarCongested: causeCongestion, FarUnknown: causeUnknown, FarRejects: causeRejected}
		refused, ok := refusals[does]
		if rings = !ok; ok {
			cause = refused
		}
		if does == FarSilent {
			after, answers = p.pace.trunkGive, false
		}
	}
	if !rings {
		after = p.pace.refuse
	} else {
		p.do(func() {
			third.handset.priority = 2
			p.setStateLocked(third.ch, stateRinging)
			p.emit(event{name: "DialState", ch: from, dest: third.ch, extra: []string{"DialStatus", "RINGING"}})
		})
	}
	for {
		n := c.wait(after)
		switch {
		case n.what == closing:
			return third, thirdOver
		case n.what == timeUp && !rings:
			p.do(func() { c.refusedLocked(from, third, cause, true) })
			return third, thirdFails
		case n.what == timeUp && !answers:
			p.do(func() {
				p.dialEndLocked(from, third.ch, "NOANSWER")
				p.hangupLocked(third.ch, causeClearing, 0)
				p.releaseLocked(third, causeClearing)
			})
			return third, thirdFails
		case n.what == timeUp, n.what == pickedUp && n.leg == third:
			p.do(func() {
				p.pickUpLocked(third)
				p.dialEndLocked(from, third.ch, "ANSWER")
			})
			return third, thirdAnswers
		case n.what == hungUp, n.what == putDown, n.what == transferred && n.to.cancel && on != nil:
			p.do(func() {
				p.dialEndLocked(from, third.ch, "CANCEL")
				p.hangupLocked(third.ch, causeClearing, 0)
				p.releaseLocked(third, causeClearing)
			})
			return third, thirdCancelled
		}
	}
}

// consult is an attended transfer; it reports whether the own phone and the far side speak
// again.
func (c *liveCall) consult(number string) bool {
	p, own := c.p, c.own.ch
	var one, two *channel
	var talk *bridge
	p.do(func() {
		half := func(suffix string, state int) *channel {
			return &channel{linked: c.l1.linked, state: state, context: "outbound", exten: number, priority: 1, call: c, name: suffix}
		}
		name := p.localName("Local/" + number + "@outbound")
		one, two = half(name+";1", stateDown), half(name+";2", stateRing)
		p.addLocked(one)
		p.addLocked(two)
		p.emit(event{name: "LocalBridge", one: one, two: two, extra: []string{"Context", "outbound", "Exten", number, "LocalOptimization", "Yes"}})
		talk = p.newBridgeLocked()
		p.enterLocked(talk, one, nil)
		p.leaveLocked(own)
		p.enterLocked(talk, own, nil)
	})
	third, how := c.callThird(two, number, own)
	var between *bridge
	if how == thirdAnswers {
		p.do(func() {
			p.setStateLocked(two, stateUp)
			p.setStateLocked(one, stateUp)
			if third != nil {
				between = p.newBridgeLocked()
				p.enterLocked(between, third.ch, nil)
				p.enterLocked(between, two, nil)
			}
		})
		switch n := c.wait(-1); {
		case n.what == closing:
			return false
		case n.what == transferred && n.to.cancel:
			how = thirdCancelled
		case n.ch != nil && n.ch != own && n.ch != one:
			p.do(func() { // whoever waits, or the third side, has gone: the rest goes with it
				c.endLegsLocked(c.far, third, c.own)
				p.hangupLocked(one, causeClearing, 0)
				p.hangupLocked(two, causeClearing, 0)
			})
			return false
		case n.ch == own, n.what == putDown && n.leg == c.own:
			p.do(func() {
				c.endLegsLocked(c.own)
				p.leaveLocked(one)
				p.enterLocked(c.outer, one, nil)
				if third != nil {
					p.leaveLocked(third.ch)
					p.leaveLocked(one)
					p.enterLocked(c.outer, third.ch, one)
				}
				p.leaveLocked(two)
				p.hangupLocked(one, causeClearing, 0)
				p.hangupLocked(two, causeClearing, 0)
			})
			c.wait(-1)
			p.do(func() { c.endLegsLocked(third, c.far) })
			return false
		default:
			how = thirdCancelled
		}
	}
	if how == thirdOver {
		return false
	}
	p.do(func() {
		c.endLegsLocked(third)
		p.leaveLocked(two)
		p.hangupLocked(two, causeClearing, 0)
		p.leaveLocked(one)
		p.hangupLocked(one, causeClearing, 0)
		p.leaveLocked(own)
		p.enterLocked(c.outer, own, nil)
	})
	return true
}
