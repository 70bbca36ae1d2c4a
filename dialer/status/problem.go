package status

import (
	"errors"
	"strings"
	"time"

	"cornetta/ami/clean"
)

// Problem is why something was not done, or will not work: a code and its data.
// Whatever goes wrong is told in this form to the tray, a notification, the
// windows and the command line, and ui/words has the sentence for it. Which of
// the fields below are set depends on the code.
//
// A *Problem is an error, so that one that arrived from another program can be
// returned as it is.
type Problem struct {
	Code    Code          `json:"code"`
	Detail  clean.Foreign `json:"detail,omitempty"`  // technical, for the curious; untrusted
	Cert    *Cert         `json:"cert,omitempty"`    // the certificate at fault, where one is
	Until   time.Time     `json:"until,omitzero"`    // CodeLoginsHeld: when it is tried again
	Path    string        `json:"path,omitempty"`    // the file or folder that it is about
	Field   string        `json:"field,omitempty"`   // the setting at fault, by its name in the settings file
	Fault   string        `json:"fault,omitempty"`   // CodeField: dialer/config's code; CodeNotNumber, CodeSeveral: dialer/number's
	Attempt Attempt       `json:"attempt,omitempty"` // what was attempted, where the code does not tell
	Offers  []Offer       `json:"offers,omitempty"`  // CodeConfirm: the one to ask about; CodeSeveral: those to pick from
}

// Offer is what became of a text, as a person is shown it: what would be dialled, and
// why it has to be asked about first.
type Offer struct {
	ID      uint64   `json:"id,omitempty"`      // a yes is one to it; 0: it cannot be agreed to where it is shown
	Shown   string   `json:"shown,omitempty"`   // as number.Plan.Shown
	Reasons []string `json:"reasons,omitempty"` // dialer/number's for asking first, as words.NumberReason takes them
	Text    string   `json:"text,omitempty"`    // as it was written, for who picks one of several
	Line    string   `json:"line,omitempty"`    // number.Plan.Line: picking it answers for later numbers too
	Then    string   `json:"then,omitempty"`    // number.Plan.Then: the PBX keys it in where that is wished
	Codes   []Front  `json:"codes,omitempty"`   // those that can be put in front for this call
	Problem *Problem `json:"problem,omitempty"` // why nothing would be dialled
	Choices []Offer  `json:"choices,omitempty"` // one of these has to be picked instead
}

// Dial is the dial string, byte for byte.
func (o Offer) Dial() string { return strings.ReplaceAll(o.Shown, " ", "") }

// Wish is what a person chose beside their yes to an Offer.
type Wish struct {
	Then bool   `json:"then,omitempty"` // the PBX is to key in Offer.Then
	Code string `json:"code,omitempty"` // the Key of one of Offer.Codes, whose Shown is what they have seen
}

// Front is a code that can be put in front of a number, and what is dialled with it.
type Front struct {
	Key   string `json:"key"` // number.CallCode's
	Name  string `json:"name,omitempty"`
	Shown string `json:"shown"`
}

// Error gives the names, no sentence and nothing private: it is for logs.
func (p *Problem) Error() string {
	s := "problem: " + string(p.Code)
	var more []string
	for _, name := range []string{string(p.Attempt), p.Field, p.Fault} {
		if name != "" {
			more = append(more, name)
		}
	}
	if len(p.Offers) == 1 {
		more = append(more, p.Offers[0].Reasons...)
	}
	if len(more) > 0 {
		s += " (" + strings.Join(more, ", ") + ")"
	}
	return s
}

// Problem implements [Problematic].
func (p *Problem) Problem() Problem { return *p }

// Is reports whether p is what target, made by [NewError], becomes on its way from
// another program.
func (p *Problem) Is(target error) bool {
	n, ok := target.(*named)
	return ok && n.code == p.Code
}

// Find returns the Problem in err's chain, nil where it has another code.
func Find(err error, code Code) *Problem {
	var p *Problem
	if !errors.As(err, &p) || p.Code != code {
		return nil
	}
	return p
}

// Problematic is an error that knows what it is to people. dialer.ProblemOf asks
// the outermost one of a chain.
type Problematic interface {
	error
	Problem() Problem
}

// NewError is an error value for errors.Is, with its code. text is for logs.
func NewError(code Code, text string) error { return &named{code, text} }

type named struct {
	code Code
	text string
}

func (e *named) Error() string    { return e.text }
func (e *named) Problem() Problem { return Problem{Code: e.code} }

// Attempt is what somebody wanted done.
type Attempt string

