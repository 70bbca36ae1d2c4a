package config

import "cornetta/dialer/setting"

// Phone is what Cornetta shows and does of the phone beside calls that it places.
type Phone struct {
	// Incoming has the calls followed that come in at the own extension. The session with
	// the PBX is kept for it, whatever Connection says.
	Incoming bool `toml:"incoming" json:"incoming"`
	// IncomingQuiet shows none of them while it rings: missed ones only, all in one notice.
	IncomingQuiet bool `toml:"incoming_quiet" json:"incoming_quiet"`
}

var describedPhone = []setting.Of[Phone]{
	setting.Switch("incoming", func(p *Phone) *bool { return &p.Incoming }, false).Optional().WithOption(setting.Option{}).Permitting("false", "true"),
	setting.Switch("incoming_quiet", func(p *Phone) *bool { return &p.IncomingQuiet }, false).Optional().WithOption(setting.Option{}),
}

// Link is how long a session is kept, for all that the settings want of it.
func (c Config) Link() ConnectionMode {
	if c.Phone.Incoming {
		return ConnectionKept
	}
	return c.Connection
}
