package pbxsim

import (
	"slices"
	"strings"
)

// flavour is a version of Asterisk, described by what differs from the others.
// Where no source is named it is the recordings of 16.28 and 22.10 in testdata,
// also for the versions in between.
type flavour struct {
	name   string
	major  int
	banner string // main/manager.h, AMI_VERSION

	// eventsOf11: Dial with a SubEvent, Bridge, Rename and masquerades.
	// UPGRADE-12.txt has what 12 made of them.
	eventsOf11 bool
	// ids: ChannelId and OtherChannelId are honoured (12.2: CHANGES).
	ids bool
	// localBridge: there is an event LocalBridge (11: channels/chan_local.c).
	localBridge bool
	// connectedLine: channels show whom they are connected with (1.8: CHANGES).
	connectedLine bool
	// checksExten: an Originate to nowhere is refused at once (11:
	// main/manager.c, "Extension does not exist."), before it just fails.
	checksExten bool
	// linked: channels carry a Linkedid (13.5: CHANGES, "Added the Linkedid header
	// to the common channel headers"; main/manager_channels.c of 13.4.0 has none).
	linked bool
	// language: channels carry a Language (13.0: main/manager_channels.c).
	language bool
	// newConnectedLine: the event of that name (13.0: main/manager_channels.c).
	newConnectedLine bool
	// lists: ExtensionStateList, DeviceStateList and the event DeviceStateChange
	// (13.0: CHANGES).
	lists bool
	// failedID: a failed OriginateResponse has the id that was asked for (13.8:
	// main/manager.c, fast_originate; before it says "<null>").
	failedID bool
	// dialState: the event of that name (14.0: CHANGES).
	dialState bool
	// videoMode: bridges carry a BridgeVideoSourceMode (13.15: main/manager_bridges.c).
	videoMode bool
}

var flavours = []flavour{
	{name: "1.6.2", major: 1, banner: "1.1", eventsOf11: true},
	{
		name: "11", major: 11, banner: "1.3", eventsOf11: true, localBridge: true,
		connectedLine: true, checksExten: true,
	},
	{name: "12.1", major: 12, banner: "2.1.0", localBridge: true, connectedLine: true, checksExten: true},
	{name: "12.2", major: 12, banner: "2.2.0", ids: true, localBridge: true, connectedLine: true, checksExten: true},
	{
		name: "13.4", major: 13, banner: "2.7.0", ids: true, localBridge: true, connectedLine: true, checksExten: true,
		language: true, newConnectedLine: true, lists: true,
	},
	{
		name: "13.20", major: 13, banner: "2.10.4", ids: true, localBridge: true, connectedLine: true, checksExten: true,
		language: true, newConnectedLine: true, lists: true, linked: true, failedID: true, videoMode: true,
	},
	{
		name: "16", major: 16, banner: "5.0.4", ids: true, localBridge: true, connectedLine: true, checksExten: true,
		language: true, newConnectedLine: true, lists: true, linked: true, failedID: true, videoMode: true, dialState: true,
	},
	{
		name: "22", major: 22, banner: "11.0.0", ids: true, localBridge: true, connectedLine: true, checksExten: true,
		language: true, newConnectedLine: true, lists: true, linked: true, failedID: true, videoMode: true, dialState: true,
	},
}

// Flavours are the names for Options.Asterisk, oldest first.
func Flavours() []string {
	var names []string
	for _, f := range flavours {
		names = append(names, f.name)
	}
	return names
}

// flavourOf finds a flavour by its name; "" is the newest.
func flavourOf(name string) (flavour, bool) {
	if name == "" {
		return flavours[len(flavours)-1], true
	}
	i := slices.IndexFunc(flavours, func(f flavour) bool { return f.name == name })
	if i < 0 {
		return flavour{}, false
	}
	return flavours[i], true
}

// says reports whether this version, one of 12 and later, sends the event at all.
func (f flavour) says(e event) bool {
	switch e.name {
	case "DialEnd":
		// What the dialplan plays to ;2 is told with the other intermediate states
		// (main/bridge_channel.c).
		return f.dialState || e.ch != nil || !strings.HasSuffix(e.dest.name, ";2")
	case "DialState":
		return f.dialState
	case "NewConnectedLine":
		return f.newConnectedLine
	case "DeviceStateChange":
		return f.lists
	}
	return true
}
