// Package packaging is nothing but a test: of what can be seen here of the files that only
// another machine runs, the public workflow and those for macOS.
package packaging
