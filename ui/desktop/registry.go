package desktop

import (
	"strings"

	"cornetta/ui/words"
)

// Windows is told of Cornetta by values in its registry. They are described here, once:
// Register writes them for one user, and an installer for the whole machine is made of
// the same list, on any system.

const (
	ownKey       = `Software\Cornetta`
	capabilities = ownKey + `\Capabilities`
	programValue = "Program"
	// wishValue says that a user does not want what starts with every session.
	wishValue = "Autostart"
	runKey    = `Software\Microsoft\Windows\CurrentVersion\Run`
	// enrolmentClass is our class for files with an enrolment.
	enrolmentClass = "Cornetta.enrolment"
	appPaths       = `Software\Microsoft\Windows\CurrentVersion\App Paths`
	classes        = `Software\Classes`
	valueName      = "Cornetta" // ours in keys of the system

	// userModelID is the name by which Windows knows whose notification it shows, and
	// toastClass the class it asks for when one is clicked; both are ours alone.
	userModelID = "io.cornetta.Cornetta"
	toastKey    = classes + `\AppUserModelId\` + userModelID
	toastClass  = "{6B1D7C0E-52F4-4C1B-9E0B-2A5C3C7C1D94}"
)

var schemes = []string{"tel", "callto"}

// progID is our class for the links of a scheme.
func progID(scheme string) string { return "Cornetta." + scheme }

// value is a string in the registry, below HKEY_CURRENT_USER where nothing else is said.
type value struct{ key, name, data string }

func (v value) String() string { return `HKEY_CURRENT_USER\` + v.key + `\` + v.name }

// linkValues make program one of those that can be chosen for links.
func linkValues(program string) []value {
	all := []value{
		{capabilities, "ApplicationName", "Cornetta"},
		{capabilities, "ApplicationDescription", words.Text(words.LabelDialsThrough)},
		{capabilities, "ApplicationIcon", `"` + program + `",0`},
		{`Software\RegisteredApplications`, valueName, capabilities},
	}
	for _, scheme := range schemes {
		all = append(all, value{capabilities + `\URLAssociations`, scheme, progID(scheme)})
		all = append(all, handlerValues(progID(scheme), program)...)
		all = append(all, value{classes + `\` + progID(scheme) + `\DefaultIcon`, "", `"` + program + `",0`})
	}
	return all
}

// handlerValues have Windows open links of a class with program. The last one is
// the command.
func handlerValues(class, program string) []value {
	return []value{
		{classes + `\` + class, "", "URL:Telephone"},
		{classes + `\` + class, "URL Protocol", ""},
		{classes + `\` + class + `\shell\open\command`, "", `"` + program + `" "%1"`},
	}
}

// pathValue has program start wherever somebody types "cornetta".
func pathValue(program string) value { return value{appPaths + `\cornetta.exe`, "", program} }

// fileValues have Windows open enrolments with program.
func fileValues(program string) []value {
	return []value{
		{classes + `\` + EnrolmentExt, "", enrolmentClass},
		{classes + `\` + enrolmentClass, "", words.Text(words.LabelEnrolmentFile)},
		{classes + `\` + enrolmentClass + `\DefaultIcon`, "", `"` + program + `",0`},
		{classes + `\` + enrolmentClass + `\shell\open\command`, "", `"` + program + `" "%1"`},
	}
}

// toastValues are whose notifications ours are. Installers put the picture beside the
// program, of which they know no more than [INSTALLDIR] before it.
func toastValues(program string) []value {
	return []value{
		{toastKey, "DisplayName", "Cornetta"},
		{toastKey, "IconUri", program[:strings.LastIndexAny(program, `\]`)+1] + "cornetta.png"},
		{toastKey, "CustomActivator", toastClass},
	}
}

// forAllValue starts program with everybody's session: without a window, which is not
// everybody's wish.
func forAllValue(program string) value {
	return value{runKey, valueName, `"` + program + `" activated`}
}

// RegistryValue is a string in Windows' registry.
type RegistryValue struct{ Key, Name, Data string }

// RegistryForAllUsers are the values by which an installer makes program known to all
// users, below HKEY_LOCAL_MACHINE; start is the one that starts it with their sessions.
func RegistryForAllUsers(program string) (all []RegistryValue, start RegistryValue) {
	values := append([]value{{ownKey, programValue, program}, pathValue(program)}, linkValues(program)...)
	values = append(values, fileValues(program)...)
	for _, v := range append(values, toastValues(program)...) {
		all = append(all, RegistryValue{v.key, v.name, v.data})
	}
	v := forAllValue(program)
	return all, RegistryValue{v.key, v.name, v.data}
}
