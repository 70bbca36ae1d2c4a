package words

import (
	"testing"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
)

// What Italian puts together from parts reads as a person would say it.
func TestItalianSentences(t *testing.T) {
	Use("it")
	t.Cleanup(func() { Use("en") })
	ringing := call.Snapshot{Number: "0039012", Extension: "7101", State: call.RingingOwn}
	talking := call.Snapshot{Number: "0039012", Extension: "7101", State: call.InCall, Answered: answered}
	ended := talking
	ended.State, ended.Ended = call.Ended, answered.Add(83*time.Second)
	day := time.Date(2026, 11, 26, 9, 5, 0, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{CallTitle(ringing), "Il tuo telefono squilla"},
		{CallBody(ringing, noon), "Rispondi per chiamare 0039012"},
		{OwnLeg(ringing), "Il tuo telefono 7101 squilla: rispondi"},
		{FarLeg(ringing), "0039012 sarà chiamato quando avrai risposto"},
		{CallTitle(ended), "Terminata dopo 01:23"},
		{Status(status.Snapshot{Connection: status.Connected, Call: &talking}, noon), "In conversazione dalle 11:58 — 0039012"},
		{Tooltip(status.Snapshot{Connection: status.Ready, Extension: "7101"}, noon), "Cornetta: Pronto — interno 7101"},
		{Problem(status.Problem{Code: status.CodeField, Field: "port", Fault: "missing"}).String(), "Porta: valore mancante. È un numero da 1 a 65535; di solito è 5038."},
		{NumberReasons([]string{"premium", "international:DE"}), "Questo è un numero a sovrapprezzo. La chiamata può costare molto. Questo numero è di un altro paese: Germania. La chiamata può costare molto."},
		{LinksMeanwhile(1), "Nel frattempo 1 altro link ha chiesto una chiamata. È stato ignorato."},
		{LinksMeanwhile(3), "Nel frattempo altri 3 link hanno chiesto una chiamata. Sono stati ignorati."},
		{When(day, day.Add(time.Hour)), "Oggi alle 09:05"},
		{When(day, day.AddDate(0, 0, 1)), "Ieri alle 09:05"},
		{When(day, day.AddDate(0, 0, 2)), "26 nov 2026"},
		{Days(day, day.AddDate(10, 1, 0)), "26 nov 2026 – 26 dic 2036"},
		{Country("VA"), "Città del Vaticano"},
		{DialIt("0 899123456", "Perché."), "Perché. Chiamare 0 899123456? [s/N]"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
