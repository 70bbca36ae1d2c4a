package asterisktest

import (
	"context"
	"errors"
)

// Mailbox is one of the PBX's, of app_voicemail; it is empty at first. ParkExtension, in the
// context incoming, parks whoever is handed over to it; they come back after some seconds.
const (
	Mailbox       = mailbox + "@office"
	ParkExtension = "700"
	mailbox       = "7101"
)

// mailboxSounds are what a mailbox says.
var mailboxSounds = []string{
	"beep", "vm-youhave", "vm-no", "vm-and", "vm-INBOX", "vm-Old", "vm-message", "vm-messages", "vm-onefor", "vm-opts", "vm-helpexit",
	"vm-first", "vm-last", "vm-advopts", "vm-repeat", "vm-delete", "vm-toforward", "vm-savemessage", "vm-next", "vm-prev", "vm-goodbye",
	"digits/1", "digits/2",
}

// LeaveMessage has somebody leave a message in Mailbox. It returns when Asterisk has taken the
// request; the message is there some seconds later.
func (p *PBX) LeaveMessage(ctx context.Context) error {
	return p.originate(ctx, "Local/leave@voicemail", "Milliwatt", "")
}

// HearMessages has somebody listen to the first message in Mailbox, which is an old one some
// seconds later.
func (p *PBX) HearMessages(ctx context.Context) error {
	return p.originate(ctx, "Local/hear@voicemail", "SendDTMF", "wwwwww1wwwwwwwwwwww")
}

// originate has Asterisk call a channel and run an application on it.
func (p *PBX) originate(ctx context.Context, channel, app, data string) error {
	return p.as(ctx, func(s *session) error {
		answer, err := s.do("Originate", "Async: true", "Timeout: 30000", "Channel: "+channel, "Application: "+app, "Data: "+data)
		if err == nil && answer.get("Response") != "Success" {
			err = errors.New("asterisktest: " + answer.get("Message"))
		}
		return err
	})
}
