package pbxsim

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

// actions are those that KalliopePBX's rights (write call and originate)
// allow, and those that need no right. It is filled in by init because
// ListCommands lists it.
var actions map[string]func(*session, *message)

// summaries are ListCommands' words for them.
var summaries = map[string]string{
	"Atxfer": "Attended transfer.", "BlindTransfer": "Blind transfer channel(s) to the given destination", "CancelAtxfer": "Cancel an attended transfer.",
	"Challenge":       "Generate Challenge for MD5 Auth.",
	"DeviceStateList": "List the current known device states.", "Events": "Control Event Flow.",
	"ExtensionState": "Check Extension Status.", "ExtensionStateList": "List the current known extension states.",
	"Getvar": "Gets a channel variable.", "Hangup": "Hangup channel.", "ListCommands": "List available manager commands.",
	"Login": "Login Manager.", "Logoff": "Logoff Manager.", "MailboxCount": "Check Mailbox Message Count.", "Originate": "Originate a call.",
	"Ping": "Keepalive command.", "Redirect": "Redirect (transfer) a call.", "Status": "List channel status.",
}

func init() {
	actions = map[string]func(*session, *message){
		"ping": (*session).ping, "events": (*session).setEvents, "originate": (*session).originate,
		"hangup": (*session).hangup, "status": (*session).status,
		"extensionstate": (*session).extensionState, "extensionstatelist": (*session).extensionStateList,
		"devicestatelist": (*session).deviceStateList, "redirect": (*session).redirect,
		"mailboxcount": (*session).mailboxCount, "blindtransfer": (*session).blindTransfer, "cancelatxfer": (*session).cancelAtxfer,
		"atxfer": (*session).atxfer, "playdtmf": (*session).playDTMF, "listcommands": (*session).listCommands, "getvar": (*session).getvar,
	}
	for name := range strings.FieldsSeq(forbiddenNames) {
		forbidden[strings.ToLower(name)] = true
	}
}

// newIn13 are actions that come with flavour.lists.
var newIn13 = map[string]bool{"extensionstatelist": true, "devicestatelist": true}

// forbidden are actions that exist and that this account may not use.
var forbidden = map[string]bool{}

const forbiddenNames = `AbsoluteTimeout AGI AOCMessage Bridge BridgeDestroy BridgeInfo
BridgeKick BridgeList BridgeTechnologyList BridgeTechnologySuspend BridgeTechnologyUnsuspend
Command ConfbridgeKick ConfbridgeList ConfbridgeListRooms ConfbridgeLock ConfbridgeMute
ConfbridgeStartRecord ConfbridgeStopRecord ConfbridgeUnlock ConfbridgeUnmute ControlPlayback
CoreSettings CoreShowChannelMap CoreShowChannels CoreStatus CreateConfig DataGet DBDel DBDelTree DBGet
DBGetTree DBPut DialplanExtensionAdd DialplanExtensionRemove FAXSession FAXSessions FAXStats Filter
GetConfig GetConfigJSON IAXnetstats IAXpeerlist IAXpeers IAXregistry JabberSend
ListCategories LocalOptimizeAway LoggerRotate MailboxStatus MeetmeList MessageSend
MixMonitor MixMonitorMute ModuleCheck ModuleLoad Monitor MuteAudio MWIDelete MWIGet MWIUpdate Park
ParkedCalls Parkinglots PauseMonitor PJSIPHangup PJSIPNotify PJSIPQualify PJSIPRegister
PJSIPShowAors PJSIPShowAuths PJSIPShowContacts PJSIPShowEndpoint PJSIPShowEndpoints
PJSIPShowRegistrationsInbound PJSIPShowRegistrationsOutbound PJSIPShowResourceLists
PJSIPShowSubscriptionsInbound PJSIPShowSubscriptionsOutbound PJSIPUnregister PlayDTMF PlayMF
PresenceState PresenceStateList QueueAdd QueueChangePriorityCaller QueueLog QueueMemberRingInUse
QueuePause QueuePenalty QueueReload QueueRemove QueueReset QueueRule Queues QueueStatus QueueSummary
QueueWithdrawCaller Reload SendFlash SendText Setvar ShowDialPlan SIPnotify SIPpeers SIPpeerstatus
SIPqualifypeer SIPshowpeer SIPshowregistry SorceryMemoryCacheExpire SorceryMemoryCachePopulate
StopMixMonitor StopMonitor UnpauseMonitor UpdateConfig UserEvent VoicemailRefresh
VoicemailUsersList VoicemailUserStatus WaitEvent`

