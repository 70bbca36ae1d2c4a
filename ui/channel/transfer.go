package channel

import "cornetta/dialer/ipc"

var (
	// Transfer has the call in hand transferred to what was shown under an id; it is
	// answered once the PBX has taken that, and the progress comes as snapshots.
	Transfer = ipc.Method[TransferParams, ipc.None]{Name: "Transfer"}
	// EndTransfer completes an attended transfer, or takes it back.
	EndTransfer = ipc.Method[EndTransferParams, ipc.None]{Name: "EndTransfer"}
)

// TransferParams are Transfer's.
type TransferParams struct {
	ID       uint64 // as in DialParams
	Attended bool
}

// EndTransferParams are EndTransfer's.
type EndTransferParams struct{ Complete bool }
