package main

import (
	"fmt"

	"cornetta/ami/pbxsim"
)

type pbxCmd struct {
	Listen string `default:"127.0.0.1:5038" help:"Address to listen on."`
}

func (c *pbxCmd) Run(e *env) error {
	p, err := pbxsim.Start(pbxsim.Options{Listen: c.Listen, Speed: pbxsim.Real, Log: e.runLog()})
	if err != nil {
		return exit(exitFailed, fmt.Sprintf("the built-in PBX cannot listen on %s: %v.", c.Listen, err))
	}
	fmt.Fprintf(e.out, "A PBX that behaves like KalliopePBX listens on %s.\nUser %s, password %s, tenant %s\n\n%s",
		p.Addr(), pbxsim.Username, pbxsim.Secret, pbxsim.Tenant, numberingPlan())
	<-e.ctx.Done()
	return p.Close()
}

var habits = map[pbxsim.Phone]string{
	pbxsim.Answers:      "picks up",
	pbxsim.Silent:       "never picks up",
	pbxsim.Busy:         "is busy",
	pbxsim.NotConnected: "has no phone connected",
}

// numberingPlan says what can be dialled on the built-in PBX.
func numberingPlan() string {
	s := "Extensions:\n"
	for _, x := range pbxsim.Extensions {
		s += fmt.Sprintf("  %s  %s, who %s\n", x.Number, x.Name, habits[x.Phone])
	}
	s += fmt.Sprintf("  %s   echo test\n\nOutside numbers, behind the outside line %s; the last two digits decide:\n", pbxsim.EchoService, pbxsim.OutboundPrefix)
	for _, f := range pbxsim.Far {
		s += fmt.Sprintf("  …%s  %s\n", f.Suffix, f.About)
	}
	return s
}