func (s *session) ping(m *message) {
	now := time.Now().Add(locked(s.p, func() time.Duration { return s.p.ahead }))
	s.reply(m, "Success", "", "Ping", "Pong",
		"Timestamp", fmt.Sprintf("%d.%06d", now.Unix(), now.Nanosecond()/1000))
}

func (s *session) setEvents(m *message) {
	on := eventMask(m.get("EventMask"))
	s.p.do(func() { s.events = on })
	state := "Off"
	if on {
		state = "On"
	}
	s.reply(m, "Success", "", "Events", state)
}

func (s *session) listCommands(m *message) {
	names := make([]string, 0, len(summaries))
	granted := map[string]bool{}
	s.p.do(func() { maps.Copy(granted, s.p.granted) })
	for name, allowed := range granted {
		if allowed && summaries[name] == "" {
			names = append(names, name)
		}
	}
	for name := range summaries {
		if newIn13[strings.ToLower(name)] && !s.p.features.lists {
			continue
		}
		if allowed, said := granted[name]; said && !allowed {
			continue
		}
		names = append(names, name)
	}
	sort.Strings(names)
	var lines []string
	for _, name := range names {
		lines = append(lines, name, summaries[name]+"  (Priv: call,all)")
	}
	s.reply(m, "Success", "", lines...)
}

// listLocked answers with a start, the items and an end in one go.
func (s *session) listLocked(m *message, text, complete string, items []func(*bytes.Buffer), more ...string) {
	b := new(bytes.Buffer)
	id := func() {
		if v := m.get("ActionID"); v != "" {
			put(b, "ActionID", v)
		}
	}
	put(b, "Response", "Success")
	id()
	put(b, "EventList", "start")
	put(b, "Message", text)
	b.WriteString("\r\n")
	for _, item := range items {
		item(b)
		id()
		b.WriteString("\r\n")
	}
	put(b, "Event", complete)
	id()
	put(b, "EventList", "Complete")
	put(b, "ListItems", strconv.Itoa(len(items)))
	for i := 0; i+1 < len(more); i += 2 {
		put(b, more[i], more[i+1])
	}
	b.WriteString("\r\n")
	s.queueLocked(b.Bytes())
}

// hangup ends a channel by its exact name, or, as Asterisk does, every channel
// that matches a /regular expression/, whoever's they are.
func (s *session) hangup(m *message) {
	p := s.p
	name := m.get("Channel")
	if name == "" {
		s.refuse(m, "No channel specified")
		return
	}
	if len(name) > 1 && name[0] == '/' && name[len(name)-1] == '/' {
		s.hangupMatching(m, name[1:len(name)-1])
		return
	}
	p.mu.Lock()
	ch := p.channelLocked(name)
	p.mu.Unlock()
	if ch == nil {
		s.refuse(m, "No such channel")
		return
	}
	s.ack(m, "Channel Hungup")
	p.do(func() {
		if !ch.gone && ch.call != nil {
			ch.call.signal(signal{what: hungUp, ch: ch})
		}
	})
}

func (s *session) hangupMatching(m *message, pattern string) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		s.refuse(m, "Regex compile failed on: "+pattern)
		return
	}
	s.p.do(func() {
		var items []func(*bytes.Buffer)
		told := map[*liveCall]bool{}
		for _, ch := range s.p.channels {
			if !re.MatchString(ch.name) {
				continue
			}
			name := ch.name
			items = append(items, func(b *bytes.Buffer) {
				put(b, "Event", "ChannelHungup")
				put(b, "Channel", name)
			})
			if ch.call != nil && !told[ch.call] {
				told[ch.call] = ch.call.signal(signal{what: hungUp, ch: ch})
			}
		}
		s.listLocked(m, "Channels hung up will follow", "ChannelsHungupListComplete", items)
	})
}

