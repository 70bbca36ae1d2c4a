// Package config keeps the settings of a person's dialer in one small TOML
// file, config.toml, in the user's configuration directory. It never holds a
// secret: those live behind package secret.
//
// The file is meant to be read and edited by people, so keys this version does
// not know are ignored. What is never done is to guess: Save writes every key,
// and Load wants every one of them back that its version of the file has, so a file
// that lost its tail is noticed wherever it was cut, instead of becoming a working
// account with a wrong port. What a file of an earlier version does not know, and
// what is said to be optional, has its usual value. A file from a later version is
// neither loaded nor overwritten.
//
// Beside the file lies a copy of the settings that were read or saved last,
// config.toml.good. It takes the place of a file that is damaged, which is kept aside
// as config.toml.damaged. Whatever stands where the file should be and cannot be read
// as one is damaged, such as a folder, a pipe, or a file that only others may read.
//
// A setting is a field of a struct here, or of package number's Settings, and its
// description in a list beside it (package setting): from that come its default,
// its check, whether a file has to have it, its option on the command line and its
// row on a form.
//
// There may be several accounts, of which one is in use (accounts.go). A lock of an
// administrator's holds for each of them.
//
// An administrator's policy (policy.go) comes over what the file says: a Store that is
// Under one loads what is in force, and changes nothing that is locked. An enrolment
// (enrolment.go) is what they give to a person to fill the file with.
//
// A Store may be used by several goroutines. The agent and the command line
// write the same file from two processes; each replaces it whole, and the last
// one wins.
//
// The tests cut a stored file at every byte, plant wrong values in every field,
// and fuzz Load.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/hook"
	"cornetta/dialer/number"
	"cornetta/dialer/setting"
	"cornetta/dialer/status"
)

// Version is the layout of the file this program writes. It is raised also for
// what is only added, where a program that ignores it would dial another number.
const Version = 4

// Config is everything the settings file holds.
type Config struct {
	Version    int            `toml:"version"`
	Connection ConnectionMode `toml:"link"`
	Language   Language       `toml:"language"`
	// Directories are the addresses of servers that people are read from; see
	// ParseDirectory.
	Directories string `toml:"directories"`
	// BusNumbers has the session bus told whom a call is to, not only how it stands.
	BusNumbers bool `toml:"bus_numbers"`
	// Own are the keys of settings that the person has put back to their usual value
	// although an administrator's default is another one.
	Own []string `toml:"own,omitempty" json:"-"`
	// Given says that an administrator gives a whole account, and the person has saved
	// none of their own. It is not stored.
	Given bool `toml:"-" json:"given,omitempty"`
	// Locked is where an administrator has locked each setting that is, by their keys. It
	// is not stored.
	Locked  map[string]string `toml:"-" json:"locked,omitempty"`
	Keys    Keys              `toml:"keys"`
	History History           `toml:"history"`
	Codes   Codes             `toml:"codes"`
	Hooks   hook.Settings     `toml:"hooks"`
	Phone   Phone             `toml:"phone"`

	Colleagues Colleagues `toml:"colleagues"`

	Numbers number.Settings `toml:"numbers"`
	// Others are the accounts that are not in use (accounts.go). Windows do not get them.
	Others  []Other `toml:"others,omitempty" json:"-"`
	Account Account `toml:"account"` // the one in use; last in the file, see Load
}

// described are all settings, in the order in which they are checked; beside are
// those that have nothing to do with the account.
var (
	beside = slices.Concat(
		[]Setting{
			setting.Choice("link", func(c *Config) *ConnectionMode { return &c.Connection }, ConnectionOnDemand, ConnectionKept).
				Permitting(string(ConnectionOnDemand), string(ConnectionKept)),
			setting.Choice("language", func(c *Config) *Language { return &c.Language }, LanguageOfDesktop, "en", "it").Optional(),
			describedDirectories,
			setting.Switch("bus_numbers", func(c *Config) *bool { return &c.BusNumbers }, false).Optional().Permitting("false", "true"),
		},
		setting.In("keys", func(c *Config) *Keys { return &c.Keys }, describedKeys),
		setting.In("history", func(c *Config) *History { return &c.History }, describedHistory),
		setting.In("numbers", func(c *Config) *number.Settings { return &c.Numbers }, number.Described),
		setting.In("codes", func(c *Config) *Codes { return &c.Codes }, describedCodes),
		setting.In("hooks", func(c *Config) *hook.Settings { return &c.Hooks }, hook.Described),
		setting.In("phone", func(c *Config) *Phone { return &c.Phone }, describedPhone),
		setting.In("colleagues", func(c *Config) *Colleagues { return &c.Colleagues }, describedColleagues),
	)
	described = slices.Concat(beside,
		setting.In("account", func(c *Config) *Account { return &c.Account }, describedAccount))
)

