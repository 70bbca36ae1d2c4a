package window

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/contacts"
	"cornetta/dialer/history"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
)

// fakeAgent is an agent with canned answers.
type fakeAgent struct {
	mu      sync.Mutex
	asked   []string
	saved   []channel.Edit
	checked []channel.Edit
	shown   []offered // by the offer's id

	outside    string // what the agent puts in front of digits
	settings   channel.Settings
	secret     channel.SecretView
	registered channel.Registered
	pressed    chan string // what AwaitKeys returns
	extensions []status.Extension
	noList     *status.Problem // the same for what follows: what is answered instead
	noSave     *status.Problem
	noSecret   *status.Problem
	noDesktop  *status.Problem
	noTry      *status.Problem
	recent     []history.Entry
	past       []history.Entry // of which a page is pastPage
	noPast     *status.Problem
	sources    []contacts.Listed
	sourced    []channel.SourceParams // what was tried or added
	had        contacts.Tried         // what it has
	noSource   *status.Problem
	found      map[string][]channel.Suggestion // by what is typed
	marked     []channel.Suggestion            // favourites
	tls        map[string]int                  // the ports where hosts have TLS
	choices    []status.Offer                  // in every text that is no number
	previews   map[string]status.Offer         // of texts that are read otherwise
	dial       *status.Problem
	stale      uint64 // up to this id the settings were others
	save       channel.Saved
	findings   []status.Finding // of the doctor
	phones     fakePhones
	hold       chan struct{} // Dial, Save, Secret and Registered wait for it where it is set
	// steps and outcome of a check, by what is asked for
	check func(ctx context.Context, e channel.Edit, report func(channel.CheckStep)) *status.Problem
}

const pastPage = 5

// offered is what a text was shown as.
type offered struct {
	text  string
	offer status.Offer
}

func newFakeAgent() *fakeAgent {
	return &fakeAgent{
		settings: usual(config.Default().Account),
		check:    checkAllOK,
		pressed:  make(chan string),
	}
}

func (a *fakeAgent) note(s string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, s)
}

// count is how often something was asked for.
func (a *fakeAgent) count(s string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, v := range a.asked {
		if v == s {
			n++
		}
	}
	return n
}

func (a *fakeAgent) wait(ctx context.Context) {
	if a.hold != nil {
		select {
		case <-a.hold:
		case <-ctx.Done():
		}
	}
}

func (a *fakeAgent) Preview(_ context.Context, text string) status.Offer {
	a.mu.Lock()
	defer a.mu.Unlock()
	v := a.offerOf(text)
	keep := func(v *status.Offer) {
		v.ID = uint64(len(a.shown)) + 1
		a.shown = append(a.shown, offered{text, *v})
	}
	keep(&v)
	v.Choices = slices.Clone(v.Choices)
	for i := range v.Choices {
		keep(&v.Choices[i])
	}
	return v
}

func (a *fakeAgent) offerOf(text string) status.Offer {
	if v, ok := a.previews[text]; ok {
		return v
	}
	dial := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" ./-()", r) {
			return -1
		}
		return r
	}, text)
	if strings.IndexFunc(dial, func(r rune) bool { return !strings.ContainsRune("0123456789*#+", r) }) >= 0 {
		return status.Offer{Problem: &status.Problem{Code: status.CodeNotNumber, Fault: "letters"}, Choices: a.choices}
	}
	if rest, ok := strings.CutPrefix(dial, "+"); ok {
		return status.Offer{Shown: "0 00" + rest}
	}
	if strings.HasPrefix(dial, "899") {
		return status.Offer{Shown: dial, Reasons: []string{"premium"}}
	}
	return status.Offer{Shown: strings.TrimSpace(a.outside + " " + dial)}
}

func (a *fakeAgent) Dial(ctx context.Context, id uint64, remember bool) *status.Problem {
	a.mu.Lock()
	known := id > 0 && id <= uint64(len(a.shown))
	var was offered
	if known {
		was = a.shown[id-1]
	}
	stale := a.stale
	a.mu.Unlock()
	switch {
	case !known:
		a.note("dial what was not shown")
		return &status.Problem{Code: status.CodeConfirm}
	case id <= stale:
		return &status.Problem{Code: status.CodeAccountChanged}
	}
	said := "dial " + was.text
	if len(was.offer.Reasons) > 0 {
		said += " as " + was.offer.Dial()
	}
	if remember {
		said += " from now on"
	}
	a.note(said)
	a.wait(ctx)
	return a.dial
}

