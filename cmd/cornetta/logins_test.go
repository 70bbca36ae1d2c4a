package main

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
)

// commandLine runs commands without an agent, with p's account and the password,
// and returns what they end with; its settings too.
func commandLine(t *testing.T, p *pbxsim.PBX, password string, out io.Writer) (func(interface{ Run(*env) error }) *exitError, config.Config) {
	t.Helper()
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir()) // no agent runs here
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	host, port, _ := net.SplitHostPort(p.Addr())
	cfg := config.Default()
	cfg.Account.Host, cfg.Account.Username, cfg.Account.Tenant, cfg.Account.Extension = host, pbxsim.Username, pbxsim.Tenant, "7101"
	cfg.Account.Port, _ = strconv.Atoi(port)
	store := config.NewStore(t.TempDir())
	if err := store.Save(cfg); err != nil {
		t.Fatal(err)
	}
	logins := t.TempDir()
	return func(command interface{ Run(*env) error }) *exitError {
		t.Helper()
		keys := secret.Session(secret.Memory())
		if err := keys.Set(t.Context(), secret.Key(cfg.Account), password); err != nil {
			t.Fatal(err)
		}
		err := command.Run(&env{
			ctx: t.Context(), streams: streams{strings.NewReader(""), out, &bytes.Buffer{}},
			store: store, keys: keys, logins: dialer.OpenLogins(logins), log: slog.New(slog.DiscardHandler),
		})
		if err == nil {
			return nil
		}
		return sentence(err, status.AttemptDial)
	}, cfg
}

// TestRefusedLoginsOfTheCommandLine: a script that goes on with a wrong
// password locks nobody out.
func TestRefusedLoginsOfTheCommandLine(t *testing.T) {
	p, err := pbxsim.Start(pbxsim.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	run, cfg := commandLine(t, p, "wrong", io.Discard)
	for _, command := range []interface{ Run(*env) error }{
		&extensionsCmd{}, &dialCmd{Number: []string{"7102"}}, &extensionsCmd{},
	} {
		if err := run(command); err == nil || err.code != exitNoLink || !strings.Contains(err.msg, "Login refused") {
			t.Errorf("%T: %+v", command, err)
		}
	}
	for _, command := range []interface{ Run(*env) error }{&extensionsCmd{}, &dialCmd{Number: []string{"7102"}}} {
		if err := run(command); err == nil || err.code != exitNoLink || !strings.Contains(err.msg, "tries again at ") {
			t.Errorf("%T: %+v", command, err)
		}
	}
	if n := p.LoginsRefused(); n != 3 {
		t.Errorf("%d logins reached the PBX", n)
	}
	for _, other := range []func(*config.Account, *string){
		func(a *config.Account, _ *string) { a.Username = "another" },
		func(a *config.Account, _ *string) { a.Host = "localhost" },
		func(*config.Account, *string) {},
	} {
		a, password := cfg.Account, "as wrong"
		other(&a, &password)
		if err := run(runner(func(e *env) error {
			return e.setAccount(func(c *config.Config) (config.Account, error) { c.Account = a; return c.Account, nil }, &password)
		})); err != nil {
			t.Fatal(err)
		}
	}
	_ = run(&extensionsCmd{})
	if n := p.LoginsRefused(); n != 3 {
		t.Errorf("%d logins reached the PBX for another user, or for another name of the same PBX", n)
	}
	password := "right this time"
	if err := run(runner(func(e *env) error {
		return e.setAccount(func(c *config.Config) (config.Account, error) { c.Account = cfg.Account; return c.Account, nil }, &password)
	})); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_ = run(&extensionsCmd{})
	}
	if n := p.LoginsRefused(); n != 4 {
		t.Errorf("%d logins reached the PBX, want one more for the changed account", n)
	}
}

// runner is a command that is a function.
type runner func(*env) error

func (r runner) Run(e *env) error { return r(e) }
