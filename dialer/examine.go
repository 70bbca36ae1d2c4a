package dialer

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"cornetta/ami"
	"cornetta/dialer/call/tracker"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
)

// What follows is for who finds out where the way to a PBX ends (ui/doctor), one hop
// after the other. All of it blocks until ctx ends at the latest. The errors are
// *TroubleErrors.

// Addresses are those of the account's PBX.
func Addresses(ctx context.Context, a config.Account) ([]string, error) {
	cfg, _ := amiConfig(a, "", nil) // its authorities vouch for no name
	addrs, err := resolve(ctx, &cfg)
	return addrs, troubled(err)
}

// Reach opens the account's port at an address, hangs up, and returns how long the
// opening took.
func Reach(ctx context.Context, a config.Account, addr string) (time.Duration, error) {
	began := time.Now()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", net.JoinHostPort(addr, strconv.Itoa(a.Port)))
	if err != nil {
		return 0, troubled(&ami.NetworkError{What: "connecting", Err: err})
	}
	return time.Since(began), conn.Close()
}

// Greet is ami.Greet for the account, at those addresses.
func Greet(ctx context.Context, a config.Account, addrs []string) (ami.Greeting, error) {
	cfg, err := amiConfig(a, "", nil)
	if err != nil {
		return ami.Greeting{}, troubled(err)
	}
	g, err := ami.Greet(ctx, at(cfg, addrs))
	return g, troubled(err)
}

// SpeaksTLS reports whether the account's port, at those addresses, is one of an AMI over
// TLS, whatever the account says.
func SpeaksTLS(ctx context.Context, a config.Account, addrs []string) bool {
	cfg, _ := amiConfig(a, "", nil) // whoever vouches for it
	return ami.OffersTLS(ctx, at(cfg, addrs))
}

// at has cfg reach its host at addrs.
func at(cfg ami.Config, addrs []string) ami.Config {
	cfg.LookupHost = func(context.Context, string) ([]string, error) { return addrs, nil }
	return cfg
}

// Left is how many more logins of the account the PBX, at those addresses, may refuse
// until none is tried by itself any more, and when that is over where there are none.
func (l *Logins) Left(a config.Account, addrs []string) (left int, until time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	count := map[string][]time.Time{}
	for m := range l.marksLocked() {
		if m.counts(now) {
			count[m.pbx] = append(count[m.pbx], m.at)
		}
	}
	left = maxRefused
	for _, pbx := range targetOf(a.Username, machines(addrs), strconv.Itoa(a.Port)).pbx {
		times := count[pbx]
		slices.SortFunc(times, time.Time.Compare)
		left = min(left, max(0, maxRefused-len(times)))
		if n := len(times); n >= maxRefused {
			if end := times[n-maxRefused].Add(refusedWindow); end.After(until) {
				until = end
			}
		}
	}
	return left, until
}

// MaxRefused is how many refused logins within ten minutes end the tries.
const MaxRefused = maxRefused

// Visit is a session in which somebody looks around and places no call. Its methods are
// safe for concurrent use.
type Visit struct {
	client  *ami.Client
	account config.Account
}

// Enter logs in for a Visit. It is a login like those that nobody asked for: it counts,
// and is not tried where too many were refused.
func Enter(ctx context.Context, logins *Logins, a config.Account, password string, addrs []string, log *slog.Logger) (*Visit, error) {
	cfg, err := amiConfig(a, password, log)
	if err != nil {
		return nil, troubled(err)
	}
	cfg = at(cfg, addrs)
	cfg.Events = "off"
	c, err := logins.dial(ctx, a, false, cfg)
	if err != nil {
		return nil, troubled(err)
	}
	return &Visit{c, a}, nil
}

// Leave logs off.
func (v *Visit) Leave() { _ = v.client.Close() }

// errUntold: the PBX does not tell what it was asked, and nothing is wrong with that.
var errUntold = errors.New("dialer: the PBX does not tell")

// IsUntold reports whether an error of a Visit is that the PBX does not tell what it was
// asked. Nothing is wrong with that.
func IsUntold(err error) bool { return errors.Is(err, errUntold) }

// untold is err, one that IsUntold where the PBX answered that it does not say it.
func untold(err error) error {
	if errors.As(err, new(*ami.ResponseError)) {
		return errUntold
	}
	return troubled(err)
}

