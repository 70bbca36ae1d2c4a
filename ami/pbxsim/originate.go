package pbxsim

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// request is an Originate that was understood.
type request struct {
	actionID         string
	async            bool
	channel          string // Channel as asked for, without options
	local            string // the name of the Local channel, without ;1 and ;2
	ext, dialContext string // whom and where Local/ calls
	exten, context   string // where the answered call goes
	caller           party
	ids              [2]string // chosen by the client, or ""
	timeout          time.Duration
	tenantKnown      bool
	keepLocal        bool // Local/…/n
	direct           bool // Channel is the own phone's (direct.go)
	channelExists    bool // the Local channel leads somewhere
	leadsNowhere     bool // the answered call has nowhere to go
}

const (
	longestID   = 149 // AST_MAX_PUBLIC_UNIQUEID
	longestName = 255 // Channel and CallerID are cut here
)

// originate answers the action and starts the call.
func (s *session) originate(m *message) {
	p := s.p
	p.mu.Lock()
	r, refusal := p.parseLocked(m)
	switch {
	case p.refuseNext != "":
		refusal, p.refuseNext = p.refuseNext, ""
	case refusal != "":
	case p.silenceNext:
		p.silenceNext = false
		p.noteLocked(m, queued)
		p.mu.Unlock()
		s.ack(m, queued)
		return
	}
	if refusal != "" {
		p.noteLocked(m, refusal)
		p.mu.Unlock()
		s.refuse(m, refusal)
		return
	}
	p.noteLocked(m, queued)
	c := p.callLocked(r)
	if r.async {
		p.mu.Unlock()
		s.ack(m, queued)
		p.mu.Lock()
		p.rivalLocked(r)
		c.startLocked()
		p.mu.Unlock()
		return
	}
	// Not asynchronous: nothing is read from or written to this session until
	// the call was answered or not.
	s.held = true
	c.startLocked()
	p.mu.Unlock()
	ok := <-c.answered
	p.mu.Lock()
	s.held = false
	p.mu.Unlock()
	if ok {
		s.ack(m, queued)
	} else {
		s.refuse(m, "Originate failed")
	}
}

// callLocked is a call that has not begun.
func (p *PBX) callLocked(r request) *liveCall {
	p.lastCall++
	return &liveCall{p: p, n: p.lastCall - 1, req: r, signals: make(chan signal, 16), answered: make(chan bool, 1)}
}

// localName makes the name of a new pair of Local channels, without its halves.
func (p *PBX) localName(channel string) string {
	digits := 8
	if p.flavour < 11 {
		digits = 4 // channels/chan_local.c of 1.6.2
	}
	p.lastLocal++
	return fmt.Sprintf("%s-%0*x", channel, digits, p.lastLocal-1)
}

const queued = "Originate successfully queued"

// noteLocked remembers the action for PBX.Originates.
func (p *PBX) noteLocked(m *message, answer string) {
	p.originates = append(p.originates, Originate{At: time.Now(), Headers: m.headers, Answer: answer})
}

// parseLocked understands an Originate or says why not, in Asterisk's words.
func (p *PBX) parseLocked(m *message) (request, string) {
	r := request{
		actionID: m.get("ActionID"), exten: m.get("Exten"), context: m.get("Context"),
		timeout: 30 * time.Second,
	}
	switch strings.ToLower(m.get("Async")) {
	case "true", "yes", "on", "1", "y", "t":
		r.async = true
	}
	channel := cut(m.get("Channel"))
	if channel == "" {
		return r, "Channel not specified"
	}
	if v := m.get("Priority"); v != "" {
		if _, err := strconv.Atoi(v); err != nil {
			return r, "Invalid priority"
		}
	}
	if v := m.get("Timeout"); v != "" {
		ms, err := strconv.Atoi(v)
		if err != nil {
			return r, "Invalid timeout"
		}
		r.timeout = time.Duration(ms) * time.Millisecond
	}
	if p.speed == Fast {
		r.timeout = min(r.timeout, fastTimeout)
	}
	tech, data, ok := strings.Cut(channel, "/")
	if !ok {
		return r, "Invalid channel"
	}
	if p.features.ids {
		r.ids = [2]string{m.get("ChannelId"), m.get("OtherChannelId")}
		for _, id := range r.ids {
			if len(id) > longestID {
				// With the bare LF that Asterisk puts there.
				return r, fmt.Sprintf("Uniqueid length exceeds maximum of %d\n", longestID)
			}
		}
	}
	r.caller = parseCallerID(cut(m.get("CallerID")))
	if m.get("Application") != "" {
		return r, "Permission denied"
	}
	if r.exten == "" || r.context == "" || m.get("Priority") == "" {
		return r, "Originate with 'Exten' requires 'Context' and 'Priority'"
	}
	tenant, ok := tenantOf(r.context, "from_c2c")
	if r.context == PlainContext {
		tenant, ok = "", true
	}
	if !p.features.checksExten {
		r.leadsNowhere = !ok || tenant != "" && tenant != Tenant || !p.routed(r.exten)
	} else if !ok || tenant != "" && tenant != Tenant || !p.routed(r.exten) {
		return r, "Extension does not exist."
	}
	for _, id := range r.ids {
		if id != "" && p.uniqueInUseLocked(id) || id != "" && r.ids[0] == r.ids[1] {
			return r, "Uniqueid already in use"
		}
	}
	if strings.EqualFold(tech, "Local") {
		r.toLocal(data)
	} else {
		r.toPhone(p.technology(), channel)
	}
	r.local = p.localName(r.channel)
	r.tenantKnown = r.tenantOK(m.headers)
	return r, ""
}

