package ami

// ExtensionStateList lists the extensions that have a hint: use List, the
// items are ExtensionStatus. Asterisk 13 and later; it needs write=call or
// reporting.
type ExtensionStateList struct{}

// Name of the action.
func (ExtensionStateList) Name() string { return "ExtensionStateList" }

func (ExtensionStateList) headers(*writer) error { return nil }
