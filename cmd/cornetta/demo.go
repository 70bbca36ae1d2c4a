package main

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	"cornetta/ami/pbxsim"
	"cornetta/dialer/config"
	"cornetta/dialer/history"
	"cornetta/dialer/secret"
	"cornetta/ui/agent"
	"cornetta/ui/words"
)

type demoCmd struct{}

// Run is the same agent, on the built-in PBX: settings in a folder that is
// thrown away, the password and the history in memory.
func (demoCmd) Run(e *env) error {
	p, err := pbxsim.Start(pbxsim.Options{Listen: "127.0.0.1:0", Speed: pbxsim.Real, Log: e.runLog()})
	if err != nil {
		return err
	}
	defer p.Close()
	dir, err := os.MkdirTemp("", "cornetta-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	past, err := history.Open("")
	if err != nil {
		return err
	}
	cfg := config.Default()
	host, port, err := net.SplitHostPort(p.Addr())
	if err != nil {
		return err
	}
	cfg.Account.Host = host
	cfg.Account.Port, _ = strconv.Atoi(port)
	cfg.Account.Username = pbxsim.Username
	cfg.Account.Extension = pbxsim.Extensions[0].Number
	cfg.Account.Tenant = pbxsim.Tenant
	cfg.Account.Timeout = config.Duration(20 * time.Second)
	store := config.NewStore(dir)
	if err := store.Save(cfg); err != nil {
		return err
	}
	keys := secret.Session(nil)
	if err := keys.Set(e.ctx, secret.Key(cfg.Account), pbxsim.Secret); err != nil {
		return err
	}
	fmt.Fprint(e.out, words.Text(words.SayDemoRuns)+"\n\n"+numberingPlan())
	return agent.Run(e.ctx, agent.Options{
		Name: instance + "-demo", Store: store, Keys: keys, Past: past,
		Log: e.runLog(), Welcome: words.Text(words.SayDemo),
		Runs: func() { fmt.Fprintln(e.out, words.Text(words.SayRuns)) },
	})
}
