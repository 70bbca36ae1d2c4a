//go:build !linux

package secret

// The tests against a real keyring are for Linux.
const partVariable = "CORNETTA_SECRET_TEST_PART"

func play(string) int { return 1 }
