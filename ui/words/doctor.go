package words

import (
	"fmt"
	"strings"
	"time"

	"cornetta/dialer/status"
)

// Found names what a check of the doctor's found, where that is no status.Problem.
type Found string

const (
	FoundHung    Found = "hung"    // how long
	FoundBecause Found = "because" // names of checks
	FoundAt      Found = "at"      // what is wrong, where

	FoundSettings Found = "settings" // the PBX

	FoundPolicy     Found = "policy"
	FoundPolicyNone Found = "policy_none"

	FoundName       Found = "name"        // a name, its addresses, how long
	FoundAddress    Found = "address"     // an address
	FoundNoResolver Found = "no_resolver" // how long

	FoundPort     Found = "port"      // addresses
	FoundPortSome Found = "port_some" // addresses, others

	FoundTLSOff    Found = "tls_off"
	FoundTLS       Found = "tls"        // version, days
	FoundTLSPinned Found = "tls_pinned" // version, days
	FoundTLSSoon   Found = "tls_soon"   // version, days
	FoundTLSPast   Found = "tls_past"   // version, date
	FoundTLSSpoken Found = "tls_spoken"
	FoundTLSSilent Found = "tls_silent"

	FoundBanner       Found = "banner" // version
	FoundBannerSilent Found = "banner_silent"

	FoundKeyring        Found = "keyring" // its kind
	FoundKeyringSession Found = "keyring_session"
	FoundKeyringLocked  Found = "keyring_locked" // its kind
	FoundKeyringNone    Found = "keyring_none"
	FoundKeyringSilent  Found = "keyring_silent"
	FoundKeyringEmpty   Found = "keyring_empty" // its kind

	FoundLogin        Found = "login"
	FoundLoginRefused Found = "login_refused" // this computer's address
	FoundLoginSilent  Found = "login_silent"
	FoundLoginFew     Found = "login_few" // refused, of how many

	FoundRights        Found = "rights"         // the list
	FoundRightsMissing Found = "rights_missing" // the missing, the list
	FoundRightsMuch    Found = "rights_much"    // too much, the list
	FoundRightsUntold  Found = "rights_untold"

	FoundClock       Found = "clock"        // how long
	FoundClockAhead  Found = "clock_ahead"  // how long
	FoundClockBehind Found = "clock_behind" // how long
	FoundClockUntold Found = "clock_untold"

	FoundTenant         Found = "tenant"          // contexts
	FoundContexts       Found = "contexts"        // contexts
	FoundTenantMissing  Found = "tenant_missing"  // contexts
	FoundTenantOther    Found = "tenant_other"    // contexts
	FoundContextThere   Found = "context"         // contexts
	FoundContextMissing Found = "context_missing" // contexts
	FoundContextOther   Found = "context_other"   // contexts
	FoundTenantUntold   Found = "tenant_untold"

	FoundExtension        Found = "extension"         // extension
	FoundExtensionInUse   Found = "extension_in_use"  // extension
	FoundExtensionOff     Found = "extension_off"     // extension
	FoundExtensionUnknown Found = "extension_unknown" // extension, how many there are
	FoundExtensionUntold  Found = "extension_untold"

	FoundCall        Found = "call"         // how long until it was answered
	FoundCallOpen    Found = "call_open"    // how long it was waited for
	FoundCallRefused Found = "call_refused" // the number

	FoundAgent      Found = "agent" // version, how things stand
	FoundAgentNone  Found = "agent_none"
	FoundAgentOlder Found = "agent_older"

	FoundBus         Found = "bus"
	FoundBusNone     Found = "bus_none"
	FoundDisplay     Found = "display" // its name
	FoundDisplayNone Found = "display_none"

	FoundTray       Found = "tray"
	FoundTrayNone   Found = "tray_none"
	FoundTrayNoIcon Found = "tray_no_icon"

	FoundNotes        Found = "notes" // the daemon, what it can
	FoundNotesSystem  Found = "notes_system"
	FoundNotesNone    Found = "notes_none"
	FoundNotesSilent  Found = "notes_silent"
	FoundNotesButtons Found = "notes_buttons" // the daemon, what it can

	FoundKeys     Found = "keys" // combinations
	FoundKeysNone Found = "keys_none"

	FoundOpens        Found = "opens"         // the program
	FoundOpensOther   Found = "opens_other"   // its name, its path, what decides
	FoundOpensNobody  Found = "opens_nobody"  // nothing
	FoundOpensBrowser Found = "opens_browser" // nothing
	FoundOpensGone    Found = "opens_gone"    // the program, what decides
	FoundOpensQuoted  Found = "opens_quoted"  // the program
	FoundOpensSilent  Found = "opens_silent"

	FoundReadable Found = "readable"
	FoundUnread   Found = "unread"

	FoundGL       Found = "gl" // who draws
	FoundGLNone   Found = "gl_none"
	FoundGLSilent Found = "gl_silent" // how long
	FoundUINone   Found = "ui_none"

	FoundAlone      Found = "alone"
	FoundOthersOf   Found = "others_of"   // how many people
	FoundOtherOwn   Found = "other_own"   // process
	FoundOtherOld   Found = "other_old"   // process
	FoundOtherPlace Found = "other_place" // process, its path

	FoundDisk    Found = "disk"     // megabytes
	FoundDiskLow Found = "disk_low" // megabytes, folder

	FoundVersions       Found = "versions"        // of Cornetta, the system, the desktop
	FoundVersionsDiffer Found = "versions_differ" // of cornetta, of cornetta-ui or the agent, the system
)

