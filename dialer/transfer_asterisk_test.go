//go:build linux

package dialer

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"golang.org/x/sync/errgroup"

	"cornetta/ami/asterisktest"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
)

// TestTransfersOnAsterisk transfers calls between three phones on real PBXes, asked for in
// each form.
func TestTransfersOnAsterisk(t *testing.T) {
	for _, v := range asterisktest.Versions {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			p := asterisktest.Start(t, v)
			var group errgroup.Group
			group.SetLimit(8) // they wait, mostly
			type run struct {
				handover
				way string
				got handedOver
				err error
			}
			var runs []*run
			for _, way := range slices.Sorted(maps.Keys(ways)) {
				for _, h := range handovers {
					if h.name == "attended, put down early" && (way == "plain" || way == "phone") {
						continue // the first trunk refuses, see below
					}
					r := &run{handover: h, way: way}
					if way == "plain" || way == "phone" { // there Dial tells of ringing by itself
						r.ringsAnyway = true
						if h.name == "attended, silent" {
							r.cause = call.Network // its first trunk refuses, by which Asterisk gives the third side up
						}
					}
					runs = append(runs, r)
					if h.real { // a call back is known by the number: these have their own
						r.first = fmt.Sprintf("0390501234%d", 31+len(runs))
					}
					a := accountAt(t, p.Addr(), "7101", config.SyntaxVariables)
					ways[way](&a)
					group.Go(func() error {
						r.got, r.err = handOver(t, a, r.handover, nil)
						return nil
					})
				}
			}
			_ = group.Wait()
			for _, r := range runs {
				t.Run(r.way+"/"+r.name, func(t *testing.T) { r.check(t, r.got, r.err) })
			}
		})
	}
}
