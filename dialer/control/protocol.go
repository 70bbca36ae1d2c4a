package control

import (
	"encoding/json"
	"fmt"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// The methods. Hello comes first, so that a client knows whether it was let in.
const (
	methodHello  = "Hello"
	methodShow   = "Show"
	methodLink   = "Link"
	methodStatus = "Status"
	methodDial   = "Dial"
	methodCopied = "DialCopied"
	methodHangup = "Hangup"
	methodReload = "Reload"

	// methodCall is the server's own: a snapshot of a call that is followed.
	methodCall = "Call"
)

// protocol grows with every change that an older peer would misunderstand.
const protocol = 1

type helloResult struct {
	Protocol int `json:"protocol"`
}

type showParams struct {
	Text string `json:"text"`
}

type linkParams struct {
	URI string `json:"uri"`
}

type dialParams struct {
	Number string `json:"number"`
	// Consent is the dial string that a person has said yes to.
	Consent string `json:"consent,omitempty"`
	Follow  uint64 `json:"follow,omitempty"` // the client's name for this call in methodCall; 0 for none
}

type copiedParams struct {
	Copied
	Follow uint64 `json:"follow,omitempty"` // as in dialParams
}

type dialResult struct {
	Placed call.Snapshot `json:"placed"`
}

type callParams struct {
	Follow uint64         `json:"follow"`
	Call   *call.Snapshot `json:"call,omitempty"` // nil: there is no more to come
}

// refused is the JSON-RPC error code that has a status.Problem as its data.
const refused = 1

// maxUntrusted bounds each text that comes from the PBX, so that a snapshot
// fits a frame even where JSON needs six bytes for one.
const maxUntrusted = 128

func clip(s string) string {
	if len(s) <= maxUntrusted {
		return s
	}
	n := maxUntrusted
	for n > 0 && s[n]&0xC0 == 0x80 { // not inside a character
		n--
	}
	return s[:n]
}

func clipCall(s call.Snapshot) call.Snapshot {
	s.ID, s.Number, s.Extension = clip(s.ID), clip(s.Number), clip(s.Extension)
	s.Detail, s.FarName = clip(s.Detail), clip(s.FarName)
	return s
}

// clipProblem cuts p so that it fits a frame: of the offers as many as there is room for.
func clipProblem(p status.Problem) status.Problem {
	p.Detail, p.Field, p.Fault = clip(p.Detail), clip(p.Field), clip(p.Fault)
	if p.Cert != nil {
		c := *p.Cert
		c.Subject = clip(c.Subject)
		p.Cert = &c
	}
	offers := p.Offers
	p.Offers = nil
	for _, o := range offers {
		// What it was made of is for windows.
		o.Shown, o.Reasons, o.Text = clip(o.Shown), o.Reasons[:min(len(o.Reasons), maxReasons)], ""
		p.Offers = append(p.Offers, o)
		if fits(p, defaultLimits.frame) != nil {
			p.Offers = p.Offers[:len(p.Offers)-1]
			break
		}
	}
	return p
}

func clipSnapshot(s status.Snapshot) status.Snapshot {
	s.Extension = clip(s.Extension)
	if s.Trouble != nil {
		t := clipProblem(*s.Trouble)
		s.Trouble = &t
	}
	if s.Call != nil {
		c := clipCall(*s.Call)
		s.Call = &c
	}
	return s
}

// fits reports before anything is sent whether a request will fit its frame.
func fits(params any, frame int) error {
	const envelope = 128 // version, id, method
	data, err := json.Marshal(params)
	if err != nil {
		return fmt.Errorf("control: %w", err)
	}
	if len(data)+envelope > frame {
		return ErrTooLong
	}
	return nil
}
