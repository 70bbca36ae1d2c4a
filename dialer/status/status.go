// Package status is the vocabulary in which everything is told: whether dialling
// will work, how the call goes ([Snapshot]), and what went wrong ([Problem]).
//
// Whoever only shows that (the windows, the tray, a notification, a script)
// needs these words and nothing of what stands behind them, so the package
// imports none of it: cornetta-ui does not contain the protocol, the rules of
// numbers or the keyring. It has no goroutine and nothing that changes.
package status

import (
	"reflect"
	"slices"

	"cornetta/dialer/call"
)

// Snapshot is the one way out of a Dialer: everything a tray, a window, a
// notification or a script shows, immutable and complete.
type Snapshot struct {
	Seq        uint64          `json:"seq"` // grows with each change
	Connection Connection      `json:"link"`
	Trouble    *Problem        `json:"trouble,omitempty"`  // set when Connection is Trouble; with Unchecked, why nothing was tried
	Call       *call.Snapshot  `json:"call,omitempty"`     // the call going on, or else the last one
	Handed     []call.Snapshot `json:"handed,omitempty"`   // the calls before it whose transfer was not decided when it began
	Incoming   []call.Snapshot `json:"incoming,omitempty"` // the calls that come in; one that is over is told once
	Account    string          `json:"account,omitempty"`  // the name of the account in use, where it has one
	Extension  string          `json:"extension,omitempty"`
	Voicemail  Voicemail       `json:"voicemail,omitzero"`   // as it was last asked for
	Private    bool            `json:"private,omitempty"`    // the next call leaves no line in the history; the agent knows
	Missed     int             `json:"missed,omitempty"`     // calls that the person has not looked at yet; the agent knows
	Colleagues bool            `json:"colleagues,omitempty"` // their phones may be looked at; the agent knows
	Remind     int             `json:"remind,omitempty"`     // in so many minutes one can be reminded of the call, which found the line busy; the agent knows
	Windows    *Problem        `json:"windows,omitempty"`    // why the last window that was wanted could not be opened; the agent knows
}

// Voicemail is what the PBX said of the person's mailbox.
type Voicemail struct {
	Set   bool `json:"-"`     // the account has one
	Known bool `json:"known"` // false: nobody has asked, or the PBX did not say
	New   int  `json:"new"`
	Old   int  `json:"old"`
}

// Connection is whether dialling will work, as far as is known.
type Connection string

const (
	NotSetUp  Connection = "not_set_up" // no account, or no extension picked
	NoSecret  Connection = "no_secret"  // an account without its password
	Unchecked Connection = "unchecked"
	Checking  Connection = "checking"
	Ready     Connection = "ready"     // the last check went well; no session is open
	Connected Connection = "connected" // a session is open
	Trouble   Connection = "trouble"   // Trouble says what
)

// Same reports whether s tells nothing that o does not; Seq does not count.
func (s Snapshot) Same(o Snapshot) bool {
	return slices.Equal(s.Incoming, o.Incoming) && slices.Equal(s.Handed, o.Handed) && s.Missed == o.Missed && s.Connection == o.Connection && s.Private == o.Private &&
		s.Voicemail == o.Voicemail && s.Colleagues == o.Colleagues && s.Remind == o.Remind &&
		s.Extension == o.Extension && s.Account == o.Account &&
		reflect.DeepEqual(s.Trouble, o.Trouble) && reflect.DeepEqual(s.Windows, o.Windows) && (s.Call == o.Call || s.Call != nil && o.Call != nil && *s.Call == *o.Call)
}
