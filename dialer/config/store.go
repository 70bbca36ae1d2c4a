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

	"cornetta/dialer/setting"
	"cornetta/internal/durable"
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
	if c.Connection == "" {
		c.Connection = ConnectionOnDemand
	}
	c, err := c.checked()
	if err != nil {
		return err
	}
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

// checked is c as it is kept, or a *FieldError: without an account that of Default,
// else one that a login can be tried with.
func (c Config) checked() (Config, error) {
	if err := setting.Check(beside, &c); err != nil {
		return Config{}, err
	}
	if c.Account.IsZero() {
		c.Account = Default().Account
	} else if err := c.Account.ValidateLogin(); err != nil {
		return Config{}, err
	}
	c.Account = c.Account.Normalized()
	c.Version = Version
	return c, nil
}

// missing names the first key that a file of that version has to have and this one
// has not. The last key of the file is a quoted string: a cut inside it is a syntax
// error, a cut before it is found here.
func missing(file map[string]any, version int) string {
	for _, s := range described {
		table := file
		if s.Group != "" {
			in, there := under(file, s.Group)
			if !there && version == 1 && s.Group != "account" {
				continue // some files of version 1 have no other table
			}
			if !there {
				return "[" + s.Group + "]"
			}
			table, _ = in.(map[string]any)
		}
		if _, there := under(table, s.Key); !there && s.Since <= version {
			return s.Key
		}
	}
	return ""
}

// under is what stands under a key, which is found in capitals too, as toml does.
func under(table map[string]any, key string) (v any, there bool) {
	for k, v := range table {
		if strings.EqualFold(k, key) {
			return v, true
		}
	}
	return nil, false
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

	c := Default() // what the file does not say stays as it is here
	if err := toml.Unmarshal(data, &c); err != nil {
		return Config{}, s.damaged(err)
	}
	var file map[string]any
	if err := toml.Unmarshal(data, &file); err != nil {
		return Config{}, s.damaged(err)
	}
	if key := missing(file, *head.Version); key != "" {
		return Config{}, s.damaged(errors.New(key + " is missing"))
	}
	if len(c.Numbers.LocalContexts) == 0 {
		c.Numbers.LocalContexts = nil // none, so that two Configs compare
	}
	if strings.TrimSpace(c.Account.Host) == "" {
		c.Account = Account{}
	}
	return c.checked()
}

func (s *Store) damaged(err error) error {
	line := 0
	if at := new(toml.DecodeError); errors.As(err, &at) {
		line, _ = at.Position()
	}
	return &SyntaxError{Path: s.Path(), Line: line, Err: err}
}
