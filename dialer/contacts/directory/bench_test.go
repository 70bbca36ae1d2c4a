package directory

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"cornetta/dialer/contacts"
)

// crowd writes a file of people as a large company has them: n of them, and three more
// numbers for five.
func crowd(b *testing.B, path string, n int) {
	b.Helper()
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	r := rand.New(rand.NewPCG(1, 2))
	given := strings.Fields("Anna Marco Giulia Luca Sara Paolo Chiara Andrea Elena Matteo Francesca Davide Laura Simone Marta Giovanni José Zoë Łukasz Jörg Søren Noël")
	syllables := strings.Fields("ros bian ver ne gal fer mar con bru lom bar mon tan pel car ric gre vil san col")
	ends := strings.Fields("si chi di ri lo rari ini ti no bardi tone ta do legrini li ci co la toro ombo")
	for i := range n {
		fmt.Fprintf(w, "BEGIN:VCARD\nVERSION:3.0\nFN:%s %s%s%s\nORG:Azienda %s%s S.r.l.\nTEL;TYPE=WORK:+39 050 %07d\n",
			given[r.IntN(len(given))], syllables[r.IntN(20)], syllables[r.IntN(20)], ends[r.IntN(20)], syllables[r.IntN(20)], ends[r.IntN(20)], i)
		if i%5 < 3 {
			fmt.Fprintf(w, "TEL;TYPE=CELL:333 %07d\n", i)
		}
		fmt.Fprintln(w, "END:VCARD")
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkPeople reads 50,000 people with 80,000 numbers, makes the index, and asks it
// what is typed, letter by letter, and whose numbers are.
func BenchmarkPeople(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "book.vcf")
	crowd(b, path, 50_000)
	s := Store{Index: filepath.Join(dir, "people"), Sources: contacts.OpenSources(filepath.Join(dir, "contacts.json")), Now: time.Now}
	if err := s.Sources.Add(contacts.Source{Type: contacts.VCard, Path: path}); err != nil {
		b.Fatal(err)
	}
	var made time.Duration
	for b.Loop() {
		began := time.Now()
		if _, err := s.Refresh(b.Context(), "", rules()); err != nil {
			b.Fatal(err)
		}
		made = time.Since(began)
	}
	info, err := os.Stat(s.Index)
	if err != nil {
		b.Fatal(err)
	}
	book := contacts.Open(s.Index)
	book.Who("7102", rules()) // the checksum is once for each index
	var finds, whos []time.Duration
	for _, text := range []string{"anna rossi", "azienda si anna", "srl ombo no", "0501234567", "+39 333 000", "76774", "zzz", "oo", "jorg gallo"} {
		for range 3 {
			for i := range text {
				began := time.Now()
				if _, err := book.Find(text[:i+1], 20, rules()); err != nil {
					b.Fatal(err)
				}
				finds = append(finds, time.Since(began))
			}
		}
	}
	for i := range 1000 {
		began := time.Now()
		name := book.Who(fmt.Sprintf("0050%07d", i*49), rules())
		if whos = append(whos, time.Since(began)); name == "" {
			b.Fatalf("nobody has number %d", i*49)
		}
	}
	at := func(all []time.Duration, share float64) time.Duration {
		slices.Sort(all)
		return all[int(float64(len(all)-1)*share)]
	}
	b.ReportMetric(made.Seconds(), "index-s")
	b.ReportMetric(float64(info.Size())/1e6, "index-MB")
	b.ReportMetric(float64(at(finds, 0.99).Microseconds())/1000, "find-p99-ms")
	b.ReportMetric(float64(at(finds, 0.5).Microseconds())/1000, "find-p50-ms")
	b.ReportMetric(float64(at(whos, 0.5).Nanoseconds())/1000, "who-p50-us")
	b.ReportMetric(float64(at(whos, 0.99).Nanoseconds())/1000, "who-p99-us")
}