// A Setting describes one of the settings. Its words are in ui/words.
type Setting = setting.Of[Config]

// Settings are the descriptions of the settings of a group, in the order in which
// they are checked. The groups are the tables of the file; "" is for what stands in
// none.
func Settings(group string) []Setting {
	return slices.DeleteFunc(slices.Clone(described), func(s Setting) bool { return s.Group != group })
}

// Described is the description of the setting with that key.
func Described(key string) (Setting, bool) { return setting.Find(described, key) }

// Rules are the settings about numbers with the outside line of the account: what
// numbers are to be read by.
func (c Config) Rules() number.Settings {
	n := c.Numbers
	n.Prefix = c.Account.Prefix
	n.Locked = slices.Sorted(maps.Keys(c.Locked))
	return n
}

// Keys are the combinations that dial from anywhere, in the form "Ctrl+Alt+G",
// "" for none, and what they may do. Which ones there can be is for those who listen to them to say.
type Keys struct {
	Clipboard string `toml:"clipboard" json:"clipboard"` // dials what was copied
	Selection string `toml:"selection" json:"selection"` // dials what is highlighted
	// CopyHighlighted lets Selection copy what is highlighted, where the system has
	// no other way to read it.
	CopyHighlighted bool `toml:"copy_highlighted" json:"copy_highlighted"`

	Redial string `toml:"redial" json:"redial"` // dials the last number again
}

var describedKeys = []setting.Of[Keys]{
	setting.Text("clipboard", func(k *Keys) *string { return &k.Clipboard }, defaultKeys, checkKeys),
	setting.Text("selection", func(k *Keys) *string { return &k.Selection }, "", checkKeys),
	setting.Switch("copy_highlighted", func(k *Keys) *bool { return &k.CopyHighlighted }, false).Optional().Permitting("false", "true"),
	setting.Text("redial", func(k *Keys) *string { return &k.Redial }, "", checkKeys).Optional(),
}

// History is how much is kept of the calls that were made.
type History struct {
	Calls int `toml:"keep_calls" json:"keep_calls"` // the newest; 0: nothing
	Days  int `toml:"keep_days" json:"keep_days"`   // those that are no older; 0: of any age
}

var describedHistory = []setting.Of[History]{
	setting.Count("keep_calls", func(h *History) *int { return &h.Calls }, 10_000, 0, 100_000).Optional(),
	setting.Count("keep_days", func(h *History) *int { return &h.Days }, 0, 0, 3650).Optional(),
}

// Account is how to reach the PBX and as whom to call.
type Account struct {
	Name      string `toml:"name" json:"name,omitempty"`             // the person's for it; "" where it is the only one
	ByNetwork bool   `toml:"by_network" json:"by_network,omitempty"` // it is chosen by itself where the person chose it before
	Host      string `toml:"host" json:"host"`                       // a DNS name or an IP address
	Port      int    `toml:"port" json:"port"`
	TLS       bool   `toml:"tls" json:"tls"`
	TLSPin    string `toml:"tls_pin" json:"tls_pin"` // SHA-256 of the accepted certificate in hex; "" for the system's roots
	TLS13     bool   `toml:"tls13" json:"tls13"`     // no older version of TLS is accepted
	TLSCA     string `toml:"tls_ca" json:"tls_ca"`   // the file with the certificates that are trusted instead of the system's; "" for none
	Username  string `toml:"username" json:"username"`
	Extension string `toml:"extension" json:"extension"` // the person's own phone; "" until it is picked
	Tenant    string `toml:"tenant" json:"tenant"`       // the UUID KalliopePBX gives each tenant
	Syntax    Syntax `toml:"syntax" json:"syntax"`
	Channel   string `toml:"channel" json:"channel"` // of SyntaxPlain: the own phone, with ExtensionMark in the place of its extension; "" for UsualChannel
	Context   string `toml:"context" json:"context"` // of SyntaxPlain: the part of the dialplan that the number is dialled in; "" for UsualContext
	// Mailbox is the person's voicemail, such as 7101@default; "": none is asked for.
	Mailbox string `toml:"mailbox" json:"mailbox,omitempty"`
	// TransferContext is the part of the dialplan in which calls that are transferred go on;
	// "" for the usual one of the syntax.
	TransferContext string   `toml:"transfer_context" json:"transfer_context,omitempty"`
	Prefix          string   `toml:"prefix" json:"prefix"`   // what gets an outside line
	Timeout         Duration `toml:"timeout" json:"timeout"` // how long the person's own phone may ring; last in the file, see Load
}

