package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/dialer/trail"
	"cornetta/internal/safelog"
	"cornetta/ui/agent"
	"cornetta/ui/desktop"
	"cornetta/ui/guides"
	"cornetta/ui/words"
)

// version is set by the build.
var version = "development"

// The exit statuses; scripts rely on them.
const (
	exitOK        = 0
	exitWarnings  = 1 // of the doctor
	exitUsage     = 2
	exitNotNumber = 3
	exitFailed    = 4
	exitUnknown   = 5
	exitNoLink    = 6 // no account, no secret, no link
)

// exitStatuses are those for what can go wrong. What is not in it has exitFailed.
var exitStatuses = map[status.Code]int{
	status.CodeField:     exitUsage,
	status.CodeSecretBad: exitUsage,

	status.CodeNotNumber: exitNotNumber,
	status.CodeSeveral:   exitNotNumber,
	status.CodeForbidden: exitNotNumber,

	status.CodeCertAuthorities: exitNoLink,

	status.CodeNotSetUp:       exitNoLink,
	status.CodeAccountUnknown: exitNoLink,
	status.CodeSecretMissing:  exitNoLink,
	status.CodeAccountChanged: exitNoLink,
	status.CodeStale:          exitNoLink,

	status.CodeNameNotFound:   exitNoLink,
	status.CodeRefused:        exitNoLink,
	status.CodeUnreachable:    exitNoLink,
	status.CodeNotAMI:         exitNoLink,
	status.CodeProxy:          exitNoLink,
	status.CodeTooOld:         exitNoLink,
	status.CodeTooMany:        exitNoLink,
	status.CodeLoginRefused:   exitNoLink,
	status.CodeLoginClosed:    exitNoLink,
	status.CodeLoginsHeld:     exitNoLink,
	status.CodeAlreadyIn:      exitNoLink,
	status.CodeLoginTimeout:   exitNoLink,
	status.CodeAuthMethod:     exitNoLink,
	status.CodeNotTLS:         exitNoLink,
	status.CodeTLSVersion:     exitNoLink,
	status.CodeCertSelf:       exitNoLink,
	status.CodeCertUnknownCA:  exitNoLink,
	status.CodeCertExpired:    exitNoLink,
	status.CodeCertNotYet:     exitNoLink,
	status.CodeCertHost:       exitNoLink,
	status.CodeCertChanged:    exitNoLink,
	status.CodeCertInvalid:    exitNoLink,
	status.CodeNoPermission:   exitNoLink,
	status.CodeNoReply:        exitNoLink,
	status.CodeKeyring:        exitNoLink,
	status.CodeKeyringAsks:    exitNoLink,
	status.CodeConnectionLost: exitNoLink,
	status.CodeProtocol:       exitNoLink,
	status.CodeTooMuch:        exitNoLink,

	status.CodeCertWeakKey:       exitNoLink,
	status.CodeCertWeakSignature: exitNoLink,
	status.CodeCertUnsupported:   exitNoLink,
	status.CodeTLSFailed:         exitNoLink,
	status.CodeChallenge:         exitNoLink,
	status.CodeNetworkUnknown:    exitNoLink,
}

// exitError is an error with the status it ends the program with.
type exitError struct {
	code int
	msg  string      // for the person; "" when everything was said already
	of   status.Code // the problem that it tells, "" for none
}

func (e *exitError) Error() string { return e.msg }

func exit(code int, msg string) error { return &exitError{code: code, msg: msg} }

// streams are the program's standard streams.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// env is what every subcommand gets.
type env struct {
	streams
	ctx      context.Context
	store    *config.Store
	keys     *secret.SessionStore
	logins   *dialer.Logins
	networks *dialer.Networks
	trail    *trail.Trail
	log      *slog.Logger
	tail     *safelog.Tail // the last lines of runLog
}

