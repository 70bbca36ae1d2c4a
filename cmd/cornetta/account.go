package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/secret"
	"cornetta/dialer/setting"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// accountSetCmd has an option for every setting of the account that says so.
type accountSetCmd struct {
	kong.Plugins // a struct with a field for each of the settings
	SecretStdin  bool

	settings []config.Setting
	usual    config.Config
}

// newAccountSet makes the options, in the order of the settings file. What is not given
// is as in usual. except are settings that are given in another way.
func newAccountSet(usual config.Config, except ...string) accountSetCmd {
	c := accountSetCmd{usual: usual}
	var fields []reflect.StructField
	of := slices.Concat(reflect.VisibleFields(reflect.TypeFor[config.Account]()), reflect.VisibleFields(reflect.TypeFor[config.Phone]()),
		reflect.VisibleFields(reflect.TypeFor[config.Colleagues]()))
	for _, f := range of {
		s, ok := config.Described(f.Tag.Get("toml"))
		if !ok || s.Option == nil || slices.Contains(except, s.Key) {
			continue
		}
		typ, value, codes := reflect.TypeFor[string](), s.Text(&usual), s.Codes
		switch s.Kind {
		case setting.KindCount:
			typ = reflect.TypeFor[int]()
		case setting.KindPeriod:
			typ = reflect.TypeFor[time.Duration]()
		case setting.KindSwitch:
			value, codes = onOff[value], []string{"off", "on"}
		}
		tag := fmt.Sprintf("name:%q help:%q", cmp.Or(s.Option.Name, strings.ReplaceAll(s.Key, "_", "-")), words.FieldHelp(s.Key))
		for name, text := range map[string]string{
			"default": value, "enum": strings.Join(codes, ","), "placeholder": s.Option.Placeholder,
		} {
			if text != "" {
				tag += fmt.Sprintf(" %s:%q", name, text)
			}
		}
		if s.Option.Required && value == "" && usual.Account.Takes(s.Key) {
			tag += ` required:""`
		}
		c.settings = append(c.settings, s)
		fields = append(fields, reflect.StructField{Name: f.Name, Type: typ, Tag: reflect.StructTag(tag)})
	}
	c.Plugins = kong.Plugins{reflect.New(reflect.StructOf(fields)).Interface()}
	return c
}

// BeforeResolve lets options be left out that an account of the given syntax has no use for.
func (c *accountSetCmd) BeforeResolve(k *kong.Context) error {
	if beside, more := c.besideAccount(k.Path); len(beside) > 0 && !more {
		for _, f := range k.Flags() {
			f.Required = false
		}
	}
	for _, p := range k.Path {
		if p.Flag == nil || p.Flag.Name != "syntax" {
			continue
		}
		text, _ := k.FlagValue(p.Flag).(string)
		a := config.Account{Syntax: config.Syntax(text)}
		for _, f := range k.Flags() {
			f.Required = f.Required && a.Takes(f.Name)
		}
	}
	return nil
}

// besideAccount are the settings that are given and are none of the account's, with their
// values; more says whether some of the account's are given, too.
func (c *accountSetCmd) besideAccount(path []*kong.Path) (given map[string]string, more bool) {
	given = map[string]string{}
	for _, p := range path {
		if p.Flag == nil {
			continue
		}
		i := slices.IndexFunc(c.settings, func(s config.Setting) bool {
			return s.Group != "account" && strings.ReplaceAll(s.Key, "_", "-") == p.Flag.Name
		})
		if i < 0 {
			more = true
			continue
		}
		given[c.settings[i].Key] = onOff[fmt.Sprint(reflect.ValueOf(c.Plugins[0]).Elem().Field(i))]
	}
	return given, more
}

// setBeside changes settings that are none of the account's.
func setBeside(c *config.Config, given map[string]string) {
	for key, text := range given {
		if s, ok := config.Described(key); ok {
			_ = s.Parse(c, text) // on or off
		}
	}
}

// onOff is how a switch is given on the command line, and back.
var onOff = map[string]string{"true": "on", "false": "off", "on": "true", "off": "false"}

// account is what the options say. portGiven tells that one of them was the port.
func (c *accountSetCmd) account(portGiven bool) (config.Account, error) {
	cfg := c.usual
	for i, s := range c.settings {
		text := fmt.Sprint(reflect.ValueOf(c.Plugins[0]).Elem().Field(i))
		if s.Kind == setting.KindSwitch {
			text = onOff[text]
		}
		_ = s.Parse(&cfg, text) // what is wrong is found below, in the order of the checks
	}
	a := cfg.Account.Normalized()
	if port := cfg.Account.Port; portGiven && port != a.Port {
		return a, exit(exitUsage, words.PortTwice(a.Port, port))
	}
	return a, a.ValidateLogin()
}

