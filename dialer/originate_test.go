package dialer

import (
	"slices"
	"strings"
	"testing"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
)

// TestTheTwoRequests holds what reaches the PBX against the two forms of the
// request that KalliopePBX's administrators' guide gives, header by header.
func TestTheTwoRequests(t *testing.T) {
	const number = "039050123402"
	for syntax, want := range map[config.Syntax]string{
		config.SyntaxVariables: `Action: Originate
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
		config.SyntaxWrapper: `Action: Originate
Async: true
CallerID: "c2c: 039050123402" <7101>
Channel: Local/7101@c2c_` + pbxsim.Tenant + `
Context: from_c2c_` + pbxsim.Tenant + `
Exten: 039050123402
Priority: 1
Timeout: 2000`,
	} {
		t.Run(string(syntax), func(t *testing.T) {
			p := startPBX(t)
			d := startDialer(t, accountAt(t, p.Addr(), "7101", syntax), config.ConnectionOnDemand)
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
			if len(ids) != 3 || ids["ChannelId"] == ids["OtherChannelId"] || !strings.HasPrefix(ids["ChannelId"], ids["ActionID"]) {
				t.Errorf("ids %v", ids)
			}
		})
	}
}
