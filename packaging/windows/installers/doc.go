// Package installers is nothing but a test: the installers for Windows as a person and an
// administrator use them. They are run in wine (make test-installers), or on Windows, by a user
// who has no Cornetta.
package installers
