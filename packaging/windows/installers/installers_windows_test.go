//go:build installers && windows

package installers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"golang.org/x/sys/windows/registry"

	"cornetta/ami/pbxsim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// installersVariable names the folder with the installers: those of a version, and in
// "earlier" those of one before it, whose programs have some bytes more.
const installersVariable = "CORNETTA_INSTALLERS"

// patience is how long any wait lasts, on a machine that has other things to do.
const patience = 3 * time.Minute

const uninstallKey = `Software\Microsoft\Windows\CurrentVersion\Uninstall`

// machine is a computer, as installers change it.
type machine struct {
	*testing.T
	pbx  *pbxsim.PBX
	home string // of the programs, once they are installed
}

func newMachine(t *testing.T) *machine {
	pbx, err := pbxsim.Start(pbxsim.Options{Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pbx.Close() })
	return &machine{T: t, pbx: pbx}
}

// installer is a file of one of the two folders.
func (m *machine) installer(pattern string) string {
	m.Helper()
	dir := os.Getenv(installersVariable)
	if dir == "" {
		if os.Getenv("CI") != "" {
			m.Fatal("there are no installers: make test-installers makes them")
		}
		m.Skip("there are no installers: make test-installers makes them")
	}
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		m.Fatalf("%s: %q, %v", pattern, found, err)
	}
	return found[0]
}

func (m *machine) run(program string, args ...string) string {
	m.Helper()
	ctx, cancel := context.WithTimeout(m.Context(), patience)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin = strings.NewReader(pbxsim.Secret + "\n")
	cmd.Stdout, cmd.Stderr = &out, &out
	// Installers start Cornetta, which keeps what it was given of these.
	cmd.WaitDelay = time.Second
	began := time.Now()
	defer func() { m.Logf("%5.1f s: %s %q", time.Since(began).Seconds(), filepath.Base(program), args) }()
	if err := cmd.Run(); err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		m.Fatalf("%s %q: %v\n%s", filepath.Base(program), args, err, out.Bytes())
	}
	return out.String()
}

func (m *machine) cornetta(args ...string) string {
	m.Helper()
	return m.run(filepath.Join(m.home, "cornetta.com"), args...)
}

func (m *machine) wait(what string, ok func() bool) {
	m.Helper()
	m.waitFor(ok, func() string { return what })
}

// waitFor waits for ok, and says what it was that it waited for in vain.
func (m *machine) waitFor(ok func() bool, what func() string) {
	m.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			m.Fatal("waited in vain for ", what())
		}
	}
}

