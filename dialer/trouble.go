package dialer

import (
	"context"
	"errors"
	"net"
	"syscall"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

// TroubleError is the error form of a Trouble: why a check or a dial could
// not be made.
type TroubleError struct {
	Trouble status.Trouble
	Err     error
}

func (e *TroubleError) Error() string {
	return "dialer: " + string(e.Trouble.Code) + ": " + e.Err.Error()
}

func (e *TroubleError) Unwrap() error { return e.Err }

// troubled gives err the form of a *TroubleError; nil stays nil.
func troubled(err error) error {
	var te *TroubleError
	if err == nil || errors.As(err, &te) {
		return err
	}
	return &TroubleError{Trouble: TroubleOf(err), Err: err}
}

// codeOf is the code of a *TroubleError, "" for any other error.
func codeOf(err error) status.Code {
	var te *TroubleError
	if errors.As(err, &te) {
		return te.Trouble.Code
	}
	return ""
}

// sentinels maps the errors of ami and secret that are values.
var sentinels = []struct {
	err  error
	code status.Code
}{
	{ami.ErrTooManySessions, status.CodeTooMany},
	{ErrTooOld, status.CodeTooOld},
	{ErrNoList, status.CodeNoList},
	{ami.ErrProxy, status.CodeProxy},
	{ami.ErrNotAMI, status.CodeNotAMI},
	{ami.ErrBannerTimeout, status.CodeNotAMI},
	{ami.ErrAuthFailed, status.CodeLoginRefused},
	{ami.ErrAlreadyLoggedIn, status.CodeAlreadyIn},
	{ami.ErrLoginTimeout, status.CodeLoginTimeout},
	{ami.ErrLoginClosed, status.CodeLoginClosed},
	{ami.ErrAuthMethod, status.CodeAuthMethod},
	{ami.ErrNotTLS, status.CodeNotTLS},
	{ami.ErrTLSVersion, status.CodeTLSVersion},
	{ami.ErrPermission, status.CodeNoPermission},
	{ami.ErrProtocol, status.CodeProtocol},
	{ami.ErrMessageTooLarge, status.CodeProtocol},
	{ami.ErrListTooLong, status.CodeProtocol},
	{secret.ErrUnavailable, status.CodeKeyring},
	{secret.ErrTimeout, status.CodeKeyring},
	{syscall.ECONNREFUSED, status.CodeRefused},
	{syscall.Errno(10061), status.CodeRefused}, // WSAECONNREFUSED, which Go does not take for the same
	{ami.ErrClosed, status.CodeLinkLost},
	{ami.ErrGoodbye, status.CodeLinkLost},
	{ami.ErrWriteTimeout, status.CodeLinkLost},
}

var certCodes = map[ami.CertKind]status.Code{
	ami.CertSelfSigned:  status.CodeCertSelf,
	ami.CertUnknownCA:   status.CodeCertUnknownCA,
	ami.CertExpired:     status.CodeCertExpired,
	ami.CertNotYetValid: status.CodeCertNotYet,
	ami.CertWrongHost:   status.CodeCertHost,
	ami.CertChanged:     status.CodeCertChanged,
}

// TroubleOf names the trouble behind an error of ami, secret or the network.
func TroubleOf(err error) status.Trouble {
	t := status.Trouble{Code: status.CodeUnreachable, Detail: detailOf(err)}
	var cert *ami.CertError
	var dns *net.DNSError
	var refused *ami.ResponseError
	switch {
	case errors.As(err, &cert):
		t.Code = certCodes[cert.Kind]
		t.Cert = &status.Cert{Fingerprint: cert.Fingerprint, Pinned: cert.Pinned}
		if c := cert.Cert; c != nil {
			t.Cert.Subject, t.Cert.NotBefore, t.Cert.NotAfter = clean.Text(c.Subject.String(), clean.Name), c.NotBefore, c.NotAfter
		}
		return t
	case errors.As(err, &dns):
		t.Code = status.CodeNameNotFound
		return t
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			t.Code = s.code
			return t
		}
	}
	if errors.As(err, &refused) { // whoever answers can be reached
		t.Code, t.Detail = status.CodeActionRefused, refused.Message
	}
	return t
}

// detailOf is the technical words behind a trouble, short of the addresses
// and names that only clutter them.
func detailOf(err error) string {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	return clean.Text(err.Error(), clean.Detail)
}
