package words

var checksEnglish = map[string]string{
	"settings": "Settings", "policy": "Policy", "name": "The PBX's name", "port": "Its port", "tls": "Encryption (TLS)",
	"banner": "The AMI's greeting", "keyring": "Keyring and password", "login": "Login", "rights": "The user's rights",
	"clock": "Clocks", "tenant": "Tenant and contexts", "extension": "Your extension", "call": "Test call",
	"agent": "Cornetta in the background", "session_bus": "Session bus", "display": "Display", "tray": "Icon in the panel",
	"notifications": "Notifications", "hotkeys": "Keys that dial", "tel": "tel: links", "callto": "callto: links",
	"clipboard": "What was copied", "selection": "What is highlighted", "opengl": "Windows (OpenGL)",
	"others": "Other Cornettas", "disk": "Free disk", "versions": "Versions",
}

var foundEnglish = map[Found]saying{
	FoundHung:    {"No answer within %[1]s", "Try again. If it goes on, restart the computer, then ask who looks after it."},
	FoundBecause: {"Not tried, because this is not in order: %[1]s", ""},
	FoundAt:      {"%[1]s: %[2]s", ""},

	FoundSettings: {"Complete, for the PBX at %[1]s", ""},

	FoundPolicy:     {"There is one, and it was read (`cornetta policy` shows it)", ""},
	FoundPolicyNone: {"There is none", ""},

	FoundName:       {"%[1]s is %[2]s, found in %[3]s", ""},
	FoundAddress:    {"%[1]s is an address: nothing has to be looked up", ""},
	FoundNoResolver: {"No name server answered within %[1]s", "Check the network or VPN. If other names are not found either, ask who looks after the network."},

	FoundPort:     {"Open: %[1]s", ""},
	FoundPortSome: {"Open: %[1]s. Not open: %[2]s", "Dialling works, perhaps a moment later. Ask who looks after the network to correct the addresses of the PBX's name."},

	FoundTLSOff:    {"Off: what is said to the PBX can be read on the way, except the password", ""},
	FoundTLS:       {"%[1]s, with a certificate that is good for %[2]s more", ""},
	FoundTLSPinned: {"%[1]s, with the certificate that you trust, which is good for %[2]s more", ""},
	FoundTLSSoon:   {"%[1]s, with a certificate that is good for only %[2]s more", "Ask who looks after the PBX to renew it in time."},
	FoundTLSPast:   {"%[1]s, with the certificate that you trust, although it expired on %[2]s", "Ask who looks after the PBX to renew it. The new one has to be trusted anew."},
	FoundTLSSpoken: {"The port speaks TLS, which is switched off in Settings", "Switch TLS on{ in Settings}, or choose the port without it: 5038 is usual."},
	FoundTLSSilent: {"The port is open, but does not answer TLS", "Check the port{ in Settings}. If it is right, ask who looks after the PBX to switch TLS on."},

	FoundBanner:       {"An Asterisk manager (AMI %[1]s) answers", ""},
	FoundBannerSilent: {"The port is open, but what is there says nothing", "Check the port{ in Settings}: 5038 is usual. If it is right, ask who looks after the PBX: it may hang, or a firewall may answer for it."},

	FoundKeyring:        {"%[1]s is open, and has the password", ""},
	FoundKeyringSession: {"The password is kept until Cornetta ends, because no keyring took it", "Unlock or install a keyring (GNOME Keyring, KWallet), then type the password{ in Settings} once more."},
	FoundKeyringLocked:  {"%[1]s is locked", "Unlock it, or log out and in again. Then check everything once more."},
	FoundKeyringNone:    {"This session has no keyring", "Install one (GNOME Keyring, KWallet), or type the password{ in Settings} each time Cornetta was started."},
	FoundKeyringSilent:  {"The keyring does not answer", "Log out and in again. If it goes on, ask who looks after this computer."},
	FoundKeyringEmpty:   {"%[1]s is open, and has no password for this account", "Type the AMI user's password{ in Settings}."},

	FoundLogin:        {"The PBX accepts user and password", ""},
	FoundLoginRefused: {"The PBX refuses the login", "A wrong password and an address that the PBX does not allow look the same from here. Who looks after the PBX can tell them apart in its log: for the address it says “failed to pass IP ACL”, for user or password “failed to authenticate”. This computer's address is %[1]s: it has to be among those allowed (ACL). If it is, type the password again{ in Settings}."},
	FoundLoginSilent:  {"The PBX accepts the login, and then falls silent", "Try again in a minute. If it goes on, ask who looks after the PBX."},
	FoundLoginFew:     {"Not tried: the PBX refused %[1]d of the %[2]d logins that are risked within ten minutes", "Another refusal may have this computer locked out. Check username and password{ in Settings}, and that the PBX allows this computer's address; then wait ten minutes, or save the password again."},

	FoundRights:        {"The user may do what is needed. All it may: %[1]s", ""},
	FoundRightsMissing: {"The user may not: %[1]s. All it may: %[2]s", "It needs “call” to read and “call, originate” to write: ask who looks after the PBX."},
	FoundRightsMuch:    {"The user may do more than is good: %[1]s. All it may: %[2]s", "Ask who looks after the PBX to leave it “call” to read and “call, originate” to write: who gets hold of this password rules the PBX."},
	FoundRightsUntold:  {"The PBX does not list what its user may do", ""},

	FoundClock:       {"This computer's clock and the PBX's agree within %[1]s", ""},
	FoundClockAhead:  {"The PBX's clock is %[1]s ahead of this computer's", "Look which of the two is wrong, and have it set by the network (NTP): certificates and the times of calls depend on it."},
	FoundClockBehind: {"The PBX's clock is %[1]s behind this computer's", "Look which of the two is wrong, and have it set by the network (NTP): certificates and the times of calls depend on it."},
	FoundClockUntold: {"The PBX does not tell its time", ""},

	FoundTenant:         {"The PBX has the contexts of this tenant: %[1]s", ""},
	FoundContexts:       {"The PBX has the contexts for calls: %[1]s. Whether the tenant is right only a call tells", ""},
	FoundTenantMissing:  {"The PBX has no context %[1]s", "Check tenant and syntax{ in Settings}: the tenant's UUID stands in the PBX's AMI panel or on its dashboard."},
	FoundContextThere:   {"The PBX has the contexts for calls: %[1]s", ""},
	FoundContextMissing: {"The PBX has no context %[1]s", "Check the context and the channel of your phone{ in Settings}: FreePBX and Issabel have from-internal, other Asterisks the context that their phones dial in."},
	FoundContextOther:   {"The PBX has no context %[1]s, but those of a KalliopePBX", "Choose a KalliopePBX's syntax{ in Settings}."},
	FoundTenantOther:    {"The PBX has no context %[1]s, but those of the other syntax", "Choose the other syntax{ in Settings}. If it was right before, check the tenant: its UUID stands in the PBX's AMI panel or on its dashboard."},
	FoundTenantUntold:   {"The PBX does not say which contexts it has: only a call tells", ""},

	FoundExtension:        {"The PBX knows %[1]s: its phone is connected and free", ""},
	FoundExtensionInUse:   {"The PBX knows %[1]s: its phone is connected, and in use", ""},
	FoundExtensionOff:     {"The PBX knows %[1]s, but its phone is not connected", "Switch the phone on, and look whether its display shows your name or number. If not, ask who looks after the PBX."},
	FoundExtensionUnknown: {"%[1]s is not among the extensions of the PBX, of which it lists %[2]d", "Check the extension{ in Settings}, and the tenant."},
	FoundExtensionUntold:  {"The PBX lists no extensions: only a call tells", ""},

	FoundCall:        {"Your phone rang and was picked up, and %[1]s later the echo answered", ""},
	FoundCallOpen:    {"The call was not over within %[1]s, and was hung up", "Call again and pick up when your phone rings."},
	FoundCallRefused: {"Not placed: %[1]s is no number that can be called without being asked first", "Give the number of the PBX's echo service: 800 is usual."},

	FoundAgent:      {"Runs, version %[1]s: %[2]s", ""},
	FoundAgentNone:  {"Not running", "Start Cornetta from the menu: without it no link, no key and no icon works. In Settings it can be started with the session."},
	FoundAgentOlder: {"Runs, but is of another version and does not answer everything", "Quit it, and start Cornetta again."},

	FoundBus:         {"Answers", ""},
	FoundBusNone:     {"There is none", "Start this from within the desktop's own session: over ssh, by sudo or by cron there is none, and so no keyring, icon or notification."},
	FoundDisplay:     {"%[1]s can be used", ""},
	FoundDisplayNone: {"There is none that can be used", "Start this from within the desktop's own session: over ssh, by sudo or by cron there is none. On a remote desktop, connect anew."},

	FoundTray:       {"The desktop shows icons", ""},
	FoundTrayNone:   {"Nothing here shows icons", "Cornetta opens its window instead. On GNOME the extension “AppIndicator” shows them; a panel may have to be given a “status tray”."},
	FoundTrayNoIcon: {"The desktop shows icons, but Cornetta could make none", "Quit Cornetta, and start it again."},

	FoundNotes:        {"%[1]s shows them. It can: %[2]s", ""},
	FoundNotesSystem:  {"The system shows them", ""},
	FoundNotesNone:    {"Nothing here shows notifications", "Install or start a notification daemon (dunst, mako, xfce4-notifyd): how a call stands is told only in the window until then."},
	FoundNotesSilent:  {"What shows notifications does not answer", "Restart it, or log out and in again."},
	FoundNotesButtons: {"%[1]s shows them, without buttons: a call cannot be hung up from there. It can: %[2]s", ""},

	FoundKeys:     {"%[1]s", ""},
	FoundKeysNone: {"None are set", ""},

	FoundOpens:        {"They open with Cornetta: %[1]s", ""},
	FoundOpensOther:   {"They open with “%[1]s” (%[2]s), as %[3]s says", "Choose Cornetta{ in Settings, on the page “Links & start”}, or in the system's settings for default programs."},
	FoundOpensNobody:  {"No program is chosen for them", "Choose Cornetta{ in Settings, on the page “Links & start”}, or in the system's settings for default programs."},
	FoundOpensBrowser: {"No program is chosen for them: the web browser would be tried", "Choose Cornetta{ in Settings, on the page “Links & start”}."},
	FoundOpensGone:    {"They open with %[1]s, which is not there, as %[2]s says", "Choose Cornetta{ in Settings, on the page “Links & start”}, or install that program again."},
	FoundOpensQuoted:  {"xdg-open cannot start %[1]s on this desktop, because of its path", "Install Cornetta into a folder whose name has no blanks or other special characters."},
	FoundOpensSilent:  {"The desktop does not say: xdg-mime does not answer", "Log out and in again. If it goes on, ask who looks after this computer."},

	FoundReadable: {"Can be read", ""},
	FoundUnread:   {"Not read, because on this desktop the window in front would lose the keyboard", ""},

	FoundGL:       {"Windows can be drawn, by %[1]s", ""},
	FoundGLNone:   {"No window can be drawn: there is no OpenGL", "Install the graphics driver, or Mesa's software OpenGL. On a remote desktop ask who looks after it. Calls by keys, links and the command line work without."},
	FoundGLSilent: {"The program that draws windows did not answer within %[1]s", "Update the graphics driver, or ask who looks after this computer."},
	FoundUINone:   {"The program that draws windows, cornetta-ui, is missing", "Install Cornetta again."},

	FoundAlone:      {"None", ""},
	FoundOthersOf:   {"Other people's, who use this computer too: %[1]d", ""},
	FoundOtherOwn:   {"Another one of yours runs, in another session: process %[1]d", "Quit it, unless you work in both: each of them logs in at the PBX."},
	FoundOtherOld:   {"Process %[1]d is Cornetta as it was before an upgrade", "Quit it, and start Cornetta again."},
	FoundOtherPlace: {"Another Cornetta of yours runs: process %[1]d, %[2]s", "Quit it, and remove the one that is not wanted: two of them contend for keys and links."},

	FoundDisk:    {"%[1]d MB", ""},
	FoundDiskLow: {"Only %[1]d MB are left for %[2]s", "Make room: without it settings and the list of calls are not kept."},

	FoundVersions:       {"Cornetta %[1]s; %[2]s; %[3]s", ""},
	FoundVersionsDiffer: {"cornetta is %[1]s, and %[2]s; %[3]s", "Quit Cornetta and start it again. If that does not help, install it again: both programs have to be of one version."},
}
