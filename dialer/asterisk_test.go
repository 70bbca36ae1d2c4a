package dialer

import (
	"testing"

	"cornetta/ami/asterisktest"
)

// TestScenariosOnAsterisk places the same calls on real PBXes.
func TestScenariosOnAsterisk(t *testing.T) {
	for _, v := range asterisktest.Versions {
		t.Run(v.String(), func(t *testing.T) {
			p := asterisktest.Start(t, v)
			runScenarios(t, "asterisk-"+v.String(), p.Addr())
		})
	}
}