// Find is what was found, with its parts, and what to do about it.
func (f Found) Find(parts ...any) Sentence {
	s := in().found[f]
	s.What, s.Do = fill(s.What, parts), fill(s.Do, parts)
	return s.told()
}

// fill is a format with its parts, of which it may use none.
func fill(format string, parts []any) string {
	if !strings.Contains(format, "%[") {
		return format
	}
	return fmt.Sprintf(format, parts...)
}

// Check is what the check of that id looks at.
func Check(id string) string {
	if name, ok := in().check[id]; ok {
		return name
	}
	return other(id)
}

// DayCount is so many days, in words.
func DayCount(n int) string { return pluralDays.of(n) }

// Short is a duration as a person reads it.
func Short(d time.Duration) string {
	switch d = d.Abs(); {
	case d < time.Millisecond:
		return "< 1 ms"
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Round(time.Minute)/time.Minute))
	}
	return fmt.Sprintf("%d h", int(d.Round(time.Hour)/time.Hour))
}

// Date is a day, as a person writes it.
func Date(t time.Time) string { return in().date(t) }

// FindingState is the word for how a check ended.
func FindingState(s status.FindingState) string {
	switch s {
	case status.FindingOK:
		return Text(LabelStateOK)
	case status.FindingWarning:
		return Text(LabelStateWarning)
	case status.FindingFailed:
		return Text(LabelStateFailed)
	}
	return Text(LabelStateUntried)
}

// signs stand before the words, for who does not see colours.
var signs = map[status.FindingState]string{
	status.FindingOK: "✓", status.FindingWarning: "!", status.FindingFailed: "✗",
}

// Finding is a check as lines of text: how it ended, what was seen, what to do.
func Finding(f status.Finding) string {
	sign := signs[f.State]
	if sign == "" {
		sign = "–"
	}
	s := phraseFinding.with(sign, FindingState(f.State), Check(f.ID), f.Seen)
	if f.Do != "" {
		s += "\n    " + FindingDo(f)
	}
	return s
}

// FindingHead names a check and says how it ended, FindingDo what to do.
func FindingHead(f status.Finding) string {
	return phraseFindingHead.with(Check(f.ID), FindingState(f.State))
}
func FindingDo(f status.Finding) string { return "→ " + f.Do }

// FindingsSummary says how many checks ended how: well, with a warning, failed, untried.
func FindingsSummary(well, warned, failed, untried int) string {
	return phraseFindings.with(well, warned, failed, untried)
}

// BundleHolds tells what is in the file that was written.
func BundleHolds(file string, names []string) string {
	return phraseBundle.with(file, strings.Join(names, ", "))
}

// BundleThere refuses to write over a file.
func BundleThere(file string) string { return phraseBundleThere.with(file) }
