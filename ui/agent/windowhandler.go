package agent

import (
	"context"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
)

// echoService is the number of KalliopePBX's echo test, which makes a good test call:
// nobody else's phone rings.
const echoService = "800"

// windowHandler answers the windows; what each method does is said at channel.Agent.
type windowHandler struct {
	*agent
	offers consent.Offers // of what is typed in the dial window
}

func (h *windowHandler) Preview(_ context.Context, text string) status.Offer {
	return h.offers.Offer(h.plan(text, number.Typed))
}

func (h *windowHandler) Dial(ctx context.Context, id uint64, remember bool) *status.Problem {
	_, err := h.placeAgreed(ctx, &h.offers, id, remember)
	return dialer.ProblemOf(err, status.AttemptDial)
}

func (h *windowHandler) TestCall(ctx context.Context) *status.Problem {
	_, err := h.place(ctx, h.plan(echoService, number.Typed), nil)
	return dialer.ProblemOf(err, status.AttemptDial)
}

func (h *windowHandler) Hangup(ctx context.Context) *status.Problem {
	return dialer.ProblemOf(h.dialer.Hangup(ctx), status.AttemptHangUp)
}

func (h *windowHandler) Recent(_ context.Context, n int) []history.Entry { return h.Past.Recent(n) }

// passwordFor is the typed password, or the one that is kept for the same user, host
// and port: no other PBX is ever sent the password of the present one.
func (h *windowHandler) passwordFor(ctx context.Context, a config.Account, typed *string) (string, *status.Problem) {
	if typed != nil {
		return *typed, dialer.ProblemOf(secret.Check(*typed), status.AttemptSecret)
	}
	p, err := h.Keys.Get(ctx, secret.Key(a))
	return p, dialer.ProblemOf(err, status.AttemptSecret)
}

func (h *windowHandler) CheckAccount(ctx context.Context, e channel.Edit, report func(channel.CheckStep)) *status.Problem {
	a := e.Account.Normalized()
	if err := a.ValidateLogin(); err != nil {
		return dialer.ProblemOf(err, status.AttemptConnect)
	}
	password, p := h.passwordFor(ctx, a, e.Secret)
	if p != nil {
		return p
	}
	steps := status.Steps(a.TLS)
	say := func(state string, p *status.Problem) {
		if len(steps) > 0 {
			report(channel.CheckStep{Step: steps[0], State: state, Problem: p})
		}
	}
	say(channel.StepRunning, nil)
	err := dialer.Probe(ctx, h.Logins, a, password, h.Log, func(passed status.Step) {
		for len(steps) > 0 {
			done := steps[0]
			say(channel.StepOK, nil)
			steps = steps[1:]
			say(channel.StepRunning, nil)
			if done == passed {
				break
			}
		}
	})
	p = dialer.ProblemOf(err, status.AttemptConnect)
	if p != nil {
		say(channel.StepFailed, p)
	}
	return p
}

func (h *windowHandler) Extensions(ctx context.Context, e channel.Edit) ([]status.Extension, *status.Problem) {
	a := e.Account.Normalized()
	password, p := h.passwordFor(ctx, a, e.Secret)
	if p != nil {
		return nil, p
	}
	list, err := dialer.Extensions(ctx, h.Logins, a, password, h.Log)
	return list, dialer.ProblemOf(err, status.AttemptList)
}