func (p *PBX) channelLocked(name string) *channel {
	for _, ch := range p.channels {
		if strings.EqualFold(ch.name, name) {
			return ch
		}
	}
	return nil
}

// status lists the live channels, or the one asked for.
func (s *session) status(m *message) {
	p := s.p
	name := m.get("Channel")
	p.mu.Lock()
	channels := append([]*channel(nil), p.channels...)
	if name != "" {
		channels = channels[:0]
		if ch := p.channelLocked(name); ch != nil {
			channels = append(channels, ch)
		}
	}
	if name != "" && len(channels) == 0 {
		p.mu.Unlock()
		s.refuse(m, "No such channel")
		return
	}
	defer p.mu.Unlock()
	var items []func(*bytes.Buffer)
	for _, ch := range channels {
		items = append(items, func(b *bytes.Buffer) { p.putStatus(b, ch) })
	}
	s.listLocked(m, "Channel status will follow", "StatusComplete", items, "Items", strconv.Itoa(len(items)))
}

func (p *PBX) putStatus(b *bytes.Buffer, ch *channel) {
	put(b, "Event", "Status")
	put(b, "Privilege", "Call")
	seconds := strconv.Itoa(int(time.Since(ch.born) / time.Second))
	bridgeID := ""
	if ch.bridge != nil {
		bridgeID = ch.bridge.id
	}
	if p.features.eventsOf11 {
		put(b, "Channel", ch.name)
		put(b, "CallerIDNum", orUnknown(ch.caller.num))
		put(b, "CallerIDName", orUnknown(oneLine.Replace(ch.caller.name)))
		if p.features.connectedLine {
			put(b, "ConnectedLineNum", orUnknown(ch.connected.num))
			put(b, "ConnectedLineName", orUnknown(oneLine.Replace(ch.connected.name)))
		}
		if !strings.HasSuffix(ch.name, ";1") && !strings.HasSuffix(ch.name, ";2") {
			// A channel that runs no dialplan has fewer headers, and no number
			// for its state (main/manager.c of 11, action_status).
			put(b, "Account", "")
			put(b, "State", stateNames[ch.state])
			putBridged(b, ch)
			put(b, "Uniqueid", ch.unique)
			return
		}
		put(b, "Accountcode", "")
		put(b, "ChannelState", strconv.Itoa(ch.state))
		put(b, "ChannelStateDesc", stateNames[ch.state])
		put(b, "Context", ch.context)
		put(b, "Extension", ch.exten)
		put(b, "Priority", strconv.Itoa(ch.priority))
		put(b, "Seconds", seconds)
		putBridged(b, ch)
		put(b, "Uniqueid", ch.unique)
		return
	}
	p.putChannel(b, "", ch)
	if !p.features.linked {
		put(b, "Linkedid", ch.linked) // here it always was (main/manager.c of 12.2.0)
	}
	kind, _, _ := strings.Cut(ch.name, "/")
	put(b, "Type", kind)
	put(b, "DNID", "")
	put(b, "EffectiveConnectedLineNum", orUnknown(ch.connected.num))
	put(b, "EffectiveConnectedLineName", orUnknown(escapeC(ch.connected.name)))
	put(b, "TimeToHangup", "0")
	put(b, "BridgeID", bridgeID)
	put(b, "Application", ch.app)
	put(b, "Data", "")
	put(b, "Seconds", seconds)
}

// putBridged writes who is at the other end, as before Asterisk 12.
func putBridged(b *bytes.Buffer, ch *channel) {
	if br := ch.bridge; br != nil && len(br.in) == 2 {
		other := br.in[0]
		if other == ch {
			other = br.in[1]
		}
		put(b, "BridgedChannel", other.name)
		put(b, "BridgedUniqueid", other.unique)
	}
}

