package agent

import (
	"context"
	"strings"
	"sync"
	"time"

	"cornetta/dialer"
	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/ipc"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/tray"
	"cornetta/ui/words"
)

// pbxCode is a code of the PBX's that is dialled to switch something. Its key is given to
// the tray and comes back from there.
type pbxCode struct {
	key    string
	of     func(config.Codes) string
	label  words.Label
	number bool   // a number follows it
	ends   string // what was set by the code of that key is over
	told   bool   // when it was dialled from here is told
}

var pbxCodes = []pbxCode{
	{"forward", func(c config.Codes) string { return c.Forward }, words.LabelForwardTo, true, "forward_off", true},
	{"forward_off", func(c config.Codes) string { return c.ForwardOff }, words.LabelForwardEnd, false, "forward", true},
	{"disturb", func(c config.Codes) string { return c.Disturb }, words.LabelDisturb, false, "disturb_off", true},
	{"disturb_off", func(c config.Codes) string { return c.DisturbOff }, words.LabelDisturbEnd, false, "disturb", true},
	{"voicemail", func(c config.Codes) string { return c.Voicemail }, words.LabelVoicemailTo, false, "", false},
}

// dial is what is dialled for it, "" where the account has no such code.
func (p pbxCode) dial(c config.Config) string {
	code := p.of(c.Codes)
	if c.Account.Validate() != nil || c.Account.Syntax == config.SyntaxPlain && p.key == "forward" && code == config.Default().Codes.Forward {
		return "" // which is KalliopePBX's
	}
	return code
}

// dialledFor reports whether number is the code, or one with a number behind it. No
// colleague's extension is taken for one.
func (p pbxCode) dialledFor(number string, c config.Config) bool {
	code := p.dial(c)
	switch {
	case code == "":
		return false
	case !p.number:
		return number == code
	}
	return strings.HasPrefix(number, code) && len(number) > len(code) && len(number) > c.Numbers.ExtMaxLen
}

// codes remembers when the codes of the PBX were dialled from here, with the account in use.
type codes struct {
	mu   sync.Mutex // guards what follows
	with string     // the account, by secret.Key
	set  map[string]time.Time
	seen string // the id of the last call that was over
}

// lines are those of the tray's menu.
func (k *codes) lines(c config.Config) (all []tray.Code) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changeLocked(c)
	for _, p := range pbxCodes {
		if p.dial(c) == "" {
			continue
		}
		title := words.Text(p.label)
		if at := k.set[p.key]; !at.IsZero() {
			title = words.SetFromHere(p.label, at)
		}
		all = append(all, tray.Code{Key: p.key, Title: title})
	}
	return all
}

// saw reports whether a call that is over changes the lines.
func (k *codes) saw(last call.Snapshot, c config.Config, now time.Time) bool {
	if last.State != call.Ended {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.changeLocked(c)
	if k.seen == last.ID {
		return false
	}
	k.seen = last.ID
	for _, exact := range []bool{true, false} { // one code may begin with another
		for _, p := range pbxCodes {
			if p.number != exact && p.told && p.dialledFor(last.Number, c) {
				k.set[p.key] = now
				delete(k.set, p.ends)
				return true
			}
		}
	}
	return false
}

// changeLocked forgets what was dialled with another account.
func (k *codes) changeLocked(c config.Config) {
	if with := secret.Key(c.Account); k.set == nil || k.with != with {
		k.with, k.set = with, map[string]time.Time{}
	}
}

// showCodes brings the tray's menu of codes into line.
func (a *agent) showCodes() { a.tray.Codes(a.codes.lines(a.config())) }

// sawCode notes that a code was dialled, where s tells of the end of that call.
func (a *agent) sawCode(s status.Snapshot, now time.Time) {
	if s.Call != nil && a.codes.saw(*s.Call, a.config(), now) {
		a.showCodes()
	}
}

// dialCode dials a code; one that a number follows goes into the dial window.
func (a *agent) dialCode(ctx context.Context, key string) {
	for _, p := range pbxCodes {
		switch code := p.dial(a.config()); {
		case p.key != key || code == "":
		case p.number:
			a.showWindow(channel.Show{Window: channel.WindowDial, Text: code})
		default:
			a.callListed(ctx, code, true)
		}
	}
}

func (h *windowHandler) listen(context.Context, ipc.None) (ipc.None, error) {
	h.tasks.Go(h.voicemail)
	return ipc.None{}, nil
}

// voicemail dials the mailbox's code, or counts its messages anew where there is none.
func (a *agent) voicemail(ctx context.Context) {
	if a.config().Codes.Voicemail != "" {
		a.dialCode(ctx, "voicemail")
		return
	}
	if err := a.dialer.CountVoicemail(ctx); err != nil {
		a.notices.show("voicemail", words.Problem(*dialer.ProblemOf(err, status.AttemptConnect)))
	}
}
