package number

import "strings"

// Shown is Dial for people, in the groups in which they write such a number: the
// outside line stands apart, and without the spaces it is Dial.
func (p Plan) Shown() string {
	if p.groups != "" {
		return p.groups
	}
	return p.Dial
}

// group finds the groups. Digits that no plan has are not taken apart.
func (w *work) group() {
	rest := strings.TrimPrefix(w.Dial, w.Outside)
	if rest == "" {
		return
	}
	shown := rest
	switch abroad, ok := w.home.cutAbroad(rest); {
	case strings.HasPrefix(rest, "+"):
		shown = "+" + w.home.groups(rest[1:])
	case ok:
		shown = rest[:len(rest)-len(abroad)] + " " + w.home.groups(abroad)
	case strings.HasPrefix(rest, "00"): // as the PBX takes it, whatever the country dials
		shown = "00 " + w.home.groups(rest[2:])
	default:
		shown = w.home.homeGroups(rest)
	}
	if w.Outside != "" {
		shown = w.Outside + " " + shown
	}
	shown = strings.TrimSpace(shown)
	if strings.ReplaceAll(shown, " ", "") == w.Dial {
		w.groups = shown
	}
}

// Why are the Reasons as words.NumberReason takes them: behind that it is abroad
// stands where.
func (p Plan) Why() []string {
	var out []string
	for _, r := range p.Reasons {
		why := string(r)
		if r == ReasonInternational && p.Region != "" {
			why += ":" + p.Region
		}
		out = append(out, why)
	}
	return out
}
