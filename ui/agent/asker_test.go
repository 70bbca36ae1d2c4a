package agent

import (
	"strings"
	"testing"

	"cornetta/ui/channel"
)

// TestInTerminal: who wanted a window that cannot be is told the command that does the same,
// and no text of others is made one.
func TestInTerminal(t *testing.T) {
	for _, tc := range []struct {
		show channel.Show
		want string // the command's end; "": none
	}{
		{channel.Show{Window: channel.WindowDial}, ""},
		{channel.Show{Window: channel.WindowDial, Text: "*72"}, "cornetta dial '*72' …"},
		{channel.Show{Window: channel.WindowDial, Text: "1'; rm -rf ~; '"}, ""},
		{channel.Show{Window: channel.WindowDial, Text: "call me"}, ""},
		{channel.Show{Window: channel.WindowDial, Transfer: true}, "cornetta transfer …"},
		{channel.Show{Window: channel.WindowSettings}, ""}, // the command for it is said anyway
		{channel.Show{Window: channel.WindowAssistant}, ""},
		{channel.Show{Window: channel.WindowHistory}, "cornetta history"},
		{channel.Show{Window: channel.WindowHistory, Missed: true}, "cornetta history --missed"},
		{channel.Show{Window: channel.WindowColleagues}, "cornetta colleagues"},
		{channel.Show{Window: channel.WindowEnrolment}, "cornetta account enroll …"},
	} {
		if got := inTerminal(tc.show); (got == "") != (tc.want == "") || !strings.HasSuffix(got, tc.want) {
			t.Errorf("%+v: %q, want %q", tc.show, got, tc.want)
		}
	}
}
