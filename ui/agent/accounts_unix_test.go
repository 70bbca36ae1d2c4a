//go:build unix

package agent

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/contacts"
	"cornetta/dialer/control"
	"cornetta/dialer/history"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/tray"
)

// offices are an agent with two accounts, each on a PBX of its own. Office has the outside
// line 0 and is in use, Lab has 9.
type offices struct {
	*agent
	t           *testing.T
	office, lab *pbxsim.PBX

	mu    sync.Mutex // guards where
	where string     // the network
}

func twoAccounts(t *testing.T) *offices {
	t.Helper()
	o := &offices{t: t}
	a := &agent{cfg: config.Default(), Options: Options{Name: "cornetta", Store: config.NewStore(t.TempDir()), Log: slog.New(slog.NewTextHandler(io.Discard, nil))}}
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	o.agent = a
	equip(t, a)
	a.netNews, a.idle, a.news = make(chan struct{}, 1), make(chan struct{}, 1), make(chan struct{}, 1)
	a.Past, _ = history.Open("") // which cannot fail
	cfg := config.Default()
	for _, one := range []struct {
		name, prefix string
		pbx          **pbxsim.PBX
	}{{"Office", "0", &o.office}, {"Lab", "9", &o.lab}} {
		pbx, err := pbxsim.Start(pbxsim.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { pbx.Close() })
		*one.pbx = pbx
		acc := config.Default().Account
		host, port, _ := net.SplitHostPort(pbx.Addr())
		acc.Name, acc.Prefix, acc.Host, acc.Username, acc.Tenant, acc.Extension = one.name, one.prefix, host, pbxsim.Username, pbxsim.Tenant, pbxsim.Extensions[0].Number
		acc.Port, _ = strconv.Atoi(port)
		if err := a.Keys.Set(t.Context(), secret.Key(acc), pbxsim.Secret); err != nil {
			t.Fatal(err)
		}
		if cfg, err = cfg.Add(acc); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Store.Save(cfg); err != nil {
		t.Fatal(err)
	}
	a.tray = tray.New(tray.Actions{})
	a.Networks = dialer.OpenNetworks(t.TempDir()+"/networks.json", o.here, a.Log)
	a.dialer = dialer.New(dialer.Options{Secrets: a.Keys, Networks: a.Networks})
	ctx, end := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = a.dialer.Run(ctx) })
	t.Cleanup(wg.Wait)
	t.Cleanup(end)
	a.windows = newWindows(a, a.Log)
	a.windows.close() // nothing can be shown
	if err := a.load(t.Context()); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *offices) here(context.Context) (string, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.where == "" {
		return "", errors.New("nowhere")
	}
	return o.where, nil
}

func (o *offices) goTo(where string) {
	o.mu.Lock()
	o.where = where
	o.mu.Unlock()
	o.lookAtNetwork()
}

func (o *offices) use(name string) *status.Problem {
	o.t.Helper()
	told, err := o.useAccount(o.t.Context(), name)
	if err != nil {
		o.t.Fatal(err)
	}
	return told
}

// await waits for a state of things.
func (o *offices) await(what string, ok func() bool) {
	o.t.Helper()
	for end := time.Now().Add(30 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			o.t.Fatalf("%s: never", what)
		}
	}
}

// got are the calls that the two PBXs were asked for.
func (o *offices) got() [2]int { return [2]int{len(o.office.Originates()), len(o.lab.Originates())} }

func (o *offices) expect(what string, office, lab int) {
	o.t.Helper()
	if got := o.got(); got != [2]int{office, lab} {
		o.t.Errorf("%s: the PBXs got %v calls, want %d and %d", what, got, office, lab)
	}
}

// carryToLab takes the computer into a network in which Lab is chosen by itself.
func (o *offices) carryToLab() {
	o.t.Helper()
	o.goTo("lab")
	lab, err := o.config().Use("Lab")
	if err != nil {
		o.t.Fatal(err)
	}
	lab.Account.ByNetwork = true
	o.Networks.Choose(o.t.Context(), lab.Account)
	// It is kept that way, not in use.
	if _, err := o.try(o.t.Context(), false, o.dialer.Recheck, func(cfg *config.Config) error {
		cfg.Others = slices.Clone(cfg.Others)
		cfg.Others[0].Account.ByNetwork = true
		return nil
	}); err != nil {
		o.t.Fatal(err)
	}
	o.chooseByNetwork(o.t.Context(), "")
	if o.account().Name != "Lab" {
		o.t.Fatalf("in use is %s", o.account().Name)
	}
}

