//go:build windows

package ipc

// The tests with several processes are for Unix.
const partVariable = "CORNETTA_IPC_TEST_PART"

func play(string) int { return 1 }
