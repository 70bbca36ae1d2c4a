package asterisktest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// CallIn has somebody outside call exten of the context incoming, over SIP: the phones are
// extensions there, too. It returns when Asterisk has taken the request.
func (p *PBX) CallIn(ctx context.Context, exten string) error {
	return p.as(ctx, func(s *session) error {
		answer, err := s.do("Originate", "Async: true", "Timeout: 30000", "Application: Wait", "Data: 60",
			fmt.Sprintf("Channel: PJSIP/trunk/sip:call%s@127.0.0.1:%d", exten, p.settings.SIPPort))
		if err == nil && answer.get("Response") != "Success" {
			err = errors.New("asterisktest: " + answer.get("Message"))
		}
		return err
	})
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
