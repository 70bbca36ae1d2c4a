package words

import "cornetta/ami/clean"

// Clean is clean.Text for a name.
func Clean(s string) string { return clean.Text(s, clean.Name) }

// Number is how a dial string is shown: the very characters that are sent,
// never grouped, because the string shown is the string sent.
func Number(s string) string { return Clean(s) }
