package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"cornetta/ami"
	"cornetta/ami/clean"
	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// maxAddresses of a name are tried; more are not told either.
const maxAddresses = 8

// callLimit is for a call: until the phone is picked up, and a while of the echo.
const callLimit = 3 * time.Minute

func (p *patient) settings(context.Context) verdict {
	cfg, err := p.Store.Load()
	if err != nil {
		return wrong(err, status.AttemptLoad)
	}
	if cfg.Account.IsZero() {
		return wrong(dialer.ErrNotSetUp, status.AttemptLoad)
	}
	if err := errors.Join(cfg.Account.Validate(), cfg.Keys.Validate()); err != nil {
		return wrong(err, status.AttemptLoad)
	}
	where := fmt.Sprintf("%s:%d", config.ShownHost(cfg.Account.Host), cfg.Account.Port)
	return ok(words.FoundSettings.Find(words.StatusOf(cfg.Account.Name, where))).and(func() { p.cfg = cfg })
}

// policy is what an administrator has laid down for the machine.
func (p *patient) policy(context.Context) verdict {
	policy := p.Store.Policy()
	switch damaged := policy.Damaged(); {
	case damaged != nil && damaged.Code == status.CodePolicyStrict:
		return failed(words.Problem(*damaged))
	case len(policy.Problems) > 0:
		return warn(words.Problem(policy.Problems[0]))
	case policy.IsZero():
		return ok(words.FoundPolicyNone.Find())
	}
	return ok(words.FoundPolicy.Find())
}

func (p *patient) name(ctx context.Context) verdict {
	host := p.cfg.Account.Host
	began := time.Now()
	addrs, err := dialer.Addresses(ctx, p.cfg.Account)
	var dns *net.DNSError
	switch {
	case err != nil && (ctx.Err() != nil || errors.As(err, &dns) && (dns.IsTimeout || dns.IsTemporary) && !dns.IsNotFound):
		return failed(words.FoundNoResolver.Find(words.Short(max(time.Since(began), time.Millisecond))))
	case err != nil:
		return wrong(err, status.AttemptConnect)
	}
	addrs = addrs[:min(len(addrs), maxAddresses)]
	learn := func() { p.names = addrs }
	if _, err := netip.ParseAddr(host); err == nil {
		return ok(words.FoundAddress.Find(config.ShownHost(host))).and(learn)
	}
	return ok(words.FoundName.Find(config.ShownHost(host), strings.Join(addrs, ", "), words.Short(time.Since(began)))).and(learn)
}

// port opens the port at every address of the PBX.
func (p *patient) port(ctx context.Context) verdict {
	type answer struct {
		took time.Duration
		err  error
	}
	answers := make([]answer, len(p.names))
	var wg sync.WaitGroup
	for i, addr := range p.names {
		wg.Go(func() {
			a := &answers[i]
			a.took, a.err = dialer.Reach(ctx, p.cfg.Account, addr)
		})
	}
	wg.Wait()
	var open, there, closed []string
	var first error
	for i, addr := range p.names {
		at := net.JoinHostPort(addr, fmt.Sprint(p.cfg.Account.Port))
		if err := answers[i].err; err != nil {
			closed = append(closed, at)
			if first == nil {
				first = err
			}
			continue
		}
		open = append(open, addr)
		there = append(there, fmt.Sprintf("%s (%s)", at, words.Short(answers[i].took)))
	}
	learn := func() { p.open = open }
	switch {
	case len(open) == 0:
		s := words.Problem(*dialer.ProblemOf(first, status.AttemptConnect))
		s.What = words.FoundAt.Find(s.What, strings.Join(closed, ", ")).What
		return failed(s)
	case len(closed) > 0:
		return warn(words.FoundPortSome.Find(strings.Join(there, ", "), strings.Join(closed, ", "))).and(learn)
	}
	return ok(words.FoundPort.Find(strings.Join(there, ", "))).and(learn)
}

// renewBefore is how long before its end a certificate is to be renewed.
const renewBefore = 21 * 24 * time.Hour

