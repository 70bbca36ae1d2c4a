package words

import "cornetta/ami/clean"

// What is said where there are several accounts.
const (
	LabelAccount       Label = "account"         // which is in use
	LabelAddAccount    Label = "add_account"     // a button: the assistant opens
	LabelRemoveAccount Label = "remove_account"  // a button
	LabelRemoveSure    Label = "remove_account!" // the same, pressed once
	LabelNoName        Label = "no_name"         // of an account
	SaySaveFirst       Label = "say_save_first"
	SayAddAccount      Label = "say_add_account"
)

// NameOfAccount is the name of an account where there may be none.
func NameOfAccount(name string) string {
	if name == "" {
		return Text(LabelNoName)
	}
	return clean.Text(name, clean.Name)
}

// AccountInUse is the line of a menu that says which account is in use; here, that it is
// the network's.
func AccountInUse(name string, here bool) string {
	if here {
		return phraseAccountHere.with(NameOfAccount(name))
	}
	return phraseAccountInUse.with(NameOfAccount(name))
}

// AccountChosen is the line of a menu for the account that is in use.
func AccountChosen(name string) string { return phraseChosen.with(NameOfAccount(name)) }

// InUse tells that an account is in use from now on.
func InUse(name string) string { return phraseInUse.with(NameOfAccount(name)) }

// AccountName is the first line of an account that has a name.
func AccountName(name string) string { return phraseAccountName.with(NameOfAccount(name)) }

// EnrolmentAccount says which account an enrolment would add or change.
func EnrolmentAccount(name string, adds bool) string {
	if adds {
		return phraseEnrolmentAdds.with(NameOfAccount(name))
	}
	return phraseEnrolmentChanges.with(NameOfAccount(name))
}

// StatusOf is a status with the account that it is of.
func StatusOf(account, what string) string {
	if account == "" {
		return what
	}
	return phraseNumberAndName.with(what, clean.Text(account, clean.Name))
}
