package words

import "testing"

func TestThenInWords(t *testing.T) {
	for then, want := range map[string]string{
		"12": "1 2", ",,1234#": "1 2 3 4 #, after a pause", ",12,,*3": "1 2, after a pause; * 3, after a pause",
	} {
		if got := Then(then); Clean(got) != Clean(Number(want)) {
			t.Errorf("%q is %q, want %q", then, got, want)
		}
	}
}
