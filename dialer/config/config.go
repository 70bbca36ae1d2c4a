// Package config keeps the settings of a person's dialer in one small TOML
// file, config.toml, in the user's configuration directory. It never holds a
// secret: those live behind package secret.
//
// The file is meant to be read and edited by people, so keys this version does
// not know are ignored. What is never done is to guess: Save writes every key,
// and Load wants every one of them back (but for copy_highlighted, which is off
// where it is missing), so a file that lost its tail is
// noticed wherever it was cut, instead of becoming a working account with a
// wrong port. Files of earlier versions, which knew less, have the usual values for
// the rest. A file from a later version is neither loaded nor overwritten,
// and a damaged one is copied to config.toml.bak before it is.
//
// A Store may be used by several goroutines. The agent and the command line
// write the same file from two processes; each replaces it whole, and the last
// one wins.
//
// The tests cut a stored file at every byte, plant wrong values in every field,
// and fuzz Load.
package config

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"cornetta/dialer/status"
)

// Version is the layout of the file this program writes. It is raised also for
// what is only added, where a program that ignores it would dial another number.
const Version = 3

// Config is everything the settings file holds.
type Config struct {
	Version int      `toml:"version"`
	Link    LinkMode `toml:"link"`
	Keys    Keys     `toml:"keys"`
	Numbers Numbers  `toml:"numbers"`
	Account Account  `toml:"account"` // last in the file, see Load
}

// Keys are the combinations that dial from anywhere, in the form "Ctrl+Alt+G",
// "" for none, and what they may do. Which ones there can be is for those who listen to them to say.
type Keys struct {
	Clipboard string `toml:"clipboard" json:"clipboard"` // dials what was copied
	Selection string `toml:"selection" json:"selection"` // dials what is highlighted
	// CopyHighlighted lets Selection copy what is highlighted, where the system has
	// no other way to read it. A file without it means false.
	CopyHighlighted bool `toml:"copy_highlighted" json:"copy_highlighted"`
}

// Numbers are the person's choices about numbers, but for the outside line,
// which is the account's. They are package number's Settings by name and value;
// number says what each means. The windows have no need of that package and of
// its numbering plans, hence the type of its own.
type Numbers struct {
	Region           string   `toml:"region" json:"region"` // home country, such as IT; "" when unknown
	Plus             string   `toml:"plus" json:"plus"`
	Confirm          string   `toml:"confirm" json:"confirm"`
	ExtMaxLen        int      `toml:"ext_max_len" json:"ext_max_len"`
	TypedIs          string   `toml:"typed_is" json:"typed_is"`
	TypedLine        string   `toml:"typed_line" json:"typed_line"`
	HomeNational     bool     `toml:"home_national" json:"home_national"`
	LinkFeatureCodes string   `toml:"link_feature_codes" json:"link_feature_codes"`
	LocalContexts    []string `toml:"local_contexts" json:"local_contexts,omitempty"`
}

// The values of Numbers, the usual one first.
const (
	PlusZeros = "00"
	PlusKeep  = "keep"

	ConfirmLinks   = "links"
	ConfirmAlways  = "always"
	ConfirmTrusted = "trusted"

	TypedPlan   = "plan"
	TypedKeypad = "keypad"
	TypedPublic = "public"

	LineAsk     = "ask"
	LineMissing = "missing"
	LineTyped   = "typed"

	LinkCodesConfirm = "confirm"
	LinkCodesBlock   = "block"
)

// Account is how to reach the PBX and as whom to call.
type Account struct {
	Host      string   `toml:"host" json:"host"` // a DNS name or an IP address
	Port      int      `toml:"port" json:"port"`
	TLS       bool     `toml:"tls" json:"tls"`
	TLSPin    string   `toml:"tls_pin" json:"tls_pin"` // SHA-256 of the accepted certificate in hex; "" for the system's roots
	Username  string   `toml:"username" json:"username"`
	Extension string   `toml:"extension" json:"extension"` // the person's own phone; "" until it is picked
	Tenant    string   `toml:"tenant" json:"tenant"`       // the UUID KalliopePBX gives each tenant
	Syntax    Syntax   `toml:"syntax" json:"syntax"`
	Prefix    string   `toml:"prefix" json:"prefix"`   // what gets an outside line
	Timeout   Duration `toml:"timeout" json:"timeout"` // how long the person's own phone may ring; last in the file, see Load
}

// Syntax is which of KalliopePBX's two click-to-call requests is sent.
type Syntax string

const (
	SyntaxVariables Syntax = "variables"
	SyntaxWrapper   Syntax = "wrapper"
)

// LinkMode is how long a session with the PBX is kept.
type LinkMode string

const (
	LinkOnDemand LinkMode = "on-demand" // only around a call
	LinkKept     LinkMode = "kept"      // all day
)

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
	return Config{
		Version: Version, Link: LinkOnDemand, Keys: Keys{Clipboard: defaultKeys},
		Numbers: Numbers{
			Region: "IT", Plus: PlusZeros, Confirm: ConfirmLinks, ExtMaxLen: 4,
			TypedIs: TypedPlan, TypedLine: LineAsk, HomeNational: true, LinkFeatureCodes: LinkCodesConfirm,
		},
		Account: Account{Port: 5038, Syntax: SyntaxVariables, Prefix: "0", Timeout: Duration(10 * time.Second)},
	}
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

// SyntaxError is a settings file that cannot be read as one.
type SyntaxError struct {
	Path string
	Line int // 1-based; 0 when the file as a whole is meant
	Err  error
}

// Problem implements status.Problematic.
func (e *SyntaxError) Problem() status.Problem {
	return status.Problem{Code: status.CodeSettingsSyntax, Detail: e.Error()}
}

func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("config: %s: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("config: %s, line %d: %v", e.Path, e.Line, e.Err)
}

func (e *SyntaxError) Unwrap() error { return e.Err }
