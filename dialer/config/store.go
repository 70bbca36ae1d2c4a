package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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
	dir      string
	policies *Policies
	mu       sync.Mutex // one writer at a time: it looks before it writes
}

// NewStore neither reads nor writes anything.
func NewStore(dir string) *Store { return &Store{dir: dir} }

// Under is s for settings that p rules; it is called before s is used. Whatever is
// loaded is as it is in force then, and what is locked is not changed.
func (s *Store) Under(p *Policies) *Store {
	s.policies = p
	return s
}

// Policy is what administrators say now.
func (s *Store) Policy() Policy { return s.policies.Read() }

// PolicyStamp is another one whenever Policy may be.
func (s *Store) PolicyStamp() string { return s.policies.Stamp() }

// Explain is each setting as it is in force, and by whose will. The error is Load's.
func (s *Store) Explain() ([]InForce, Policy, error) {
	own, _, err := s.load(s.Path())
	p := s.Policy()
	return p.explain(own), p, err
}

// Path is the settings file, whether it is there or not.
func (s *Store) Path() string { return filepath.Join(s.dir, "config.toml") }

// Load returns the stored settings under the policy, or Default and no error where
// there are none. With any error the Config is Default: nothing of a file that is wrong
// in one place is used; the policy is in force all the same. The errors are *SyntaxError for a file that is damaged,
// ErrNewer, and those of the file system. Load blocks on the disk.
func (s *Store) Load() (Config, error) {
	c, _, err := s.load(s.Path())
	return s.Policy().over(c), err
}

// Restore is Load for a program that acts by the settings: where they are damaged,
// those take their place that were read or saved last, and the damaged file is kept
// aside. The Damage is what a person has to be told of that, nil for nothing. Where
// there is nothing to restore, the error is Load's, and nothing is changed.
func (s *Store) Restore() (Config, *Damage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.Policy()
	c, was, err := s.load(s.Path())
	if err == nil && was != nil {
		s.remember(was)
	}
	if !errors.As(err, new(*SyntaxError)) {
		return p.over(c), nil, err
	}
	good, data, goodErr := s.load(s.good())
	if goodErr != nil || data == nil {
		return p.over(c), nil, err
	}
	d := &Damage{Path: s.Path(), Restored: true}
	d.Kept, _ = s.replaceDamaged(was, data) // where that fails, it is done by the next Save or start
	return p.over(good), d, nil
}

// Change has edit change the stored settings, and stores them as Save does. It is
// given what Restore returns, or, where a damaged file left nothing to restore, what
// Readable finds, but for the account. The Damage tells what became of such a file. Where
// edit changes what an administrator has locked, the error is a *LockedError, and nothing
// is stored.
func (s *Store) Change(edit func(*Config)) (Config, *Damage, error) {
	return s.Try(func(c *Config) error { edit(c); return nil })
}

// Try is Change for an edit that may fail: then nothing is stored, and that is the error.
func (s *Store) Try(edit func(*Config) error) (Config, *Damage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, was, err := s.load(s.Path())
	var d *Damage
	switch {
	case errors.As(err, new(*SyntaxError)):
		d = &Damage{Path: s.Path()}
		if good, data, err := s.load(s.good()); err == nil && data != nil {
			c, d.Restored = good, true
		} else {
			c = readable(was)
			c.Account = Account{}
		}
	case errors.Is(err, ErrNewer):
		return c, nil, err
	case err != nil:
		return c, nil, notSaved(err)
	}
	p := s.Policy()
	before := p.over(c)
	after := before
	if err := edit(&after); err != nil {
		return before, nil, err
	}
	if after.Connection == "" {
		after.Connection = ConnectionOnDemand
	}
	if _, err := after.checked(before); err != nil {
		return after, nil, err
	}
	if c, err = p.under(c, before, after); err != nil {
		return after, nil, err
	}
	if c, err = c.checked(Config{}); err != nil {
		return c, nil, err
	}
	var out bytes.Buffer
	out.WriteString("# Cornetta's settings. The password is not here: it is in the keyring.\n")
	if err := toml.NewEncoder(&out).Encode(c); err != nil {
		return c, nil, fmt.Errorf("config: encode: %w", err)
	}
	if out.Len() > maxSize { // it could not be read again
		return c, nil, ErrManyAccounts
	}
	if d != nil {
		d.Kept, err = s.replaceDamaged(was, out.Bytes())
	} else {
		err = durable.Write(s.Path(), out.Bytes())
	}
	if err != nil {
		return c, nil, notSaved(err)
	}
	s.remember(out.Bytes())
	return p.over(c), d, nil
}