// tls goes on to the banner, which it leaves to the next check.
func (p *patient) tls(ctx context.Context) verdict {
	a := p.cfg.Account
	greeting, err := p.greet(ctx)
	learn := func() { p.greeting, p.greetErr = greeting, err }
	if !a.TLS {
		if errors.Is(err, ami.ErrBannerTimeout) && p.speaksTLS(ctx) {
			return failed(words.FoundTLSSpoken.Find())
		}
		return ok(words.FoundTLSOff.Find()).and(learn)
	}
	if greeting.TLS == nil {
		if errors.Is(err, ami.ErrBannerTimeout) || ctx.Err() != nil {
			return failed(words.FoundTLSSilent.Find())
		}
		return wrong(err, status.AttemptConnect)
	}
	version := strings.TrimSpace(versionOf(greeting.TLS.Version))
	until := greeting.TLS.PeerCertificates[0].NotAfter
	left := time.Until(until)
	days := words.DayCount(int(left / (24 * time.Hour)))
	switch {
	case left <= 0: // which only a pin lets through
		return warn(words.FoundTLSPast.Find(version, words.Date(until))).and(learn)
	case left < renewBefore:
		return warn(words.FoundTLSSoon.Find(version, days)).and(learn)
	case a.TLSPin != "":
		return ok(words.FoundTLSPinned.Find(version, days)).and(learn)
	}
	return ok(words.FoundTLS.Find(version, days)).and(learn)
}

// greet has half of the time there is: what answers nothing may answer TLS.
func (p *patient) greet(ctx context.Context) (ami.Greeting, error) {
	ctx, cancel := context.WithTimeout(ctx, usualLimit)
	defer cancel()
	g, err := dialer.Greet(ctx, p.cfg.Account, p.open)
	if err != nil && ctx.Err() != nil && !errors.Is(err, ami.ErrBannerTimeout) {
		err = fmt.Errorf("%w: %w", ami.ErrBannerTimeout, err)
	}
	return g, err
}

func (p *patient) speaksTLS(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, usualLimit/2)
	defer cancel()
	return dialer.SpeaksTLS(ctx, p.cfg.Account, p.open)
}

func (p *patient) banner(context.Context) verdict {
	switch err := p.greetErr; {
	case errors.Is(err, ami.ErrBannerTimeout):
		return failed(words.FoundBannerSilent.Find())
	case err != nil:
		return wrong(err, status.AttemptConnect)
	case p.greeting.Version == "1.0":
		return wrong(dialer.ErrTooOld, status.AttemptConnect)
	}
	return ok(words.FoundBanner.Find(clean.Text(p.greeting.Version, clean.Name)))
}

// keyring looks before it asks: a locked keyring would ask the person.
func (p *patient) keyring(ctx context.Context) verdict {
	key := secret.Key(p.cfg.Account)
	if p.Keys.Where(key) == secret.InSession {
		password, err := p.Keys.Get(ctx, key)
		if err == nil {
			return warn(words.FoundKeyringSession.Find()).and(func() { p.password = password })
		}
	}
	standing, err := secret.Look(ctx)
	kind := clean.Text(standing.Kind, clean.Name)
	if kind == "" {
		kind = "org.freedesktop.secrets"
	}
	switch {
	case errors.Is(err, secret.ErrNone):
		return failed(words.FoundKeyringNone.Find())
	case errors.Is(err, secret.ErrTimeout):
		return failed(words.FoundKeyringSilent.Find())
	case err != nil:
		return wrong(err, status.AttemptSecret)
	case standing.Locked:
		return failed(words.FoundKeyringLocked.Find(kind))
	}
	password, err := p.Keys.Get(ctx, key)
	switch {
	case errors.Is(err, secret.ErrNotFound):
		return failed(words.FoundKeyringEmpty.Find(kind))
	case errors.Is(err, secret.ErrTimeout), err != nil && ctx.Err() != nil:
		return failed(words.FoundKeyringSilent.Find())
	case err != nil:
		return wrong(err, status.AttemptSecret)
	}
	return ok(words.FoundKeyring.Find(kind)).and(func() { p.password = password })
}

// login never risks the last login that the limiter allows: the person, or the agent, may
// need it.
func (p *patient) login(ctx context.Context) verdict {
	a := p.cfg.Account
	switch left, until := p.Logins.Left(a, p.open); left {
	case 0:
		return failed(words.Problem(status.Problem{Code: status.CodeLoginsHeld, Until: until}))
	case 1:
		return failed(words.FoundLoginFew.Find(dialer.MaxRefused-left, dialer.MaxRefused))
	}
	visit, err := dialer.Enter(ctx, p.Logins, a, p.password, p.open, p.Log)
	if err == nil {
		ahead, err := visit.Ahead(ctx) // which needs no right, and no dialplan: whoever lives answers
		if err != nil && !dialer.IsUntold(err) {
			visit.Leave()
			return failed(words.FoundLoginSilent.Find())
		}
		return ok(words.FoundLogin.Find()).and(func() { p.visit, p.ahead, p.aheadErr = visit, ahead, err })
	}
	if ctx.Err() != nil {
		return failed(words.Problem(status.Problem{Code: status.CodeLoginTimeout}))
	}
	if errors.Is(err, ami.ErrAuthFailed) {
		return failed(words.FoundLoginRefused.Find(p.greeting.Local))
	}
	return wrong(err, status.AttemptConnect)
}