// hangUpAll ends the call and waits for that.
func (o *offices) hangUpAll() {
	o.t.Helper()
	_ = o.dialer.Hangup(o.t.Context())
	o.await("the end of the call", func() bool {
		c := o.dialer.Snapshot().Call
		return c == nil || !c.Live()
	})
}

// TestSwitchInEachMoment: wherever a person is about to dial when another account is put in
// use, nothing that was begun under the one goes out under the other.
func TestSwitchInEachMoment(t *testing.T) {
	ctx := t.Context()
	for what, begin := range map[string]func(o *offices) (goOn func() error){
		"typed in the window": func(o *offices) func() error {
			h := &windowHandler{agent: o.agent}
			id := h.previewed("7102").ID
			return func() error {
				_, err := h.dial(ctx, channel.DialParams{ID: id})
				return err
			}
		},
		"a link is asked about": func(o *offices) func() error {
			l := &o.links
			l.limiter.last, l.limiter.shown, l.plan = 1, 1, o.plan("tel:+390501234567", number.Link)
			return func() error { return (&windowHandler{agent: o.agent}).yes(ctx, 1) }
		},
		"a number of the history in the window": func(o *offices) func() error {
			h := &windowHandler{agent: o.agent}
			id := h.offers.Offer(o.again(history.Entry{Number: "7102", Given: "7102", Way: call.ByTyping})).ID
			return func() error {
				_, err := h.dial(ctx, channel.DialParams{ID: id})
				return err
			}
		},
		"copied, in the tray's menu": func(o *offices) func() error {
			id := o.copied.Offer(o.plan("050 1234567", number.Clipboard)).ID
			return func() error {
				_, err := o.placeAgreed(ctx, &o.copied, id, status.Wish{}, false)
				return err
			}
		},
		"copied, by a key": func(o *offices) func() error {
			m := o.plan("050 1234567", number.Clipboard)
			return func() error {
				_, err := o.placeUntyped(ctx, m, nil)
				return err
			}
		},
		"asked on a terminal": func(o *offices) func() error {
			s := &socketHandler{agent: o.agent}
			_, _, err := s.Dial(ctx, "899 123456", false, false)
			asked := status.Find(err, status.CodeConfirm)
			if asked == nil {
				t.Fatal(err)
			}
			return func() error {
				_, _, err := s.DialOffer(ctx, asked.Offers[0].ID, status.Wish{}, false)
				return err
			}
		},
		"an entry of a list": func(o *offices) func() error {
			s := &socketHandler{agent: o.agent}
			v, err := s.Offer(ctx, "050 1234567", false)
			if err != nil {
				t.Fatal(err)
			}
			return func() error {
				_, _, err := s.DialOffer(ctx, v.ID, status.Wish{}, false)
				return err
			}
		},
		"a favourite": func(o *offices) func() error {
			m := o.listed("0501234567", false)
			return func() error {
				_, err := o.placeUntyped(ctx, m, nil)
				return err
			}
		},
	} {
		for by, change := range map[string]func(*offices){
			"the person":  func(o *offices) { o.use("Lab") },
			"the network": (*offices).carryToLab,
		} {
			t.Run(what+", changed by "+by, func(t *testing.T) {
				o := twoAccounts(t)
				goOn := begin(o)
				change(o)
				if err := goOn(); !errors.Is(err, dialer.ErrAccountChanged) {
					t.Errorf("%v", err)
				}
				o.expect("begun with the other account", 0, 0)
				// And what is begun now goes to the one in use.
				if err := begin(o)(); err != nil {
					t.Errorf("begun anew: %v", err)
				}
				o.expect("begun with this one", 0, 1)
			})
		}
	}
}

