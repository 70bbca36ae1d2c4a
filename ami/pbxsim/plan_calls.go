package pbxsim

// What more than one phone on a side makes of a call. The own sides are called
// as extensions, the far sides as numbers inside the house; asterisktest writes
// the same into a dial plan.

// Desk is what an own side with a dial plan of its own does.
type Desk int

const (
	// DeskBusyAndSilent is two phones, the first busy, the second silent.
	DeskBusyAndSilent Desk = iota + 1
	// DeskSilentAndBusy is the same two in the other order.
	DeskSilentAndBusy
	// DeskDeclinesAndAnswers is two phones: one declines, one is picked up.
	DeskDeclinesAndAnswers
	// DeskBusyAndNotConnected is two phones.
	DeskBusyAndNotConnected
	// DeskTaken is a silent phone whose call a colleague picks up.
	DeskTaken
	// DeskConfirms is called by a follow-me: picked up, then confirmed.
	DeskConfirms
	// DeskNeverConfirms is picked up and not confirmed.
	DeskNeverConfirms
	// DeskNotDisturbed is a dial plan that says Busy() and calls no phone.
	DeskNotDisturbed
	// DeskLeaves is picked up, and put down a moment later.
	DeskLeaves
)

// Desks are the extensions of those.
var Desks = []struct {
	Extension string
	Does      Desk
	About     string
}{
	{"7301", DeskBusyAndSilent, "two phones, busy and silent"},
	{"7302", DeskSilentAndBusy, "two phones, silent and busy"},
	{"7303", DeskDeclinesAndAnswers, "two phones, one declines, one answers"},
	{"7304", DeskBusyAndNotConnected, "two phones, busy and not connected"},
	{"7305", DeskTaken, "a colleague picks up"},
	{"7306", DeskConfirms, "follow-me, picked up and confirmed"},
	{"7307", DeskNeverConfirms, "follow-me, picked up and not confirmed"},
	{"7308", DeskNotDisturbed, "not to be disturbed: the PBX says busy"},
	{"7309", DeskLeaves, "picked up, and put down a second later"},
}

// Beyond is what a far side with a dial plan of its own does.
type Beyond int

const (
	// BeyondMailbox is busy, then the PBX's mailbox answers.
	BeyondMailbox Beyond = iota + 1
	// BeyondLateMailbox rings out, then the mailbox answers.
	BeyondLateMailbox
	// BeyondSecondTrunk is a trunk that fails, an announcement, and a second
	// trunk whose far side answers.
	BeyondSecondTrunk
	// BeyondAnnounced is an announcement that there is no such number.
	BeyondAnnounced
	// BeyondShort is the same, over before a service would have answered.
	BeyondShort
	// BeyondBusyTone is a dial plan that says Busy() and calls nobody.
	BeyondBusyTone
	// BeyondCongestion is one that says Congestion().
	BeyondCongestion
	// BeyondSpoken is an announcement that ends with no cause.
	BeyondSpoken
	// BeyondSlow thinks before it calls the far side.
	BeyondSlow
	// BeyondConfirms is a follow-me: picked up, then confirmed.
	BeyondConfirms
	// BeyondNeverConfirms is picked up and not confirmed.
	BeyondNeverConfirms
	// BeyondTone is busy, with a tone for two seconds.
	BeyondTone
	// BeyondSilentAndBusy is two phones.
	BeyondSilentAndBusy
	// BeyondForwards is a phone that forwards its calls to one that is busy.
	BeyondForwards
	// BeyondQueue is a queue with a member who answers.
	BeyondQueue
)

// Beyonds are the numbers of those.
var Beyonds = []struct {
	Number string
	Does   Beyond
	About  string
}{
	{"810", BeyondMailbox, "busy, then the mailbox"},
	{"811", BeyondLateMailbox, "rings out, then the mailbox"},
	{"812", BeyondSecondTrunk, "a trunk fails, an announcement, another trunk answers"},
	{"813", BeyondAnnounced, "no such number, as an announcement says"},
	{"814", BeyondBusyTone, "the PBX says busy and calls nobody"},
	{"815", BeyondCongestion, "the PBX says congestion and calls nobody"},
	{"816", BeyondSpoken, "an announcement and no more"},
	{"817", BeyondSlow, "two seconds pass before anybody is called"},
	{"818", BeyondConfirms, "follow-me, picked up and confirmed"},
	{"819", BeyondNeverConfirms, "follow-me, picked up and not confirmed"},
	{"820", BeyondTone, "busy, with a tone"},
	{"821", BeyondShort, "no such number, as a short announcement says"},
	{"822", BeyondSilentAndBusy, "two phones, silent and busy"},
	{"824", BeyondForwards, "forwards to a phone that is busy"},
	{"823", BeyondQueue, "a queue with somebody who answers"},
}

// Refuser reads a number whose phone answers an INVITE with a SIP status:
// 9480 with 480 at once, 8480 with 180 first.
func Refuser(number string) (status int, rings, ok bool) {
	if len(number) != 4 || number[0] != '8' && number[0] != '9' || number[1] < '4' || number[1] > '6' {
		return 0, false, false
	}
	for _, d := range number[1:] {
		if d < '0' || d > '9' {
			return 0, false, false
		}
		status = status*10 + int(d-'0')
	}
	return status, number[0] == '8', true
}

func deskOf(extension string) Desk {
	for _, d := range Desks {
		if d.Extension == extension {
			return d.Does
		}
	}
	return 0
}

func beyondOf(number string) Beyond {
	for _, b := range Beyonds {
		if b.Number == number {
			return b.Does
		}
	}
	return 0
}
