package agent

import (
	"context"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/ipc"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
)

// echoService is the number of KalliopePBX's echo test, which makes a good test call:
// nobody else's phone rings.
const echoService = "800"

// windowHandler answers the windows; what each method does is said where it is declared,
// in ui/channel.
type windowHandler struct {
	*agent
	offers consent.Offers // of what is typed in the dial window
}

// table is what the windows may ask.
func (h *windowHandler) table(c *ipc.Conn) []ipc.Handler {
	return []ipc.Handler{
		channel.Preview.Handle(h.preview),
		channel.Dial.Handle(h.dial),
		channel.Answer.Handle(h.answer),
		channel.Hangup.Handle(h.hangUpCall),
		channel.Transfer.Handle(h.transferCall),
		channel.EndTransfer.Handle(h.endTransferOf),
		channel.TestCall.Handle(h.testCall),
		channel.InForce.Handle(h.settings),
		channel.Secret.Handle(h.secret),
		channel.Save.Handle(h.save),
		channel.Enrol.Handle(h.enrol),
		channel.OfferedTLS.Handle(h.offeredTLS),
		channel.CheckKeys.Handle(h.checkKeys),
		channel.AwaitKeys.Handle(h.awaitKeys),
		channel.TryHook.Handle(h.tryHook),
		channel.OnDesktop.Handle(h.registered),
		channel.Find.Handle(h.find),
		channel.Mark.Handle(h.mark),
		channel.Shown.Handle(h.shown),
		channel.Past.Handle(h.past),
		channel.Again.Handle(h.offerAgain),
		channel.RemovePast.Handle(h.removePast),
		channel.NotePast.Handle(h.notePast),
		channel.Private.Handle(h.keepPrivate),
		channel.Sources.Handle(h.listSources),
		channel.TrySource.Handle(h.trySource),
		channel.AddSource.Handle(h.addSource),
		channel.RemoveSource.Handle(h.removeSource),
		channel.RefreshSource.Handle(h.refreshSource),
		channel.Colleagues.Handle(h.colleagues),
		channel.CallLater.Handle(h.callLater),
		channel.Voicemail.Handle(h.listen),
		channel.UseAccount.Handle(h.useAccount),
		channel.RemoveAccount.Handle(h.removeAccount),
		channel.HandleCheck(c, h.tryAccount),
		channel.HandleExtensions(h.extensions),
		channel.HandleExamination(c, h.examine),
	}
}

func (h *windowHandler) preview(_ context.Context, p channel.PreviewParams) (status.Offer, error) {
	from := number.Typed
	if p.Copied {
		from = number.Clipboard
	}
	m := h.plan(p.Text, from)
	if p.Copied {
		m = by(call.ByContact, m)
	}
	if p.Marked && h.markedWithAnother(p.Text) {
		m = m.Asking()
	}
	return h.offers.Offer(m), nil
}

func (h *windowHandler) dial(ctx context.Context, p channel.DialParams) (ipc.None, error) {
	_, err := h.placeAgreed(ctx, &h.offers, p.ID, p.Wish, p.Remember)
	return ipc.None{}, refusal(err, status.AttemptDial)
}

func (h *windowHandler) testCall(ctx context.Context, _ ipc.None) (ipc.None, error) {
	_, err := h.place(ctx, by(call.ByTest, h.plan(echoService, number.Typed)), nil)
	return ipc.None{}, refusal(err, status.AttemptDial)
}

func (h *windowHandler) hangUpCall(ctx context.Context, _ ipc.None) (ipc.None, error) {
	return ipc.None{}, refusal(h.dialer.Hangup(ctx), status.AttemptHangUp)
}

func (h *windowHandler) shown(context.Context, ipc.None) (ipc.None, error) {
	h.windows.shown()
	return ipc.None{}, nil
}

// passwordFor is the typed password, or the one that is kept for the same user, host
// and port: no other PBX is ever sent the password of the present one.
func (h *windowHandler) passwordFor(ctx context.Context, a config.Account, typed *string) (string, *status.Problem) {
	if typed != nil {
		return *typed, dialer.ProblemOf(secret.Check(*typed), status.AttemptSecret)
	}
	p, err := h.Keys.Get(ctx, secret.Key(a))
	return p, dialer.ProblemOf(err, status.AttemptSecret)
}

func (h *windowHandler) tryAccount(ctx context.Context, e channel.Edit, report func(channel.CheckStep)) *status.Problem {
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

func (h *windowHandler) offeredTLS(ctx context.Context, p channel.OfferedParams) (channel.TLSOffer, error) {
	a := config.Account{Host: p.Host}.Normalized()
	return channel.TLSOffer{Port: dialer.OfferedTLS(ctx, a.Host)}, nil
}

func (h *windowHandler) extensions(ctx context.Context, e channel.Edit) ([]status.Extension, error) {
	a := e.Account.Normalized()
	password, p := h.passwordFor(ctx, a, e.Secret)
	if p != nil {
		return nil, p
	}
	list, err := dialer.Extensions(ctx, h.Logins, a, password, h.Log)
	return list, refusal(err, status.AttemptList)
}
