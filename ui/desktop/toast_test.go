package desktop

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"
)

// toastOf is what a toast has its buttons say, and the arguments of each.
func toastOf(t *testing.T, text string) (shown []string, args map[string]string) {
	t.Helper()
	var toast struct {
		Text    []string `xml:"visual>binding>text"`
		Actions []struct {
			Content   string `xml:"content,attr"`
			Arguments string `xml:"arguments,attr"`
		} `xml:"actions>action"`
	}
	if err := xml.Unmarshal([]byte(text), &toast); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	args = map[string]string{}
	for _, a := range toast.Actions {
		args[a.Content] = a.Arguments
	}
	return toast.Text, args
}

// TestToastActions: what is chosen in a toast reaches whoever has shown it, and nobody
// else, as long as it is offered.
func TestToastActions(t *testing.T) {
	var b toastBoard
	var did []string
	options := func(who string) Options {
		return Options{
			OnHangUp: func(key string) { did = append(did, who+" hangs up "+key) },
			OnOffer:  func(n Note, o Offer) { did = append(did, who+" "+n.Number+" "+offerName(o)) },
		}
	}
	call, in, plain := b.add(options("call")), b.add(options("incoming")), b.add(Options{})
	rings := Note{Key: `c1:"<&>`, Title: "Your phone rings", Body: `<b>Anna</b> & "Co"`, HangUp: true, Offers: OfferHandOver | OfferTakeBack}
	missed := Note{Key: "in-1", Title: "Missed call", Number: "0501234507", Offers: OfferCallBack}
	for _, n := range []*toastNotes{call, plain} {
		n.note(rings)
	}
	in.note(missed)
	text, buttons := toastOf(t, call.xml(rings))
	if !slices.Equal(text, []string{rings.Title, rings.Body}) || len(buttons) != 3 {
		t.Errorf("%q %q", text, buttons)
	}
	if _, none := toastOf(t, plain.xml(rings)); len(none) > 0 {
		t.Errorf("nobody does %q", none)
	}
	_, callBack := toastOf(t, in.xml(missed))
	choose := func(want string, args ...string) {
		t.Helper()
		did = nil
		for _, a := range args {
			b.activated(a)
		}
		for _, n := range []*toastNotes{call, in, plain} {
			n.work.Wait()
		}
		if got := strings.Join(did, "; "); got != want {
			t.Errorf("%q did %q, want %q", args, got, want)
		}
	}
	choose("incoming 0501234507 callback", callBack["Call back"])
	choose("call hangs up "+rings.Key, buttons["Hang up"])
	choose("call  handover", buttons["Hand over"])
	choose("", "", "0", "1:hangup", "1:hangup:other", "1:callback:"+rings.Key, "99:hangup:"+rings.Key, "x:hangup:"+rings.Key, "2:hangup:in-1")
	call.note(Note{Key: rings.Key, Minor: true}) // not shown, and the call is over
	choose("", buttons["Hang up"], buttons["Hand over"])
	in.close()
	choose("", callBack["Call back"])
	if in.note(missed) || len(b.by) != 2 {
		t.Errorf("%d are there after one was closed", len(b.by))
	}
}

func offerName(o Offer) string {
	for _, known := range offers {
		if known.offer == o {
			return known.action
		}
	}
	return "?"
}
