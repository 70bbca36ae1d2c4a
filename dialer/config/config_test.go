package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"cornetta/dialer/number"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var keys = Keys{Clipboard: "Super+F9", Selection: "Ctrl+Alt+S", CopyHighlighted: true}

func account() Account {
	return Account{
		Host: "pbx.example.com", Port: 5038, Username: "clicktocall", Extension: "7101",
		Tenant: "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", Syntax: SyntaxVariables, Prefix: "0",
		Timeout: Duration(15 * time.Second),
	}
}

// whole has something else than the usual everywhere.
func whole() Config {
	return Config{
		Version: Version, Connection: ConnectionKept, Keys: keys, Account: account(),
		Numbers: number.Settings{
			Region: "DE", Plus: number.PlusKeep, Confirm: number.ConfirmTrusted, ExtMaxLen: 6, TypedIs: number.TypedPublic,
			TypedLine: number.LineTyped, LinkFeatureCodes: number.CodesBlock, LocalContexts: []string{"pbx.example.com", "+49"},
			Premium: number.KindNever, Abroad: number.KindNever, ServiceCodes: number.KindNever,
			WithholdCode: "*671", AccountCodes: []string{"1234 Rossi", "77"}, OwnRules: []string{"7xx = 050 71 7xx", "00... = +..."},
		},
	}
}

// with is the usual settings with an account.
func with(a Account) Config {
	c := Default()
	c.Account = a
	return c
}

func same(a, b Config) bool { return cmp.Equal(a, b) }

func stored1(t *testing.T) (*Store, []byte) {
	t.Helper()
	s := NewStore(filepath.Join(t.TempDir(), "cornetta"))
	if err := s.Save(whole()); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	return s, data
}

func TestRoundTrip(t *testing.T) {
	s, _ := stored1(t)
	got, err := s.Load()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole(), got); diff != "" {
		t.Error(diff)
	}
	// And a store that is told to forget the account does.
	if err := s.Save(Default()); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Load(); err != nil || !same(got, Default()) {
		t.Errorf("after removing the account: %+v, %v", got, err)
	}
}

func TestNothingStored(t *testing.T) {
	s := NewStore(filepath.Join(t.TempDir(), "never", "made"))
	got, err := s.Load()
	if err != nil || !same(got, Default()) || !got.Account.IsZero() {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := os.Stat(filepath.Dir(s.Path())); !errors.Is(err, fs.ErrNotExist) {
		t.Error("Load made the directory")
	}
}

func TestPermissions(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has access lists in their place")
	}
	s, _ := stored1(t)
	// A file that was made readable for others does not stay so.
	if err := os.Chmod(s.Path(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := s.Save(with(account())); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{s.Path(): 0o600, s.good(): 0o600, filepath.Dir(s.Path()): 0o700 | fs.ModeDir} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s: %v, want %v", path, info.Mode(), want)
		}
	}
	left, err := os.ReadDir(filepath.Dir(s.Path()))
	if err != nil || len(left) != 2 { // and their copy
		t.Errorf("beside the settings: %v, %v", left, err)
	}
}

