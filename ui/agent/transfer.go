package agent

import (
	"context"
	"slices"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/dialer/ipc"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/desktop"
	"cornetta/ui/words"
)

// transfer has the call in hand transferred to m, to which there is consent.
func (a *agent) transfer(ctx context.Context, m consent.Made, attended bool) error {
	a.renewPolicy() // with which m is of another time
	return a.dialer.TransferIn(ctx, m.In, m.Plan, attended)
}

// endTransfer completes an attended transfer, or takes it back.
func (a *agent) endTransfer(ctx context.Context, complete bool) error {
	if complete {
		return a.dialer.CompleteTransfer(ctx)
	}
	return a.dialer.CancelTransfer(ctx)
}

// Transfer implements control.Handler.
func (h *socketHandler) Transfer(ctx context.Context, p control.TransferParams) error {
	return refusal(h.transferFor(ctx, p), status.AttemptTransfer)
}

func (h *socketHandler) transferFor(ctx context.Context, p control.TransferParams) error {
	switch {
	case p.Do == control.TransferComplete, p.Do == control.TransferCancel:
		return h.endTransfer(ctx, p.Do == control.TransferComplete)
	case p.ID != 0:
		m, err := h.offers.Agreed(p.ID, status.Wish{})
		if err != nil {
			return err
		}
		return h.transfer(ctx, m, p.Attended)
	}
	m := h.plan(p.Number, number.Typed)
	if err := consent.Ask(h.offers.Offer(m)); err != nil {
		return err
	}
	return h.transfer(ctx, m, p.Attended)
}

// TransferNews implements control.Handler.
func (h *socketHandler) TransferNews(ctx context.Context, p control.TransferNewsParams) (*call.Snapshot, error) {
	snapshots, cancel := h.dialer.Subscribe()
	defer cancel()
	for {
		select {
		case s, ok := <-snapshots:
			c := s.Call
			if p.Call != "" && (c == nil || c.ID != p.Call) {
				c = nil
				if at := slices.IndexFunc(s.Handed, func(c call.Snapshot) bool { return c.ID == p.Call }); at >= 0 {
					c = &s.Handed[at]
				}
			}
			if !ok || c == nil || c.Transfer != p.Seen {
				return c, nil
			}
		case <-ctx.Done():
			return nil, refusal(ctx.Err(), status.AttemptTransfer)
		}
	}
}

func (h *windowHandler) transferCall(ctx context.Context, p channel.TransferParams) (ipc.None, error) {
	m, err := h.offers.Agreed(p.ID, status.Wish{})
	if err == nil {
		err = h.transfer(ctx, m, p.Attended)
	}
	return ipc.None{}, refusal(err, status.AttemptTransfer)
}

func (h *windowHandler) endTransferOf(ctx context.Context, p channel.EndTransferParams) (ipc.None, error) {
	return ipc.None{}, refusal(h.endTransfer(ctx, p.Complete), status.AttemptTransfer)
}

// transferOrTell does what was chosen in a notification: the person is told where it fails.
func (a *agent) transferOrTell(ctx context.Context, chosen desktop.Offer) {
	if chosen == desktop.OfferTransfer {
		a.showWindow(channel.Show{Window: channel.WindowDial, Transfer: true})
		return
	}
	if err := a.endTransfer(ctx, chosen == desktop.OfferHandOver); err != nil {
		a.notices.show("transfer", words.Problem(*dialer.ProblemOf(err, status.AttemptTransfer)))
	}
}

// handed are the calls that the person has left to the PBX while they make another one. It
// belongs to publish.
type handed struct {
	agent *agent
	last  []call.Snapshot
}

// see takes the next Snapshot, and has the person told of what is decided.
func (h *handed) see(s status.Snapshot) {
	for _, c := range s.Handed {
		told := slices.ContainsFunc(h.last, func(o call.Snapshot) bool { return o.ID == c.ID && o.Transfer == c.Transfer })
		if !told && !c.Transfer.State.Pending() {
			h.agent.notices.note(desktop.Handed(c, time.Now()))
		}
	}
	h.last = s.Handed
}
