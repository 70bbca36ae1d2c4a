//go:build windows

package control

// The tests with several processes are for Unix.
const partVariable = "CORNETTA_CONTROL_TEST_PART"

func play(string) int { return 1 }
