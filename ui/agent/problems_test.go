package agent

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"cornetta/ami"
	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/consent"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// told is an error and the code it is told by.
type told struct {
	err  error
	code status.Code
}

// problems are the errors that the packages below can return, by their names there.
var problems = map[string]map[string]told{
	"../../ami": {
		"ErrNotAMI":          {ami.ErrNotAMI, status.CodeNotAMI},
		"ErrProxy":           {ami.ErrProxy, status.CodeProxy},
		"ErrBannerTimeout":   {ami.ErrBannerTimeout, status.CodeNotAMI},
		"ErrTooManySessions": {ami.ErrTooManySessions, status.CodeTooMany},
		"ErrLoginTimeout":    {ami.ErrLoginTimeout, status.CodeLoginTimeout},
		"ErrLoginClosed":     {ami.ErrLoginClosed, status.CodeLoginClosed},
		"ErrAuthFailed":      {ami.ErrAuthFailed, status.CodeLoginRefused},
		"ErrAlreadyLoggedIn": {ami.ErrAlreadyLoggedIn, status.CodeAlreadyIn},
		"ErrAuthMethod":      {ami.ErrAuthMethod, status.CodeAuthMethod},
		"ErrProtocol":        {ami.ErrProtocol, status.CodeProtocol},
		"ErrMessageTooLarge": {ami.ErrMessageTooLarge, status.CodeTooMuch},
		"ErrTooMuch":         {ami.ErrTooMuch, status.CodeTooMuch},
		"ErrWriteTimeout":    {ami.ErrWriteTimeout, status.CodeConnectionLost},
		"ErrClosed":          {ami.ErrClosed, status.CodeConnectionLost},
		"ErrGoodbye":         {ami.ErrGoodbye, status.CodeConnectionLost},
		"ErrNotTLS":          {ami.ErrNotTLS, status.CodeNotTLS},
		"ErrTLSVersion":      {ami.ErrTLSVersion, status.CodeTLSVersion},
		"ErrHandshake":       {ami.ErrHandshake, status.CodeTLSFailed},
		"ErrChallenge":       {ami.ErrChallenge, status.CodeChallenge},
		"ErrPermission":      {ami.ErrPermission, status.CodeNoPermission},
		"ErrBadValue":        {ami.ErrBadValue, status.CodeUnforeseen}, // the settings are checked before
		"ErrNotSent":         {ami.ErrNotSent, status.CodeUnforeseen},  // it comes with another one
		"ErrUnknownAction":   {&ami.ResponseError{Message: "Invalid/unknown command"}, status.CodeActionRefused},
		"ErrNoSuchExtension": {&ami.ResponseError{Action: "Originate", Message: "Extension does not exist."}, status.CodeActionRefused},
		"ErrNoFeatureCode":   {&ami.ResponseError{Action: "Atxfer", Message: "No attended transfer feature code found"}, status.CodeActionRefused},
		"ErrNoSuchChannel":   {&ami.ResponseError{Message: "No such channel"}, status.CodeActionRefused},
		"ResponseError":      {&ami.ResponseError{Action: "Hangup", Message: "Out of cheese"}, status.CodeActionRefused},
		"NetworkError":       {&ami.NetworkError{What: "connecting", Err: errors.New("out of cheese")}, status.CodeUnforeseen},
		"CertError":          {&ami.CertError{Kind: ami.CertExpired}, status.CodeCertExpired},
	},
	"../../dialer": {
		"ErrNotSetUp":       {dialer.ErrNotSetUp, status.CodeNotSetUp},
		"ErrNoSecret":       {dialer.ErrNoSecret, status.CodeSecretMissing},
		"ErrNotDialable":    {dialer.ErrNotDialable, status.CodeUnforeseen}, // no plan comes so far
		"ErrInProgress":     {dialer.ErrInProgress, status.CodeCallInProgress},
		"ErrNoCall":         {dialer.ErrNoCall, status.CodeNoCall},
		"ErrStale":          {dialer.ErrStale, status.CodeStale},
		"ErrAccountChanged": {dialer.ErrAccountChanged, status.CodeAccountChanged},
		"ErrClosed":         {dialer.ErrClosed, status.CodeEnding},
		"ErrTooOld":         {dialer.ErrTooOld, status.CodeTooOld},
		"ErrNetworkUnknown": {dialer.ErrNetworkUnknown, status.CodeNetworkUnknown},
		"ErrNoList":         {dialer.ErrNoList, status.CodeNoList},

		"ErrNoTransferNow":   {dialer.ErrNoTransferNow, status.CodeTransferNotNow},
		"ErrTransferGoesOn":  {dialer.ErrTransferGoesOn, status.CodeTransferGoesOn},
		"ErrNoTransfer":      {dialer.ErrNoTransfer, status.CodeNoTransfer},
		"ErrTransferRefused": {dialer.ErrTransferRefused, status.CodeTransferRefused},
		"ErrNoAttended":      {dialer.ErrNoAttended, status.CodeNoAttended},
		"ErrTransferContext": {dialer.ErrTransferContext, status.CodeTransferContext},

		"TroubleError": {&dialer.TroubleError{Trouble: status.Problem{Code: status.CodeRefused}, Err: dialer.ErrNoCall}, status.CodeRefused},
	},
	"../../dialer/config": {
		"ErrReadOnly":     {config.ErrReadOnly, status.CodeSettingsReadOnly},
		"ErrDiskFull":     {config.ErrDiskFull, status.CodeDiskFull},
		"ErrManyAccounts": {config.ErrManyAccounts, status.CodeAccountsFull},
		"ErrNoAccount":    {config.ErrNoAccount, status.CodeAccountUnknown},
		"ErrNewer":        {config.ErrNewer, status.CodeSettingsNewer},
		"LockedError":     {&config.LockedError{Rule: config.Rule{Key: "port"}}, status.CodePolicyLocked},
		"FieldError":      {&config.FieldError{Field: "host", Code: config.CodeMissing}, status.CodeField},
		"SyntaxError":     {&config.SyntaxError{Path: "config.toml", Err: io.EOF}, status.CodeSettingsSyntax},
	},
	"../../dialer/secret": {
		"ErrNotFound":    {secret.ErrNotFound, status.CodeSecretMissing},
		"ErrUnavailable": {secret.ErrUnavailable, status.CodeKeyring},
		"ErrNone":        {secret.ErrNone, status.CodeKeyring},
		"ErrTimeout":     {secret.ErrTimeout, status.CodeKeyring},
		"ErrBadSecret":   {secret.ErrBadSecret, status.CodeSecretBad},
	},
	"../../dialer/ipc": {
		"Error":         {&ipc.Error{}, status.CodeUnforeseen},
		"ErrRunning":    {ipc.ErrRunning, status.CodeUnforeseen},    // the first one is asked instead
		"ErrNotRunning": {ipc.ErrNotRunning, status.CodeUnforeseen}, // a command does without
		"ErrTooLong":    {ipc.ErrTooLong, status.CodeUnforeseen},
		"ErrBadFrame":   {ipc.ErrBadFrame, status.CodeUnforeseen},
		"ErrClosed":     {ipc.ErrClosed, status.CodeUnforeseen},
		"ErrBusy":       {ipc.ErrBusy, status.CodeAgentSilent},
		"ErrNoAnswer":   {ipc.ErrNoAnswer, status.CodeAgentSilent},
		"ErrStranger":   {ipc.ErrStranger, status.CodeSocketStranger},
	},
	"../desktop": {
		"ErrClipboardEmpty":    {desktop.ErrClipboardEmpty, status.CodeCopiedEmpty},
		"ErrClipboardTimeout":  {desktop.ErrClipboardTimeout, status.CodeCopiedTimeout},
		"ErrClipboardTooLarge": {desktop.ErrClipboardTooLarge, status.CodeCopiedTooLarge},
		"ErrNoClipboard":       {desktop.ErrNoClipboard, status.CodeCopiedUnavailable},
		"ErrMayNotCopy":        {desktop.ErrMayNotCopy, status.CodeCopiedOff},
		"ErrClipboardTaken":    {desktop.ErrClipboardTaken, status.CodeCopiedNotText},
		"ErrKeysHeld":          {desktop.ErrKeysHeld, status.CodeCopiedKeysHeld},
		"ErrHotkeyTaken":       {desktop.ErrHotkeyTaken, status.CodeKeysTaken},
		"ErrHotkeyNoKey":       {desktop.ErrHotkeyNoKey, status.CodeKeysNoKey},
		"ErrHotkeyRefused":     {desktop.ErrHotkeyRefused, status.CodeKeysRefused},
		"ErrNoGlobalShortcuts": {desktop.ErrNoGlobalShortcuts, status.CodeKeysNoPortal},
		"ErrHotkeysLost":       {desktop.ErrHotkeysLost, status.CodeKeysLost},
		"ErrBadCombination":    {desktop.ErrBadCombination, status.CodeKeysBad},
		"ErrForeign":           {desktop.ErrForeign, status.CodeDesktopForeign},
		"ErrNoAnswer":          {desktop.ErrNoAnswer, status.CodeNotAnswered},
		"ErrNoQuestion":        {desktop.ErrNoQuestion, status.CodeNoQuestion},
		"ErrNotEverywhere":     {desktop.ErrNotEverywhere, status.CodeDesktopPartly},
		"ErrClosed":            {desktop.ErrClosed, status.CodeUnforeseen}, // a notification at the end
	},
}

