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
	id := "cornetta-" + hex.EncodeToString(b[:])
	return tracker.Request{
		ID:             id,
		ActionID:       id,
		ChannelID:      id + "-1",
		OtherChannelID: id + "-2",
		Channel:        "Local/" + a.Extension + "@" + contextOf(a, "c2c"),
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

// originate is the request for the call r in the form that KalliopePBX wants,
// one of the two that the AMI page of its administrators' guide gives. The
// number in CallerID differs: the destination where the client sets the
// variables, the extension where the dialplan does.
func originate(a config.Account, r tracker.Request) ami.Originate {
	o := ami.Originate{
		ActionID:       r.ActionID,
		Channel:        r.Channel,
		Context:        contextOf(a, "from_c2c"),
		Exten:          r.Number,
		Timeout:        r.RingTime,
		ChannelID:      r.ChannelID,
		OtherChannelID: r.OtherChannelID,
	}
	switch a.Syntax {
	case config.SyntaxWrapper:
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

// contextOf is the dialplan context: the wrapper syntax has one for each
// tenant.
func contextOf(a config.Account, name string) string {
	if a.Syntax == config.SyntaxWrapper {
		return name + "_" + a.Tenant
	}
	return name
}