const (
	AttemptDial       Attempt = "dial"
	AttemptHangUp     Attempt = "hang_up"
	AttemptTransfer   Attempt = "transfer" // the call in hand
	AttemptConnect    Attempt = "connect"  // log in at the PBX
	AttemptList       Attempt = "list"     // the PBX's extensions
	AttemptLoad       Attempt = "load"     // the settings
	AttemptSave       Attempt = "save"     // them
	AttemptRemember   Attempt = "remember" // a call, in the history
	AttemptSecret     Attempt = "secret"   // read or keep the password
	AttemptRegister   Attempt = "register"
	AttemptRegistered Attempt = "registered" // find out what the desktop opens links with
	AttemptKeys       Attempt = "keys"       // have combinations of keys
	AttemptCopied     Attempt = "copied"     // read what was copied or highlighted
	AttemptStatus     Attempt = "status"     // ask the agent how things stand
	AttemptStart      Attempt = "start"      // be the agent
	AttemptQuit       Attempt = "quit"       // have it end
	AttemptHistory    Attempt = "history"    // read or change the list of calls
	AttemptHook       Attempt = "hook"       // do what is to be done at a state of a call
	AttemptContacts   Attempt = "contacts"   // read a directory of people, or the index made of them
)

// Cert is what a person needs to see of a certificate before trusting it. Its
// texts come from whoever answered.
type Cert struct {
	Fingerprint string        `json:"fingerprint"`      // SHA-256, lower-case hex, as config.Account.TLSPin takes it
	Pinned      string        `json:"pinned,omitempty"` // the one that was trusted before, where it changed
	Subject     clean.Foreign `json:"subject"`          // untrusted
	NotBefore   time.Time     `json:"not_before"`
	NotAfter    time.Time     `json:"not_after"`
}

// Code names a problem. Each is used for one thing, and is stable: scripts read
// it in `cornetta status --json`.
type Code string

// What can be wrong with the connection to the PBX.
const (
	CodeNameNotFound    Code = "name_not_found" // the host name is not known
	CodeRefused         Code = "refused"        // the port is closed
	CodeUnreachable     Code = "unreachable"    // no route, or no answer in time
	CodeNotAMI          Code = "not_ami"        // something else answers on that port
	CodeProxy           Code = "proxy"          // not the AMI itself: a proxy in front of it
	CodeTooOld          Code = "too_old"        // an Asterisk whose events cannot be followed
	CodeTooMany         Code = "too_many"       // the PBX takes no more logins just now
	CodeLoginRefused    Code = "login_refused"  // user, password, or the PBX's list of allowed addresses
	CodeLoginClosed     Code = "login_closed"   // it hung up instead of answering the login
	CodeLoginsHeld      Code = "logins_held"    // too many were refused: none is tried before Until
	CodeAlreadyIn       Code = "already_in"     // the PBX allows this user one session
	CodeLoginTimeout    Code = "login_timeout"  // it never answered the login
	CodeAuthMethod      Code = "auth_method"    // no MD5 challenge on a connection in clear
	CodeNotTLS          Code = "not_tls"        // a server in clear on the TLS port
	CodeTLSVersion      Code = "tls_version"    // only TLS older than 1.2
	CodeCertSelf        Code = "cert_self_signed"
	CodeCertUnknownCA   Code = "cert_unknown_ca"
	CodeCertExpired     Code = "cert_expired"
	CodeCertNotYet      Code = "cert_not_yet_valid"
	CodeCertHost        Code = "cert_wrong_host"
	CodeCertChanged     Code = "cert_changed"
	CodeCertAuthorities Code = "cert_authorities"  // the file at Path with those to trust cannot be read
	CodeCertInvalid     Code = "cert_invalid"      // in none of these ways
	CodeNoPermission    Code = "no_permission"     // the AMI user lacks a right
	CodeNoList          Code = "no_extension_list" // the PBX cannot list extensions; dialling may work all the same
	CodeActionRefused   Code = "action_refused"    // the PBX answered an error that nobody foresaw; Detail is its words
	CodeNoReply         Code = "no_reply"          // the PBX did not answer what it was asked in a session
	CodeKeyring         Code = "keyring"           // the keyring did not answer
	CodeKeyringAsks     Code = "keyring_asks"      // it asks the person for its own password, and is waited for
	CodeConnectionLost  Code = "link_lost"
	CodeProtocol        Code = "protocol" // it spoke something we do not understand
	CodeTooMuch         Code = "too_much" // it sends more than is taken: the connection was given up

	CodeCertWeakKey       Code = "cert_weak_key"       // too short a key, also of who issued it
	CodeCertWeakSignature Code = "cert_weak_signature" // made with SHA-1 or MD5
	CodeCertUnsupported   Code = "cert_unsupported"    // a key of a kind that is not known
	CodeTLSFailed         Code = "tls_failed"          // no encryption in common
	CodeChallenge         Code = "challenge"           // none of Asterisk's: it was not answered
	CodeNetworkUnknown    Code = "network_unknown"     // in clear, nobody dialled in this network yet: it waits for a dial
)

