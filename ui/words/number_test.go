package words

import (
	"strings"
	"testing"
)

func TestNumberIsShownAsSent(t *testing.T) {
	for _, s := range []string{"0", "+390612345678", "*21*3331234567#", strings.Repeat("1", 43)} {
		if got := Number(s); got != s {
			t.Errorf("%q is shown as %q", s, got)
		}
	}
}
