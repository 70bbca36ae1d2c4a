package dialer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer/config"
	"cornetta/dialer/phone"
	"cornetta/dialer/status"
	"cornetta/internal/durable"
)

// connectTimeout bounds everything from the name to the login's answer.
const connectTimeout = 20 * time.Second

// resolveTimeout bounds the look-up of the name.
const resolveTimeout = 10 * time.Second

// neededActions are those that dialling cannot do without. A KalliopePBX user
// (read=call, write=call,originate) has them.
var neededActions = []string{"Originate", "Hangup", "Status"}

// amiConfig is how the account's PBX is reached.
func amiConfig(a config.Account, password string, log *slog.Logger) (ami.Config, error) {
	c := ami.Config{
		Addr:     net.JoinHostPort(a.Host, strconv.Itoa(a.Port)),
		Username: a.Username,
		Secret:   password,
		Events:   "call",
		Log:      log,
	}
	if a.TLS {
		c.TLS = &ami.TLS{ServerName: a.Host, Pin: a.TLSPin}
		if a.TLS13 {
			c.TLS.MinVersion = tls.VersionTLS13
		}
		if a.TLSCA != "" {
			var err error
			c.TLS.RootCAs, err = Authorities(a.TLSCA, x509.NewCertPool())
			return c, err
		}
	}
	return c, nil
}

// maxAuthorities is the bytes of a file with all the authorities that a system has, and
// more.
const maxAuthorities = 2 << 20

// Authorities adds the certificates in a file to pool, which it returns.
func Authorities(path string, pool *x509.CertPool) (*x509.CertPool, error) {
	f, err := durable.OpenFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, &status.Problem{Code: status.CodeCertAuthorities, Path: path}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxAuthorities+1))
	if err != nil || len(data) > maxAuthorities || !pool.AppendCertsFromPEM(data) {
		return nil, &status.Problem{Code: status.CodeCertAuthorities, Path: path}
	}
	return pool, nil
}

// ErrTooOld: the events of the PBX's Asterisk do not suffice to follow a call.
var ErrTooOld = status.NewError(status.CodeTooOld, "dialer: an Asterisk before 1.6")

// ErrNoList: the PBX cannot list extensions.
var ErrNoList = status.NewError(status.CodeNoList, "dialer: no list of extensions")

// rights reports whether dialling will work for the session: that the PBX is
// not too old, and that it lets the user do what dialling needs. ListCommands
// names exactly the actions that the session may run (Asterisk, main/manager.c,
// action_listcommands); a PBX that refuses to list them has refused none of them.
func rights(ctx context.Context, c *ami.Client, log *slog.Logger) error {
	// Asterisk 1.0 to 1.4: states without numbers, Dial without a SubEvent, Link
	// for Bridge (main/manager.c and apps/app_dial.c of 1.4.44; from 1.6.0 on the
	// banner says 1.1).
	if v := c.Version(); v == "1.0" {
		return fmt.Errorf("%w: AMI %s", ErrTooOld, v)
	}
	allowed, err := allowedTo(ctx, c)
	var refused *ami.ResponseError
	if errors.As(err, &refused) {
		log.Warn("the PBX does not list what its user may do") // not its words: they may name somebody
		return nil
	}
	if err != nil {
		return err
	}
	if missing := lacking(allowed); len(missing) > 0 {
		return fmt.Errorf("%w: %s", ami.ErrPermission, strings.Join(missing, ", "))
	}
	return nil
}

// allowedTo are the actions that the session may run.
func allowedTo(ctx context.Context, c *ami.Client) ([]string, error) {
	r, err := c.Do(ctx, ami.ListCommands{})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(r.Names(), func(name string) bool {
		return strings.EqualFold(name, "Response") || strings.EqualFold(name, "ActionID")
	}), nil
}

// lacking are the actions of neededActions that are not among allowed.
func lacking(allowed []string) []string {
	return slices.DeleteFunc(slices.Clone(neededActions), func(name string) bool {
		return slices.ContainsFunc(allowed, func(a string) bool { return strings.EqualFold(a, name) })
	})
}

var steps = map[ami.Step]status.Step{
	ami.StepResolve: status.StepResolve,
	ami.StepConnect: status.StepConnect,
	ami.StepTLS:     status.StepTLS,
	ami.StepBanner:  status.StepBanner,
	ami.StepLogin:   status.StepLogin,
}