// noteWish notes what was chosen beside a yes.
func (a *fakeAgent) noteWish(w status.Wish) {
	if w != (status.Wish{}) {
		a.note(fmt.Sprintf("wish %+v", w))
	}
}

// table answers the windows.
func (a *fakeAgent) table(c *ipc.Conn) []ipc.Handler {
	return []ipc.Handler{
		channel.Preview.Handle(func(ctx context.Context, p channel.PreviewParams) (status.Offer, error) {
			if p.Copied {
				a.note("as copied " + p.Text)
			}
			if p.Marked {
				a.note("marked " + p.Text)
			}
			return a.Preview(ctx, p.Text), nil
		}),
		channel.Dial.Handle(func(ctx context.Context, p channel.DialParams) (ipc.None, error) {
			a.noteWish(p.Wish)
			return ipc.None{}, failure(a.Dial(ctx, p.ID, p.Remember))
		}),
		channel.Answer.Handle(func(ctx context.Context, p channel.AnswerParams) (ipc.None, error) {
			a.note(fmt.Sprintf("answer %d %v", p.ID, p.Yes))
			a.noteWish(p.Wish)
			a.wait(ctx)
			return ipc.None{}, failure(a.dial)
		}),
		channel.Hangup.Handle(func(context.Context, ipc.None) (ipc.None, error) { a.note("hangup"); return ipc.None{}, nil }),
		channel.TestCall.Handle(func(context.Context, ipc.None) (ipc.None, error) { a.note("test call"); return ipc.None{}, nil }),
		channel.InForce.Handle(func(context.Context, ipc.None) (channel.Settings, error) { return a.settings, nil }),
		channel.Secret.Handle(func(ctx context.Context, _ ipc.None) (channel.SecretView, error) {
			a.wait(ctx)
			return a.secret, failure(a.noSecret)
		}),
		channel.TryHook.Handle(func(_ context.Context, p channel.TryHookParams) (ipc.None, error) {
			a.note("try " + p.State + " " + p.Text)
			return ipc.None{}, failure(a.noTry)
		}),
		channel.OnDesktop.Handle(func(ctx context.Context, _ ipc.None) (channel.Registered, error) {
			a.wait(ctx)
			return a.registered, failure(a.noDesktop)
		}),
		channel.CheckKeys.Handle(func(_ context.Context, p channel.KeysParams) (ipc.None, error) {
			a.note("keys " + p.Keys)
			if p.Keys == "Ctrl+Alt+T" {
				return ipc.None{}, &status.Problem{Code: status.CodeKeysTaken}
			}
			return ipc.None{}, nil
		}),
		channel.AwaitKeys.Handle(func(ctx context.Context, _ ipc.None) (channel.KeysParams, error) {
			a.note("await keys")
			select {
			case keys := <-a.pressed:
				return channel.KeysParams{Keys: keys}, nil
			case <-ctx.Done():
				a.note("awaited in vain")
				return channel.KeysParams{}, nil
			}
		}),
		channel.Save.Handle(func(ctx context.Context, e channel.Edit) (channel.Saved, error) {
			a.wait(ctx)
			a.mu.Lock()
			defer a.mu.Unlock()
			a.saved = append(a.saved, e)
			return a.save, failure(a.noSave)
		}),
		channel.UseAccount.Handle(func(_ context.Context, p channel.AccountParams) (ipc.None, error) {
			a.note("use " + p.Name)
			a.settings.Account.Name = p.Name
			return ipc.None{}, failure(a.noSave)
		}),
		channel.RemoveAccount.Handle(func(_ context.Context, p channel.AccountParams) (ipc.None, error) {
			a.note("remove " + p.Name)
			return ipc.None{}, failure(a.noSave)
		}),
		channel.Enrol.Handle(func(_ context.Context, p channel.EnrolParams) (channel.Saved, error) {
			a.note(fmt.Sprintf("enrol %d %v", p.ID, p.Risk))
			return a.save, failure(a.noSave)
		}),
		channel.HandleCheck(c, func(ctx context.Context, e channel.Edit, report func(channel.CheckStep)) *status.Problem {
			a.mu.Lock()
			a.checked = append(a.checked, e)
			a.mu.Unlock()
			return a.check(ctx, e, report)
		}),
		channel.OfferedTLS.Handle(func(_ context.Context, p channel.OfferedParams) (channel.TLSOffer, error) {
			a.note("tls " + p.Host)
			return channel.TLSOffer{Port: a.tls[p.Host]}, nil
		}),
		channel.HandleExtensions(func(context.Context, channel.Edit) ([]status.Extension, error) {
			return a.extensions, failure(a.noList)
		}),
		channel.HandleExamination(c, func(ctx context.Context, found func(status.Finding)) []status.Finding {
			a.note("examine")
			a.mu.Lock()
			all := a.findings
			a.mu.Unlock()
			for i := range all { // the last is there first
				found(all[len(all)-1-i])
			}
			a.wait(ctx)
			return all
		}),
		channel.Find.Handle(func(_ context.Context, p channel.FindParams) ([]channel.Suggestion, error) {
			a.mu.Lock()
			defer a.mu.Unlock()
			if p.Text != "" {
				return a.found[p.Text], nil
			}
			a.asked = append(a.asked, "recent")
			all := slices.Clone(a.marked)
			for i := range all {
				all[i].Favourite = i + 1
			}
			for _, e := range a.recent[:min(p.N, len(a.recent))] {
				all = append(all, channel.Suggestion{Name: e.Name, Number: clean.Foreign(e.Number), Recent: &e})
			}
			return all, nil
		}),
		channel.Past.Handle(func(_ context.Context, p channel.PastParams) ([]history.Entry, error) {
			a.note(fmt.Sprintf("past %s %d", p.Words, p.Before))
			a.mu.Lock()
			defer a.mu.Unlock()
			var all []history.Entry
			for _, e := range a.past {
				if (p.Before == 0 || e.ID < p.Before) && (!p.Missed || e.State == call.InMissed) &&
					strings.Contains(e.Name.Text()+e.Number+e.Note.Text(), p.Words) && len(all) < pastPage {
					all = append(all, e)
				}
			}
			return all, failure(a.noPast)
		}),
		channel.Again.Handle(func(ctx context.Context, p channel.PastCall) (status.Offer, error) {
			a.note(fmt.Sprintf("again %d", p.ID))
			a.mu.Lock()
			i := slices.IndexFunc(a.past, func(e history.Entry) bool { return e.ID == p.ID })
			a.mu.Unlock()
			if i < 0 {
				return status.Offer{}, &status.Problem{Code: status.CodeNoEntry}
			}
			return a.Preview(ctx, a.past[i].Number), nil
		}),
		channel.RemovePast.Handle(func(_ context.Context, p channel.PastCall) (ipc.None, error) {
			a.note(fmt.Sprintf("remove %d", p.ID))
			return ipc.None{}, failure(a.noPast)
		}),
		channel.NotePast.Handle(func(_ context.Context, p channel.NoteParams) (ipc.None, error) {
			a.note(fmt.Sprintf("note %d %s", p.ID, p.Note))
			return ipc.None{}, failure(a.noPast)
		}),
		channel.Private.Handle(func(_ context.Context, p channel.PrivateParams) (ipc.None, error) {
			a.note(fmt.Sprintf("private %v", p.On))
			return ipc.None{}, failure(a.noPast)
		}),
		channel.Sources.Handle(func(context.Context, ipc.None) ([]contacts.Listed, error) {
			a.note("sources")
			a.mu.Lock()
			defer a.mu.Unlock()
			return slices.Clone(a.sources), nil
		}),
		channel.TrySource.Handle(func(ctx context.Context, p channel.SourceParams) (contacts.Tried, error) {
			return a.source(ctx, "try source", p)
		}),
		channel.AddSource.Handle(func(ctx context.Context, p channel.SourceParams) (contacts.Tried, error) {
			return a.source(ctx, "add source", p)
		}),
		channel.RemoveSource.Handle(func(_ context.Context, p channel.SourceID) (ipc.None, error) {
			a.note("remove source " + p.ID)
			return ipc.None{}, failure(a.noSource)
		}),
		channel.RefreshSource.Handle(func(_ context.Context, p channel.SourceID) (ipc.None, error) {
			a.note("refresh source " + p.ID)
			return ipc.None{}, failure(a.noSource)
		}),
		channel.Colleagues.Handle(a.phones.tell),
		channel.Voicemail.Handle(func(context.Context, ipc.None) (ipc.None, error) {
			a.note("voicemail")
			return ipc.None{}, nil
		}),
		channel.CallLater.Handle(func(_ context.Context, p channel.CallLaterParams) (channel.CallLaterResult, error) {
			a.note(fmt.Sprintf("later %s free=%v off=%v", p.Number, p.Free, p.Off))
			return channel.CallLaterResult{At: time.Date(2026, 5, 4, 15, 30, 0, 0, time.Local)}, a.phones.later(p)
		}),
		channel.Mark.Handle(func(_ context.Context, p channel.MarkParams) (channel.Marked, error) {
			a.mu.Lock()
			defer a.mu.Unlock()
			if p.Change {
				a.asked = append(a.asked, "mark "+p.Number.Text())
			}
			i := slices.IndexFunc(a.marked, func(s channel.Suggestion) bool { return s.Number == p.Number })
			switch {
			case p.Change && i < 0:
				p.Dialled = p.Typed || p.AsDialled()
				a.marked = append(a.marked, p.Suggestion)
				i = len(a.marked) - 1
			case p.Change:
				a.marked = slices.Delete(a.marked, i, i+1)
				i = -1
			}
			return channel.Marked{Place: i + 1}, nil
		}),
	}
}

