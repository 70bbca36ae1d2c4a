package config

import (
	"strings"

	"cornetta/dialer/setting"
)

// Codes are service codes of the PBX, dialled as such; "" for one that it does not have.
type Codes struct {
	Forward    string `toml:"forward_code" json:"forward_code"`         // the number follows
	ForwardOff string `toml:"forward_off_code" json:"forward_off_code"` // ends that
	Disturb    string `toml:"do_not_disturb_code" json:"do_not_disturb_code"`
	DisturbOff string `toml:"do_not_disturb_off_code" json:"do_not_disturb_off_code"`
	Voicemail  string `toml:"voicemail_code" json:"voicemail_code"` // listens to the messages
}

var describedCodes = []setting.Of[Codes]{
	setting.Text("forward_code", func(c *Codes) *string { return &c.Forward }, "811", checkCode).Optional().OfAccount(),
	setting.Text("forward_off_code", func(c *Codes) *string { return &c.ForwardOff }, "", checkCode).Optional().OfAccount(),
	setting.Text("do_not_disturb_code", func(c *Codes) *string { return &c.Disturb }, "", checkCode).Optional().OfAccount(),
	setting.Text("do_not_disturb_off_code", func(c *Codes) *string { return &c.DisturbOff }, "", checkCode).Optional().OfAccount(),
	setting.Text("voicemail_code", func(c *Codes) *string { return &c.Voicemail }, "", checkCode).Optional().OfAccount(),
}

const (
	maxCode    = 16
	maxMailbox = 79
)

// checkCode takes what a phone can key in.
func checkCode(s string) string {
	switch {
	case len(s) > maxCode:
		return CodeTooLong
	case strings.Trim(s, "0123456789*#") != "":
		return CodeInvalid
	}
	return ""
}

// checkMailbox takes a mailbox, with its context or without.
func checkMailbox(s string) string {
	box, context, at := strings.Cut(s, "@")
	switch {
	case len(s) > maxMailbox:
		return CodeTooLong
	case s == "":
		return ""
	case box == "" || !only(box, contextByte), at && (context == "" || !only(context, contextByte)):
		return CodeInvalid
	}
	return ""
}