// leave ends the session.
func (p *patient) leave() {
	if p.visit != nil {
		p.visit.Leave()
	}
}

func (p *patient) rightsOf(ctx context.Context) verdict {
	r, err := p.visit.Rights(ctx)
	switch {
	case dialer.IsUntold(err):
		return ok(words.FoundRightsUntold.Find())
	case err != nil:
		return wrong(err, status.AttemptConnect)
	}
	all := list(r.All)
	learn := func() { p.rights = r }
	switch {
	case len(r.Missing) > 0:
		return failed(words.FoundRightsMissing.Find(list(r.Missing), all)).and(learn)
	case len(r.TooMuch) > 0:
		return warn(words.FoundRightsMuch.Find(list(r.TooMuch), all)).and(learn)
	}
	return ok(words.FoundRights.Find(all)).and(learn)
}

// list is what the PBX named, fit to be read.
func list(names []string) string { return clean.Text(strings.Join(names, ", "), 2000) }

// clocksApart is how far the clocks may be apart: more than that no network explains.
const clocksApart = time.Minute

func (p *patient) clock(context.Context) verdict {
	switch ahead := p.ahead; {
	case p.aheadErr != nil:
		return ok(words.FoundClockUntold.Find())
	case ahead > clocksApart:
		return warn(words.FoundClockAhead.Find(words.Short(ahead)))
	case ahead < -clocksApart:
		return warn(words.FoundClockBehind.Find(words.Short(ahead)))
	}
	return ok(words.FoundClock.Find(words.Short(p.ahead.Abs().Truncate(time.Millisecond) + time.Millisecond)))
}

func (p *patient) tenant(ctx context.Context) verdict {
	c, err := p.visit.Contexts(ctx)
	switch {
	case dialer.IsUntold(err):
		return ok(words.FoundTenantUntold.Find())
	case err != nil:
		return wrong(err, status.AttemptConnect)
	case p.cfg.Account.Syntax == config.SyntaxPlain:
		return contexts(c)
	case len(c.Missing) > 0 && c.Other:
		return failed(words.FoundTenantOther.Find(list(c.Missing)))
	case len(c.Missing) > 0:
		return failed(words.FoundTenantMissing.Find(list(c.Missing)))
	case p.cfg.Account.Syntax == config.SyntaxWrapper:
		return ok(words.FoundTenant.Find(list(c.All)))
	}
	return ok(words.FoundContexts.Find(list(c.All)))
}

// contexts is what is told of those of an Asterisk that is no KalliopePBX.
func contexts(c dialer.Contexts) verdict {
	switch {
	case len(c.Missing) > 0 && c.Other:
		return failed(words.FoundContextOther.Find(list(c.Missing)))
	case len(c.Missing) > 0:
		return failed(words.FoundContextMissing.Find(list(c.Missing)))
	}
	return ok(words.FoundContextThere.Find(list(c.All)))
}

// Bits of an extension's status (Asterisk, include/asterisk/pbx.h).
const (
	notConnected = 4
	free         = 0
)

func (p *patient) extension(ctx context.Context) verdict {
	number := p.cfg.Account.Extension
	own, listed, err := p.visit.Extension(ctx)
	switch {
	case dialer.IsUntold(err):
		return ok(words.FoundExtensionUntold.Find())
	case err != nil:
		return wrong(err, status.AttemptList)
	case own == nil:
		return failed(words.FoundExtensionUnknown.Find(number, listed))
	case own.Status < 0 || own.Status&notConnected != 0:
		return failed(words.FoundExtensionOff.Find(number))
	case own.Status == free:
		return ok(words.FoundExtension.Find(number))
	}
	return ok(words.FoundExtensionInUse.Find(number))
}

func (p *patient) call(ctx context.Context) verdict {
	state, says := p.Call(ctx)
	return verdict{state: state, says: says}
}