// Probe tries an account that need not be saved yet: one login, the rights,
// logoff. It is for a person who asks for it, and so is made however many logins
// were refused before. It blocks; passed is called after each successful step, on
// the same goroutine. The error is a *TroubleError.
func Probe(ctx context.Context, logins *Logins, a config.Account, password string, log *slog.Logger, passed func(status.Step)) error {
	return withSession(ctx, logins, true, a, password, log, passed, func(ctx context.Context, c *ami.Client) error {
		if err := rights(ctx, c, log); err != nil {
			return err
		}
		passed(status.StepRights)
		return nil
	})
}

// usualTLSPort is where an Asterisk speaks TLS (manager.conf, tlsbindaddr), and
// offeredTime how long that is looked for.
const (
	usualTLSPort = 5039
	offeredTime  = 3 * time.Second
)

// OfferedTLS is the usual port for TLS where host's AMI answers there, else 0. It is for
// who is about to do without. Nothing is sent but what agrees on TLS. It blocks for three
// seconds at most.
func OfferedTLS(ctx context.Context, host string) int {
	ctx, cancel := context.WithTimeout(ctx, offeredTime)
	defer cancel()
	if ami.OffersTLS(ctx, ami.Config{Addr: net.JoinHostPort(host, strconv.Itoa(usualTLSPort))}) {
		return usualTLSPort
	}
	return 0
}

// Extensions asks the account's PBX for its list: every extension that has a
// hint, once, in numerical order. It blocks. An empty list is no error: a PBX
// without hints has none to give. One that has no such list, as before Asterisk
// 13, is status.CodeNoList: dialling works without.
func Extensions(ctx context.Context, logins *Logins, a config.Account, password string, log *slog.Logger) ([]status.Extension, error) {
	var list []status.Extension
	err := withSession(ctx, logins, false, a, password, log, func(status.Step) {}, func(ctx context.Context, c *ami.Client) error {
		var err error
		list, err = listExtensions(ctx, c)
		var refused *ami.ResponseError
		if errors.As(err, &refused) && !errors.Is(err, ami.ErrPermission) {
			return fmt.Errorf("%w: %w", ErrNoList, err)
		}
		return err
	})
	return list, err
}

// maxExtensions is how many extensions are listed, and maxExtensionBytes what the PBX may say
// of them: more than any PBX has.
const (
	maxExtensions     = 30_000
	maxExtensionBytes = 8 << 20
)

// listExtensions are what can be somebody's extension, each once, in numerical order: digits
// with a device behind them. Feature codes and park positions have no device. Of each only
// what is wanted is kept: all that a PBX says of 20,000 is more than a session may hold.
func listExtensions(ctx context.Context, c *ami.Client) ([]status.Extension, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var list []status.Extension // the reader's until List has returned without an error
	seen, room := make(map[string]bool), maxExtensionBytes
	_, err := c.List(ctx, ami.ExtensionStateList{}, func(m *ami.Message) bool {
		x, ok := ami.Decode(m).(ami.ExtensionStatus)
		if !ok || room < 0 || seen[x.Exten] || !phone.IsExtension(x.Exten, x.Hint.Text()) {
			return false
		}
		if room -= len(m.Bytes("Exten")) + len(m.Bytes("Hint")); room < 0 || len(list) == maxExtensions {
			room = -1
			stop(ami.ErrTooMuch)
			return false
		}
		// Copied: the event's texts are parts of the whole message.
		x.Exten, x.Hint = strings.Clone(x.Exten), clean.Foreign(strings.Clone(string(x.Hint)))
		seen[x.Exten] = true
		list = append(list, status.Extension{Number: x.Exten, Hint: x.Hint, Status: x.Status})
		return false
	})
	if cause := context.Cause(ctx); errors.Is(cause, ami.ErrTooMuch) {
		return nil, cause
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(a, b status.Extension) int {
		if len(a.Number) != len(b.Number) {
			return len(a.Number) - len(b.Number)
		}
		return strings.Compare(a.Number, b.Number)
	})
	return list, nil
}

// withSession logs in, calls f and logs off.
func withSession(ctx context.Context, logins *Logins, asked bool, a config.Account, password string, log *slog.Logger, passed func(status.Step), f func(context.Context, *ami.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	cfg, err := amiConfig(a, password, log)
	if err != nil {
		return err
	}
	cfg.Events = "off"
	cfg.OnStep = func(s ami.Step) { passed(steps[s]) }
	c, err := logins.dial(ctx, a, asked, cfg)
	if err == nil {
		err = errors.Join(f(ctx, c), c.Close())
	}
	return troubled(err)
}
