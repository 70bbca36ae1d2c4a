//go:build windows

package assets

import _ "embed"

var (
	//go:embed tray/not-set-up.ico
	notSetUp []byte
	//go:embed tray/checking.ico
	checking []byte
	//go:embed tray/ready.ico
	ready []byte
	//go:embed tray/calling.ico
	calling []byte
	//go:embed tray/in-call.ico
	inCall []byte
	//go:embed tray/trouble.ico
	trouble []byte
	//go:embed tray/missed.ico
	missed []byte
)

var tray = [states][]byte{
	NotSetUp: notSetUp, Checking: checking, Ready: ready,
	Calling: calling, InCall: inCall, Trouble: trouble, Missed: missed,
}
