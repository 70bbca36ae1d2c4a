package doctor

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/desktop"
	"cornetta/ui/tray"
	"cornetta/ui/words"
)

// order is that in which a person reads the checks.
var order = []string{
	idSettings, idPolicy, idName, idPort, idTLS, idBanner, idKeyring, idLogin, idRights, idClock, idTenant, idExtension, idCall,
	idAgent, idBus, idDisplay, idTray, idNotifications, idHotkeys, idTel, idCallto, idClipboard, idSelection, idOpenGL,
	idOthers, idDisk, idVersions,
}

func sorted(checks []check) []check {
	slices.SortFunc(checks, func(a, b check) int { return slices.Index(order, a.id) - slices.Index(order, b.id) })
	return checks
}

func versionOf(v uint16) string { return tls.VersionName(v) }

func (p *patient) agent(ctx context.Context) verdict {
	inside, standing, err := p.Agent(ctx)
	var p2 *status.Problem
	switch {
	case errors.Is(err, ipc.ErrNotRunning):
		return warn(words.FoundAgentNone.Find())
	case errors.As(err, &p2) && p2.Code == status.CodeUnforeseen: // it does not know the question
		return warn(words.FoundAgentOlder.Find())
	case err != nil && ctx.Err() != nil:
		return failed(words.Problem(status.Problem{Code: status.CodeAgentSilent}))
	case err != nil:
		return wrong(err, status.AttemptStatus)
	}
	return ok(words.FoundAgent.Find(clean.Text(inside.Version, clean.Name), words.Status(standing, time.Now()))).and(func() {
		p.inside, p.standing = &inside, standing
	})
}

func (p *patient) tray(ctx context.Context) verdict {
	hosted, err := tray.Hosted(ctx)
	switch {
	case err != nil || !hosted:
		return warn(words.FoundTrayNone.Find())
	case p.inside != nil && p.inside.NoIcon:
		return warn(words.FoundTrayNoIcon.Find())
	}
	return ok(words.FoundTray.Find())
}

func (p *patient) notifications(ctx context.Context) verdict {
	d, err := desktop.AskDaemon(ctx)
	can := strings.Join(d.Can, ", ")
	switch {
	case errors.Is(err, context.DeadlineExceeded) || err != nil && ctx.Err() != nil:
		return warn(words.FoundNotesSilent.Find())
	case err != nil:
		return warn(words.FoundNotesNone.Find())
	case d.Name == "":
		return ok(words.FoundNotesSystem.Find())
	case !d.Buttons:
		return ok(words.FoundNotesButtons.Find(d.Name, can))
	}
	return ok(words.FoundNotes.Find(d.Name, can))
}

// hotkeys asks the agent, which has the keys. Without it they are tried.
func (p *patient) hotkeys(ctx context.Context) verdict {
	states := p.keysTried(ctx)
	if p.inside != nil {
		states = p.inside.Keys
	}
	var well, troubles, ways []string
	for _, k := range states {
		if k.Problem != nil {
			s := words.KeysTrouble(k.Keys, *k.Problem, k.Command)
			troubles, ways = append(troubles, s.What), append(ways, s.Do)
			continue
		}
		well = append(well, k.Keys)
	}
	switch {
	case len(states) == 0:
		return ok(words.FoundKeysNone.Find())
	case len(troubles) > 0:
		return warn(words.Sentence{What: strings.Join(troubles, "; "), Do: strings.Join(slices.Compact(ways), " ")})
	}
	return ok(words.FoundKeys.Find(strings.Join(well, ", ")))
}

// keysTried are the keys of the settings, where no agent has them.
func (p *patient) keysTried(ctx context.Context) (states []control.KeyState) {
	if p.inside != nil {
		return nil
	}
	for _, k := range []control.KeyState{
		{Name: control.Clipboard, Keys: p.cfg.Keys.Clipboard},
		{Name: control.Selection, Keys: p.cfg.Keys.Selection},
	} {
		c, err := desktop.ParseCombination(k.Keys)
		if err == nil && c.IsZero() {
			continue
		}
		if err == nil {
			err = desktop.TryHotkey(ctx, c)
		}
		k.Problem = dialer.ProblemOf(err, status.AttemptKeys)
		states = append(states, k)
	}
	return states
}

// links is the check of what opens links of a scheme.
func (p *patient) links(scheme string) func(context.Context) verdict {
	return func(ctx context.Context) verdict {
		o, err := desktop.WouldOpen(ctx, scheme)
		by := clean.Text(filepath.Base(o.By), clean.Name)
		program := clean.Text(o.Program, clean.Detail)
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			return warn(words.FoundOpensSilent.Find())
		case err != nil:
			return wrong(err, status.AttemptRegistered)
		case o.Browser:
			return warn(words.FoundOpensBrowser.Find())
		case o.Program == "":
			return warn(words.FoundOpensNobody.Find())
		case o.Gone:
			return warn(words.FoundOpensGone.Find(program, by))
		case !o.Ours:
			return warn(words.FoundOpensOther.Find(o.Name, program, by))
		case o.Quoted:
			return warn(words.FoundOpensQuoted.Find(program))
		}
		return ok(words.FoundOpens.Find(program))
	}
}

func (p *patient) clipboard(ctx context.Context) verdict {
	return readable(ctx, desktop.ReadClipboard)
}

// selection does not copy where what is highlighted has to be copied to be read.
func (p *patient) selection(ctx context.Context) verdict {
	return readable(ctx, func(ctx context.Context) (string, error) { return desktop.ReadSelection(ctx, false) })
}

