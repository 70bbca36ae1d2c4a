package dialer

import (
	"testing"
	"time"

	"cornetta/ami"
	"cornetta/ami/pbxsim"
	"cornetta/dialer/call/tracker"
	"cornetta/dialer/config"
	"cornetta/dialer/phone"
)

// TestNothingOfOthersIsLetIn: while others speak, ring and hang up on the same PBX, no event
// and no channel of theirs passes the parser for a call that comes in here, nor for one that
// was asked for here.
func TestNothingOfOthersIsLetIn(t *testing.T) {
	p := startVersion(t, "22")
	f := followPhone(t, accountAt(t, p.Addr(), "7101", config.SyntaxVariables))
	var in, out *ami.Subscription
	filter := phone.NewFilter(ownPhone(config.Account{Extension: "7101", Tenant: pbxsim.Tenant, Syntax: config.SyntaxVariables}))
	family := tracker.NewFamily(tracker.Request{ChannelID: "cornetta-mine", Channel: "Local/7101@c2c", TakesIDs: true})
	if err := f.d.do(t.Context(), func(l *loop, done func(error)) {
		in, out = l.client.Subscribe(filter.Wants, 0), l.client.Subscribe(family.Wants, 0)
		done(nil)
	}); err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer out.Close()
	p.Noise(20)
	defer p.Noise(0)
	mine := p.CallIn("0390501234502", "", "7101")
	mine.Ring("7101", "")
	for _, ext := range []string{"7105", "71011"} { // the second begins as mine does
		other := p.CallIn("0390501234507", "Altri", "600")
		other.Ring(ext, "members")
		other.Answer(ext)
		defer other.End()
	}
	listed := make(chan error, 1)
	go func() { listed <- in.List(t.Context(), ami.Status{}, filter.Lists) }()
	link := ""
	check := func(e any, channels ...ami.Channel) {
		t.Helper()
		for _, ch := range channels {
			if ch.UniqueID != "" && ch.LinkedID != link {
				t.Errorf("%T %+v", e, e)
			}
		}
	}
	late := time.After(time.Minute)
	for over := false; !over; {
		select {
		case e := <-in.C():
			switch e := e.(type) {
			case ami.DialBegin:
				if link == "" {
					link = e.Dest.LinkedID
				}
				check(e, e.Src, e.Dest)
			case ami.DialState:
				check(e, e.Src, e.Dest)
			case ami.DialEnd:
				check(e, e.Src, e.Dest)
			case ami.Newstate:
				check(e, e.Channel)
			case ami.HangupRequest:
				check(e, e.Channel)
			case ami.HangupEvent:
				check(e, e.Channel)
				over = e.Channel.UniqueID == link
			case ami.Listed:
				for _, i := range e.Items {
					check(i, i.(ami.ChannelStatus).Channel)
				}
				if len(e.Items) == 0 {
					t.Error("mine is not listed")
				}
				mine.End()
			default:
				t.Errorf("%T %+v", e, e)
			}
		case e := <-out.C():
			t.Errorf("%T %+v", e, e)
		case <-late:
			t.Fatal("it has no end")
		}
	}
	if err := <-listed; err != nil {
		t.Error(err)
	}
}