// Save replaces the stored settings atomically, the file with permissions 0600
// and a directory it has to create with 0700. It refuses what Load would not
// take back: keys and numbers that do not pass Validate, and an account (other
// than none at all) that does not pass ValidateLogin. A damaged file is kept aside.
// It blocks on the disk until the new file would survive a power cut.
func (s *Store) Save(c Config) error {
	_, _, err := s.Change(func(old *Config) { *old = c })
	return err
}

// Readable is what a damaged settings file still says: each setting that can be read
// by itself, for a person to look through. It is Default where there is nothing.
func (s *Store) Readable() Config {
	_, was, _ := s.load(s.Path())
	return s.Policy().over(readable(was))
}

// good is the copy of the settings that were read or saved last.
func (s *Store) good() string { return s.Path() + ".good" }

// remember keeps good settings for Restore. That it fails costs no more than that.
func (s *Store) remember(data []byte) {
	if old, err := read(s.good()); err != nil || !bytes.Equal(old, data) {
		_ = durable.Write(s.good(), data)
	}
}

// replaceDamaged puts data in the place of the damaged file, which is kept under the
// name that is returned. Where one of the two fails, everything is as it was.
func (s *Store) replaceDamaged(was, data []byte) (kept string, err error) {
	whole := was != nil && len(was) <= maxSize
	if whole { // copied, so that there is a file at every moment, and a link stays one
		kept = durable.Aside(s.Path())
		err = durable.Write(kept, was)
	} else {
		kept, err = durable.MoveAside(s.Path())
	}
	if err != nil {
		return "", err
	}
	if err := durable.Write(s.Path(), data); err != nil {
		if whole {
			_ = os.Remove(kept)
		} else {
			_ = os.Rename(kept, s.Path())
		}
		return "", err
	}
	return kept, nil
}

func notSaved(err error) error {
	switch {
	case errors.Is(err, durable.ErrShared):
	case durable.ReadOnly(err):
		return fmt.Errorf("%w: %w", ErrReadOnly, err)
	case durable.Full(err):
		return fmt.Errorf("%w: %w", ErrDiskFull, err)
	}
	return fmt.Errorf("config: %w", err)
}

// load reads and checks the file at path. data is what stands in it, as far as that
// can be read, nil where there is none.
func (s *Store) load(path string) (c Config, data []byte, err error) {
	data, err = read(path)
	if errors.Is(err, fs.ErrNotExist) && !errors.As(err, new(*SyntaxError)) { // a link to nowhere is one
		return Default(), nil, nil
	}
	if err == nil {
		c, err = parse(path, data)
	}
	if err != nil {
		return Default(), data, err
	}
	return c, data, nil
}

// read returns what stands in the file at path. A *SyntaxError means that there is
// something at path that cannot be read as a file of settings, whatever it is; then
// data is only a part, or nil.
func read(path string) (data []byte, err error) {
	f, err := durable.OpenFile(path, os.O_RDONLY, 0)
	if err == nil {
		defer f.Close()
		data, err = io.ReadAll(io.LimitReader(f, maxSize+1))
	}
	switch {
	case err == nil && len(data) > maxSize:
		return data, &SyntaxError{Path: path, Err: fmt.Errorf("more than %d bytes", maxSize)}
	case err == nil:
		return data, nil
	case durable.Spoiled(path, err):
		return nil, &SyntaxError{Path: path, Err: err}
	}
	// A file where the directory should be: nothing is stored.
	if durable.ReadOnly(err) && !errors.Is(err, fs.ErrPermission) {
		err = fmt.Errorf("%w: %w", fs.ErrNotExist, err)
	}
	return nil, fmt.Errorf("config: %w", err)
}

