package ami

import "strconv"

// MailboxCount asks how many messages a mailbox has (main/manager.c,
// action_mailboxcount): [Messages] reads the Response. It needs write=call or reporting.
// A PBX without such a mailbox, or without any, answers as for an empty one.
type MailboxCount struct {
	Mailbox string // 7101@default, or 7101 for the context "default"
}

// Name of the action.
func (MailboxCount) Name() string { return "MailboxCount" }

func (m MailboxCount) headers(w *writer) error {
	w.allowed("Mailbox", m.Mailbox, mailboxChars, 1, 79)
	return w.err
}

// mailboxChars are those of mailboxes and their contexts. A comma or a blank would name
// several.
var mailboxChars = chars("_.-@")

// Messages are the new ones and the old ones that r, of a MailboxCount, tells of.
func Messages(r Response) (fresh, old int, known bool) {
	count := func(key string) int {
		n, err := strconv.Atoi(r.Get(key))
		if err != nil || n < 0 || n > maxMessages {
			known = false
		}
		return n
	}
	known = true
	fresh, old = count("NewMessages"), count("OldMessages")
	if urgent, err := strconv.Atoi(r.Get("UrgMessages")); err == nil && urgent > 0 && urgent <= maxMessages {
		fresh += urgent
	}
	if !known {
		return 0, 0, false
	}
	return fresh, old, true
}

// maxMessages is more than a mailbox holds (9999, app_voicemail).
const maxMessages = 99999
