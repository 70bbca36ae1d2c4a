package dialer

import (
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// Snapshot is the one way out of a Dialer: everything a tray, a window, a
// notification or a script shows, immutable and complete.
type status.Snapshot struct {
	Seq       uint64         `json:"seq"` // grows with each change
	status.Link      status.Link           `json:"link"`
	status.Trouble   *status.Trouble       `json:"trouble,omitempty"` // set when Link is LinkTrouble
	Call      *call.Snapshot `json:"call,omitempty"`    // the call going on, or else the last one
	Extension string         `json:"extension,omitempty"`
}

// Link is whether dialling will work, as far as is known.
type status.Link string

const (
	status.LinkNotSetUp  status.Link = "not_set_up" // no account, or no extension picked
	status.LinkNoSecret  status.Link = "no_secret"  // an account without its password
	status.LinkUnchecked status.Link = "unchecked"
	status.LinkChecking  status.Link = "checking"
	status.LinkReady     status.Link = "ready"     // the last check went well; no session is open
	status.LinkConnected status.Link = "connected" // a session is open
	status.LinkTrouble   status.Link = "trouble"   // Trouble says what
)

// Trouble is why dialling will not work now.
type status.Trouble struct {
	status.Code   status.Code   `json:"code"`
	Detail string `json:"detail,omitempty"` // technical, for the curious; untrusted
	status.Cert   *status.Cert  `json:"cert,omitempty"`   // the certificate at fault, where one is
}

// Cert is what a person needs to see of a certificate before trusting it.
type status.Cert struct {
	Fingerprint string    `json:"fingerprint"` // SHA-256, lower-case hex
	Pinned      string    `json:"pinned,omitempty"`
	Subject     string    `json:"subject"` // untrusted
	NotBefore   time.Time `json:"not_before"`
	NotAfter    time.Time `json:"not_after"`
}

// Code names a trouble; ui/words has the sentence for each.
type status.Code string

const (
	status.CodeNameNotFound  status.Code = "name_not_found" // the host name is not known
	status.CodeRefused       status.Code = "refused"        // the port is closed
	status.CodeUnreachable   status.Code = "unreachable"    // no route, or no answer in time
	status.CodeNotAMI        status.Code = "not_ami"        // something else answers on that port
	status.CodeTooMany       status.Code = "too_many"       // the PBX takes no more logins just now
	status.CodeLoginRefused  status.Code = "login_refused"  // user, password, or the PBX's list of allowed addresses
	status.CodeAlreadyIn     status.Code = "already_in"     // the PBX allows this user one session
	status.CodeLoginTimeout  status.Code = "login_timeout"  // it never answered the login
	status.CodeAuthMethod    status.Code = "auth_method"    // no MD5 challenge on a link in clear
	status.CodeNotTLS        status.Code = "not_tls"        // a server in clear on the TLS port
	status.CodeTLSVersion    status.Code = "tls_version"    // only TLS older than 1.2
	status.CodeCertSelf      status.Code = "cert_self_signed"
	status.CodeCertUnknownCA status.Code = "cert_unknown_ca"
	status.CodeCertExpired   status.Code = "cert_expired"
	status.CodeCertNotYet    status.Code = "cert_not_yet_valid"
	status.CodeCertHost      status.Code = "cert_wrong_host"
	status.CodeCertChanged   status.Code = "cert_changed"
	status.CodeNoPermission  status.Code = "no_permission" // the AMI user lacks a right
	status.CodeKeyring       status.Code = "keyring"       // the keyring did not answer
	status.CodeLinkLost      status.Code = "link_lost"
	status.CodeProtocol      status.Code = "protocol" // it spoke something we do not understand
)

// same reports whether s tells nothing that o does not; Seq does not count.
func (s status.Snapshot) same(o status.Snapshot) bool {
	return s.Link == o.Link && s.Extension == o.Extension &&
		equalTo(s.Trouble, o.Trouble) && equalTo(s.Call, o.Call)
}

func equalTo[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
