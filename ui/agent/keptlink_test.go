package agent

import (
	"testing"
	"time"
)

func TestKeptLink(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	var k keptLink
	if uri, _ := k.pop(now); uri != "" {
		t.Errorf("there is %s", uri)
	}
	k.keep("a", true, now)
	k.keep("b", true, now.Add(keepTime-1))
	if uri, more := k.pop(now.Add(keepTime - 1)); uri != "a" || more != 1 {
		t.Errorf("kept %q and dropped %d", uri, more)
	}
	if uri, _ := k.pop(now); uri != "" {
		t.Errorf("%s twice", uri)
	}
	k.keep("a", true, now)
	k.keep("b", true, now.Add(keepTime))
	if uri, more := k.pop(now.Add(keepTime)); uri != "b" || more != 0 {
		t.Errorf("kept %q and dropped %d after a while", uri, more)
	}
	k.keep("bad", false, now)
	k.keep("worse", false, now)
	k.keep("good", true, now)
	k.keep("better", true, now)
	if uri, more := k.pop(now); uri != "good" || more != 3 {
		t.Errorf("kept %q and dropped %d: one that can be read comes first", uri, more)
	}
	k.keep("a", true, now)
	if uri, _ := k.pop(now.Add(keepTime)); uri != "" {
		t.Errorf("%s is asked about long after it was clicked", uri)
	}
}
