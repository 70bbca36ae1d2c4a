package tray

// Code is a line of the menu of the PBX's codes.
type Code struct {
	Key   string // given to Actions.Code
	Title string // without any number: it is the code that is called
}

// maxCodes is more than there are.
const maxCodes = 6

// Codes shows all in a menu of their own until the next Codes, and no such menu where there
// are none. It never blocks and may be called before, during and after Run.
func (t *Tray) Codes(all []Code) {
	var lines []number
	for _, c := range all[:min(len(all), maxCodes)] {
		lines = append(lines, number{title: c.Title, dial: c.Key})
	}
	t.change(func() { t.codes = lines })
}
