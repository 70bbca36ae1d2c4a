package agent

import (
	"context"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/control"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
)

// doorman answers the control socket for the agent.
type doorman struct{ *agent }

func (d *doorman) Show(_ context.Context, text string) error {
	d.showWindow(channel.Show{Window: channel.WindowDial, Text: text})
	return nil
}

func (d *doorman) Status(context.Context) (status.Snapshot, error) {
	return d.dialer.Snapshot(), nil
}

// Dial places the call that the same user's command line asks for.
func (d *doorman) Dial(ctx context.Context, text, consent string, wait bool) (call.Snapshot, <-chan call.Snapshot, error) {
	return d.placeFor(ctx, wait, func() (call.Snapshot, error) { return d.place(ctx, text, consent, true) })
}

// DialCopied calls what is on the clipboard, or highlighted, as the hotkey does.
func (d *doorman) DialCopied(ctx context.Context, c control.Copied, wait bool) (call.Snapshot, <-chan call.Snapshot, error) {
	return d.placeFor(ctx, wait, func() (call.Snapshot, error) { return d.placeCopied(ctx, c, "") })
}

// placeFor has place place a call and follows it where that is wanted.
func (d *doorman) placeFor(ctx context.Context, wait bool, place func() (call.Snapshot, error)) (call.Snapshot, <-chan call.Snapshot, error) {
	snapshots, cancel := d.dialer.Subscribe()
	placed, err := place()
	if err != nil || !wait {
		cancel()
		return placed, nil, refusal(err, status.AttemptDial)
	}
	updates := make(chan call.Snapshot)
	// For as long as the client is there, which is less than the agent is.
	d.tasks.Go(func(context.Context) { dialer.Follow(ctx, snapshots, cancel, placed, updates) })
	return placed, updates, nil
}

func (d *doorman) Hangup(ctx context.Context) error {
	return refusal(d.hangUp(ctx), status.AttemptHangUp)
}

// refusal is err as it goes through the socket.
func refusal(err error, attempt status.Attempt) error {
	if err == nil {
		return nil
	}
	return dialer.ProblemOf(err, attempt)
}

// Reload takes up what the command line changed.
func (d *doorman) Reload(ctx context.Context) error {
	return refusal(d.reload(context.WithoutCancel(ctx)), status.AttemptLoad)
}

// Link asks the person about a link: nothing dials because a page was clicked.
func (d *doorman) Link(_ context.Context, uri string) error {
	d.askLink(uri)
	return nil
}
