package ami

import (
	"crypto/x509"
	"errors"
	"fmt"
	"strings"
)

// What can go wrong, for errors.Is. Errors of the network itself (a
// *net.DNSError, syscall.ECONNREFUSED, io.EOF) are wrapped, never replaced.
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
	ErrListTooLong     = errors.New("ami: list too long")
	ErrWriteTimeout    = errors.New("ami: the server does not read")
	ErrClosed          = errors.New("ami: client closed")
	ErrGoodbye         = errors.New("ami: the server said goodbye")
	ErrNotTLS          = errors.New("ami: the server does not speak TLS on this port")
	ErrTLSVersion      = errors.New("ami: the server speaks no TLS newer than 1.1")
	ErrHandshake       = errors.New("ami: no TLS could be agreed with the server")

	// ErrChallenge: none that an Asterisk gives. It was not answered.
	ErrChallenge = fmt.Errorf("%w: not an Asterisk's challenge", ErrProtocol)

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
)

// ResponseError is an answer of "Response: Error".
type ResponseError struct {
	Action  string
	Message string // the server's own words: untrusted
}

func (e *ResponseError) Error() string {
	return fmt.Sprintf("ami: %s refused: %q", e.Action, e.Message)
}

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
		return e.says("No such channel")
	}
	return false
}

func (e *ResponseError) says(text string) bool {
	return len(e.Message) >= len(text) && strings.EqualFold(e.Message[:len(text)], text)
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
	if e.Kind >= CertWeakKey {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *CertError) Unwrap() error { return e.Err }
