package main

import (
	"fmt"

	"cornetta/ami/amitest"
)

type pbxCmd struct {
	Listen string `default:"127.0.0.1:5038" help:"Address to listen on."`
}

func (c *pbxCmd) Run(e *env) error {
	p, err := amitest.Start(amitest.Options{Listen: c.Listen, Speed: amitest.Real, Log: e.chronicle()})
	if err != nil {
		return exit(exitFailed, fmt.Sprintf("the built-in PBX cannot listen on %s: %v.", c.Listen, err))
	}
	fmt.Fprintf(e.out, "A PBX that behaves like KalliopePBX listens on %s.\nUser %s, password %s, tenant %s\n\n%s",
		p.Addr(), amitest.Username, amitest.Secret, amitest.Tenant, numberingPlan())
	<-e.ctx.Done()
	return p.Close()
}

var habits = map[amitest.Phone]string{
	amitest.Answers:      "picks up",
	amitest.Silent:       "never picks up",
	amitest.Busy:         "is busy",
	amitest.NotConnected: "has no phone connected",
}

// numberingPlan says what can be dialled on the built-in PBX.
func numberingPlan() string {
	s := "Extensions:\n"
	for _, x := range amitest.Extensions {
		s += fmt.Sprintf("  %s  %s, who %s\n", x.Number, x.Name, habits[x.Phone])
	}
	s += fmt.Sprintf("  %s   echo test\n\nOutside numbers, behind the outside line %s; the last two digits decide:\n", amitest.EchoService, amitest.OutboundPrefix)
	for _, f := range amitest.Far {
		s += fmt.Sprintf("  …%s  %s\n", f.Suffix, f.About)
	}
	return s
}
