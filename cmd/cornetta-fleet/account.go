package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"cornetta/dialer/config"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
)

// secretVariable holds the password where standard input is used otherwise.
// There is no flag for it: every user of a computer can read its programs'
// arguments.
const secretVariable = "CORNETTA_FLEET_SECRET"

// accountFlags are those of `cornetta account set`.
type accountFlags struct {
	Host    string        `help:"Name or address of the PBX; without it the saved account is used."`
	Port    int           `default:"5038" help:"Port of the manager interface (AMI)."`
	TLS     string        `name:"tls" enum:"off,on" default:"off" help:"Encrypt the link: off or on."`
	TLSPin  string        `name:"tls-pin" placeholder:"SHA256" help:"Accept only the certificate with this SHA-256 fingerprint."`
	User    string        `help:"Username of the AMI account."`
	Tenant  string        `placeholder:"UUID" help:"UUID of the tenant."`
	Syntax  string        `enum:"variables,wrapper,plain" default:"variables" help:"Form of the request: variables or wrapper for a KalliopePBX, plain for any other Asterisk."`
	Channel string        `help:"What rings an own phone with the syntax plain, such as PJSIP/%extension%."`
	Context string        `help:"Context of the number with the syntax plain."`
	Prefix  string        `default:"0" help:"What gets an outside line; may be empty."`
	Region  string        `default:"IT" help:"Country of the PBX, whose emergency and premium numbers are refused."`
	Timeout time.Duration `default:"10s" help:"How long an own phone may ring."`
}

// access is an account without an extension, its password, and the country
// that it is in.
type access struct {
	account  config.Account
	password string
	region   string
}

// nobody is the extension of dialers that never dial.
const nobody = "0"

func (f accountFlags) access(ctx context.Context, in io.Reader) (access, error) {
	if f.Host == "" {
		return savedAccess(ctx, f.Region)
	}
	a := config.Account{
		Host: f.Host, Port: f.Port, TLS: f.TLS == "on", TLSPin: f.TLSPin, Username: f.User, Tenant: f.Tenant,
		Syntax: config.Syntax(f.Syntax), Channel: f.Channel, Context: f.Context, Prefix: f.Prefix, Timeout: config.Duration(f.Timeout), Extension: nobody,
	}.Normalized()
	var field *config.FieldError
	if err := a.Validate(); errors.As(err, &field) {
		return access{}, usage("the account's %s is %s", field.Field, field.Code)
	}
	password := os.Getenv(secretVariable)
	if password == "" {
		var err error
		if password, err = readLine(ctx, in); err != nil {
			return access{}, err
		}
	}
	if err := secret.Check(password); err != nil {
		return access{}, usage("the password is empty or has what no password can have: give it on standard input or in %s", secretVariable)
	}
	return access{a, password, f.Region}, nil
}

// readLine is the first line of in, until ctx ends: nobody may
// ever write one, and a read cannot be interrupted. Then it is left behind by a program
// that is about to end.
func readLine(ctx context.Context, in io.Reader) (string, error) {
	type result struct {
		line string
		err  error
	}
	read := make(chan result, 1)
	go func() {
		line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
		read <- result{line, err}
	}()
	select {
	case r := <-read:
		if r.err != nil && !errors.Is(r.err, io.EOF) {
			return "", r.err
		}
		return strings.TrimRight(r.line, "\r\n"), nil
	case <-ctx.Done():
		return "", errors.New("interrupted while it waited for the password on standard input")
	}
}

// savedAccess is the account of whoever runs this.
func savedAccess(ctx context.Context, region string) (access, error) {
	dir, err := config.DefaultDir()
	if err != nil {
		return access{}, err
	}
	c, err := config.NewStore(dir).Under(config.SystemPolicies("")).Load()
	if err != nil {
		return access{}, err
	}
	if c.Account.ValidateLogin() != nil {
		return access{}, usage("there is no saved account: give --host, --user and --tenant")
	}
	password := os.Getenv(secretVariable)
	if password == "" {
		if password, err = secret.Keyring().Get(ctx, secret.Key(c.Account)); err != nil {
			return access{}, fmt.Errorf("the saved account's password: %w", err)
		}
	}
	c.Account.Extension = nobody
	return access{c.Account, password, region}, nil
}

// plan is what is dialled for a number of --to. It is refused where a person
// would be asked first, and for an emergency number.
func (a access) plan(text string) (number.Plan, error) {
	s := number.DefaultSettings()
	s.Prefix, s.Region = a.account.Prefix, a.region
	p := number.Parse(text, number.Typed, s)
	if p.Outcome == number.Error {
		return p, usage("--to %q is not a number: %s", text, p.Error)
	}
	// A typed emergency number is never asked about; a copied one is.
	for _, region := range []string{a.region, "GB", "US"} {
		s.Region = region
		if slices.Contains(number.Parse(p.Dial, number.Clipboard, s).Reasons, number.ReasonEmergency) {
			return p, usage("--to %q calls for help in an emergency", text)
		}
	}
	if !p.MayDial() {
		return p, usage("--to %q is not dialled without asking: %v", text, p.Reasons)
	}
	return p, nil
}

// store hands the password to every dialer.
type store string

func (s store) Get(context.Context, string) (string, error) { return string(s), nil }
func (s store) Set(context.Context, string, string) error   { return secret.ErrUnavailable }
func (s store) Delete(context.Context, string) error        { return secret.ErrUnavailable }