// Why a call was not placed or not ended.
const (
	CodeNotSetUp       Code = "not_set_up" // no account, or no extension
	CodeSecretMissing  Code = "secret_missing"
	CodeCallInProgress Code = "call_in_progress" // one call at a time
	CodeNoCall         Code = "no_call"          // nothing to hang up
	CodeCallGoesOn     Code = "call_goes_on"     // an account was saved in mid-call, and is in force when that is over
	CodeForbidden      Code = "forbidden"        // such numbers are never called; Fault says which
	CodeStale          Code = "stale"            // the PBX took so long to answer that nothing was dialled
	CodeAccountChanged Code = "account_changed"  // or the rules for numbers were; nothing was dialled
	CodeNotNumber      Code = "not_a_number"     // Fault says why
	CodeSeveral        Code = "several"          // Offers are in it; Fault says why it is no number
	CodeConfirm        Code = "confirm"          // to be asked about first: Offers
)

// Why a call cannot be transferred.
const (
	CodeTransferNotNow  Code = "transfer_not_now"  // nobody has answered, or the PBX itself
	CodeTransferGoesOn  Code = "transfer_goes_on"  // it is being transferred already
	CodeNoTransfer      Code = "no_transfer"       // no attended one, to be completed or taken back
	CodeTransferRefused Code = "transfer_refused"  // the PBX lets its user do no such thing
	CodeNoAttended      Code = "transfer_attended" // the PBX has no code for attended ones
	CodeTransferContext Code = "transfer_context"  // the number leads nowhere where transferred calls go on
)

// What can be wrong with settings, and with the password among them.
const (
	CodeField            Code = "field"              // Field and Fault say what
	CodeSettingsReadOnly Code = "settings_read_only" // the file or folder cannot be written
	CodeSettingsNewer    Code = "settings_newer"     // the file was written by a later version
	CodeSettingsSyntax   Code = "settings_syntax"    // the file at Path cannot be read as settings; Field and Fault, where they are why
	CodeSettingsRestored Code = "settings_restored"  // it was damaged and is kept as Path; those of before are in force
	CodeSettingsStuck    Code = "settings_stuck"     // the file at Path is damaged and cannot be replaced; those of before are in force
	CodeSettingsKept     Code = "settings_kept"      // it was damaged and is kept as Path; what was saved is in force
	CodePolicyLocked     Code = "policy_locked"      // Field is set by an administrator, at Path
	CodePolicyDamaged    Code = "policy_damaged"     // the policy at Path cannot be read; what it said before is in force
	CodePolicyStrict     Code = "policy_strict"      // the same, and nobody knows what it said: all is forbidden that can be
	CodePolicyUnknown    Code = "policy_unknown"     // it has something under Field that is no setting
	CodePolicyValue      Code = "policy_value"       // what it says for Field is wrong: Fault
	CodePolicyConflict   Code = "policy_conflict"    // Field is locked there again, and otherwise
	CodePolicySecret     Code = "policy_secret"      // it has a password in it, which is not used
	CodeEnrolment        Code = "enrolment"          // the file at Path is no enrolment: Field and Fault, or Detail
	CodeEnrolmentSecret  Code = "enrolment_secret"   // it has a password in it
	CodeEnrolmentAsks    Code = "enrolment_asks"     // nothing was changed: somebody has to say yes
	CodeEnrolmentRisk    Code = "enrolment_risk"     // the same: it takes away protection
	CodeAccountUnknown   Code = "account_unknown"    // there is none with that name
	CodeAccountsFull     Code = "accounts_full"      // there are as many as there may be
	CodeSecretBad        Code = "secret_bad"         // a line break, a NUL or too long
	CodeSecretSession    Code = "secret_session"     // no keyring took it: it is kept until the program ends
)

// Why what was copied or highlighted could not be dialled.
const (
	CodeCopiedEmpty       Code = "copied_empty"
	CodeCopiedSince       Code = "copied_since" // something else was, than was shown
	CodeCopiedTimeout     Code = "copied_timeout"
	CodeCopiedTooLarge    Code = "copied_too_large"
	CodeCopiedUnavailable Code = "copied_unavailable"
	CodeCopiedWlPaste     Code = "copied_wl_paste"  // a program is missing
	CodeCopiedOff         Code = "copied_off"       // reading it has to be turned on
	CodeCopiedNotText     Code = "copied_not_text"  // what was copied before would be lost
	CodeCopiedKeysHeld    Code = "copied_keys_held" // for too long
)

