//go:build !windows

package assets

import _ "embed"

var (
	//go:embed tray/not-set-up.png
	notSetUp []byte
	//go:embed tray/checking.png
	checking []byte
	//go:embed tray/ready.png
	ready []byte
	//go:embed tray/calling.png
	calling []byte
	//go:embed tray/in-call.png
	inCall []byte
	//go:embed tray/trouble.png
	trouble []byte
	//go:embed tray/missed.png
	missed []byte
)

var tray = [states][]byte{
	NotSetUp: notSetUp, Checking: checking, Ready: ready,
	Calling: calling, InCall: inCall, Trouble: trouble, Missed: missed,
}
