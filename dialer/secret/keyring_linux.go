package secret

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/godbus/dbus/v5"
)

// A client of the Secret Service (specifications.freedesktop.org, secret-service 0.2),
// in place of go-keyring's, which cannot be cancelled and does not show whether it
// waits for the service or for a person. Items are stored as go-keyring stores them,
// so that either finds them.
const (
	secretsName       = "org.freedesktop.secrets"
	secretsPath       = dbus.ObjectPath("/org/freedesktop/secrets")
	serviceInterface  = "org.freedesktop.Secret.Service"
	collInterface     = "org.freedesktop.Secret.Collection"
	itemInterface     = "org.freedesktop.Secret.Item"
	promptInterface   = "org.freedesktop.Secret.Prompt"
	loginCollection   = secretsPath + "/collection/login"
	defaultCollection = secretsPath + "/aliases/default"
	noPrompt          = dbus.ObjectPath("/")
	busName           = "org.freedesktop.DBus"
)

var (
	errDismissed = errors.New("the keyring's prompt was dismissed")
	errGone      = errors.New("the keyring went away")
	errLocked    = errors.New("the keyring stays locked")
)

func systemKeyring() provider {
	return provider{
		patience: patience,
		get: func(ctx context.Context, key string, prompting func(bool)) (string, error) {
			return withService(ctx, prompting, func(s *secretService) (string, error) { return s.get(key) })
		},
		set: func(ctx context.Context, key, secret string, prompting func(bool)) error {
			_, err := withService(ctx, prompting, func(s *secretService) (string, error) { return "", s.set(key, secret) })
			return err
		},
		delete: func(ctx context.Context, key string, prompting func(bool)) error {
			_, err := withService(ctx, prompting, func(s *secretService) (string, error) { return "", s.delete(key) })
			return err
		},
		awaitOpen: awaitOpen,
	}
}

// secretService is one use of the service, on a connection of its own: it gets no
// signals of others, and its prompt ends with the connection.
type secretService struct {
	ctx       context.Context
	conn      *dbus.Conn
	prompting func(bool)
}

// connect never starts a bus: no other program would use it, and its daemon would stay
// behind.
func connect(opts ...dbus.ConnOption) (*dbus.Conn, error) {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(opts...)
	if err != nil {
		return nil, err
	}
	if err = conn.Auth(nil); err == nil {
		err = conn.Hello()
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func withService(ctx context.Context, prompting func(bool), f func(*secretService) (string, error)) (string, error) {
	conn, err := connect()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNone, err)
	}
	defer conn.Close()
	secret, err := f(&secretService{ctx, conn, prompting})
	if isError(err, "org.freedesktop.DBus.Error.ServiceUnknown") {
		err = fmt.Errorf("%w: %w", ErrNone, err)
	}
	return secret, err
}

// isError reports whether err is the bus's error of that name.
func isError(err error, name string) bool {
	var e dbus.Error
	return errors.As(err, &e) && e.Name == name
}

func (s *secretService) call(path dbus.ObjectPath, method string, args ...any) *dbus.Call {
	return s.conn.Object(secretsName, path).CallWithContext(s.ctx, method, 0, args...)
}

// collection is where the person's secrets are.
func (s *secretService) collection() dbus.ObjectPath { return collectionOn(s.ctx, s.conn, 0) }

func collectionOn(ctx context.Context, conn *dbus.Conn, flags dbus.Flags) dbus.ObjectPath {
	var all dbus.Variant
	err := conn.Object(secretsName, secretsPath).
		CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", flags, serviceInterface, "Collections").Store(&all)
	if paths, ok := all.Value().([]dbus.ObjectPath); err == nil && ok && slices.Contains(paths, loginCollection) {
		return loginCollection
	}
	return defaultCollection
}

// unlock opens a collection or an item; a person may have to type a password.
func (s *secretService) unlock(path dbus.ObjectPath) error {
	var unlocked []dbus.ObjectPath
	var prompt dbus.ObjectPath
	if err := s.call(secretsPath, serviceInterface+".Unlock", []dbus.ObjectPath{path}).Store(&unlocked, &prompt); err != nil {
		return err
	}
	result, err := s.ask(prompt)
	if err != nil {
		return err
	}
	if more, ok := result.Value().([]dbus.ObjectPath); ok {
		unlocked = append(unlocked, more...)
	}
	// An alias is unlocked under its own name or that of what it stands for.
	if slices.Contains(unlocked, path) || path == defaultCollection && len(unlocked) == 1 {
		return nil
	}
	return errLocked
}

// ask shows a prompt, if there is one, and waits for the person, for promptTime at
// most. It takes the prompt away when ctx ends.
func (s *secretService) ask(prompt dbus.ObjectPath) (dbus.Variant, error) {
	if prompt == noPrompt {
		return dbus.Variant{}, nil
	}
	signals := make(chan *dbus.Signal, 16)
	s.conn.Signal(signals)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(secretsName), dbus.WithMatchObjectPath(prompt), dbus.WithMatchInterface(promptInterface)},
		{dbus.WithMatchSender(busName), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, secretsName)},
	} {
		if err := s.conn.AddMatchSignalContext(s.ctx, match...); err != nil {
			return dbus.Variant{}, err
		}
	}
	if err := s.call(prompt, promptInterface+".Prompt", "").Err; err != nil {
		return dbus.Variant{}, err
	}
	s.prompting(true)
	defer s.prompting(false)
	limit := time.NewTimer(promptTime)
	defer limit.Stop()
	for {
		select {
		case signal, ok := <-signals:
			switch {
			case !ok:
				return dbus.Variant{}, errGone // the bus
			case signal.Name == busName+".NameOwnerChanged":
				return dbus.Variant{}, errGone
			case signal.Path != prompt || signal.Name != promptInterface+".Completed":
				continue
			}
			var dismissed bool
			var result dbus.Variant
			if err := dbus.Store(signal.Body, &dismissed, &result); err != nil {
				return dbus.Variant{}, err
			}
			if dismissed {
				return dbus.Variant{}, errDismissed
			}
			return result, nil
		case <-limit.C:
			s.dismiss(prompt)
			return dbus.Variant{}, errDismissed
		case <-s.ctx.Done():
			s.dismiss(prompt)
			return dbus.Variant{}, s.ctx.Err()
		}
	}
}