var describedAccount = []setting.Of[Account]{
	setting.Text("name", func(a *Account) *string { return &a.Name }, "", checkName).Optional().WithOption(setting.Option{}),
	setting.Switch("by_network", func(a *Account) *bool { return &a.ByNetwork }, false).Optional().WithOption(setting.Option{}).Permitting("false", "true"),
	setting.Text("host", func(a *Account) *string { return &a.Host }, "", checkHost).WithOption(setting.Option{Required: true}),
	setting.Count("port", func(a *Account) *int { return &a.Port }, 5038, 1, 65535).WithOption(setting.Option{}),
	setting.Switch("tls", func(a *Account) *bool { return &a.TLS }, false).WithOption(setting.Option{}).Permitting("true", "false"),
	setting.Text("tls_pin", func(a *Account) *string { return &a.TLSPin }, "", checkPin).WithOption(setting.Option{Placeholder: "SHA256"}),
	setting.Switch("tls13", func(a *Account) *bool { return &a.TLS13 }, false).Optional().WithOption(setting.Option{}).Permitting("true", "false"),
	setting.Text("tls_ca", func(a *Account) *string { return &a.TLSCA }, "", checkFile).Optional().WithOption(setting.Option{Placeholder: "FILE"}),
	setting.Text("username", func(a *Account) *string { return &a.Username }, "", checkUsername).WithOption(setting.Option{Name: "user", Required: true}),
	setting.Text("tenant", func(a *Account) *string { return &a.Tenant }, "", checkTenant).Where(func(a *Account) bool { return a.Syntax != SyntaxPlain || a.Tenant != "" }).WithOption(setting.Option{Placeholder: "UUID", Required: true}),
	setting.Choice("syntax", func(a *Account) *Syntax { return &a.Syntax }, SyntaxVariables, SyntaxWrapper, SyntaxPlain).WithOption(setting.Option{}),
	setting.Text("channel", func(a *Account) *string { return &a.Channel }, "", checkChannel).Optional().WithOption(setting.Option{Placeholder: "CHANNEL"}),
	setting.Text("context", func(a *Account) *string { return &a.Context }, "", checkContext).Optional().WithOption(setting.Option{}),
	setting.Text("mailbox", func(a *Account) *string { return &a.Mailbox }, "", checkMailbox).Optional().WithOption(setting.Option{}),
	setting.Text("transfer_context", func(a *Account) *string { return &a.TransferContext }, "", checkContext).Optional().WithOption(setting.Option{Placeholder: "CONTEXT"}),
	setting.Text("extension", func(a *Account) *string { return &a.Extension }, "", checkExtension).WithOption(setting.Option{}),
	setting.Text("prefix", func(a *Account) *string { return &a.Prefix }, "0", checkPrefix).WithOption(setting.Option{}),
	setting.Period("timeout", func(a *Account) *Duration { return &a.Timeout }, 10*time.Second, MinTimeout, MaxTimeout).WithOption(setting.Option{}),
}

// Syntax is in which form the PBX is asked for a call: KalliopePBX's two click-to-call
// requests, and the one for every other Asterisk.
type Syntax string

const (
	SyntaxVariables Syntax = "variables"
	SyntaxWrapper   Syntax = "wrapper"
	SyntaxPlain     Syntax = "plain" // no tenant; Channel and Context say where to
)

// plain reports whether the account's calls are asked for in SyntaxPlain.
func plain(a *Account) bool { return a.Syntax == SyntaxPlain }

// Takes reports whether the account has a use for the setting with that key: a tenant is
// nothing to an Asterisk that is no KalliopePBX.
func (a Account) Takes(key string) bool {
	switch key {
	case "tenant":
		return !plain(&a)
	case "channel", "context":
		return plain(&a)
	}
	return true
}

// ExtensionMark stands for the own extension in an account's Channel.
const ExtensionMark = "%extension%"

// What FreePBX and Issabel have: a call to a phone, and from one.
const (
	UsualContext = "from-internal"
	UsualChannel = "Local/" + ExtensionMark + "@" + UsualContext
)

