package agent

import (
	"context"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
)

// socketHandler answers the control socket for the agent.
type socketHandler struct{ *agent }

func (h *socketHandler) Show(_ context.Context, text string) error {
	h.showWindow(channel.Show{Window: channel.WindowDial, Text: text})
	return nil
}

func (h *socketHandler) Status(context.Context) (status.Snapshot, error) {
	return h.dialer.Snapshot(), nil
}

// Dial places the call that the same user's command line asks for.
func (h *socketHandler) Dial(ctx context.Context, text, consent string, wait bool) (call.Snapshot, <-chan call.Snapshot, error) {
	return h.placeFor(ctx, wait, func() (call.Snapshot, error) { return h.place(ctx, text, consent, true) })
}

// DialCopied calls what is on the clipboard, or highlighted, as the hotkey does.
func (h *socketHandler) DialCopied(ctx context.Context, c control.Copied, wait bool) (call.Snapshot, <-chan call.Snapshot, error) {
	return h.placeFor(ctx, wait, func() (call.Snapshot, error) { return h.placeCopied(ctx, c, "") })
}

// placeFor has place place a call and follows it where that is wanted.
func (h *socketHandler) placeFor(ctx context.Context, wait bool, place func() (call.Snapshot, error)) (call.Snapshot, <-chan call.Snapshot, error) {
	snapshots, cancel := h.dialer.Subscribe()
	placed, err := place()
	if err != nil || !wait {
		cancel()
		return placed, nil, refusal(err, status.AttemptDial)
	}
	updates := make(chan call.Snapshot)
	// For as long as the client is there, which is less than the agent is.
	h.tasks.Go(func(context.Context) { dialer.Follow(ctx, snapshots, cancel, placed, updates) })
	return placed, updates, nil
}

func (h *socketHandler) Hangup(ctx context.Context) error {
	return refusal(h.hangUp(ctx), status.AttemptHangUp)
}

// Reload takes up what the command line changed.
func (h *socketHandler) Reload(ctx context.Context) error {
	return refusal(h.reload(context.WithoutCancel(ctx)), status.AttemptLoad)
}

// Link asks the person about a link: nothing dials because a page was clicked.
func (h *socketHandler) Link(_ context.Context, uri string) error {
	h.askLink(uri)
	return nil
}

// refusal is err as it goes through the socket.
func refusal(err error, attempt status.Attempt) error {
	if err == nil {
		return nil
	}
	return dialer.ProblemOf(err, attempt)
}
