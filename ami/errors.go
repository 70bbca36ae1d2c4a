package ami

import (
	"context"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"cornetta/ami/clean"
)

// What can go wrong, for errors.Is. Errors of the network itself (a
// *net.DNSError, syscall.ECONNREFUSED, io.EOF) are wrapped, never replaced.
//
// No error of this package has in its text what a server, or its certificate, said:
// that is for a person (Words), never for a log.
var (
	ErrNotAMI          = errors.New("ami: the server is not an Asterisk manager")
	ErrProxy           = errors.New("ami: the server is a proxy of an Asterisk manager")
	ErrBannerTimeout   = errors.New("ami: the server did not speak in time")
	ErrTooManySessions = errors.New("ami: closed before the banner: the server has too many sessions") // authlimit; not a bad password
	ErrLoginTimeout    = errors.New("ami: the login was not answered in time")
	ErrLoginClosed     = errors.New("ami: closed before the login was answered")
	ErrAuthFailed      = errors.New("ami: login refused")
	ErrAlreadyLoggedIn = errors.New("ami: this user is already logged in") // allowmultiplelogin=no
	ErrAuthMethod      = errors.New("ami: the server offers no MD5 challenge, and the link is not verified TLS")
	ErrProtocol        = errors.New("ami: the server broke the protocol")
	ErrMessageTooLarge = errors.New("ami: message too large")
	ErrTooMuch         = errors.New("ami: the server sends more than is kept") // see maxHeld
	ErrWriteTimeout    = errors.New("ami: the server does not read")
	ErrClosed          = errors.New("ami: client closed")
	ErrGoodbye         = errors.New("ami: the server said goodbye")
	ErrNotTLS          = errors.New("ami: the server does not speak TLS on this port")
	ErrTLSVersion      = errors.New("ami: the server speaks no TLS newer than 1.1")
	ErrHandshake       = errors.New("ami: no TLS could be agreed with the server")

	// ErrChallenge: none that an Asterisk gives. It was not answered.
	// It is an ErrProtocol as well.
	ErrChallenge = errors.New("ami: a challenge that no Asterisk gives")

	// ErrBadValue: CR, LF or NUL, too long, or not on the field's allow-list.
	// Nothing was sent.
	ErrBadValue = errors.New("ami: value refused")

	// ErrNotSent marks an error of Do or List after which the server cannot
	// have seen the action. Without it the action may have been carried out,
	// so that a failed Originate is a call in an unknown state.
	ErrNotSent = errors.New("ami: not sent")

	// Refusals by name; a *ResponseError matches them.
	ErrPermission      = errors.New("ami: permission denied")
	ErrUnknownAction   = errors.New("ami: unknown action") // too new for the server, or its module is not loaded
	ErrNoSuchExtension = errors.New("ami: no such extension")
	ErrNoSuchChannel   = errors.New("ami: no such channel")
	ErrNoFeatureCode   = errors.New("ami: no code for attended transfers")
)

// ResponseError is an answer of "Response: Error".
type ResponseError struct {
	Action  string
	Message clean.Foreign // the server's own words: untrusted
}

func (e *ResponseError) Error() string { return "ami: " + e.Action + " refused" }

// LogError is the text for a log.
func (e *ResponseError) LogError() string { return e.Error() }

// Is knows the texts of Asterisk's main/manager.c.
func (e *ResponseError) Is(target error) bool {
	switch target {
	case ErrPermission:
		return e.says("Permission denied")
	case ErrUnknownAction:
		return e.says("Invalid/unknown command")
	case ErrNoSuchExtension:
		return e.Action == "Originate" && e.says("Extension does not exist")
	case ErrNoSuchChannel:
		return e.says("No such channel") || e.says("Channel does not exist") ||
			e.says("Channel specified does not exist") || e.says("Specified channel name does not exist")
	case ErrNoFeatureCode:
		return e.says("No attended transfer feature code found") || e.says("No disconnect feature code found")
	}
	return false
}