// A file cut anywhere is refused, or it is whole.
func TestCutAnywhere(t *testing.T) {
	s, data := stored1(t)
	for n := range data {
		if err := os.WriteFile(s.Path(), data[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := s.Load()
		switch {
		case err != nil && same(got, Default()):
			if damaged := new(SyntaxError); !errors.As(err, &damaged) {
				t.Errorf("cut at %d: %v is no *SyntaxError", n, err)
			}
		case err == nil && same(got, whole()) && n >= len(data)-1: // only the last line end is gone
		default:
			t.Errorf("cut at %d, after %q: loaded %+v, %v", n, data[max(0, n-20):n], got, err)
		}
	}
}

// A file from before there were keys has the usual ones; one that has lost a
// part of them has lost who knows what else.
func TestKeysCameLater(t *testing.T) {
	s, data := stored1(t)
	table := "[keys]\nclipboard = 'Super+F9'\nselection = 'Ctrl+Alt+S'\ncopy_highlighted = true\n"
	for _, tc := range []struct {
		name, instead string
		want          Keys
		wrong         bool
	}{
		{"as it was saved", table, keys, false},
		{"from before", "", Default().Keys, false},
		{"none", "[keys]\nclipboard = ''\nselection = ''\n", Keys{}, false},
		{"before anything could be copied", "[keys]\nclipboard = 'F9'\nselection = 'F8'\n", Keys{Clipboard: "F9", Selection: "F8"}, false},
		{"half", "[keys]\nclipboard = 'Super+F9'\n", Keys{}, true},
		{"with a line break", "[keys]\nclipboard = \"Ctrl+\\n\"\nselection = ''\n", Keys{}, true},
	} {
		text := edited(t, data, "version = 4", "version = 1", table, tc.instead)
		if err := os.WriteFile(s.Path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := s.Load()
		if (err != nil) != tc.wrong {
			t.Errorf("%s: %v", tc.name, err)
		}
		if err == nil && (c.Keys != tc.want || c.Account != account()) {
			t.Errorf("%s: %+v", tc.name, c)
		}
	}
	c, err := s.load1(edited(t, data, "copy_highlighted = true\n", ""))
	if want := (Keys{Clipboard: keys.Clipboard, Selection: keys.Selection}); err != nil || c.Keys != want {
		t.Errorf("a file of today that does not say whether to copy: %+v, %v", c.Keys, err)
	}
	if _, err := s.load1(edited(t, data, table, "")); !errors.As(err, new(*SyntaxError)) {
		t.Errorf("a file of today without them: %v", err)
	}
	for _, k := range []Keys{{Clipboard: "Ctrl+\n"}, {Selection: strings.Repeat("Ctrl+", 20)}, {Clipboard: "Ctrl+è"}} {
		if err := s.Save(Config{Connection: ConnectionKept, Keys: k, Numbers: whole().Numbers, Account: account()}); !errors.As(err, new(*FieldError)) {
			t.Errorf("%+v was saved: %v", k, err)
		}
	}
}

// edited is the file with other text in the place of some of its own.
func edited(t *testing.T, data []byte, oldNew ...string) string {
	t.Helper()
	text := string(data)
	for i := 0; i < len(oldNew); i += 2 {
		if !strings.Contains(text, oldNew[i]) {
			t.Fatalf("there is no %q in\n%s", oldNew[i], data)
		}
		text = strings.Replace(text, oldNew[i], oldNew[i+1], 1)
	}
	return text
}

// load1 is Load of a file with that text.
func (s *Store) load1(text string) (Config, error) {
	if err := os.WriteFile(s.Path(), []byte(text), 0o600); err != nil {
		return Config{}, err
	}
	return s.Load()
}

// A file from before there were numbers has the usual ones; a later one that
// lacks any of them is damaged, and values that are none are named.
func TestNumbersCameLater(t *testing.T) {
	s, data := stored1(t)
	text := string(data)
	from, to := strings.Index(text, "[numbers]"), strings.Index(text, "[account]")
	section := text[from:to]

	c, err := s.load1(edited(t, data, "version = 4", "version = 1", section, ""))
	want := whole()
	want.Numbers = Default().Numbers
	if err != nil || !same(c, want) {
		t.Errorf("from before: %+v, %v", c, err)
	}
	if err := s.Save(c); err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(s.Path()); err != nil || !strings.Contains(string(now), "version = 4") {
		t.Errorf("saved again it is\n%s%v", now, err)
	}

	if _, err := s.load1(edited(t, data, section, "")); !errors.As(err, new(*SyntaxError)) {
		t.Errorf("a file of today without them: %v", err)
	}
	for line := range strings.Lines(section) {
		if !strings.Contains(line, "=") {
			continue
		}
		for _, version := range []string{"version = 1", "version = 2", "version = 3", "version = 4"} {
			c, err := s.load1(edited(t, data, "version = 4", version, line, ""))
			optional := slices.Contains([]string{"withhold_code", "account_codes", "own_rules"}, strings.Fields(line)[0])
			if optional || strings.Contains(line, "= 'never'") { // it need not be there
				if err != nil || strings.HasPrefix(line, "premium") != (c.Numbers.Premium == number.KindAsk) {
					t.Errorf("%s without %q: %+v, %v", version, line, c.Numbers, err)
				}
			} else if strings.HasPrefix(line, "typed_line") && version < "version = 3" { // newer than that
				if err != nil || c.Numbers.TypedLine != number.LineAsk {
					t.Errorf("%s without %q: %+v, %v", version, line, c.Numbers, err)
				}
			} else if !errors.As(err, new(*SyntaxError)) {
				t.Errorf("%s without %q: %v", version, line, err)
			}
		}
	}

	for field, wrong := range map[string][2]string{
		"region":             {"region = 'DE'", "region = 'Germany'"},
		"plus":               {"plus = 'keep'", "plus = '011'"},
		"confirm":            {"confirm = 'trusted'", "confirm = 'never'"},
		"ext_max_len":        {"ext_max_len = 6", "ext_max_len = 0"},
		"typed_is":           {"typed_is = 'public'", "typed_is = ''"},
		"typed_line":         {"typed_line = 'typed'", "typed_line = 'never'"},
		"link_feature_codes": {"link_feature_codes = 'block'", "link_feature_codes = 'dial'"},
		"local_contexts":     {"'pbx.example.com'", "'pbx example'"},
	} {
		var fe *FieldError
		c, err := s.load1(edited(t, data, wrong[0], wrong[1]))
		if !errors.As(err, &fe) || fe.Field != field || !same(c, Default()) {
			t.Errorf("%s: %+v, %v", wrong[1], c, err)
		}
	}
	bad := whole()
	bad.Numbers.Confirm = "never"
	if err := s.Save(bad); !errors.As(err, new(*FieldError)) {
		t.Errorf("it was saved: %v", err)
	}
}

func TestSyntaxError(t *testing.T) {
	s, _ := stored1(t)
	_, err := s.load1("version = 1\nlink = 'kept'\n[account]\nhost = \n")
	var se *SyntaxError
	if !errors.As(err, &se) || se.Line != 4 || se.Path != s.Path() {
		t.Fatalf("got %v", err)
	}
}

func TestNewerIsLeftAlone(t *testing.T) {
	s, _ := stored1(t)
	later := "version = 5\naccounts = [1, 2]\naccount = 'another type'\n"
	if err := os.WriteFile(s.Path(), []byte(later), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Load(); !errors.Is(err, ErrNewer) || !same(c, Default()) {
		t.Errorf("Load: %+v, %v", c, err)
	}
	if err := s.Save(with(account())); !errors.Is(err, ErrNewer) {
		t.Errorf("Save: %v", err)
	}
	if got, err := os.ReadFile(s.Path()); err != nil || string(got) != later {
		t.Errorf("now %q, %v", got, err)
	}
}

// What a person adds, or a later version with the same layout, does no harm.
func TestUnknownKeys(t *testing.T) {
	s, data := stored1(t)
	data = append([]byte("colour = 'green'\n"), data...)
	data = append(data, "\nhotkey = 'F9'\n[window]\nx = 1\n"...)
	if err := os.WriteFile(s.Path(), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Load(); err != nil || c.Account != account() {
		t.Errorf("got %+v, %v", c, err)
	}
}

func TestReadOnly(t *testing.T) {
	// Root passes every permission check, so places are used in which nobody
	// can make a directory.
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dirs := []string{filepath.Join(file, "cornetta")}
	if runtime.GOOS == "linux" {
		dirs = append(dirs, "/proc/self/cornetta")
	}
	for _, dir := range dirs {
		s := NewStore(dir)
		if err := s.Save(with(account())); !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: Save: %v", dir, err)
		}
		if c, err := s.Load(); err != nil || !same(c, Default()) {
			t.Errorf("%s: Load: %+v, %v", dir, c, err)
		}
	}
}

func TestSymlinkIsFollowed(t *testing.T) {
	s, data := stored1(t)
	elsewhere := filepath.Join(t.TempDir(), "dotfiles.toml")
	if err := os.WriteFile(elsewhere, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(s.Path()); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, s.Path()); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if info, err := os.Lstat(s.Path()); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Skip("no symbolic links here, but something else") // wine
	}
	a := account()
	a.Extension = "7102"
	if err := s.Save(with(a)); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(elsewhere); err != nil || !strings.Contains(string(got), "7102") {
		t.Errorf("the link's target holds %q, %v", got, err)
	}
	if info, err := os.Lstat(s.Path()); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
}

// A reader never sees anything but one of the files that were saved.
func TestReplacedWhole(t *testing.T) {
	s, _ := stored1(t)
	long := account()
	long.Username = strings.Repeat("u", 80)
	saved := make(chan error, 1)
	go func() {
		var err error
		for i := range 50 {
			a := account()
			if i%2 == 0 {
				a = long
			}
			err = errors.Join(err, s.Save(with(a)))
		}
		saved <- err
	}()
	for {
		select {
		case err := <-saved:
			if err != nil {
				t.Error(err)
			}
			return
		default:
			c, err := s.Load()
			if err != nil || c.Account != account() && c.Account != long {
				t.Fatalf("half a file: %+v, %v", c, err)
			}
		}
	}
}

func TestDefaultDir(t *testing.T) {
	dir, err := DefaultDir()
	if err != nil || filepath.Base(dir) != "cornetta" || !filepath.IsAbs(dir) {
		t.Errorf("%q, %v", dir, err)
	}
}

// TestDefaultKeys: the keys that everybody gets who chooses none are nobody else's.
// The lists are of letters with Ctrl+Alt: those that the desktops ship (read in
// Debian 12's packages, in brackets), those of KDE as it documents them, and of
// Windows those with which AltGr types something, which Ctrl+Alt is there, and
// Microsoft's own lists of keyboard shortcuts.
func TestDefaultKeys(t *testing.T) {
	letter, ok := strings.CutPrefix(Default().Keys.Clipboard, "Ctrl+Alt+")
	if !ok || len(letter) != 1 {
		t.Fatalf("the lists below are of Ctrl+Alt and a letter, not of %s", Default().Keys.Clipboard)
	}
	for who, taken := range map[string]string{
		"GNOME (mutter-common, gsettings-desktop-schemas, gnome-settings-daemon-common)": "T", // T: Ubuntu's terminal
		"Ubuntu (show desktop)":                                  "D",
		"MATE (marco-common, mate-settings-daemon-common)":       "DL",
		"Xfce (libxfce4ui-common, xfce4-keyboard-shortcuts.xml)": "DFLT",
		"Cinnamon (cinnamon-desktop-data)":                       "LT",
		"LXQt (lxqt-globalkeys)":                                 "EILT",
		"KDE (klipper, kxkb, ksmserver, konsole)":                "KLRTVX",
		"AltGr, IT":               "E",
		"AltGr, DE":               "QEM",
		"AltGr, FR":               "E",
		"AltGr, ES":               "E",
		"AltGr, GB":               "EUIOA",
		"AltGr, US-international": "QWERTYUIOPASDLZCNM",
		"Word":                    "CDEFHIKLMNOPRSTVYZ",
		"Excel":                   "LV",
		"Outlook":                 "FJMPRSU",
	} {
		if strings.Contains(taken, letter) {
			t.Errorf("%s is taken by %s", Default().Keys.Clipboard, who)
		}
	}
}

// TestChosenKeysStay: who has the default of an earlier version in their file may
// have chosen it, or got used to it.
func TestChosenKeysStay(t *testing.T) {
	for _, keys := range []string{"Ctrl+Alt+D", "", "Super+F9"} {
		store := NewStore(t.TempDir())
		cfg := Default()
		cfg.Keys.Clipboard = keys
		if err := store.Save(cfg); err != nil {
			t.Fatal(err)
		}
		if got, err := store.Load(); err != nil || got.Keys.Clipboard != keys {
			t.Errorf("%q became %q, %v", keys, got.Keys.Clipboard, err)
		}
	}
}

// TestEverythingIsDescribed: what has a key in the file has a description, no two
// have the same key, and what is described is in the file.
func TestEverythingIsDescribed(t *testing.T) {
	in := map[string]bool{}
	var walk func(reflect.Type, string)
	walk = func(typ reflect.Type, group string) {
		for i := range typ.NumField() {
			f := typ.Field(i)
			switch key := f.Tag.Get("toml"); {
			case key == "" || key == "-" || key == "version" || strings.HasPrefix(key, "own,") || key == "others,omitempty":
			case f.Type.Kind() == reflect.Struct:
				walk(f.Type, key)
			default:
				in[group+"."+key] = true
			}
		}
	}
	walk(reflect.TypeFor[Config](), "")
	seen := map[string]bool{}
	for _, s := range described {
		if !in[s.Group+"."+s.Key] || seen[s.Key] {
			t.Errorf("%s.%s: in the file %v, described before %v", s.Group, s.Key, in[s.Group+"."+s.Key], seen[s.Key])
		}
		seen[s.Key] = true
		delete(in, s.Group+"."+s.Key)
	}
	if len(in) > 0 {
		t.Errorf("not described: %v", in)
	}
	c := whole()
	for _, s := range described { // every one has its own place
		before := s.Text(&c)
		other := Default()
		if s.Parse(&other, before); s.Text(&other) != before {
			t.Errorf("%s: %q became %q", s.Key, before, s.Text(&other))
		}
		if n := len(settingsThatDiffer(Default(), other)); n > 1 {
			t.Errorf("%s changes %d settings", s.Key, n)
		}
	}
}

func settingsThatDiffer(a, b Config) (keys []string) {
	for _, s := range described {
		if s.Text(&a) != s.Text(&b) {
			keys = append(keys, s.Key)
		}
	}
	return keys
}

// TestSmallAndCapital: keys are read as toml reads them, and are not missing where
// somebody wrote them in capitals.
func TestSmallAndCapital(t *testing.T) {
	s, data := stored1(t)
	c, err := s.load1(edited(t, data, "host = ", "Host = ", "[keys]", "[Keys]"))
	if err != nil || !same(c, whole()) {
		t.Errorf("%+v, %v", c, err)
	}
}

// TestRules: those of a person who never changed any are number's usual ones, and
// the outside line is the account's.
func TestRules(t *testing.T) {
	if diff := cmp.Diff(number.DefaultSettings(), Default().Rules()); diff != "" {
		t.Error(diff)
	}
	c := whole()
	c.Account.Prefix = "9"
	want := c.Numbers
	want.Prefix = "9"
	if diff := cmp.Diff(want, c.Rules()); diff != "" {
		t.Error(diff)
	}
}

// TestTablesThatCameLater: a file from before a table of settings was thought of is none
// that lost it: all else of it is taken, and the table has its usual values.
func TestTablesThatCameLater(t *testing.T) {
	s := NewStore(t.TempDir())
	if _, _, err := s.Change(func(c *Config) { c.Account = account() }); err != nil {
		t.Fatal(err)
	}
	now, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	before := strings.Replace(string(now), fmt.Sprintf("version = %d", Version), "version = 3", 1)
	for _, group := range []string{"hooks", "phone", "colleagues", "codes"} {
		from := strings.Index(before, "\n["+group+"]\n")
		if from < 0 {
			t.Fatalf("no [%s] in\n%s", group, before)
		}
		to := from + 1 + strings.Index(before[from+1:], "\n[")
		before = before[:from] + before[to:]
	}
	if err := os.WriteFile(s.Path(), []byte(before), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := s.Load()
	if err != nil {
		t.Fatalf("%v\n%s", err, before)
	}
	if usual := Default(); c.Account != account() || c.Hooks != usual.Hooks || c.Phone != usual.Phone || c.Colleagues != usual.Colleagues || c.Codes != usual.Codes {
		t.Errorf("%+v", c)
	}
}
