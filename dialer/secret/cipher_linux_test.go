package secret

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/big"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// sessionOf is a key as it is agreed on.
func sessionOf(t *testing.T) sessionKey {
	t.Helper()
	a, err := newExchange()
	b, err2 := newExchange()
	if err := errors.Join(err, err2); err != nil {
		t.Fatal(err)
	}
	key, err := a.key(b.public())
	same, err2 := b.key(a.public())
	if err := errors.Join(err, err2); err != nil || !bytes.Equal(key, same) || len(key) != 16 {
		t.Fatalf("%x and %x, %v", key, same, err)
	}
	return key
}

func TestCipher(t *testing.T) {
	key := sessionOf(t)
	for n := range 40 {
		secret := []byte(strings.Repeat("x", n))
		iv, value, err := key.seal(secret)
		if err != nil || n > 4 && bytes.Contains(value, secret) {
			t.Fatalf("%x, %v", value, err)
		}
		if got, err := key.open(iv, value); err != nil || !bytes.Equal(got, secret) {
			t.Errorf("%d bytes: %q, %v", n, got, err)
		}
		if _, again, _ := key.seal(secret); bytes.Equal(value, again) {
			t.Error("the same secret passes in the same form")
		}
	}
}

// A shared secret that begins with zeros is as long as any other: libsecret takes it
// so, too.
func TestShortSharedSecret(t *testing.T) {
	padded := make([]byte, 128)
	padded[127] = 5
	want, err := hkdf.Key(sha256.New, padded, nil, "", 16)
	if err != nil {
		t.Fatal(err)
	}
	for _, theirs := range [][]byte{{5}, {0, 0, 5}, padded} { // what is shared is just that
		if key, err := (exchange{one}).key(theirs); err != nil || !bytes.Equal(key, want) {
			t.Errorf("%x: %x, %v", theirs, key, err)
		}
	}
}

// What a service could send to have no secret shared, or to be read beyond its end.
func TestNonsenseFromTheService(t *testing.T) {
	e, err := newExchange()
	if err != nil {
		t.Fatal(err)
	}
	for _, theirs := range []*big.Int{
		{}, one, new(big.Int).Sub(prime, one), prime, new(big.Int).Add(prime, one), new(big.Int).Lsh(one, 4096),
	} {
		if key, err := e.key(theirs.Bytes()); !errors.Is(err, errCipher) {
			t.Errorf("%x: %x, %v", theirs, key, err)
		}
	}
	key := sessionOf(t)
	iv, value, err := key.seal([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	for what, v := range map[string][2][]byte{
		"no parameters": {nil, value}, "short parameters": {iv[:8], value}, "nothing": {iv, nil},
		"half a block": {iv, value[:8]}, "other padding": {slices.Concat(iv[:15], []byte{iv[15] ^ 0xff}), value},
	} {
		if got, err := key.open(v[0], v[1]); !errors.Is(err, errCipher) {
			t.Errorf("%s: %q, %v", what, got, err)
		}
	}
}

// listen notes all that passes on the bus.
func (d *desk) listen() func() []byte {
	d.t.Helper()
	conn := d.connect()
	var passed bytes.Buffer
	messages := make(chan *dbus.Message, 1000)
	if err := conn.BusObject().Call("org.freedesktop.DBus.Monitoring.BecomeMonitor", 0, []string{}, uint32(0)).Err; err != nil {
		d.t.Fatal(err)
	}
	conn.Eavesdrop(messages) // and not before, or it gets the answer, too
	const last = "/that/was/all"
	done := make(chan struct{})
	go func() {
		defer close(done)
		for m := range messages {
			if m.Headers[dbus.FieldPath].Value() == dbus.ObjectPath(last) {
				return
			}
			var names []string
			for _, v := range m.Headers {
				names = append(names, v.String())
			}
			passed.WriteString(strings.Join(names, " ") + "\n")
			for _, v := range m.Body {
				writeAll(&passed, v)
			}
		}
	}()
	return func() []byte {
		if err := d.connect().Emit(last, "com.example.Test.Over"); err != nil {
			d.t.Fatal(err)
		}
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			d.t.Fatal("the bus tells nothing")
		}
		return passed.Bytes()
	}
}

// writeAll writes each text and each series of bytes in v.
func writeAll(to *bytes.Buffer, v any) {
	switch v := v.(type) {
	case []byte:
		to.Write(v)
	case string:
		to.WriteString(v)
	case dbus.Variant:
		writeAll(to, v.Value())
	case map[string]dbus.Variant:
		for _, v := range v {
			writeAll(to, v)
		}
	case map[string]string:
		for _, v := range v {
			writeAll(to, v)
		}
	case []any:
		for _, v := range v {
			writeAll(to, v)
		}
	}
	to.WriteByte('\n')
}

// TestNothingInPlainOnTheBus: whoever listens sees that a secret is stored and read,
// and not the secret. go-keyring, which the other systems have, would read it.
func TestNothingInPlainOnTheBus(t *testing.T) {
	d := newDesk(t)
	d.startKeyring(true)
	heard := d.listen()
	d.expect("set", canary, report{})
	d.expect("get", "", report{Secret: canary})
	passed := heard()
	for _, what := range []string{"CreateItem", "GetSecret", encrypted, key} {
		if !bytes.Contains(passed, []byte(what)) {
			t.Errorf("%s was not heard", what)
		}
	}
	if bytes.Contains(passed, []byte(canary)) || bytes.Contains(passed, []byte(hex.EncodeToString([]byte(canary)))) {
		t.Error("the secret was heard")
	}
}

// plainOnly is a secret service of old: it has no encrypted session.
type plainOnly struct {
	promptForEver
	plain, refused atomic.Int32
}

func (*plainOnly) Unlock(all []dbus.ObjectPath) ([]dbus.ObjectPath, dbus.ObjectPath, *dbus.Error) {
	return all, noPrompt, nil
}

func (p *plainOnly) OpenSession(algorithm string, _ dbus.Variant) (dbus.Variant, dbus.ObjectPath, *dbus.Error) {
	if algorithm != "plain" {
		p.refused.Add(1)
		return dbus.Variant{}, "", dbus.NewError("org.freedesktop.DBus.Error.NotSupported", nil)
	}
	p.plain.Add(1)
	return dbus.MakeVariant(""), "/session", nil
}

func (*plainOnly) SearchItems(map[string]string) ([]dbus.ObjectPath, *dbus.Error) {
	return []dbus.ObjectPath{"/item"}, nil
}

func (*plainOnly) GetSecret(session dbus.ObjectPath) (secretValue, *dbus.Error) {
	return secretValue{session, []byte{}, []byte(canary), "text/plain"}, nil
}

// A service without an encrypted session is used in clear; one that refuses it in
// another way is not.
func TestPlainService(t *testing.T) {
	d := newDesk(t)
	conn := d.connect()
	service := &plainOnly{}
	for path, name := range map[dbus.ObjectPath]string{defaultCollection: collInterface, "/item": itemInterface} {
		if err := conn.Export(service, path, name); err != nil {
			t.Fatal(err)
		}
	}
	offer(t, conn, service)
	d.expect("get", "", report{Secret: canary})
	if n, m := service.refused.Load(), service.plain.Load(); n != 1 || m != 1 {
		t.Errorf("%d encrypted and %d plain sessions were asked for", n, m)
	}
}