func (c *accountSetCmd) Run(k *kong.Context, e *env) error {
	beside, more := c.besideAccount(k.Path)
	if len(beside) > 0 && !more {
		_, damage, err := e.store.Change(func(c *config.Config) { setBeside(c, beside) })
		if err != nil {
			return err
		}
		e.tell(damage.Problem())
		e.tell(e.store.Policy().Damaged())
		e.reload()
		return nil
	}
	a, password, err := c.given(k, e)
	if err != nil {
		return err
	}
	return e.setAccount(func(c *config.Config) (config.Account, error) {
		if !isGiven(k, "name") {
			a.Name = c.Account.Name
		}
		if !isGiven(k, "by-network") {
			a.ByNetwork = c.Account.ByNetwork
		}
		c.Account = a
		setBeside(c, beside)
		return a, nil
	}, password)
}

// given is the account that the options say, and its password, nil for none.
func (c *accountSetCmd) given(k *kong.Context, e *env) (a config.Account, password *string, err error) {
	if a, err = c.account(isGiven(k, "port")); err != nil || !c.SecretStdin {
		return a, nil, err
	}
	p, err := await(e.ctx, func() (string, error) { return readSecret(e.in) })
	return a, &p, err
}

// isGiven reports whether an option is on the command line.
func isGiven(k *kong.Context, option string) bool {
	return slices.ContainsFunc(k.Path, func(p *kong.Path) bool { return p.Flag != nil && p.Flag.Name == option })
}

