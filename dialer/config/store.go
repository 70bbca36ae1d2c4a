package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/pelletier/go-toml/v2"

	"cornetta/dialer/internal/durable"
)

// maxSize is far above what Save writes; a larger file is not a settings file.
const maxSize = 64 << 10

// Store reads and writes the settings in one directory.
type Store struct {
	dir string
	mu  sync.Mutex // one Save at a time: it looks before it writes
}

// NewStore neither reads nor writes anything.
func NewStore(dir string) *Store { return &Store{dir: dir} }

// Path is the settings file, whether it is there or not.
func (s *Store) Path() string { return filepath.Join(s.dir, "config.toml") }

// Load returns the stored settings, or Default and no error where there are
// none. With any error the Config is Default: nothing of a file that is wrong
// in one place is used. The errors are *SyntaxError, *FieldError, ErrNewer, and
// those of the file system. Load blocks on the disk.
func (s *Store) Load() (Config, error) {
	data, err := s.read()
	if errors.Is(err, fs.ErrNotExist) {
		return Default(), nil
	}
	if err != nil {
		return Default(), err
	}
	c, err := s.parse(data)
	if err != nil {
		return Default(), err
	}
	return c, nil
}

// Save replaces the stored settings atomically, the file with permissions 0600
// and a directory it has to create with 0700. It refuses what Load would not
// take back: keys and numbers that do not pass Validate, and an account (other
// than none at all) that does not pass ValidateLogin. A damaged file is kept as
// config.toml.bak. It blocks on the disk until the new file would survive a
// power cut.
func (s *Store) Save(c Config) error {
	if c.Link == "" {
		c.Link = LinkOnDemand
	}
	if code := oneOf(c.Link, LinkOnDemand, LinkKept); code != "" {
		return &FieldError{Field: "link", Code: code}
	}
	if err := c.Keys.Validate(); err != nil {
		return err
	}
	if err := c.Numbers.Validate(); err != nil {
		return err
	}
	if c.Account.IsZero() {
		c.Account = Default().Account
	} else {
		if err := c.Account.ValidateLogin(); err != nil {
			return err
		}
		c.Account = c.Account.Normalized()
	}
	c.Version = Version
	var out bytes.Buffer
	out.WriteString("# Cornetta's settings. The password is not here: it is in the keyring.\n")
	if err := toml.NewEncoder(&out).Encode(c); err != nil {
		return fmt.Errorf("config: encode: %w", err)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.keepDamaged(); err != nil {
		return err
	}
	return s.write(s.Path(), out.Bytes())
}

// keepDamaged looks at what Save is about to replace.
func (s *Store) keepDamaged() error {
	data, err := s.read()
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if damaged := new(SyntaxError); errors.As(err, &damaged) { // too large: move it rather than copy
		if err := os.Rename(s.Path(), s.Path()+".bak"); err != nil {
			return notSaved(err)
		}
		return nil
	}
	if err != nil {
		return notSaved(err)
	}
	switch _, err := s.parse(data); {
	case err == nil:
		return nil
	case errors.Is(err, ErrNewer):
		return err
	default:
		return s.write(s.Path()+".bak", data)
	}
}

func (s *Store) write(path string, data []byte) error {
	if err := durable.Write(path, data); err != nil {
		return notSaved(err)
	}
	return nil
}

func notSaved(err error) error {
	switch {
	case durable.ReadOnly(err):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	case durable.Full(err):
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	}
	return fmt.Errorf("config: %w", err)
}

func (s *Store) read() ([]byte, error) {
	f, err := durable.OpenFile(s.Path(), os.O_RDONLY, 0)
	if err != nil {
		// A file where the directory should be: nothing is stored.
		if durable.ReadOnly(err) && !errors.Is(err, fs.ErrPermission) {
			return nil, fmt.Errorf("config: %w: %w", fs.ErrNotExist, err)
		}
		return nil, fmt.Errorf("config: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("config: %w", err)
	}
	if len(data) > maxSize {
		return nil, &SyntaxError{Path: s.Path(), Err: fmt.Errorf("more than %d bytes", maxSize)}
	}
	return data, nil
}

// stored is the file with every key optional, so that a missing one shows.
type stored struct {
	Version *int           `toml:"version"`
	Link    *LinkMode      `toml:"link"`
	Keys    *storedKeys    `toml:"keys"`
	Numbers *storedNumbers `toml:"numbers"`
	Account *storedAccount `toml:"account"`
}

type storedKeys struct {
	Clipboard *string `toml:"clipboard"`
	Selection *string `toml:"selection"`

	CopyHighlighted bool `toml:"copy_highlighted"`
}

type storedNumbers struct {
	Region           *string   `toml:"region"`
	Plus             *string   `toml:"plus"`
	Confirm          *string   `toml:"confirm"`
	ExtMaxLen        *int      `toml:"ext_max_len"`
	TypedIs          *string   `toml:"typed_is"`
	TypedLine        *string   `toml:"typed_line"`
	HomeNational     *bool     `toml:"home_national"`
	LinkFeatureCodes *string   `toml:"link_feature_codes"`
	LocalContexts    *[]string `toml:"local_contexts"`
}

type storedAccount struct {
	Host      *string   `toml:"host"`
	Port      *int      `toml:"port"`
	TLS       *bool     `toml:"tls"`
	TLSPin    *string   `toml:"tls_pin"`
	Username  *string   `toml:"username"`
	Extension *string   `toml:"extension"`
	Tenant    *string   `toml:"tenant"`
	Syntax    *Syntax   `toml:"syntax"`
	Prefix    *string   `toml:"prefix"`
	Timeout   *Duration `toml:"timeout"`
}

// missing names the first absent key. The last key of the file is a quoted
// string: a cut inside it is a syntax error, a cut before it is found here.
func (s stored) missing() string {
	switch a, n := s.Account, s.Numbers; {
	case s.Link == nil:
		return "link"
	case s.Keys == nil && *s.Version > 1: // some files of version 1 have no keys
		return "[keys]"
	case s.Keys != nil && s.Keys.Clipboard == nil:
		return "clipboard"
	case s.Keys != nil && s.Keys.Selection == nil:
		return "selection"
	case n == nil && *s.Version > 1:
		return "[numbers]"
	case n != nil && n.Region == nil:
		return "region"
	case n != nil && n.Plus == nil:
		return "plus"
	case n != nil && n.Confirm == nil:
		return "confirm"
	case n != nil && n.ExtMaxLen == nil:
		return "ext_max_len"
	case n != nil && n.TypedIs == nil:
		return "typed_is"
	case n != nil && n.TypedLine == nil && *s.Version > 2:
		return "typed_line"
	case n != nil && n.HomeNational == nil:
		return "home_national"
	case n != nil && n.LinkFeatureCodes == nil:
		return "link_feature_codes"
	case n != nil && n.LocalContexts == nil:
		return "local_contexts"
	case a == nil:
		return "[account]"
	case a.Host == nil:
		return "host"
	case a.Port == nil:
		return "port"
	case a.TLS == nil:
		return "tls"
	case a.TLSPin == nil:
		return "tls_pin"
	case a.Username == nil:
		return "username"
	case a.Extension == nil:
		return "extension"
	case a.Tenant == nil:
		return "tenant"
	case a.Syntax == nil:
		return "syntax"
	case a.Prefix == nil:
		return "prefix"
	case a.Timeout == nil:
		return "timeout"
	}
	return ""
}

func (s *Store) parse(data []byte) (Config, error) {
	// The version first, and alone: the rest of a later version's file need
	// not fit our types.
	var head struct {
		Version *int `toml:"version"`
	}
	if err := toml.Unmarshal(data, &head); err != nil {
		return Config{}, s.damaged(err)
	}
	switch v := head.Version; {
	case v == nil:
		return Config{}, s.damaged(errors.New("version is missing"))
	case *v > Version:
		return Config{}, fmt.Errorf("%w: %s has version %d, known is %d", ErrNewer, s.Path(), *v, Version)
	case *v < 1:
		return Config{}, s.damaged(fmt.Errorf("version %d never was", *v))
	}

	var f stored
	if err := toml.Unmarshal(data, &f); err != nil {
		return Config{}, s.damaged(err)
	}
	if key := f.missing(); key != "" {
		return Config{}, s.damaged(errors.New(key + " is missing"))
	}
	if code := oneOf(*f.Link, LinkOnDemand, LinkKept); code != "" {
		return Config{}, &FieldError{Field: "link", Code: code}
	}
	c := Default()
	c.Link = *f.Link
	if f.Keys != nil {
		c.Keys = Keys{Clipboard: *f.Keys.Clipboard, Selection: *f.Keys.Selection, CopyHighlighted: f.Keys.CopyHighlighted}
		if err := c.Keys.Validate(); err != nil {
			return Config{}, err
		}
	}
	if n := f.Numbers; n != nil {
		c.Numbers = Numbers{
			Region: *n.Region, Plus: *n.Plus, Confirm: *n.Confirm, ExtMaxLen: *n.ExtMaxLen,
			TypedIs: *n.TypedIs, TypedLine: LineAsk, HomeNational: *n.HomeNational, LinkFeatureCodes: *n.LinkFeatureCodes,
		}
		if n.TypedLine != nil {
			c.Numbers.TypedLine = *n.TypedLine
		}
		if len(*n.LocalContexts) > 0 { // nil is none, so that two Configs compare
			c.Numbers.LocalContexts = *n.LocalContexts
		}
		if err := c.Numbers.Validate(); err != nil {
			return Config{}, err
		}
	}
	if strings.TrimSpace(*f.Account.Host) == "" {
		return c, nil
	}
	a := f.Account
	c.Account = Account{
		Host: *a.Host, Port: *a.Port, TLS: *a.TLS, TLSPin: *a.TLSPin,
		Username: *a.Username, Extension: *a.Extension, Tenant: *a.Tenant,
		Syntax: *a.Syntax, Prefix: *a.Prefix, Timeout: *a.Timeout,
	}.Normalized()
	if err := c.Account.ValidateLogin(); err != nil {
		return Config{}, err
	}
	return c, nil
}

func (s *Store) damaged(err error) error {
	line := 0
	if at := new(toml.DecodeError); errors.As(err, &at) {
		line, _ = at.Position()
	}
	return &SyntaxError{Path: s.Path(), Line: line, Err: err}
}