// toLocal reads Local/<ext>@<context>[/n].
func (r *request) toLocal(data string) {
	data, options, _ := strings.Cut(data, "/")
	r.keepLocal = strings.Contains(options, "n")
	r.ext, r.dialContext, _ = strings.Cut(data, "@")
	_, ok := tenantOf(r.dialContext, "c2c")
	r.channelExists = ok || r.dialContext == PlainContext
	r.channel = "Local/" + data
}

// tenantOK is the check of the dial plan. In the contexts of the variable syntax the variables
// must name the tenant and repeat the extension and the number; in the wrapper
// ones the context names the tenant.
func (r *request) tenantOK(headers []Header) bool {
	if !r.channelExists {
		return false
	}
	if r.dialContext == PlainContext || r.context == PlainContext {
		return r.dialContext == r.context // there are no tenants
	}
	tenant, _ := tenantOf(r.dialContext, "c2c")
	after, _ := tenantOf(r.context, "from_c2c")
	if tenant != after {
		return false
	}
	if tenant != "" {
		return tenant == Tenant
	}
	set := variables(headers)
	inherited := func(name string) string {
		for _, prefix := range []string{"__", "_", ""} {
			if v, ok := set[prefix+name]; ok {
				return v
			}
		}
		return ""
	}
	return inherited("TENANT_UUID") == Tenant && inherited("C2C_SRC") == r.ext && inherited("C2C_DST") == r.exten
}

func (p *PBX) uniqueInUseLocked(id string) bool {
	for _, ch := range p.channels {
		if ch.unique == id {
			return true
		}
	}
	return false
}

// response is what OriginateResponse tells.
func (r *request) response(reason int, one *channel, is flavour) []string {
	result, channel, id := "Success", r.channel, r.ids[0]
	if one != nil {
		channel, id = one.name, one.unique
	}
	if reason != 4 {
		result, channel = "Failure", r.channel
		if !is.failedID {
			id = "<null>"
		}
	}
	var kv []string
	if r.actionID != "" {
		kv = append(kv, "ActionID", r.actionID)
	}
	return append(kv, "Response", result, "Channel", channel, "Context", r.context, "Exten", r.exten,
		"Reason", strconv.Itoa(reason), "Uniqueid", id,
		"CallerIDNum", orUnknown(r.caller.num), "CallerIDName", orUnknown(r.caller.name))
}

func cut(s string) string {
	if len(s) > longestName {
		return s[:longestName]
	}
	return s
}

// parseCallerID reads "name" <number>, name <number>, or either alone.
func parseCallerID(s string) party {
	s = strings.TrimSpace(s)
	name, rest, bracket := strings.Cut(s, "<")
	if bracket {
		number, _, _ := strings.Cut(rest, ">")
		return party{num: strings.TrimSpace(number), name: strings.Trim(strings.TrimSpace(name), `"`)}
	}
	if strings.Trim(s, "0123456789*#+") == "" {
		return party{num: s}
	}
	return party{name: strings.Trim(s, `"`)}
}

// variables cuts the Variable headers apart: at every comma that is neither
// escaped nor quoted a new variable begins.
func variables(headers []Header) map[string]string {
	set := map[string]string{}
	for _, h := range headers {
		if !strings.EqualFold(h.Name, "Variable") {
			continue
		}
		var one bytes.Buffer
		quoted := false
		flush := func() {
			name, value, _ := strings.Cut(one.String(), "=")
			if name != "" {
				set[name] = value
			}
			one.Reset()
		}
		for i := 0; i < len(h.Value); i++ {
			switch ch := h.Value[i]; {
			case ch == '\\' && i+1 < len(h.Value):
				i++
				one.WriteByte(h.Value[i])
			case ch == '"':
				quoted = !quoted
			case ch == ',' && !quoted:
				flush()
			default:
				one.WriteByte(ch)
			}
		}
		flush()
	}
	return set
}
