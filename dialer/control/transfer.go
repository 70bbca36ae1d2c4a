package control

import (
	"context"

	"cornetta/dialer/call"
	"cornetta/dialer/ipc"
)

// What TransferParams can want done.
const (
	TransferStart    = ""
	TransferCancel   = "cancel"
	TransferComplete = "complete"
)

var (
	// Transfer has the call in hand transferred, or ends an attended transfer. Where a
	// person has to agree to the number first, or to pick one, the error says to what.
	Transfer = ipc.Method[TransferParams, ipc.None]{Name: "Transfer"}
	// TransferNews waits until the transfer of a call stands otherwise than the client
	// knows, and is that call.
	TransferNews = ipc.Method[TransferNewsParams, TransferResult]{Name: "TransferNews"}
)

// TransferParams are Transfer's.
type TransferParams struct {
	Do       string `json:"do,omitempty"`     // one of the constants above
	Number   string `json:"number,omitempty"` // as it was typed
	ID       uint64 `json:"id,omitempty"`     // of an offer that came with the error, in the place of Number
	Attended bool   `json:"attended,omitempty"`
}

// TransferNewsParams are TransferNews's.
type TransferNewsParams struct {
	Call string        `json:"call,omitempty"` // its id, "" for the one in hand
	Seen call.Transfer `json:"seen"`
}

// TransferResult is TransferNews's.
type TransferResult struct {
	Call *call.Snapshot `json:"call,omitempty"` // nil: it is not followed any more
}

// transferHandlers are who answers these.
func (s *session) transferHandlers() []ipc.Handler {
	return []ipc.Handler{
		Transfer.Handle(func(ctx context.Context, p TransferParams) (ipc.None, error) {
			return ipc.None{}, s.handler.Transfer(ctx, p)
		}),
		TransferNews.Handle(func(ctx context.Context, p TransferNewsParams) (TransferResult, error) {
			c, err := s.handler.TransferNews(ctx, p)
			if c != nil {
				clipped := clipCall(*c)
				c = &clipped
			}
			return TransferResult{c}, err
		}),
	}
}
