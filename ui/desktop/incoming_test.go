package desktop

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"cornetta/dialer/call"
	"cornetta/dialer/status"
	"cornetta/ui/words"
)

// noted is a Notifier that writes down what it is to show.
type noted struct {
	n   int // which one
	log *[]string
}

func (s noted) Show(n Note) error {
	text := n.Title
	switch {
	case n.Gone:
		text = "gone"
	case n.Offers == OfferCallBack:
		text += " → " + n.Number
	case n.Expire != 0:
		text += " briefly"
	}
	*s.log = append(*s.log, fmt.Sprintf("%d: %s", s.n, text))
	return nil
}

func (s noted) Close() error { return nil }

// TestFollowIncoming: each call has a notification of its own, of which there are few; one
// that is over gives it to the next, but a missed one keeps it.
func TestFollowIncoming(t *testing.T) {
	in := func(id string, s call.State) call.Snapshot {
		return call.Snapshot{ID: id, Number: "050" + id, State: s}
	}
	declined := in("1", call.InMissed)
	declined.Cause = call.OwnDeclined
	all := func(c ...call.Snapshot) status.Snapshot { return status.Snapshot{Incoming: c} }
	for _, tt := range []struct {
		name  string
		quiet bool
		told  []status.Snapshot
		want  []string
	}{
		{
			"answered here and elsewhere", false,
			[]status.Snapshot{all(in("1", call.InRinging)), all(in("1", call.InRinging)), all(in("1", call.InAnswered)), all(in("1", call.InEnded)), all(in("2", call.InRinging)), all(in("2", call.InElsewhere))},
			[]string{"1: Incoming call", "1: Answered on your phone briefly", "1: gone", "1: Incoming call", "1: gone"},
		},
		{
			"missed, and one more", false,
			[]status.Snapshot{all(in("1", call.InRinging)), all(in("1", call.InMissed)), all(in("2", call.InRinging)), all(in("2", call.InElsewhere), in("1", call.InElsewhere))},
			[]string{"1: Incoming call", "1: Missed call → 0501", "2: Incoming call", "2: gone", "1: gone"},
		},
		{
			"two at a time", false,
			[]status.Snapshot{all(in("1", call.InRinging)), all(in("1", call.InRinging), in("2", call.InRinging)), all(in("1", call.InMissed), in("2", call.InAnswered))},
			[]string{"1: Incoming call", "2: Incoming call", "1: Missed call → 0501", "2: Answered on your phone briefly"},
		},
		{
			"more than there is room for", false,
			[]status.Snapshot{all(in("1", call.InRinging)), all(in("1", call.InMissed), in("2", call.InRinging), in("3", call.InRinging), in("4", call.InRinging), in("5", call.InRinging))},
			[]string{"1: Incoming call", "1: Missed call → 0501", "2: Incoming call", "3: Incoming call", "4: Incoming call", "1: Incoming call"},
		},
		{"declined", false, []status.Snapshot{all(in("1", call.InRinging)), all(declined)}, []string{"1: Incoming call", "1: gone"}},
		{"declined quietly", true, []status.Snapshot{all(in("1", call.InRinging)), all(declined)}, nil},
		{"over before", false, []status.Snapshot{all(in("1", call.InEnded)), all(in("2", call.InElsewhere))}, nil},
		{
			"quietly", true,
			[]status.Snapshot{all(in("1", call.InRinging)), all(in("1", call.InMissed)), all(in("2", call.InRinging)), all(in("2", call.InAnswered)), all(in("3", call.InMissed))},
			[]string{"1: 1 missed call", "1: 2 missed calls"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			snapshots := make(chan status.Snapshot, len(tt.told))
			for _, s := range tt.told {
				snapshots <- s
			}
			close(snapshots)
			var log []string
			made, missed := 0, 0
			FollowIncoming(context.Background(), snapshots, Incoming{
				On:    func() bool { return true },
				Quiet: func() bool { return tt.quiet },
				Digest: func(call.Snapshot) words.Sentence {
					missed++
					return words.Sentence{What: words.MissedCalls(missed)}
				},
				Log: slog.New(slog.DiscardHandler),
				new: func(Options) (Notifier, error) { made++; return noted{made, &log}, nil },
			})
			if got, want := strings.Join(log, "\n"), strings.Join(tt.want, "\n"); got != want {
				t.Errorf("shown\n%s\nwant\n%s", got, want)
			}
			if made == 0 || made > maxIncoming {
				t.Errorf("%d notifications", made)
			}
		})
	}
}
