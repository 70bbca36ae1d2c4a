package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var keys = Keys{Clipboard: "Super+F9", Selection: "Ctrl+Alt+S"}

func account() Account {
	return Account{
		Host: "pbx.example.com", Port: 5038, Username: "clicktocall", Extension: "7101",
		Tenant: "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", Syntax: SyntaxVariables, Prefix: "0",
		Timeout: Duration(15 * time.Second),
	}
}

func stored1(t *testing.T) (*Store, []byte) {
	t.Helper()
	s := NewStore(filepath.Join(t.TempDir(), "cornetta"))
	if err := s.Save(Config{Link: LinkKept, Keys: keys, Account: account()}); err != nil {
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
	want := Config{Version: 1, Link: LinkKept, Keys: keys, Account: account()}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// And a store that is told to forget the account does.
	if err := s.Save(Config{Keys: Default().Keys}); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Load(); err != nil || got != Default() {
		t.Errorf("after removing the account: %+v, %v", got, err)
	}
}

func TestNothingStored(t *testing.T) {
	s := NewStore(filepath.Join(t.TempDir(), "never", "made"))
	got, err := s.Load()
	if err != nil || got != Default() || !got.Account.IsZero() {
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
	if err := s.Save(Config{Account: account()}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]fs.FileMode{s.Path(): 0o600, filepath.Dir(s.Path()): 0o700 | fs.ModeDir} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode() != want {
			t.Errorf("%s: %v, want %v", path, info.Mode(), want)
		}
	}
	left, err := os.ReadDir(filepath.Dir(s.Path()))
	if err != nil || len(left) != 1 {
		t.Errorf("beside the settings: %v, %v", left, err)
	}
}

// A file cut anywhere is refused, or it is whole.
func TestCutAnywhere(t *testing.T) {
	s, data := stored1(t)
	whole := Config{Version: 1, Link: LinkKept, Keys: keys, Account: account()}
	for n := range data {
		if err := os.WriteFile(s.Path(), data[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := s.Load()
		switch {
		case err != nil && got == Default():
			if damaged := new(SyntaxError); !errors.As(err, &damaged) {
				t.Errorf("cut at %d: %v is no *SyntaxError", n, err)
			}
		case err == nil && got == whole && n >= len(data)-1: // only the last line end is gone
		default:
			t.Errorf("cut at %d, after %q: loaded %+v, %v", n, data[max(0, n-20):n], got, err)
		}
	}
}

// A file from before there were keys has the usual ones; one that has lost a
// part of them has lost who knows what else.
func TestKeysCameLater(t *testing.T) {
	s, data := stored1(t)
	table := "[keys]\nclipboard = 'Super+F9'\nselection = 'Ctrl+Alt+S'\n"
	for _, tc := range []struct {
		name, instead string
		want          Keys
		wrong         bool
	}{
		{"as it was saved", table, keys, false},
		{"from before", "", Default().Keys, false},
		{"none", "[keys]\nclipboard = ''\nselection = ''\n", Keys{}, false},
		{"half", "[keys]\nclipboard = 'Super+F9'\n", Keys{}, true},
		{"with a line break", "[keys]\nclipboard = \"Ctrl+\\n\"\nselection = ''\n", Keys{}, true},
	} {
		text := strings.Replace(string(data), table, tc.instead, 1)
		if tc.instead != table && text == string(data) {
			t.Fatalf("there is no %q in\n%s", table, data)
		}
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
	for _, k := range []Keys{{Clipboard: "Ctrl+\n"}, {Selection: strings.Repeat("Ctrl+", 20)}, {Clipboard: "Ctrl+è"}} {
		if err := s.Save(Config{Keys: k, Account: account()}); !errors.As(err, new(*FieldError)) {
			t.Errorf("%+v was saved: %v", k, err)
		}
	}
}

func TestDamagedIsKept(t *testing.T) {
	s, _ := stored1(t)
	damaged := []byte("version = 1\nlink = 'kept'\n[account]\nhost = \n")
	if err := os.WriteFile(s.Path(), damaged, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := s.Load()
	var se *SyntaxError
	if !errors.As(err, &se) || se.Line != 4 || se.Path != s.Path() {
		t.Fatalf("got %v", err)
	}
	if err := s.Save(Config{Account: account()}); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(s.Path() + ".bak")
	if err != nil || string(kept) != string(damaged) {
		t.Errorf("kept %q, %v", kept, err)
	}
	if c, err := s.Load(); err != nil || c.Account != account() {
		t.Errorf("after Save: %+v, %v", c, err)
	}
}

func TestTooLarge(t *testing.T) {
	s, data := stored1(t)
	data = append(data, strings.Repeat("# much\n", 10_000)...)
	if err := os.WriteFile(s.Path(), data, 0o600); err != nil {
		t.Fatal(err)
	}
	var se *SyntaxError
	if _, err := s.Load(); !errors.As(err, &se) {
		t.Errorf("got %v", err)
	}
	if err := s.Save(Config{Account: account()}); err != nil {
		t.Fatal(err)
	}
	if kept, err := os.Stat(s.Path() + ".bak"); err != nil || kept.Size() != int64(len(data)) {
		t.Errorf("kept %v, %v", kept, err)
	}
}

func TestNewerIsLeftAlone(t *testing.T) {
	s, _ := stored1(t)
	later := "version = 2\naccounts = [1, 2]\naccount = 'another type'\n"
	if err := os.WriteFile(s.Path(), []byte(later), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := s.Load(); !errors.Is(err, ErrNewer) || c != Default() {
		t.Errorf("Load: %+v, %v", c, err)
	}
	if err := s.Save(Config{Account: account()}); !errors.Is(err, ErrNewer) {
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
		if err := s.Save(Config{Account: account()}); !errors.Is(err, ErrReadOnly) {
			t.Errorf("%s: Save: %v", dir, err)
		}
		if c, err := s.Load(); err != nil || c != Default() {
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
	if err := s.Save(Config{Account: a}); err != nil {
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
			err = errors.Join(err, s.Save(Config{Account: a}))
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
