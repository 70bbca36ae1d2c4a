package freeport

import (
	"net"
	"strconv"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestNobodyElseIsGivenIt: of many who ask the system for any port, none gets one of these.
func TestNobodyElseIsGivenIt(t *testing.T) {
	port, err := TCP()
	below(t, port, err)
	own, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	port = own.Addr().(*net.TCPAddr).Port
	if err := own.Close(); err != nil || port >= firstGivenOut() {
		t.Fatal(port, err)
	}
	for range 500 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if l.Addr().(*net.TCPAddr).Port == port {
			t.Fatalf("%d was given to another", port)
		}
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

func below(t *testing.T, port int, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if end := firstGivenOut(); port < 10_000 || port >= end {
		t.Errorf("%d is not below %d", port, end)
	}
}
