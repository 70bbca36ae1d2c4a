package words

import (
	"runtime"
	"strings"
	"time"

	"cornetta/ami/clean"
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
		all = append(all, NumberReason(code).paragraph())
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

// maxPath is the characters of the longest path.
const maxPath = 4096

// Problem says what went wrong. The detail of a problem is technical and is no
// part of the sentence, except where it is all there is to say: an answer of the
// PBX, or an error, that nobody foresaw.
func Problem(p status.Problem) Sentence {
	entry, known := in().problem[p.Code]
	if !known {
		entry = saying{other(string(p.Code)), in().problem[status.CodeUnforeseen].Do}
	}
	// Of a directory the sentence says by itself what it is about.
	directory, own := in().directory[p.Code]
	if own = own && p.Attempt == status.AttemptContacts; own {
		entry = directory
	}
	s := entry.told()
	detail := Clean(p.Detail)
	switch p.Code {
	case status.CodeNotNumber, status.CodeForbidden:
		return NumberError(p.Fault)
	case status.CodeSeveral:
		return several(p)
	case status.CodeField:
		return FieldError(p.Field, p.Fault)
	case status.CodeLoginsHeld:
		if !p.Until.IsZero() { // rounded up: who comes at that minute must not be too early
			s = saying{entry.What, phraseLoginsHeld.with(p.Until.Local().Add(time.Minute - 1).Format(in().clock))}.told()
		}
	case status.CodeSourceElsewhere, status.CodeSourceForm:
		if detail != "" {
			s.What = phraseInPolicy.with(s.What, detail)
		}
	case status.CodeActionRefused:
		if detail != "" {
			s = s.and(phrasePBXSaid.with(detail))
		}
	case status.CodeHookFailed, status.CodeHookSlow:
		if p.Field != "" {
			s.What = phraseInPolicy.with(s.What, FieldName(p.Field))
		}
		if detail != "" {
			s = s.and(phraseReason.with(clean.Text(p.Detail.Text(), clean.Detail)))
		}
	case status.CodePolicyLocked:
		s.What = phraseLockedField.with(FieldName(p.Field))
	case status.CodePolicyUnknown, status.CodePolicyConflict:
		s.What = phraseInPolicy.with(s.What, clean.Text(p.Field, clean.Name))
	case status.CodePolicyValue:
		s.What = phraseInPolicy.with(s.What, FieldError(p.Field, p.Fault).What)
	case status.CodePolicyDamaged, status.CodePolicyStrict:
		if detail != "" {
			s = s.and(phraseReason.with(clean.Text(p.Detail.Text(), clean.Detail)))
		}
	case status.CodeEnrolment:
		switch {
		case p.Field != "" && p.Fault == "unknown":
			s.What = phraseInPolicy.with(s.What, clean.Text(p.Field, clean.Name))
		case p.Field != "":
			s.What = phraseInPolicy.with(s.What, FieldError(p.Field, p.Fault).What)
		case detail != "":
			s = s.and(phraseReason.with(clean.Text(p.Detail.Text(), clean.Detail)))
		}
	case status.CodeSettingsSyntax:
		if p.Field != "" {
			s.What += ": " + FieldError(p.Field, p.Fault).What
		}
	case status.CodeUnforeseen, status.CodeDesktopFailed:
		if detail != "" {
			s = s.and(phraseReason.with(clean.Text(p.Detail.Text(), clean.Detail)))
		}
	}
	switch p.Code {
	case status.CodeNoOpenGL:
		if runtime.GOOS == "windows" {
			s = saying{entry.What, phraseOpenGLWindows.with()}.told()
		}
	case status.CodeWindowsAlien:
		if runtime.GOOS == "windows" {
			s = s.and(phraseAlienOnWindows.with())
		}
	case status.CodeWindowsLibrary:
		if detail != "" {
			s = s.and(phraseLacks.with(detail))
		}
	}
	if p.Path != "" { // whole, or it is of no use
		path := clean.Text(p.Path, maxPath)
		switch p.Code {
		case status.CodeSettingsRestored, status.CodeSettingsKept:
			s = s.and(phraseKept.with(path))
		default:
			s = s.and(phraseFile.with(path))
		}
	}
	attempt, told := in().attempt[p.Attempt]
	switch {
	case !told || own || strings.HasPrefix(string(p.Code), "source_"):
	case p.Code == status.CodeUnforeseen:
		s.What = attempt
	default:
		s = Sentence{What: attempt, Do: s.String(), here: s.Here().String()}
	}
	return s
}

// ProblemText is Problem as a paragraph of whole sentences; "" for nil.
func ProblemText(p *status.Problem) string {
	if p == nil {
		return ""
	}
	return Problem(*p).paragraph()
}

// ProblemHere is ProblemText for who has the settings before them.
func ProblemHere(p *status.Problem) string {
	if p == nil {
		return ""
	}
	return Problem(*p).Here().paragraph()
}

// ProblemInTerminal is Problem for the command line: there the way out may be a
// command.
func ProblemInTerminal(p status.Problem) string {
	if text, ok := in().terminal[p.Code]; ok && p.Attempt == "" {
		return text
	}
	return Problem(p).String()
}

// KeysTrouble says why a combination of keys does nothing. With
// status.CodeKeysNoPortal command is what a key can be bound to elsewhere.
func KeysTrouble(keys string, p status.Problem, command string) Sentence {
	if p.Code == status.CodeKeysNoPortal {
		return Sentence{What: phraseKeysCommand.with(Clean(keys)), Do: phraseBindCommand.with(command)}
	}
	s := Problem(p)
	s.What = phraseKeys.with(Clean(keys), s.What)
	return s
}

// KeysNews tells that there are such combinations. why is KeysTrouble of each, a
// line of its own.
func KeysNews(why string) Sentence { return Sentence{What: phraseKeysNews.with(), Do: why} }

// Step names one stage of the check of an account.
func Step(step status.Step) string {
	if s, ok := in().step[step]; ok {
		return s
	}
	return other(string(step))
}