// everything is the registry and the files that installers may change: all of this user,
// what is installed for all, and what Windows keeps of installers.
func (m *machine) everything() map[string]string {
	m.Helper()
	began := time.Now()
	defer func() { m.Logf("%5.1f s: a look at everything", time.Since(began).Seconds()) }()
	all := map[string]string{}
	m.readKey(all, registry.CURRENT_USER, "HKCU", "Software")
	for _, key := range []string{
		"Cornetta", `Wow6432Node\Cornetta`, "RegisteredApplications", `Microsoft\Windows\CurrentVersion`,
		`Classes\Installer`, `Classes\AppUserModelId`, `Classes\Cornetta.tel`, `Classes\Cornetta.callto`, `Classes\tel`, `Classes\callto`,
		`Classes\.cornetta-enroll`, `Classes\Cornetta.enrolment`,
	} {
		m.readKey(all, registry.LOCAL_MACHINE, "HKLM", `Software\`+key)
	}
	for _, dir := range []string{os.Getenv("USERPROFILE"), os.Getenv("ProgramFiles"), os.Getenv("ProgramData"), os.Getenv("PUBLIC"), filepath.Join(os.Getenv("SystemRoot"), "Installer")} {
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err == nil && !transient.MatchString(path) {
				all[path] = d.Type().String()
			}
			return nil
		})
	}
	return all
}

// transient is what Windows and wine write by themselves.
var transient = regexp.MustCompile(`(?i)(\\(temp|tmp|wine|explorer|recent|inetcache)(\\|$)|\\windows\\installer$)`)

func (m *machine) readKey(all map[string]string, root registry.Key, name, path string) {
	k, err := registry.OpenKey(root, path, registry.READ)
	if err != nil {
		return
	}
	defer k.Close()
	if transient.MatchString(path) {
		return
	}
	values, _ := k.ReadValueNames(-1)
	for _, v := range values {
		buf := make([]byte, 1<<16)
		n, kind, _ := k.GetValue(v, buf)
		all[name+`\`+path+`\`+v] = fmt.Sprintf("%d %q", kind, buf[:min(n, len(buf))])
	}
	keys, _ := k.ReadSubKeyNames(-1)
	for _, sub := range keys {
		m.readKey(all, root, name, path+`\`+sub)
	}
}

func (m *machine) text(root registry.Key, key, name string) string {
	k, err := registry.OpenKey(root, key, registry.READ)
	if err != nil {
		return ""
	}
	defer k.Close()
	s, _, _ := k.GetStringValue(name)
	return s
}

// expect compares what is installed with the values it should have; "" is none.
func (m *machine) expect(root registry.Key, want map[string]string) {
	m.Helper()
	for at, data := range want {
		i := strings.LastIndexByte(at, '\\')
		if got := m.text(root, at[:i], at[i+1:]); got != data {
			m.Errorf("%s is %q, want %q", at, got, data)
		}
	}
}

// registered are the values of whoever registers the program.
func (m *machine) registered(start string) map[string]string {
	program := filepath.Join(m.home, "cornetta.exe")
	return map[string]string{
		`Software\Cornetta\Program`:                                            program,
		`Software\RegisteredApplications\Cornetta`:                             `Software\Cornetta\Capabilities`,
		`Software\Cornetta\Capabilities\URLAssociations\tel`:                   "Cornetta.tel",
		`Software\Cornetta\Capabilities\URLAssociations\callto`:                "Cornetta.callto",
		`Software\Classes\Cornetta.tel\shell\open\command\`:                    `"` + program + `" "%1"`,
		`Software\Classes\Cornetta.callto\shell\open\command\`:                 `"` + program + `" "%1"`,
		`Software\Classes\.cornetta-enroll\`:                                   "Cornetta.enrolment",
		`Software\Classes\Cornetta.enrolment\shell\open\command\`:              `"` + program + `" "%1"`,
		`Software\Classes\AppUserModelId\io.cornetta.Cornetta\DisplayName`:     "Cornetta",
		`Software\Classes\AppUserModelId\io.cornetta.Cornetta\IconUri`:         filepath.Join(m.home, "cornetta.png"),
		`Software\Classes\AppUserModelId\io.cornetta.Cornetta\CustomActivator`: "{6B1D7C0E-52F4-4C1B-9E0B-2A5C3C7C1D94}",
		`Software\Microsoft\Windows\CurrentVersion\App Paths\cornetta.exe\`:    program,
		`Software\Microsoft\Windows\CurrentVersion\Run\Cornetta`:               start,
	}
}

// files are the installed ones, by their size.
func (m *machine) files() map[string]int64 {
	all := map[string]int64{}
	for _, name := range []string{"cornetta.exe", "cornetta.com", "cornetta-ui.exe", "cornetta.png", "LICENSE.txt"} {
		info, err := os.Stat(filepath.Join(m.home, name))
		if err != nil {
			m.Error(err)
			continue
		}
		all[name] = info.Size()
	}
	if _, err := os.Stat(filepath.Join(m.home, "docs", "it", "trouble.md")); err != nil {
		m.Error("without the guides:", err)
	}
	return all
}

// inMenu looks into everybody's menu and into the person's own.
func (m *machine) inMenu() {
	m.Helper()
	for _, dir := range []string{"ProgramData", "APPDATA"} {
		if _, err := os.Stat(filepath.Join(os.Getenv(dir), `Microsoft\Windows\Start Menu\Programs\Cornetta.lnk`)); err == nil {
			return
		}
	}
	m.Error("it is in no menu")
}

type state struct {
	Running bool `json:"running"`
	Call    *struct {
		State string `json:"state"`
	} `json:"call"`
}

func (m *machine) status() (s state) {
	m.Helper()
	out := m.cornetta("status", "--json")
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		m.Fatal(err, out)
	}
	return s
}

// call starts Cornetta and makes a call that lasts.
func (m *machine) call() {
	m.Helper()
	host, port, _ := net.SplitHostPort(m.pbx.Addr())
	m.cornetta("account", "set", "--host", host, "--port", port, "--tls", "off", "--user", pbxsim.Username,
		"--tenant", pbxsim.Tenant, "--syntax", "variables", "--prefix", "0", "--extension", "7101", "--secret-stdin")
	cmd := exec.Command(filepath.Join(m.home, "cornetta.exe"), "activated")
	if err := cmd.Start(); err != nil {
		m.Fatal(err)
	}
	m.Cleanup(func() { _ = cmd.Wait() })
	m.wait("Cornetta to run", func() bool { return m.status().Running })
	m.cornetta("dial", "--no-wait", "039050123407")
	m.wait("the call", m.inCall)
}

func (m *machine) inCall() bool {
	s := m.status()
	return s.Running && s.Call != nil && s.Call.State == "in_call"
}

// upgraded checks that install has replaced the programs under a Cornetta in a call,
// which goes on in the one that was started again.
func (m *machine) upgraded(install func()) {
	m.Helper()
	before := m.files()
	install()
	for name, size := range m.files() {
		if program := !strings.HasSuffix(name, "png") && !strings.HasSuffix(name, "txt"); (size != before[name]) != program {
			m.Errorf("%s: %d bytes, then %d", name, before[name], size)
		}
	}
	m.wait("the call to be found again", m.inCall)
	if n := m.pbx.Calls(); n != 1 {
		m.Errorf("the PBX has %d calls", n)
	}
}

func (m *machine) same(before map[string]string, but ...string) {
	m.Helper()
	var diff string
	m.waitFor(func() bool {
		after := m.everything()
		for path := range after {
			for _, kept := range but {
				if strings.HasPrefix(path, kept) {
					delete(after, path)
				}
			}
		}
		diff = cmp.Diff(before, after)
		return diff == ""
	}, func() string { return "everything to be as before:\n" + diff })
}

func TestSetupForOnePerson(t *testing.T) {
	m := newMachine(t)
	earlier, now := m.installer(`earlier\*-setup.exe`), m.installer(`*-setup.exe`)
	m.home = filepath.Join(os.Getenv("LOCALAPPDATA"), "Programs", "Cornetta")
	settings := filepath.Join(os.Getenv("APPDATA"), "cornetta")
	before := m.everything()

	m.run(earlier, "/S", "/AUTOSTART=no")
	m.expect(registry.CURRENT_USER, m.registered(""))
	m.expect(registry.CURRENT_USER, map[string]string{uninstallKey + `\Cornetta\DisplayVersion`: "0.0.9"})
	m.inMenu()
	m.call()
	m.upgraded(func() { m.run(now, "/S") })
	m.expect(registry.CURRENT_USER, m.registered(""))
	if v := m.text(registry.CURRENT_USER, uninstallKey+`\Cornetta`, "DisplayVersion"); !strings.HasSuffix(m.cornetta("--version"), v+"\n") {
		t.Errorf("it says that it is version %s", v)
	}
	m.cornetta("hangup")
	m.run(now, "/S", "/AUTOSTART=yes")
	m.expect(registry.CURRENT_USER, m.registered(`"`+filepath.Join(m.home, "cornetta.exe")+`"`))

	gone := func() bool {
		_, err := os.Stat(m.home)
		return errors.Is(err, fs.ErrNotExist)
	}
	m.run(filepath.Join(m.home, "uninstall.exe"), "/S")
	m.wait("it to be gone", gone)
	m.same(before, settings, `HKCU\Software\Wine\`)
	if _, err := os.Stat(filepath.Join(settings, "config.toml")); err != nil {
		t.Error("the settings:", err)
	}
	m.run(now, "/S", "/AUTOSTART=no")
	m.run(filepath.Join(m.home, "uninstall.exe"), "/S", "/FORGET")
	m.wait("it to be gone", gone)
	m.same(before)
}

func TestPackageForAllUsers(t *testing.T) {
	m := newMachine(t)
	earlier, now := m.installer(`earlier\*.msi`), m.installer(`*.msi`)
	m.home = filepath.Join(os.Getenv("ProgramFiles"), "Cornetta")
	program := filepath.Join(m.home, "cornetta.exe")
	before := m.everything()

	m.run("msiexec", "/i", earlier, "/qn", "AUTOSTART=0")
	m.expect(registry.LOCAL_MACHINE, m.registered(""))
	m.inMenu()
	m.call()
	m.upgraded(func() { m.run("msiexec", "/i", now, "/qn") })
	m.expect(registry.LOCAL_MACHINE, m.registered(""))
	m.cornetta("hangup")
	m.run("msiexec", "/i", now, "/qn", "AUTOSTART=1")
	m.expect(registry.LOCAL_MACHINE, m.registered(`"`+program+`" activated`))
	m.run("msiexec", "/x", now, "/qn")
	m.same(before, filepath.Join(os.Getenv("APPDATA"), "cornetta"))

	// One user's own registration writes nothing twice. An enrolment stays until it is removed.
	enrolment := `C:\company.cornetta-enroll`
	m.run("msiexec", "/i", earlier, "/qn", "ENROLMENT="+enrolment)
	m.expect(registry.LOCAL_MACHINE, map[string]string{`Software\Cornetta\Enrolment`: enrolment})
	m.run("msiexec", "/i", now, "/qn")
	m.expect(registry.LOCAL_MACHINE, map[string]string{`Software\Cornetta\Enrolment`: enrolment})
	m.expect(registry.LOCAL_MACHINE, m.registered(`"`+program+`" activated`))
	installed := m.everything()
	m.cornetta("install", "--quiet")
	m.same(installed)
	m.cornetta("install", "--quiet", "--no-autostart")
	m.expect(registry.CURRENT_USER, map[string]string{`Software\Cornetta\Autostart`: "no"})
	m.run(program, "activated") // as with the session: it ends at once
	m.run("msiexec", "/x", now, "/qn", "FORGET=1")
	m.same(before)
}
