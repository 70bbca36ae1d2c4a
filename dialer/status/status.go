// Package status is the vocabulary in which a Dialer tells how things stand:
// whether dialling will work, why not, and how the call goes.
//
// Whoever only shows that (the windows, the tray, a notification, a script)
// needs these words and nothing of what stands behind them, so the package
// imports none of it: cornetta-ui does not contain the protocol, the rules of
// numbers or the keyring. It has no goroutine and nothing that changes.
package status

import (
	"time"

	"cornetta/dialer/call"
)

// Snapshot is the one way out of a Dialer: everything a tray, a window, a
// notification or a script shows, immutable and complete.
type Snapshot struct {
	Seq       uint64         `json:"seq"` // grows with each change
	Link      Link           `json:"link"`
	Trouble   *Trouble       `json:"trouble,omitempty"` // set when Link is LinkTrouble
	Call      *call.Snapshot `json:"call,omitempty"`    // the call going on, or else the last one
	Extension string         `json:"extension,omitempty"`
}

// Link is whether dialling will work, as far as is known.
type Link string

const (
	LinkNotSetUp  Link = "not_set_up" // no account, or no extension picked
	LinkNoSecret  Link = "no_secret"  // an account without its password
	LinkUnchecked Link = "unchecked"
	LinkChecking  Link = "checking"
	LinkReady     Link = "ready"     // the last check went well; no session is open
	LinkConnected Link = "connected" // a session is open
	LinkTrouble   Link = "trouble"   // Trouble says what
)

// Trouble is why dialling will not work now.
type Trouble struct {
	Code   Code      `json:"code"`
	Detail string    `json:"detail,omitempty"` // technical, for the curious; untrusted
	Cert   *Cert     `json:"cert,omitempty"`   // the certificate at fault, where one is
	Until  time.Time `json:"until,omitzero"`   // with CodeLoginsHeld: when it is tried again
}

// Cert is what a person needs to see of a certificate before trusting it.
type Cert struct {
	Fingerprint string    `json:"fingerprint"` // SHA-256, lower-case hex
	Pinned      string    `json:"pinned,omitempty"`
	Subject     string    `json:"subject"` // untrusted
	NotBefore   time.Time `json:"not_before"`
	NotAfter    time.Time `json:"not_after"`
}

// Code names a trouble; ui/words has the sentence for each.
type Code string

const (
	CodeNameNotFound  Code = "name_not_found" // the host name is not known
	CodeRefused       Code = "refused"        // the port is closed
	CodeUnreachable   Code = "unreachable"    // no route, or no answer in time
	CodeNotAMI        Code = "not_ami"        // something else answers on that port
	CodeProxy         Code = "proxy"          // not the AMI itself: a proxy in front of it
	CodeTooOld        Code = "too_old"        // an Asterisk whose events cannot be followed
	CodeTooMany       Code = "too_many"       // the PBX takes no more logins just now
	CodeLoginRefused  Code = "login_refused"  // user, password, or the PBX's list of allowed addresses
	CodeLoginClosed   Code = "login_closed"   // it hung up instead of answering the login
	CodeLoginsHeld    Code = "logins_held"    // too many were refused: none is tried before Until
	CodeAlreadyIn     Code = "already_in"     // the PBX allows this user one session
	CodeLoginTimeout  Code = "login_timeout"  // it never answered the login
	CodeAuthMethod    Code = "auth_method"    // no MD5 challenge on a link in clear
	CodeNotTLS        Code = "not_tls"        // a server in clear on the TLS port
	CodeTLSVersion    Code = "tls_version"    // only TLS older than 1.2
	CodeCertSelf      Code = "cert_self_signed"
	CodeCertUnknownCA Code = "cert_unknown_ca"
	CodeCertExpired   Code = "cert_expired"
	CodeCertNotYet    Code = "cert_not_yet_valid"
	CodeCertHost      Code = "cert_wrong_host"
	CodeCertChanged   Code = "cert_changed"
	CodeNoPermission  Code = "no_permission"     // the AMI user lacks a right
	CodeNoList        Code = "no_extension_list" // the PBX cannot list extensions; dialling may work all the same
	CodeActionRefused Code = "action_refused"    // the PBX answered an error that nobody foresaw; Detail is its words
	CodeKeyring       Code = "keyring"           // the keyring did not answer
	CodeKeyringAsks   Code = "keyring_asks"      // it asks the person for its own password, and is waited for
	CodeLinkLost      Code = "link_lost"
	CodeProtocol      Code = "protocol" // it spoke something we do not understand
)

// Same reports whether s tells nothing that o does not; Seq does not count.
func (s Snapshot) Same(o Snapshot) bool {
	return s.Link == o.Link && s.Extension == o.Extension &&
		equalTo(s.Trouble, o.Trouble) && equalTo(s.Call, o.Call)
}

func equalTo[T comparable](a, b *T) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
