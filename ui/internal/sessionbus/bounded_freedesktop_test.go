//go:build linux || freebsd || openbsd || netbsd

package sessionbus

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"net"
	"reflect"
	"strings"
	"testing"

	"github.com/godbus/dbus/v5"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// message is one of D-Bus with fields and a body that long; b fills both.
func message(order binary.ByteOrder, fields, body int, b byte) []byte {
	head := make([]byte, 16)
	head[0] = 'l'
	if order == binary.BigEndian {
		head[0] = 'B'
	}
	order.PutUint32(head[4:], uint32(body))
	order.PutUint32(head[12:], uint32(fields))
	return append(head, bytes.Repeat([]byte{b}, (fields+7)/8*8+body)...)
}

// TestLongBody: a call whose body is too long comes without it, so that its caller is
// answered.
func TestLongBody(t *testing.T) {
	sent := &dbus.Message{
		Type: dbus.TypeMethodCall, Flags: dbus.FlagAllowInteractiveAuthorization,
		Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath("/io/cornetta/Cornetta")), dbus.FieldMember: dbus.MakeVariant("Open"),
			dbus.FieldInterface: dbus.MakeVariant("org.freedesktop.Application"), dbus.FieldDestination: dbus.MakeVariant("io.cornetta.Cornetta"),
			dbus.FieldSender: dbus.MakeVariant(":1.7"), dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf([]string{}, "")),
		},
		Body: []any{[]string{strings.Repeat("x", 2*maxMessage)}, "y"},
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		var wire bytes.Buffer
		if err := sent.EncodeTo(&wire, order); err != nil {
			t.Fatal(err)
		}
		b := &bounded{in: bufio.NewReader(&wire)}
		b.framed.Store(true)
		got, err := dbus.DecodeMessage(b)
		if err != nil {
			t.Fatal(err)
		}
		want := maps.Clone(sent.Headers)
		delete(want, dbus.FieldSignature)
		if !reflect.DeepEqual(got.Headers, want) || len(got.Body) != 0 || got.Serial() != sent.Serial() || got.Type != sent.Type {
			t.Errorf("%v: %v", order, got)
		}
	}
}

// TestBounded: what fits comes through byte for byte, what does not has no body or is passed over, also
// where it is longer than anything that memory has room for.
func TestBounded(t *testing.T) {
	small := message(binary.LittleEndian, 13, 5, 1)
	big := message(binary.BigEndian, 100, 7000, 2)
	most := message(binary.LittleEndian, 0, maxMessage, 3)
	for name, tc := range map[string]struct {
		in   [][]byte
		want [][]byte
	}{
		"small and big": {[][]byte{small, big, small, most}, [][]byte{small, big, small, most}},
		"too long": {
			[][]byte{small, message(binary.LittleEndian, 0, maxMessage+1, 4), big, message(binary.BigEndian, maxMessage, 8, 5), small},
			[][]byte{small, message(binary.LittleEndian, 0, 0, 4), big, small},
		},
		"much too long": {[][]byte{message(binary.BigEndian, 8, 4<<20, 6), small}, [][]byte{small}},
	} {
		ours, theirs := net.Pipe()
		b := &bounded{Conn: ours, in: bufio.NewReader(ours)}
		go func() {
			_, _ = theirs.Write([]byte("OK 1234\r\n"))
			_, _ = io.ReadFull(theirs, make([]byte, len("BEGIN\r\n")))
			for _, m := range tc.in {
				_, _ = theirs.Write(m)
			}
			theirs.Close()
		}()
		line := make([]byte, len("OK 1234\r\n"))
		if _, err := io.ReadFull(b, line); err != nil || string(line) != "OK 1234\r\n" {
			t.Fatalf("%s: the login reads %q, %v", name, line, err)
		}
		if _, err := b.Write([]byte("BEGIN\r\n")); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(b)
		if err != nil || !bytes.Equal(got, bytes.Join(tc.want, nil)) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
		b.Close()
	}
}

// TestNoMessage: what is none ends the connection, as nobody knows where the next begins.
func TestNoMessage(t *testing.T) {
	ours, theirs := net.Pipe()
	b := &bounded{Conn: ours, in: bufio.NewReader(ours)}
	b.framed.Store(true)
	go func() { _, _ = theirs.Write(bytes.Repeat([]byte{'x'}, 16)); theirs.Close() }()
	if _, err := b.Read(make([]byte, 1)); !errors.Is(err, errNoMessage) {
		t.Errorf("%v", err)
	}
	b.Close()
}

func TestUnixSocket(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", "/run/user/7")
	for address, want := range map[string]string{
		"":                                  "/run/user/7/bus",
		"unix:path=/run/user/1/bus":         "/run/user/1/bus",
		"unix:path=/a%20b,guid=12":          "/a b",
		"unix:guid=12,path=/x;unix:path=/y": "/x",
		"unix:abstract=/tmp/dbus-x,guid=1":  "@/tmp/dbus-x",
		"tcp:host=localhost,port=1":         "",
		"unixexec:path=/bin/x":              "",
		"unix:tmpdir=/tmp":                  "",
	} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		if _, got, ok := unixSocket(); got != want || ok != (want != "") {
			t.Errorf("%q: %q", address, got)
		}
	}
}
