package number

import "slices"

// Given is the number as it came in, without the text that it was taken out of, and without
// what stands behind it to be keyed in, which may be a secret. A link that has such a
// parameter is without all of them.
func (p Plan) Given() string {
	given := p.Input
	followed := slices.Contains(p.Reasons, ReasonExtensionDropped) || slices.Contains(p.Reasons, ReasonPostDialDropped)
	for _, s := range p.Steps {
		switch s.Rule {
		case RuleExtract, RulePostDial, RuleExtension:
			given = s.To
		case RuleParameters:
			if followed {
				given = s.To
			}
		}
	}
	return given
}
