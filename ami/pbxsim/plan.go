package pbxsim

// The dial plan of the simulated PBX. asterisktest configures a real Asterisk
// from the same constants and tables, so that one suite can run on both.
const (
	// Tenant is the only tenant: what __TENANT_UUID and the contexts
	// c2c_<tenant> and from_c2c_<tenant> must carry.
	Tenant = "5f1d3c52-8a54-4a7e-9d5e-0c6f6a1b2c3d"

	// Username and Secret are the AMI account. The secret holds a semicolon
	// on purpose: it starts a comment in a carelessly written manager.conf.
	Username = "cornetta"
	Secret   = "sesto;piano-42"

	// OutboundPrefix begins every number that leaves by the trunk.
	OutboundPrefix = "0"

	// EchoService answers at once and stays until somebody hangs up.
	EchoService = "800"

	// PlainContext is where a PBX that is no KalliopePBX has its phones dial: for
	// Local/7101@from-internal as well as for the number.
	PlainContext = "from-internal"

	// MailboxExtension is a silent phone there, for which a mailbox answers after a second.
	MailboxExtension = "7210"

	// LimitedExtension may call internal numbers only. Its outside calls fail
	// in the dial plan after its own phone has answered, as real ones do: no
	// far leg, just the end.
	LimitedExtension = "7106"

	// LongestNumber bounds what the trunk accepts after the prefix; like the
	// wildcard of a real dial plan it is generous.
	LongestNumber = 40
)

// Phone is what a phone does when it rings.
type Phone int

const (
	// Answers rings for a moment and is picked up.
	Answers Phone = iota
	// Silent rings and is never picked up.
	Silent
	// Busy refuses with 486.
	Busy
	// NotConnected has no phone registered.
	NotConnected
)

// Extension is one extension of the PBX, with its phone.
type Extension struct {
	Number, Name string
	Phone        Phone
}

// Extensions are those of a new PBX. Do not change it; a running PBX has a copy of
// its own, see PBX.SetName and PBX.SetPhone.
var Extensions = []Extension{
	{"7101", "Ada Rossi", Answers},
	{"7102", "Bruno Bianchi", Silent},
	{"7103", "Carla Verdi", Busy},
	{"7104", "Dario Neri", NotConnected},
	{"7105", "Elisabetta Maria Giovanna Montefalcone-Castellani della Torre", Answers},
	{"7106", "Franco Gallo", Answers},
}

// FarSide is what happens behind the trunk.
type FarSide int

const (
	// FarStays answers and stays until somebody hangs up.
	FarStays FarSide = iota
	// FarLeaves answers and hangs up a little later.
	FarLeaves
	// FarBusy is engaged.
	FarBusy
	// FarSilent rings until the trunk gives up.
	FarSilent
	// FarCongested is a network that cannot carry the call.
	FarCongested
	// FarUnknown is a number that does not exist.
	FarUnknown
	// FarRejects declines the call.
	FarRejects
)

// Far says which outside numbers do what: the last two digits decide. A number
// that ends in none of these answers and stays.
var Far = []struct {
	Suffix string
	Does   FarSide
	About  string
}{
	{"02", FarLeaves, "rings, answers, hangs up a little later"},
	{"03", FarBusy, "busy"},
	{"04", FarSilent, "rings and never answers; the trunk gives up"},
	{"05", FarCongested, "network failure"},
	{"06", FarUnknown, "no such number"},
	{"07", FarStays, "answers and stays until somebody hangs up"},
	{"08", FarRejects, "rejects the call"},
}

// FarOf tells what the outside number does and whether the trunk takes it at
// all: the prefix, then at least four digits more, digits only (a leading +
// after the prefix is not a digit to a trunk).
func FarOf(number string) (FarSide, bool) {
	if len(number) < 5 || len(number) > LongestNumber || number[:len(OutboundPrefix)] != OutboundPrefix {
		return 0, false
	}
	for i := range len(number) {
		if number[i] < '0' || number[i] > '9' {
			return 0, false
		}
	}
	for _, f := range Far {
		if number[len(number)-2:] == f.Suffix {
			return f.Does, true
		}
	}
	return FarStays, true
}
