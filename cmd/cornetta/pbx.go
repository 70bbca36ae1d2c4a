package main

import (
	"fmt"

	"cornetta/ami/pbxsim"
	"cornetta/ui/words"
)

type pbxCmd struct {
	Listen string `default:"127.0.0.1:5038"`
}

func (c *pbxCmd) Run(e *env) error {
	p, err := pbxsim.Start(pbxsim.Options{Listen: c.Listen, Speed: pbxsim.Real, Log: e.runLog()})
	if err != nil {
		return exit(exitFailed, words.CannotListen(c.Listen, err))
	}
	fmt.Fprint(e.out, words.PBXListens(p.Addr(), pbxsim.Username, pbxsim.Secret, pbxsim.Tenant)+numberingPlan())
	<-e.ctx.Done()
	return p.Close()
}

var habits = map[pbxsim.Phone]words.Label{
	pbxsim.Answers:      words.SayPicksUp,
	pbxsim.Silent:       words.SayNeverPicksUp,
	pbxsim.Busy:         words.SayIsBusy,
	pbxsim.NotConnected: words.SayHasNoPhone,
}

// numberingPlan says what can be dialled on the built-in PBX.
func numberingPlan() string {
	s := words.Text(words.LabelExtensions) + "\n"
	for _, x := range pbxsim.Extensions {
		s += "  " + words.SimulatedPhone(x.Number, x.Name, words.Text(habits[x.Phone])) + "\n"
	}
	s += fmt.Sprintf("  %s   %s\n\n%s\n", pbxsim.EchoService, words.Text(words.LabelEchoTest), words.OutsideNumbers(pbxsim.OutboundPrefix))
	for _, f := range pbxsim.Far {
		s += fmt.Sprintf("  …%s  %s\n", f.Suffix, f.About)
	}
	return s
}