// readable reads, and forgets at once what it read.
func readable(ctx context.Context, read func(context.Context) (string, error)) verdict {
	if !desktop.ReadsUnseen() {
		if _, err := exec.LookPath("wl-paste"); err != nil {
			return warn(words.Problem(status.Problem{Code: status.CodeCopiedWlPaste}))
		}
		return ok(words.FoundUnread.Find())
	}
	_, err := read(ctx)
	problem := dialer.ProblemOf(err, status.AttemptCopied)
	switch {
	case problem == nil, problem.Code == status.CodeCopiedEmpty, problem.Code == status.CodeCopiedTooLarge:
		return ok(words.FoundReadable.Find())
	case problem.Code == status.CodeCopiedOff, problem.Code == status.CodeCopiedNotText:
		return ok(words.Sentence{What: words.Problem(*problem).What})
	}
	return warn(words.Problem(*problem))
}

// maxProbe bounds what the program of the windows prints.
const maxProbe = 1 << 10

// openGL has the program of the windows try whether it could draw.
func (p *patient) openGL(ctx context.Context) verdict {
	path, err := p.Windows()
	if err != nil {
		return failed(words.FoundUINone.Find())
	}
	var out limited
	cmd := exec.CommandContext(ctx, path, channel.ArgProbe)
	cmd.Stdout = &out
	cmd.WaitDelay = grace / 2
	err = cmd.Run()
	version, drawn, told := strings.Cut(strings.TrimSpace(out.String()), "\t")
	learn := func() { p.windows.version = version }
	var exited *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return failed(words.FoundGLSilent.Find(words.Short(slowLimit)))
	case errors.As(err, &exited) && exited.ExitCode() == channel.ExitNoDisplay:
		return failed(words.FoundDisplayNone.Find())
	case errors.As(err, &exited) && exited.ExitCode() == channel.ExitNoOpenGL:
		return failed(words.FoundGLNone.Find()).and(learn)
	case errors.Is(err, fs.ErrNotExist):
		return failed(words.FoundUINone.Find())
	case err != nil:
		return failed(words.Problem(status.Problem{Code: status.CodeNoWindows}))
	case !told:
		return warn(words.FoundVersionsDiffer.Find(p.Version, "cornetta-ui ?", system()))
	}
	return ok(words.FoundGL.Find(clean.Text(drawn, clean.Name))).and(learn)
}

// limited keeps the beginning of what is written to it.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if room := maxProbe - l.Len(); room > 0 {
		l.Buffer.Write(p[:min(len(p), room)])
	}
	return len(p), nil
}

// others looks for Cornettas that run beside the one that is meant.
func (p *patient) others(context.Context) verdict {
	var agent int
	if p.inside != nil {
		agent = p.inside.PID
	}
	people, twin := map[string]bool{}, 0
	self, _ := desktop.ThisProgram() // without it each looks like another
	for _, r := range running() {
		switch {
		case r.pid == os.Getpid():
		case !r.own:
			people[r.user] = true
		case r.replaced:
			return warn(words.FoundOtherOld.Find(r.pid))
		case r.pid == agent || !r.agent:
		case r.program != "" && self != "" && !samePlace(r.program, self):
			return warn(words.FoundOtherPlace.Find(r.pid, clean.Text(r.program, clean.Detail)))
		default:
			twin = r.pid
		}
	}
	switch {
	case twin != 0 && p.inside != nil: // without an answer it is the one that was asked
		return warn(words.FoundOtherOwn.Find(twin))
	case len(people) > 0:
		return ok(words.FoundOthersOf.Find(len(people)))
	}
	return ok(words.FoundAlone.Find())
}

// samePlace reports whether two paths are one program's: on Windows it has two files.
func samePlace(a, b string) bool {
	return a == b || strings.EqualFold(strings.TrimSuffix(a, ".exe"), strings.TrimSuffix(b, ".com"))
}

// process is a running Cornetta.
type process struct {
	pid      int
	user     string
	own      bool   // the present user's
	program  string // its path; "": not known
	replaced bool   // another file has its place by now
	agent    bool   // the program in the tray, not a command
}

// enough is how many bytes of a disk are plenty for settings and the list of calls.
const enough = 20 << 20

// disk tries to write where Cornetta does, a file that it removes at once.
func (p *patient) disk(context.Context) verdict {
	least, where := int64(-1), ""
	for _, dir := range []string{filepath.Dir(p.Store.Path()), p.StateDir} {
		if dir == "" {
			continue
		}
		for !isFolder(dir) && dir != filepath.Dir(dir) { // it is made when it is needed
			dir = filepath.Dir(dir)
		}
		if err := tryWrite(dir); err != nil {
			problem := dialer.ProblemOf(err, status.AttemptSave)
			problem.Path, problem.Attempt = dir, ""
			return failed(words.Problem(*problem))
		}
		if n, err := freeBytes(dir); err == nil && (least < 0 || n < least) {
			least, where = n, dir
		}
	}
	if least >= 0 && least < enough {
		return warn(words.FoundDiskLow.Find(least>>20, where))
	}
	return ok(words.FoundDisk.Find(max(least, 0) >> 20))
}

func isFolder(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// aSettingsFile is as much as settings take at most.
const aSettingsFile = 64 << 10

func tryWrite(dir string) error {
	f, err := os.CreateTemp(dir, ".cornetta-doctor-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(make([]byte, aSettingsFile))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

func (p *patient) versions(context.Context) verdict {
	on, unlike := system(), ""
	switch {
	case p.inside != nil && p.inside.Version != p.Version:
		unlike = words.Check(idAgent) + " " + clean.Text(p.inside.Version, clean.Name)
	case p.windows.version != "" && p.windows.version != p.Version:
		unlike = "cornetta-ui " + clean.Text(p.windows.version, clean.Name)
	}
	if unlike != "" {
		return warn(words.FoundVersionsDiffer.Find(p.Version, unlike, on))
	}
	return ok(words.FoundVersions.Find(p.Version, on, session()))
}
