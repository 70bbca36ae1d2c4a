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
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

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

func TestUnixSockets(t *testing.T) {
	t.Setenv("XDG_RUNTIME_DIR", "/run/user/7")
	for address, want := range map[string][]string{
		"":                                  {"/run/user/7/bus"},
		"unix:path=/run/user/1/bus":         {"/run/user/1/bus"},
		"unix:path=/a%20b,guid=12":          {"/a b"},
		"unix:guid=12,path=/x;unix:path=/y": {"/x", "/y"},
		"tcp:host=localhost;unix:path=/y":   {"/y"},
		"unix:abstract=/tmp/dbus-x,guid=1":  {"@/tmp/dbus-x"},
		"tcp:host=localhost,port=1":         nil,
		"unixexec:path=/bin/x":              nil,
		"unix:tmpdir=/tmp":                  nil,
	} {
		t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
		if got := unixSockets(); !slices.Equal(got, want) {
			t.Errorf("%q: %q", address, got)
		}
	}
}

// TestConnectIsBounded: a bus on which another program sends endless bodies costs no memory,
// and what comes behind them is heard.
func TestConnectIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bus")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "gone")+";unix:path="+path)
	const huge = 64 << 20
	served := make(chan error, 1)
	go func() { served <- serveBus(listener, huge) }()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	conn, err := Connect(t.Context(), t.Context(), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	signals := make(chan *dbus.Signal, 2)
	conn.Signal(signals)
	if err := conn.BusObject().Call("org.example.Go", dbus.FlagNoReplyExpected).Err; err != nil {
		t.Fatal(err)
	}
	for want := range 2 { // the first is the one that was too long
		select {
		case s := <-signals:
			if s == nil || len(s.Body) != want {
				t.Fatalf("%v", s)
			}
		case <-time.After(time.Minute):
			t.Fatal("nothing was heard")
		}
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > huge/4 {
		t.Errorf("%d bytes were taken for a body of %d", grown, huge)
	}
	_ = conn.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

// serveBus is a bus for one client: it greets it, and when it is called once more sends a
// signal that has a body of that many bytes, and a small one.
func serveBus(l net.Listener, huge int) error {
	c, err := l.Accept()
	_ = l.Close()
	if err != nil {
		return err
	}
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return err
		}
		switch line = strings.Trim(line, "\x00\r\n"); {
		case line == "BEGIN":
			return serveMessages(c, in, huge)
		case strings.HasPrefix(line, "AUTH EXTERNAL"):
			_, err = io.WriteString(c, "OK 1234\r\n")
		default:
			_, err = io.WriteString(c, "REJECTED EXTERNAL\r\n")
		}
		if err != nil {
			return err
		}
	}
}

func serveMessages(c net.Conn, in *bufio.Reader, huge int) error {
	signal := func(body ...any) *dbus.Message {
		m := &dbus.Message{Type: dbus.TypeSignal, Headers: map[dbus.HeaderField]dbus.Variant{
			dbus.FieldPath: dbus.MakeVariant(dbus.ObjectPath("/")), dbus.FieldInterface: dbus.MakeVariant("org.example"),
			dbus.FieldMember: dbus.MakeVariant("Said"), dbus.FieldSender: dbus.MakeVariant(":1.2"),
		}, Body: body}
		m.Headers[dbus.FieldSignature] = dbus.MakeVariant(dbus.SignatureOf(body...))
		return m
	}
	for {
		m, err := dbus.DecodeMessage(in)
		if err != nil {
			return nil // it went
		}
		if m.Headers[dbus.FieldMember].Value() == "Hello" {
			name := dbus.MakeVariant(":1.1")
			answer := &dbus.Message{Type: dbus.TypeMethodReply, Headers: map[dbus.HeaderField]dbus.Variant{
				dbus.FieldReplySerial: dbus.MakeVariant(m.Serial()), dbus.FieldSender: dbus.MakeVariant("org.freedesktop.DBus"),
				dbus.FieldDestination: name, dbus.FieldSignature: dbus.MakeVariant(dbus.SignatureOf("")),
			}, Body: []any{":1.1"}}
			if err := answer.EncodeTo(c, binary.LittleEndian); err != nil {
				return err
			}
			continue
		}
		// Of the long one no more is held here than of the short one.
		var head bytes.Buffer
		if err := signal("").EncodeTo(&head, binary.LittleEndian); err != nil {
			return err
		}
		long := head.Bytes()[:head.Len()-5] // without the length of a string, and its end
		binary.LittleEndian.PutUint32(long[4:], uint32(huge))
		if _, err := c.Write(long); err != nil {
			return err
		}
		block := make([]byte, 64<<10)
		for sent := 0; sent < huge; sent += len(block) {
			if _, err := c.Write(block); err != nil {
				return err
			}
		}
		if err := signal("short").EncodeTo(c, binary.LittleEndian); err != nil {
			return err
		}
	}
}
