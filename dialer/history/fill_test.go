package history

import (
	"fmt"
	"os"
	"testing"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
)

// fill makes a file with n calls.
func fill(t testing.TB, path string, n int) {
	t.Helper()
	var text []byte
	first := []string{"Mario", "Anna", "Zoë", "Luca", "Giulia", "Jürgen", "Paolo"}
	last := []string{"Rossi", "Müller", "Bianchi", "Esposito", "Nguyễn", "Conti"}
	for i := range n {
		e := Entry{
			ID: i + 1, At: time.Date(2020, 1, 1, 0, 0, 0, 123456789, time.UTC).Add(time.Duration(i) * 20 * time.Minute),
			Number: fmt.Sprintf("00390501%06d", i%80_000), Given: clean.Foreign(fmt.Sprintf("+39 050 1%06d", i%80_000)),
			Name:  clean.Foreign(first[i%len(first)] + " " + last[i%len(last)]),
			State: call.Ended, Duration: time.Duration(i%600) * time.Second,
			Way: call.ByTyping, Account: "clicktocall@pbx.example.com:5038",
		}
		if i == 0 {
			e.Name = "Unique"
		}
		var err error
		if text, err = appendLine(text, e); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
