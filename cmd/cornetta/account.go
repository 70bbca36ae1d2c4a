package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/secret"
)

type accountSetCmd struct {
	Host        string        `required:"" help:"Name or address of the PBX; HOST:PORT, ami://HOST:PORT and tls://HOST:PORT are taken apart."`
	Port        int           `default:"5038" help:"Port of the manager interface (AMI)."`
	TLS         string        `name:"tls" enum:"off,on" default:"off" help:"Encrypt the link: off or on."`
	TLSPin      string        `name:"tls-pin" placeholder:"SHA256" help:"Accept only the certificate with this SHA-256 fingerprint."`
	User        string        `required:"" help:"Username of the AMI account."`
	Extension   string        `help:"Your own extension, whose phone rings first."`
	Tenant      string        `required:"" placeholder:"UUID" help:"UUID of the tenant, as the PBX's AMI page or dashboard shows it."`
	Syntax      string        `enum:"variables,wrapper" default:"variables" help:"Form of the request: variables or wrapper."`
	Prefix      string        `default:"0" help:"What gets an outside line, such as 0, with which 333 1234567 goes out as 0 333 1234567; may be empty."`
	Timeout     time.Duration `default:"10s" help:"How long your own phone may ring."`
	SecretStdin bool          `help:"Read the account's password from standard input."`
}

func (c *accountSetCmd) Run(e *env) error {
	a := config.Account{
		Host: c.Host, Port: c.Port, TLS: c.TLS == "on", TLSPin: c.TLSPin,
		Username: c.User, Extension: c.Extension, Tenant: c.Tenant,
		Syntax: config.Syntax(c.Syntax), Prefix: c.Prefix, Timeout: config.Duration(c.Timeout),
	}.Normalized()
	if err := a.ValidateLogin(); err != nil {
		return err
	}
	if a.Extension != "" {
		if err := a.Validate(); err != nil {
			return err
		}
	}
	var password *string
	if c.SecretStdin {
		p, err := readSecret(e.in)
		if err != nil {
			return err
		}
		password = &p
	}
	cfg, err := e.store.Load()
	if err != nil {
		return err
	}
	old := cfg.Account
	cfg.Account = a
	if err := e.store.Save(cfg); err != nil {
		return err
	}
	e.logins.Pardon(a)
	// Deferred, so that a running agent uses what was saved even if the keyring fails.
	defer e.reload()
	if password != nil {
		if err := e.keep(a, *password); err != nil {
			return err
		}
	}
	if key := secret.Key(old); !old.IsZero() && key != secret.Key(a) {
		e.forget(key)
	}
	return nil
}

// readSecret reads the first line of r.
func readSecret(r io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(r, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	p := strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
	return p, secret.Check(p)
}

// keep puts the password into the keyring. There is no other place for it on
// a disk: without a keyring it has to be typed into the running program.
func (e *env) keep(a config.Account, password string) error {
	if err := e.keys.Set(e.ctx, secret.Key(a), password); err != nil {
		return err
	}
	if e.keys.Where(secret.Key(a)) != secret.InKeyring {
		return exit(exitNoLink, "the account was saved, the password was not: no keyring answered. "+
			"Start 'cornetta' and type it in Settings; it is then kept until you quit.")
	}
	return nil
}

func (e *env) forget(key string) {
	if err := e.keys.Delete(e.ctx, key); err != nil && !errors.Is(err, secret.ErrNotFound) {
		fmt.Fprintln(e.err, "cornetta: the old password could not be removed from the keyring.")
	}
}

// reload tells a running agent that the settings have changed.
func (e *env) reload() {
	ctx, cancel := context.WithTimeout(e.ctx, controlTime)
	defer cancel()
	c, err := control.Connect(ctx, instance)
	if err != nil {
		return
	}
	defer c.Close()
	if _, err := control.Reload.Call(ctx, c, ipc.None{}); err != nil {
		return
	}
	if s, err := control.Status.Call(ctx, c, ipc.None{}); err == nil && s.Call != nil && s.Call.Live() {
		fmt.Fprintln(e.err, "cornetta: a call is going on, and is followed to its end; the change counts from then on.")
	}
}

type accountShowCmd struct {
	JSON bool `name:"json" help:"Print JSON."`
}

// accountJSON is `account show --json`. Its names are those of the options.
type accountJSON struct {
	Host      string `json:"host"`
	Port      int    `json:"port"`
	TLS       string `json:"tls"`
	TLSPin    string `json:"tls_pin,omitempty"`
	User      string `json:"user"`
	Extension string `json:"extension"`
	Tenant    string `json:"tenant"`
	Syntax    string `json:"syntax"`
	Prefix    string `json:"prefix"`
	Timeout   string `json:"timeout"`
	Secret    string `json:"secret"` // "keyring", "none" or "unavailable"; never the secret itself
}

func (c *accountShowCmd) Run(e *env) error {
	cfg, err := e.store.Load()
	if err != nil {
		return err
	}
	a := cfg.Account
	if a.IsZero() {
		return dialer.ErrNotSetUp
	}
	show := accountJSON{
		Host: a.Host, Port: a.Port, TLS: "off", TLSPin: a.TLSPin, User: a.Username,
		Extension: a.Extension, Tenant: a.Tenant, Syntax: string(a.Syntax),
		Prefix: a.Prefix, Timeout: a.Timeout.String(), Secret: e.whereSecret(a),
	}
	if a.TLS {
		show.TLS = "on"
	}
	if c.JSON {
		return json.NewEncoder(e.out).Encode(show)
	}
	fmt.Fprintf(e.out, "PBX        %s port %d, TLS %s\nUser       %s\nPassword   %s\nExtension  %s\nTenant     %s\nSyntax     %s\nPrefix     %q\nTimeout    %s\n",
		config.ShownHost(show.Host), show.Port, show.TLS, show.User, show.Secret, show.Extension, show.Tenant, show.Syntax, show.Prefix, show.Timeout)
	return nil
}

func (e *env) whereSecret(a config.Account) string {
	_, err := e.keys.Get(e.ctx, secret.Key(a))
	switch {
	case err == nil:
		return "keyring"
	case errors.Is(err, secret.ErrNotFound):
		return "none"
	}
	return "unavailable"
}

type accountRemoveCmd struct{}

func (c *accountRemoveCmd) Run(e *env) error {
	cfg, err := e.store.Load()
	if err != nil {
		return err
	}
	if cfg.Account.IsZero() {
		return dialer.ErrNotSetUp
	}
	e.forget(secret.Key(cfg.Account))
	cfg.Account = config.Default().Account
	if err := e.store.Save(cfg); err != nil {
		return err
	}
	e.reload()
	return nil
}
