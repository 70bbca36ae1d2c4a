package ami

// ListCommands asks which actions the session may run: the Response has one
// header for each, named like the action. An action that needs a right which
// the user lacks is not among them (Asterisk, main/manager.c,
// action_listcommands).
type ListCommands struct{}

// Name is "ListCommands".
func (ListCommands) Name() string { return "ListCommands" }

func (ListCommands) headers(*writer) error { return nil }
