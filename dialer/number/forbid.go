package number

import "slices"

// kindSet is what a number is of that the settings can forbid.
type kindSet uint8

const (
	kindPremium kindSet = 1 << iota
	kindAbroad
	kindServiceCode
)

// forbidden is why numbers like p are never called, "" where they may be.
func (s Settings) forbidden(p Plan) Code {
	for _, k := range []struct {
		kind        kindSet
		never       string
		key         string
		locked, own Code
	}{
		{kindServiceCode, s.ServiceCodes, "service_codes", ServiceCodeForbidden, ServiceCodeOff},
		{kindPremium, s.Premium, "premium", PremiumForbidden, PremiumOff},
		{kindAbroad, s.Abroad, "abroad", AbroadForbidden, AbroadOff},
	} {
		switch {
		case p.kinds&k.kind == 0 || k.never != KindNever || p.Outcome == Error:
		case slices.Contains(s.Locked, k.key):
			return k.locked
		default:
			return k.own
		}
	}
	return ""
}

// without is p where nothing can be called or picked that the settings forbid. What is
// left to pick from stays.
func (s Settings) without(p Plan) Plan {
	var code Code
	some := len(p.Choices)
	p.Choices = slices.DeleteFunc(slices.Clone(p.Choices), func(c Plan) bool {
		no := s.forbidden(c)
		code = max(code, no)
		return no != ""
	})
	switch own := s.forbidden(p); {
	case own != "":
		code = own
	case p.Outcome == Error && len(p.Choices) < some && len(p.Choices) == 0:
	default:
		if p.Outcome != Error && len(p.Choices) < min(some, 2) {
			p.Choices = nil // there is nothing to choose any more
		}
		return p
	}
	w := work{Plan: p}
	w.fail(code)
	return w.Plan
}
