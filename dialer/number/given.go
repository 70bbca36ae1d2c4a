package number

// Given is the number as it came in, without the text that it was taken out of, and without
// what stands behind it to be keyed in, which may be a secret.
func (p Plan) Given() string {
	given := p.Input
	for _, s := range p.Steps {
		switch s.Rule {
		case RuleExtract, RulePostDial, RuleExtension:
			given = s.To
		}
	}
	return given
}
