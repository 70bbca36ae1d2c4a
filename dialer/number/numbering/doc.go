// Package numbering knows the numbering plans of the world: which calling
// codes there are, how each country dials, which numbers it has and which of
// them are dear or call for help.
//
// What it knows is Google's libphonenumber's, by way of
// github.com/nyaruka/phonenumbers, and it answers as that library does; a test
// compares the two over the whole world. It is not that library because the
// library unpacks its metadata when a program that contains it starts, whether
// a number is ever looked at or not. In a program that sits in the tray all
// day that was 4.5 MB on disk, 4 MB of memory and 5 ms of every start, also of
// every `cornetta tel:…`. Here the same knowledge is a text in the program's
// file, territories.txt, of which a territory is read when a number asks for
// it.
//
// territories.txt is made by a test, which needs the library and nothing else:
//
//	go get github.com/nyaruka/phonenumbers@latest
//	go generate ./dialer/number/numbering
//
// Without -update the same test fails where the text is not the library's.
//
// All of it is pure but for what was read already, which is kept: 60 KB once,
// and some 40 KB for a territory whose every pattern was needed. It is safe for
// concurrent use. Digits are ASCII digits; whatever else a text has is for the
// caller to take off first, a plus too.
package numbering

//go:generate go test -run ^TestTerritoriesAreTheLibrarys$ -update .
