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

// echoService is the number of KalliopePBX's echo test: the ideal test call,
// because nobody else's phone rings.
const echoService = "800"

// clerk answers the windows for the agent.
type clerk struct{ *agent }

func (c *clerk) Preview(_ context.Context, text string) channel.Preview {
	s := c.rules().numbers
	p := number.Parse(text, number.Typed, s)
	v := previewOf(p)
	if len(p.Choices) > 1 || p.Outcome == number.Error {
		v.Choices = consent.Offers(p)
	}
	return v
}

func previewOf(p number.Plan) channel.Preview {
	if p.Outcome == number.Error {
		return channel.Preview{Problem: consent.NotNumber(p.Error)}
	}
	return channel.Preview{Dial: p.Dial, Shown: p.Shown(), Reasons: consent.Reasons(p)}
}

func (c *clerk) Dial(ctx context.Context, text string) *status.Problem {
	return c.DialConfirmed(ctx, text, "", false)
}

func (c *clerk) DialConfirmed(ctx context.Context, text, dial string, remember bool) *status.Problem {
	if p := c.Preview(ctx, text); p.Problem != nil {
		return p.Problem
	}
	_, err := c.place(ctx, text, dial, remember)
	return dialer.ProblemOf(err, status.AttemptDial)
}

func (c *clerk) TestCall(ctx context.Context) *status.Problem { return c.Dial(ctx, echoService) }

func (c *clerk) Hangup(ctx context.Context) *status.Problem {
	return dialer.ProblemOf(c.dialer.Hangup(ctx), status.AttemptHangUp)
}

func (c *clerk) Recent(_ context.Context, n int) []history.Entry { return c.Past.Recent(n) }

// passwordFor is the typed password, or the one kept for that very user, host
// and port: another PBX never gets the password of the present one.
func (c *clerk) passwordFor(ctx context.Context, a config.Account, typed *string) (string, *status.Problem) {
	if typed != nil {
		return *typed, dialer.ProblemOf(secret.Check(*typed), status.AttemptSecret)
	}
	p, err := c.Keys.Get(ctx, secret.Key(a))
	return p, dialer.ProblemOf(err, status.AttemptSecret)
}

func (c *clerk) CheckAccount(ctx context.Context, e channel.Edit, report func(channel.CheckStep)) *status.Problem {
	a := e.Account.Normalized()
	if err := a.ValidateLogin(); err != nil {
		return dialer.ProblemOf(err, status.AttemptConnect)
	}
	password, p := c.passwordFor(ctx, a, e.Secret)
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
	err := dialer.Probe(ctx, c.Logins, a, password, c.Log, func(passed status.Step) {
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

func (c *clerk) Extensions(ctx context.Context, e channel.Edit) ([]status.Extension, *status.Problem) {
	a := e.Account.Normalized()
	password, p := c.passwordFor(ctx, a, e.Secret)
	if p != nil {
		return nil, p
	}
	list, err := dialer.Extensions(ctx, c.Logins, a, password, c.Log)
	return list, dialer.ProblemOf(err, status.AttemptList)
}
