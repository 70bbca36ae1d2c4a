package directory

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"cornetta/dialer/contacts"
	"cornetta/dialer/contacts/directorytest"
)

// BenchmarkPeople reads 50,000 people with 80,000 numbers, makes the index, and asks it
// what is typed, letter by letter, and whose numbers are.
func BenchmarkPeople(b *testing.B) {
	dir := b.TempDir()
	path := filepath.Join(dir, "book.vcf")
	directorytest.Crowd(b, path, 50_000)
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
