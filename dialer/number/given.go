package number

// Given is the number as it came in, without the text that it was taken out of.
func (p Plan) Given() string {
	given := p.Input
	for _, s := range p.Steps {
		if s.Rule == RuleExtract {
			given = s.To
		}
	}
	return given
}
