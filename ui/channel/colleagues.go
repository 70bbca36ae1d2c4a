package channel

import (
	"time"

	"cornetta/ami/clean"
	"cornetta/dialer/ipc"
	"cornetta/dialer/status"
)

// WindowColleagues shows how the phones of colleagues stand.
const WindowColleagues = "colleagues"

var (
	// Colleagues waits until there is something to tell of the colleagues' phones that was
	// not told yet, some seconds at most, and tells it. The PBX is asked while somebody waits
	// or has just done so.
	Colleagues = ipc.Method[ColleaguesParams, ColleaguesView]{Name: "Colleagues"}
	// CallLater has the person asked whether to call a number, when its phone is free or
	// after some minutes. Nothing is called without a yes.
	CallLater = ipc.Method[CallLaterParams, CallLaterResult]{Name: "CallLater"}
	// Voicemail listens to the messages of the account's mailbox, or counts them where its
	// code is not known, as the tray's line does. What comes of it is a call, or a snapshot.
	Voicemail = ipc.Method[ipc.None, ipc.None]{Name: "Voicemail"}
)

type (
	// ColleaguesParams say what is known; all zero for nothing.
	ColleaguesParams struct {
		Since uint64      // ColleaguesView.Seq
		Told  uint64      // ColleaguesView.Told
		Live  bool        // ColleaguesView.Live
		Code  status.Code // of ColleaguesView.Problem
	}
	// ColleaguesView is what is new.
	ColleaguesView struct {
		Changed []Colleague
		Seq     uint64
		Anew    bool // whoever was known before is no longer
		More    bool // there is more to be asked for at once
		Live    bool // the PBX tells; else the states are not known
		Cut     bool // there are more than are shown
		Problem *status.Problem

		Pickup  string   // the code that picks up a call that rings elsewhere; "" where there is none
		Waited  []string // whose being free is waited for, all of them
		Told    uint64   // counts the changes of Waited
		Minutes int      // after which one can be reminded of a call
	}
	// Colleague is one of them.
	Colleague struct {
		status.Colleague
		Name      clean.Foreign `json:"name,omitempty"`
		Favourite int           `json:"favourite,omitempty"` // its place among the favourites, from 1; 0: it is none
	}
	// CallLaterParams are CallLater's.
	CallLaterParams struct {
		Number string // as it is dialled
		Free   bool   // when its phone is free; else after the minutes of the settings
		Off    bool   // no longer
	}
	// CallLaterResult is when one is reminded, or until when being free is waited for.
	CallLaterResult struct{ At time.Time }
)