// TestRedialWithAnother: the number of the last call is not called with another account
// before the person has seen it, also where its digits are the same.
func TestRedialWithAnother(t *testing.T) {
	o := twoAccounts(t)
	if _, err := o.place(t.Context(), o.plan("7102", number.Typed), nil); err != nil {
		t.Fatal(err)
	}
	o.hangUpAll()
	o.writeDown(*o.dialer.Snapshot().Call)
	last := o.Past.Recent(1)
	if want := "Office <" + secret.Key(o.account()) + ">"; len(last) != 1 || last[0].Account.Text() != want {
		t.Fatalf("%+v, want %q", last, want)
	}
	redial := func() *status.Problem {
		_, err := o.redialLast(t.Context(), control.Copied{From: control.Redial, Asks: true}, nil)
		return status.Find(err, status.CodeConfirm)
	}
	o.use("Lab")
	if asked := redial(); asked == nil || !slices.Contains(asked.Offers[0].Reasons, "other_account") {
		t.Errorf("%+v", asked)
	}
	o.expect("called again with another account", 1, 0)
	o.use("Office")
	if asked := redial(); asked != nil {
		t.Errorf("%+v", asked)
	}
	o.expect("called again with its own", 2, 0)
}

// TestMissedWithAnother: a call that came in stays that of its account, whichever is in use
// when it is over, and is called back with another one only after a question: the same digits
// may be somebody else's there.
func TestMissedWithAnother(t *testing.T) {
	for _, number := range []string{"7102", "0501234567"} {
		o := twoAccounts(t)
		o.missed = newMissed(nil, o.Log)
		office := accountTextOf(o.config())
		in := arrivals{agent: o.agent}
		in.see(status.Snapshot{Incoming: []call.Snapshot{{ID: "in-1", Number: number, Account: "Office", State: call.InMissed, Requested: time.Now()}}})
		o.use("Lab")
		in.see(status.Snapshot{}) // the session is another one
		all, err := o.Past.Find(history.Query{})
		if err != nil || len(all) != 1 || all[0].Account.Text() != office || strings.HasPrefix(all[0].Number, "9") {
			t.Errorf("%+v, %v, want %q", all, err, office)
		}
		o.callBack(t.Context(), number)
		o.expect("called back with another account", 0, 0)
		o.missed.looked(time.Now())
		o.callBack(t.Context(), number)
		o.expect("called back after a look", 0, 0)
		o.use("Office")
		o.callBack(t.Context(), number)
		o.expect("called back with its own", 1, 0)
	}
}

// TestSwitchInACall: the call goes on where it was placed, nothing else is dialled until it
// is over, and then the other account is in force.
func TestSwitchInACall(t *testing.T) {
	o := twoAccounts(t)
	if _, err := o.place(t.Context(), o.plan("7102", number.Typed), nil); err != nil {
		t.Fatal(err)
	}
	if told := o.use("Lab"); told == nil || told.Code != status.CodeCallGoesOn {
		t.Errorf("told: %+v", told)
	}
	s := o.standing(o.dialer.Snapshot())
	if s.Account != "Lab" || s.Call == nil || s.Call.Account != "Office" || s.Call.LineAt(time.Now()).Account != "Office" {
		t.Errorf("%+v, %+v", s, s.Call)
	}
	if _, err := o.place(t.Context(), o.plan("7103", number.Typed), nil); !errors.Is(err, dialer.ErrInProgress) {
		t.Errorf("beside the call: %v", err)
	}
	o.hangUpAll()
	o.expect("in the call", 1, 0)
	if _, err := o.place(t.Context(), o.plan("7103", number.Typed), nil); err != nil {
		t.Error(err)
	}
	o.expect("after it", 1, 1)
}