// Why a combination of keys does nothing.
const (
	CodeKeysTaken       Code = "keys_taken" // by another program
	CodeKeysNoKey       Code = "keys_no_key"
	CodeKeysRefused     Code = "keys_refused"
	CodeKeysNoPortal    Code = "keys_no_portal" // this desktop gives programs no keys
	CodeKeysUnsupported Code = "keys_unsupported"
	CodeKeysBad         Code = "keys_bad"  // no combination that can be used
	CodeKeysLost        Code = "keys_lost" // the connection to the desktop, for now
)

// What became of telling the desktop about Cornetta.
const (
	CodeDesktopForeign Code = "desktop_foreign" // a file in the way that Cornetta did not write
	CodeDesktopFailed  Code = "desktop_failed"  // its files cannot be read or written
	CodeDesktopPartly  Code = "desktop_partly"  // done, but not every opener of links understands the path
)

// What can be wrong with a directory of people, and with the index made of them.
const (
	CodeContactsDamaged   Code = "contacts_damaged"   // the index; it is made again when the sources are next read
	CodeNoCallBefore      Code = "no_call_before"     // the history has no call to be made again
	CodeNoEntry           Code = "no_entry"           // there is no call with that number in the history
	CodeSourceUnknown     Code = "source_unknown"     // there is no source with that id
	CodeSourceMissing     Code = "source_missing"     // nothing is at Path
	CodeSourceNone        Code = "source_none"        // what is at Path has no people in it, in the form that was expected
	CodeSourceForm        Code = "source_form"        // it is in another form, Detail
	CodeSourceLarge       Code = "source_large"       // more than is taken
	CodeSourceLogin       Code = "source_login"       // the directory refused user or password
	CodeFavouritesFull    Code = "favourites_full"    // there are as many as there may be
	CodeSourceBusy        Code = "source_busy"        // another program is reading the sources just now
	CodeSourceUnsupported Code = "source_unsupported" // an address that nothing is read from
	CodeSourceBase        Code = "source_base"        // the directory has nothing at that address or base
	CodeSourceRights      Code = "source_rights"      // it does not let the user read there
	CodeSourceClear       Code = "source_clear"       // it offers no encryption, and nobody chose to do without
	CodeSourceNeedsTLS    Code = "source_needs_tls"   // it takes nothing in clear
	CodeSourceLimit       Code = "source_limit"       // it gives less than all
	CodeSourceEmpty       Code = "source_empty"       // it shows nobody there to this user
	CodeSourceElsewhere   Code = "source_elsewhere"   // it sends to another server, Detail, which is not given the secret
)

// What can be wrong with what is done at the states of a call.
const (
	CodeHookFailed Code = "hook_failed" // Field is its setting, Detail what went wrong
	CodeHookSlow   Code = "hook_slow"   // it was ended, or the one before it takes too long
)

// Why nothing is told of a colleague's phone.
const (
	CodeColleaguesOff Code = "colleagues_off" // it is not switched on, or an administrator has locked it
	CodeNoColleague   Code = "no_colleague"   // the PBX tells nothing of that extension
	CodeTellFull      Code = "tell_full"      // as many are waited for as can be
)

// Between Cornetta's own programs, and what can happen anywhere.
const (
	CodeAgentSilent    Code = "agent_silent"    // the running agent does not answer
	CodeSocketStranger Code = "socket_stranger" // another user's endpoint in the place of ours
	CodeWatchers       Code = "watchers"        // as many programs follow the states of calls as can
	CodeNoWindows      Code = "no_windows"      // the program that draws them is missing
	CodeNoRoom         Code = "no_room"         // the system lets no more programs be started, or has no memory
	CodeNoDisplay      Code = "no_display"      // for windows
	CodeNoOpenGL       Code = "no_opengl"       // to draw windows with
	CodeWindowsLibrary Code = "windows_library" // the program that draws them lacks a library; Detail names it
	CodeWindowsNotRun  Code = "windows_not_run" // the system does not allow it to be run
	CodeWindowsAlien   Code = "windows_alien"   // it is for another kind of computer, or damaged
	CodeWindowsEnded   Code = "windows_ended"   // it ends before it has shown any
	CodeNotAnswered    Code = "not_answered"    // a question without a window
	CodeNoQuestion     Code = "no_question"     // there are no windows, and the desktop has nothing else to ask with
	CodeEnding         Code = "ending"          // Cornetta is being quit
	CodeInterrupted    Code = "interrupted"     // whoever asked gave it up
	CodeDiskFull       Code = "disk_full"       // no room for Path
	CodeNoAccess       Code = "no_access"       // this user may not read or write Path, or nobody may write there
	CodeFolderShared   Code = "folder_shared"   // other users can write in the folder at Path
	CodeUnsupported    Code = "unsupported"     // not on this system
	CodeUnforeseen     Code = "unforeseen"      // Attempt says what was attempted, Detail what went wrong
)
