// Package docs are the guides, as whoever makes an installer wants them. No program
// contains them.
//
// Its tests hold them against the program: that their links lead somewhere, that both
// languages have the same, that the page about trouble knows every problem, that the
// blocks for Asterisk work on one (asterisk_test.go), and that the table of settings is
// that of the program. The command lines in them are tested where the command line is,
// in cmd/cornetta.
package docs

import "embed"

// Files are the pages and their pictures.
//
//go:embed *.md */*.md images
var Files embed.FS
