package agent

import (
	"context"
	"errors"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
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
	var several *consent.SeveralError
	if len(p.Choices) > 1 || p.Outcome == number.Error {
		if _, err := consent.Pick(p, ""); errors.As(err, &several) {
			v.Choices = offered(several.Choices)
		}
	}
	return v
}

func previewOf(p number.Plan) channel.Preview {
	if p.Outcome == number.Error {
		return channel.Preview{Problem: numberProblem(string(p.Error))}
	}
	return channel.Preview{Dial: p.Dial, Shown: p.Shown(), Reasons: consent.Reasons(p)}
}

func numberProblem(code string) *channel.Problem {
	return &channel.Problem{Kind: channel.KindNumber, Code: code}
}

func (c *clerk) Dial(ctx context.Context, text string) *channel.Problem {
	return c.DialConfirmed(ctx, text, "", false)
}

func (c *clerk) DialConfirmed(ctx context.Context, text, dial string, remember bool) *channel.Problem {
	if p := c.Preview(ctx, text); p.Problem != nil {
		return p.Problem
	}
	_, err := c.place(ctx, text, dial, remember)
	return Problem(err)
}

func (c *clerk) TestCall(ctx context.Context) *channel.Problem { return c.Dial(ctx, echoService) }

func (c *clerk) Hangup(ctx context.Context) *channel.Problem {
	return Problem(c.dialer.Hangup(ctx))
}

func (c *clerk) Recent(_ context.Context, n int) []history.Entry { return c.Past.Recent(n) }

// passwordFor is the typed password, or the one kept for that very user, host
// and port: another PBX never gets the password of the present one.
func (c *clerk) passwordFor(ctx context.Context, a config.Account, typed *string) (string, *channel.Problem) {
	if typed != nil {
		return *typed, Problem(secret.Check(*typed))
	}
	p, err := c.Keys.Get(ctx, secret.Key(a))
	if errors.Is(err, secret.ErrNotFound) {
		return "", &channel.Problem{Kind: channel.KindSecret, Code: channel.SecretMissing}
	}
	return p, Problem(err)
}

func (c *clerk) CheckAccount(ctx context.Context, e channel.Edit, report func(channel.CheckStep)) *channel.Problem {
	a := e.Account.Normalized()
	if err := a.ValidateLogin(); err != nil {
		return Problem(err)
	}
	password, p := c.passwordFor(ctx, a, e.Secret)
	if p != nil {
		return p
	}
	steps := dialer.ProbeSteps(a.TLS)
	say := func(state string, p *channel.Problem) {
		if len(steps) > 0 {
			report(channel.CheckStep{Step: string(steps[0]), State: state, Problem: p})
		}
	}
	say(channel.StepRunning, nil)
	err := dialer.Probe(ctx, c.Logins, a, password, c.Log, func(passed dialer.ProbeStep) {
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
	p = Problem(err)
	if p != nil {
		say(channel.StepFailed, p)
	}
	return p
}

func (c *clerk) Extensions(ctx context.Context, e channel.Edit) ([]channel.Extension, *channel.Problem) {
	a := e.Account.Normalized()
	password, p := c.passwordFor(ctx, a, e.Secret)
	if p != nil {
		return nil, p
	}
	list, err := dialer.Extensions(ctx, c.Logins, a, password, c.Log)
	if err != nil {
		return nil, Problem(err)
	}
	out := make([]channel.Extension, len(list))
	for i, x := range list {
		out[i] = channel.Extension{Number: x.Number, Hint: x.Hint, Status: x.Status}
	}
	return out, nil
}

// Problem names an error for the windows; ui/words has the sentence.
func Problem(err error) *channel.Problem {
	var trouble *dialer.TroubleError
	var field *config.FieldError
	var syntax *config.SyntaxError
	var ask *consent.ConfirmError
	var several *consent.SeveralError
	p := &channel.Problem{}
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ask):
		p.Kind, p.Code = channel.KindCall, channel.CallConfirm
	case errors.As(err, &several):
		p = numberProblem(several.Code)
	case errors.As(err, &trouble):
		t := trouble.Trouble
		p.Kind, p.Code, p.Detail = channel.KindTrouble, string(t.Code), t.Detail
		if t.Cert != nil {
			p.Cert = &channel.Certificate{
				Fingerprint: t.Cert.Fingerprint, Pinned: t.Cert.Pinned, Subject: t.Cert.Subject,
				NotBefore: t.Cert.NotBefore, NotAfter: t.Cert.NotAfter,
			}
		}
	case errors.As(err, &field):
		p.Kind, p.Code, p.Field = channel.KindField, field.Code, field.Field
	case errors.As(err, &syntax):
		p.Kind, p.Code = channel.KindSettings, channel.SettingsSyntax
	case errors.Is(err, config.ErrReadOnly):
		p.Kind, p.Code = channel.KindSettings, channel.SettingsReadOnly
	case errors.Is(err, config.ErrNewer):
		p.Kind, p.Code = channel.KindSettings, channel.SettingsNewer
	case errors.Is(err, dialer.ErrInProgress):
		p.Kind, p.Code = channel.KindCall, channel.CallInProgress
	case errors.Is(err, dialer.ErrNoCall):
		p.Kind, p.Code = channel.KindCall, channel.CallNone
	case errors.Is(err, dialer.ErrNotSetUp), errors.Is(err, dialer.ErrStale):
		p.Kind, p.Code = channel.KindCall, channel.CallNotReady
	case errors.Is(err, dialer.ErrAccountChanged):
		p.Kind, p.Code = channel.KindCall, channel.CallChanged
	case errors.Is(err, dialer.ErrNoSecret):
		p.Kind, p.Code = channel.KindSecret, channel.SecretMissing
	case errors.Is(err, secret.ErrBadSecret):
		p.Kind, p.Code = channel.KindSecret, channel.SecretBad
	case errors.Is(err, secret.ErrTimeout):
		p.Kind, p.Code = channel.KindSecret, channel.SecretTimeout
	case errors.Is(err, secret.ErrUnavailable):
		p.Kind, p.Code = channel.KindSecret, channel.SecretUnavailable
	default:
		p.Kind, p.Code, p.Detail = channel.KindSettings, channel.SettingsFailed, err.Error()
	}
	return p
}

// offered are the choices as the dial window takes them.
func offered(list []consent.Offer) []channel.Choice {
	var out []channel.Choice
	for _, o := range list {
		out = append(out, channel.Choice{
			Text: channel.Plain(o.Written, channel.MaxText), Dial: o.Dial(), Shown: o.Shown, Reasons: o.Reasons, Line: o.Line,
		})
	}
	return out
}