// unnamed are what no package declares.
var unnamed = map[string]told{
	"nobody foresaw":  {errors.New("out of cheese"), status.CodeUnforeseen},
	"a disk":          {&os.PathError{Op: "open", Path: "/x", Err: errors.New("out of cheese")}, status.CodeUnforeseen},
	"given up":        {fmt.Errorf("dialer: %w", context.Canceled), status.CodeInterrupted},
	"not here":        {fmt.Errorf("desktop: %w", errors.ErrUnsupported), status.CodeUnsupported},
	"no number":       {consent.NotNumber(number.Letters), status.CodeNotNumber},
	"several":         {several(), status.CodeSeveral},
	"to be asked":     {confirm(), status.CodeConfirm},
	"other than seen": {errCopiedSince, status.CodeCopiedSince},
}

func several() error {
	return consent.Ask(consent.OfferOf(number.Parse("050 123402, (050) 123403", number.Clipboard, number.DefaultSettings())))
}

func confirm() error {
	return consent.Ask(consent.OfferOf(number.Parse("0 899123456", number.Typed, number.DefaultSettings())))
}

// all calls f for each of the errors above.
func all(t *testing.T, f func(t *testing.T, e told)) {
	for dir, errs := range problems {
		for name, e := range errs {
			t.Run(filepath.Base(dir)+"."+name, func(t *testing.T) { f(t, e) })
		}
	}
	for name, e := range unnamed {
		t.Run(name, func(t *testing.T) { f(t, e) })
	}
}

