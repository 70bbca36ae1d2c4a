package channel

import "cornetta/ami/clean"

// MaxText is how many runes of a text from the PBX a window shows.
const MaxText = clean.Name

// Plain is clean.Text.
func Plain(s string, limit int) string { return clean.Text(s, limit) }
