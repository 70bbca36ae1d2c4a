package ami

// logoff ends the session; its answer is "Response: Goodbye".
type logoff struct{}

func (logoff) Name() string { return "Logoff" }

func (logoff) headers(*writer) error { return nil }
