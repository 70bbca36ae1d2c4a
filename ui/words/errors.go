package words

import (
	"strings"

	"cornetta/dialer/status"
)

// NumberError says why a text is not a number that can be dialled. code is one
// of dialer/number's.
func NumberError(code string) Sentence {
	if s, ok := in().number[code]; ok {
		return s.told()
	}
	return in().number["not_a_number"].told()
}

// NumberReason says why a number is not dialled before somebody has said yes.
// code is one of dialer/number's reasons. Behind "international" and a colon may
// stand the two letters of the country.
func NumberReason(code string) Sentence {
	code, region, _ := strings.Cut(code, ":")
	if s, ok := in().reason[code]; ok {
		if name := Country(region); name != "" && code == "international" {
			s.What = phraseInCountry.with(name)
		}
		return s.told()
	}
	return Sentence{What: other(code)}
}

// NumberReasons is a paragraph of whole sentences.
func NumberReasons(codes []string) string {
	var all []string
	for _, code := range codes {
		s := NumberReason(code).String()
		if !strings.HasSuffix(s, ".") {
			s += "."
		}
		all = append(all, s)
	}
	return strings.Join(all, " ")
}

// NumberRule says what a step on the way from a text to a dial string did. rule
// is one of dialer/number's.
func NumberRule(rule string) string {
	if s, ok := in().rule[rule]; ok {
		return s
	}
	return other(rule)
}

// FieldError says what is wrong with a setting. field is the setting's name in
// the settings file, code one of dialer/config's.
func FieldError(field, code string) Sentence {
	fault, ok := in().fault[code]
	if !ok {
		fault = in().fault["invalid"]
	}
	f, ok := in().field[field]
	if !ok {
		f.name = other(field)
	}
	return Sentence{What: phraseField.with(f.name, fault), Do: f.want}
}

// Problem says why something the windows asked for was not done. kind and code
// are those of ui/channel's Problem; field is looked at with kind "field".
func Problem(kind, code, field string) Sentence {
	switch kind {
	case "number":
		return NumberError(code)
	case "field":
		return FieldError(field, code)
	case "trouble":
		return Trouble(status.Trouble{Code: status.Code(code)})
	}
	if s, ok := in().problem[kind+"/"+code]; ok {
		return s.told()
	}
	return in().problem["internal"].told()
}

// KeysTrouble says why a combination of keys does nothing. code is one of
// "taken", "no_key", "refused", "lost", "unsupported", "bad" and "no_portal",
// with which command is what a key can be bound to elsewhere.
func KeysTrouble(keys, code, command string) Sentence {
	if code == "no_portal" {
		return Sentence{What: phraseKeysCommand.with(Clean(keys)), Do: phraseBindCommand.with(command)}
	}
	s := Problem("keys", code, "")
	s.What = phraseKeys.with(Clean(keys), s.What)
	return s
}

// KeysNews tells that there are such combinations. why is KeysTrouble of each, a
// line of its own.
func KeysNews(why string) Sentence { return Sentence{What: phraseKeysNews.with(), Do: why} }

// Step names one stage of the check of an account: "resolve", "connect",
// "tls", "banner", "login" or "rights".
func Step(step string) string {
	if s, ok := in().step[step]; ok {
		return s
	}
	return other(step)
}