// cli is the command line. It is stable: scripts rely on it.
type cli struct {
	Version kong.VersionFlag

	Agent      agentCmd      `cmd:"" default:"1" hidden:""`
	Activated  activatedCmd  `cmd:"" hidden:""`
	Describe   describeCmd   `cmd:"" hidden:""`
	Demo       demoCmd       `cmd:""`
	PBX        pbxCmd        `cmd:"" name:"pbx"`
	Account    accountCmd    `cmd:""`
	Extensions extensionsCmd `cmd:""`
	Colleagues colleaguesCmd `cmd:""`
	Doctor     doctorCmd     `cmd:""`
	Explain    explainCmd    `cmd:""`
	Contacts   contactsCmd   `cmd:""`
	Dial       dialCmd       `cmd:""`
	Hangup     hangupCmd     `cmd:""`
	History    historyCmd    `cmd:""`
	Quit       quitCmd       `cmd:""`
	Resume     resumeCmd     `cmd:"" hidden:""`
	Install    installCmd    `cmd:""`
	Uninstall  uninstallCmd  `cmd:""`
	Policy     policyCmd     `cmd:""`
	Status     statusCmd     `cmd:""`
	Watch      watchCmd      `cmd:""`

	Transfer transferCmd `cmd:""`
}

// newCLI has options for the settings of an account, with their usual values.
func newCLI(usual config.Config) cli {
	return cli{Account: accountCmd{Set: newAccountSet(usual), Add: accountAddCmd{accountSetCmd: newAccountSet(usual, "name")}}}
}

type accountCmd struct {
	Set    accountSetCmd    `cmd:""`
	Show   accountShowCmd   `cmd:""`
	Remove accountRemoveCmd `cmd:""`
	Enroll accountEnrollCmd `cmd:""`
	Export accountExportCmd `cmd:""`
	List   accountListCmd   `cmd:""`
	Use    accountUseCmd    `cmd:""`
	Add    accountAddCmd    `cmd:""`
	Rename accountRenameCmd `cmd:""`
}

// attempts are what the commands do, for what goes wrong with them and nobody
// foresaw.
var attempts = map[string]status.Attempt{
	"agent": status.AttemptStart, "activated": status.AttemptStart, "describe": status.AttemptStart, "demo": status.AttemptStart, "pbx": status.AttemptStart,
	"account set": status.AttemptSave, "account remove": status.AttemptSave, "account show": status.AttemptLoad,
	"account list": status.AttemptLoad, "account use": status.AttemptSave, "account add": status.AttemptSave, "account rename": status.AttemptSave,
	"account enroll": status.AttemptSave, "account export": status.AttemptLoad, "policy": status.AttemptLoad, "extensions": status.AttemptList, "dial": status.AttemptDial, "hangup": status.AttemptHangUp, "quit": status.AttemptQuit, "doctor": status.AttemptStatus, "resume": status.AttemptStart,
	"contacts sources": status.AttemptContacts, "contacts add": status.AttemptContacts, "contacts remove": status.AttemptContacts,
	"contacts refresh": status.AttemptContacts, "contacts test": status.AttemptContacts, "contacts find": status.AttemptContacts,
	"history list": status.AttemptHistory, "history remove": status.AttemptHistory, "history clear": status.AttemptHistory, "history note": status.AttemptHistory,
	"contacts favourite list": status.AttemptContacts, "contacts favourite add": status.AttemptSave, "contacts favourite remove": status.AttemptSave,
	"install": status.AttemptRegister, "uninstall": status.AttemptRegister, "status": status.AttemptStatus,
	"watch": status.AttemptStatus, "colleagues": status.AttemptList, "transfer": status.AttemptTransfer,
}

