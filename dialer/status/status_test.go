package status

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestScriptsReadThis: what `cornetta status --json` has of a trouble stays as it is.
func TestScriptsReadThis(t *testing.T) {
	at := time.Date(2026, 3, 1, 10, 41, 0, 0, time.UTC)
	got, err := json.Marshal(Snapshot{Seq: 1, Connection: Trouble, Extension: "7101", Trouble: &Problem{
		Code: CodeCertChanged, Detail: "why", Until: at,
		Cert: &Cert{Fingerprint: "ab", Pinned: "cd", Subject: "CN=pbx", NotBefore: at, NotAfter: at},
	}})
	const want = `{"seq":1,"link":"trouble","trouble":{"code":"cert_changed","detail":"why",` +
		`"cert":{"fingerprint":"ab","pinned":"cd","subject":"CN=pbx","not_before":"2026-03-01T10:41:00Z","not_after":"2026-03-01T10:41:00Z"},` +
		`"until":"2026-03-01T10:41:00Z"},"extension":"7101"}`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}

func TestSame(t *testing.T) {
	with := func(p *Problem) Snapshot { return Snapshot{Seq: 1, Connection: Trouble, Trouble: p} }
	a := with(&Problem{Code: CodeCertChanged, Cert: &Cert{Fingerprint: "ab"}})
	b := with(&Problem{Code: CodeCertChanged, Cert: &Cert{Fingerprint: "ab"}})
	b.Seq++
	if !a.Same(b) || a.Same(with(&Problem{Code: CodeCertChanged, Cert: &Cert{Fingerprint: "cd"}})) || a.Same(with(nil)) {
		t.Error("a trouble is told twice, or not at all")
	}
}

func TestErrors(t *testing.T) {
	no := NewError(CodeNoCall, "status: no call")
	arrived := fmt.Errorf("x: %w", &Problem{Code: CodeNoCall})
	if !errors.Is(arrived, no) || errors.Is(arrived, NewError(CodeStale, "")) || Find(arrived, CodeNoCall) == nil || Find(arrived, CodeStale) != nil || Find(no, CodeNoCall) != nil {
		t.Error("an error is not what it was on the other side")
	}
	p := &Problem{
		Code: CodeConfirm, Attempt: AttemptDial, Detail: "private",
		Offers: []Offer{{Shown: "0 899 123 456", Reasons: []string{"premium"}, Text: "private"}},
	}
	if got, want := p.Error(), "problem: confirm (dial, premium)"; got != want {
		t.Errorf("a log has %q, want %q", got, want)
	}
	if got := p.Offers[0].Dial(); got != "0899123456" {
		t.Error(got)
	}
}
