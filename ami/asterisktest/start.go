package asterisktest

import (
	"errors"
	"os"
	"testing"
)

// RequireEnv names the environment variable that, when not empty, makes a
// missing Asterisk a failure instead of a skipped test. CI does the same.
const RequireEnv = "CORNETTA_REQUIRE_ASTERISK"

// Start launches an Asterisk for the test and closes it at the test's end.
// Where setup.sh was not run the test is skipped, but fails in CI and where
// RequireEnv is set; with -short it is always skipped.
func Start(tb testing.TB, v Version) *PBX {
	tb.Helper()
	if testing.Short() {
		tb.Skip("-short: without Asterisk")
	}
	p, err := Launch(tb.TempDir(), v)
	switch {
	case errors.Is(err, ErrNotSetUp) && os.Getenv("CI") == "" && os.Getenv(RequireEnv) == "":
		tb.Skip(err)
	case err != nil:
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Close(); err != nil {
			tb.Errorf("asterisktest: ending %v: %v", v, err)
		}
		if tb.Failed() {
			tb.Logf("%v said:\n%s", v, p.LogTail())
		}
	})
	return p
}
