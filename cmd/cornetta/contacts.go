package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	foreign "cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/contacts"
	"cornetta/dialer/contacts/directory"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

type contactsCmd struct {
	Sources contactsSourcesCmd `cmd:""`
	Add     contactsAddCmd     `cmd:""`
	Remove  contactsRemoveCmd  `cmd:""`
	Refresh contactsRefreshCmd `cmd:""`
	Test    contactsTestCmd    `cmd:""`
	Find    contactsFindCmd    `cmd:""`

	Favourite favouriteCmd `cmd:""`
}

// withoutSources leaves out the "sources" of `contacts sources add`, which may stand
// there.
func withoutSources(args []string) []string {
	if len(args) > 2 && args[0] == "contacts" && args[1] == "sources" && slices.Contains([]string{"add", "remove", "refresh", "test"}, args[2]) {
		return slices.Delete(slices.Clone(args), 1, 2)
	}
	return args
}

// peoplePath is the path of the index, "" where there is no place for it.
func peoplePath() string { return dataPath("people") }

// sources are those that this user gave, and those of the settings.
func sources(cfg config.Config) (*contacts.Sources, error) {
	dir, err := config.DefaultDir()
	if err != nil {
		return nil, exit(exitFailed, words.Text(words.SayNoHome))
	}
	var given []contacts.Source
	for _, d := range cfg.ParseDirectories() {
		given = append(given, contacts.FromDirectory(d))
	}
	return contacts.OpenSources(filepath.Join(dir, "contacts.json"), given...), nil
}

// directories is what reads them.
func (e *env) directories() (directory.Store, number.Settings, error) {
	cfg, damaged := e.load()
	all, err := sources(cfg)
	if err != nil {
		return directory.Store{}, number.Settings{}, err
	}
	return directory.Store{
		Index: peoplePath(), Sources: all, Now: time.Now,
		Access: directory.Access{Secret: e.sourceSecret, Authorities: cfg.Account.TLSCA},
	}, cfg.Rules(), damaged
}

// sourceSecret is a source's secret in the keyring, which may ask for its own password.
func (e *env) sourceSecret(ctx context.Context, s contacts.Source) (secret string, err error) {
	err = e.askKeyring(func(ctx context.Context) error {
		secret, err = e.keys.Get(ctx, s.SecretKey())
		return err
	})
	return secret, err
}

// quietSecret is the same where nobody waits for it: a keyring that is locked is not made
// to ask for its password.
func (e *env) quietSecret(ctx context.Context, s contacts.Source) (string, error) {
	standing, err := secret.Look(ctx)
	if err == nil && standing.Locked {
		err = secret.ErrUnavailable
	}
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, controlTime)
	defer cancel()
	return e.keys.Get(ctx, s.SecretKey())
}

// sourceOptions say what a source is.
type sourceOptions struct {
	VCard   string `name:"vcard" placeholder:"PATH" xor:"type"`
	CSV     string `name:"csv" placeholder:"FILE" xor:"type"`
	LDAP    string `name:"ldap" placeholder:"URL" xor:"type"`
	Base    string `placeholder:"DN"`
	Bind    string `placeholder:"DN"`
	CardDAV string `name:"carddav" placeholder:"URL" xor:"type"`
	User    string `placeholder:"USER"`

	SecretStdin bool
	TLSPin      string `name:"tls-pin" placeholder:"SHA256"`
	Clear       bool
}

// source is what the options say; false where they say nothing.
func (o sourceOptions) source() (s contacts.Source, given bool, err error) {
	switch {
	case o.VCard != "":
		s.Type, s.Path = contacts.VCard, o.VCard
	case o.CSV != "":
		s.Type, s.Path = contacts.CSV, o.CSV
	case o.LDAP != "":
		s, err = contacts.ParseAddress(contacts.LDAP, o.LDAP)
		s.Base, s.User = cmp.Or(o.Base, s.Base), cmp.Or(o.Bind, s.User)
	case o.CardDAV != "":
		s, err = contacts.ParseAddress(contacts.CardDAV, o.CardDAV)
		s.User = cmp.Or(o.User, s.User)
	case o != sourceOptions{}:
		return s, false, errNoSourceGiven()
	default:
		return s, false, nil
	}
	if err != nil {
		return s, true, err
	}
	of := func(t contacts.SourceType, texts ...string) bool {
		return s.Type == t || !slices.ContainsFunc(texts, func(t string) bool { return t != "" })
	}
	switch {
	case !of(contacts.LDAP, o.Base, o.Bind), !of(contacts.CardDAV, o.User), s.Path != "" && (o.SecretStdin || o.TLSPin != "" || o.Clear):
		return s, true, exit(exitUsage, words.Text(words.SayNotOfSource))
	case s.Type == contacts.LDAP && s.Base == "":
		return s, true, exit(exitUsage, words.Text(words.SayGiveBase))
	case o.SecretStdin && s.User == "":
		return s, true, exit(exitUsage, words.Text(words.SayGiveUser))
	case s.Path != "": // read again later, from another folder
		s.Path, err = filepath.Abs(s.Path)
		return s, true, err
	}
	s.Clear = s.Clear || o.Clear
	if o.TLSPin != "" {
		s.Pin, err = config.ParsePin(o.TLSPin)
	}
	return s, true, err
}

