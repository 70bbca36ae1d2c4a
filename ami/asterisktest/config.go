package asterisktest

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"cornetta/ami/pbxsim"
)

//go:embed etc
var etc embed.FS

// adminUsername is the AMI account with all rights that this package itself
// uses; its secret is drawn anew for each PBX.
const adminUsername = "asterisktest"

const logFile = "messages.log"

// settings are what the templates in etc may use.
type settings struct {
	Root, Dir                 string
	AMIPort, TLSPort, SIPPort int
	RefuserPort               int // of the answerer
	AdminSecret               string
}

func (settings) AdminUsername() string    { return adminUsername }
func (settings) LogFile() string          { return logFile }
func (settings) Modules() []string        { return modules() }
func (settings) Tenant() string           { return pbxsim.Tenant }
func (settings) Username() string         { return pbxsim.Username }
func (settings) Secret() string           { return pbxsim.Secret }
func (settings) OutboundPrefix() string   { return pbxsim.OutboundPrefix }
func (settings) EchoService() string      { return pbxsim.EchoService }
func (settings) PlainContext() string     { return pbxsim.PlainContext }
func (settings) MailboxExtension() string { return pbxsim.MailboxExtension }
func (settings) Mailbox() string          { return mailbox }
func (settings) ParkExtension() string    { return ParkExtension }
func (settings) LimitedExtension() string { return pbxsim.LimitedExtension }

// Routed are the dial plan patterns of the numbers that may be dialled: the
// phones, the echo service, and for the trunk only digits, which takes one
// pattern for each length, because the wildcard matches anything.
func (settings) Routed() []string {
	var patterns []string
	for _, e := range pbxsim.Extensions {
		patterns = append(patterns, e.Number)
	}
	patterns = append(patterns, pbxsim.EchoService, refusers)
	for _, b := range pbxsim.FarPlans {
		patterns = append(patterns, b.Number)
	}
	for n := 5; n <= pbxsim.LongestNumber; n++ {
		patterns = append(patterns, "_"+pbxsim.OutboundPrefix+strings.Repeat("X", n-len(pbxsim.OutboundPrefix)))
	}
	return patterns
}

// refusers is the pattern of what pbxsim.Refuser reads.
const refusers = "_[89][4-6]XX"

func (settings) Refusers() string { return refusers }

// Refusing are own phones that an Originate can name itself, with no dialplan before
// them.
func (settings) Refusing() []string {
	return []string{"9603", "8603", "9480", "9404", "9301", "8301", "9486"}
}

// OwnPlans and FarPlans are the sides with a dial plan of their own, by what they
// do, which names their part of extensions.conf.
func (settings) OwnPlans() map[pbxsim.OwnPlan]string {
	plans := map[pbxsim.OwnPlan]string{}
	for _, d := range pbxsim.OwnPlans {
		plans[d.Does] = d.Extension
	}
	return plans
}

func (settings) FarPlans() map[pbxsim.FarPlan]string {
	plans := map[pbxsim.FarPlan]string{}
	for _, b := range pbxsim.FarPlans {
		plans[b.Does] = b.Number
	}
	return plans
}

// handset is what answers, or does not, at the other end of a SIP call.
type handset struct {
	Exten   string
	Refuses string  // what it does instead of ringing
	Silent  bool    // rings for ever
	Rings   float64 // seconds until it is picked up
	Keyed   string  // the digits at which it hangs up
	Stays   int     // seconds until it hangs up; 0: never
}

// phone is one of pbxsim.Extensions as the templates want it.
type phone struct {
	pbxsim.Extension
	Handset *handset // nil: not connected
}

func (settings) Extensions() ([]phone, error) {
	var phones []phone
	for _, e := range pbxsim.Extensions {
		h := &handset{Exten: "h" + e.Number}
		switch e.Phone {
		case pbxsim.Answers:
			h.Rings = 0.6
		case pbxsim.Silent:
			h.Silent = true
		case pbxsim.Busy:
			h.Refuses = "Busy"
		case pbxsim.NotConnected:
			h = nil
		default:
			return nil, fmt.Errorf("phone %s does what no handset here can", e.Number)
		}
		phones = append(phones, phone{e, h})
	}
	return phones, nil
}

// TrunkTimeout is how many seconds the trunk lets a silent number ring.
func (settings) TrunkTimeout() int { return 3 }

// FarSides are the handsets behind the trunk: one for each ending in
// pbxsim.Far, and the last for all others.
func (settings) FarSides() ([]handset, error) {
	var sides []handset
	for _, f := range pbxsim.Far {
		h := handset{Exten: "t-" + f.Suffix}
		switch f.Does {
		case pbxsim.FarStays:
			h.Rings = 1
		case pbxsim.FarLeaves:
			h.Rings, h.Stays = 1.5, 2
		case pbxsim.FarBusy:
			h.Refuses = "Hangup(17)"
		case pbxsim.FarSilent:
			h.Silent = true
		case pbxsim.FarCongested:
			h.Refuses = "Hangup(34)"
		case pbxsim.FarUnknown:
			h.Refuses = "Hangup(1)"
		case pbxsim.FarRejects:
			h.Refuses = "Hangup(21)"
		default:
			return nil, fmt.Errorf("far side %s does what no handset here can", f.Suffix)
		}
		sides = append(sides, h)
	}
	return append(sides, handset{Exten: "t-" + KeyedFar[len(KeyedFar)-2:], Rings: 1, Keyed: KeyedDigits}, handset{Exten: "_t-XX", Rings: 1}), nil
}

// KeyedFar is a number whose far side hangs up as soon as KeyedDigits were keyed in
// there, and not before.
const (
	KeyedFar    = "039050123412"
	KeyedDigits = "1224"
)

// confValue escapes what begins a comment in Asterisk's configuration.
func confValue(s string) string { return strings.ReplaceAll(s, ";", `\;`) }

// write fills the directory with all that Asterisk reads.
func (s settings) write(c certificate) error {
	for _, d := range []string{"etc", "var", "log", "run", "var/sounds/en/digits"} {
		if err := os.MkdirAll(filepath.Join(s.Dir, d), 0o700); err != nil {
			return err
		}
	}
	files, err := template.New("etc").Funcs(template.FuncMap{"confValue": confValue}).ParseFS(etc, "etc/*.conf")
	if err != nil {
		return err
	}
	names, err := fs.Glob(etc, "etc/*.conf")
	if err != nil {
		return err
	}
	for _, name := range names {
		var text bytes.Buffer
		if err := files.ExecuteTemplate(&text, filepath.Base(name), s); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(s.Dir, name), text.Bytes(), 0o600); err != nil {
			return err
		}
	}
	// Where it finds its sounds, too.
	docs := filepath.Join(s.Dir, "var", "documentation")
	if err := os.Symlink(filepath.Join(s.Root, "share", "documentation"), docs); err != nil && !errors.Is(err, fs.ErrExist) {
		return err // it is there where the directory is used again
	}
	// Without its announcement an attended transfer ends at once (main/bridge_basic.c,
	// grab_transfer), and so does a mailbox: a tenth of a second of silence.
	silence := bytes.Repeat([]byte{0xD5}, 800)
	for _, name := range slices.Concat([]string{"pbx-transfer"}, mailboxSounds) {
		if err := os.WriteFile(filepath.Join(s.Dir, "var", "sounds", "en", name+".alaw"), silence, 0o600); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(s.Dir, "etc", "ami.pem"), append(c.cert, c.key...), 0o600)
}
