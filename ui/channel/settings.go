package channel

import (
	"cornetta/dialer/config"
	"cornetta/dialer/hook"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
)

// Settings is all that a person can choose but the secret, as it is in force. It
// is known at once.
type Settings struct {
	config.Config
	// KeyTroubles are those of the Keys that do nothing, by their names in the
	// settings file.
	KeyTroubles map[string]KeyTrouble `json:"key_troubles,omitempty"`
	// CopiesHighlighted says that on this system what is highlighted is read by
	// copying it, so that Keys.CopyHighlighted is to be asked for.
	CopiesHighlighted bool `json:"copies_highlighted,omitempty"`
	// Policy is why a part of an administrator's policy cannot be read, nil for nothing.
	Policy *status.Problem `json:"policy,omitempty"`
	// Accounts are the names of all accounts, in their order.
	Accounts []string `json:"accounts,omitempty"`
	// Regions are the countries whose numbers are known, by their two letters.
	Regions []string `json:"regions,omitempty"`
}

// KeyTrouble is why a combination of keys does nothing.
type KeyTrouble struct {
	Problem status.Problem `json:"problem"`
	Command string         `json:"command"` // what a key can be bound to in the desktop's own settings
}

// SecretView is what is known of the account's secret, never the secret.
type SecretView struct {
	Where string `json:"where,omitempty"` // SecretKeyring, SecretSession; "" where there is none
}

// Where a secret is kept.
const (
	SecretKeyring = "keyring" // in the system's keyring
	SecretSession = "session" // in the agent's memory until it ends
)

// Edit is what stands in a form. Where a part has its zero value, what is stored
// stays.
type Edit struct {
	Account  config.Account        `json:"account,omitzero"`
	Of       *string               `json:"of,omitempty"`  // the name of the account in use that the form was filled with
	Add      bool                  `json:"add,omitempty"` // Account is one more, to be used
	Link     config.ConnectionMode `json:"link,omitempty"`
	Secret   *string               `json:"secret,omitempty"` // of Account
	Numbers  *number.Settings      `json:"numbers,omitempty"`
	Keys     *config.Keys          `json:"keys,omitempty"`
	Register *Register             `json:"register,omitempty"`
	Language *config.Language      `json:"language,omitempty"`
	History  *config.History       `json:"history,omitempty"`

	Hooks      *hook.Settings `json:"hooks,omitempty"`
	BusNumbers *bool          `json:"bus_numbers,omitempty"`

	Phone      *config.Phone      `json:"phone,omitempty"`
	Codes      *config.Codes      `json:"codes,omitempty"`
	Colleagues *config.Colleagues `json:"colleagues,omitempty"`
}

// Saved is the answer to Save: what there is to tell.
type Saved struct {
	Warning     *status.Problem       `json:"warning,omitempty"`      // CodeSecretSession, what was not registered, or CodeCallGoesOn
	KeyTroubles map[string]KeyTrouble `json:"key_troubles,omitempty"` // as in Settings, once the new ones were tried
}

// Register is what the desktop is to know of Cornetta.
type Register struct {
	Links     bool `json:"links"`     // it opens tel: and callto: links with it
	Autostart bool `json:"autostart"` // and starts it with the session
}

// Enrolment is a file from an administrator that was opened, and what it would change.
type Enrolment struct {
	ID      uint64          `json:"id"` // a yes is one to it
	For     string          `json:"for,omitempty"`
	Changes []config.Change `json:"changes"`
	Account string          `json:"account,omitempty"` // a sentence, made by ui/words: which account it is about
}

// Registered is what the desktop knows of Cornetta now.
type Registered struct {
	Register
	Other string `json:"other,omitempty"` // the program it opens the links with instead, by its name
}