// secret is the one that is given on standard input, nil where none is.
func (o sourceOptions) secret(e *env) (*string, error) {
	if !o.SecretStdin {
		return nil, nil
	}
	p, err := await(e.ctx, func() (string, error) { return readSecret(e.in) })
	return &p, err
}

// with is a that knows a secret which need not be kept yet.
func with(a directory.Access, secret *string) directory.Access {
	if secret != nil {
		a.Secret = func(context.Context, contacts.Source) (string, error) { return *secret, nil }
	}
	return a
}

// errNoSourceGiven is for a command line that names none.
func errNoSourceGiven() error { return exit(exitUsage, words.Text(words.SayGiveSource)) }

type contactsSourcesCmd struct {
	JSON bool `name:"json"`
}

func (c *contactsSourcesCmd) Run(e *env) error {
	cfg, err := e.load()
	if err != nil {
		return err
	}
	all, err := sources(cfg)
	if err != nil {
		return err
	}
	states, err := contacts.Open(peoplePath()).States()
	if err != nil {
		e.tell(dialer.ProblemOf(err, status.AttemptContacts))
	}
	list, err := all.Listed(states)
	if err != nil {
		return err
	}
	return e.printSources(list, c.JSON)
}

func (e *env) printSources(list []contacts.Listed, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(e.out).Encode(list)
	}
	if len(list) == 0 {
		fmt.Fprintln(e.out, words.Text(words.SayNoSources))
	}
	for _, s := range list {
		fmt.Fprintf(e.out, "%-3s %-8s %s\n", s.ID, s.Type, foreign.Text(s.Where(), foreign.Detail))
		if !s.Read.IsZero() {
			fmt.Fprintln(e.out, "    "+words.Read(s.People, s.NoNumber, s.Bad, s.Read, time.Now()))
		}
		if s.Problem != nil {
			fmt.Fprintln(e.out, "    "+words.FailingSince(*s.Problem, s.Since, time.Now()))
		}
		if s.Read.IsZero() && s.Problem == nil {
			fmt.Fprintln(e.out, "    "+words.Text(words.SayNotReadYet))
		}
	}
	return nil
}

// telling calls f, and with asJSON prints outcome in place of whatever f prints: what went
// wrong is put into the problem of it.
func (e *env) telling(asJSON bool, outcome any, problem **status.Problem, f func(*env) error) error {
	if !asJSON {
		return f(e)
	}
	quiet := *e
	quiet.out, quiet.err = io.Discard, io.Discard
	err := f(&quiet)
	code := exitOK
	if err != nil {
		told := sentence(err, status.AttemptContacts)
		code = told.code
		if said := new(exitError); !errors.As(err, &said) {
			*problem = dialer.ProblemOf(err, status.AttemptContacts)
		} else if said.msg != "" {
			*problem = &status.Problem{Code: cmp.Or(said.of, status.CodeUnforeseen), Detail: foreign.Foreign(said.msg), Attempt: status.AttemptContacts}
		}
	}
	if err := json.NewEncoder(e.out).Encode(outcome); err != nil || code == exitOK {
		return err
	}
	return exit(code, "")
}

type contactsAddCmd struct {
	sourceOptions `embed:""`
	JSON          bool `name:"json"`
}

func (c *contactsAddCmd) Run(e *env) error {
	var r contacts.Tried
	return e.telling(c.JSON, &r, &r.Problem, func(e *env) error { return c.add(e, &r) })
}