func (s *secretService) dismiss(prompt dbus.ObjectPath) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.ctx), time.Second)
	defer cancel()
	_ = s.conn.Object(secretsName, prompt).CallWithContext(ctx, promptInterface+".Dismiss", 0).Err
}

func attributes(key string) map[string]string {
	return map[string]string{"username": key, "service": service}
}

// find opens the collection and looks for the item of key in it.
func (s *secretService) find(key string) (dbus.ObjectPath, error) {
	coll := s.collection()
	if err := s.unlock(coll); err != nil {
		return "", err
	}
	var items []dbus.ObjectPath
	if err := s.call(coll, collInterface+".SearchItems", attributes(key)).Store(&items); err != nil {
		return "", err
	}
	if len(items) == 0 {
		return "", ErrNotFound
	}
	return items[0], nil
}

// The wire form of a secret.
type secretValue struct {
	Session     dbus.ObjectPath
	Parameters  []byte
	Value       []byte
	ContentType string
}

// session opens an encrypted session, or, with a service that has none, a plain one:
// there the secret is in clear on the bus, and whoever may listen on this user's may
// ask the service for it as well.
func (s *secretService) session() (session dbus.ObjectPath, key sessionKey, err error) {
	var output dbus.Variant
	open := func(algorithm string, input any) error {
		return s.call(secretsPath, serviceInterface+".OpenSession", algorithm, dbus.MakeVariant(input)).Store(&output, &session)
	}
	ours, err := newExchange()
	if err != nil {
		return "", nil, err
	}
	err = open(encrypted, ours.public())
	if isError(err, "org.freedesktop.DBus.Error.NotSupported") {
		err = open("plain", "")
		return session, nil, err
	}
	if err != nil {
		return "", nil, err
	}
	theirs, ok := output.Value().([]byte)
	if !ok {
		return "", nil, errCipher
	}
	key, err = ours.key(theirs)
	return session, key, err
}

func (s *secretService) get(name string) (string, error) {
	item, err := s.find(name)
	if err != nil {
		return "", err
	}
	if err := s.unlock(item); err != nil {
		return "", err
	}
	session, key, err := s.session()
	if err != nil {
		return "", err
	}
	var v secretValue
	if err := s.call(item, itemInterface+".GetSecret", session).Store(&v); err != nil {
		return "", err
	}
	secret, err := key.open(v.Parameters, v.Value)
	return string(secret), err
}

func (s *secretService) set(name, secret string) error {
	coll := s.collection()
	if err := s.unlock(coll); err != nil {
		return err
	}
	session, key, err := s.session()
	if err != nil {
		return err
	}
	parameters, sealed, err := key.seal([]byte(secret))
	if err != nil {
		return err
	}
	properties := map[string]dbus.Variant{
		itemInterface + ".Label":      dbus.MakeVariant(fmt.Sprintf("Password for '%s' on '%s'", name, service)),
		itemInterface + ".Attributes": dbus.MakeVariant(attributes(name)),
	}
	value := secretValue{session, parameters, sealed, "text/plain; charset=utf8"}
	var item, prompt dbus.ObjectPath
	if err := s.call(coll, collInterface+".CreateItem", properties, value, true).Store(&item, &prompt); err != nil {
		return err
	}
	_, err = s.ask(prompt)
	return err
}

func (s *secretService) delete(key string) error {
	item, err := s.find(key)
	if err != nil {
		return err
	}
	var prompt dbus.ObjectPath
	if err := s.call(item, itemInterface+".Delete").Store(&prompt); err != nil {
		return err
	}
	_, err = s.ask(prompt)
	return err
}

// awaitOpen blocks until a keyring that was locked, gone or frozen is open. It
// sleeps until the service or the bus says something; nothing is started for it.
func awaitOpen(ctx context.Context) error {
	conn, err := connect(dbus.WithContext(ctx))
	if err != nil {
		return err
	}
	defer conn.Close()
	signals := make(chan *dbus.Signal, 64)
	conn.Signal(signals)
	for _, match := range [][]dbus.MatchOption{
		{dbus.WithMatchSender(secretsName), dbus.WithMatchPathNamespace(secretsPath)},
		{dbus.WithMatchSender(busName), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, secretsName)},
	} {
		if err := conn.AddMatchSignalContext(ctx, match...); err != nil {
			return err
		}
	}
	open := func() bool {
		var locked dbus.Variant
		err := conn.Object(secretsName, collectionOn(ctx, conn, dbus.FlagNoAutoStart)).
			CallWithContext(ctx, "org.freedesktop.DBus.Properties.Get", dbus.FlagNoAutoStart, collInterface, "Locked").Store(&locked)
		return err == nil && locked.Value() == false
	}
	asked := time.Now()
	was := open()
	if was && time.Since(asked) >= patience {
		return nil // it was frozen, and answers now
	}
	for {
		select {
		case _, ok := <-signals:
			if !ok {
				return errGone
			}
			now := open()
			if now && !was {
				return nil
			}
			was = now
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
