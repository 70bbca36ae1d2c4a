package agent

import (
	"context"
	"encoding/json"

	"cornetta/dialer/history"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
)

const (
	maxPast  = 100      // calls of the history at a time
	pastRoom = 40 << 10 // bytes of them: they fit a frame, whatever texts they have
)

func (h *windowHandler) past(_ context.Context, p channel.PastParams) ([]history.Entry, error) {
	list, room := []history.Entry{}, pastRoom
	err := h.Past.Each(history.Query{Words: p.Words, Before: p.Before, Limit: maxPast, Missed: p.Missed}, func(e history.Entry) bool {
		text, err := json.Marshal(e)
		if room -= len(text); err != nil || room < 0 && len(list) > 0 {
			return false
		}
		list = append(list, e)
		return true
	})
	return list, refusal(err, status.AttemptHistory)
}

func (h *windowHandler) offerAgain(_ context.Context, p channel.PastCall) (status.Offer, error) {
	e, err := h.Past.Get(p.ID)
	if err != nil {
		return status.Offer{}, refusal(err, status.AttemptHistory)
	}
	return h.offers.Offer(h.again(e)), nil
}

func (h *windowHandler) removePast(_ context.Context, p channel.PastCall) (ipc.None, error) {
	_, err := h.Past.Remove(p.ID) // one that is gone already is gone
	h.retell()
	return ipc.None{}, refusal(err, status.AttemptHistory)
}

func (h *windowHandler) notePast(_ context.Context, p channel.NoteParams) (ipc.None, error) {
	return ipc.None{}, refusal(h.Past.Note(p.ID, p.Note), status.AttemptHistory)
}

func (h *windowHandler) keepPrivate(_ context.Context, p channel.PrivateParams) (ipc.None, error) {
	h.setPrivate(p.On)
	return ipc.None{}, nil
}