// add reads the source before it keeps it: what cannot be read now is not kept.
func (c *contactsAddCmd) add(e *env, r *contacts.Tried) error {
	s, ok, err := c.source()
	if err != nil {
		return err
	}
	if !ok {
		return errNoSourceGiven()
	}
	store, rules, err := e.directories()
	if err != nil {
		return err
	}
	password, err := c.secret(e)
	if err != nil {
		return err
	}
	if s, err = store.Sources.Next(s); err != nil {
		return err
	}
	// One that is there already, of the same user, is added anew for another secret or
	// certificate; a secret that is not given is the one that it has.
	if err := e.try(s, with(store.Access, password), rules, r); err != nil {
		return err
	}
	if password != nil {
		if err := e.keepSecret(s.SecretKey(), *password, words.SaySourceNotKept); err != nil {
			return err
		}
	}
	if err := store.Sources.Add(s); err != nil {
		if password != nil {
			e.forget(s.SecretKey())
		}
		return err
	}
	return e.refresh(store, s.ID, rules)
}

// try reads a source and says what is in it, and to tried. Nothing is kept.
func (e *env) try(s contacts.Source, access directory.Access, rules number.Settings, tried *contacts.Tried) error {
	r, err := directory.Read(e.ctx, s, "", access, rules)
	if p := dialer.ProblemOf(err, status.AttemptContacts); p != nil && p.Cert != nil && p.Cert.Fingerprint != "" {
		fmt.Fprintln(e.err, words.ComparePin(p.Cert.Fingerprint))
	}
	if err != nil {
		return err
	}
	tried.People, tried.NoNumber, tried.Bad, tried.Books = len(r.People), r.NoNumber, r.Bad, r.Books
	if len(r.Books) > 0 {
		fmt.Fprintln(e.out, words.BooksRead(r.Books))
	}
	for _, c := range r.Columns {
		if c.Is != directory.UseNothing && c.Name != "" {
			tried.Columns = append(tried.Columns, c)
			fmt.Fprintln(e.out, words.Column(c.Name.Text(), string(c.Is), string(c.Kind)))
		}
	}
	fmt.Fprintln(e.out, words.Tested(len(r.People), r.NoNumber, r.Bad))
	return nil
}

// refresh reads sources and says what it cannot.
func (e *env) refresh(store directory.Store, only string, rules number.Settings) error {
	states, err := store.Refresh(e.ctx, only, rules)
	if err != nil {
		return err
	}
	failed := false
	for _, st := range states {
		if st.Problem != nil && (only == "" || only == st.ID) {
			complain(e.err, st.ID+": "+words.FailingSince(*st.Problem, st.Since, time.Now()))
			failed = true
		}
	}
	if failed {
		return exit(exitFailed, "")
	}
	return nil
}

// toldJSON is what `contacts remove` and `refresh` print with --json.
type toldJSON struct {
	Problem *status.Problem `json:"problem,omitempty"`
}

type contactsRemoveCmd struct {
	ID   string `arg:"" name:"id"`
	JSON bool   `name:"json"`
}

func (c *contactsRemoveCmd) Run(e *env) error {
	var r toldJSON
	return e.telling(c.JSON, &r, &r.Problem, c.remove)
}

func (c *contactsRemoveCmd) remove(e *env) error {
	store, rules, err := e.directories()
	if err != nil {
		return err
	}
	s, err := store.Sources.Find(c.ID)
	if err != nil {
		return err
	}
	if store.Sources.Given(c.ID) {
		return exit(exitFailed, words.Text(words.SaySourceGiven))
	}
	if err := store.Sources.Remove(c.ID); err != nil {
		return err
	}
	if s.User != "" {
		e.forget(s.SecretKey())
	}
	// Its people go, and nobody else is read for that.
	return e.refresh(store, directory.None, rules)
}

type contactsRefreshCmd struct {
	ID    string `arg:"" name:"id" optional:""`
	JSON  bool   `name:"json"`
	Quiet bool   `hidden:""` // nobody waits for it
}

func (c *contactsRefreshCmd) Run(e *env) error {
	var r toldJSON
	return e.telling(c.JSON, &r, &r.Problem, c.refresh)
}

func (c *contactsRefreshCmd) refresh(e *env) error {
	store, rules, err := e.directories()
	if err != nil {
		return err
	}
	if c.Quiet {
		store.Access.Secret = e.quietSecret
	}
	return e.refresh(store, c.ID, rules)
}

type contactsTestCmd struct {
	ID            string `arg:"" name:"id" optional:""`
	sourceOptions `embed:""`
	JSON          bool `name:"json"`
}

// Run reads a source that is kept or one that is not, all of those that are where none
// is named, and changes nothing.
func (c *contactsTestCmd) Run(e *env) error {
	if c.sourceOptions != (sourceOptions{}) {
		var r contacts.Tried
		return e.telling(c.JSON, &r, &r.Problem, func(e *env) error { return c.given(e, &r) })
	}
	return c.kept(e)
}