// source tries or adds one.
func (a *fakeAgent) source(ctx context.Context, what string, p channel.SourceParams) (contacts.Tried, error) {
	a.note(what)
	a.mu.Lock()
	a.sourced = append(a.sourced, p)
	a.mu.Unlock()
	a.wait(ctx)
	return a.had, failure(a.noSource)
}

// failure is p as an error.
func failure(p *status.Problem) error {
	if p == nil {
		return nil
	}
	return p
}

// checkUpTo makes every step succeed up to the named one, which fails with p.
func checkUpTo(failing status.Step, p *status.Problem) func(context.Context, channel.Edit, func(channel.CheckStep)) *status.Problem {
	return func(_ context.Context, e channel.Edit, report func(channel.CheckStep)) *status.Problem {
		for _, s := range status.Steps(e.Account.TLS) {
			report(channel.CheckStep{Step: s, State: channel.StepRunning})
			if s == failing {
				report(channel.CheckStep{Step: s, State: channel.StepFailed, Problem: p})
				return p
			}
			report(channel.CheckStep{Step: s, State: channel.StepOK})
		}
		return nil
	}
}

var checkAllOK = checkUpTo("", nil)

func trouble(c status.Code) *status.Problem {
	return &status.Problem{Code: c}
}

// selfSignedCert is a certificate that nobody vouches for.
func selfSignedCert() *status.Cert {
	return &status.Cert{
		Fingerprint: strings.Repeat("a1b2", 16), Subject: "CN=pbx.example.com, O=Example GmbH",
		NotBefore: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2036, 1, 2, 0, 0, 0, 0, time.UTC),
	}
}

