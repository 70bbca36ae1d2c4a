package words

import (
	"strconv"

	"cornetta/dialer/setting"
)

// What there is to say of a setting, by its name in the settings file; "" where
// there is nothing to say.

// FieldName is how a setting is called on a form. field is its name in the
// settings file.
func FieldName(field string) string {
	if f, ok := in().field[field]; ok {
		return f.name
	}
	return other(field)
}

// FieldNote stands below a setting on a form, FieldUnit behind it.
func FieldNote(field string) string { return in().field[field].note }

// FieldUnit stands behind a setting on a form.
func FieldUnit(field string) string { return in().field[field].unit }

// FieldHelp is the help on the command line for the option that is a setting.
func FieldHelp(field string) string { return in().field[field].help }

// FieldValue is how one of a setting's values is called on a form: a code of a
// choice, or "true" of a switch.
func FieldValue(field, code string) string {
	if v, ok := in().field[field].values[code]; ok {
		return v.text
	}
	return other(code)
}

// FieldValueNote says what one of a setting's values means.
func FieldValueNote(field, code string) string { return in().field[field].values[code].note }

// NotFor says that a text on the command line is none for a setting, and what is.
func NotFor(d setting.Description, text string) string {
	takes := in().field[d.Key].takes
	switch {
	case takes != "":
	case d.Kind == setting.KindSwitch:
		takes = phraseOr.with("true", "false")
	case d.Kind == setting.KindCount:
		takes = phraseFromTo.with(strconv.Itoa(d.Low), strconv.Itoa(d.High))
	case d.Kind == setting.KindChoice:
		takes = d.Codes[0]
		for _, code := range d.Codes[1:] {
			takes = phraseOr.with(takes, code)
		}
	}
	return phraseNotFor.with(d.Key, takes, strconv.Quote(text))
}

// NoSetting says that there is no setting with that name.
func NoSetting(key string) string { return phraseNoSetting.with(strconv.Quote(key)) }

// PortTwice says that the command line was given two ports, one behind the host.
func PortTwice(host, port int) string {
	return phrasePortTwice.with(strconv.Itoa(host), strconv.Itoa(port))
}
