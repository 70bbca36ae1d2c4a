package dialer

import (
	"crypto/rand"
	"encoding/hex"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call/tracker"
	"cornetta/dialer/config"
	"cornetta/dialer/number"
)

// newRequest makes the ids of a call. They are random so that no other
// program's call can be taken for ours.
func newRequest(a config.Account, number string) tracker.Request {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	id := tracker.IDs + hex.EncodeToString(b[:])
	return tracker.Request{
		ID:             id,
		ActionID:       id,
		ChannelID:      id + "-1",
		OtherChannelID: id + "-2",
		Channel:        ownChannel(a),
		Number:         number,
		CallerName:     tracker.CallerNames + number,
		Extension:      a.Extension,
		RingTime:       time.Duration(a.Timeout),
	}
}

// Request is the Originate that Dial sends for p, with ids of its own, for tools
// that place calls in a session of their own. It fails with ErrNotDialable as
// Dial does, or with a *config.FieldError.
func Request(a config.Account, p number.Plan) (ami.Originate, error) {
	if !p.MayDial() {
		return ami.Originate{}, ErrNotDialable
	}
	if err := a.Validate(); err != nil {
		return ami.Originate{}, err
	}
	return originate(a, newRequest(a, p.Dial)), nil
}

// ownChannel is what rings the person's own phone.
func ownChannel(a config.Account) string {
	if a.Syntax == config.SyntaxPlain {
		return a.OwnChannel()
	}
	return "Local/" + a.Extension + "@" + contextOf(a, "c2c")
}

// originate is the request for the call r: in the form that KalliopePBX wants,
// one of the two that the AMI page of its administrators' guide gives, or in that for
// any other Asterisk. The number in CallerID differs: the destination where the client
// sets the variables, elsewhere the extension, by which the dialplan knows who calls.
func originate(a config.Account, r tracker.Request) ami.Originate {
	o := ami.Originate{
		ActionID:  r.ActionID,
		Channel:   r.Channel,
		Context:   farContext(a),
		Exten:     r.Number,
		Timeout:   r.RingTime,
		ChannelID: r.ChannelID,
	}
	if !r.Direct() { // only a Local channel has another half
		o.OtherChannelID = r.OtherChannelID
	}
	switch a.Syntax {
	case config.SyntaxWrapper, config.SyntaxPlain:
		o.CallerID = callerID(r.CallerName, r.Extension)
	default:
		o.CallerID = callerID(r.CallerName, r.Number)
		o.Variables = []ami.Variable{
			{Name: "C2C_SRC", Value: r.Extension},
			{Name: "C2C_DST", Value: r.Number},
			{Name: "__TENANT_UUID", Value: a.Tenant},
		}
	}
	return o
}

func callerID(name, number string) string { return `"` + name + `" <` + number + `>` }

// farContext is the dialplan context in which the number is dialled.
func farContext(a config.Account) string {
	if a.Syntax == config.SyntaxPlain {
		return a.FarContext()
	}
	return contextOf(a, "from_c2c")
}

// contextOf is a dialplan context of a KalliopePBX: the wrapper syntax has one for each
// tenant.
func contextOf(a config.Account, name string) string {
	if a.Syntax == config.SyntaxWrapper {
		return name + "_" + a.Tenant
	}
	return name
}
