package directorytest

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
)

// Crowd writes a file of vCards of people as a large company has them, always the same: n
// of them, and three more numbers for five.
func Crowd(t testing.TB, path string, n int) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(f)
	r := rand.New(rand.NewPCG(1, 2))
	one := func(of []string) string { return of[r.IntN(len(of))] }
	given := strings.Fields("Anna Marco Giulia Luca Sara Paolo Chiara Andrea Elena Matteo Francesca Davide Laura Simone Marta Giovanni José Zoë Łukasz Jörg Søren Noël")
	syllables := strings.Fields("ros bian ver ne gal fer mar con bru lom bar mon tan pel car ric gre vil san col")
	ends := strings.Fields("si chi di ri lo rari ini ti no bardi tone ta do legrini li ci co la toro ombo")
	for i := range n {
		fmt.Fprintf(w, "BEGIN:VCARD\nVERSION:3.0\nFN:%s %s%s%s\nORG:Azienda %s%s S.r.l.\nTEL;TYPE=WORK:+39 050 %07d\n",
			one(given), one(syllables), one(syllables), one(ends), one(syllables), one(ends), i)
		if i%5 < 3 {
			fmt.Fprintf(w, "TEL;TYPE=CELL:333 %07d\n", i)
		}
		fmt.Fprintln(w, "END:VCARD")
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
