//go:build linux

package asterisktest

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// onEach runs the test on every version of Asterisk.
func onEach(t *testing.T, test func(t *testing.T, p *PBX)) {
	for _, v := range Versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			test(t, Start(t, v))
		})
	}
}
