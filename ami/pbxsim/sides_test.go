package pbxsim

import (
	"fmt"
	"testing"
)

// TestSides runs every side with a plan of its own, to its end and hung up on the
// way: whatever was born ends, and the PBX is as before.
func TestSides(t *testing.T) {
	type side struct {
		name, ext, number string
		stays             bool
	}
	var sides []side
	for _, d := range OwnPlans {
		sides = append(sides, side{name: d.About, ext: d.Extension, number: "0391234503"})
	}
	for _, b := range FarPlans {
		stays := b.Does == FarPlanMailbox || b.Does == FarPlanLateMailbox || b.Does == FarPlanConfirms || b.Does == FarPlanQueue
		sides = append(sides, side{b.About, "7101", b.Number, stays})
	}
	for _, status := range []int{404, 480, 486, 503, 603} {
		for _, first := range []string{"8", "9"} {
			refuser := fmt.Sprintf("%s%d", first, status)
			sides = append(sides, side{"own " + refuser, refuser, "0391234503", false}, side{"far " + refuser, "7101", refuser, false})
		}
	}
	for _, flavour := range []string{"11", "16", "22"} {
		for _, s := range sides {
			for _, hangUp := range []string{"", "Newchannel", "OriginateResponse"} {
				if s.stays && hangUp == "" {
					continue
				}
				t.Run(flavour+"/"+s.name+"/"+hangUp, func(t *testing.T) {
					t.Parallel()
					p := start(t, Options{Asterisk: flavour})
					c := login(t, p)
					c.send(variable("x", s.ext, s.number)...)
					c.answer("originate", "Success", "Originate successfully queued")
					if hangUp == "" {
						c.event("Newchannel")
					} else {
						c.event(hangUp)
						p.HangUpAll()
					}
					tally(t, p, c)
				})
			}
		}
	}
}

// TestSIPCauses: what Asterisk makes of a SIP answer, some of what was tried.
func TestSIPCauses(t *testing.T) {
	for status, want := range map[int]int{400: 127, 403: 21, 404: 1, 408: 18, 480: 19, 486: 17, 488: 58, 500: 38, 503: 34, 513: 34, 599: 34, 600: 17, 607: 127} {
		if got := sipCause(status); got != want {
			t.Errorf("%d: cause %d, want %d", status, got, want)
		}
	}
	if status, rings, ok := Refuser("8480"); status != 480 || !rings || !ok {
		t.Error("8480 is not read")
	}
	for _, other := range []string{"9180", "94800", "7480", "94a0", ""} {
		if _, _, ok := Refuser(other); ok {
			t.Errorf("%q is a refuser", other)
		}
	}
}