// Rights are what the user may do. The error IsUntold where the PBX lists nothing.
func (v *Visit) Rights(ctx context.Context) (r Rights, err error) {
	r.All, err = allowedTo(ctx, v.client)
	if err != nil {
		return r, untold(err)
	}
	slices.Sort(r.All)
	r.Missing = lacking(r.All)
	for _, name := range r.All {
		if slices.ContainsFunc(mightyActions, func(m string) bool { return strings.EqualFold(m, name) }) {
			r.TooMuch = append(r.TooMuch, name)
		}
	}
	return r, nil
}

// Rights are the actions that a user may run.
type Rights struct {
	All     []string
	Missing []string // of those that dialling needs
	TooMuch []string // with which one rules over the PBX, not over a call
}

// mightyActions change the PBX itself or read its secrets: what needs write=system,
// config or command (Asterisk, main/manager.c and the modules' EVENT_FLAG_…). No
// KalliopePBX user has them.
var mightyActions = []string{
	"AOCMessage", "Command", "CoreSettings", "CreateConfig", "DBDel", "DBDelTree", "DBGet", "DBPut",
	"DialplanExtensionAdd", "DialplanExtensionRemove", "Filter", "GetConfig", "GetConfigJSON", "ListCategories",
	"LoggerRotate", "ModuleCheck", "ModuleLoad", "QueueAdd", "QueueRemove", "Reload", "ShowDialPlan",
	"UpdateConfig",
}

// Ahead is how far the PBX's clock is ahead of this computer's, give or take half of
// what the answer took. The error IsUntold where the PBX does not say its time.
func (v *Visit) Ahead(ctx context.Context) (time.Duration, error) {
	asked := time.Now().Round(0) // the wall clock
	r, err := v.client.Do(ctx, ami.Ping{})
	if err != nil {
		return 0, untold(err)
	}
	answered := time.Now().Round(0)
	said, err := strconv.ParseFloat(r.Get("Timestamp"), 64) // main/manager.c, action_ping
	if err != nil || said < 1e9 || said > 1e11 {
		return 0, errUntold
	}
	middle := asked.Add(answered.Sub(asked) / 2)
	return time.UnixMicro(int64(said * 1e6)).Sub(middle), nil
}

// Contexts tells which of the contexts that the account's calls go through the PBX does
// not have, and with Other that it has those of the other syntax. The error IsUntold where
// the PBX does not say.
func (v *Visit) Contexts(ctx context.Context) (c Contexts, err error) {
	a, other := v.account, v.account
	if other.Syntax = config.SyntaxWrapper; a.Syntax != config.SyntaxVariables {
		other.Syntax = config.SyntaxVariables
	}
	c.All = []string{contextOf(a, "c2c"), contextOf(a, "from_c2c")}
	if a.Syntax == config.SyntaxPlain {
		c.All = []string{farContext(a)}
		if own := tracker.LocalContext(ownChannel(a)); own != "" && own != c.All[0] {
			c.All = []string{own, c.All[0]}
		}
	}
	for _, name := range c.All {
		there, err := v.exists(ctx, name)
		if err != nil {
			return c, err
		}
		if !there {
			c.Missing = append(c.Missing, name)
		}
	}
	if len(c.Missing) == len(c.All) {
		c.Other, err = v.exists(ctx, contextOf(other, "c2c"))
	}
	return c, err
}

// Contexts are the parts of the dialplan that a call goes through.
type Contexts struct {
	All, Missing []string
	Other        bool
}

func (v *Visit) exists(ctx context.Context, name string) (bool, error) {
	r, err := v.client.Do(ctx, ami.DialplanExists{Context: name})
	if err != nil {
		return false, untold(err)
	}
	there, known := ami.Exists(r)
	if !known {
		return false, errUntold
	}
	return there, nil
}

// Extension is what the PBX tells of the account's, nil where it is not among the listed
// ones, of which there are so many. The error IsUntold where the PBX lists none.
func (v *Visit) Extension(ctx context.Context) (own *status.Extension, listed int, err error) {
	all, err := listExtensions(ctx, v.client)
	if err != nil {
		return nil, 0, untold(err)
	}
	if len(all) == 0 {
		return nil, 0, errUntold
	}
	if i := slices.IndexFunc(all, func(x status.Extension) bool { return x.Number == v.account.Extension }); i >= 0 {
		own = &all[i]
	}
	return own, len(all), nil
}
