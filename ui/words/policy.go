package words

import (
	"cornetta/ami/clean"
	"cornetta/dialer/setting"
)

// LockedBy stands below a setting on a form that an administrator has locked at place,
// a file or a key of the registry.
func LockedBy(place string) string { return phraseLockedBy.with(clean.Text(place, maxPath)) }

// DefaultIn and LockedIn tell that the value of a setting is an administrator's.
func DefaultIn(place string) string { return phraseDefaultIn.with(clean.Text(place, maxPath)) }
func LockedIn(place string) string  { return phraseLockedIn.with(clean.Text(place, maxPath)) }

// Change tells that a setting would have another value, in texts as its Parse takes them.
func Change(d setting.Description, old, now string) string {
	return phraseChange.with(FieldName(d.Key), SettingText(d, old), SettingText(d, now))
}

// SettingText is the value of a setting as people read it.
func SettingText(d setting.Description, text string) string {
	switch {
	case text == "" && d.Kind != setting.KindChoice:
		return Text(LabelNothing)
	case d.Kind == setting.KindSwitch && text == "true":
		return Text(LabelOn)
	case d.Kind == setting.KindSwitch:
		return Text(LabelOff)
	case d.Kind == setting.KindChoice:
		return FieldValue(d.Key, text)
	}
	return clean.Text(text, maxPath)
}

// EnrolmentFor tells whom an enrolment was made for.
func EnrolmentFor(name string) string { return phraseEnrolmentFor.with(clean.Text(name, clean.Name)) }

// PolicyCategory is what the settings of a group policy are called together; l says how
// far they go.
func PolicyCategory(l Label) string { return phraseInPolicy.with(Text(LabelApp), Text(l)) }

// FieldWant is a sentence on what a setting should hold.
func FieldWant(field string) string { return in().field[field].want }

// EnrolmentRisk says what protection a change of the setting with that key would take
// away.
func EnrolmentRisk(key string) string {
	return Text(map[string]Label{
		"tls": SayRiskTLS, "tls_pin": SayRiskPin, "tls13": SayRiskTLS13, "tls_ca": SayRiskCA, "directories": SayRiskDirectory,
	}[key])
}
