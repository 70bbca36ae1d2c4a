package agent

import (
	"context"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/dialer/number"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
)

// socketHandler answers the control socket. Whoever may connect is the same user, who
// may say yes.
type socketHandler struct {
	*agent
	offers consent.Offers
}

// openTime is how long who asks for a window waits to hear that there is none. Mostly it is
// there, or is known not to come, in a fraction of a second.
const openTime = 3 * time.Second

func (h *socketHandler) Show(ctx context.Context, text string) error {
	if err := h.openWindow(channel.Show{Window: channel.WindowDial, Text: text}, nil); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, openTime)
	defer cancel()
	return h.windows.opened(ctx)
}

func (h *socketHandler) Status(context.Context) (status.Snapshot, error) {
	s := h.standing(h.dialer.Snapshot())
	s.Windows = h.windows.problem()
	return s, nil
}

// Dial implements control.Handler.
func (h *socketHandler) Dial(ctx context.Context, text string, private, wait bool) (call.Snapshot, <-chan call.Snapshot, error) {
	return h.placeFor(ctx, wait, func() (call.Snapshot, error) {
		m := by(call.ByCommand, h.plan(text, number.Typed))
		m.Origin.Private = private
		return h.place(ctx, m, &h.offers)
	})
}

// Offer implements control.Handler.
func (h *socketHandler) Offer(_ context.Context, text string, private bool) (status.Offer, error) {
	m := by(call.ByList, h.plan(text, number.Clipboard))
	m.Origin.Private = private
	return h.offers.Offer(m), nil
}

// DialCoded implements control.Handler.
func (h *socketHandler) DialCoded(ctx context.Context, text, code string, private, wait bool) (call.Snapshot, <-chan call.Snapshot, error) {
	return h.placeFor(ctx, wait, func() (call.Snapshot, error) {
		m, err := consent.Behind(by(call.ByCommand, h.plan(text, number.Typed)), code)
		m.Origin.Private = private
		if err != nil {
			return call.Snapshot{}, err
		}
		return h.place(ctx, m, &h.offers)
	})
}

// DialOffer implements control.Handler.
func (h *socketHandler) DialOffer(ctx context.Context, id uint64, w status.Wish, wait bool) (call.Snapshot, <-chan call.Snapshot, error) {
	return h.placeFor(ctx, wait, func() (call.Snapshot, error) { return h.placeAgreed(ctx, &h.offers, id, w, true) })
}

// DialCopied implements control.Handler: it does what the hotkeys do.
func (h *socketHandler) DialCopied(ctx context.Context, c control.Copied, wait bool) (call.Snapshot, <-chan call.Snapshot, error) {
	return h.placeFor(ctx, wait, func() (call.Snapshot, error) { return h.placeCopied(ctx, c, &h.offers, nil) })
}

// placeFor calls place to place a call; with wait it also follows the call.
func (h *socketHandler) placeFor(ctx context.Context, wait bool, place func() (call.Snapshot, error)) (call.Snapshot, <-chan call.Snapshot, error) {
	snapshots, cancel := h.dialer.Subscribe()
	placed, err := place()
	if err != nil || !wait {
		cancel()
		return placed, nil, refusal(err, status.AttemptDial)
	}
	updates := make(chan call.Snapshot)
	// ctx is the client's connection, which ends with the agent at the latest.
	h.tasks.Go(func(context.Context) { dialer.Follow(ctx, snapshots, cancel, placed, updates) })
	return placed, updates, nil
}

func (h *socketHandler) Hangup(ctx context.Context) error {
	return refusal(h.hangUp(ctx), status.AttemptHangUp)
}

// Quit implements control.Handler.
func (h *socketHandler) Quit(client context.Context) error {
	h.tasks.Go(func(ctx context.Context) {
		select {
		case <-client.Done(): // it has its answer
		case <-time.After(quitTime):
		case <-ctx.Done():
		}
		h.quitByPerson.Store(true)
		h.quit()
	})
	return nil
}

// quitTime is how long a client may stay that has asked the agent to quit.
const quitTime = 2 * time.Second

// Reload implements control.Handler. A client that goes away does not stop it half-way.
func (h *socketHandler) Reload(ctx context.Context) error {
	return refusal(h.reload(context.WithoutCancel(ctx)), status.AttemptLoad)
}

// Link implements control.Handler: the person is asked about the link.
func (h *socketHandler) Link(_ context.Context, uri string) error {
	return h.askLink(uri)
}

// Enrol implements control.Handler: the person is asked about the enrolment.
func (h *socketHandler) Enrol(_ context.Context, path string) error {
	return refusal(h.askEnrolment(path), status.AttemptSave)
}

// refusal is err as it is sent over the socket.
func refusal(err error, attempt status.Attempt) error {
	if err == nil {
		return nil
	}
	return dialer.ProblemOf(err, attempt)
}