// TestSwitchRaces: while accounts are put in use as fast as can be, each PBX is only asked
// for numbers with its own outside line.
func TestSwitchRaces(t *testing.T) {
	o := twoAccounts(t)
	ctx, end := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				m := o.plan(fmt.Sprintf("050 12345%d%d", i, n%10), number.Clipboard)
				if _, err := o.place(ctx, m, nil); err == nil {
					_ = o.dialer.Hangup(ctx)
				}
			}
		})
	}
	for i := 0; i < 20 || i < 500 && (len(o.office.Originates()) == 0 || len(o.lab.Originates()) == 0); i++ {
		o.use([]string{"Lab", "Office"}[i%2])
		time.Sleep(time.Duration(i%7) * time.Millisecond) // for chance, not for anything to be done
	}
	end()
	wg.Wait()
	t.Log(o.got())
	for name, of := range map[string]struct {
		pbx   *pbxsim.PBX
		other string
	}{"Office": {o.office, "905012345"}, "Lab": {o.lab, "005012345"}} {
		for _, one := range of.pbx.Originates() {
			if text := fmt.Sprint(one.Headers); strings.Contains(text, of.other) {
				t.Fatalf("%s was asked for a number of the other: %s", name, text)
			}
		}
	}
}

// TestNetworkChooses: in its network an account is in use by itself, not in a call, and
// not where the person has put another one in use since.
func TestNetworkChooses(t *testing.T) {
	o := twoAccounts(t)
	inUse := func() string { return o.standing(o.dialer.Snapshot()).Account }
	for _, name := range []string{"Lab", "Office"} {
		o.use(name)
		if _, err := o.try(t.Context(), false, o.dialer.Recheck, func(cfg *config.Config) error {
			cfg.Account.ByNetwork = true
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
	o.Networks.Choose(t.Context(), o.account()) // nowhere: nothing is remembered
	o.goTo("lab")
	o.agent.mu.Lock()
	lab, _ := o.cfg.Use("Lab")
	o.agent.mu.Unlock()
	o.Networks.Choose(t.Context(), lab.Account)
	o.goTo("office")
	o.Networks.Choose(t.Context(), o.account())
	o.tasks.Go(o.followNetwork)
	o.goTo("lab")
	o.await("Lab in its network", func() bool { return inUse() == "Lab" })
	o.goTo("train")
	o.goTo("office")
	o.await("Office in its network", func() bool { return inUse() == "Office" })
	if cfg, err := o.Store.Load(); err != nil || cfg.Account.Name != "Office" {
		t.Errorf("stored is %s, %v", cfg.Account.Name, err)
	}

	// In a call nothing changes, and after it what waited does.
	if _, err := o.place(t.Context(), o.plan("7102", number.Typed), nil); err != nil {
		t.Fatal(err)
	}
	o.goTo("lab")
	for range 20 {
		o.lookAtNetwork()
		time.Sleep(time.Millisecond) // room for a mistake
		if inUse() != "Office" {
			t.Fatal("it changed in a call")
		}
	}
	o.hangUpAll()
	o.idle <- struct{}{}
	o.await("Lab after the call", func() bool { return inUse() == "Lab" })

	// Whom the person puts in use stays.
	o.use("Office")
	for range 20 {
		o.lookAtNetwork()
		time.Sleep(time.Millisecond) // the same
	}
	if inUse() != "Office" {
		t.Error("the person's choice did not last")
	}
	o.goTo("train")
	o.goTo("lab") // where Office is chosen from now on
	o.lookAtNetwork()
	if inUse() != "Office" {
		t.Error("the network chose what the person left")
	}
}

// TestTheAccountIsNamed: where there are several, what a person is asked says with which one
// is called.
func TestTheAccountIsNamed(t *testing.T) {
	o := twoAccounts(t)
	o.links.plan = o.plan("tel:+390501234567", number.Link)
	ask := o.links.questionLocked(o.nameAmongSeveral())
	if ask.Account != "Office" {
		t.Errorf("a link is asked about with %q", ask.Account)
	}
	q := question{offers: []status.Offer{ask.Offer}, account: ask.Account}
	if body := q.body(); !strings.Contains(body, "Account: Office") {
		t.Errorf("without a window: %s", body)
	}
	o.use("Lab")
	if name := o.nameAmongSeveral(); name != "Lab" {
		t.Errorf("then with %q", name)
	}
	if _, err := (&windowHandler{agent: o.agent}).removeAccount(t.Context(), channel.AccountParams{Name: "Office"}); err != nil {
		t.Fatal(err)
	}
	if name := o.nameAmongSeveral(); name != "" {
		t.Errorf("the only one is named: %q", name)
	}
}

// TestSaveOfAnother: what was typed for one account is not stored for another, and no
// password is lost that an account still has a use for.
func TestSaveOfAnother(t *testing.T) {
	o := twoAccounts(t)
	h := &windowHandler{agent: o.agent}
	office := o.account()
	of := "Office"
	edit := channel.Edit{Account: office, Of: &of}
	edit.Account.Extension = "7103"
	o.use("Lab")
	if _, err := h.save(t.Context(), edit); status.Find(err, status.CodeAccountChanged) == nil {
		t.Errorf("saved for another account: %v", err)
	}
	if cfg, err := o.Store.Load(); err != nil || cfg.Account.Name != "Lab" || cfg.Others[0].Account != office {
		t.Errorf("%+v, %v", cfg, err)
	}
	o.use("Office")
	edit.Account.Name = "HQ"
	if _, err := h.save(t.Context(), edit); err != nil {
		t.Error(err)
	}
	// One more of the same login: its password is there, and stays when it is removed.
	more := o.account()
	more.Name, more.Extension = "Desk", "7102"
	if _, err := h.save(t.Context(), channel.Edit{Account: more, Add: true}); err != nil {
		t.Fatal(err)
	}
	v, err := h.settings(t.Context(), struct{}{})
	if err != nil || v.Account.Name != "Desk" || !slices.Equal(v.Accounts, []string{"Desk", "HQ", "Lab"}) {
		t.Errorf("%+v, %v, %v", v.Account, v.Accounts, err)
	}
	for _, name := range []string{"Desk", "Lab"} {
		if _, err := h.removeAccount(t.Context(), channel.AccountParams{Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	gone := secret.Key(labOf(t, o))
	o.await("the password of the account that is gone is", func() bool {
		_, err := o.Keys.Get(t.Context(), gone)
		return errors.Is(err, secret.ErrNotFound)
	})
	if _, err := o.Keys.Get(t.Context(), secret.Key(o.account())); err != nil || o.account().Name != "HQ" {
		t.Errorf("%+v, %v", o.account(), err)
	}
}

func labOf(t *testing.T, o *offices) config.Account {
	t.Helper()
	a := o.account()
	_, port, err := net.SplitHostPort(o.lab.Addr())
	if err != nil {
		t.Fatal(err)
	}
	a.Port, _ = strconv.Atoi(port)
	return a
}

// TestFavouriteOfAnother: a line of the tray's menu with a number as it was dialled with
// another account calls nobody before the person has seen it; one as a directory has it does.
func TestFavouriteOfAnother(t *testing.T) {
	o := twoAccounts(t)
	o.Marked = contacts.OpenFavourites(t.TempDir() + "/favourites.json")
	h := &windowHandler{agent: o.agent}
	for _, p := range []channel.MarkParams{
		{Suggestion: channel.Suggestion{Number: "0 050 1234567"}, Typed: true, Change: true},
		{Suggestion: channel.Suggestion{Number: "050 1234568"}, Change: true},
	} {
		if _, err := h.mark(t.Context(), p); err != nil {
			t.Fatal(err)
		}
	}
	all, err := o.Marked.List()
	if err != nil || len(all) != 2 || all[0].Account != o.accountText() || all[1].Account != "" {
		t.Fatalf("%+v, %v", all, err)
	}
	asked := func(text string) bool {
		t.Helper()
		v, err := h.preview(t.Context(), channel.PreviewParams{Text: text, Marked: true})
		if err != nil {
			t.Fatal(err)
		}
		return slices.Contains(v.Reasons, "other_account")
	}
	if asked(all[0].Number.Text()) {
		t.Error("in the window it is asked about with its own account")
	}
	o.use("Lab")
	if !asked(all[0].Number.Text()) || asked("7102") {
		t.Error("in the window it is not asked about with another account")
	}
	o.callListed(t.Context(), all[0].Number.Text(), true)
	o.expect("as it was dialled with another", 0, 0)
	o.callListed(t.Context(), all[1].Number.Text(), false)
	o.expect("as a directory has it", 0, 1)
	o.hangUpAll()
	o.use("Office")
	o.callListed(t.Context(), all[0].Number.Text(), true)
	o.expect("with its own", 1, 1)
}
