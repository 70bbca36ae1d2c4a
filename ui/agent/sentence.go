package agent

import (
	"context"
	"errors"

	"cornetta/dialer"
	"cornetta/dialer/config"
	"cornetta/dialer/control"
	"cornetta/dialer/secret"
	"cornetta/ui/channel"
	"cornetta/ui/consent"
	"cornetta/ui/words"
)

// Sentence is the one place where an error is put into words for a person, in a
// terminal or in the dial window.
func Sentence(err error) string {
	var trouble *dialer.TroubleError
	var field *config.FieldError
	var copied *consent.CopiedError
	var bad *consent.NumberError
	var several *consent.SeveralError
	var ask *consent.ConfirmError
	switch {
	case errors.As(err, &bad):
		return words.NumberError(bad.Code).String()
	case errors.As(err, &several):
		return several.Sentence()
	case errors.As(err, &ask):
		return "what would be dialled is not what was asked about; nothing was dialled."
	case errors.As(err, &copied):
		return copied.Sentence()
	case errors.As(err, &trouble):
		return words.Trouble(trouble.Trouble).String()
	case errors.As(err, &field):
		return words.FieldError(field.Field, field.Code).String()
	case errors.Is(err, dialer.ErrNotSetUp):
		return "there is no account yet, or no extension: run 'cornetta' and follow the assistant, or 'cornetta account set --help'."
	case errors.Is(err, dialer.ErrNoSecret):
		return "the account's password is not known: give it with 'cornetta account set … --secret-stdin', or in Settings."
	case errors.Is(err, dialer.ErrInProgress):
		return "a call is in progress: hang it up first ('cornetta hangup')."
	case errors.Is(err, dialer.ErrNoCall):
		return "there is no call to hang up."
	case errors.Is(err, dialer.ErrAccountChanged):
		return "the settings were changed meanwhile; nothing was dialled."
	case errors.Is(err, dialer.ErrStale):
		return "the PBX took too long to answer; nothing was dialled."
	case errors.Is(err, secret.ErrBadSecret):
		return "the password is empty, longer than 512 bytes, or has a line break in it; it was not kept."
	case errors.Is(err, secret.ErrUnavailable), errors.Is(err, secret.ErrTimeout):
		return "the keyring did not answer: unlock it, or start one (GNOME Keyring, KWallet)."
	case errors.Is(err, control.ErrNoAnswer), errors.Is(err, control.ErrBusy):
		return "Cornetta is running and does not answer: try again; if that does not help, end it and start it anew."
	case errors.Is(err, control.ErrStranger):
		return "what stands in the place of Cornetta's socket is another user's: XDG_RUNTIME_DIR has to be a folder of your own."
	case errors.Is(err, context.Canceled):
		return "interrupted."
	}
	if p := Problem(err); p.Kind == channel.KindSettings && p.Code != channel.SettingsFailed {
		return words.Problem(string(p.Kind), p.Code, p.Field).String()
	}
	return err.Error() + "."
}
