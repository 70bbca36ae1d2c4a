package ami

// Ping asks for a sign of life. It needs no right.
type Ping struct{}

// Name of the action.
func (Ping) Name() string { return "Ping" }

func (Ping) headers(*writer) error { return nil }
