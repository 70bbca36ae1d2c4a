package asterisktest

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// CallIn has somebody outside call exten of the context incoming, over SIP: the phones are
// extensions there, too. It returns when Asterisk has taken the request.
func (p *PBX) CallIn(ctx context.Context, exten string) error {
	return p.originate(ctx, fmt.Sprintf("PJSIP/trunk/sip:call%s@127.0.0.1:%d", exten, p.settings.SIPPort), "Wait", "60")
}

// HandOver has whoever speaks at a device transfer the call to exten of the context
// incoming: attended, or at once. It blocks until they speak, and where it is attended until
// who is at exten has answered.
func (p *PBX) HandOver(ctx context.Context, device, exten string, attended bool) error {
	return p.as(ctx, func(s *session) error {
		name, err := p.speaks(ctx, s, device+"-")
		if err != nil {
			return err
		}
		action := "BlindTransfer"
		if attended {
			action = "Atxfer"
		}
		for {
			answer, err := s.do(action, "Channel: "+name, "Context: incoming", "Exten: "+exten)
			if err != nil {
				return err
			}
			if answer.get("Response") == "Success" {
				break
			}
			if err := ctx.Err(); err != nil { // the other one has not come into the bridge yet
				return fmt.Errorf("asterisktest: %s: %w", answer.get("Message"), err)
			}
		}
		if attended {
			_, err = p.speaks(ctx, s, "Local/"+exten+"@incoming")
		}
		return err
	})
}

// Speaks blocks until somebody speaks at a device.
func (p *PBX) Speaks(ctx context.Context, device string) error {
	return p.as(ctx, func(s *session) error {
		_, err := p.speaks(ctx, s, device+"-")
		return err
	})
}

// speaks is the channel with a name that begins so, once it is up.
func (p *PBX) speaks(ctx context.Context, s *session, name string) (string, error) {
	for {
		list, err := s.command("core show channels concise")
		if err != nil {
			return "", err
		}
		for line := range strings.Lines(list) {
			if f := strings.Split(line, "!"); len(f) > 12 && strings.HasPrefix(f[0], name) && f[4] == "Up" && strings.TrimSpace(f[12]) != "" {
				return f[0], nil
			}
		}
		if err := ctx.Err(); err != nil {
			return "", err
		}
	}
}

// HangUp ends all channels of a device, such as "PJSIP/7101", or "PJSIP/trunk" for whoever
// called in.
func (p *PBX) HangUp(ctx context.Context, device string) error {
	return p.as(ctx, func(s *session) error {
		list, err := s.command("core show channels concise")
		if err != nil {
			return err
		}
		for line := range strings.Lines(list) {
			name, _, _ := strings.Cut(line, "!")
			if strings.HasPrefix(name, device+"-") {
				if _, err := s.do("Hangup", "Channel: "+name); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// as does something with the account that has all rights.
func (p *PBX) as(ctx context.Context, f func(*session) error) error {
	deadline := time.Now().Add(10 * time.Second)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	s, err := openSession(p.Addr(), adminUsername, p.settings.AdminSecret, "off", deadline)
	if err != nil {
		return fmt.Errorf("asterisktest: %w", err)
	}
	defer s.close()
	return f(s)
}