func (s *session) extensionState(m *message) {
	p := s.p
	exten, context := m.get("Exten"), m.get("Context")
	if exten == "" {
		s.refuse(m, "Extension not specified")
		return
	}
	hint, status, text := "", -1, "Unknown"
	p.do(func() {
		// Only one context holds hints, as on the PBX of the recordings.
		if p.extensionLocked(exten) != nil && context == "outbound" {
			hint = p.technology() + "/" + exten
			status, text = hintOf(p.deviceStateLocked(hint))
		}
	})
	s.reply(m, "Success", "Extension Status", "Exten", exten, "Context", context,
		"Hint", hint, "Status", strconv.Itoa(status), "StatusText", text)
}

func (s *session) extensionStateList(m *message) {
	p := s.p
	p.do(func() {
		var items []func(*bytes.Buffer)
		for _, e := range p.extensions {
			items = append(items, func(b *bytes.Buffer) {
				device := p.technology() + "/" + e.Number
				status, text := hintOf(p.deviceStateLocked(device))
				put(b, "Event", "ExtensionStatus")
				put(b, "Exten", e.Number)
				put(b, "Context", "outbound")
				put(b, "Hint", device)
				put(b, "Status", strconv.Itoa(status))
				put(b, "StatusText", text)
			})
		}
		s.listLocked(m, "Extension Statuses will follow", "ExtensionStateListComplete", items)
	})
}

func (s *session) deviceStateList(m *message) {
	p := s.p
	p.do(func() {
		var items []func(*bytes.Buffer)
		for _, e := range p.extensions {
			items = append(items, func(b *bytes.Buffer) {
				device := p.technology() + "/" + e.Number
				put(b, "Event", "DeviceStateChange")
				put(b, "Device", device)
				put(b, "State", p.deviceStateLocked(device))
			})
		}
		s.listLocked(m, "Device State Changes will follow", "DeviceStateListComplete", items)
	})
}

// getvar knows no variables, and of the functions DIALPLAN_EXISTS, for the contexts of a
// click-to-call and PlainContext.
func (s *session) getvar(m *message) {
	name := m.get("Variable")
	if name == "" {
		s.refuse(m, "No variable specified")
		return
	}
	value := ""
	if target, ok := strings.CutPrefix(name, "DIALPLAN_EXISTS("); ok {
		context, _, _ := strings.Cut(strings.TrimSuffix(target, ")"), ",")
		value = "0"
		switch strings.TrimSuffix(strings.TrimPrefix(context, "from_"), "_"+Tenant) {
		case "c2c", PlainContext:
			value = "1"
		}
	}
	s.reply(m, "Success", "", "Variable", name, "Value", value)
}

// playDTMF is there where PBX.Grant has let the account run it: it belongs to a module
// that not every PBX loads.
func (s *session) playDTMF(m *message) {
	name, digit := m.get("Channel"), m.get("Digit")
	p := s.p
	switch {
	case !locked(p, func() bool { return p.granted["PlayDTMF"] }):
		s.refuse(m, "Permission denied")
	case name == "":
		s.refuse(m, "Channel not specified")
	case locked(p, func() bool { return p.channelLocked(name) == nil }):
		s.refuse(m, "Channel not found")
	case digit == "":
		s.refuse(m, "No digit specified")
	default:
		p.do(func() { p.keyed = append(p.keyed, Keyed{name, digit, time.Now()}) })
		s.ack(m, "DTMF successfully queued")
	}
}

// mailboxCount knows the mailboxes of SetMessages; all others are empty, as Asterisk has it.
func (s *session) mailboxCount(m *message) {
	name := m.get("Mailbox")
	if name == "" {
		s.refuse(m, "Mailbox not specified")
		return
	}
	if allowed, said := s.p.granted["MailboxCount"]; said && !allowed {
		s.refuse(m, "Permission denied")
		return
	}
	n := locked(s.p, func() [2]int { return s.p.messages[name] })
	s.reply(m, "Success", "Mailbox Message Count", "Mailbox", name, "UrgMessages", "0",
		"NewMessages", strconv.Itoa(n[0]), "OldMessages", strconv.Itoa(n[1]))
}

// SetMessages has a mailbox hold so many new and old messages.
func (p *PBX) SetMessages(mailbox string, fresh, old int) {
	p.do(func() {
		if p.messages == nil {
			p.messages = map[string][2]int{}
		}
		p.messages[mailbox] = [2]int{fresh, old}
	})
}
