package words

// What stands on the command line alone. Texts that follow the program's name and
// a colon begin with a small letter.
const (
	SayAbout          Label = "say_about"
	SayNoHome         Label = "say_no_home"
	SayTryHelp        Label = "say_try_help"
	SayNotKept        Label = "say_not_kept"
	SayOldPassword    Label = "say_old_password"
	SayNotRemoved     Label = "say_not_removed"
	SayWaits          Label = "say_waits"
	SayAfterTheCall   Label = "say_after_the_call"
	SayNotHungUp      Label = "say_not_hung_up"
	SayOneWay         Label = "say_one_way"
	SayHangingUp      Label = "say_hanging_up"
	SayNotFollowed    Label = "say_not_followed"
	SayInterruptedNot Label = "say_interrupted_not"
	SayInterrupted    Label = "say_interrupted"
	SayListsNone      Label = "say_lists_none"
	SayNoneToHangUp   Label = "say_none_to_hang_up"
	SayNoneAnyMore    Label = "say_none_any_more"
	SayNotYetHungUp   Label = "say_not_yet_hung_up"
	SayPicksUp        Label = "say_picks_up"
	SayNeverPicksUp   Label = "say_never_picks_up"
	SayIsBusy         Label = "say_is_busy"
	SayHasNoPhone     Label = "say_has_no_phone"
	LabelExtensions   Label = "extensions"
	LabelEchoTest     Label = "echo_test"
	SayNotRunning     Label = "say_not_running"
	SayWatchWaits     Label = "say_watch_waits"
	SayWatchGoesOn    Label = "say_watch_goes_on"
	SayRuns           Label = "say_runs"
	SayRunsLink       Label = "say_runs_link"
	SayDialsAlready   Label = "say_dials_already"
	SayAskPassword    Label = "say_ask_password"
	SayDemo           Label = "say_demo"
	SayDemoRuns       Label = "say_demo_runs"
	SayForAllUsers    Label = "say_for_all_users"

	// Of `dial`: codes, and a list that is worked off.
	SayOneCode       Label = "say_one_code"
	SayListTerminal  Label = "say_list_terminal"
	SayListEmpty     Label = "say_list_empty"
	SayListLong      Label = "say_list_long"
	SayListAsk       Label = "say_list_ask"
	SayListNote      Label = "say_list_note"
	LabelListAnswers Label = "list_answers" // the letters to skip, to note and to end

	// What an administrator gives.
	HeadEnrolment      Label = "head_enrolment"
	HeadEnrolmentRisk  Label = "head_enrolment_risk"
	SayEnrolmentSame   Label = "say_enrolment_same"
	SayEnrolmentAsk    Label = "say_enrolment_ask"
	SayEnrolmentRisk   Label = "say_enrolment_risk"
	SayEnrolmentFile   Label = "say_enrolment_file"
	SayEnrolmentDone   Label = "say_enrolment_done"
	SayTwiceStdin      Label = "say_twice_stdin"
	SayKeepsLocked     Label = "say_keeps_locked"
	SayRiskTLS         Label = "say_risk_tls"
	SayRiskPin         Label = "say_risk_pin"
	SayRiskTLS13       Label = "say_risk_tls13"
	SayRiskCA          Label = "say_risk_ca"
	SayRiskDirectory   Label = "say_risk_directory"
	LabelBuiltIn       Label = "built_in"
	LabelYourSettings  Label = "your_settings"
	LabelNothing       Label = "nothing"
	LabelOn            Label = "on"
	LabelOff           Label = "off"
	TitleEnrolment     Label = "title_enrolment"
	SayEnrolment       Label = "say_enrolment"
	LabelChange        Label = "change"
	LabelRiskMeant     Label = "risk_meant"
	LabelEnrolmentFile Label = "enrolment_file"
	LabelDefaultPolicy Label = "default_policy"
	LabelLockedPolicy  Label = "locked_policy"
	SayDefaultPolicy   Label = "say_default_policy"
	SayLockedPolicy    Label = "say_locked_policy"

	// In the manual pages.
	HeadManName          Label = "head_man_name"
	HeadManSynopsis      Label = "head_man_synopsis"
	HeadManDescription   Label = "head_man_description"
	HeadManOptions       Label = "head_man_options"
	HeadManCommands      Label = "head_man_commands"
	HeadManFiles         Label = "head_man_files"
	LabelManOption       Label = "man_option"
	LabelDrawsWindows    Label = "draws_windows"
	SayStartedByCornetta Label = "say_started_by_cornetta"
	SayFileSettings      Label = "say_file_settings"
	SayFileState         Label = "say_file_state"
	SayFileGuides        Label = "say_file_guides"
	SayFilePolicy        Label = "say_file_policy"
	SayFileEnrolments    Label = "say_file_enrolments"
)

// Help is what --help says of a command ("account set"), of one of its options
// ("account set --host") or of its argument ("dial <number>"), "" for nothing.
func Help(of string) string { return in().help[of] }

// Account is an account's settings, a line each: host, port, TLS, user, where the
// password is, extension, tenant, syntax, prefix and ringing time.
func Account(settings ...any) string { return phraseAccount.with(settings...) }

// AccountPlain is the rest of an account of the syntax plain.
func AccountPlain(channel, context string) string { return phraseAccountPlain.with(channel, context) }

// YesDials follows the reasons for which a number was not dialled, which are
// NumberReasons'.
func YesDials(dial, reasons string) string { return phraseYesDials.with(reasons, Number(dial)) }

// SetTakes tells that text is no setting for explain.
func SetTakes(text string) string { return phraseSetTakes.with(text) }

// GiveExtension tells what to do where there is no list of extensions.
func GiveExtension(why string) string { return phraseGiveExtension.with(why) }

// Wrote, TookAway and LeftAlone tell what install and uninstall did to a file.
func Wrote(file string) string    { return phraseWrote.with(file) }
func TookAway(file string) string { return phraseTookAway.with(file) }
func LeftAlone(err error) string  { return phraseLeftAlone.with(err) }

// CannotListen tells that the built-in PBX has no address.
func CannotListen(address string, err error) string { return phraseCannotListen.with(address, err) }

// PBXListens tells how to reach the built-in PBX.
func PBXListens(address, user, password, tenant string) string {
	return phrasePBXListens.with(address, user, password, tenant)
}

// SimulatedPhone is one phone of the built-in PBX. does is one of SayPicksUp,
// SayNeverPicksUp, SayIsBusy and SayHasNoPhone.
func SimulatedPhone(number, name, does string) string {
	return phraseSimulatedPhone.with(number, name, does)
}

// OutsideNumbers stands above what the built-in PBX does with numbers.
func OutsideNumbers(line string) string { return phraseOutsideNumbers.with(line) }

// WhatHelps tells where the guides have more about a problem.
func WhatHelps(page, heading string) string { return phraseWhatHelps.with(page, heading) }
