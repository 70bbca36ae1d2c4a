//go:build !linux

package agent

import "runtime/debug"

// giveBack gives back to the system the memory that the start, a call or a search took.
func giveBack() { debug.FreeOSMemory() }