// run is the program: it returns the exit status.
func run(ctx context.Context, args []string, s streams) int {
	words.Choose("")
	if link, ok := agent.LinkOf(args); ok {
		return runLink(ctx, s, link)
	}
	if path, ok := agent.EnrolmentOf(args); ok {
		return runEnrolment(ctx, s, path)
	}
	if len(args) == 0 {
		// The parser would find the same, but takes a millisecond, by which the icon
		// would be later.
		return start(ctx, s, status.AttemptStart, agentCmd{}.Run)
	}
	chosen, usual := chosenSettings()
	words.Choose(string(chosen.Language))
	c := newCLI(usual)
	code, exited := 0, false
	parser, err := kong.New(&c,
		kong.Name("cornetta"),
		kong.Description(words.Text(words.SayAbout)),
		kong.PostBuild(func(k *kong.Kong) error { helpTo(k.Model.Node, ""); return nil }),
		kong.Vars{"version": "cornetta " + version},
		kong.Writers(s.out, s.err),
		kong.Exit(func(n int) { code, exited = n, true }),
		kong.Help(printHelp),
	)
	if err != nil {
		panic(err) // the struct above is wrong
	}
	k, err := parser.Parse(withoutSources(args))
	if exited {
		return code
	}
	if err != nil {
		complain(s.err, words.Parser(err.Error()))
		fmt.Fprintln(s.err, words.Text(words.SayTryHelp))
		return exitUsage
	}
	command, _, _ := strings.Cut(k.Command(), " <")
	return start(ctx, s, attempts[command], func(e *env) error { return k.Run(e) })
}

// chosenSettings are those in force, whose language also a command speaks that does not
// need them, and the ones of somebody who never chose any.
func chosenSettings() (chosen, usual config.Config) {
	dir, err := config.DefaultDir()
	if err != nil {
		return config.Default(), config.Default()
	}
	s := openStore(dir)
	chosen, _ = s.Load()
	return chosen, s.Policy().Usual()
}

// policyPlace is where the policy is in tests, which set it when they build the program;
// "" is the system's place. Nothing that runs the program can set it.
var policyPlace string

// openStore is the settings in dir under the policy of this computer.
func openStore(dir string) *config.Store {
	p := config.SystemPolicies(dataPath("policy.good"))
	if policyPlace != "" {
		p.At = policyPlace
	}
	return config.NewStore(dir).Under(p)
}

// printHelp is kong's help in the language in use, as wide as the terminal, and 80
// characters at most.
func printHelp(o kong.HelpOptions, c *kong.Context) error {
	out := c.Stdout
	defer func() { c.Stdout = out }()
	if f, ok := out.(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil {
			o.WrapUpperBound = width
		}
	}
	var text strings.Builder
	c.Stdout = &text
	if err := kong.DefaultHelpPrinter(o, c); err != nil {
		return err
	}
	for line := range strings.Lines(text.String()) {
		fmt.Fprintln(out, words.Parser(strings.TrimSuffix(line, "\n")))
	}
	return nil
}

// helpTo gives help to what can follow path on the command line, but for options
// that are settings: they have theirs.
func helpTo(n *kong.Node, path string) {
	for _, f := range n.Flags {
		f.Help = strings.Replace(cmp.Or(words.Help(path+"--"+f.Name), f.Help), "{settings}", numberSettings(), 1)
	}
	for _, p := range n.Positional {
		p.Help = words.Help(path + "<" + p.Name + ">")
	}
	for _, c := range n.Children {
		c.Help = words.Help(path + c.Name)
		helpTo(c, path+c.Name+" ")
	}
}

// start runs a command and returns the exit status.
func start(ctx context.Context, s streams, attempt status.Attempt, command func(*env) error) int {
	out := &output{Writer: s.out}
	s.out = out
	e, err := newEnv(ctx, s)
	if err == nil {
		err = command(e)
	}
	if err == nil {
		err = out.err
	}
	return exitStatus(s.err, attempt, err)
}

// exitStatus says what went wrong, once, and returns the exit status for it.
func exitStatus(w io.Writer, attempt status.Attempt, err error) int {
	if err == nil {
		return exitOK
	}
	e := sentence(err, attempt)
	if e.msg != "" {
		complain(w, e.msg)
		pointToGuide(w, e.of)
	}
	return e.code
}

