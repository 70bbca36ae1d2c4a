package dialer

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
)

// TestContextsOfAnyAsterisk: the doctor looks for the contexts that the account names,
// and for no tenant's.
func TestContextsOfAnyAsterisk(t *testing.T) {
	p := startPBX(t)
	for _, tc := range []struct {
		channel, context string
		want             Contexts
	}{
		{"", "", Contexts{All: []string{"from-internal"}}},
		{"PJSIP/%extension%", "", Contexts{All: []string{"from-internal"}}},
		{"Local/%extension%@nowhere/n", "", Contexts{All: []string{"nowhere", "from-internal"}, Missing: []string{"nowhere"}}},
		{"PJSIP/%extension%", "nowhere", Contexts{All: []string{"nowhere"}, Missing: []string{"nowhere"}, Other: true}},
	} {
		a := accountAt(t, p.Addr(), "7101", config.SyntaxVariables)
		ways["plain"](&a)
		a.Channel, a.Context = tc.channel, tc.context
		v, err := Enter(t.Context(), OpenLogins(""), a, pbxsim.Secret, []string{"127.0.0.1"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if c, err := v.Contexts(t.Context()); err != nil || !reflect.DeepEqual(c, tc.want) {
			t.Errorf("%q, %q: %+v, %v", tc.channel, tc.context, c, err)
		}
		v.Leave()
	}
}

// TestTheRequests holds what reaches the PBX against the two forms of the request that
// KalliopePBX's administrators' guide gives, header by header, and against those of the
// third syntax.
func TestTheRequests(t *testing.T) {
	const number = "039050123402"
	for way, want := range map[string]string{
		"variables": `Action: Originate
Async: true
CallerID: "c2c: 039050123402" <039050123402>
Channel: Local/7101@c2c
Context: from_c2c
Exten: 039050123402
Priority: 1
Timeout: 2000
Variable: C2C_DST=039050123402
Variable: C2C_SRC=7101
Variable: __TENANT_UUID=` + pbxsim.Tenant,
		"wrapper": `Action: Originate
Async: true
CallerID: "c2c: 039050123402" <7101>
Channel: Local/7101@c2c_` + pbxsim.Tenant + `
Context: from_c2c_` + pbxsim.Tenant + `
Exten: 039050123402
Priority: 1
Timeout: 2000`,
		"plain": `Action: Originate
Async: true
CallerID: "c2c: 039050123402" <7101>
Channel: Local/7101@from-internal
Context: from-internal
Exten: 039050123402
Priority: 1
Timeout: 2000`,
		"phone": `Action: Originate
Async: true
CallerID: "c2c: 039050123402" <7101>
Channel: PJSIP/7101
Context: from-internal
Exten: 039050123402
Priority: 1
Timeout: 2000`,
	} {
		t.Run(way, func(t *testing.T) {
			p := startPBX(t)
			a := accountAt(t, p.Addr(), "7101", config.SyntaxVariables)
			ways[way](&a)
			d := startDialer(t, a, config.ConnectionOnDemand)
			if _, err := d.Dial(t.Context(), planFor(number)); err != nil {
				t.Fatal(err)
			}
			until(t, d, "ended", inState(call.Ended))
			all := p.Originates()
			if len(all) != 1 {
				t.Fatalf("%d Originates", len(all))
			}
			var got []string
			ids := map[string]string{}
			for _, h := range all[0].Headers {
				switch h.Name {
				case "ActionID", "ChannelId", "OtherChannelId":
					ids[h.Name] = h.Value
				default:
					got = append(got, h.Name+": "+h.Value)
				}
			}
			slices.Sort(got)
			if s := strings.Join(got, "\n"); s != want {
				t.Errorf("the request was\n%s\nwant\n%s", s, want)
			}
			want := 3
			if way == "phone" {
				want = 2 // it has no other half
			}
			if len(ids) != want || ids["ChannelId"] == ids["OtherChannelId"] || !strings.HasPrefix(ids["ChannelId"], ids["ActionID"]) {
				t.Errorf("ids %v", ids)
			}
		})
	}
}
