//go:build !unix

package main

// forbidCoreDumps has nothing to do: Go keeps Windows from collecting dumps of
// its programs unless GOTRACEBACK=wer asks for one.
func forbidCoreDumps() {}
