package dialer

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"

	"cornetta/ami"
	"cornetta/dialer/secret"
)

// TroubleError is the error form of a Trouble: why a check or a dial could
// not be made.
type TroubleError struct {
	Trouble Trouble
	Err     error
}

func (e *TroubleError) Error() string {
	return "dialer: " + string(e.Trouble.Code) + ": " + e.Err.Error()
}

func (e *TroubleError) Unwrap() error { return e.Err }

// sentinels maps the errors of ami and secret that are values.
var sentinels = []struct {
	err  error
	code Code
}{
	{ami.ErrTooManySessions, CodeTooMany},
	{ami.ErrNotAMI, CodeNotAMI},
	{ami.ErrBannerTimeout, CodeNotAMI},
	{ami.ErrAuthFailed, CodeLoginRefused},
	{ami.ErrAlreadyLoggedIn, CodeAlreadyIn},
	{ami.ErrLoginTimeout, CodeLoginTimeout},
	{ami.ErrLoginClosed, CodeLoginRefused},
	{ami.ErrAuthMethod, CodeAuthMethod},
	{ami.ErrNotTLS, CodeNotTLS},
	{ami.ErrTLSVersion, CodeTLSVersion},
	{ami.ErrPermission, CodeNoPermission},
	{ami.ErrProtocol, CodeProtocol},
	{ami.ErrMessageTooLarge, CodeProtocol},
	{secret.ErrUnavailable, CodeKeyring},
	{secret.ErrTimeout, CodeKeyring},
	{syscall.ECONNREFUSED, CodeRefused},
	{ami.ErrClosed, CodeLinkLost},
	{ami.ErrGoodbye, CodeLinkLost},
	{ami.ErrWriteTimeout, CodeLinkLost},
}

var certCodes = map[ami.CertKind]Code{
	ami.CertSelfSigned:  CodeCertSelf,
	ami.CertUnknownCA:   CodeCertUnknownCA,
	ami.CertExpired:     CodeCertExpired,
	ami.CertNotYetValid: CodeCertNotYet,
	ami.CertWrongHost:   CodeCertHost,
	ami.CertChanged:     CodeCertChanged,
}

// TroubleOf names the trouble behind an error of ami, secret or the network.
func TroubleOf(err error) Trouble {
	t := Trouble{Code: CodeUnreachable, Detail: detailOf(err)}
	var cert *ami.CertError
	var dns *net.DNSError
	switch {
	case errors.As(err, &cert):
		t.Code = certCodes[cert.Kind]
		t.Cert = &Cert{Fingerprint: cert.Fingerprint, Pinned: cert.Pinned}
		if c := cert.Cert; c != nil {
			t.Cert.Subject, t.Cert.NotBefore, t.Cert.NotAfter = c.Subject.String(), c.NotBefore, c.NotAfter
		}
		return t
	case errors.As(err, &dns):
		t.Code = CodeNameNotFound
		return t
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			t.Code = s.code
			return t
		}
	}
	return t
}

// detailOf is the technical words behind a trouble, short of the addresses
// and names that only clutter them.
func detailOf(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	return strings.ToValidUTF8(err.Error(), "\uFFFD")
}
