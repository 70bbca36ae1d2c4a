package status

import "cornetta/ami/clean"

// Step is one stage of the check of an account.
type Step string

// The stages in their order. StepTLS is only there on an encrypted connection.
const (
	StepResolve Step = "resolve" // the name is known
	StepConnect Step = "connect" // the port is open
	StepTLS     Step = "tls"     // TLS was agreed
	StepBanner  Step = "banner"  // it is an AMI
	StepLogin   Step = "login"   // the login was accepted
	StepRights  Step = "rights"  // the account may do what dialling needs
)

// Steps are the stages in their order.
func Steps(tls bool) []Step {
	if tls {
		return []Step{StepResolve, StepConnect, StepTLS, StepBanner, StepLogin, StepRights}
	}
	return []Step{StepResolve, StepConnect, StepBanner, StepLogin, StepRights}
}

// Extension is one that the PBX lists.
type Extension struct {
	Number string        `json:"number"`
	Hint   clean.Foreign `json:"hint"`   // the device, e.g. "PJSIP/7101"; untrusted
	Status int           `json:"status"` // Asterisk's: -1 unknown, 0 idle, 1 in use, 2 busy, 4 not connected, 8 ringing, 16 on hold
}