// exported are the names of a package's error values, and of its types of errors.
func exported(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				return false
			case *ast.ValueSpec:
				for _, id := range n.Names {
					if strings.HasPrefix(id.Name, "Err") {
						names = append(names, id.Name)
					}
				}
			case *ast.TypeSpec:
				if n.Name.IsExported() && strings.HasSuffix(n.Name.Name, "Error") {
					names = append(names, n.Name.Name)
				}
			}
			return true
		})
	}
	slices.Sort(names)
	return names
}

// TestEveryErrorIsAProblem: each error of the packages below is told by its own code,
// and whatever is none of them as itself, with what was attempted.
func TestEveryErrorIsAProblem(t *testing.T) {
	for dir, errs := range problems {
		if diff := cmp.Diff(exported(t, dir), slices.Sorted(maps.Keys(errs))); diff != "" {
			t.Errorf("%s: what is declared, and what is told: %s", dir, diff)
		}
	}
	all(t, func(t *testing.T, e told) {
		p := dialer.ProblemOf(fmt.Errorf("in a chain: %w", e.err), status.AttemptHangUp)
		if p.Code != e.code {
			t.Errorf("told as %s, not %s", p.Code, e.code)
		}
		s := words.Problem(*p)
		if s.What == "" || strings.HasPrefix(s.What, "Unexpected") {
			t.Errorf("%q", s)
		}
		if p.Code == status.CodeUnforeseen && (s.What != "Cornetta could not hang up" || !strings.Contains(s.Do, words.Clean(e.err.Error()))) {
			t.Errorf("told as %q", s)
		}
	})
}

