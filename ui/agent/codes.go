package agent

import (
	"context"
	"sync"
	"time"

	"cornetta/dialer/call"
	"cornetta/dialer/config"
	"cornetta/dialer/status"
	"cornetta/ui/channel"
	"cornetta/ui/tray"
	"cornetta/ui/words"
)

// codes remembers when the codes of the PBX were dialled from here.
type codes struct {
	mu   sync.Mutex // guards what follows
	set  map[string]time.Time
	seen string // the id of the last call that was over
}

// pairs are those that end each other.
var pairs = map[string]string{"forward": "forward_off", "forward_off": "forward", "disturb": "disturb_off", "disturb_off": "disturb"}

// codesOf are the codes that a has, by a key of ours.
func codesOf(c config.Config) (all []tray.Code, dials map[string]string) {
	dials = map[string]string{}
	add := func(key, code string, l words.Label) {
		if code != "" {
			all, dials[key] = append(all, tray.Code{Key: key, Title: words.Text(l)}), code
		}
	}
	forward := c.Codes.Forward
	if usual := config.Default().Codes.Forward; c.Account.Syntax == config.SyntaxPlain && forward == usual {
		forward = "" // which is KalliopePBX's
	}
	add("forward", forward, words.LabelForwardTo)
	add("forward_off", c.Codes.ForwardOff, words.LabelForwardEnd)
	add("disturb", c.Codes.Disturb, words.LabelDisturb)
	add("disturb_off", c.Codes.DisturbOff, words.LabelDisturbEnd)
	add("voicemail", c.Codes.Voicemail, words.LabelVoicemailTo)
	if c.Account.Validate() != nil {
		return nil, dials
	}
	return all, dials
}

// showCodes brings the tray's menu of codes into line.
func (a *agent) showCodes() {
	a.mu.Lock()
	cfg := a.cfg
	a.mu.Unlock()
	all, _ := codesOf(cfg)
	a.codes.mu.Lock()
	for i, c := range all {
		if at := a.codes.set[c.Key]; !at.IsZero() {
			all[i].Title = words.SetFromHere(labelOf[c.Key], at)
		}
	}
	a.codes.mu.Unlock()
	a.tray.Codes(all)
}

var labelOf = map[string]words.Label{
	"forward": words.LabelForwardTo, "forward_off": words.LabelForwardEnd, "disturb": words.LabelDisturb,
	"disturb_off": words.LabelDisturbEnd, "voicemail": words.LabelVoicemailTo,
}

// dialCode dials a code; the forward's goes into the dial window, for the number behind it.
func (a *agent) dialCode(ctx context.Context, key string) {
	a.mu.Lock()
	cfg := a.cfg
	a.mu.Unlock()
	_, dials := codesOf(cfg)
	switch code := dials[key]; {
	case code == "":
	case key == "forward":
		a.showWindow(channel.Show{Window: channel.WindowDial, Text: code})
	default:
		a.callListed(ctx, code, true)
	}
}

// voicemail dials the mailbox's code, or counts its messages anew where there is none.
func (a *agent) voicemail(ctx context.Context) {
	a.mu.Lock()
	code := a.cfg.Codes.Voicemail
	a.mu.Unlock()
	if code != "" {
		a.dialCode(ctx, "voicemail")
		return
	}
	if err := a.dialer.CountVoicemail(ctx); err != nil {
		a.Log.Info("the messages were not counted")
	}
}

// sawCode notes that a code was dialled, where s tells of the end of that call.
func (a *agent) sawCode(s status.Snapshot, now time.Time) {
	c := s.Call
	if c == nil || c.Live() || c.State != call.Ended {
		return
	}
	a.mu.Lock()
	cfg := a.cfg
	a.mu.Unlock()
	_, dials := codesOf(cfg)
	a.codes.mu.Lock()
	again := a.codes.seen == c.ID
	a.codes.seen = c.ID
	found := ""
	for key, code := range dials {
		if key != "voicemail" && (c.Number == code || key == "forward" && len(c.Number) > len(code) && c.Number[:len(code)] == code) {
			found = key
		}
	}
	if again || found == "" {
		a.codes.mu.Unlock()
		return
	}
	if a.codes.set == nil {
		a.codes.set = map[string]time.Time{}
	}
	a.codes.set[found] = now
	delete(a.codes.set, pairs[found])
	a.codes.mu.Unlock()
	a.showCodes()
}
