package main

import (
	"bytes"
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
)

// TestExtensionsOfAnOldPBX: before Asterisk 13 there is no list. That is no
// trouble with the network.
func TestExtensionsOfAnOldPBX(t *testing.T) {
	p, err := pbxsim.Start(pbxsim.Options{Asterisk: "11"})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, command := range []*extensionsCmd{{}, {JSON: true}} {
		var out bytes.Buffer
		run, _ := commandLine(t, p, pbxsim.Secret, &out)
		got := run(command)
		if got == nil || got.code != exitFailed || !strings.Contains(got.msg, "cannot list extensions") || !strings.Contains(got.msg, "--extension") || out.Len() > 0 {
			t.Errorf("%+v, and %q", got, out.String())
		}
	}
}
