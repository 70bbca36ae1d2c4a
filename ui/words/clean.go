package words

import "cornetta/ami/clean"

// Clean is clean.Text for a name.
func Clean[T ~string](s T) string { return clean.Text(string(s), clean.Name) }

// Number is how a dial string is shown: the very characters that are sent,
// never grouped, because the string shown is the string sent.
func Number(s string) string { return Clean(s) }