// pointToGuide tells who sits at a terminal where the guides have more about a problem.
// Of what was typed wrong the sentence says it all.
func pointToGuide(w io.Writer, of status.Code) {
	f, ok := w.(*os.File)
	if !ok || of == "" || exitStatuses[of] == exitUsage || exitStatuses[of] == exitNotNumber || !term.IsTerminal(int(f.Fd())) {
		return
	}
	if page := guides.Trouble(); page != "" {
		fmt.Fprintln(w, words.WhatHelps(page, string(of)))
	}
}

// complain tells on a terminal who says it.
func complain(w io.Writer, what string) { fmt.Fprintln(w, "cornetta: "+what) }

// sentence puts an error into words, with the exit status for it. attempt is the
// command.
func sentence(err error, attempt status.Attempt) *exitError {
	var said *exitError
	if errors.As(err, &said) {
		return said
	}
	p := dialer.ProblemOf(err, attempt)
	code, ok := exitStatuses[p.Code]
	if !ok {
		code = exitFailed
	}
	return &exitError{code, words.ProblemInTerminal(*p), p.Code}
}

func newEnv(ctx context.Context, s streams) (*env, error) {
	dir, err := config.DefaultDir()
	if err != nil {
		return nil, exit(exitFailed, words.Text(words.SayNoHome))
	}
	// A command prints what a person has to know; only the agent logs more (runLog).
	log := slog.New(warnings{s.err})
	return &env{
		streams:  s,
		ctx:      ctx,
		store:    openStore(dir),
		keys:     secret.Session(secret.Keyring()),
		logins:   dialer.OpenLogins(dataPath("logins")),
		networks: dialer.OpenNetworks(filepath.Join(dir, "networks.json"), desktop.Network, log),
		trail:    trail.Open(dataPath("calls")),
		log:      log,
		tail:     &safelog.Tail{},
	}, nil
}

// dataPath is the path of what is kept beside the history, "" where there is no place.
func dataPath(name string) string {
	path, err := history.DefaultPath()
	if err != nil {
		return ""
	}
	return filepath.Join(filepath.Dir(path), name)
}

// runLog is the log of a program that runs for long: each call, and what becomes of
// the connection to the PBX.
func (e *env) runLog() *slog.Logger {
	return safelog.New(io.MultiWriter(e.tail, e.err), slog.LevelInfo)
}

// load is the saved settings; the person is told where they were damaged.
func (e *env) load() (config.Config, error) {
	c, damage, err := e.store.Restore()
	e.tell(damage.Problem())
	e.tell(e.store.Policy().Damaged())
	return c, err
}

// tell says what a person has to know although the command goes on, nil for nothing.
func (e *env) tell(p *status.Problem) {
	if p != nil {
		complain(e.err, words.ProblemText(p))
	}
}

// await is f, which cannot be interrupted, until ctx ends: what it waits for may never
// come. Then it is left behind by a program that is about to end.
func await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	type result struct {
		v   T
		err error
	}
	done := make(chan result, 1)
	go func() {
		v, err := f()
		done <- result{v, err}
	}()
	select {
	case r := <-done:
		return r.v, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// settings are the saved ones, with an account that is complete enough to log in
// with.
func (e *env) settings() (config.Config, error) {
	c, err := e.load()
	if err == nil && c.Account.ValidateLogin() != nil {
		err = dialer.ErrNotSetUp
	}
	return c, err
}

// password is the account's secret. Where the keyring has none and a person
// sits at a terminal, they are asked for it; it is kept for this run only.
func (e *env) password(a config.Account) (string, error) {
	ctx, cancel := context.WithTimeout(e.ctx, 5*time.Second)
	defer cancel()
	p, err := e.keys.Get(ctx, secret.Key(a))
	if err == nil {
		return p, nil
	}
	if typed, ok := e.askPassword(); ok {
		return typed, nil
	}
	if errors.Is(err, secret.ErrNotFound) {
		err = dialer.ErrNoSecret
	}
	return "", err
}
