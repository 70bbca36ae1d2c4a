//go:build !unix

package main

import "os"

// takeStdout keeps stdout for the channel: whatever Go code prints there from
// now on prints to stderr.
func takeStdout() (*os.File, error) {
	out := os.Stdout
	os.Stdout = os.Stderr
	return out, nil
}
