package dialer

import (
	"context"
	"errors"

	"cornetta/ami"
	"cornetta/dialer/status"
)

// CountVoicemail asks the PBX how many messages the account's mailbox has; the Snapshot
// has the answer. It blocks for it. Without a mailbox it does nothing.
func (d *Dialer) CountVoicemail(ctx context.Context) error {
	return d.do(ctx, func(l *loop, done func(error)) {
		if l.account.Mailbox == "" {
			done(nil)
			return
		}
		l.open(ahead, func(c *ami.Client, err error) {
			if err != nil {
				done(err)
				return
			}
			l.inUse = true
			l.touch()
			l.countVoicemail(c, done)
		})
	})
}

// countVoicemail asks over c. A PBX that does not let its user ask says nothing of it.
func (l *loop) countVoicemail(c *ami.Client, done func(error)) {
	mailbox := l.account.Mailbox
	l.async(func(ctx context.Context) func(*loop) {
		r, err := c.Do(ctx, ami.MailboxCount{Mailbox: mailbox})
		return func(l *loop) {
			switch {
			case errors.As(err, new(*ami.ResponseError)):
				l.voicemail = status.Voicemail{}
			case err == nil:
				fresh, old, known := ami.Messages(r)
				l.voicemail = status.Voicemail{Known: known, New: fresh, Old: old}
			}
			done(unanswered(err))
		}
	})
}
