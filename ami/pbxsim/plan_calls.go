package pbxsim

// Sides with a dial plan of their own, most with several phones. Own sides are
// called as extensions, far sides as internal numbers; asterisktest writes the same
// into Asterisk's dial plan.

// OwnPlan is what an own side with a dial plan of its own does.
type OwnPlan int

const (
	// OwnPlanBusyAndSilent is two phones, the first busy, the second silent.
	OwnPlanBusyAndSilent OwnPlan = iota + 1
	// OwnPlanSilentAndBusy is the same two in the other order.
	OwnPlanSilentAndBusy
	// OwnPlanDeclinesAndAnswers is two phones: one declines, one is picked up.
	OwnPlanDeclinesAndAnswers
	// OwnPlanBusyAndNotConnected is two phones.
	OwnPlanBusyAndNotConnected
	// OwnPlanTaken is a silent phone whose call a colleague picks up.
	OwnPlanTaken
	// OwnPlanConfirms is called by a follow-me: picked up, then confirmed.
	OwnPlanConfirms
	// OwnPlanNeverConfirms is picked up and not confirmed.
	OwnPlanNeverConfirms
	// OwnPlanNotDisturbed is a dial plan that says Busy() and calls no phone.
	OwnPlanNotDisturbed
	// OwnPlanLeaves is picked up, and put down a moment later.
	OwnPlanLeaves
)

// OwnPlans are the extensions of those.
var OwnPlans = []struct {
	Extension string
	Does      OwnPlan
	About     string
}{
	{"7301", OwnPlanBusyAndSilent, "two phones, busy and silent"},
	{"7302", OwnPlanSilentAndBusy, "two phones, silent and busy"},
	{"7303", OwnPlanDeclinesAndAnswers, "two phones, one declines, one answers"},
	{"7304", OwnPlanBusyAndNotConnected, "two phones, busy and not connected"},
	{"7305", OwnPlanTaken, "a colleague picks up"},
	{"7306", OwnPlanConfirms, "follow-me, picked up and confirmed"},
	{"7307", OwnPlanNeverConfirms, "follow-me, picked up and not confirmed"},
	{"7308", OwnPlanNotDisturbed, "not to be disturbed: the PBX says busy"},
	{"7309", OwnPlanLeaves, "picked up, and put down a second later"},
}

// FarPlan is what a far side with a dial plan of its own does.
type FarPlan int

const (
	// FarPlanMailbox is busy, then the PBX's mailbox answers.
	FarPlanMailbox FarPlan = iota + 1
	// FarPlanLateMailbox rings out, then the mailbox answers.
	FarPlanLateMailbox
	// FarPlanSecondTrunk is a trunk that fails, an announcement, and a second
	// trunk whose far side answers.
	FarPlanSecondTrunk
	// FarPlanAnnounced is an announcement that there is no such number.
	FarPlanAnnounced
	// FarPlanShort is the same, over before a service would have answered.
	FarPlanShort
	// FarPlanBusyTone is a dial plan that says Busy() and calls nobody.
	FarPlanBusyTone
	// FarPlanCongestion is one that says Congestion().
	FarPlanCongestion
	// FarPlanSpoken is an announcement that ends with no cause.
	FarPlanSpoken
	// FarPlanSlow waits before it calls the far side.
	FarPlanSlow
	// FarPlanConfirms is a follow-me: picked up, then confirmed.
	FarPlanConfirms
	// FarPlanNeverConfirms is picked up and not confirmed.
	FarPlanNeverConfirms
	// FarPlanTone is busy, with a tone for two seconds.
	FarPlanTone
	// FarPlanSilentAndBusy is two phones.
	FarPlanSilentAndBusy
	// FarPlanForwards is a phone that forwards its calls to one that is busy.
	FarPlanForwards
	// FarPlanQueue is a queue with a member who answers.
	FarPlanQueue
)

// FarPlans are the numbers of those.
var FarPlans = []struct {
	Number string
	Does   FarPlan
	About  string
}{
	{"810", FarPlanMailbox, "busy, then the mailbox"},
	{"811", FarPlanLateMailbox, "rings out, then the mailbox"},
	{"812", FarPlanSecondTrunk, "a trunk fails, an announcement, another trunk answers"},
	{"813", FarPlanAnnounced, "no such number, as an announcement says"},
	{"814", FarPlanBusyTone, "the PBX says busy and calls nobody"},
	{"815", FarPlanCongestion, "the PBX says congestion and calls nobody"},
	{"816", FarPlanSpoken, "an announcement and no more"},
	{"817", FarPlanSlow, "two seconds pass before anybody is called"},
	{"818", FarPlanConfirms, "follow-me, picked up and confirmed"},
	{"819", FarPlanNeverConfirms, "follow-me, picked up and not confirmed"},
	{"820", FarPlanTone, "busy, with a tone"},
	{"821", FarPlanShort, "no such number, as a short announcement says"},
	{"822", FarPlanSilentAndBusy, "two phones, silent and busy"},
	{"824", FarPlanForwards, "forwards to a phone that is busy"},
	{"823", FarPlanQueue, "a queue with somebody who answers"},
}

// Refuser parses a number whose phone answers an INVITE with a SIP status: 9480
// answers 480 at once, 8480 sends 180 (ringing) first. ok is false for any other
// number.
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

func ownPlanOf(extension string) OwnPlan {
	for _, d := range OwnPlans {
		if d.Extension == extension {
			return d.Does
		}
	}
	return 0
}

func farPlanOf(number string) FarPlan {
	for _, b := range FarPlans {
		if b.Number == number {
			return b.Does
		}
	}
	return 0
}
