package ami

// DialplanExists asks whether the dialplan has a context, or, with Exten, what begins
// there for that number: [Exists] reads the Response. Nothing is called. It is a Getvar
// of the function DIALPLAN_EXISTS (funcs/func_dialplan.c), which needs write=call and
// the module func_dialplan.
type DialplanExists struct {
	Context string
	Exten   string // empty: the context alone
}

// Name of the action.
func (DialplanExists) Name() string { return "Getvar" }

func (a DialplanExists) headers(w *writer) error {
	if !nameChars.holds(a.Context, 1, 79) || !dialChars.holds(a.Exten, 0, 79) {
		w.refuse("Variable")
		return nil
	}
	target := a.Context
	if a.Exten != "" {
		target += "," + a.Exten + ",1"
	}
	w.add("Variable", "DIALPLAN_EXISTS("+target+")")
	return nil
}

// Exists is what r, of a DialplanExists, says. It is not known where the server has no
// such function.
func Exists(r Response) (exists, known bool) {
	switch r.Get("Value") {
	case "1":
		return true, true
	case "0":
		return false, true
	}
	return false, false
}
