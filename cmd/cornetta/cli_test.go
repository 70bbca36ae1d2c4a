package main

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"cornetta/ami"
	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/ipc"
	"cornetta/dialer/number"
	"cornetta/dialer/secret"
	"cornetta/dialer/status"
	"cornetta/ui/consent"
	"cornetta/ui/desktop"
)

// TestErrorsInATerminal pins what scripts and people rely on: the sentence for each
// error, and the exit status.
func TestErrorsInATerminal(t *testing.T) {
	trouble := func(c status.Code) error {
		return &dialer.TroubleError{Trouble: status.Problem{Code: c, Detail: "Out of cheese"}, Err: errors.New("x")}
	}
	several := consent.Ask(consent.OfferOf(number.Parse("050 123402, (050) 123403", number.Clipboard, number.DefaultSettings())))
	for _, tt := range []struct {
		err  error
		code int
		want string
	}{
		{exit(exitUnknown, "said."), exitUnknown, "said."},
		{consent.NotNumber(number.Letters), exitNotNumber, "There are letters in it. Type the digits they stand for."},
		{several, exitNotNumber, "There is more than one number in it. Dialled would be: 0 050 123402, 0 050 123403. Copy the one to call."},
		{&status.Problem{Code: status.CodeConfirm}, exitFailed, "what would be dialled is not what was asked about; nothing was dialled."},
		{dialer.ProblemOf(desktop.ErrClipboardEmpty, ""), exitFailed, "There is no text to dial. Copy or highlight a number first."},
		{trouble(status.CodeRefused), exitNoLink, "Nothing answers on the PBX's port. Check host and port in Settings, and that the AMI is switched on at the PBX."},
		{trouble(status.CodeNoList), exitFailed, "This PBX cannot list extensions. Type yours in Settings: dialling works without the list."},
		{&config.FieldError{Field: "tenant", Code: config.CodeMissing}, exitUsage, "Tenant UUID is missing. It looks like 12345678-1234-1234-1234-123456789abc. KalliopePBX shows it in the AMI panel, on the dashboard or on the usage statistics page."},
		{dialer.ErrNotSetUp, exitNoLink, "there is no account yet, or no extension: run 'cornetta' and follow the assistant, or 'cornetta account set --help'."},
		{dialer.ErrNoSecret, exitNoLink, "the account's password is not known: give it with 'cornetta account set … --secret-stdin', or in Settings."},
		{dialer.ErrInProgress, exitFailed, "a call is in progress: hang it up first ('cornetta hangup')."},
		{dialer.ErrNoCall, exitFailed, "there is no call to hang up."},
		{dialer.ErrAccountChanged, exitNoLink, "the settings were changed meanwhile; nothing was dialled."},
		{dialer.ErrStale, exitNoLink, "the PBX took too long to answer; nothing was dialled."},
		{secret.ErrBadSecret, exitUsage, "the password is empty, longer than 512 bytes, or has a line break in it; it was not kept."},
		{secret.ErrTimeout, exitNoLink, "the keyring did not answer: unlock it, or start one (GNOME Keyring, KWallet)."},
		{ipc.ErrBusy, exitFailed, "Cornetta is running and does not answer: try again; if that does not help, end it and start it anew."},
		{ipc.ErrStranger, exitFailed, "what stands in the place of Cornetta's socket is another user's: XDG_RUNTIME_DIR has to be a folder of your own."},
		{context.Canceled, exitFailed, "interrupted."},
		{config.ErrReadOnly, exitFailed, "The settings could not be saved. Their file or folder cannot be written."},
		{config.ErrNewer, exitFailed, "The settings were written by a later version. Update Cornetta; nothing was changed."},
		{&config.SyntaxError{Path: "x", Err: errors.New("y")}, exitFailed, "The settings file is damaged. Set the account up again, and what is damaged is kept aside; or repair the file. The path is x."},
		{config.ErrDiskFull, exitFailed, "Cornetta could not hang up. There is no room on the disk. Make room, then try again."},

		// What a PBX says to what was asked is told with that, and so is what nobody
		// foresaw: as itself.
		{trouble(status.CodeActionRefused), exitFailed, "Cornetta could not hang up. The PBX refused what Cornetta asked for. Ask who looks after the PBX. The PBX said: “Out of cheese”"},
		{trouble(status.CodeNoReply), exitNoLink, "Cornetta could not hang up. The PBX did not answer. Look at your phone, and try again."},
		{errors.New("out of cheese"), exitFailed, "Cornetta could not hang up. Try again. If it goes on, quit and start it again. The reason it got: “out of cheese”"},
		{ami.ErrBadValue, exitFailed, "Cornetta could not hang up. Try again. If it goes on, quit and start it again. The reason it got: “ami: value refused”"},
	} {
		if got := sentence(tt.err, attempts["hangup"]); got.code != tt.code || got.msg != tt.want {
			t.Errorf("%v: %d, %q", tt.err, got.code, got.msg)
		}
	}
}

// TestHelpOfEverything: whatever --help lists it also explains.
func TestHelpOfEverything(t *testing.T) {
	c := cli{Account: accountCmd{Set: newAccountSet(config.Default())}}
	parser, err := kong.New(&c)
	if err != nil {
		t.Fatal(err)
	}
	helpTo(parser.Model.Node, "")
	seen := 0
	var look func(n *kong.Node, path string)
	look = func(n *kong.Node, path string) {
		check := func(name, help string) {
			seen++
			if !strings.HasSuffix(help, ".") {
				t.Errorf("%q has the help %q", path+name, help)
			}
		}
		for _, f := range n.Flags {
			if !f.Hidden {
				check("--"+f.Name, f.Help)
			}
		}
		for _, p := range n.Positional {
			check("<"+p.Name+">", p.Help)
		}
		for _, c := range n.Children {
			if !c.Hidden {
				check(c.Name, c.Help)
				look(c, path+c.Name+" ")
			}
		}
	}
	look(parser.Model.Node, "")
	if seen < 30 {
		t.Errorf("only %d were looked at", seen)
	}
}
