// Package screentest is nothing but a test: the programs for Windows with their windows,
// as a person has them, in wine on a desktop of ui/desktoptest. What they need is built by
// make test-wine, which also runs it.
package screentest