// OwnChannel is the own phone's channel, as an Originate of SyntaxPlain names it.
func (a Account) OwnChannel() string {
	return strings.Replace(cmp.Or(a.Channel, UsualChannel), ExtensionMark, a.Extension, 1)
}

// FarContext is where an Originate of SyntaxPlain has the number dialled.
func (a Account) FarContext() string { return cmp.Or(a.Context, UsualContext) }

// ConnectionMode is how long a session with the PBX is kept.
type ConnectionMode string

const (
	ConnectionOnDemand ConnectionMode = "on-demand" // only around a call
	ConnectionKept     ConnectionMode = "kept"      // all day
)

// Language is the code of a language of ui/words, whose tests compare the two lists.
type Language string

// LanguageOfDesktop is whichever the desktop asks for.
const LanguageOfDesktop Language = ""

// Duration is a time.Duration that is written as "10s" in TOML and JSON.
type Duration time.Duration

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalText writes the form time.ParseDuration reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the form time.ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return err
	}
	*d = Duration(v)
	return nil
}

// defaultKeys are free on every desktop whose list was looked at: Ctrl+Alt+D is
// "show desktop" on MATE (marco), Xfce and Ubuntu; Ctrl+Alt with T, L, E, I, F, V,
// R, X, K, arrows, digits of the keypad or F1 to F12 is somebody's too, and
// Windows keeps its own key to itself. There Ctrl+Alt is AltGr: on none of the
// layouts of IT, DE, FR, ES, GB and US-international that types anything with G.
// Word, Excel, Outlook and browsers do not use it either; their lists take most
// other letters. TestDefaultKeys has the lists and where they are from.
const defaultKeys = "Ctrl+Alt+G"

// Default is what a person has who never set anything up: no account.
func Default() Config {
	c := setting.Usual(described)
	c.Version = Version
	return c
}

// DefaultDir is where the settings live for this user. It need not exist.
func DefaultDir() (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("config: no directory for settings: %w", err)
	}
	return filepath.Join(dir, "cornetta"), nil
}

var (
	// ErrReadOnly is Save's when the directory cannot be written; the program
	// can go on with what it holds in memory.
	ErrReadOnly = status.NewError(status.CodeSettingsReadOnly, "config: the settings cannot be stored here")
	// ErrDiskFull is Save's where there is no room.
	ErrDiskFull = status.NewError(status.CodeDiskFull, "config: no room for the settings")
	// ErrNewer is Load's and Save's for a file with a Version above ours.
	ErrNewer = status.NewError(status.CodeSettingsNewer, "config: written by a later version of the program")
)

// newerError is an ErrNewer with its file.
type newerError struct {
	path    string
	version int
}

func (e *newerError) Error() string {
	return fmt.Sprintf("%v: %s has version %d, known is %d", ErrNewer, e.path, e.version, Version)
}

func (e *newerError) Unwrap() error { return ErrNewer }

// Problem implements status.Problematic.
func (e *newerError) Problem() status.Problem {
	return status.Problem{Code: status.CodeSettingsNewer, Path: e.path}
}

// SyntaxError is a settings file that cannot be read as one.
type SyntaxError struct {
	Path string
	Line int // 1-based; 0 when the file as a whole is meant
	Err  error
}

// Problem implements status.Problematic.
func (e *SyntaxError) Problem() status.Problem {
	p := status.Problem{Code: status.CodeSettingsSyntax, Path: e.Path, Detail: clean.Foreign(e.Error())}
	if field := new(FieldError); errors.As(e.Err, &field) {
		p.Field, p.Fault = field.Field, field.Code
	}
	return p
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("config: %s: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("config: %s, line %d: %v", e.Path, e.Line, e.Err)
}

func (e *SyntaxError) Unwrap() error { return e.Err }

// Damage is what became of a settings file that was damaged.
type Damage struct {
	Path     string // of the settings
	Kept     string // where the damaged file is now; "" where it could not be moved
	Restored bool   // the settings that were in force before are so again
}

// Problem is what a person is told of it, nil for nil.
func (d *Damage) Problem() *status.Problem {
	switch {
	case d == nil:
		return nil
	case !d.Restored:
		return &status.Problem{Code: status.CodeSettingsKept, Path: d.Kept}
	case d.Kept == "":
		return &status.Problem{Code: status.CodeSettingsStuck, Path: d.Path}
	}
	return &status.Problem{Code: status.CodeSettingsRestored, Path: d.Kept}
}