// setAccount has edit change the accounts and, unless it is nil, stores the password of
// the one that edit returns.
func (e *env) setAccount(edit func(*config.Config) (config.Account, error), password *string) error {
	var before config.Config
	var a config.Account
	cfg, damage, err := e.store.Try(func(c *config.Config) (err error) {
		before = *c
		a, err = edit(c)
		return err
	})
	if err != nil {
		return err
	}
	a = a.Normalized()
	e.tell(damage.Problem())
	e.tell(e.store.Policy().Damaged())
	e.networks.SetUp(e.ctx, a)
	if a.ByNetwork && a == cfg.Account {
		e.networks.Choose(e.ctx, a)
	}
	// Deferred, so that a running agent uses what was saved even if the keyring fails.
	defer e.reload()
	if password != nil {
		if err := e.keep(a, *password); err != nil {
			return err
		}
		// The one that was refused is another now; any sooner, and the agent might try the old one.
		if slices.Contains(secret.Keys(before), secret.Key(a)) {
			e.logins.Pardon(a)
		}
	}
	for _, key := range secret.Dropped(before, cfg) {
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
	return e.keepSecret(secret.Key(a), password, words.SayNotKept)
}

// keepSecret puts one into the keyring; notKept is what is said where there is none.
func (e *env) keepSecret(key, password string, notKept words.Label) error {
	if err := e.askKeyring(func(ctx context.Context) error { return e.keys.Set(ctx, key, password) }); err != nil {
		return err
	}
	if e.keys.Where(key) != secret.InKeyring {
		return &exitError{exitNoLink, words.Text(notKept), status.CodeKeyring}
	}
	return nil
}

func (e *env) forget(key string) {
	if e.remove(key) != nil {
		complain(e.err, words.Text(words.SayOldPassword))
	}
}

// remove takes a password out of the keyring.
func (e *env) remove(key string) error {
	return e.askKeyring(func(ctx context.Context) error { return e.keys.Delete(ctx, key) })
}

// keyringSlow is how long a keyring may take before the person is told what is
// waited for.
const keyringSlow = 2 * time.Second

// askKeyring calls f, which asks the keyring, and meanwhile tells the person what it
// is that takes so long.
func (e *env) askKeyring(f func(ctx context.Context) error) error {
	slow := time.NewTimer(keyringSlow)
	defer slow.Stop()
	prompts, done := make(chan bool), make(chan error, 1)
	go func() {
		done <- f(secret.OnPrompt(e.ctx, func(open bool) { prompts <- open }))
	}()
	for {
		select {
		case err := <-done:
			return err
		case open := <-prompts:
			if slow.Stop(); open {
				e.tell(&status.Problem{Code: status.CodeKeyringAsks})
			}
		case <-slow.C:
			complain(e.err, words.Text(words.SayWaits))
		}
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
		complain(e.err, words.Text(words.SayAfterTheCall))
	}
}

type accountShowCmd struct {
	Account string `arg:"" optional:"" name:"name" completes:"account list --names"`
	JSON    bool   `name:"json"`
}

// accountJSON is `account show --json`. Its names are those of the options.
type accountJSON struct {
	Name      string `json:"name,omitempty"`
	InUse     *bool  `json:"in_use,omitempty"` // of a list
	Host      string `json:"host"`
	Port      int    `json:"port"`
	TLS       string `json:"tls"`
	TLSPin    string `json:"tls_pin,omitempty"`
	TLS13     string `json:"tls13,omitempty"` // "on", where it is
	TLSCA     string `json:"tls_ca,omitempty"`
	User      string `json:"user"`
	Extension string `json:"extension"`
	Tenant    string `json:"tenant"`
	Syntax    string `json:"syntax"`
	Channel   string `json:"channel,omitempty"` // of the syntax plain
	Context   string `json:"context,omitempty"`
	Prefix    string `json:"prefix"`
	Timeout   string `json:"timeout"`
	ByNetwork string `json:"by_network,omitempty"` // "on", where it is
	Secret    string `json:"secret,omitempty"`     // "keyring", "none" or "unavailable"; never the secret itself
}

func accountJSONOf(a config.Account) accountJSON {
	show := accountJSON{
		Name: a.Name, Host: a.Host, Port: a.Port, TLS: onOff[strconv.FormatBool(a.TLS)], TLSPin: a.TLSPin, TLSCA: a.TLSCA,
		User: a.Username, Extension: a.Extension, Tenant: a.Tenant, Syntax: string(a.Syntax),
		Prefix: a.Prefix, Timeout: a.Timeout.String(),
	}
	if a.TLS13 {
		show.TLS13 = "on"
	}
	if a.ByNetwork {
		show.ByNetwork = "on"
	}
	if a.Takes("channel") {
		show.Channel, show.Context = cmp.Or(a.Channel, config.UsualChannel), a.FarContext()
	}
	return show
}

func (c *accountShowCmd) Run(e *env) error {
	cfg, err := e.load()
	if err == nil && c.Account != "" {
		cfg, err = cfg.Use(c.Account)
	}
	if err != nil {
		return err
	}
	a := cfg.Account
	if a.ValidateLogin() != nil { // a policy may know a part of one
		return dialer.ErrNotSetUp
	}
	show := accountJSONOf(a)
	show.Secret = e.whereSecret(a)
	if c.JSON {
		return json.NewEncoder(e.out).Encode(show)
	}
	if a.Name != "" {
		fmt.Fprint(e.out, words.AccountName(a.Name))
	}
	fmt.Fprint(e.out, words.Account(config.ShownHost(show.Host), show.Port, show.TLS, show.User, show.Secret,
		show.Extension, show.Tenant, show.Syntax, show.Prefix, show.Timeout))
	if show.Channel != "" {
		fmt.Fprint(e.out, words.AccountPlain(show.Channel, show.Context))
	}
	return nil
}

func (e *env) whereSecret(a config.Account) string {
	err := e.askKeyring(func(ctx context.Context) error {
		_, err := e.keys.Get(ctx, secret.Key(a))
		return err
	})
	switch {
	case err == nil:
		return "keyring"
	case errors.Is(err, secret.ErrNotFound):
		return "none"
	}
	return "unavailable"
}

type accountRemoveCmd struct {
	Account string `arg:"" optional:"" name:"name" completes:"account list --names"`
}

// Run removes both or none. First the account, which can be put back: a password that
// is gone cannot.
func (c *accountRemoveCmd) Run(e *env) error {
	before, err := e.load()
	if err != nil {
		return err
	}
	name := before.Account.Name
	if c.Account != "" {
		name = c.Account
	} else if before.Account.ValidateLogin() != nil {
		return dialer.ErrNotSetUp
	}
	cfg, _, err := e.store.Try(func(c *config.Config) (err error) {
		*c, err = c.Remove(name)
		return err
	})
	if err != nil {
		return err
	}
	for _, key := range secret.Dropped(before, cfg) {
		switch err := e.remove(key); {
		case errors.Is(err, secret.ErrNone): // there may be one in another session
			complain(e.err, words.Text(words.SayOldPassword))
		case err != nil:
			if _, _, err := e.store.Change(func(c *config.Config) { *c = before }); err != nil {
				return err
			}
			return exit(exitNoLink, words.Text(words.SayNotRemoved))
		}
	}
	if len(cfg.Locked) > 0 && cfg.Account.IsZero() {
		complain(e.err, words.Text(words.SayKeepsLocked))
	}
	if !config.SameName(cfg.Account.Name, before.Account.Name) {
		fmt.Fprintln(e.out, words.InUse(cfg.Account.Name))
	}
	e.reload()
	return nil
}