// refusing refuses whatever it is asked for with err.
type refusing struct {
	control.Handler
	err error
}

func (r *refusing) Hangup(context.Context) error { return refusal(r.err, status.AttemptHangUp) }

// TestEveryDoorSaysTheSame: an error is the same sentence in the windows, through the
// control socket, in a terminal with the agent and without one, and in the tray.
func TestEveryDoorSaysTheSame(t *testing.T) {
	dir, err := os.MkdirTemp("", "cornetta") // a socket's path may have about a hundred bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("XDG_RUNTIME_DIR", dir)
	t.Setenv("XDG_STATE_HOME", dir)
	owner, err := ipc.Acquire(t.Context(), "cornetta-test")
	if err != nil {
		t.Fatal(err)
	}
	h := &refusing{}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- control.Serve(ctx, owner, h) }()
	t.Cleanup(func() { cancel(); <-served })
	client, err := control.Connect(t.Context(), "cornetta-test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })

	all(t, func(t *testing.T, e told) {
		p := dialer.ProblemOf(e.err, status.AttemptHangUp)
		want := words.Problem(*p)

		h.err = e.err
		_, err := control.Hangup.Call(t.Context(), client, ipc.None{})
		arrived := dialer.ProblemOf(err, status.AttemptHangUp)
		if got := words.Problem(*arrived); got != want {
			t.Errorf("through the socket %q, not %q", got, want)
		}
		if got, alone := words.ProblemInTerminal(*arrived), words.ProblemInTerminal(*p); got != alone {
			t.Errorf("in a terminal %q with the agent, %q without", got, alone)
		}
		data, err := json.Marshal(p) // as the channel to the windows has it
		if err != nil {
			t.Fatal(err)
		}
		var shown status.Problem
		if err := json.Unmarshal(data, &shown); err != nil {
			t.Fatal(err)
		}
		if got := words.Problem(shown); got != want {
			t.Errorf("in the windows %q, not %q", got, want)
		}
		if got := words.Status(status.Snapshot{Connection: status.Trouble, Trouble: p}, time.Now()); got != want.What {
			t.Errorf("in the tray %q, not %q", got, want.What)
		}
	})
}

// TestLinkThatMayNoLongerBeCalled: service codes in links are forbidden while somebody
// is asked about one. That is what they are told, and nothing is dialled.
func TestLinkThatMayNoLongerBeCalled(t *testing.T) {
	a := running(t)
	plan := a.plan("tel:*21*0501234567%23", number.Link)
	if plan.Outcome != number.Confirm || !a.links.limiter.arrive(time.Now()) {
		t.Fatalf("%+v", plan)
	}
	a.links.plan = plan
	a.cfg.Numbers.LinkFeatureCodes = number.CodesBlock
	a.epoch, _ = a.dialer.NextEpoch(t.Context())

	err := (&windowHandler{agent: a}).yes(t.Context(), a.links.limiter.shown)
	p := dialer.ProblemOf(err, status.AttemptDial)
	if got, want := words.ProblemText(p), "A link may not dial a service code. If you mean it, type the code by hand."; got != want {
		t.Errorf("told as %q", got)
	}
	if c := a.dialer.Snapshot().Call; c != nil {
		t.Errorf("it was dialled: %+v", c)
	}
}

// TestCatalogues: those of what can go wrong name no errors but those that there are.
func TestCatalogues(t *testing.T) {
	there := map[string]bool{}
	for dir := range problems {
		for _, name := range exported(t, dir) {
			there[name] = true
		}
	}
	name := regexp.MustCompile(`\bErr[A-Z]\w*`)
	for _, path := range []string{"../../ami/testdata/ami_faults.json", "../../cmd/cornetta/testdata/env_faults.json"} {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found := name.FindAllString(string(data), -1)
		if len(found) == 0 {
			t.Errorf("%s names none", path)
		}
		for _, n := range found {
			if !there[n] {
				t.Errorf("%s names %s, which there is not", path, n)
			}
		}
	}
}