func (e *ResponseError) says(text string) bool {
	said := e.Message.Text()
	return len(said) >= len(text) && strings.EqualFold(said[:len(text)], text)
}

// NetworkError is an error of the system, of a resolver or of TLS. What those print
// may quote the other side (a name in its certificate, for instance), or the host and
// address that were asked for; the text of a NetworkError does not.
type NetworkError struct {
	What string // what was attempted
	Err  error
}

func (e *NetworkError) Error() string {
	text := "ami: " + e.What + " failed"
	var errno syscall.Errno
	var dns *net.DNSError
	switch {
	case errors.As(e.Err, &errno):
		text += ": " + errno.Error()
	case errors.As(e.Err, &dns) && dns.IsNotFound:
		text += ": no such name"
	case errors.Is(e.Err, context.Canceled):
		text += ": given up"
	case isTimeout(e.Err), errors.Is(e.Err, context.DeadlineExceeded):
		text += ": no answer in time"
	case errors.Is(e.Err, io.EOF), errors.Is(e.Err, io.ErrUnexpectedEOF):
		text += ": closed by the other side"
	}
	return text
}

func (e *NetworkError) Unwrap() error { return e.Err }

// LogError is the text for a log.
func (e *NetworkError) LogError() string { return e.Error() }

// Words are what a server or the system said, behind err, for a person who wants the
// details; empty where err says it all.
func Words(err error) clean.Foreign {
	var refused *ResponseError
	var network *NetworkError
	switch {
	case errors.As(err, &refused):
		return refused.Message
	case errors.As(err, &network):
		return clean.Foreign(clean.Text(network.Err.Error(), clean.Detail))
	}
	return ""
}

// CertKind is why a certificate was not accepted.
type CertKind int

const (
	CertInvalid     CertKind = iota // none of those below
	CertSelfSigned                  // its own issuer, and not among the roots
	CertUnknownCA                   // issued by somebody who is not among the roots
	CertExpired                     // NotAfter is past
	CertNotYetValid                 // NotBefore is to come: often this computer's clock
	CertWrongHost                   // a good certificate of another name
	CertChanged                     // not the pinned one

	CertWeakKey       // its key, or one of an issuer's, is too short: nobody's word and no pin makes up for that
	CertWeakSignature // an issuer's signature, or the only one, is made with what can be forged
	CertUnsupported   // its key is of a kind that crypto/tls does not know; Cert is nil
)

func (k CertKind) String() string {
	switch k {
	case CertSelfSigned:
		return "self-signed"
	case CertUnknownCA:
		return "issued by an unknown authority"
	case CertExpired:
		return "expired"
	case CertNotYetValid:
		return "not yet valid"
	case CertWrongHost:
		return "issued for another host"
	case CertChanged:
		return "not the pinned one"
	case CertWeakKey:
		return "weak by a key"
	case CertWeakSignature:
		return "weak by a signature"
	case CertUnsupported:
		return "of an unknown kind"
	}
	return "invalid"
}

// CertError is a certificate that was not accepted. Nothing but the TLS
// handshake was sent to the server that showed it.
type CertError struct {
	Kind        CertKind
	Cert        *x509.Certificate // the leaf; nil where it could not be read
	Fingerprint string            // SHA-256 of the leaf's DER: 64 lower-case hex digits, fit for TLS.Pin
	Pinned      string            // what was expected, the same way; empty where nothing was pinned
	Err         error             // of crypto/x509 or crypto/tls, or what is weak; nil for CertChanged
}

func (e *CertError) Error() string {
	text := "ami: the server's certificate is " + e.Kind.String()
	if e.Kind == CertWeakKey || e.Kind == CertWeakSignature {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *CertError) Unwrap() error { return e.Err }

// LogError is the text for a log.
func (e *CertError) LogError() string { return e.Error() }