// selfSigned fails at TLS until the certificate is pinned.
func selfSigned(ctx context.Context, e channel.Edit, report func(channel.CheckStep)) *status.Problem {
	if !e.Account.TLS || e.Account.TLSPin == selfSignedCert().Fingerprint {
		return checkAllOK(ctx, e, report)
	}
	p := trouble(status.CodeCertSelf)
	p.Cert = selfSignedCert()
	return checkUpTo(status.StepTLS, p)(ctx, e, report)
}

var inKeyring = channel.SecretView{Where: channel.SecretKeyring}

// usual are the settings of a person who never changed any but the account.
func usual(a config.Account) channel.Settings {
	c := config.Default()
	c.Account = a
	return channel.Settings{
		Config: c, Regions: []string{"AT", "DE", "FR", "GB", "GR", "IT", "SM", "US", "VA"},
	}
}

func account() channel.Settings {
	a := config.Default().Account
	a.Host, a.Username, a.Extension = "pbx.example.com", "c2c", "7101"
	a.Tenant = "0f3c2a54-9a1b-4f6e-8d52-1c0e5b7a9d11"
	return usual(a)
}

func ringing(id, number, name string, state call.State) *call.Snapshot {
	c := &call.Snapshot{
		ID: id, Number: number, Extension: "7101", State: state, FarName: clean.Foreign(name),
		Requested: time.Now().Add(-20 * time.Second),
	}
	if state == call.InCall {
		c.Answered = time.Now().Add(-83 * time.Second)
	}
	return c
}
