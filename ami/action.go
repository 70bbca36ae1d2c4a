package ami

import "cornetta/ami/clean"

// Action is one of the action types of this package. There is none for
// Command or anything else that runs programs on the PBX, and none with an
// Application header.
type Action interface {
	Name() string
	headers(*writer) error
}

// Response is the answer to an action; it may be kept.
type Response struct {
	Success  bool
	ActionID string
	Message  clean.Foreign // the server's own words: untrusted

	headers []field
}

type field struct{ key, value string }

// Get returns the first header of that name, case-insensitively, as the
// server sent it; "" when there is none.
func (r Response) Get(key string) string {
	for _, f := range r.headers {
		if equalFold(f.key, key) {
			return f.value
		}
	}
	return ""
}

// Names are those of the headers, in their order.
func (r Response) Names() []string {
	names := make([]string, len(r.headers))
	for i, f := range r.headers {
		names[i] = f.key
	}
	return names
}
