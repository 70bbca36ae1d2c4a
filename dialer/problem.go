package dialer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"syscall"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/status"
	"cornetta/internal/durable"
)

// TroubleError is the error form of a Snapshot's Trouble: why a check or a dial
// could not be made.
type TroubleError struct {
	Trouble status.Problem
	Err     error
}

func (e *TroubleError) Error() string {
	return "dialer: " + string(e.Trouble.Code) + ": " + e.Err.Error()
}

func (e *TroubleError) Unwrap() error { return e.Err }

// Problem implements status.Problematic.
func (e *TroubleError) Problem() status.Problem { return e.Trouble }

// troubled gives err the form of a *TroubleError; nil stays nil.
func troubled(err error) error {
	var te *TroubleError
	if err == nil || errors.As(err, &te) {
		return err
	}
	p := problemOf(err, status.AttemptConnect)
	if p.Detail == "" {
		p.Detail = detailOf(err)
	}
	return &TroubleError{Trouble: p, Err: err}
}

// codeOf is the code of a *TroubleError, "" for any other error.
func codeOf(err error) status.Code {
	var te *TroubleError
	if errors.As(err, &te) {
		return te.Trouble.Code
	}
	return ""
}

// sentinels maps the errors that are values, and of packages that know nothing of
// problems: ami and the standard library. What this program declares itself has its
// code where it is declared (status.NewError).
var sentinels = []struct {
	err  error
	code status.Code
}{
	{ami.ErrTooManySessions, status.CodeTooMany},
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
	{ami.ErrHandshake, status.CodeTLSFailed},
	{ami.ErrPermission, status.CodeNoPermission},
	{ami.ErrChallenge, status.CodeChallenge}, // before ErrProtocol, which it is as well
	{ami.ErrProtocol, status.CodeProtocol},
	{ami.ErrMessageTooLarge, status.CodeTooMuch},
	{ami.ErrTooMuch, status.CodeTooMuch},
	{syscall.ECONNREFUSED, status.CodeRefused},
	{syscall.Errno(10061), status.CodeRefused}, // WSAECONNREFUSED, which Go does not take for the same
	{ami.ErrClosed, status.CodeConnectionLost},
	{ami.ErrGoodbye, status.CodeConnectionLost},
	{ami.ErrWriteTimeout, status.CodeConnectionLost},
	{context.Canceled, status.CodeInterrupted},
	{errors.ErrUnsupported, status.CodeUnsupported},
	{durable.ErrShared, status.CodeFolderShared},
}

var certCodes = map[ami.CertKind]status.Code{
	ami.CertInvalid:     status.CodeCertInvalid,
	ami.CertSelfSigned:  status.CodeCertSelf,
	ami.CertUnknownCA:   status.CodeCertUnknownCA,
	ami.CertExpired:     status.CodeCertExpired,
	ami.CertNotYetValid: status.CodeCertNotYet,
	ami.CertWrongHost:   status.CodeCertHost,
	ami.CertChanged:     status.CodeCertChanged,

	ami.CertWeakKey:       status.CodeCertWeakKey,
	ami.CertWeakSignature: status.CodeCertWeakSignature,
	ami.CertUnsupported:   status.CodeCertUnsupported,
}

// ProblemOf is the one place where an error becomes what people are told of it;
// nil stays nil. attempt is what failed: it is part of what is told where the code
// alone does not say it. An error that nobody foresaw is told as itself
// (status.CodeUnforeseen), never as another one.
func ProblemOf(err error, attempt status.Attempt) *status.Problem {
	if err == nil {
		return nil
	}
	p := problemOf(err, attempt)
	if p.Attempt == "" {
		switch p.Code {
		case status.CodeUnforeseen, status.CodeActionRefused, status.CodeNoReply,
			status.CodeDiskFull, status.CodeNoAccess, status.CodeFolderShared:
			p.Attempt = attempt
		}
	}
	switch file := new(fs.PathError); p.Code {
	case status.CodeDiskFull, status.CodeNoAccess, status.CodeFolderShared, status.CodeSettingsReadOnly:
		if errors.As(err, &file) {
			p.Path = file.Path
		}
	}
	return &p
}

func problemOf(err error, attempt status.Attempt) status.Problem {
	var known status.Problematic
	if errors.As(err, &known) {
		return known.Problem()
	}
	p := status.Problem{Code: status.CodeUnforeseen, Detail: detailOf(err)}
	var cert *ami.CertError
	var dns *net.DNSError
	var refused *ami.ResponseError
	switch {
	case errors.As(err, &cert):
		p.Code = certCodes[cert.Kind]
		p.Cert = &status.Cert{Fingerprint: cert.Fingerprint, Pinned: cert.Pinned}
		if c := cert.Cert; c != nil {
			p.Cert.Subject, p.Cert.NotBefore, p.Cert.NotAfter = clean.Foreign(c.Subject.String()).Line(), c.NotBefore, c.NotAfter
		}
		return p
	case errors.As(err, &dns):
		p.Code = status.CodeNameNotFound
		return p
	}
	for _, s := range sentinels {
		if errors.Is(err, s.err) {
			p.Code = s.code
			return p
		}
	}
	switch {
	case errors.As(err, &refused): // whoever answers can be reached
		p.Code, p.Detail = status.CodeActionRefused, refused.Message
	case durable.Full(err):
		p.Code = status.CodeDiskFull
	case errors.As(err, new(*fs.PathError)) && (errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)):
		p.Code = status.CodeNoAccess
	case attempt == status.AttemptConnect && isNetwork(err):
		p.Code = status.CodeUnreachable
	}
	return p
}

// isNetwork reports whether err, of an attempt to connect, is of the network. (A
// disk's errors are net.Errors, too.)
func isNetwork(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}

// detailOf is the technical words behind a problem, those of the PBX included.
func detailOf(err error) clean.Foreign {
	if errors.Is(err, context.DeadlineExceeded) {
		return "no answer in time"
	}
	text := err.Error()
	if said := ami.Words(err); said != "" {
		text += fmt.Sprintf(": %q", said.Text())
	}
	return clean.Foreign(clean.Text(text, clean.Detail))
}
