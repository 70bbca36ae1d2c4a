package channel

import (
	"time"

	"cornetta/dialer/history"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
)

// The methods. The names are others than those of versions whose answers had a
// Problem inside: where one of the two programs was just replaced by another
// version, a refusal must not be taken for a success.
var (
	methodPreview    = ipc.Method[textParams, status.Offer]{Name: "Offer"}
	methodDial       = ipc.Method[dialParams, ipc.None]{Name: "DialOffer"}
	methodAnswer     = ipc.Method[answerParams, ipc.None]{Name: "AnswerOffer"}
	methodHangup     = ipc.Method[ipc.None, ipc.None]{Name: "Hangup"}
	methodTestCall   = ipc.Method[ipc.None, ipc.None]{Name: "TestCall"}
	methodSettings   = ipc.Method[ipc.None, Settings]{Name: "Settings"}
	methodSecret     = ipc.Method[ipc.None, SecretView]{Name: "Secret"}
	methodSave       = ipc.Method[Edit, Saved]{Name: "Save"}
	methodCheckKeys  = ipc.Method[keysParams, ipc.None]{Name: "CheckKeys"}
	methodAwaitKeys  = ipc.Method[ipc.None, keysParams]{Name: "AwaitKeys"}
	methodRegistered = ipc.Method[ipc.None, Registered]{Name: "Registered"}
	methodCheck      = ipc.Method[checkParams, checkResult]{Name: "CheckAccount"}
	methodExtensions = ipc.Method[extensionParams, extensionPage]{Name: "Extensions"}
	methodRecent     = ipc.Method[recentParams, []history.Entry]{Name: "Recent"}

	pushSnapshot  = ipc.Push[status.Snapshot]{Name: "Snapshot", Keep: 1, Every: 100 * time.Millisecond}
	pushShow      = ipc.Push[Show]{Name: "Show", Keep: 4} // windows that do not read need no queue
	pushAsk       = ipc.Push[Ask]{Name: "Ask", Keep: 1}
	pushCheckStep = ipc.Push[CheckStep]{Name: "CheckStep"}
)

type (
	textParams struct{ Text string }
	dialParams struct {
		ID       uint64
		Remember bool
	}
	answerParams struct {
		ID  uint64
		Yes bool
	}
	keysParams  struct{ Keys string }
	checkParams struct {
		Check uint64
		Edit  Edit
	}
	checkResult struct {
		Problem *status.Problem
		Steps   []CheckStep // how each ended, should the windows not have kept count
	}
	extensionParams struct {
		Edit   Edit
		List   uint64 // 0: ask the PBX; else go on with that list
		Offset int
	}
	extensionPage struct {
		List  uint64
		Items []status.Extension
		Total int
	}
	recentParams struct{ N int }
)

// maxFrame is the bytes of the longest line that either end sends or reads.
const maxFrame = 64 << 10

// endpoint is what both ends of the channel agree on.
var endpoint = ipc.Endpoint{
	Frame: maxFrame, Line: 5 * time.Second, Pending: 16,
	Cut: func(p status.Problem) status.Problem { return *cleanProblem(&p) },
}