// checked is c as it is kept, or a *FieldError: without an account that of Default,
// else one that a login can be tried with. Accounts that are those of untouched are not
// looked at.
func (c Config) checked(untouched Config) (Config, error) {
	if err := setting.Check(beside, &c); err != nil {
		return Config{}, err
	}
	if c.Account.IsZero() {
		c.Account = Default().Account
	} else if c.Account == untouched.Account {
	} else if err := c.Account.ValidateLogin(); err != nil {
		return Config{}, err
	}
	if err := c.checkAccounts(untouched.Others); err != nil {
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
	if key := missingOf(described, file, version); key != "" || version < 4 {
		return key
	}
	others, _ := under(file, "others")
	all, _ := others.([]any)
	for _, o := range all {
		if one, ok := o.(map[string]any); ok {
			if key := missingOf(slices.DeleteFunc(slices.Clone(described), func(d Setting) bool { return !d.Belongs() }), one, version); key != "" {
				return key
			}
		}
	}
	return ""
}

func missingOf(all []Setting, file map[string]any, version int) string {
	for _, s := range all {
		table := file
		if s.Group != "" {
			in, there := under(file, s.Group)
			if !there && version == 1 && s.Group != "account" {
				continue // some files of version 1 have no other table
			}
			if !there && s.Since > version {
				continue // it is of a later version, perhaps with all of its table
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

func parse(path string, data []byte) (Config, error) {
	damaged := func(err error) error { return damagedBy(path, err) }
	data = unmarked(data)
	// The version first, and alone: the rest of a later version's file need
	// not fit our types.
	var head struct {
		Version *int `toml:"version"`
	}
	if err := toml.Unmarshal(data, &head); err != nil {
		return Config{}, damaged(err)
	}
	switch v := head.Version; {
	case v == nil:
		return Config{}, damaged(errors.New("version is missing"))
	case *v > Version:
		return Config{}, &newerError{path, *v}
	case *v < 1:
		return Config{}, damaged(fmt.Errorf("version %d never was", *v))
	}

	c := Default() // what the file does not say stays as it is here
	if err := toml.Unmarshal(data, &c); err != nil {
		return Config{}, damaged(err)
	}
	var file map[string]any
	if err := toml.Unmarshal(data, &file); err != nil {
		return Config{}, damaged(err)
	}
	if key := missing(file, *head.Version); key != "" {
		return Config{}, damaged(errors.New(key + " is missing"))
	}
	for _, list := range []*[]string{&c.Numbers.LocalContexts, &c.Numbers.AccountCodes, &c.Numbers.OwnRules} {
		if len(*list) == 0 {
			*list = nil // none, so that two Configs compare
		}
	}
	if strings.TrimSpace(c.Account.Host) == "" {
		c.Account = Account{}
	}
	if *head.Version < 4 {
		c.Others = nil // there were none
	}
	var err error
	if c.Others, err = canonical(c.Others); err != nil {
		return c, damaged(err)
	}
	c, err = c.checked(Config{})
	if err != nil {
		return c, damaged(err)
	}
	return c, nil
}

func damagedBy(path string, err error) error {
	line := 0
	if at := new(toml.DecodeError); errors.As(err, &at) {
		line, _ = at.Position()
	}
	return &SyntaxError{Path: path, Line: line, Err: err}
}

// readable is each setting of a file that can be read by itself and is as it must be.
// Where the file names a PBX and no longer says whether to encrypt, that is switched
// on: what was encrypted must not become clear by damage.
func readable(data []byte) Config {
	c := Default()
	group, tls := "", false
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if name, ok := strings.CutPrefix(line, "["); ok {
			group = strings.TrimSuffix(name, "]")
			continue
		}
		var one map[string]any
		if toml.Unmarshal([]byte(line), &one) != nil {
			continue
		}
		for key, value := range one {
			text := fmt.Sprint(value)
			if list, ok := value.([]any); ok {
				data, _ := json.Marshal(list)
				text = string(data)
			}
			d, ok := Described(strings.ToLower(key))
			changed := c
			if ok && d.Group == group && d.Parse(&changed, text) == "" {
				c = changed
				tls = tls || d.Key == "tls"
			}
		}
	}
	if !tls && !c.Account.IsZero() {
		c.Account.TLS = true
	}
	return c
}