// given tries the one that the options say.
func (c *contactsTestCmd) given(e *env, r *contacts.Tried) error {
	s, given, err := c.source()
	if err != nil {
		return err
	}
	if !given || c.ID != "" {
		return errNoSourceGiven()
	}
	store, rules, err := e.directories()
	if err != nil {
		return err
	}
	password, err := c.secret(e)
	if err != nil {
		return err
	}
	return e.try(s, with(store.Access, password), rules, r)
}

// kept tries those that are.
func (c *contactsTestCmd) kept(e *env) error {
	store, rules, err := e.directories()
	if err != nil {
		return err
	}
	all, err := store.Sources.List()
	if c.ID != "" {
		var s contacts.Source
		s, err = store.Sources.Find(c.ID)
		all = []contacts.Source{s}
	}
	if err != nil {
		return err
	}
	var failed error
	for _, s := range all {
		if len(all) > 1 && !c.JSON {
			fmt.Fprintf(e.out, "%s %s\n", s.ID, foreign.Text(s.Where(), foreign.Detail))
		}
		r := contacts.Tried{ID: s.ID}
		err := e.telling(c.JSON, &r, &r.Problem, func(e *env) error { return e.try(s, store.Access, rules, &r) })
		if err != nil && len(all) > 1 && !c.JSON {
			complain(e.err, sentence(err, status.AttemptContacts).msg)
			err = exit(exitFailed, "")
		}
		failed = cmp.Or(failed, err)
	}
	return failed
}

type contactsFindCmd struct {
	JSON  bool     `name:"json"`
	Limit int      `default:"20"`
	Words []string `arg:""`
}

// findJSON is one of `contacts find --json`.
type findJSON struct {
	Name    string       `json:"name"`
	Company string       `json:"company,omitempty"`
	Source  string       `json:"source"`
	Numbers []numberJSON `json:"numbers"`
}

type numberJSON struct {
	Kind    contacts.Kind   `json:"kind"`
	Number  string          `json:"number"` // as the directory has it
	Dial    string          `json:"dial"`   // what would be sent; "" for nothing
	Reasons []number.Reason `json:"reasons"`
}

// maxFound is how many people are printed at most.
const maxFound = 1000

func (c *contactsFindCmd) Run(e *env) error {
	if c.Limit < 1 || c.Limit > maxFound {
		return exit(exitUsage, words.LimitTakes(maxFound))
	}
	cfg, err := e.load()
	if err != nil {
		return err
	}
	rules := cfg.Rules()
	found, err := contacts.Open(peoplePath()).Find(strings.Join(c.Words, " "), c.Limit, rules)
	if err != nil {
		return err
	}
	if c.JSON {
		out := []findJSON{}
		for _, p := range found {
			f := findJSON{Name: p.Name.Text(), Company: p.Company.Text(), Source: p.Source}
			for _, n := range p.Numbers {
				plan := number.Parse(n.Text.Text(), number.Clipboard, rules)
				reasons := plan.Reasons
				if reasons == nil {
					reasons = []number.Reason{}
				}
				f.Numbers = append(f.Numbers, numberJSON{n.Kind, n.Text.Text(), plan.Dial, reasons})
			}
			out = append(out, f)
		}
		enc := json.NewEncoder(e.out)
		enc.SetEscapeHTML(false)
		return enc.Encode(out)
	}
	if len(found) == 0 {
		return exit(exitFailed, words.Text(words.SayNobodyFound))
	}
	for _, p := range found {
		fmt.Fprintln(e.out, words.Person(p.Name.Text(), p.Company.Text()))
		for _, n := range p.Numbers {
			fmt.Fprintf(e.out, "    %-10s %s\n", words.KindOfNumber(string(n.Kind)), n.Text.Text())
		}
	}
	return nil
}

// runContacts runs `cornetta contacts` with arguments, and with a secret on its standard
// input, and returns what it prints. What it says of sources that cannot be read is in
// `contacts sources` as well; with --json its exit status says no more than what it prints.
func runContacts(ctx context.Context, secret *string, args ...string) ([]byte, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, self, append([]string{"contacts"}, args...)...)
	c.WaitDelay = time.Second
	if secret != nil {
		c.Stdin = strings.NewReader(*secret + "\n")
	}
	out, err := c.Output()
	if failed := new(exec.ExitError); errors.As(err, &failed) && (failed.ExitCode() == exitFailed || len(out) > 0) {
		err = nil
	}
	return out, err
}

// forgetSources takes the secrets of sources out of the keyring.
func (e *env) forgetSources() {
	all, err := sources(config.Config{})
	if err != nil {
		return
	}
	list, _ := all.List()
	for _, s := range list {
		if s.User != "" {
			e.forget(s.SecretKey())
		}
	}
}
